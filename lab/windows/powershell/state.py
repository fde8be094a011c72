# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a PowerShell text has while it runs on a host: its streams, its variables, and how it ends."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.payload.records import ErrorRecord
from lab.windows import scripts
from lab.windows.commands import Around
from lab.windows.not_modelled import NotModelled

from .values import NotRead, Word


@dataclass
class Ran:
    """What a text did.

    Attributes:
        output: Objects on the success stream.
        host: What Write-Host wrote.
        errors: Error records; a terminating one is the last.
        terminated: Whether a terminating error ended it.
        succeeded: $? after the last statement.
        exited: The status of `exit`; None if there was none.
        native: $LASTEXITCODE; None if no program ran.
        ansible: $Ansible, as the text leaves it.
    """

    output: list[Any] = field(default_factory=list)
    host: list[str] = field(default_factory=list)
    errors: list[ErrorRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    verbose: list[str] = field(default_factory=list)
    debug: list[str] = field(default_factory=list)
    information: list[str] = field(default_factory=list)
    terminated: bool = False
    succeeded: bool = True
    exited: int | None = None
    native: int | None = None
    ansible: scripts.AnsibleVariable = field(default_factory=scripts.AnsibleVariable)

    @property
    def status(self) -> int:
        """Exit status of a powershell.exe that ran the text."""
        if self.exited is not None:
            return self.exited
        return 0 if self.succeeded and not self.terminated else 1


@dataclass
class Run:
    """A text that runs.

    Attributes:
        around: Where it runs.
        stops: $ErrorActionPreference is Stop.
        what_if: -WhatIf was given.
        wait: Sleeps; None where the model is locked and nobody may wait.
    """

    around: Around
    stops: bool = False
    what_if: bool = False
    wait: Callable[[float], None] | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    ran: Ran = field(default_factory=Ran)


class Terminated(Exception):  # noqa: N818
    """A terminating error."""

    def __init__(self, record: ErrorRecord) -> None:
        super().__init__(record.message)
        self.record = record


class Exited(Exception):  # noqa: N818
    """`exit`."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def value(state: Run, word: Word) -> Any:
    """What a word is worth."""
    if not word.quoted and not word.expands:
        worth = number(word.text)
        return word.text if worth is None else worth
    if not word.expands:
        return word.text
    if not word.quoted:
        return _variable(state, word.text)
    return re.sub(r"\$\{?(env:\w+|\w+)\}?", lambda found: as_text(_variable(state, f"${found[1]}")), word.text)


def number(text: str) -> int | None:
    """A word that is a number; None for every other."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def _variable(state: Run, name: str) -> Any:
    lower = name.lower()
    constants: dict[str, Any] = {"$true": True, "$false": False, "$null": None}
    if lower in constants:
        return constants[lower]
    if lower.startswith("$env:"):
        return state.around.variable(lower[5:])
    if lower == "$lastexitcode":
        return state.ran.native
    if lower == "$?":
        return state.ran.succeeded
    if lower in ("$pwd", "$pwd.path"):
        return state.around.directory
    if lower[1:] in state.variables:
        return state.variables[lower[1:]]
    raise NotModelled(f"the PowerShell variable {name}")


def as_text(item: Any) -> str:
    """An object as PowerShell writes it into a text."""
    if item is None:
        return ""
    if isinstance(item, list):
        return " ".join(map(as_text, item))
    return str(item)


@dataclass(frozen=True)
class Cmdlet:
    """A cmdlet: its parameters (True for switches) with those that are positional first, and what it does."""

    parameters: Mapping[str, bool]
    positional: tuple[str, ...]
    body: Callable[[Run, dict[str, Word | None], str], None]

    def read(self, parts: list[Word], statement: str) -> dict[str, Word | None]:
        """The arguments by name of the parameter. NotModelled for a parameter that the lab does not know."""
        found: dict[str, Word | None] = {}
        free = list(self.positional)
        rest = iter(parts)
        for one in rest:
            if not one.quoted and re.match(r"-[A-Za-z]", one.text):
                name = one.text[1:].lower()
                if name not in self.parameters:
                    raise NotModelled(f"the parameter {one.text} in {shortened(statement)}")
                found[name] = None if self.parameters[name] else next(rest, None)
                if not self.parameters[name] and found[name] is None:
                    raise NotRead(statement)
                continue
            left = [name for name in free if name not in found]
            if not left:
                raise NotRead(statement)
            found[left[0]] = one
        return found


def shortened(text: str) -> str:
    """The beginning of a text, for messages."""
    one = " ".join(text.split())
    return repr(one if len(one) <= 80 else f"{one[:77]}...")
