# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""community.windows.win_scheduled_task"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from lab.windows import tables
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.tasks import ROOT, ScheduledTasks, Task
from lab.windows.people import principals
from lab.windows.support import task_triggers
from lab.windows.support.task_comparison import (
    Comparison,
    action_options,
    new_action,
    new_trigger,
    pascal,
    properties,
    shown,
    trigger_options,
)

INVALID = '\\/:*?"<>|'
EXECUTE = "TASK_ACTION_EXEC"
REGISTRATION = ("author", "date", "description", "source", "version")
SETTINGS = (
    "allow_demand_start",
    "allow_hard_terminate",
    "compatibility",
    "delete_expired_task_after",
    "disallow_start_if_on_batteries",
    "execution_time_limit",
    "enabled",
    "hidden",
    "multiple_instances",
    "priority",
    "restart_count",
    "restart_interval",
    "run_only_if_idle",
    "run_only_if_network_available",
    "start_when_available",
    "stop_if_going_on_batteries",
    "wake_to_run",
)
#: Settings that the scheduler itself would refuse: durations, and numbers within limits.
DURATIONS = ("delete_expired_task_after", "execution_time_limit", "restart_interval")
LIMITS = {"compatibility": 6, "multiple_instances": 3, "priority": 10}
GROUP, SERVICE_ACCOUNT, S4U = 4, 5, 2


@upstream(
    "community.windows.win_scheduled_task",
    mirrors="plugins/modules/win_scheduled_task.ps1 of community.windows 3.3.0",
    checked_against=("tests/cases/community.windows.win_scheduled_task.yml", "tests/unit/lab/windows/test_tasks.py"),
    limits="tasks that Windows itself has; dates that are not written as YYYY-MM-DDThh:mm:ss; settings that the "
    "scheduler refuses; running a task. A password is kept and not tried. The order in which several settings are told "
    "in a diff is the lab's, upstream has none",
)
def win_scheduled_task(call: Call) -> Result:
    return _ScheduledTask(call).run()


class _ScheduledTask:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.host = call.host
        self.tasks: ScheduledTasks = call.host.tasks
        self.arguments: Mapping[str, Any] = call.arguments
        self.name: str = call.arguments["name"]
        self.result: Result = {"changed": False}
        self.prepared: str | None = None
        self.warnings: list[str] = []

    def run(self) -> Result:
        if any(character in INVALID for character in self.name):
            self._fail(f"Invalid task name '{self.name}'. The following characters are not valid: {INVALID}")
        self.user = self._sid(self.arguments["username"])
        self.group = self._sid(self.arguments["group"])
        self.logon_type = self._logon_type()
        self.actions = self._actions()
        self.triggers = self._triggers()
        self.folder = ROOT + (self.arguments["path"] or "").strip("\\")
        if self.arguments["state"].lower() == "absent":
            self._absent()
        else:
            self._present()
        if self.call.diff:
            self.result["diff"] = {} if self.prepared is None else {"prepared": self.prepared}
        if self.warnings:
            self.result["warnings"] = self.warnings
        return self.result

    def _fail(self, message: str) -> None:
        raise ModuleFailure(message, **self.result)

    def _sid(self, name: str | None) -> str | None:
        if not name:
            return None
        try:
            return principals.find(self.host, name).sid
        except principals.NoMapping as error:
            message = f"account_name {name} is not a valid account, cannot get SID: {error.in_powershell}"
            raise ModuleFailure(message) from error

    def _logon_type(self) -> int | None:
        if self.arguments["username"] is not None and self.arguments["group"] is not None:
            self._fail("username and group can not be set at the same time")
        if self.arguments["logon_type"] is None:
            return None
        numbers: Mapping[str, int] = tables.load("tasks")["logon_types"]
        number = numbers[f"TASK_LOGON_{self.arguments['logon_type'].upper()}"]
        if number == S4U and self.arguments["password"] is None:
            self._fail("password must be set when logon_type=s4u")
        if number == GROUP and self.arguments["group"] is None:
            self._fail("group must be set when logon_type=group")
        if number == SERVICE_ACCOUNT and self.user not in tables.load("tasks")["service_accounts"]:
            self._fail("username must be SYSTEM, LOCAL SERVICE or NETWORK SERVICE when logon_type=service_account")
        return number

    def _actions(self) -> list[dict[str, Any]] | None:
        if self.arguments["actions"] is None:
            return None
        found = []
        for given in self.arguments["actions"]:
            action = {**_dictionary(given), "type": EXECUTE}
            if "path" not in action:
                self._fail("action entry must contain the key 'path'")
            found.append(action)
        return found

    def _triggers(self) -> list[dict[str, Any]] | None:
        if self.arguments["triggers"] is None:
            return None
        return [task_triggers.converted(self.host.clock, _dictionary(one)) for one in self.arguments["triggers"]]

    def _absent(self) -> None:
        if self.tasks.get(self.folder, self.name) is None:
            return
        self.result["changed"] = True
        self.prepared = f"-[Task]\n-{self._path}\n"
        if self.call.check_mode:
            return
        self.tasks.remove(self.folder, self.name)
        if not self.tasks.names(self.folder) and self.folder != ROOT:
            try:
                self.tasks.remove_folder(self.folder)
            except ValueError as error:
                self._fail(f"failed to delete empty task folder '{self.folder}' after task deletion: {error}")

    @property
    def _path(self) -> str:
        return self.folder.rstrip("\\") + "\\" + self.name

    def _present(self) -> None:
        known = self.tasks.get(self.folder, self.name)
        task = copy.deepcopy(known) if known is not None else self._created()
        # In check mode a new task is not there, and upstream looks no further.
        if task is None:
            return
        if known is None:
            # Upstream registers the bare task before it looks at the rest: it stays if that fails.
            self._register(copy.deepcopy(task))
        try:
            told = self._compare(task)
        except ModuleFailure as error:
            raise ModuleFailure(str(error), **self.result) from error
        password = self.arguments["password"]
        resets = password is not None and (self.arguments["update_password"] or bool(told))
        if told or resets:
            self.result["changed"] = True
            # What is told is joined by line feeds, the empty line after each part among it.
            text = "\n".join(told)
            self.prepared = (f"{self.prepared}\n{text}" if self.prepared is not None else text).strip()
            task.password = password if resets else task.password
        if not self.call.check_mode and (told or resets):
            self._register(task)

    def _register(self, task: Task) -> None:
        _settle(task)
        self.tasks.make_folder(self.folder)
        self.tasks.register(self.folder, self.name, task)

    def _created(self) -> Task | None:
        if not self.actions:
            self._fail("cannot create a task with no actions, set at least one action with a path to an executable")
        self.prepared = f"+[Task]\n+{self._path}\n\n[Actions]\n"
        task = Task()
        for action in self.actions or ():
            self.prepared += f"+action[0] = {{\n  +Type={EXECUTE},\n  +Path={action['path']}\n"
            made = new_action(EXECUTE) | {"Path": action["path"]}
            for option in ("arguments", "working_directory"):
                if action.get(option) is not None:
                    made[pascal(option)] = action[option]
                    self.prepared += f"  +{pascal(option)}={shown(action[option])}\n"
            self.prepared += "+}\n"
            task.actions.append(made)
        task.principal["UserId"] = self.user or self.call.user.sid
        task.registration_info["URI"] = self._path
        _settle(task)
        self.result["changed"] = True
        return None if self.call.check_mode else task

    def _compare(self, task: Task) -> list[str]:
        parts: list[tuple[str, list[str]]] = []
        if self.actions is not None:
            actions = Comparison("action", new_action, action_options)
            task.actions = actions.run(self.actions, task.actions)
            parts.append(("Actions", actions.changes))
            self.warnings += actions.warnings
        parts.append(("Principal", self._principal(task)))
        information = {pascal(one): self.arguments[one] for one in REGISTRATION}
        parts.append(("Registration Info", properties(task.registration_info, information, {})))
        parts.append(("Settings", self._settings(task)))
        if self.triggers is not None:
            triggers = Comparison("trigger", new_trigger, trigger_options)
            task.triggers = triggers.run(self.triggers, task.triggers)
            parts.append(("Triggers", triggers.changes))
            self.warnings += triggers.warnings
        return [line for title, changes in parts if changes for line in (f"[{title}]", *changes, "\n")]

    def _settings(self, task: Task) -> list[str]:
        wanted = {one: self.arguments[one] for one in SETTINGS}
        for option in DURATIONS:
            if wanted[option] is not None:
                try:
                    task_triggers.duration(option, wanted[option])
                except ModuleFailure as error:
                    raise NotModelled(f"the setting {option} that is no duration") from error
        for option, most in LIMITS.items():
            if wanted[option] is not None and not 0 <= wanted[option] <= most:
                raise NotModelled(f"the setting {option} outside of 0 to {most}")
        return properties(task.settings, {pascal(one): value for one, value in wanted.items()}, {})

    def _principal(self, task: Task) -> list[str]:
        table = tables.load("tasks")
        levels = {"limited": 0, "highest": 1}
        level = self.arguments["run_level"]
        wanted = {
            "DisplayName": self.arguments["display_name"],
            "LogonType": self.logon_type,
            "RunLevel": None if level is None else levels[level.lower()],
        }
        enums = {"LogonType": table["logon_types"], "RunLevel": table["run_levels"]}
        changes = properties(task.principal, wanted, enums)
        for key, other, sid in (("UserId", "GroupId", self.user), ("GroupId", "UserId", self.group)):
            if sid is None:
                continue
            new, old, before = self._name(sid), task.principal[key], task.principal[other]
            if before is not None:
                changes.append(f"-{other}={self._name(before)}\n+{key}={new}")
            elif old is None:
                changes.append(f"+{key}={new}")
            elif old != sid:
                changes.append(f"-{key}={self._name(old)}\n+{key}={new}")
            task.principal |= {key: sid, other: None}
        return changes

    def _name(self, sid: str) -> str:
        return principals.name_of(self.host, sid)


def _dictionary(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise NotModelled("an action or trigger that is no dictionary")
    return {str(key).lower(): value for key, value in given.items()}


def _settle(task: Task) -> None:
    """What registering makes of the kind of logon: a group and the service accounts have one of their own."""
    if task.principal["GroupId"] is not None:
        task.principal["LogonType"] = GROUP
    elif task.principal["UserId"] in tables.load("tasks")["service_accounts"]:
        task.principal["LogonType"] = SERVICE_ACCOUNT
    elif task.principal["LogonType"] in (GROUP, SERVICE_ACCOUNT):
        task.principal["LogonType"] = tables.load("tasks")["principal"]["LogonType"]
