# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to the directory with the rights of whoever is bound, for what a CA and its set-up read and write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import ldap
from ldap.controls import LDAPControl

from lab.ldap_connection import GONE, connect
from lab.windows.people import sids

#: Values by the attribute's name in lower case.
Attributes = dict[str, list[bytes]]

#: ERROR_LOGON_FAILURE, where a domain controller does not say more.
LOGON_FAILURE = 1326
#: LDAP_SERVER_SD_FLAGS_OID with owner, group and DACL, and with the DACL alone (MS-ADTS 3.1.1.3.4.1.11).
_WITHOUT_SACL = LDAPControl("1.2.840.113556.1.4.801", True, encodedControlValue=b"\x30\x03\x02\x01\x07")
_DACL = LDAPControl("1.2.840.113556.1.4.801", True, encodedControlValue=b"\x30\x03\x02\x01\x04")
#: LDAP_SERVER_PERMISSIVE_MODIFY_OID (MS-ADTS 3.1.1.3.4.1.8).
_PERMISSIVE = LDAPControl("1.2.840.113556.1.4.1413", True)


class LogonRefused(Exception):  # noqa: N818
    """A domain controller does not take a password; `code` is the Win32 error code."""

    def __init__(self, code: int = LOGON_FAILURE) -> None:
        super().__init__(f"logon refused: {code}")
        self.code = code


class AccessDenied(Exception):  # noqa: N818
    """The directory does not let the caller write."""


class NotFound(Exception):  # noqa: N818
    """There is no such object."""


class Unreachable(Exception):  # noqa: N818
    """Nobody answers: `what` is `directory` or `authority`."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the {what} does not answer")
        self.what = what


class Connection(Protocol):
    """What a CA and its set-up do in a directory. All of it raises Unreachable where nobody answers any more."""

    def own_sids(self) -> tuple[str, ...]:
        """SIDs of who is bound, and of all its groups."""
        ...

    def read(self, dn: str, attributes: Sequence[str]) -> list[tuple[str, Attributes]]:
        """An object, or nothing."""
        ...

    def below(self, dn: str, expression: str, attributes: Sequence[str]) -> list[tuple[str, Attributes]]:
        """What is directly below an object."""
        ...

    def add(self, dn: str, attribute: str, values: Sequence[bytes]) -> None:
        """Add values. AccessDenied, NotFound."""
        ...

    def write_dacl(self, dn: str, descriptor: bytes) -> None:
        """Replace the DACL by that of a descriptor. AccessDenied, NotFound."""
        ...


class LdapConnection:
    """One over LDAPS."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @classmethod
    def open(cls, uris: Sequence[str], user: str, password: str, authority: Path) -> LdapConnection | None:
        """Bind to the first domain controller that answers; None if none does. LogonRefused."""
        if not password:
            # A simple bind without password is one as nobody, and would succeed.
            raise LogonRefused
        for uri in uris:
            try:
                return cls(connect(uri, user, password, authority))
            except ldap.INVALID_CREDENTIALS as error:
                raise LogonRefused(_code(error)) from error
            except GONE:
                continue
        return None

    def __del__(self) -> None:
        with suppress(ldap.LDAPError):
            self._connection.unbind_s()

    def own_sids(self) -> tuple[str, ...]:
        ((_, entry),) = self._search("", ldap.SCOPE_BASE, "(objectClass=*)", ["tokenGroups"], [])
        return tuple(sids.from_bytes(value) for value in entry["tokengroups"])

    def read(self, dn: str, attributes: Sequence[str]) -> list[tuple[str, Attributes]]:
        return self._search(dn, ldap.SCOPE_BASE, "(objectClass=*)", attributes)

    def below(self, dn: str, expression: str, attributes: Sequence[str]) -> list[tuple[str, Attributes]]:
        return self._search(dn, ldap.SCOPE_ONELEVEL, expression, attributes)

    def add(self, dn: str, attribute: str, values: Sequence[bytes]) -> None:
        """Add values; one that is there meanwhile, since another server added it, is no error."""
        self._modify(dn, [(ldap.MOD_ADD, attribute, list(values))], [_PERMISSIVE])

    def write_dacl(self, dn: str, descriptor: bytes) -> None:
        self._modify(dn, [(ldap.MOD_REPLACE, "nTSecurityDescriptor", [descriptor])], [_DACL])

    def _search(
        self,
        dn: str,
        scope: int,
        expression: str,
        attributes: Sequence[str],
        controls: Sequence[LDAPControl] = (_WITHOUT_SACL,),
    ) -> list[tuple[str, Attributes]]:
        try:
            found = self._connection.search_ext_s(dn, scope, expression, list(attributes), serverctrls=list(controls))
        except ldap.NO_SUCH_OBJECT:
            return []
        except GONE as error:
            raise Unreachable("directory") from error
        return [
            (name, {key.lower(): list(values) for key, values in entry.items()})
            for name, entry in found
            if name is not None
        ]

    def _modify(self, dn: str, changes: list[Any], controls: list[LDAPControl]) -> None:
        try:
            self._connection.modify_ext_s(dn, changes, serverctrls=controls)
        except ldap.INSUFFICIENT_ACCESS as error:
            raise AccessDenied(dn) from error
        except ldap.NO_SUCH_OBJECT as error:
            raise NotFound(dn) from error
        except GONE as error:
            raise Unreachable("directory") from error


def _code(error: ldap.LDAPError) -> int:
    """The Win32 error code in what a domain controller says of a bind: `..., data 52e, v1db1`."""
    said = str(error.args[0].get("info", "")) if error.args and isinstance(error.args[0], dict) else ""
    found = re.search(r"data ([0-9a-f]+)", said)
    return int(found[1], 16) if found else LOGON_FAILURE
