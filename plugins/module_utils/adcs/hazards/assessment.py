# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hazards of templates, decided from the templates, their rights and who is behind these. Pure.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ...directory.access import WRITE_PROPERTY
from ...directory.sid import Sid
from ..template import Template
from . import known
from .access import CHANGE_RIGHTS, ENROLL, TAKE_OWNERSHIP, AccessList, Right, access_list, write_rights
from .catalogue import ACCOUNT, BROAD, BY_ID, KINDS, REACHES, Kind
from .membership import Membership, worst
from .rules import Links, shapes

#: How a principal is called.
Namer: t.TypeAlias = t.Callable[[Sid], str]

TEMPLATE_RIGHTS: t.Final = (
    CHANGE_RIGHTS,
    TAKE_OWNERSHIP,
    *write_rights(known.TEMPLATE_ATTRIBUTES, known.TEMPLATE_CLASS),
)
_SHOWN_RIGHTS = 3


@dataclass(frozen=True)
class Endangered:
    """A principal that brings a hazard about.

    Attributes:
        name, sid: as it stands in the list of rights, or as the owner.
        reach: how many are behind it.
        members: the accounts of a group; None for everybody, for an account, and where it cannot be known.
        via: the groups between it and those who make the reach, the outermost first.
        rights: what it may do.
    """

    name: str
    sid: str
    reach: str
    members: int | None = None
    via: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()

    def as_facts(self) -> dict[str, t.Any]:
        return {
            "name": self.name,
            "sid": self.sid,
            "reach": self.reach,
            "members": self.members,
            "via": list(self.via),
            "rights": list(self.rights),
        }


@dataclass(frozen=True)
class Hazard:
    """One way from one template, or from one object of the forest, to other people's accounts.

    Attributes:
        id: its number, such as ESC1.
        template: the cn of the template; empty for an object that is none.
        object: the DN of an object that is no template, else empty.
        title: what is wrong.
        refused: whether it is refused unless it is allowed by its id.
        active: whether an authority issues the template.
        reach: the worst of its principals.
        principals: who brings it about.
        sentence: why it is dangerous, and to whom.
        remedy: what takes the danger away.
    """

    id: str
    template: str
    title: str
    refused: bool
    active: bool
    reach: str
    principals: tuple[Endangered, ...]
    sentence: str
    remedy: str
    object: str = field(default="")

    def as_facts(self) -> dict[str, t.Any]:
        """The hazard as modules return it; one of the forest has C(object) in the place of C(template)."""
        place = {"object": self.object} if self.object else {"template": self.template}
        return {
            "id": self.id,
            **place,
            "title": self.title,
            "refused": self.refused,
            "active": self.active,
            "reach": self.reach,
            "principals": [principal.as_facts() for principal in self.principals],
            "sentence": self.sentence,
            "remedy": self.remedy,
        }


class Holder(t.NamedTuple):
    """A principal of an access list that has one or more of some rights."""

    sid: Sid
    reach: str
    example: Sid
    rights: tuple[str, ...]


def holders(access: AccessList, rights: t.Sequence[Right], membership: Membership) -> list[Holder]:
    """Who of O(access) has any of O(rights), and really gets it with a token of those behind it."""
    if access.entries is None:
        return [Holder(known.EVERYONE, BROAD, known.EVERYONE, ("everything: there is no list",))]
    found: dict[Sid, list[tuple[Right, str, Sid]]] = {}
    for right in asked(access, rights):
        for sid in candidates(access, right):
            # The worst comes first, and one that is granted is enough.
            for bearer in membership.bearers(sid):
                if access.granted(bearer.token, right):
                    found.setdefault(sid, []).append((right, bearer.reach, bearer.sid))
                    break
    result: list[Holder] = []
    for sid, all_of in found.items():
        reach = worst(reach for _right, reach, _example in all_of)
        example = next(example for _right, each, example in all_of if each == reach)
        names = dict.fromkeys(right.name for right, _reach, _example in all_of)
        owns = sid == access.owner and CHANGE_RIGHTS.name in names and not access.owner_limited
        result.append(Holder(sid, reach, example, (*(["own it"] if owns else []), *names)))
    return sorted(result, key=lambda holder: (REACHES.index(holder.reach), holder.sid))


def candidates(access: AccessList, right: Right) -> tuple[Sid, ...]:
    """Those who have O(right) by an entry or as the owner, if nothing denies it."""
    listed = dict.fromkeys(sid for sid, allows in access.decisions(right) if allows)
    if known.OWNER_RIGHTS in listed:
        del listed[known.OWNER_RIGHTS]
        if access.owner is not None:
            listed[access.owner] = None
    if right.owned and access.owner is not None and not access.owner_limited:
        listed[access.owner] = None
    return tuple(listed)


def asked(access: AccessList, rights: t.Sequence[Right]) -> t.Iterator[Right]:
    """Those of O(rights) that differ for O(access): of many attributes that no entry is about, one stands for all."""
    entries = access.entries or ()
    if not any(entry.allows and entry.mask & WRITE_PROPERTY for entry in entries):
        yield from (right for right in rights if right.mask != WRITE_PROPERTY)
        return
    named = {entry.object_type for entry in entries if entry.mask & WRITE_PROPERTY}
    unnamed = False
    for right in rights:
        if right.mask == WRITE_PROPERTY and not named & right.objects:
            if unnamed:
                continue
            unnamed = True
            yield Right("write it", WRITE_PROPERTY, right.objects)
        else:
            yield right


@dataclass(frozen=True)
class Case:
    """A template to be judged.

    Attributes:
        template: as it is or will be.
        active: whether an authority issues it.
    """

    template: Template
    active: bool


def assess(case: Case, links: Links, membership: Membership, name: Namer) -> tuple[Hazard, ...]:
    """The hazards of a template in the order of the catalogue; none for one whose security is not known.

    Args:
        case: the template.
        links: group by OID of the issuance policies that are linked to one.
        membership: who is behind the principals of the template's rights.
        name: what to call them.
    """
    template = case.template
    if template.security is None:
        return ()
    access = access_list(template.security, membership.is_privileged)
    details = shapes(template, links)
    enrollers = holders(access, (ENROLL,), membership) if details else []
    writers = holders(access, TEMPLATE_RIGHTS, membership)
    found: list[Hazard] = []
    for kind in KINDS:
        if kind.id in details and enrollers:
            found.append(_hazard(kind, case, enrollers, details[kind.id], membership, name))
        elif kind.id == "ESC4" and writers:
            found.append(_hazard(kind, case, writers, said_rights(writers), membership, name))
    return tuple(found)


def _hazard(kind: Kind, case: Case, who: list[Holder], detail: str, membership: Membership, name: Namer) -> Hazard:
    principals = describe(who, membership, name)
    reach = worst(principal.reach for principal in principals)
    return Hazard(
        kind.id,
        case.template.name,
        kind.title,
        reach in kind.refused,
        case.active,
        reach,
        principals,
        kind.sentence.format(who=said(principals), detail=detail),
        kind.remedy,
    )


def assess_object(
    dn: str, what: str, access: AccessList, rights: t.Sequence[Right], membership: Membership, name: Namer
) -> Hazard | None:
    """The hazard ESC5 of an object that is no template; None when administrators alone control it."""
    who = holders(access, rights, membership)
    if not who:
        return None
    kind = BY_ID["ESC5"]
    principals = describe(who, membership, name)
    reach = worst(principal.reach for principal in principals)
    sentence = kind.sentence.format(who=said(principals), detail=said_rights(who), object_detail=what)
    return Hazard(
        kind.id, "", kind.title, reach in kind.refused, True, reach, principals, sentence, kind.remedy, object=dn
    )


def describe(who: t.Iterable[Holder], membership: Membership, name: Namer) -> tuple[Endangered, ...]:
    """The principals for people."""
    # Templates of one forest have the same few principals with the same rights.
    known = membership.described
    shown: list[Endangered] = []
    for holder in who:
        found = known.get((holder, name))
        if found is None:
            found = known[holder, name] = _described(holder, membership, name)
        shown.append(found)
    return tuple(shown)


def _described(holder: Holder, membership: Membership, name: Namer) -> Endangered:
    via = tuple(name(sid) for sid in membership.way(holder.sid, holder.example))
    if holder.reach == BROAD and not membership.is_everybody(holder.sid):
        via = tuple(name(sid) for sid in membership.way_to_everybody(holder.sid))
    members = None if holder.reach in (BROAD, ACCOUNT) else membership.members(holder.sid)
    return Endangered(name(holder.sid), str(holder.sid), holder.reach, members, via, holder.rights)


def said(principals: t.Sequence[Endangered]) -> str:
    """The principals as the subject of a sentence."""
    return _listed([_said_one(principal) for principal in principals])


def _said_one(principal: Endangered) -> str:
    words = principal.name
    if principal.via:
        words += f" (through {', '.join(principal.via)})"
    return words


def said_rights(who: t.Iterable[Holder]) -> str:
    rights = list(dict.fromkeys(right for holder in who for right in holder.rights))
    more = len(rights) - _SHOWN_RIGHTS
    return ", ".join(rights[:_SHOWN_RIGHTS]) + (f" and {more} more" if more > 0 else "")


def _listed(words: t.Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


__all__ = ["Case", "Endangered", "Hazard", "assess", "assess_object", "candidates", "holders"]
