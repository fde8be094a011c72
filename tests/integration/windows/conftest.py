# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Using the simulated Windows hosts: Ansible as a user has it, and bin/lab to look at what it did."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools.runs import CALLBACK, RECORD, Run, read_run

from ..conftest import LAB, Lab

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Windows:
    """The Windows hosts of a lab."""

    lab: Lab
    scratch: Path = field(repr=False)

    def bin_lab(self, command: str, *arguments: str, check: bool = True) -> str:
        """What `bin/lab COMMAND` prints."""
        argv: list[str | Path] = [LAB, command, "--dir", self.lab.dir, *arguments]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout if done.returncode == 0 else done.stderr

    def state(self, host: str, pointer: str = "") -> t.Any:
        return json.loads(self.bin_lab("state", host, pointer))

    def changed_since(self, host: str, before: dict[str, t.Any]) -> list[str]:
        """The parts of a host that are not as they were. The names alone: two whole states are no message."""
        return [name for name, part in self.state(host).items() if part != before[name]]

    def reset(self, host: str, **shape: str) -> None:
        self.bin_lab("reset", host, *(word for name, value in shape.items() for word in (f"--{name}", value)))

    def trouble(self, host: str, **ordered: t.Any) -> None:
        self.bin_lab("trouble", host, json.dumps(ordered))

    def traffic(self, host: str) -> dict[str, t.Any]:
        counted: dict[str, t.Any] = json.loads(self.bin_lab("traffic", host))
        return counted

    def adhoc(self, host: str, module: str, arguments: t.Any = None, **variables: t.Any) -> AdHoc:
        """Run one module with `ansible -m`, as JSON."""
        program: list[str | Path] = [PROGRAMS / "ansible", "-i", self.lab.inventory, host, "-m", module]
        if arguments is not None:
            program += ["-a", arguments if isinstance(arguments, str) else json.dumps(arguments)]
        extra = self.scratch / "variables.json"
        extra.write_text(json.dumps(variables))
        done = self.lab.ansible([*program, "-e", f"@{extra}"])
        return AdHoc.read(done)

    def play(
        self, playbook: Path | list[dict[str, t.Any]], *options: str, check: bool = True, **variables: t.Any
    ) -> Run:
        """Run a playbook and return what its tasks did."""
        if isinstance(playbook, list):
            content, playbook = playbook, self.scratch / "playbook.json"
            playbook.write_text(json.dumps(content))
        record, extra = self.scratch / "record.json", self.scratch / "variables.json"
        extra.write_text(json.dumps(variables))
        program: list[str | Path] = [PROGRAMS / "ansible-playbook", "-i", self.lab.inventory, playbook, *options]
        program += ["-e", f"@{extra}"]
        done = self.lab.ansible(program, {**CALLBACK, RECORD: str(record)})
        if check and done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return read_run(record)


@dataclass(frozen=True)
class AdHoc:
    """What `ansible` said about the first host: `SUCCESS`, `CHANGED`, `FAILED!` or `UNREACHABLE!`, and the result."""

    word: str
    result: dict[str, t.Any]
    output: str

    @classmethod
    def read(cls, done: subprocess.CompletedProcess[str]) -> AdHoc:
        found = re.search(r"^\S+ \| (\S+) => (?=\{)", done.stdout, re.MULTILINE)
        output = done.stdout + done.stderr
        if found is None:
            return cls("", {}, output)
        result, _ = json.JSONDecoder().raw_decode(done.stdout, found.end())
        return cls(found[1], result, output)

    @property
    def message(self) -> str:
        """Its message, without the words that ansible-core puts before it from 2.19 on."""
        return str(self.result.get("msg", "")).removeprefix("Task failed: ")


@pytest.fixture
def windows(lab: Lab, tmp_path: Path) -> Windows:
    return Windows(lab, tmp_path)
