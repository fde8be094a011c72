# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of NDES servers skips files of tasks as one: what says so must know of all that their tasks look at."""

from __future__ import annotations

import re
import typing as t

import pytest
import yaml

from tools.tree import TOP

ROLE = TOP / "roles" / "ndes_server"
_NAME = re.compile(r"\bndes_server_\w+")

#: Registered by a task of the same file, which runs under a condition of its own.
REGISTERED = {
    "ndes_server_audit_planned",
    "ndes_server_features_made",
    "ndes_server_rebooted_for_servicing",
    "ndes_server_restarted",
    "ndes_server_whoami",
}
#: They say how something is done, or where it cannot be tried yet: they only take away from what is to be done.
NARROWING = {
    "ndes_server_to_come",
    "ndes_server_reboot",
    "ndes_server_account_sid",
    "ndes_server_key_entries",
    "ndes_server_found_site",
    "ndes_server_found_applications",
    "ndes_server_admin_application",
    "ndes_server_http_bindings",
    "ndes_server_tls_values",
}


def load(path: str) -> t.Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def names(text: t.Any) -> set[str]:
    return set(_NAME.findall(str(text)))


def parts() -> dict[str, str]:
    """Files of tasks of apply.yml, and the condition of each."""
    return {
        task.get("ansible.builtin.include_tasks") or task["ansible.builtin.import_tasks"]: task["when"]
        for task in load("tasks/apply.yml")
        if "when" in task
    }


def behind(condition: str) -> set[str]:
    """What a condition looks at, and those of which it is made."""
    variables = load("vars/main.yml")
    known, todo = set(), names(condition)
    while todo:
        name = todo.pop()
        known.add(name)
        if name.endswith(("_to_do", "_differs", "_first")):
            todo |= names(variables[name]) - known
    return known


@pytest.mark.parametrize("file, condition", parts().items())
def test_every_reason_of_a_task_is_one_of_its_file(file: str, condition: str) -> None:
    if file == "rehearsal.yml":
        assert load("vars/main.yml")[condition] == "{{ ansible_check_mode }}"
        return
    tasks = [task for task in load(f"tasks/{file}") if "ansible.builtin.assert" not in task]
    for task in tasks:
        asked = names(task.get("when", "")) | names(task.get("loop", ""))
        assert asked or len(tasks) == 1, f"{task['name']} runs whenever its file does"
        assert asked - REGISTERED - NARROWING <= behind(condition), task["name"]


def test_no_part_is_forgotten_when_it_is_asked_whether_anything_is_to_do() -> None:
    (task,) = [task for task in load("tasks/main.yml") if task.get("ansible.builtin.include_tasks") == "apply.yml"]
    assert "ndes_server_to_do" in names(task["when"])
    asked = _NAME.findall(load("vars/main.yml")["ndes_server_to_do"])
    assert list(parts().values()) == asked
    always = [task["ansible.builtin.import_tasks"] for task in load("tasks/apply.yml") if "when" not in task]
    assert always == ["refuse.yml"]
