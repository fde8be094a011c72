# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the plan of a delegation: what is added, what stands already, and what is taken back."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.delegation.plan import Place, Plan, plan_delegation
from ansible_collections.certops.intune.plugins.module_utils.delegation.rights import PLACES, TASKS, rights_of
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import Control, SecurityDescriptor
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.directory.schema import CLASSES
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl, to_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls
from hypothesis import given
from hypothesis import strategies as st

SID = dacls.SIDS["X"]
DN = "CN=Certificate Templates,DC=corp,DC=example"
CREATE = f"(OA;;CC;{CLASSES['pKICertificateTemplate']};;{SID})"


def place(sddl: str, kind: str = "templates_container") -> Place:
    return Place(kind, DN, from_sddl(sddl, dacls.DOMAIN, dacls.DOMAIN))


def plan(*places: Place, present: bool = True) -> Plan:
    return plan_delegation(places, ["templates"], SID, "CORP\\Operators", present=present)


def standing(found: Plan) -> list[tuple[str, str]]:
    return [(entry.before, entry.after) for entry in found.entries]


def test_what_is_missing_is_added_and_the_rest_stays() -> None:
    found = plan(place("O:EAG:EAD:PAI(A;;GR;;;AU)(A;CIID;GA;;;EA)"))
    assert standing(found) == [("none", "own")]
    (change,) = found.changes
    assert to_sddl(change.security, dacls.DOMAIN, dacls.DOMAIN) == f"O:EAG:EAD:PAI(A;;GR;;;AU){CREATE}(A;CIID;GA;;;EA)"
    (entry,) = found.entries
    assert (entry.right.words, f"({entry.sddl})") == ("create certificate templates", CREATE)


@pytest.mark.parametrize(
    ("sddl", "before"), [(f"D:{CREATE}", "own"), (f"D:(A;;CC;;;{SID})", "wider"), (f"D:(A;CIID;GA;;;{SID})", "wider")]
)
def test_what_stands_is_left(sddl: str, before: str) -> None:
    found = plan(place(sddl))
    assert (standing(found), found.changes) == ([(before, before)], ())


def test_taking_back_leaves_wider_entries() -> None:
    found = plan(place(f"D:{CREATE}(A;;CC;;;{SID})"), present=False)
    assert standing(found) == [("own", "wider")]
    (change,) = found.changes
    assert to_sddl(change.security) == f"D:(A;;CC;;;{SID})"
    nothing = plan(place(f"D:(A;;CC;;;{SID})"), present=False)
    assert (standing(nothing), nothing.changes) == ([("wider", "wider")], ())


def test_objects_that_a_task_does_not_concern_are_left() -> None:
    assert plan(place("D:", "unit")) == Plan((), ())


def test_what_is_denied_is_refused_when_it_is_to_be_given() -> None:
    denied = place(f"D:(D;;CC;;;{SID})")
    with pytest.raises(OptionError) as refused:
        plan(denied)
    assert str(refused.value) == (
        f"principal: CORP\\Operators cannot be given 'create certificate templates' on {DN}: the entry (D;;CC;;;{SID}) "
        "denies it; remove that one first"
    )
    assert plan(denied, present=False).changes == ()


@pytest.mark.parametrize("present", [True, False])
def test_an_object_without_a_list_is_refused(present: bool) -> None:
    with pytest.raises(ValueError, match="has no access control list: everybody may do everything; repair that first"):
        plan(Place("templates_container", DN, SecurityDescriptor(Control.DACL_PRESENT)), present=present)


#: Lists in which the principal is denied nothing.
lists = dacls.dacls.map(lambda aces: tuple(ace for ace in aces if ace.type not in (1, 6)))


@given(lists, st.sampled_from(sorted(PLACES)), st.sets(st.sampled_from(TASKS)))
def test_granted_once_and_taken_back_exactly(aces: dacls.Aces, kind: str, tasks: set[str]) -> None:
    wanted = {right.ace(SID) for right in rights_of(tasks, kind)}
    before = Place(kind, DN, SecurityDescriptor(0).with_dacl(ace for ace in aces if ace not in wanted))
    granted = plan_delegation([before], tasks, SID, "X", present=True)
    after = Place(kind, DN, granted.changes[0].security) if granted.changes else before
    assert all(entry.after in ("own", "wider") for entry in granted.entries)
    assert not plan_delegation([after], tasks, SID, "X", present=True).changes
    back = plan_delegation([after], tasks, SID, "X", present=False)
    restored = back.changes[0].security if back.changes else after.security
    assert restored.dacl is not None
    assert before.security.dacl is not None
    assert sorted(map(repr, restored.dacl.aces)) == sorted(map(repr, before.security.dacl.aces))
