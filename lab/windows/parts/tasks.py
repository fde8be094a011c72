# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled tasks by folder.

Exported as `{"folders": [paths], "tasks": {path: {"actions": [...], "triggers": [{"Type", ...}], "principal",
"registration_info", "settings", "secret": {"password"}}}}` with the properties of the scheduler's own interfaces; in
`principal` users and groups are SIDs. `secret` is there where a password was given.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

ROOT = "\\"
Properties = dict[str, Any]


def _new(table: str) -> Properties:
    properties: Properties = copy.deepcopy(tables.load("tasks")[table])
    return properties


@dataclass
class Task:
    """A task: its definition as the interfaces of the scheduler have it."""

    actions: list[Properties] = field(default_factory=list)
    triggers: list[Properties] = field(default_factory=list)
    principal: Properties = field(default_factory=lambda: _new("principal"))
    registration_info: Properties = field(default_factory=lambda: _new("registration_info"))
    settings: Properties = field(default_factory=lambda: _new("settings"))
    password: str | None = field(default=None, repr=False)

    def export(self) -> Json:
        state = {
            "actions": self.actions,
            "triggers": self.triggers,
            "principal": self.principal,
            "registration_info": self.registration_info,
            "settings": self.settings,
        }
        return copy.deepcopy(state | ({"secret": {"password": self.password}} if self.password is not None else {}))


class ScheduledTasks:
    """Folders and tasks by path, `\\Folder\\Task`, in any case."""

    def __init__(self) -> None:
        self.folders: list[str] = [ROOT, r"\Microsoft", r"\Microsoft\Windows"]
        self._tasks: dict[str, Task] = {}

    @classmethod
    def blank(cls, identity: Identity) -> ScheduledTasks:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> ScheduledTasks:
        made = cls()
        made.folders = list(state["folders"])
        for path, source in copy.deepcopy(state["tasks"]).items():
            password = source.pop("secret", {}).get("password")
            made._tasks[path] = Task(**source, password=password)
        return made

    def export(self) -> Json:
        tasks = {path: task.export() for path, task in sorted(self._tasks.items())}
        return {"folders": sorted(self.folders, key=str.lower), "tasks": tasks}

    def has_folder(self, folder: str) -> bool:
        return any(one.lower() == _folder(folder).lower() for one in self.folders)

    def make_folder(self, folder: str) -> None:
        """Make a folder with those above it."""
        parts = [part for part in folder.split("\\") if part]
        for count in range(1, len(parts) + 1):
            path = ROOT + "\\".join(parts[:count])
            if not self.has_folder(path):
                self.folders.append(path)

    def remove_folder(self, folder: str) -> None:
        """Remove an empty folder. ValueError for one with tasks or folders in it, and for the root."""
        below = _folder(folder).lower() + "\\"
        held = [path for path in (*self.folders, *self._tasks) if path.lower().startswith(below)]
        if held or _folder(folder) == ROOT:
            raise ValueError("The directory is not empty. (Exception from HRESULT: 0x80070091)")
        self.folders = [one for one in self.folders if one.lower() != _folder(folder).lower()]

    def names(self, folder: str) -> list[str]:
        """Names of the tasks in a folder itself, as the scheduler lists them."""
        prefix = _below(folder)
        found = [path[len(prefix) :] for path in self._tasks if path.lower().startswith(prefix.lower())]
        return sorted((name for name in found if "\\" not in name), key=str.lower)

    def get(self, folder: str, name: str) -> Task | None:
        path = self._path(folder, name)
        return self._tasks.get(path) if path else None

    def register(self, folder: str, name: str, task: Task) -> None:
        """Keep a task under its folder's and its own name, in place of one that is there."""
        self._tasks[self._path(folder, name) or _below(folder) + name] = task

    def remove(self, folder: str, name: str) -> bool:
        path = self._path(folder, name)
        return path is not None and self._tasks.pop(path, None) is not None

    def _path(self, folder: str, name: str) -> str | None:
        wanted = (_below(folder) + name).lower()
        return next((path for path in self._tasks if path.lower() == wanted), None)


def _folder(path: str) -> str:
    return ROOT + path.strip("\\")


def _below(folder: str) -> str:
    return ROOT if _folder(folder) == ROOT else _folder(folder) + "\\"
