# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cases of every upstream module, by ansible-playbook over WinRM: one run a file, on a host made anew."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

import pytest

from tools import windows_cases
from tools.tree import COLLECTIONS
from tools.windows_cases import Case, Played, Step, problems

from .conftest import PROGRAMS

if t.TYPE_CHECKING:
    from .conftest import Windows

FILES = sorted(windows_cases.FOLDER.glob("*.yml"))
HOST = "ndes1"

#: Steps that the controller answers itself, so that the module's own refusal is never seen: (module, step) and why.
ANSWERED_BY_CONTROLLER: dict[tuple[str, str], str] = {
    ("ansible.windows.win_copy", "a mode that there is not is refused"): "the action plugin chooses the mode",
}

#: What a playbook says where the action plugin then says something else to the module.
SAID_TO_ACTION: dict[tuple[str, str], dict[str, t.Any]] = {
    ("ansible.windows.win_copy", "_copy_mode"): {"remote": {"remote_src": True}},
}


def playbook(case: Case) -> list[dict[str, t.Any]]:
    """A play with one task a step."""
    tasks = [task(number, step) for number, step in enumerate(steps_of(case))]
    return [{"name": case.module, "hosts": HOST, "gather_facts": False, "tasks": tasks}]


def steps_of(case: Case) -> list[Step]:
    """All that is done: a logon and the files of the case before the rest."""
    files = [
        Step("prepare", windows_cases.PREPARES, "ansible.windows.win_copy", {"src": str(source), "dest": path})
        for path, source in case.files.items()
    ]
    # A first logon makes the account's profile, which is no step's doing.
    logon = Step("log on", windows_cases.PREPARES, "ansible.windows.win_ping", {})
    return [logon, *files, *case.prepare, *case.steps]


def task(number: int, step: Step) -> dict[str, t.Any]:
    return {
        "name": f"{number} {step.name}",
        step.module: arguments(step),
        "check_mode": step.check_mode,
        "diff": step.diff,
        "ignore_errors": True,
    }


def arguments(step: Step) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {}
    for name, value in step.arguments.items():
        found |= SAID_TO_ACTION.get((step.module, name), {}).get(str(value), {name: value})
    return found


def play(windows: Windows, case: Case, folder: Path) -> list[Played]:
    """Run all steps of a case. Fails where Ansible did not get to the end."""
    windows.reset(HOST, **case.identity)
    content, record = folder / "cases.json", folder / "states.json"
    content.write_text(json.dumps(playbook(case)))
    settings = {
        "ANSIBLE_CALLBACK_PLUGINS": "tools/callbacks",
        "ANSIBLE_CALLBACKS_ENABLED": "state_record",
        "CERTOPS_STATE_RECORD": str(record),
        "CERTOPS_STATE_LAB": str(windows.lab.dir),
        "CERTOPS_STATE_HOST": HOST,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
    }
    program: list[str | Path] = [PROGRAMS / "ansible-playbook", "-i", windows.lab.inventory, content]
    done = windows.lab.ansible(program, settings)
    lines = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    steps = steps_of(case)
    assert len(lines) == len(steps) + 1, done.stdout + done.stderr
    played = []
    for step, before, after in zip(steps, lines, lines[1:], strict=False):
        assert not after["unreachable"], after["result"]
        played.append(Played(step, after["result"], before["state"], after["state"]))
    return played


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_cases(windows: Windows, path: Path, tmp_path: Path) -> None:
    case = windows_cases.read(path)
    found = [
        line
        for played in play(windows, case, tmp_path)
        if (case.module, played.step.name) not in ANSWERED_BY_CONTROLLER
        for line in problems(played, secrets=False)
    ]
    assert not found, "\n".join(found)


def test_the_cases_leave_an_ordinary_host(windows: Windows) -> None:
    windows.reset(HOST)
    assert windows.adhoc(HOST, "ansible.windows.win_ping").result["ping"] == "pong"
    assert os.environ.get("ANSIBLE_CALLBACKS_ENABLED") is None
