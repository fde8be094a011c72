# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the loop that carries out operations, with a session that notes them and fails where it is told to."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError, error
from ansible_collections.certops.intune.plugins.module_utils.directory.operations import (
    Add,
    Delete,
    Modify,
    Step,
    apply,
    exchange,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Entry, Session

Note: t.TypeAlias = tuple[t.Any, ...]


class RecordingSession:
    """What of a session is written to. Fails at the objects whose names are given."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.notes: list[Note] = []

    def _note(self, dn: str, *note: t.Any) -> None:
        self.notes.append((note[0], dn, *note[1:]))
        if dn in self.failing:
            raise error("insufficient_rights", "write", dn)

    def read(self, dn: str, *_arguments: t.Any, **_options: t.Any) -> Entry:
        return Entry(dn, {"certificateTemplates": [b"X"]})

    def add(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> None:
        self._note(dn, "add", attributes)

    def modify(self, dn: str, changes: t.Sequence[Change], *, sd_flags: int | None = None) -> None:
        self._note(dn, "modify", changes, sd_flags)

    def delete(self, dn: str) -> None:
        self._note(dn, "delete")


def run(session: RecordingSession, steps: t.Iterable[Step]) -> None:
    apply(t.cast(Session, session), steps)


CHANGE = (Change("replace", "flags", (b"1",)),)
OID = Step(Add("CN=oid", {"flags": [b"1"]}), undo=(Delete("CN=oid"),))
TEMPLATE = Step(Add("CN=template", {"cn": [b"template"]}))
UNPUBLISH = Step(
    Modify("CN=ca", (Change("delete", "certificateTemplates", (b"X",)),)),
    undo=(
        Modify("CN=ca", (Change("add", "certificateTemplates", (b"X",)),)),
        Modify("CN=ca", CHANGE),
    ),
)


def test_operations_are_carried_out_in_order() -> None:
    session = RecordingSession()
    run(session, [OID, TEMPLATE, Step(Modify("CN=template", CHANGE, 4)), UNPUBLISH, Step(Delete("CN=template"))])
    assert session.notes == [
        ("add", "CN=oid", {"flags": [b"1"]}),
        ("add", "CN=template", {"cn": [b"template"]}),
        ("modify", "CN=template", CHANGE, 4),
        ("modify", "CN=ca", (Change("delete", "certificateTemplates", (b"X",)),), None),
        ("delete", "CN=template"),
    ]


def test_no_operations_are_no_conversation() -> None:
    session = RecordingSession()
    run(session, [])
    assert session.notes == []


def test_failure_takes_back_what_was_done_last_first_and_nothing_else() -> None:
    session = RecordingSession("CN=template")
    with pytest.raises(DirectoryError) as caught:
        run(session, [OID, UNPUBLISH, TEMPLATE, Step(Delete("CN=never"))])
    assert caught.value.target == "CN=template"
    assert not hasattr(caught.value, "__notes__")
    assert [note[:2] for note in session.notes] == [
        ("add", "CN=oid"),
        ("modify", "CN=ca"),
        ("add", "CN=template"),
        ("modify", "CN=ca"),
        ("modify", "CN=ca"),
        ("delete", "CN=oid"),
    ]
    assert session.notes[3][2] == (Change("add", "certificateTemplates", (b"X",)),)
    assert session.notes[4][2] == CHANGE


def test_failure_of_the_first_step_takes_back_nothing() -> None:
    session = RecordingSession("CN=oid")
    with pytest.raises(DirectoryError):
        run(session, [OID, TEMPLATE])
    assert [note[0] for note in session.notes] == ["add"]


def test_failure_to_take_back_is_noted_and_the_rest_is_still_taken_back() -> None:
    class Failing(RecordingSession):
        def modify(self, dn: str, changes: t.Sequence[Change], *, sd_flags: int | None = None) -> None:
            undoing = any(change.operation != "delete" for change in changes)
            self.failing = (dn, "CN=template") if undoing else ("CN=template",)
            super().modify(dn, changes, sd_flags=sd_flags)

    session = Failing("CN=template")
    with pytest.raises(DirectoryError) as caught:
        run(session, [OID, UNPUBLISH, TEMPLATE])
    assert caught.value.target == "CN=template"
    notes = caught.value.__notes__
    assert len(notes) == 2
    assert all(note.startswith("Could not take back the step before it: Failed to write (CN=ca)") for note in notes)
    assert session.notes[-1] == ("delete", "CN=oid")


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
