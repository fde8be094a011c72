# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a list of named commands, show what fails, and end with a table of what ran and what did not."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tools.tree import COLLECTIONS, TOP

LOGS = TOP / "build" / "logs"

#: Seconds after which a command is ended, and the exit status of `timeout` then.
LIMIT = 1800
OVER_TIME = 124

#: How many commands run at the same time where their order does not matter.
WORKERS = min(4, os.cpu_count() or 1)


def slug(name: str) -> str:
    """The name of a step as the name of a file."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower())


@dataclass(frozen=True, slots=True)
class Step:
    """One command with a name, run in the checkout with its environment's programs first in PATH.

    Attributes:
        name: shown in the table; also the name of the log in build/logs.
        command: program and arguments.
        environment: added to the environment of the process.
        venv: the virtual environment whose programs the command means.
        shown: whether the output goes to the terminal as it comes (and not only when the command fails).
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    venv: Path = TOP / ".venv"
    shown: bool = False

    def run(self) -> Result:
        """Run the command, keep its output in a log, and print it when it failed."""
        LOGS.mkdir(parents=True, exist_ok=True)
        log = LOGS / f"{slug(self.name)}.log"
        started = time.monotonic()
        with log.open("wb") as sink:
            process = subprocess.Popen(
                ["timeout", "--kill-after=20", str(LIMIT), *self.command],
                cwd=TOP,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
            assert process.stdout is not None
            for line in process.stdout:
                sink.write(line)
                if self.shown:
                    print(line.decode(errors="replace"), end="", flush=True)
            code = process.wait()
        state = {0: "ok", OVER_TIME: f"failed (over {LIMIT} s)"}.get(code, f"failed ({code})")
        result = Result(self.name, state, time.monotonic() - started)
        if code and not self.shown:
            print(
                f"--- {self.name}\n{log.read_text(encoding='utf-8', errors='replace')}--- {self.name}: {result.state}"
            )
        elif not self.shown:
            print(f"{self.name}: ok, {result.seconds:.1f} s", flush=True)
        return result

    def variables(self) -> dict[str, str]:
        """The environment of the process: what a person's shell says about Ansible and Python does not count."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "MOLECULE_", "PYTEST_")) and name not in {"PYTHONPATH", "PYTHONHOME"}
        }
        return {
            **kept,
            "PATH": f"{self.venv / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "VIRTUAL_ENV": str(self.venv),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(TOP / "build" / "ansible-home"),
            "ANSIBLE_NOCOLOR": "1",
            "NO_COLOR": "1",
            **self.environment,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a step. The state is `ok`, `failed (...)` or `not run: ...`."""

    name: str
    state: str
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        return self.state.startswith("failed")


def run_all(steps: Sequence[Step], workers: int = 1) -> list[Result]:
    """Run steps, several at a time when told so, and return their results in the order of the steps."""
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(Step.run, steps))


def summary(results: Sequence[Result]) -> str:
    """The table of all results."""
    width = max(len(result.name) for result in results)
    lines = [f"{'':{width}}  seconds  result"]
    lines += [f"{result.name:{width}}  {result.seconds:7.1f}  {result.state}" for result in results]
    return "\n".join(lines)
