# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of what becomes of an access control list when rights are added, removed or set."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import DENY, AnyAce, Entry, granted, kind_of
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_plan import RightsEdit, plan_rights
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    RawAce,
    canonical_order,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import ace_from_body
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.dacls import aces, text
from hypothesis import given, settings

X = dacls.SIDS["X"]

FULL, MANAGE = "CCDCLCSWRPWPDTLOCRSDRCWDWO", "CCDCLCSWRPWPDTLOSDRCWDWO"


def edit(**lists: str) -> RightsEdit:
    """An edit from lists of entries: `X enroll read, deny Y full_control, X`."""

    def entry(described: str) -> Entry:
        words = described.split()
        kind = words.pop(0) if words[0] == "deny" else "allow"
        return Entry(dacls.SIDS[words[0]], kind, frozenset(words[1:]))

    return RightsEdit(
        **{
            key: tuple(entry(described.strip()) for described in described_list.split(",") if described.strip())
            for key, described_list in lists.items()
        }
    )


def plan(before: str, wanted: RightsEdit) -> str:
    """The list afterwards; an unchanged one is marked, so that the two cannot be mistaken for each other."""
    entries = aces(before)
    after = plan_rights(entries, wanted)
    assert plan_rights(after, wanted) is after
    return "the same" if after is entries else text(after)


@pytest.mark.parametrize(
    ("before", "add", "after"),
    [
        pytest.param("", "X enroll", "(OA;;CR;enroll;;X)", id="first"),
        pytest.param(
            "(A;;LCRPRC;;;Y)", "X read enroll", "(OA;;CR;enroll;;X)(A;;LCRPRC;;;Y)(A;;LCRPRC;;;X)", id="beside others"
        ),
        pytest.param("(OA;;RPWPCR;enroll;;X)", "X enroll", "the same", id="in another form"),
        pytest.param("(A;;CR;;;X)", "X enroll autoenroll", "the same", id="by all extended rights"),
        pytest.param("(A;ID;LCRPRC;;;X)", "X read", "the same", id="by inheritance"),
        pytest.param(f"(A;;{FULL};;;X)", "X read write enroll manage", "the same", id="by full control"),
        pytest.param(f"(A;;{MANAGE};;;X)", "X full_control", "the same", id="full control of another form"),
        pytest.param(
            f"(A;;{MANAGE};;;X)",
            "X full_control enroll",
            f"(OA;;CR;enroll;;X)(A;;{MANAGE};;;X)",
            id="full control that cannot enroll",
        ),
        pytest.param("(A;;LCRPRC;;;X)", "X write", "(A;;LCRPWPLORCWDWO;;;X)", id="entry is widened"),
        pytest.param("(A;;LCRPRC;;;X)", "X full_control", f"(A;;{FULL};;;X)", id="entry is widened to full control"),
        pytest.param("(A;;GR;;;X)", "X write", "(A;;LCRPWPLORCWDWO;;;X)", id="generic entry is widened"),
        pytest.param("(A;;LCRPRCSD;;;X)", "X write", "(A;;LCRPWPLOSDRCWDWO;;;X)", id="bits without a word stay"),
        pytest.param("(A;CI;LCRPRC;;;X)", "X write", "(A;CI;LCRPWPLORCWDWO;;;X)", id="flags of a widened entry stay"),
        pytest.param(
            "(A;CIIO;LCRPRC;;;X)", "X read", "(A;CIIO;LCRPRC;;;X)(A;;LCRPRC;;;X)", id="entry for children is none"
        ),
        pytest.param("(A;ID;LCRPRC;;;X)", "X write", "(A;;WPWDWO;;;X)(A;ID;LCRPRC;;;X)", id="beside what is inherited"),
        pytest.param("(A;;LCRPRC;;;X)", "X enroll", "(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)", id="object entries first"),
        pytest.param(
            "(D;;SD;;;Y)(A;;LCRPRC;;;X)",
            "X enroll",
            "(D;;SD;;;Y)(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)",
            id="after denials",
        ),
        pytest.param("(OA;;CR;other;;X)", "X enroll", "(OA;;CR;enroll;;X)(OA;;CR;other;;X)", id="another object right"),
        pytest.param("(A;;LCRPRC;;;X)", "deny X enroll", "(OD;;CR;enroll;;X)(A;;LCRPRC;;;X)", id="denial"),
        pytest.param("(OD;;CR;enroll;;X)", "deny X enroll", "the same", id="denial that is there"),
        pytest.param("(D;;SD;;;X)", "X read", "(D;;SD;;;X)(A;;LCRPRC;;;X)", id="beside the denial of something else"),
        pytest.param(
            "(A;;LCRPRC;;;Y)(D;;SD;;;Z)", "Y read", "the same", id="order that is not canonical is not repaired alone"
        ),
        pytest.param(
            "(A;;LCRPRC;;;Y)(D;;SD;;;Z)",
            "X read",
            "(D;;SD;;;Z)(A;;LCRPRC;;;Y)(A;;LCRPRC;;;X)",
            id="order is made canonical with a change",
        ),
        pytest.param(
            "(XA;;GA;;;X;#61727478)(0x04;CI;#0102)",
            "X read",
            "(XA;;GA;;;X;#61727478)(0x04;CI;#0102)(A;;LCRPRC;;;X)",
            id="conditional and unknown entries grant nothing and stay",
        ),
        pytest.param(
            "(A;ID;LCRPRC;;;X)(D;ID;CR;;;X)",
            "X enroll",
            "(OA;;CR;enroll;;X)(D;ID;CR;;;X)(A;ID;LCRPRC;;;X)",
            id="own entries come before an inherited denial",
        ),
    ],
)
def test_add(before: str, add: str, after: str) -> None:
    assert plan(before, edit(add=add)) == after


@pytest.mark.parametrize(
    ("before", "remove", "after"),
    [
        pytest.param("", "X enroll", "the same", id="nobody"),
        pytest.param("(A;;LCRPRC;;;Y)", "X", "the same", id="somebody else"),
        pytest.param("(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)", "X enroll", "(A;;LCRPRC;;;X)", id="one right"),
        pytest.param("(OA;;RPWPCR;enroll;;X)(A;;LCRPRC;;;Y)", "X enroll", "(A;;LCRPRC;;;Y)", id="in any form"),
        pytest.param("(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)(OA;;CR;other;;X)(A;;SD;;;Y)", "X", "(A;;SD;;;Y)", id="all"),
        pytest.param("(A;;LCRPRC;;;X)(D;;SD;;;X)", "X", "(D;;SD;;;X)", id="all that is allowed"),
        pytest.param("(A;;LCRPRC;;;X)(D;;SD;;;X)", "deny X", "(A;;LCRPRC;;;X)", id="all that is denied"),
        pytest.param("(A;;LCRPWPLORCWDWO;;;X)", "X write", "(A;;LCRPLORC;;;X)", id="entry is narrowed"),
        pytest.param("(A;;SWWPWDWO;;;X)", "X write", "", id="write of PSPKI"),
        pytest.param(f"(A;;{FULL};;;X)", "X full_control", "", id="full control"),
        pytest.param(f"(OA;;CR;enroll;;X)(A;;{MANAGE};;;X)", "X full_control", "", id="full control in two entries"),
        pytest.param(f"(OA;;CR;enroll;;X)(A;;{MANAGE};;;X)", "X manage", "(OA;;CR;enroll;;X)", id="management"),
        pytest.param(
            "(A;;LCRPLORC;;;X)(OA;;CR;enroll;;X)", "X full_control", "the same", id="full control that was never had"
        ),
        pytest.param("(A;;LCRPLORC;;;X)", "X manage", "the same", id="management that was never had"),
        pytest.param("(A;;LCRPLORC;;;X)", "X manage read", "", id="management that was never had, and read"),
        pytest.param("(A;;CR;;;X)", "X enroll", "(OA;;CR;autoenroll;;X)", id="one of all extended rights"),
        pytest.param("(A;;CR;;;X)", "X enroll autoenroll", "", id="both of all extended rights"),
        pytest.param(
            f"(A;;{FULL};;;X)", "X enroll", f"(OA;;CR;autoenroll;;X)(A;;{MANAGE};;;X)", id="one of full control"
        ),
        pytest.param("(A;;GA;;;X)", "X autoenroll", f"(OA;;CR;enroll;;X)(A;;{MANAGE};;;X)", id="one of generic all"),
        pytest.param("(A;;LCRPRCSD;;;X)", "X read", "(A;;SD;;;X)", id="bits without a word stay"),
        pytest.param("(A;CIIO;LCRPRC;;;X)", "X read", "the same", id="entry for children"),
        pytest.param("(OA;;CRWP;other;;X)", "X write enroll", "the same", id="entry of another object right"),
        pytest.param("(XA;;GA;;;X;#61727478)(0x04;;#0102)", "X", "the same", id="conditional and unknown entries"),
        pytest.param("(A;;LCRPRC;;;X)(A;ID;LCRPRC;;;Y)", "X", "(A;ID;LCRPRC;;;Y)", id="beside what is inherited"),
        pytest.param("(OD;;CR;enroll;;X)(OA;;CR;enroll;;X)", "deny X enroll", "(OA;;CR;enroll;;X)", id="denial"),
    ],
)
def test_remove(before: str, remove: str, after: str) -> None:
    assert plan(before, edit(remove=remove)) == after


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        pytest.param("", "", "the same", id="nothing of nothing"),
        pytest.param("(A;;LCRPRC;;;X)", "", "", id="nothing"),
        pytest.param("", "X read enroll", "(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)", id="all new"),
        pytest.param("(A;;LCRPLORC;;;X)(OA;;RPWPCR;enroll;;X)", "X enroll, X read", "the same", id="other forms"),
        pytest.param("(A;;LCRPRC;;;Y)(A;;LCRPRC;;;X)", "X read, Y read", "the same", id="order"),
        pytest.param("(A;;LCRPLORC;;;X)(A;;SD;;;Y)", "X read", "(A;;LCRPLORC;;;X)", id="others go"),
        pytest.param("(A;;LCRPRCSD;;;X)", "X read", "(A;;LCRPRC;;;X)", id="bits without a word go"),
        pytest.param("(A;;LCRPWPLORCWDWO;;;X)", "X write", "(A;;WPWDWO;;;X)", id="read goes"),
        pytest.param("(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)", "X enroll", "(OA;;CR;enroll;;X)", id="read goes too"),
        pytest.param("(OA;;CR;enroll;;X)(OA;;CR;other;;X)", "X enroll", "(OA;;CR;enroll;;X)", id="other objects go"),
        pytest.param("(A;;CR;;;X)", "X enroll", "(OA;;CR;enroll;;X)", id="all extended rights are more than one"),
        pytest.param(f"(A;;{FULL};;;X)", "X manage", f"(A;;{MANAGE};;;X)", id="full control is more than management"),
        pytest.param(f"(A;;{MANAGE};;;X)", "X full_control", "the same", id="management looks like full control"),
        pytest.param(f"(A;;{MANAGE};;;X)", "X manage read write", "the same", id="read and write are in it"),
        pytest.param(f"(A;;{MANAGE};;;X)", "X read", "(A;;LCRPRC;;;X)", id="management is more than read"),
        pytest.param("(A;;LCRPRC;;;X)(A;;WPWDWO;;;X)", "X read write", "the same", id="in two entries"),
        pytest.param("(A;CI;LCRPRC;;;X)", "X read", "the same", id="for children as well"),
        pytest.param("(A;CIIO;LCRPRC;;;X)(A;;LCRPRC;;;X)", "X read", "(A;;LCRPRC;;;X)", id="for children only"),
        pytest.param(
            "(A;;LCRPRC;;;X)(A;ID;GA;;;Y)", "X read enroll", "(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)(A;ID;GA;;;Y)",
            id="what is inherited stays",
        ),
        pytest.param("(A;ID;LCRPRC;;;X)", "X read", "(A;;LCRPRC;;;X)(A;ID;LCRPRC;;;X)", id="is said by itself"),
        pytest.param("(0x04;;#0102)(A;;LCRPRC;;;X)", "X read", "(A;;LCRPRC;;;X)", id="unknown entries go"),
        pytest.param("(OD;;CR;enroll;;X)(A;;LCRPRC;;;X)", "X read, deny X enroll", "the same", id="denial"),
        pytest.param("(A;;SD;;;X)", "X read, deny X enroll", "(OD;;CR;enroll;;X)(A;;LCRPRC;;;X)", id="denial first"),
    ],
)  # fmt: skip
def test_set(before: str, wanted: str, after: str) -> None:
    assert plan(before, edit(set=wanted)) == after


@pytest.mark.parametrize(
    ("before", "lists", "after"),
    [
        pytest.param(
            "(A;;LCRPRC;;;Y)",
            {"set": "X read", "add": "X enroll"},
            "(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)",
            id="set and add",
        ),
        pytest.param(
            "(A;;LCRPRC;;;Y)(A;;SD;;;Z)",
            {"remove": "Y", "add": "X read"},
            "(A;;SD;;;Z)(A;;LCRPRC;;;X)",
            id="remove and add",
        ),
        pytest.param(
            "(A;;LCRPRCSD;;;X)", {"remove": "X", "add": "X read"}, "(A;;LCRPRC;;;X)", id="all of one principal anew"
        ),
        pytest.param(
            "(OD;;CR;enroll;;X)",
            {"remove": "deny X", "add": "X enroll"},
            "(OA;;CR;enroll;;X)",
            id="denial makes room",
        ),
    ],
)
def test_lists_together(before: str, lists: dict[str, str], after: str) -> None:
    assert plan(before, edit(**lists)) == after


def _exact(words: str, access: int, kind: str = "allow") -> Entry:
    return Entry(X, kind, frozenset(words.split()), access)


def _whole(body: str) -> Entry:
    return Entry(X, ace=ace_from_body(body.replace("other", str(dacls.OTHER)), X))


@pytest.mark.parametrize(
    ("before", "lists", "after"),
    [
        pytest.param("", {"add": _exact("enroll", 0x130)}, "(OA;;RPWPCR;enroll;;X)", id="exact enroll"),
        pytest.param(
            "(OA;;CR;enroll;;X)", {"add": _exact("enroll", 0x130)}, "(OA;;RPWPCR;enroll;;X)", id="takes the place"
        ),
        pytest.param("(A;;LCRPRC;;;X)", {"add": _exact("read", 0x20094)}, "(A;;LCRPLORC;;;X)", id="exact read"),
        pytest.param("(A;;LCRPLORC;;;X)", {"add": _exact("read", 0x20094)}, "the same", id="exact read that is there"),
        pytest.param(
            "(A;ID;LCRPLORC;;;X)",
            {"add": _exact("read", 0x20094)},
            "(A;;LCRPLORC;;;X)(A;ID;LCRPLORC;;;X)",
            id="inherited is another entry",
        ),
        pytest.param(
            "(A;;LCRPRC;;;X)", {"remove": _exact("read", 0x20094)}, "the same", id="another form is not meant"
        ),
        pytest.param("(A;;LCRPRC;;;X)", {"remove": _exact("read", 0x20014)}, "", id="exact removal"),
        pytest.param("", {"add": _whole("OA;CI;WP;other;")}, "(OA;CI;WP;other;;X)", id="whole entry"),
        pytest.param("(OA;CI;WP;other;;X)", {"add": _whole("OA;CI;WP;other;")}, "the same", id="whole entry is there"),
        pytest.param("(OA;CI;WP;other;;X)(A;;SD;;;Y)", {"remove": _whole("OA;CI;WP;other;")}, "(A;;SD;;;Y)", id="goes"),
        pytest.param(
            "(A;;LCRPRC;;;X)", {"set": _whole("XA;;RP;;;;#61727478")}, "(XA;;RP;;;X;#61727478)", id="condition is set"
        ),
        pytest.param(
            "(XA;;RP;;;X;#61727478)", {"set": _whole("XA;;RP;;;;#61727478")}, "the same", id="condition is there"
        ),
        pytest.param("(A;;LCRPRC;;;X)", {"set": _exact("read", 0x20094)}, "(A;;LCRPLORC;;;X)", id="exact form is set"),
    ],
)
def test_exact_entries(before: str, lists: dict[str, Entry], after: str) -> None:
    assert plan(before, RightsEdit(**{key: (entry,) for key, entry in lists.items()})) == after


def test_exact_and_worded_entries_of_one_principal() -> None:
    wanted = RightsEdit(set=(_exact("enroll", 0x130), Entry(X, rights=frozenset({"read"}))))
    assert plan("(A;;LCRPLORC;;;X)(OA;;CR;enroll;;X)", wanted) == "(OA;;RPWPCR;enroll;;X)(A;;LCRPLORC;;;X)"


@pytest.mark.parametrize(
    ("before", "lists", "message"),
    [
        pytest.param(
            "(OD;;CR;enroll;;X)",
            {"add": "X enroll read"},
            "rights: enroll for {X} would have no effect, since an entry denies it; remove that one (type: deny) first",
            id="denied",
        ),
        pytest.param(
            "(OD;;CR;enroll;;X)(OA;;CR;enroll;;X)",
            {"add": "X enroll"},
            "rights: enroll for {X} would have no effect, since an entry denies it; remove that one (type: deny) first",
            id="denied and allowed",
        ),
        pytest.param(
            "(D;;WO;;;X)",
            {"add": "X write"},
            "rights: write for {X} would have no effect, since an entry denies it; remove that one (type: deny) first",
            id="denied in part",
        ),
        pytest.param(
            "(D;ID;CR;;;X)(A;ID;CR;;;X)",
            {"add": "X enroll"},
            "rights: enroll for {X} would have no effect, since an entry denies it; remove that one (type: deny) first",
            id="denied where it is allowed",
        ),
        pytest.param(
            "",
            {"set": "X enroll, deny X enroll"},
            "rights: enroll for {X} would have no effect, since an entry denies it; remove that one (type: deny) first",
            id="wish that denies itself",
        ),
        pytest.param(
            "(A;ID;LCRPRC;;;X)",
            {"remove": "X read"},
            "rights: read of {X} is inherited from the container and cannot be removed on the template",
            id="inherited",
        ),
        pytest.param(
            "(A;;CR;;;X)(OA;ID;CR;enroll;;X)(OA;ID;CR;autoenroll;;X)",
            {"remove": "X"},
            "rights: autoenroll, enroll of {X} is inherited from the container and cannot be removed on the template",
            id="all of it, some inherited",
        ),
    ],
)
def test_wishes_that_cannot_be_reached_are_refused(before: str, lists: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=f"^{re.escape(message.format(X=X))}$"):
        plan_rights(aces(before), edit(**lists))


def test_denial_of_a_part_may_stand_beside_what_is_set() -> None:
    wanted = edit(set="X manage, deny X write")
    assert plan("", wanted) == f"(D;;WPWDWO;;;X)(A;;{MANAGE};;;X)"


def _of_others(entries: dacls.Aces, wanted: RightsEdit) -> list[AnyAce]:
    """The entries that no part of the edit speaks about."""
    meant = {(entry.sid, entry.type) for entry in (*(wanted.add or ()), *(wanted.remove or ()), *(wanted.set or ()))}
    return [
        ace
        for ace in entries
        if not isinstance(ace, Ace) or kind_of(ace) is None or ace.inherited or (ace.sid, kind_of(ace)) not in meant
    ]


@settings(deadline=None)
@given(dacls.dacls, dacls.edits)
def test_plan(before: dacls.Aces, wanted: RightsEdit) -> None:
    try:
        after = plan_rights(before, wanted)
    except OptionError:
        return
    # Once is enough.
    assert plan_rights(after, wanted) is after
    if after is not before:
        assert after != before
        assert after == canonical_order(after)
    # Who is to have a right has it. A word in `set` says all of it.
    for entry in (*(wanted.set or ()), *(wanted.add or ())):
        assert all(granted(after, entry.sid, entry.type).has(word) for word in entry.rights)
    if wanted.set is None:
        for entry in wanted.remove or ():
            kept = [other for other in wanted.add or () if (other.sid, other.type) == (entry.sid, entry.type)]
            if not kept:
                left = granted(after, entry.sid, entry.type)
                assert not any(left.has(word) for word in entry.rights or ("read", "write", "enroll", "autoenroll"))
        # Entries of others, inherited ones and those of unknown kinds are the same, byte for byte.
        others = _of_others(before, wanted)
        assert [ace.to_bytes() for ace in canonical_order(others)] == [
            ace.to_bytes() for ace in canonical_order(_of_others(after, wanted))
        ]
    else:
        assert [ace for ace in after if ace.inherited] == list(
            canonical_order(ace for ace in before if ace.inherited)
        ) or after is before
        meant = {entry.sid for entry in (*wanted.set, *(wanted.add or ()))}
        own = [ace for ace in after if not ace.inherited]
        assert all(isinstance(ace, Ace) and ace.sid in meant for ace in own)
        said = {
            (sid, kind): frozenset[str]().union(
                *(
                    entry.rights
                    for entry in (*wanted.set, *(wanted.add or ()))
                    if (entry.sid, entry.type) == (sid, kind)
                )
            )
            for sid in meant
            for kind in ("allow", DENY)
        }
        for (sid, kind), words in said.items():
            have = granted(own, sid, kind)
            extended = {"enroll", "autoenroll"}
            allowed = extended if "full_control" in words else words & extended
            assert have.extended <= allowed
            if not words:
                assert have.mask == 0


@settings(deadline=None)
@given(dacls.dacls)
def test_nothing_asked_is_nothing_done(before: dacls.Aces) -> None:
    assert plan_rights(before, RightsEdit()) is before
    assert plan_rights(before, RightsEdit(add=(), remove=())) is before


def test_set_of_nothing_leaves_what_is_inherited() -> None:
    before: dacls.Aces = (RawAce(0x04, 0x10, b"\1"), *aces("(A;ID;GA;;;Y)(A;;GA;;;X)"))
    assert plan_rights(before, RightsEdit(set=())) == (RawAce(0x04, 0x10, b"\1"), *aces("(A;ID;GA;;;Y)"))
