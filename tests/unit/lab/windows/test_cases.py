# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of every upstream module against the model itself; tests/integration/windows runs them over WinRM."""

from __future__ import annotations

import json
import marshal
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.windows import commands, modules, scripts
from lab.windows.arguments.specification import known
from lab.windows.evidence import behaviours
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.people import principals, profiles
from lab.windows.runner import run_module
from tools import windows_cases
from tools.windows_cases import Case, Played, Step, matches, problems

IDENTITY: dict[str, Any] = {
    "name": "ndes1",
    "dns_domain": "corp.example",
    "netbios_domain": "CORP",
    "address": "192.0.2.21",
    "machine_sid": "S-1-5-21-1001-1002-1003",
    "domain_sid": "S-1-5-21-2001-2002-2003",
}

FILES = sorted(windows_cases.FOLDER.glob("*.yml"))


@cache
def load() -> None:
    modules.load()
    commands.load()
    scripts.load()


def play(case: Case) -> list[Played]:
    """Run all steps of a case on a host of its own, as the account that Ansible logs on with."""
    load()
    host = Host(Identity(**{**IDENTITY, **case.identity}))
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    user = principals.token_for(host, principals.find(host, r"NDES1\ansible"), "network")
    profiles.load(host, user)
    for path, source in case.files.items():
        host.files.write(path, source.read_bytes())
    played = []
    before = copied(host.export())
    for step in (*case.prepare, *case.steps):
        result = run_module(host, user, step.module, sent(step))
        # As JSON, which is how a client gets it.
        result = json.loads(json.dumps(result))
        after = copied(host.export())
        played.append(Played(step, result, before, after))
        before = after
    return played


def copied(state: dict[str, Any]) -> dict[str, Any]:
    """A state that later changes do not reach. marshal takes what JSON has, and no objects."""
    found: dict[str, Any] = marshal.loads(marshal.dumps(state))
    return found


def sent(step: Step) -> dict[str, Any]:
    """What the controller sends for a step."""
    return {
        **step.arguments,
        "_ansible_check_mode": step.check_mode,
        "_ansible_diff": step.diff,
        "_ansible_module_name": step.module,
        "_ansible_no_log": False,
        "_ansible_remote_tmp": "%TEMP%",
        "_ansible_verbosity": 0,
        "_ansible_version": "2.19.0",
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cases(path: Path) -> None:
    case = windows_cases.read(path)
    if case.controller:
        pytest.skip(f"an action plugin does a part of {case.module}: tests/integration/windows/test_cases.py runs this")
    found = [line for played in play(case) for line in problems(played)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("module", sorted(known()))
def test_every_module_shows_what_it_must(module: str) -> None:
    path = windows_cases.FOLDER / f"{module}.yml"
    assert path.exists(), f"{module} has no cases"
    shown = set(behaviours()[module])
    lacking = windows_cases.required(module) - shown
    assert not lacking, f"the cases of {module} do not show: {', '.join(sorted(lacking))}"


def test_exceptions_are_about_modules() -> None:
    names = {module for module, _shows in windows_cases.CANNOT_SHOW} | set(windows_cases.WRONG_DOCUMENTATION)
    names |= windows_cases.READERS | windows_cases.DIFFS
    assert names <= set(known())


@pytest.mark.parametrize(
    "expected, actual, same",
    [
        ("a", "a", True),
        ("a", "A", False),
        ("~^a.c$", "abc", True),
        ("~^a.c$", "abd", False),
        ("~1", 12, True),
        (True, 1, False),
        (1, 1, True),
        (None, None, True),
        ({"x": None}, {}, True),
        ({"x": 1}, {"x": 1, "y": 2}, True),
        ({"x": {"y": "~b"}}, {"x": {"y": "abc"}}, True),
        ({"x": 1}, None, False),
        ([1], [1, 2], False),
        ([{"x": 1}], [{"x": 1, "y": 2}], True),
    ],
)
def test_matches(expected: Any, actual: Any, same: bool) -> None:
    assert matches(expected, actual) is same


STATES: Any = ({"files": 1}, {"files": 1})
CHANGED: Any = ({"files": 1}, {"files": 2})


@pytest.mark.parametrize(
    "shows, result, states, wrong",
    [
        ("refused", {"failed": True}, STATES, ""),
        ("refused", {}, STATES, "was not refused"),
        ("refused", {"failed": True}, CHANGED, "the host changed: files"),
        ("refused", {"failed": True, "msg": "The lab does not model x"}, STATES, "nothing is shown"),
        ("error", {}, STATES, "did not fail"),
        ("act", {"changed": True}, CHANGED, ""),
        ("act", {"changed": False}, STATES, "changed nothing"),
        ("act", {"changed": True, "failed": True, "msg": "x"}, CHANGED, "it failed: x"),
        ("act", {}, CHANGED, "does not say so"),
        ("idempotence", {"changed": True}, STATES, "changed something"),
        ("idempotence", {}, CHANGED, "the host changed"),
        ("check_mode", {"changed": True}, STATES, "not run in check mode"),
        ("diff", {"changed": True}, STATES, "there is no diff"),
        ("read", {"unheard_of": 1}, STATES, "unheard_of is returned and not documented"),
        ("read", {"ping": "pong"}, STATES, ""),
    ],
)
def test_problems(shows: str, result: dict[str, Any], states: Any, wrong: str) -> None:
    step = Step("x", shows, "ansible.windows.win_ping", {})
    found = problems(Played(step, {"ping": "pong", **result}, *states))
    assert wrong in "; ".join(found)
    assert bool(found) == bool(wrong)


def test_problems_with_state_and_expectations() -> None:
    step = Step("x", "read", "ansible.windows.win_ping", {}, expect={"ping": "pong"}, state={"/files": 2, "/x/y": None})
    found = problems(Played(step, {"ping": "other"}, {"files": 1}, {"files": 1}))
    assert found == ["x: ping is 'other', not 'pong'", "x: /files is 1, not 2"]


def test_a_wrong_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.b.c.yml"
    for text, message in (
        ("{module: a.b.d, steps: []}", "is about a.b.d"),
        ("{module: a.b.c, steps: [], x: 1}", "unknown keys"),
        ("{module: a.b.c, steps: [{name: n, shows: nothing}]}", "shows nothing"),
        ("{module: a.b.c, steps: [{name: n, shows: act, x: 1}]}", "unexpected keyword"),
    ):
        path.write_text(text)
        with pytest.raises(ValueError, match=message):
            windows_cases.read(path)


def test_counts_are_those_of_the_cases() -> None:
    cases = {case.module: case for case in map(windows_cases.read, FILES)}
    assert set(behaviours()) == set(cases)
    for module, counts in behaviours().items():
        shows = Counter(step.shows for step in cases[module].steps)
        assert {name: number for name, number in counts.items() if name != "diff"} == {
            name: number for name, number in shows.items() if name != "diff"
        }
        assert counts["diff"] >= shows["diff"]
