# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a token may do with an object: the access check of MS-DTYP 2.5.3.2 with the object types of MS-ADTS 5.1.3.

Where the check of a real server depends on what cannot be seen from here, this one grants: an entry of a callback type
has a condition, so that it counts when it allows and not when it denies, and so do the SIDs that a token may or may not
have. An entry of an unknown type is passed over, as by the servers.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from uuid import UUID

from ...directory.access import CONTROL_ACCESS, CREATE_CHILD, WRITE_DAC, WRITE_OWNER, WRITE_PROPERTY, mapped
from ...directory.descriptor import ALLOW_TYPES, DENY_TYPES, Ace, AceFlag, AceType, SecurityDescriptor
from ...directory.sid import Sid
from ..rights import ENROLL as ENROLL_GUID
from .known import OWNER_RIGHTS, PROPERTY_SETS

_INHERIT_ONLY = int(AceFlag.INHERIT_ONLY)
_CALLBACKS = frozenset(
    {
        int(AceType.ACCESS_ALLOWED_CALLBACK),
        int(AceType.ACCESS_ALLOWED_CALLBACK_OBJECT),
        int(AceType.ACCESS_DENIED_CALLBACK),
        int(AceType.ACCESS_DENIED_CALLBACK_OBJECT),
    }
)
#: An object type of zeros names nothing. Some readers take it for everything, so an entry that allows counts.
_ZEROS = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Token:
    """The SIDs of somebody who logs on.

    Attributes:
        certain: those the token has.
        possible: those it may have beside them, by the way of logging on or by what cannot be read. They count for
            entries that allow and not for entries that deny.
    """

    certain: frozenset[Sid]
    possible: frozenset[Sid] = frozenset()

    def __contains__(self, sid: Sid) -> bool:
        return sid in self.certain or sid in self.possible


@dataclass(frozen=True, slots=True)
class Right:
    """One thing to be done with an object.

    Attributes:
        name: for people.
        mask: the bit it takes.
        objects: what the right is about; an entry for one of these, or for none in particular, is one for it.
        any_object: whether an entry that allows counts whatever it is about: a standard right of an object entry is
            granted or not by the server's object type list, which is not known here.
        owned: whether the owner has it without an entry (MS-DTYP 2.5.3.2).
    """

    name: str
    mask: int
    objects: frozenset[UUID] = frozenset()
    any_object: bool = False
    owned: bool = False


ENROLL: t.Final = Right("enroll", CONTROL_ACCESS, frozenset({ENROLL_GUID}))
CHANGE_RIGHTS: t.Final = Right("change its rights", WRITE_DAC, any_object=True, owned=True)
TAKE_OWNERSHIP: t.Final = Right("take ownership", WRITE_OWNER, any_object=True)


def write_rights(attributes: t.Mapping[str, UUID], of_class: UUID) -> tuple[Right, ...]:
    """Writing each of O(attributes): by itself, by its property set, or as anything of an object of the class."""
    return tuple(
        Right(f"write {name}", WRITE_PROPERTY, frozenset({guid, PROPERTY_SETS.get(guid, guid), of_class}))
        for name, guid in sorted(attributes.items())
    )


def create_right(name: str, of_class: UUID) -> Right:
    return Right(name, CREATE_CHILD, frozenset({of_class}))


def extended_right(name: str, guid: UUID) -> Right:
    return Right(name, CONTROL_ACCESS, frozenset({guid}))


class _Entry(t.NamedTuple):
    allows: bool
    sid: Sid
    mask: int
    object_type: UUID | None


@dataclass(frozen=True)
class AccessList:
    """The owner and the entries of an object, ready to be asked.

    Attributes:
        owner: who has the implicit rights of an owner; None when it is not known or does not matter.
        entries: those that act on the object itself, in stored order; None without a list, which is everything to
            everyone.
        owner_limited: whether entries for OWNER RIGHTS stand for the implicit rights of the owner.
    """

    owner: Sid | None
    entries: tuple[_Entry, ...] | None
    owner_limited: bool
    _decisions: dict[Right, tuple[tuple[Sid, bool], ...]] = field(default_factory=dict, compare=False, repr=False)

    def granted(self, token: Token, right: Right) -> bool:
        """Whether O(token) gets O(right): the first entry of one of its SIDs that is about the right decides."""
        if self.entries is None:
            return True
        owns = self.owner is not None and self.owner in token
        if owns and right.owned and not self.owner_limited:
            return True
        for sid, allows in self.decisions(right):
            if sid == OWNER_RIGHTS:
                applies = owns if allows else self.owner in token.certain
            else:
                applies = sid in token if allows else sid in token.certain
            if applies:
                return allows
        return False

    def decisions(self, right: Right) -> tuple[tuple[Sid, bool], ...]:
        """Whose entries are about O(right), and whether they allow, in order."""
        found = self._decisions.get(right)
        if found is None:
            found = tuple((entry.sid, entry.allows) for entry in self.entries or () if _concerns(entry, right))
            self._decisions[right] = found
        return found


def access_list(security: SecurityDescriptor, ignored: t.Callable[[Sid], bool]) -> AccessList:
    """O(security) without the entries and the ownership of principals that are O(ignored)."""
    owner = security.owner if security.owner is not None and not ignored(security.owner) else None
    if security.dacl is None:
        return AccessList(owner, None, owner_limited=False)
    entries: list[_Entry] = []
    limited = False
    for ace in security.dacl.aces:
        if not isinstance(ace, Ace) or ace.flags & _INHERIT_ONLY:
            continue
        if ace.type in ALLOW_TYPES:
            allows = True
        elif ace.type in DENY_TYPES and ace.type not in _CALLBACKS:
            allows = False
        else:
            continue
        if ace.sid == OWNER_RIGHTS and ace.type not in _CALLBACKS:
            limited = True
        if not ignored(ace.sid):
            object_type = ace.object_type
            if object_type == _ZEROS and allows:
                object_type = None
            entries.append(_Entry(allows, ace.sid, mapped(ace.mask), object_type))
    return AccessList(owner, tuple(entries), limited)


def _concerns(entry: _Entry, right: Right) -> bool:
    if not entry.mask & right.mask:
        return False
    return entry.object_type is None or entry.object_type in right.objects or (entry.allows and right.any_object)
