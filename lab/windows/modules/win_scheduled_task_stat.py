# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""community.windows.win_scheduled_task_stat"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from lab.windows import tables
from lab.windows.host import Host
from lab.windows.operation import Call, Result, upstream
from lab.windows.parts.tasks import Properties, Task
from lab.windows.people import principals
from lab.windows.support.task_triggers import next_run

#: The weeks of a month as upstream reads them: it asks the same bit for the third and the fourth.
WEEKS = {"1": 1, "2": 2, "3": 4, "4": 4}


@upstream(
    "community.windows.win_scheduled_task_stat",
    mirrors="plugins/modules/win_scheduled_task_stat.ps1 of community.windows 3.3.0",
    checked_against=(
        "tests/cases/community.windows.win_scheduled_task_stat.yml",
        "tests/unit/lab/windows/test_tasks.py",
    ),
    limits="tasks that Windows itself has; next_run_time takes no account of repetitions and of triggers that wait for "
    "no time; properties of newer interfaces than documentation shows, value_queries of a trigger among them",
)
def win_scheduled_task_stat(call: Call) -> Result:
    folder, name = call.arguments["path"], call.arguments["name"]
    tasks = call.host.tasks
    result: Result = {"changed": False, "folder_exists": tasks.has_folder(folder)}
    if not result["folder_exists"]:
        return result | ({"task_exists": False} if name is not None else {})
    names = tasks.names(folder)
    result |= {"folder_task_names": names, "folder_task_count": len(names)}
    if name is None:
        return result
    task = tasks.get(folder, name)
    if task is None:
        return result | {"task_exists": False}
    return result | {"task_exists": True, "state": _state(call.host, task)} | _definition(call.host, task)


def _state(host: Host, task: Task) -> dict[str, Any]:
    table = tables.load("tasks")
    never = table["never_run"].get(host.identity.release, table["never_run"]["newer"])
    return {
        "last_run_time": never,
        "last_task_result": table["has_not_run"],
        "next_run_time": _next(host, task) or table["no_next_run"],
        "number_of_missed_runs": 0,
        "status": "TASK_STATE_READY" if task.settings["Enabled"] else "TASK_STATE_DISABLED",
    }


def _next(host: Host, task: Task) -> str:
    if not task.settings["Enabled"]:
        return ""
    now = host.clock.local(host.clock.now()).replace(tzinfo=None)
    runs: list[datetime] = [run for run in (next_run(one, now) for one in task.triggers) if run is not None]
    return min(runs).isoformat(timespec="seconds") if runs else ""


def _definition(host: Host, task: Task) -> dict[str, Any]:
    table = tables.load("tasks")
    principal = dict(task.principal)
    for key, enum in (("LogonType", "logon_types"), ("RunLevel", "run_levels")):
        principal[key] = next(name for name, number in table[enum].items() if number == principal[key])
    for key in ("UserId", "GroupId"):
        principal[key] = principals.name_of(host, principal[key]) if principal[key] else None
    return {
        "principal": _snake_case(principal),
        "registration_info": _snake_case(task.registration_info),
        "settings": _snake_case(task.settings),
        "actions": [_snake_case(one) for one in task.actions],
        "triggers": [_snake_case(_trigger(host, one)) for one in task.triggers],
    }


def _trigger(host: Host, trigger: Properties) -> Properties:
    table = tables.load("tasks")
    days = {str(day): 1 << (day - 1) for day in range(1, 32)}
    lists = {
        "DaysOfWeek": table["days_of_week"],
        "DaysOfMonth": days,
        "WeeksOfMonth": WEEKS,
        "MonthsOfYear": table["months_of_year"],
    }
    told = dict(trigger)
    for key, names in lists.items():
        if key in told:
            told[key] = ",".join(name for name, bit in names.items() if told[key] & bit)
    if told.get("UserId"):
        told["UserId"] = principals.name_of(host, principals.find(host, told["UserId"]).sid)
    if "StateChange" in told:
        changes = {number: name for name, number in table["session_changes"].items()}
        told["StateChangeStr"] = changes.get(told["StateChange"]) if told["StateChange"] else None
    return told


def _snake_case(values: Properties) -> dict[str, Any]:
    """Convert-DictToSnakeCase of Ansible.ModuleUtils.CamelConversion."""
    return {
        _snake(key): _snake_case(value) if isinstance(value, dict) else value for key, value in sorted(values.items())
    }


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
