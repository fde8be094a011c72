# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory in memory behind the methods of a session, which does what a test wants around each write."""

from __future__ import annotations

import typing as t

from ansible_collections.certops.intune.plugins.module_utils.directory.errors import (
    DirectoryError,
    OutcomeUnknown,
    error,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Entry, Session

Note: t.TypeAlias = tuple[str, str]
Attributes: t.TypeAlias = dict[str, list[bytes]]


class StandIn(Session):
    """Objects by DN.

    Attributes:
        notes: (verb, DN) of each request, reads included.
        around: by (verb, DN): what is called with the write itself, in place of it.
        away: whether the server answers no read.
        elsewhere: the objects of the other server; None when there is none.
    """

    def __init__(self, **objects: Attributes) -> None:
        self.objects = {f"CN={name}": values for name, values in objects.items()}
        self.notes: list[Note] = []
        self.around: dict[Note, t.Callable[[t.Callable[[], None]], None]] = {}
        self.away = False
        self.elsewhere: dict[str, Attributes] | None = None

    @property
    def server(self) -> str:
        return "dc1.corp.example"

    @property
    def account(self) -> str | None:
        return "pkiadmin@CORP.EXAMPLE"

    def leave_server(self) -> None:
        self.notes.append(("leave", ""))
        if self.elsewhere is None:
            raise error("all_unreachable", "find another domain controller", "ldap://dc1", "no other is known")
        self.objects, self.away = self.elsewhere, False

    def read(self, dn: str, attributes: t.Sequence[str], *, sd_flags: int | None = None) -> Entry | None:
        self.notes.append(("read", dn))
        if self.away:
            raise error("refused", "connect", "ldap://dc1:389", "errno 111")
        found = self.objects.get(dn)
        if found is None:
            return None
        wanted = {name.casefold() for name in attributes}
        return Entry(dn, {name: values for name, values in found.items() if "*" in wanted or name.casefold() in wanted})

    def _around(self, verb: str, dn: str, write: t.Callable[[], None]) -> None:
        self.notes.append((verb, dn))
        around = self.around.get((verb, dn))
        if around is None:
            write()
        else:
            around(write)

    def add(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> None:
        def write() -> None:
            if dn in self.objects:
                raise error("already_exists", "create the object", dn, "LDAP result 68")
            self.objects[dn] = {name: list(values) for name, values in attributes.items()}

        self._around("add", dn, write)

    def modify(
        self, dn: str, changes: t.Sequence[Change], *, sd_flags: int | None = None, permissive: bool = False
    ) -> None:
        def write() -> None:
            if dn not in self.objects:
                raise error("no_such_object", "change the object", dn, "LDAP result 32")
            after = dict(self.objects[dn])
            for change in changes:
                after[change.attribute] = changed(after.get(change.attribute, []), change, dn)
            self.objects[dn] = {name: values for name, values in after.items() if values}

        self._around("modify", dn, write)

    def delete(self, dn: str) -> None:
        def write() -> None:
            if dn not in self.objects:
                raise error("no_such_object", "delete the object", dn, "LDAP result 32")
            del self.objects[dn]

        self._around("delete", dn, write)

    @property
    def writes(self) -> list[Note]:
        return [note for note in self.notes if note[0] in ("add", "modify", "delete")]


def changed(values: t.Sequence[bytes], change: Change, dn: str) -> list[bytes]:
    if change.operation == "replace":
        return list(change.values)
    named = set(change.values)
    if change.operation == "add":
        if named & set(values):
            raise error("concurrent_change", f"change {change.attribute}", dn, "LDAP result 20")
        return [*values, *change.values]
    if not named <= set(values):
        raise error("concurrent_change", f"change {change.attribute}", dn, "LDAP result 16")
    return [value for value in values if named and value not in named]


def refused(_write: t.Callable[[], None]) -> None:
    raise error("insufficient_rights", "write", "CN=refused")


def lost(*, made: bool, then: t.Callable[[], object] = bool) -> t.Callable[[t.Callable[[], None]], None]:
    """A write whose answer is lost, made or not; `then` happens at that moment."""

    def around(write: t.Callable[[], None]) -> None:
        if made:
            write()
        then()
        raise OutcomeUnknown("outcome_unknown", "create the object", "CN=x on ldap://dc1:389", "LDAP result -1")

    return around


def notes_of(exc: DirectoryError) -> list[str]:
    return getattr(exc, "__notes__", [])
