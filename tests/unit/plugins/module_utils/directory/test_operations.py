# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the loop that carries out operations, on a directory in memory."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import Control, SecurityDescriptor
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import (
    AlreadyExists,
    ConcurrentChange,
    DirectoryError,
    OutcomeUnknown,
    error,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.operations import (
    SECURITY,
    Add,
    Check,
    Delete,
    Modify,
    Operation,
    Step,
    as_read,
    differences,
    exchange,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.plugins.module_utils.directory.writing import apply

from .stand_in import StandIn, lost, notes_of, refused

DOMAIN = Sid.parse("S-1-5-21-1-2-3")
OID = Step(Add("CN=oid", {"flags": [b"1"]}), undo=(Delete("CN=oid"),))
TEMPLATE = Step(Add("CN=template", {"cn": [b"template"]}))
CHANGE = Step(
    Modify("CN=old", exchange("flags", [b"1"], [b"2"])),
    undo=(Modify("CN=old", exchange("flags", [b"2"], [b"1"])),),
)
UNPUBLISH = Step(
    Modify("CN=ca", (Change("delete", "certificateTemplates", (b"X",)),)),
    undo=(Modify("CN=ca", (Change("add", "certificateTemplates", (b"X",)),)),),
)


def directory() -> StandIn:
    return StandIn(ca={"certificateTemplates": [b"X", b"Y"]}, old={"flags": [b"1"], "displayName": [b"Old"]})


def run(session: StandIn, steps: t.Iterable[Step]) -> list[float]:
    """The pauses that were made."""
    pauses: list[float] = []
    apply(session, steps, pause=pauses.append)
    return pauses


def failure(session: StandIn, *steps: Step) -> DirectoryError:
    with pytest.raises(DirectoryError) as caught:
        run(session, steps)
    return caught.value


def sddl(text: str) -> bytes:
    return from_sddl(text, DOMAIN, DOMAIN).to_bytes()


def test_operations_are_carried_out_in_order_after_one_read_of_each_existing_object() -> None:
    session = directory()
    steps = [OID, TEMPLATE, CHANGE, Step(Check("CN=ca", without={"certificateTemplates": (b"Z",)})), UNPUBLISH]
    run(session, [*steps, Step(Delete("CN=old"))])
    assert session.notes == [
        ("read", "CN=old"),
        ("read", "CN=ca"),
        ("add", "CN=oid"),
        ("add", "CN=template"),
        ("modify", "CN=old"),
        ("modify", "CN=ca"),
        ("delete", "CN=old"),
    ]
    assert session.objects == {
        "CN=ca": {"certificateTemplates": [b"Y"]},
        "CN=oid": {"flags": [b"1"]},
        "CN=template": {"cn": [b"template"]},
    }


def test_what_a_step_makes_is_not_looked_for_before() -> None:
    session = StandIn()
    run(session, [OID, Step(Modify("CN=oid", exchange("flags", [b"1"], [b"2"])))])
    assert session.notes == [("add", "CN=oid"), ("modify", "CN=oid")]


def test_no_operations_are_no_conversation() -> None:
    session = directory()
    run(session, [])
    assert session.notes == []


def test_failure_takes_back_what_was_done_last_first_and_nothing_else() -> None:
    session = directory()
    before = dict(session.objects)
    session.around["add", "CN=template"] = refused
    exc = failure(session, OID, UNPUBLISH, CHANGE, TEMPLATE, Step(Delete("CN=old")))
    assert (exc.code, notes_of(exc)) == ("insufficient_rights", [])
    assert session.writes[4:] == [("modify", "CN=old"), ("modify", "CN=ca"), ("delete", "CN=oid")]
    assert {dn: {k: sorted(v) for k, v in values.items()} for dn, values in session.objects.items()} == before


def test_failure_of_the_first_step_takes_back_nothing() -> None:
    session = directory()
    session.around["add", "CN=oid"] = refused
    failure(session, OID, TEMPLATE)
    assert session.notes == [("add", "CN=oid")]


def test_failure_to_take_back_is_noted_and_the_rest_is_still_taken_back() -> None:
    session = directory()
    session.around["add", "CN=template"] = refused

    def only_once(write: t.Callable[[], None]) -> None:
        (refused if ("add", "CN=template") in session.notes else bool)(write)
        write()

    session.around["modify", "CN=ca"] = only_once
    exc = failure(session, OID, UNPUBLISH, TEMPLATE)
    (note,) = notes_of(exc)
    assert note.startswith("Could not take back the step before it: Failed to write (CN=refused)")
    assert session.writes[-1] == ("delete", "CN=oid")


def guarded(**expected: list[bytes]) -> Step:
    return Step(Modify("CN=old", exchange("flags", [b"1"], [b"2"]), expected=expected))


@pytest.mark.parametrize(
    ("step", "attempted", "changed"),
    [
        pytest.param(guarded(flags=[b"0"]), "change CN=old", "flags", id="the same attribute"),
        pytest.param(
            guarded(flags=[b"1"], displayName=[b"New"]), "change CN=old", "displayName", id="another attribute"
        ),
        pytest.param(guarded(displayName=[]), "change CN=old", "displayName", id="one that came"),
        pytest.param(guarded(cn=[b"old"], flags=[b"7"]), "change CN=old", "cn, flags", id="one that went"),
        pytest.param(
            Step(Modify("CN=old", exchange("flags", [b"5"], [b"2"]))), "change CN=old", "flags", id="a value to delete"
        ),
        pytest.param(
            Step(Modify("CN=ca", (Change("add", "certificateTemplates", (b"Y",)),))),
            "change CN=ca",
            "certificateTemplates",
            id="a value to add",
        ),
        pytest.param(Step(Delete("CN=old", {"flags": [b"0"]})), "delete CN=old", "flags", id="deletion"),
        pytest.param(Step(Delete("CN=gone")), "delete CN=gone", None, id="deleted"),
        pytest.param(
            Step(Check("CN=ca", without={"certificateTemplates": (b"y",)})),
            "rely on CN=ca",
            "certificateTemplates",
            id="a value that came",
        ),
        pytest.param(
            Step(Check("CN=ca", {"certificateTemplates": [b"X"]})),
            "rely on CN=ca",
            "certificateTemplates",
            id="what is relied on",
        ),
    ],
)
def test_what_changed_since_planning_is_refused_before_the_first_write(
    step: Step, attempted: str, changed: str | None
) -> None:
    session = directory()
    with pytest.raises(ConcurrentChange) as caught:
        run(session, [OID, step])
    verb, _space, dn = attempted.rpartition(" ")
    detail = f"changed since it was read: {changed}" if changed else "it was deleted since it was read"
    assert str(caught.value) == (
        f"Failed to {verb} the object ({dn} on dc1.corp.example): somebody else has changed the object meanwhile; "
        f"nothing was overwritten ({detail}). Remedy: run again."
    )
    assert session.writes == []


def test_order_of_values_and_case_of_names_are_no_difference() -> None:
    session = directory()
    run(session, [Step(Delete("CN=ca", {"CERTIFICATETEMPLATES": [b"Y", b"X"]}))])
    assert "CN=ca" not in session.objects


def test_values_of_others_survive() -> None:
    session = directory()

    def meanwhile(write: t.Callable[[], None]) -> None:
        session.objects["CN=ca"]["certificateTemplates"].append(b"Theirs")
        write()

    session.around["modify", "CN=ca"] = meanwhile
    run(session, [UNPUBLISH])
    assert session.objects["CN=ca"]["certificateTemplates"] == [b"Y", b"Theirs"]


def test_second_operation_on_an_object_sees_what_the_first_left() -> None:
    session = directory()
    run(session, [CHANGE, Step(Modify("CN=old", exchange("flags", [b"2"], [b"3"]), expected={"flags": [b"1"]}))])
    assert session.objects["CN=old"]["flags"] == [b"3"]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param("O:DAG:DAD:PAI(A;;RP;;;AU)", [], id="the same"),
        pytest.param("O:DAG:DAD:PAI(A;;RPWP;;;AU)", ["nTSecurityDescriptor (access control list)"], id="list"),
        pytest.param("O:DAG:DAD:AI(A;;RP;;;AU)", ["nTSecurityDescriptor (access control list)"], id="protection"),
        pytest.param("O:BAG:DAD:PAI(A;;RP;;;AU)", ["nTSecurityDescriptor (owner)"], id="owner"),
        pytest.param(
            "O:BAG:BAD:PAI(A;;WP;;;AU)", ["nTSecurityDescriptor (owner, group, access control list)"], id="all"
        ),
    ],
)
def test_descriptor_is_compared_by_its_parts(now: str, told: list[str]) -> None:
    expected = {SECURITY: [sddl("O:DAG:DAD:PAI(A;;RP;;;AU)")]}
    assert differences(Delete("CN=x", expected), Entry("CN=x", {SECURITY.lower(): [sddl(now)]})) == told


def test_descriptor_in_other_bytes_is_the_same() -> None:
    """Another domain controller may lay out the sections otherwise."""
    one = sddl("O:DAG:DAD:PAI(A;;RP;;;AU)")
    read = SecurityDescriptor.from_bytes(one)
    other = replace(read, control=read.control | Control.DACL_AUTO_INHERITED, sbz1=0).to_bytes() + b"\0\0"
    assert differences(Delete("CN=x", {SECURITY: [one]}), Entry("CN=x", {SECURITY: [other]})) == []


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ([], [sddl("D:")], "readable before or now only"),
        ([sddl("D:")], [], "readable before or now only"),
        ([b"?"], [b"!"], "unreadable"),
        ([], [], None),
        ([b"?"], [b"?"], None),
    ],
)
def test_descriptor_that_cannot_be_read(before: list[bytes], now: list[bytes], told: str | None) -> None:
    found = differences(Delete("CN=x", {SECURITY: before}), Entry("CN=x", {SECURITY: now}))
    assert found == ([] if told is None else [f"{SECURITY} ({told})"])


def test_object_that_somebody_else_created_is_told_and_left_alone() -> None:
    session = directory()
    session.objects["CN=template"] = {"cn": [b"theirs"]}
    with pytest.raises(AlreadyExists) as caught:
        run(session, [OID, TEMPLATE])
    assert str(caught.value) == (
        "Failed to create the object (CN=template): somebody else has created an object of this name meanwhile; it was "
        "not touched (LDAP result 68). Remedy: run again."
    )
    assert session.objects["CN=template"] == {"cn": [b"theirs"]}
    assert "CN=oid" not in session.objects


@pytest.mark.parametrize("operation", [Delete("CN=old"), CHANGE.operation])
def test_object_that_went_between_read_and_write_is_a_concurrent_change(operation: Operation) -> None:
    session = directory()
    verb = "delete" if isinstance(operation, Delete) else "modify"

    def meanwhile(write: t.Callable[[], None]) -> None:
        del session.objects["CN=old"]
        write()

    session.around[verb, "CN=old"] = meanwhile
    with pytest.raises(ConcurrentChange, match=r"it is gone; LDAP result 32"):
        run(session, [Step(operation)])


# What happens when the answer to a write is lost.


def test_step_that_was_made_although_its_answer_was_lost_goes_on() -> None:
    session = directory()
    session.around["add", "CN=template"] = lost(made=True)
    assert run(session, [OID, TEMPLATE, UNPUBLISH]) == []
    assert {"CN=oid", "CN=template"} <= set(session.objects)
    assert session.objects["CN=ca"] == {"certificateTemplates": [b"Y"]}


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(CHANGE, id="change"),
        pytest.param(Step(Delete("CN=old")), id="deletion"),
        pytest.param(TEMPLATE, id="creation"),
    ],
)
@pytest.mark.parametrize("made", [True, False])
def test_every_kind_of_step_is_looked_for(step: Step, made: bool) -> None:
    session = directory()
    verb = {Add: "add", Modify: "modify", Delete: "delete"}[type(step.operation)]
    session.around[verb, step.operation.dn] = lost(made=made)
    if made:
        run(session, [OID, step])
        assert "CN=oid" in session.objects
        return
    exc = failure(session, OID, step)
    assert str(exc) == (
        "Failed to create the object (CN=x on ldap://dc1:389): the connection was lost before the answer came; the "
        "change was not made (LDAP result -1). Remedy: run again."
    )
    assert "CN=oid" not in session.objects


def test_step_that_is_made_while_it_is_waited_for_goes_on() -> None:
    """A server that was slow, or that comes back after a moment."""
    session = directory()
    session.around["add", "CN=template"] = lost(made=False)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            session.objects["CN=template"] = {"cn": [b"template"]}

    apply(session, [OID, TEMPLATE], pause=pause)
    assert pauses == [2, 4]
    assert "CN=oid" in session.objects


def test_server_that_stays_away_leaves_everything_and_says_what() -> None:
    session = directory()
    session.around["add", "CN=template"] = lost(made=True, then=lambda: setattr(session, "away", True))
    with pytest.raises(OutcomeUnknown) as caught:
        run(session, [OID, UNPUBLISH, TEMPLATE])
    reason = error("all_unreachable", "find another domain controller", "ldap://dc1", "no other is known")
    assert notes_of(caught.value) == [
        f"Nobody could be asked: {reason}",
        "What was written before it is left: create CN=oid, change CN=ca.",
    ]
    assert session.writes == [("add", "CN=oid"), ("modify", "CN=ca"), ("add", "CN=template")]


@pytest.mark.parametrize("arrived", [True, False])
def test_another_server_can_say_that_a_step_was_made_but_not_that_it_was_not(arrived: bool) -> None:
    session = directory()
    session.elsewhere = {"CN=oid": {}, **({"CN=template": {"cn": [b"template"]}} if arrived else {})}
    session.around["add", "CN=template"] = lost(made=True, then=lambda: setattr(session, "away", True))
    if arrived:
        run(session, [OID, TEMPLATE])
    else:
        with pytest.raises(OutcomeUnknown) as caught:
            run(session, [OID, TEMPLATE])
        assert notes_of(caught.value) == ["What was written before it is left: create CN=oid."]
    assert "CN=oid" in session.objects


def test_object_of_somebody_else_is_not_taken_for_the_lost_one() -> None:
    session = directory()

    def meanwhile() -> None:
        session.objects["CN=template"] = {"cn": [b"theirs"]}

    session.around["add", "CN=template"] = lost(made=False, then=meanwhile)
    exc = failure(session, OID, TEMPLATE)
    assert exc.code == "not_made"
    assert session.objects["CN=template"] == {"cn": [b"theirs"]}


def test_password_cannot_be_looked_for() -> None:
    session = directory()
    session.around["modify", "CN=old"] = lost(made=True)
    step = Step(Modify("CN=old", (Change("replace", "unicodePwd", (b"x",)),)))
    with pytest.raises(OutcomeUnknown):
        run(session, [OID, step])
    assert "CN=oid" in session.objects


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ([b"1"], [b"2"], (Change("delete", "flags", (b"1",)), Change("add", "flags", (b"2",)))),
        ([], [b"2"], (Change("add", "flags", (b"2",)),)),
        ([b"1", b"3"], [], (Change("delete", "flags", (b"1", b"3")),)),
        ([], [], ()),
    ],
)
def test_exchange_names_the_values_that_it_expects(
    old: list[bytes], new: list[bytes], changes: tuple[Change, ...]
) -> None:
    assert exchange("flags", old, new) == changes


def test_as_read_says_what_was_not_there() -> None:
    entry = Entry("CN=x", {"cn": [b"x"], "flags": [b"1"]})
    assert as_read(entry, ("CN", "displayName")) == {"CN": (b"x",), "displayName": ()}
