# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A session with a domain: reads that survive the loss of a domain controller, writes that are never made twice.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from . import controls, discovery, rootdse
from . import dn as names
from .connection import Connection
from .credentials import Credentials, acquire
from .descriptor import different_parts
from .entry import Change, Entry, is_conditional, is_visible
from .errors import DirectoryError, NoSuchObject, OutcomeUnknown, Unreachable, error
from .reading import Counter, Request, Scope, read_all
from .rootdse import RootDse
from .settings import ConnectionSettings
from .sid import Sid

_T = t.TypeVar("_T")

# A server that says these has not begun the operation.
_NOT_BEGUN = frozenset({"server_busy", "server_unavailable", "bind_required"})
# Sent with an object and never given back, or given back changed: proves nothing about a lost answer.
_PASSWORD, _SECURITY = "unicodepwd", "ntsecuritydescriptor"
_UNREADABLE = frozenset({_PASSWORD, _SECURITY})


def connect(settings: ConnectionSettings) -> Session:
    """A session with the first domain controller that answers.

    Raises DirectoryError: Unreachable when no server answers, InvalidCredentials when the domain refuses the account.
    """
    credentials = acquire(settings)
    try:
        servers = settings.servers or discovery.domain_controllers(settings.domain or "", settings.timeout)
        return Session(settings, credentials, servers)
    except BaseException:
        credentials.close()
        raise


def _sid(entry: Entry | None) -> Sid | None:
    return entry.sid() if entry else None


class Session:
    """A session with one domain. Not for use by several threads.

    Args:
        settings: how the domain is reached.
        credentials: closed with the session.
        servers: the domain controllers in the order in which they are tried.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        credentials: Credentials,
        servers: t.Sequence[str],
        *,
        _catalog_of: Session | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._servers = tuple(servers)
        self._parent = _catalog_of
        self._counter: Counter = _catalog_of._counter if _catalog_of else Counter()
        self._catalog: Session | None = None
        self._root_dse: RootDse | None = None
        self._has_written = False
        self._passed_over: dict[str, DirectoryError] = {}
        self._connection = self._open(self._servers)

    def __enter__(self) -> t.Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session, and that with the global catalog; forget the tickets made for it."""
        if self._catalog:
            self._catalog.close()
        self._connection.close()
        if self._parent is None:
            self._credentials.close()

    @property
    def server(self) -> str:
        """Host name of the domain controller that is spoken to at present."""
        return self._connection.server

    @property
    def passed_over(self) -> tuple[DirectoryError, ...]:
        """Why servers that come before the present one are not used, one error for each."""
        return tuple(error for server, error in self._passed_over.items() if server != self.server)

    @property
    def round_trips(self) -> int:
        """LDAP operations so far: every page counts, the bind does not, those on the global catalog do."""
        return self._counter.value

    @property
    def root_dse(self) -> RootDse:
        """The server's root entry, read when it is first wanted."""
        if self._root_dse is None:
            # It knows no pages.
            request = Request("", "base", "(objectClass=*)", rootdse.ATTRIBUTES, page_size=0, extended_dn=True)
            found = self._read(lambda connection: read_all(connection, request, self._counter))
            try:
                self._root_dse = rootdse.from_entry(found[0])
            except (IndexError, ValueError) as exc:
                raise error("not_active_directory", "read the root entry", self._connection.url, str(exc)) from exc
            self._root_dse = self._with_sids(self._root_dse)
        return self._root_dse

    def search(
        self,
        base: str,
        filter_text: str,
        attributes: t.Sequence[str],
        *,
        scope: Scope = "subtree",
        sd_flags: int | None = None,
        page_size: int = 1000,
        all_partitions: bool = False,
    ) -> list[Entry]:
        """All entries that match, however many pages they take.

        Args:
            base: DN; empty only with all_partitions or in a session with a global catalog.
            filter_text: made with C(filters).
            attributes: names; at least one.
            scope: base, onelevel or subtree.
            sd_flags: the parts of nTSecurityDescriptor to read: 1 owner, 2 group, 4 DACL, 8 SACL. Without it people
                without rights on the SACL get no descriptor at all.
            page_size: entries of one page; at most what the server allows (1000 by default).
            all_partitions: search everything below the base that the server has, not only the base's own partition.

        Raises:
            DirectoryError: NoSuchObject when the base does not exist.
        """
        request = Request(
            base, scope, filter_text, attributes, page_size, sd_flags=sd_flags, all_partitions=all_partitions
        )
        return self._read(lambda connection: read_all(connection, request, self._counter))

    def read(self, dn: str, attributes: t.Sequence[str], *, sd_flags: int | None = None) -> Entry | None:
        """One object; None when it does not exist."""
        try:
            found = self.search(dn, "(objectClass=*)", attributes, scope="base", sd_flags=sd_flags)
        except NoSuchObject:
            return None
        return found[0] if found else None

    def add(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> None:
        """Create an object. Raises DirectoryError: AlreadyExists, InsufficientRights, NoSuchObject for the parent."""
        self._write(lambda connection: connection.add(dn, attributes), lambda: self.shows_object(dn, attributes))

    def modify(
        self, dn: str, changes: t.Sequence[Change], *, sd_flags: int | None = None, permissive: bool = False
    ) -> None:
        """Change attributes of an object, all or none.

        Args:
            dn: the object.
            changes: add and delete name the values they expect; when the object has others, nothing is changed.
            sd_flags: the parts of nTSecurityDescriptor that are written, as in a search.
            permissive: adding what is there and deleting what is not is no error.

        Raises:
            DirectoryError: ConcurrentChange when the object has other values than expected, NoSuchObject.
        """
        wanted = controls.write_controls(sd_flags=sd_flags, permissive=permissive)
        conditional = is_conditional(changes) and not permissive
        self._write(
            lambda connection: connection.modify(dn, changes, wanted, conditional=conditional),
            lambda: self.shows_changes(dn, changes, sd_flags=sd_flags),
        )

    def delete(self, dn: str) -> None:
        """Delete an object without children. Raises DirectoryError: NoSuchObject."""
        self._write(lambda connection: connection.delete(dn), lambda: self.read(dn, ("objectClass",)) is None)

    def rename(self, dn: str, new_rdn: str) -> None:
        """Give an object the RDN O(new_rdn) (C(CN=...), escaped) under the same parent."""
        new_dn = names.join(new_rdn, names.parent(dn))
        self._write(
            lambda connection: connection.rename(dn, new_rdn), lambda: self.read(new_dn, ("objectClass",)) is not None
        )

    def shows_object(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> bool:
        """Whether the object exists with O(attributes), as far as they can be read back."""
        shown = [
            Change("replace", name, tuple(values))
            for name, values in attributes.items()
            if name.casefold() not in _UNREADABLE
        ]
        return self.shows_changes(dn, shown)

    def shows_changes(self, dn: str, changes: t.Sequence[Change], *, sd_flags: int | None = None) -> bool:
        """Whether the object has the values that O(changes) lead to.

        A password is never shown. A descriptor counts only when nothing else is changed with it: the server writes
        some of it in its own way.
        """
        readable = [change for change in changes if change.attribute.casefold() not in _UNREADABLE]
        security = [change for change in changes if change.attribute.casefold() == _SECURITY]
        if readable or not changes:
            entry = self.read(dn, sorted({change.attribute for change in readable} or {"objectClass"}))
            return entry is not None and is_visible(readable, entry)
        if security and security[-1].values:
            entry = self.read(dn, (_SECURITY,), sd_flags=sd_flags)
            found = entry.raw(_SECURITY) if entry is not None else None
            return found is not None and not different_parts(found, security[-1].values[0], sd_flags or 0)
        return False

    @property
    def account(self) -> str | None:
        """The account as the options name it; None for the owner of a credential cache."""
        return self._settings.username

    def leave_server(self) -> None:
        """Speak to another server from here on, though what was written may not have reached it yet.

        Raises DirectoryError: Unreachable when none answers or there is no other.
        """
        lost = self._connection
        others = tuple(server for server in self._servers if server != lost.server)
        if not others:
            raise error("all_unreachable", "find another domain controller", lost.url, "no other is known")
        self._connection = self._open(others)
        self._root_dse = None
        lost.close()

    def global_catalog(self) -> Session:
        """The session with a global catalog, which has some attributes of all objects of the forest. Read only.

        The same server when it is one, else one that the DNS names. It ends with this session.
        """
        if self._catalog is None:
            servers = self._settings.servers
            if self.root_dse.is_global_catalog:
                servers = (self.server, *(server for server in servers if server != self.server))
            elif not servers:
                forest = names.dns_name(self.root_dse.root_domain_naming_context)
                servers = discovery.global_catalogs(forest, self._settings.timeout)
            self._catalog = Session(self._settings, self._credentials, servers, _catalog_of=self)
        return self._catalog

    def _with_sids(self, root: RootDse) -> RootDse:
        """O(root) with the SIDs of both domains, asked for where the server has not sent them with the names."""
        if root.domain_sid is None:
            root = replace(root, domain_sid=_sid(self.read(root.default_naming_context, ("objectSid",))))
        if root.root_domain_sid is None:
            if names.equal(root.root_domain_naming_context, root.default_naming_context):
                return replace(root, root_domain_sid=root.domain_sid)
            catalog = self._parent or self.global_catalog()
            return replace(root, root_domain_sid=_sid(catalog.read(root.root_domain_naming_context, ("objectSid",))))
        return root

    def _open(self, servers: t.Sequence[str]) -> Connection:
        failures: list[DirectoryError] = []
        for server in servers:
            try:
                return Connection(server, self._settings, self._credentials, global_catalog=self._parent is not None)
            except Unreachable as exc:
                failures.append(exc)
                self._passed_over[server] = exc
        if len(failures) == 1:
            raise failures[0]
        detail = "; ".join(f"{failure.target}: {failure.cause}, {failure.detail}" for failure in failures)
        raise error("all_unreachable", "connect", ", ".join(servers), detail) from failures[-1]

    def _read(self, operation: t.Callable[[Connection], _T]) -> _T:
        """The result of O(operation), which is started once more elsewhere when the server is lost."""
        try:
            return operation(self._connection)
        except Unreachable as exc:
            self._reconnect(exc)
        return operation(self._connection)

    def _reconnect(self, reason: Unreachable) -> None:
        lost = self._connection
        lost.close()
        # What was written here may not have reached the other servers yet: then only this one tells the truth.
        others = () if self._has_written else tuple(server for server in self._servers if server != lost.server)
        try:
            self._connection = self._open((*others, lost.server))
        except Unreachable as exc:
            exc.add_note(f"This was tried because of an earlier failure: {reason}")
            raise
        if self._connection.server != lost.server:
            self._root_dse = None

    def _write(self, operation: t.Callable[[Connection], None], is_done: t.Callable[[], bool]) -> None:
        """Carry out O(operation) once. When its answer is lost, O(is_done) looks whether it was made."""
        self._has_written = True
        self._counter.value += 1
        try:
            operation(self._connection)
        except Unreachable as exc:
            if exc.code in _NOT_BEGUN:
                raise
            if not self._seen(exc, is_done):
                raise OutcomeUnknown("outcome_unknown", exc.attempted, exc.target, exc.detail) from exc

    def _seen(self, reason: Unreachable, is_done: t.Callable[[], bool]) -> bool:
        try:
            self._reconnect(reason)
            return is_done()
        except DirectoryError:
            return False


__all__ = ["Change", "Entry", "RootDse", "Session", "connect"]
