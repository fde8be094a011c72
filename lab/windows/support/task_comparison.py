# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How win_scheduled_task compares what a task has with what is wanted, and what it tells of the difference."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lab.windows import tables
from lab.windows.operation import ModuleFailure
from lab.windows.parts.tasks import Properties

#: How PowerShell writes an object of the scheduler.
COM_OBJECT = "System.__ComObject"


def pascal(snake: str) -> str:
    """`end_boundary` -> `EndBoundary`."""
    return "".join(part[:1].upper() + part[1:] for part in snake.split("_"))


def shown(value: Any) -> str:
    """A value within a text of PowerShell."""
    return "" if value is None else COM_OBJECT if isinstance(value, dict) else str(value)


def differs(new: Any, existing: Any) -> bool:
    """`$new -cne $existing`: the right side is converted to the type of the left."""
    if isinstance(new, str):
        return existing is None or new != shown(existing)
    if isinstance(new, bool):
        return new != (existing.lower() != "" if isinstance(existing, str) else bool(existing))
    if isinstance(existing, str) and isinstance(new, int):
        return not existing.lstrip("-").isdigit() or int(existing) != new
    return bool(new != existing)


def properties(existing: Properties, wanted: Mapping[str, Any], enums: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Set what is wanted and not None, and tell what changed (Compare-Property)."""
    changes = []
    for name, new in wanted.items():
        if new is None or not differs(new, existing[name]):
            continue
        names = {number: key for key, number in enums.get(name, {}).items()}
        old = existing[name]
        existing[name] = new
        changes.append(f"-{name}={names.get(old, shown(old))}\n+{name}={names.get(new, shown(new))}")
    return changes


def _beside(new: Mapping[str, Any], old: Properties, options: Iterable[str]) -> Iterator[tuple[str, Any, Any]]:
    """What is wanted of each option beside what is there, a structure by its parts: label, wanted, there."""
    for option in options:
        value, name = new.get(option), pascal(option)
        if isinstance(value, dict):
            held = old.get(name) or {}
            for key, one in value.items():
                yield f"{name}.{pascal(key)}", one, held.get(pascal(key))
        else:
            yield name, value, old.get(name)


class Comparison:
    """Compare-PropertyList: a collection of actions or triggers, rebuilt out of what is wanted.

    Attributes:
        changes: What is told of the difference, an entry of the collection each.
        warnings: Options that are none.
    """

    def __init__(
        self, kind: str, create: Callable[[str], Properties], options: Callable[[str], tuple[list[str], list[str]]]
    ) -> None:
        self.kind = kind
        self.create = create
        self.options = options
        self.changes: list[str] = []
        self.warnings: list[str] = []

    def run(self, wanted: list[dict[str, Any]], existing: list[Properties]) -> list[Properties]:
        """The new collection. ModuleFailure for an entry without what it must have."""
        made = []
        for index, new in enumerate(wanted):
            mandatory, optional = self.options(new["type"])
            self._check(new, mandatory, optional)
            options = [*mandatory, *optional]
            old = existing[index] if index < len(existing) else None
            if old is None:
                lines = ",\n  ".join(self._added(new, options))
                self.changes.append(f"+{self.kind}[{index}] = {{\n  +Type={new['type']}\n  {lines}\n+}}")
            else:
                lines_of = self._replaced if old["Type"] != new["type"] else self._changed
                told = lines_of(new, old, options)
                if told:
                    self.changes.append(f"{self.kind}[{index}] = {{\n  " + ",\n  ".join(told) + "\n}")
            made.append(self._built(new, options))
        for index in range(len(wanted), len(existing)):
            old = existing[index]
            mandatory, optional = self.options(old["Type"])
            present = [(pascal(option), old.get(pascal(option))) for option in (*mandatory, *optional)]
            told = [f"-{name}={shown(value)}" for name, value in present if value is not None]
            self.changes.append(f"-{self.kind}[{index}] = {{\n  " + ",\n  ".join(told) + "\n-}")
        return made

    def _check(self, new: Mapping[str, Any], mandatory: list[str], optional: list[str]) -> None:
        for option in mandatory:
            if option not in new:
                names = "', '".join(mandatory)
                raise ModuleFailure(
                    f"mandatory key '{option}' for {self.kind} is not set, mandatory keys are '{names}'", changed=False
                )
        known = [*mandatory, *optional]
        for option in new:
            if option not in known and option != "type":
                names = "', '".join(known)
                self.warnings.append(
                    f"key '{option}' for {self.kind} entry is not valid and will be ignored, valid keys are '{names}'"
                )

    @staticmethod
    def _added(new: Mapping[str, Any], options: list[str]) -> list[str]:
        lines = []
        for option in options:
            if option not in new:
                continue
            value, name = new[option], pascal(option)
            if isinstance(value, dict):
                lines += [f"+{name}.{pascal(key)}={shown(one)}" for key, one in value.items()]
            else:
                lines.append(f"+{name}={shown(value)}")
        return lines

    @staticmethod
    def _replaced(new: Mapping[str, Any], old: Properties, options: list[str]) -> list[str]:
        lines = [f"-Type={old['Type']}", f"+Type={new['type']}"]
        for label, one, was in _beside(new, old, options):
            lines += [f"+{label}={shown(one)}"] if one is not None else []
            lines += [f"-{label}={shown(was)}"] if was is not None else []
        return lines

    @staticmethod
    def _changed(new: Mapping[str, Any], old: Properties, options: list[str]) -> list[str]:
        lines = []
        for label, one, was in _beside(new, old, options):
            if one is not None and differs(one, was):
                lines += [f"-{label}={shown(was)}", f"+{label}={shown(one)}"]
        return lines

    def _built(self, new: Mapping[str, Any], options: list[str]) -> Properties:
        made = self.create(new["type"])
        for option in options:
            value, name = new.get(option), pascal(option)
            if isinstance(value, dict):
                for key, one in value.items():
                    if one is not None and pascal(key) not in made[name]:
                        raise ModuleFailure(
                            f"failed to set {self.kind} property '{pascal(key)}' to '{shown(one)}': The property "
                            f"'{pascal(key)}' cannot be found on this object. Verify that the property exists and can "
                            "be set.",
                            changed=False,
                        )
                made[name] |= {pascal(key): one for key, one in value.items() if one is not None}
            elif value is not None:
                made[name] = value
        return made


def new_action(kind: str) -> Properties:
    return {"Type": kind, **copy.deepcopy(tables.load("tasks")["action"])}


def new_trigger(kind: str) -> Properties:
    table = tables.load("tasks")
    return {"Type": kind, **copy.deepcopy(table["trigger"]), **copy.deepcopy(table["triggers"][kind]["own"])}


def action_options(_kind: str) -> tuple[list[str], list[str]]:
    return ["path"], ["arguments", "working_directory"]


def trigger_options(kind: str) -> tuple[list[str], list[str]]:
    known = tables.load("tasks")["triggers"][kind]
    return known["mandatory"], known["optional"]
