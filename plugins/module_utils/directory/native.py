# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is used of python-ldap, with types.

python-ldap has none of its own, so this is the only place that imports it. It may be missing: C(LDAP_IMPORT_ERROR)
then holds the traceback and everything else here must not be called.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import os
import traceback
import typing as t

# libldap reads its environment once, when it is loaded, and python-ldap has no constant for this option. It concerns
# only connections with both TLS and SASL, where domain controllers may demand it. Whoever has set it otherwise wins.
_CHANNEL_BINDING = "LDAPSASL_CBINDING"
_SET_HERE = _CHANNEL_BINDING not in os.environ
if _SET_HERE:
    os.environ[_CHANNEL_BINDING] = "tls-endpoint"
try:
    import ldap
    import ldap.controls
    import ldap.controls.libldap
    import ldap.functions
    import ldap.sasl
except ImportError:
    LDAP_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    LDAP_IMPORT_ERROR = None
finally:
    if _SET_HERE:
        del os.environ[_CHANNEL_BINDING]

RawValues: t.TypeAlias = dict[str, list[bytes]]
#: A distinguished name and attributes; or None and the URLs of a search reference.
RawEntry: t.TypeAlias = tuple[str | None, t.Any]
#: Operation, attribute, values.
RawChange: t.TypeAlias = tuple[int, str, list[bytes] | None]


class Control(t.Protocol):
    """A control of a request or a response."""

    controlType: str  # noqa: N815 - python-ldap's name


class PagedControl(Control, t.Protocol):
    """The control of simple paged results (RFC 2696); the cookie is empty on the last page."""

    cookie: bytes | str


class Handle(t.Protocol):
    """The part of SimpleLDAPObject that is used. Each method raises LdapError."""

    def set_option(self, option: int, invalue: t.Any) -> t.Any: ...
    def get_option(self, option: int) -> t.Any: ...
    def start_tls_s(self) -> t.Any: ...
    def simple_bind_s(self, who: str, cred: str) -> t.Any: ...
    def sasl_interactive_bind_s(self, who: str, auth: t.Any) -> t.Any: ...

    def search_ext(
        self,
        base: str,
        scope: int,
        filterstr: str,
        attrlist: list[str],
        *,
        serverctrls: list[Control],
    ) -> int: ...
    def result3(self, msgid: int, *, timeout: float) -> tuple[int, list[RawEntry], int, list[Control]]: ...
    def add_ext(self, dn: str, modlist: list[tuple[str, list[bytes]]], serverctrls: list[Control]) -> int: ...
    def modify_ext(self, dn: str, modlist: list[RawChange], serverctrls: list[Control]) -> int: ...
    def delete_ext(self, dn: str, serverctrls: list[Control]) -> int: ...
    def rename(self, dn: str, newrdn: str, newsuperior: str | None, delold: int) -> int: ...
    def abandon(self, msgid: int) -> t.Any: ...
    def unbind_s(self) -> t.Any: ...


if LDAP_IMPORT_ERROR is None:
    # Its constants and exceptions come from C and are unknown to the type checker.
    _NAMES: t.Mapping[str, t.Any] = vars(ldap)
    LdapError: type[Exception] = _NAMES["LDAPError"]
    _open: t.Callable[[str], Handle] = ldap.functions.initialize
    _get_global: t.Callable[[int], t.Any] = ldap.functions.get_option
    _set_global: t.Callable[[int, t.Any], t.Any] = ldap.functions.set_option
    _control: t.Callable[[str, bool, bytes | None], Control] = ldap.controls.RequestControl
    _paged: t.Callable[[bool, int, bytes | str], PagedControl] = ldap.controls.libldap.SimplePagedResultsControl
    _sasl: t.Callable[[dict[int, str], str], t.Any] = ldap.sasl.sasl
else:
    LdapError = OSError

SCOPES: t.Final[t.Mapping[str, int]] = {"base": 0, "onelevel": 1, "subtree": 2}
OPERATIONS: t.Final[t.Mapping[str, int]] = {"add": 0, "delete": 1, "replace": 2}


def open_handle(uri: str) -> Handle:
    """A handle on O(uri), without options and not connected yet."""
    return _open(uri)


def control(oid: str, value: bytes | None = None, *, critical: bool = True) -> Control:
    """A control of a request with its encoded value."""
    return _control(oid, critical, value)


def paged_control(size: int, cookie: bytes | str = "") -> PagedControl:
    """The request for a page of O(size) entries, the one after O(cookie)."""
    return _paged(True, size, cookie)


def next_cookie(controls: t.Iterable[Control]) -> bytes | str:
    """The cookie of the next page out of the controls of a response; empty when there is none."""
    for found in controls:
        if found.controlType == "1.2.840.113556.1.4.319":
            return t.cast(PagedControl, found).cookie
    return ""


def gssapi() -> t.Any:
    """The interaction of a SASL bind with Kerberos: nothing is asked, all comes from the credential cache."""
    return _sasl({}, "GSSAPI")


def option(name: str) -> int:
    """The number of the option C(OPT_name)."""
    return int(_NAMES[f"OPT_{name}"])


def global_option(name: str) -> t.Any:
    """The value of an option of the whole library, as its configuration files and the environment set it."""
    return _get_global(option(name))


def set_global_option(name: str, value: t.Any) -> None:
    """Set an option of the whole library."""
    _set_global(option(name), value)


def result_of(exc: Exception) -> tuple[int, str, str]:
    """Result code, the library's text, and the diagnostic message of a LdapError."""
    content = exc.args[0] if exc.args and isinstance(exc.args[0], dict) else {}
    return int(content.get("result", 80)), str(content.get("desc", exc)), str(content.get("info", ""))
