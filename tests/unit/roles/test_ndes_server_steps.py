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
REGISTERED = {"ndes_server_audit_planned", "ndes_server_restarted", "ndes_server_whoami"}
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


def skipped_as_one() -> list[tuple[str, str]]:
    """File and condition of what main.yml includes when there is something to do."""
    return [
        (task["ansible.builtin.include_tasks"], str(task["when"]))
        for task in load("tasks/main.yml")
        if "ansible.builtin.include_tasks" in task and "ndes_server" in str(task["when"])
    ]


@pytest.mark.parametrize("file, condition", skipped_as_one())
def test_every_reason_of_a_task_is_one_of_its_file(file: str, condition: str) -> None:
    variables = load("vars/main.yml")
    known = names(condition)
    for name in sorted(known):
        if name.endswith("_to_do"):
            known |= names(variables[name])
    tasks = load(f"tasks/{file}")
    assert tasks
    for task in tasks:
        asked = names(task.get("when", "")) | names(task.get("loop", ""))
        assert asked, f"{task['name']} runs whenever its file does"
        assert asked - REGISTERED - NARROWING <= known, task["name"]


def test_files_are_skipped_as_one() -> None:
    assert {file for file, _ in skipped_as_one()} == {"rights.yml", "iis.yml", "harden.yml", "reboot.yml"}
