# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that a delegation adds to an object or takes from it. Pure.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..directory import ace_plan
from ..directory.descriptor import Ace, SecurityDescriptor
from ..directory.edits import OptionError
from ..directory.sddl import ace_to_sddl
from ..directory.sid import Sid
from .rights import Right, rights_of

#: How a right stands: by the delegation's own entry, by wider entries of the principal, not at all.
OWN, WIDER, NONE = "own", "wider", "none"


@dataclass(frozen=True)
class Place:
    """An object that gets entries.

    Attributes:
        kind: a key of rights.PLACES.
        dn: its distinguished name.
        security: its descriptor, with owner, group and DACL.
    """

    kind: str
    dn: str
    security: SecurityDescriptor


@dataclass(frozen=True)
class Entry:
    """One right on one object, before and after."""

    place: Place
    right: Right
    sddl: str
    before: str
    after: str


@dataclass(frozen=True)
class PlaceChange:
    """The new descriptor of one object."""

    place: Place
    security: SecurityDescriptor


@dataclass(frozen=True)
class Plan:
    entries: tuple[Entry, ...]
    changes: tuple[PlaceChange, ...]


def plan_delegation(places: t.Iterable[Place], tasks: t.Collection[str], sid: Sid, who: str, *, present: bool) -> Plan:
    """The change from O(places) as they are to what O(tasks) need of them, or without exactly that.

    Raises OptionError when an entry would have no effect, since one of the principal denies the same.
    """
    entries: list[Entry] = []
    changes: list[PlaceChange] = []
    for place in places:
        rights = rights_of(tasks, place.kind)
        old = _aces(place)
        wanted = [right.ace(sid) for right in rights]
        if present:
            _refuse_denied(place, old, rights, sid, who)
            new = ace_plan.plan_grant(old, wanted)
        else:
            new = ace_plan.plan_revoke(old, wanted)
        for right, ace in zip(rights, wanted, strict=True):
            entries.append(Entry(place, right, ace_to_sddl(ace), _standing(old, ace), _standing(new, ace)))
        if new is not old:
            changes.append(PlaceChange(place, place.security.with_dacl(new)))
    return Plan(tuple(entries), tuple(changes))


def _aces(place: Place) -> ace_plan.Aces:
    if place.security.dacl is None:
        # An entry in a new list would take from everybody else what the lack of a list allows them.
        raise ValueError(f"{place.dn} has no access control list: everybody may do everything; repair that first")
    return place.security.dacl.aces


def _standing(aces: ace_plan.Aces, wanted: Ace) -> str:
    if wanted in aces:
        return OWN
    return WIDER if ace_plan.is_granted(aces, wanted) else NONE


def _refuse_denied(place: Place, aces: ace_plan.Aces, rights: t.Iterable[Right], sid: Sid, who: str) -> None:
    for right in rights:
        denial = ace_plan.denial(aces, right.ace(sid))
        if denial is not None:
            raise OptionError(
                "principal",
                f"{who} cannot be given '{right.words}' on {place.dn}: the entry ({ace_to_sddl(denial)}) denies it; "
                "remove that one first",
            )
