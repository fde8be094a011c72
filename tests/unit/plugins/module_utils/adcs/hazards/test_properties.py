# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of the assessment, whatever the lists and the groups."""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import Hazard, Membership, Subject
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.catalogue import REACHES
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import ENROLL
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    Acl,
    Control,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from hypothesis import given
from hypothesis import strategies as st

from .people import DOMAIN, MEMBERSHIP, SIDS, hazards, subjects

PRIVILEGED = [
    SIDS[name]
    for name in (
        "administrator",
        "domain admins",
        "enterprise admins",
        "domain controllers",
        "cert publishers",
        "controllers",
        "system",
        "administrators",
        "admin",
        "inner admins",
    )
]
ORDINARY = [sid for sid in SIDS.values() if sid not in PRIVILEGED]
MASKS = [0x100, 0x20, 0x40000, 0x80000, 0x130, 0xF00FF, 0xF01FF, 0x10000000, 0x40000000, 0x20094]
OBJECTS = [ENROLL, None, None]


def entries(kinds: t.Sequence[int], sids: t.Sequence[Sid]) -> st.SearchStrategy[Ace]:
    def made(kind: int, mask: int, sid: Sid, about: t.Any, flags: int) -> Ace:
        return Ace(kind + 5 if about else kind, flags, mask, sid, about)

    return st.builds(
        made,
        st.sampled_from(kinds),
        st.sampled_from(MASKS),
        st.sampled_from(sids),
        st.sampled_from(OBJECTS),
        st.sampled_from([0, 0, 0, 0x12, 0x0A]),
    )


ALLOW, DENY = 0x00, 0x01
lists = st.lists(entries([ALLOW, ALLOW, DENY], list(SIDS.values())), max_size=7)
owners = st.sampled_from([None, *SIDS.values()])
places = st.integers(0, 7)


def judged(aces: t.Sequence[Ace], owner: Sid | None, membership: Membership = MEMBERSHIP) -> dict[str, Hazard]:
    """A template for any purpose with subject from the request: every rule but three holds for whoever may enroll."""
    security = SecurityDescriptor(control=int(Control.DACL_PRESENT), owner=owner, dacl=Acl(tuple(aces)))
    return hazards(Template("T", schema_version=1, name_flags=1, security=security), membership=membership)


def worse(one: dict[str, Hazard], other: dict[str, Hazard]) -> bool:
    """Whether O(one) has a hazard, a principal or a reach that O(other) has not."""
    for id_, hazard in one.items():
        if id_ not in other or REACHES.index(hazard.reach) < REACHES.index(other[id_].reach):
            return True
        known = {principal.sid: REACHES.index(principal.reach) for principal in other[id_].principals}
        if any(
            REACHES.index(found.reach) < known.get(found.sid, 99) for found in hazard.principals if found.sid in known
        ):
            return True
        if {found.sid for found in hazard.principals} - set(known):
            return True
    return False


def inserted(aces: list[Ace], place: int, ace: Ace) -> list[Ace]:
    return [*aces[:place], ace, *aces[place:]]


@given(lists, owners, entries([DENY], ORDINARY), places)
def test_a_denial_adds_no_hazard(aces: list[Ace], owner: Sid | None, denial: Ace, place: int) -> None:
    assert not worse(judged(inserted(aces, place, denial), owner), judged(aces, owner))


@given(lists, owners, entries([ALLOW], ORDINARY), places)
def test_an_entry_that_allows_takes_no_hazard_away(aces: list[Ace], owner: Sid | None, added: Ace, place: int) -> None:
    if added.sid == SIDS["owner rights"]:
        # It stands for what an owner has without it.
        return
    assert not worse(judged(aces, owner), judged(inserted(aces, place, added), owner))


@given(lists, owners, entries([ALLOW, DENY], PRIVILEGED), places)
def test_entries_of_administrators_change_nothing(aces: list[Ace], owner: Sid | None, added: Ace, place: int) -> None:
    assert judged(inserted(aces, place, added), owner) == judged(aces, owner)


@given(lists, st.randoms(use_true_random=False))
def test_entries_of_one_kind_in_another_order(aces: list[Ace], random: t.Any) -> None:
    denials, grants = ([ace for ace in aces if ace.type in kinds] for kinds in ((1, 6), (0, 5)))
    mixed = (random.sample(denials, len(denials)), random.sample(grants, len(grants)))
    one, other = judged([*denials, *grants], None), judged([*mixed[0], *mixed[1]], None)
    assert not worse(one, other)
    assert not worse(other, one)


@given(lists, owners, st.permutations(subjects()))
def test_groups_are_read_in_any_order(aces: list[Ace], owner: Sid | None, shuffled: list[Subject]) -> None:
    assert judged(aces, owner, Membership(shuffled, [DOMAIN])) == judged(aces, owner)


@given(
    lists,
    st.lists(st.tuples(st.sampled_from(sorted(SIDS.values())), st.sampled_from(sorted(SIDS.values()))), max_size=12),
)
def test_cycles_end(aces: list[Ace], edges: list[tuple[Sid, Sid]]) -> None:
    tangled = [Subject(child, str(child), "group", frozenset({parent})) for child, parent in edges]
    judged(aces, None, Membership([*subjects(), *tangled], [DOMAIN]))


@given(lists, owners)
def test_hazards_hold_together(aces: list[Ace], owner: Sid | None) -> None:
    for hazard in judged(aces, owner).values():
        assert hazard.principals
        assert hazard.reach == min((each.reach for each in hazard.principals), key=REACHES.index)
        assert len({each.sid for each in hazard.principals}) == len(hazard.principals)
        assert all(each.rights for each in hazard.principals)
        assert all(Sid.parse(each.sid) not in PRIVILEGED for each in hazard.principals)
        for each in hazard.principals:
            assert each.name in hazard.sentence
        assert replace(hazard, refused=False).as_facts() == {**hazard.as_facts(), "refused": False}
