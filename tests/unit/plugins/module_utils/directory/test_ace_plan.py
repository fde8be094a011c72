# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of granting entries on any object and of taking them back: tables, and what holds for every list."""

from __future__ import annotations

from collections import Counter

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import ace_plan
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    Control,
    SecurityDescriptor,
    canonical_order,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl, to_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.dacls import aces
from hypothesis import given
from hypothesis import strategies as st

#: Write of one property on the direct children of one class.
CHILDREN = "(OA;CIIONP;WP;other;enroll;X)"


def ace(text: str) -> Ace:
    (found,) = aces(text)
    assert isinstance(found, Ace)
    return found


@pytest.mark.parametrize(
    ("have", "wanted"),
    [
        ("(OA;;CC;other;;X)", "(OA;;CC;other;;X)"),
        ("(A;;CC;;;X)", "(OA;;CC;other;;X)"),
        ("(A;;GA;;;X)", "(OA;;CC;other;;X)"),
        ("(A;CI;GA;;;X)", "(OA;;CC;other;;X)"),
        ("(A;CIID;GA;;;X)", "(OA;;CC;other;;X)"),
        ("(A;;CC;;;X)(A;;DC;;;X)", "(A;;CCDC;;;X)"),
        ("(OA;;WP;other;;X)(A;;RP;;;X)", "(OA;;RPWP;other;;X)"),
        ("(A;;GR;;;X)", "(A;;LCRPRC;;;X)"),
        ("(A;CI;GA;;;X)", CHILDREN),
        ("(A;CIIO;GA;;;X)", CHILDREN),
        ("(OA;CIIO;WP;other;enroll;X)", CHILDREN),
        ("(OA;CIIONP;WP;;enroll;X)", CHILDREN),
    ],
)
def test_granted_already(have: str, wanted: str) -> None:
    assert ace_plan.is_granted(aces(have), ace(wanted))
    assert ace_plan.plan_grant(aces(have), [ace(wanted)]) == aces(have)


@pytest.mark.parametrize(
    ("have", "wanted"),
    [
        ("", "(OA;;CC;other;;X)"),
        ("(OA;;CC;other;;Y)", "(OA;;CC;other;;X)"),
        ("(OA;;CC;enroll;;X)", "(OA;;CC;other;;X)"),
        ("(OA;;CC;other;;X)", "(A;;CC;;;X)"),
        ("(OD;;CC;other;;X)", "(OA;;CC;other;;X)"),
        ("(A;;CC;;;X)", "(A;;CCDC;;;X)"),
        ("(A;CIIO;GA;;;X)", "(OA;;CC;other;;X)"),
        ("(A;;GA;;;X)", CHILDREN),
        ("(OA;CIIO;WP;other;autoenroll;X)", CHILDREN),
        ("(OA;CIIONP;WP;other;enroll;X)", "(OA;CIIO;WP;other;enroll;X)"),
        ("(OA;CIIO;WP;other;enroll;X)", "(OA;CIIO;WP;other;;X)"),
        ("(OA;CIIO;WP;other;enroll;X)", "(OA;CI;WP;other;enroll;X)"),
        ('(XA;;GA;;;X;(@User.Title=="PKI"))', "(A;;CC;;;X)"),
    ],
)
def test_not_granted_yet(have: str, wanted: str) -> None:
    before = aces(have) if "XA" not in have else (Ace(0x09, 0, 0x10000000, dacls.SIDS["X"], application_data=b"artx"),)
    assert not ace_plan.is_granted(before, ace(wanted))
    assert Counter(ace_plan.plan_grant(before, [ace(wanted)])) == Counter((*before, ace(wanted)))


@pytest.mark.parametrize(
    ("have", "wanted", "denied"),
    [
        ("(OD;;CC;other;;X)", "(OA;;CC;other;;X)", True),
        ("(D;;CCDC;;;X)", "(OA;;CC;other;;X)", True),
        ("(D;;GA;;;X)", CHILDREN, False),
        ("(D;CI;GA;;;X)", CHILDREN, True),
        ("(OD;CIIO;WP;;enroll;X)", CHILDREN, True),
        ("(OD;CIIO;WP;;autoenroll;X)", CHILDREN, False),
        ("(D;CIIO;GA;;;X)", "(OA;;CC;other;;X)", False),
        # What is inherited comes after the object's own entries.
        ("(D;CIID;GA;;;X)", "(OA;;CC;other;;X)", False),
        ("(D;;GA;;;Y)", "(OA;;CC;other;;X)", False),
        ("(D;;DC;;;X)", "(OA;;CC;other;;X)", False),
        ("(OD;;CC;enroll;;X)", "(OA;;CC;other;;X)", False),
        ("(A;;GA;;;X)", "(OA;;CC;other;;X)", False),
    ],
)
def test_denials(have: str, wanted: str, denied: bool) -> None:
    assert (ace_plan.denial(aces(have), ace(wanted)) is not None) is denied


def test_the_place_of_a_new_entry() -> None:
    before = aces("(D;;WP;;;Y)(A;;RP;;;Y)(A;CIID;GA;;;Z)")
    assert ace_plan.plan_grant(before, [ace("(OA;;CC;other;;X)")]) == aces(
        "(D;;WP;;;Y)(A;;RP;;;Y)(OA;;CC;other;;X)(A;CIID;GA;;;Z)"
    )


def test_only_the_list_is_sent() -> None:
    read = from_sddl("O:DAG:DAD:PAI(A;;RP;;;AU)S:AI(AU;SA;WP;;;WD)", dacls.DOMAIN, dacls.DOMAIN)
    sent = ace_plan.dacl_only(read)
    assert to_sddl(sent) == "D:PAI(A;;RP;;;AU)"
    assert sent.control & (Control.SACL_PRESENT | Control.SACL_AUTO_INHERITED) == 0
    assert SecurityDescriptor.from_bytes(sent.to_bytes()) == sent


wishes = st.lists(st.one_of(dacls.plain_aces, dacls.object_aces).filter(lambda found: found.type in (0, 5)), max_size=4)
#: Inherited entries cannot be given.
own_wishes = wishes.map(lambda found: [entry for entry in found if not entry.inherited])


@given(dacls.dacls, own_wishes)
def test_granting(before: dacls.Aces, wanted: list[Ace]) -> None:
    after = ace_plan.plan_grant(before, wanted)
    assert all(ace_plan.is_granted(after, entry) for entry in wanted)
    assert not Counter(before) - Counter(after)
    assert set(after) - set(before) <= set(wanted)
    assert after is before or after == canonical_order(after)
    assert ace_plan.plan_grant(after, wanted) is after


@given(dacls.dacls, own_wishes)
def test_taking_back_what_was_granted(before: dacls.Aces, wanted: list[Ace]) -> None:
    ordered = canonical_order(entry for entry in before if entry not in wanted)
    assert ace_plan.plan_revoke(ace_plan.plan_grant(ordered, wanted), wanted) == ordered


@given(dacls.dacls, own_wishes)
def test_taking_back(before: dacls.Aces, unwanted: list[Ace]) -> None:
    after = ace_plan.plan_revoke(before, unwanted)
    assert list(after) == [entry for entry in before if entry not in unwanted]
    assert ace_plan.plan_revoke(after, unwanted) is after
