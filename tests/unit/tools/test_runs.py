# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run of ansible-playbook, and the comparison of a check run with the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.runs import CALLBACK, RECORD, Outcome, Run, differences, read_run
from tools.tree import TOP

# Actions that need no process of their own.
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Write
      ansible.builtin.debug: {msg: "{{ item.name }}"}
      loop: [{name: one}, {name: two}]
      loop_control: {label: "{{ item.name }}"}
      changed_when: item.name == "one" or ansible_check_mode
    - name: Keep a secret
      ansible.builtin.debug: {msg: hunter2}
      changed_when: true
      no_log: true
    - name: Leave out
      ansible.builtin.debug:
      when: false
    - name: End
      ansible.builtin.fail: {msg: Said why}
      when: not ansible_check_mode
"""

LOOPS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Fail with each
      ansible.builtin.fail: {msg: Said why}
      loop: [one, two]
      ignore_errors: true
    - name: Have no items
      ansible.builtin.debug:
      loop: "{{ nowhere }}"
"""


def play(folder: Path, *options: str, playbook: str = PLAYBOOK) -> Run:
    """Run a playbook as the demo runs one, and return its record."""
    (folder / "play.yml").write_text(playbook)
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-i", "localhost,", "-c", "local", str(folder / "play.yml"), *options]
    environment = {**os.environ, **CALLBACK, RECORD: str(folder / "record"), "ANSIBLE_HOME": str(folder / "home")}
    subprocess.run(command, cwd=TOP, env=environment, check=False, capture_output=True)
    assert "hunter2" not in (folder / "record").read_text()
    return read_run(folder / "record")


def test_a_run_is_recorded(tmp_path: Path) -> None:
    predicted, done = play(tmp_path, "--check", "--diff"), play(tmp_path)
    assert [(one.place, one.outcome, one.changed) for one in done.outcomes] == [
        ("localhost: Write (one)", "ok", True),
        ("localhost: Write (two)", "ok", False),
        ("localhost: Keep a secret", "ok", True),
        ("localhost: Leave out", "skipped", False),
        ("localhost: End", "failed", False),
    ]
    assert done.outcomes[-1].message == "Said why"
    assert [(run.changed, run.failed) for run in (predicted, done)] == [(2, 0), (2, 1)]
    assert differences(predicted, done) == ["localhost: Write (two): predicted changed, was no change"]


def test_a_loop_that_fails_before_its_first_item_is_recorded(tmp_path: Path) -> None:
    """One that fails in its items is recorded by these alone."""
    run = play(tmp_path, playbook=LOOPS)
    assert [(one.place, one.outcome) for one in run.outcomes] == [
        ("localhost: Fail with each (one)", "failed"),
        ("localhost: Fail with each (two)", "failed"),
        ("localhost: Have no items", "failed"),
    ]
    assert "nowhere" in run.outcomes[-1].message


def test_a_run_that_broke_off_is_refused(tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.write_text("")
    with pytest.raises(ValueError, match="the run did not get to its end"):
        read_run(record)


def outcome(task: str, changed: bool, diff: object = None) -> Outcome:
    return Outcome("localhost", task, None, "ok", changed, diff, "")


@pytest.mark.parametrize(
    "predicted, done, found",
    [
        ([], [], []),
        ([outcome("a", True, {"after": 1})], [outcome("a", True, {"after": 1})], []),
        ([outcome("a", False)], [], []),
        ([outcome("a", True)], [], ["localhost: a: predicted changed, was no change"]),
        ([], [outcome("a", True)], ["localhost: a: predicted no change, was changed"]),
        (
            [outcome("a", True, {"after": 1})],
            [outcome("a", True, {"after": 2})],
            ["localhost: a: the diff that was predicted is not the one that was made"],
        ),
        (
            [outcome("a", True), outcome("a", False)],
            [outcome("a", True), outcome("a", True)],
            ["localhost: a: predicted no change, was changed"],
        ),
    ],
)
def test_differences(predicted: list[Outcome], done: list[Outcome], found: list[str]) -> None:
    assert differences(Run(predicted, {}), Run(done, {})) == found


def test_a_rehearsal_may_tell_a_change_without_its_diff_where_that_is_allowed() -> None:
    def one(diff: object) -> Run:
        return Run([Outcome("ndes1", "limits", None, "ok", True, diff, "")], {})

    assert differences(one(None), one({"after": 1}))
    assert differences(one(None), one({"after": 1}), ["ndes1"]) == []
    assert differences(one({"after": 2}), one({"after": 1}), ["ndes1"])


def test_of_two_tasks_of_one_name_the_skipped_one_does_not_count() -> None:
    """One that a check run skips and one that tells what it would do are the one that the real run takes."""
    skipped = Outcome("localhost", "a", None, "skipped", False, None, "")
    predicted, done = Run([skipped, outcome("a", True)], {}), Run([outcome("a", True), skipped], {})
    assert differences(predicted, done) == []
    assert differences(Run([skipped, skipped], {}), done) == ["localhost: a: predicted no change, was changed"]


@pytest.mark.parametrize(
    "said, did, true",
    [
        ({"before": {}, "after": {"a": 1}}, {"before": {"a": 0, "b": 2}, "after": {"a": 1, "b": 2}}, True),
        ({"before": {}, "after": {"a": None, "b": 1}}, {"before": {}, "after": {"a": 5, "b": 1}}, True),
        ({"after": {"a": ["x"]}}, {"after": {"a": ["y", "x"]}}, True),
        ({"after": {"a": ["x"]}}, {"after": {"a": ["y"]}}, False),
        ({"after": {"a": 1}}, {"after": {"a": 2}}, False),
        ([{"after": 1}], [{"after": 1}, {"after": 2}], True),
    ],
)
def test_what_a_rehearsal_from_nothing_tells_has_to_come_true(said: object, did: object, true: bool) -> None:
    predicted, done = Run([outcome("a", True, said)], {}), Run([outcome("a", True, did)], {})
    assert len(differences(predicted, done)) == 1
    assert (differences(predicted, done, ["localhost"]) == []) is true


def test_a_rehearsal_from_nothing_tells_every_change() -> None:
    predicted, unchanged = Run([outcome("a", True)], {}), Run([outcome("a", False)], {})
    assert differences(predicted, unchanged, ["localhost"]) == ["localhost: a: predicted changed, was no change"]
