# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the connection to a domain, the same in all modules: specification, checks, settings.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ansible.module_utils.basic import missing_required_lib

from .credentials import KRB5_IMPORT_ERROR
from .discovery import DNS_IMPORT_ERROR
from .native import LDAP_IMPORT_ERROR
from .settings import Auth, ConnectionSettings, Tls

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

Params: t.TypeAlias = t.Mapping[str, t.Any]

LONGEST_TIMEOUT = 600
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.(?!-)[A-Za-z0-9_-]{1,63})+\Z")
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(\.(?!-)[A-Za-z0-9_-]{1,63})*\Z")


class SettingsError(ValueError):
    """Options that do not go together, or a value that cannot be right. Nothing was contacted."""


def argument_spec() -> dict[str, t.Any]:
    """The options, for C(argument_spec) of a module."""
    return {
        "domain": {"type": "str"},
        "domain_server": {"type": "list", "elements": "str"},
        "domain_auth": {"type": "str", "choices": ["kerberos", "simple"], "default": "kerberos"},
        "domain_username": {"type": "str"},
        "domain_password": {"type": "str", "no_log": True},
        # The path of a file: nothing secret in itself.
        "domain_keytab": {"type": "path", "no_log": False},
        "domain_ccache": {"type": "str", "no_log": False},
        "domain_tls": {"type": "str", "choices": ["none", "start_tls", "ldaps"]},
        "domain_ca_certificates": {"type": "path"},
        "domain_timeout": {"type": "int", "default": 30},
    }


#: For AnsibleModule, beside the specification. settings_from checks the same and more.
SPEC_RULES: t.Final[t.Mapping[str, t.Any]] = {
    "required_one_of": [("domain", "domain_server")],
    "required_by": {"domain_password": ("domain_username",), "domain_keytab": ("domain_username",)},
    "required_if": [("domain_auth", "simple", ("domain_username", "domain_password"))],
    "mutually_exclusive": [("domain_password", "domain_keytab"), ("domain_ccache", "domain_username")],
}


def missing_library(params: Params) -> tuple[str, str] | None:
    """A library that O(params) make necessary and that is not there: its name, and why it could not be imported."""
    for name, failure, needed in (
        ("python-ldap", LDAP_IMPORT_ERROR, True),
        ("krb5", KRB5_IMPORT_ERROR, params["domain_auth"] == "kerberos" and bool(params["domain_username"])),
        ("dnspython", DNS_IMPORT_ERROR, not params["domain_server"]),
    ):
        if needed and failure is not None:
            return name, failure
    return None


def require_libraries(module: AnsibleModule) -> None:
    """End O(module) when a library is missing that its options make necessary."""
    missing = missing_library(module.params)
    if missing is not None:
        module.fail_json(msg=missing_required_lib(missing[0]), exception=missing[1])


def settings_from(params: Params) -> ConnectionSettings:
    """The connection that O(params) describe. Raises SettingsError before anything is contacted."""
    domain = _domain(params.get("domain"))
    auth: Auth = params.get("domain_auth") or "kerberos"
    tls: Tls = params.get("domain_tls") or ("none" if auth == "kerberos" else "ldaps")
    servers = tuple(_server(server, auth) for server in params.get("domain_server") or ())
    if not domain and not servers:
        raise SettingsError("one of domain and domain_server is required")
    username = params.get("domain_username") or None
    if params.get("domain_password") == "":
        raise SettingsError("domain_password is empty")
    if auth == "kerberos":
        _check_kerberos(params, username, domain)
    else:
        username = _simple_name(params, username, domain, tls)
    if tls == "none" and params.get("domain_ca_certificates"):
        raise SettingsError("domain_ca_certificates has no effect with domain_tls=none: use ldaps or start_tls")
    timeout = params.get("domain_timeout")
    if timeout is None:
        timeout = 30
    if not 1 <= timeout <= LONGEST_TIMEOUT:
        raise SettingsError(f"domain_timeout is {timeout}; it must be between 1 and {LONGEST_TIMEOUT} seconds")
    return ConnectionSettings(
        domain=domain,
        servers=servers,
        auth=auth,
        username=username,
        password=params.get("domain_password"),
        keytab=params.get("domain_keytab"),
        ccache=params.get("domain_ccache"),
        tls=tls,
        ca_certificates=params.get("domain_ca_certificates"),
        timeout=timeout,
    )


def _domain(text: str | None) -> str | None:
    if not text:
        return None
    domain = text.strip().removesuffix(".")
    if not _DOMAIN.match(domain):
        raise SettingsError(f"domain '{text}' is not the DNS name of a domain, such as corp.example.com")
    return domain


def _server(text: str, auth: Auth) -> str:
    server = text.strip().removesuffix(".")
    if _is_address(server):
        if auth == "kerberos":
            raise SettingsError(f"domain_server '{text}' is an address; Kerberos needs the name of the server")
        return server
    if not _HOST.match(server):
        raise SettingsError(f"domain_server '{text}' is not a host name; write it without scheme and port")
    return server


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _check_kerberos(params: Params, username: str | None, domain: str | None) -> None:
    password, keytab = params.get("domain_password"), params.get("domain_keytab")
    if username is None:
        for option, value in (("domain_password", password), ("domain_keytab", keytab)):
            if value:
                raise SettingsError(f"{option} needs domain_username")
        return
    if params.get("domain_ccache"):
        raise SettingsError("domain_ccache says whose ticket it is; it excludes domain_username")
    if password and keytab:
        raise SettingsError("domain_password and domain_keytab exclude each other")
    if not password and not keytab:
        raise SettingsError("domain_username needs domain_password or domain_keytab")
    if "\\" in username:
        raise SettingsError(f"domain_username '{username}' must be written as user@domain for Kerberos")
    if not domain and "@" not in username:
        raise SettingsError(f"domain_username '{username}' must be written as user@domain when domain is not given")
    if username.startswith("@") or username.endswith("@"):
        raise SettingsError(f"domain_username '{username}' is not a user name")


def _simple_name(params: Params, username: str | None, domain: str | None, tls: Tls) -> str:
    for option in ("domain_keytab", "domain_ccache"):
        if params.get(option):
            raise SettingsError(f"{option} is for domain_auth=kerberos")
    if tls == "none":
        raise SettingsError("domain_auth=simple sends the password itself, so domain_tls must be ldaps or start_tls")
    if not username or not params.get("domain_password"):
        # A bind with a name and no password succeeds, as nobody (RFC 4513 5.1.2).
        raise SettingsError("domain_auth=simple needs domain_username and domain_password")
    if any(char in username for char in "@\\="):
        return username
    if not domain:
        raise SettingsError(f"domain_username '{username}' must be written as user@domain when domain is not given")
    return f"{username}@{domain}"
