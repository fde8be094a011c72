# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's real directory as a member server asks it: over LDAPS, with the computer's own account."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ldap
from ldap.filter import escape_filter_chars

from lab import estate
from lab.layout import Layout
from lab.ldap_connection import GONE, connect
from lab.windows.people import sids
from lab.windows.people.database import StoredHashes, computer_key_versions, domain_sid
from lab.windows.people.directory import Logon, NoDomainController, Principal

__all__ = ["LdapDirectory", "LdapSession", "computer_key_versions", "domain_sid"]

# userAccountControl, and msDS-User-Account-Control-Computed for the last two (MS-ADTS 2.2.16, 3.1.1.4.5.17)
DISABLED = 0x2
DONT_EXPIRE_PASSWORD = 0x10000
LOCKED = 0x10
PASSWORD_EXPIRED = 0x800000

#: Values of accountExpires for an account that does not expire.
NEVER = (0, 0x7FFFFFFFFFFFFFFF)

#: sAMAccountType (MS-ADTS 2.2.14)
KINDS = {0x30000000: "user", 0x30000001: "computer", 0x10000000: "group", 0x20000000: "alias"}

IDENTITY = ("objectSid", "sAMAccountName", "sAMAccountType", "userPrincipalName")
STATE = (
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "accountExpires",
    "pwdLastSet",
    "lockoutTime",
)

Entry = dict[str, list[bytes]]


class LdapSession:
    """A connection to whichever domain controller answers, made anew when it breaks."""

    def __init__(self, uris: Sequence[str], user: str, password: str, authority: Path) -> None:
        """Remember where to connect; nothing is connected yet.

        Args:
            uris: `ldaps://dc1.corp.example`, in the order in which they are tried.
            user: Who binds.
            password: Its password.
            authority: PEM of the root certificate.
        """
        self._uris = list(uris)
        self._user = user
        self._password = password
        self._authority = authority
        self._lock = threading.Lock()
        self._connection: Any = None

    def search(self, base: str, scope: int, expression: str, attributes: Sequence[str]) -> list[Entry]:
        """Search, with one more try on a new connection and on every other domain controller.

        Raises:
            NoDomainController: None answers, or none takes the password of the computer account.
        """
        with self._lock:
            if self._connection is not None:
                try:
                    return self._ask(base, scope, expression, attributes)
                except GONE:
                    self._close()
            why: Exception | None = None
            for uri in list(self._uris):
                try:
                    self._connection = self._connect(uri)
                    found = self._ask(base, scope, expression, attributes)
                except (*GONE, ldap.INVALID_CREDENTIALS) as error:
                    self._close()
                    why = error
                else:
                    # Whoever answered is asked first the next time: the other may take long to be given up.
                    self._uris.remove(uri)
                    self._uris.insert(0, uri)
                    return found
            raise NoDomainController("no domain controller answers") from why

    def close(self) -> None:
        with self._lock:
            self._close()

    def _connect(self, uri: str) -> Any:
        return connect(uri, self._user, self._password, self._authority)

    def _ask(self, base: str, scope: int, expression: str, attributes: Sequence[str]) -> list[Entry]:
        try:
            found = self._connection.search_s(base, scope, expression, list(attributes))
        except ldap.NO_SUCH_OBJECT:
            return []
        # Referrals have no name.
        return [entry for name, entry in found if name is not None]

    def _close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                connection.unbind_s()
            except ldap.LDAPError:
                # It is gone already.
                return


class LdapDirectory:
    """The domain of the lab. What it says is not remembered: tests change it behind the hosts' backs."""

    def __init__(
        self, layout: Layout, member: estate.Host, password: str, hashes: Callable[[str], bytes | None] | None = None
    ) -> None:
        """The directory for one member.

        Args:
            layout: The lab.
            member: Who asks.
            password: Of its computer account.
            hashes: The NT hash of an account by its name; by default from the databases of the domain controllers.
        """
        uris = [f"ldaps://{controller.fqdn}" for controller in estate.DOMAIN_CONTROLLERS]
        user = f"{member.account}@{estate.REALM}"
        self._session = LdapSession(uris, user, password, layout.root_certificate)
        self._hashes = hashes or StoredHashes(layout)
        #: By account, when its password was set, and the hash: reading it takes long, and it holds until then.
        self._known: dict[str, tuple[bytes, bytes]] = {}

    def by_name(self, name: str) -> Principal | None:
        entry = self._named(name, IDENTITY)
        return None if entry is None else _principal(entry)

    def by_sid(self, sid: str) -> Principal | None:
        try:
            found = self._of_sid(sid, IDENTITY)
        except NoDomainController:
            return None
        return _principal(found[0]) if found else None

    def groups(self, sid: str) -> tuple[str, ...]:
        found = self._of_sid(sid, ["tokenGroups"])
        return tuple(sids.from_bytes(value) for entry in found for value in entry.get("tokenGroups", ()))

    def logon(self, name: str) -> Logon | None:
        try:
            entry = self._named(name, (*IDENTITY, *STATE))
            if entry is None:
                return None
            principal = _principal(entry)
            groups = self.groups(principal.sid)
        except NoDomainController:
            return None
        nt_hash = self._hash(principal.name, entry) if principal.kind in ("user", "computer") else b""
        # Nobody proves to be an account without a password, and a group has none.
        return Logon(principal, nt_hash, refused(entry), groups) if nt_hash else None

    def close(self) -> None:
        self._session.close()

    def _hash(self, account: str, entry: Entry) -> bytes:
        set_at = _first(entry, "pwdLastSet", b"0")
        known = self._known.get(account)
        if known is None or known[0] != set_at or set_at == b"0":
            known = self._known[account] = set_at, self._hashes(account) or b""
        return known[1]

    def _named(self, name: str, attributes: Sequence[str]) -> Entry | None:
        condition = _condition(name)
        if condition is None:
            return None
        found = self._session.search(estate.DOMAIN_DN, ldap.SCOPE_SUBTREE, f"(&(objectSid=*){condition})", attributes)
        # The BUILTIN groups of the domain controllers are nobody elsewhere.
        mine = [entry for entry in found if _principal(entry).sid.startswith("S-1-5-21-")]
        return mine[0] if mine else None

    def _of_sid(self, sid: str, attributes: Sequence[str]) -> list[Entry]:
        if sids.parsed(sid) is None:
            return []
        return self._session.search(f"<SID={sid}>", ldap.SCOPE_BASE, "(objectClass=*)", attributes)


def _condition(name: str) -> str | None:
    """The filter for a name; None if its domain is another one."""
    domain, separator, account = name.rpartition("\\")
    if separator:
        mine = domain.casefold() in (estate.NETBIOS_DOMAIN.casefold(), estate.DNS_DOMAIN.casefold())
        return _account(account) if mine and account else None
    user, separator, suffix = name.rpartition("@")
    if not separator:
        return _account(name) if name else None
    explicit = f"(userPrincipalName={escape_filter_chars(name)})"
    if suffix.casefold() in (estate.DNS_DOMAIN.casefold(), estate.NETBIOS_DOMAIN.casefold()):
        return f"(|{explicit}{_account(user)})"
    return explicit


def _account(name: str) -> str:
    return f"(sAMAccountName={escape_filter_chars(name)})"


def _principal(entry: Entry) -> Principal:
    kind = int(_first(entry, "sAMAccountType", b"0"))
    return Principal(
        sids.from_bytes(entry["objectSid"][0]),
        estate.NETBIOS_DOMAIN,
        _first(entry, "sAMAccountName", b"").decode(),
        # The last bit of a group says that it is a distribution list.
        KINDS.get(kind) or KINDS.get(kind & ~1, "unknown"),
        _first(entry, "userPrincipalName", b"").decode(),
    )


def refused(entry: Entry) -> str:
    """Why an account may not log on, as Logon.refused says it, in the order in which a domain controller looks."""
    control = int(_first(entry, "userAccountControl", b"0"))
    computed = int(_first(entry, "msDS-User-Account-Control-Computed", b"0"))
    if computed & LOCKED:
        return "locked"
    if control & DISABLED:
        return "disabled"
    expires = int(_first(entry, "accountExpires", b"0"))
    if expires not in NEVER and expires <= _now():
        return "expired"
    if _first(entry, "pwdLastSet", b"1") == b"0" and not control & DONT_EXPIRE_PASSWORD:
        return "password_must_change"
    return "password_expired" if computed & PASSWORD_EXPIRED else ""


def _now() -> int:
    """Now as a FILETIME."""
    return time.time_ns() // 100 + 116444736000000000


def _first(entry: Entry, attribute: str, default: bytes) -> bytes:
    return entry.get(attribute, [default])[0]
