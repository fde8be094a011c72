# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the benchmarks of tests/bench, print a table, write build/bench.json.

A benchmark is a function `bench_NAME(lab)` in a file `tests/bench/bench_*.py` that yields rows. The lab it gets is
started when first used and stopped at the end; what has to run inside its network goes through `lab.run`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from tools.steps import Step
from tools.tree import TOP, link_collection

#: "value <= 10" or "ratio <= 1.5": what a row promises of its value, or of its value divided by its peer's.
TARGET = re.compile(r"(value|ratio) (<=|>=) ([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: what was measured.
        value: the figure, in `unit`.
        unit: "s", "ms", "round trips", ...
        peer: what it is compared with, if anything.
        peer_value: the peer's figure, measured in the same run on the same machine, in the same unit.
        target: what the project promises, in the form of TARGET.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    target: str | None = None

    @property
    def ratio(self) -> float | None:
        """The value divided by the peer's: 1.5 is half as much again, 0.1 a tenth."""
        return None if not self.peer_value else self.value / self.peer_value

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target."""
        if self.target is None:
            return None
        match = TARGET.fullmatch(self.target)
        if match is None:
            raise ValueError(
                f"{self.name}: the target {self.target!r} has not the form 'value <= 10' or 'ratio <= 1.5'"
            )
        measured = self.value if match[1] == "value" else self.ratio
        if measured is None:
            raise ValueError(f"{self.name}: the target {self.target!r} needs a peer")
        return measured <= float(match[3]) if match[2] == "<=" else measured >= float(match[3])

    def as_json(self) -> dict[str, object]:
        """The row as it is written to build/bench.json."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value,
            "ratio": self.ratio,
            "target": self.target,
            "met": self.met,
        }


class Lab:
    """A lab for the benchmarks, in a folder of its own."""

    def __init__(self, folder: str = "build/lab-bench") -> None:
        self.folder = folder
        self.started = False

    def up(self) -> float:
        """Start it when it does not run. Returns the seconds that took."""
        began = time.monotonic()
        self.call("up")
        self.started = True
        return time.monotonic() - began

    def down(self) -> None:
        """Stop it and remove what it left."""
        self.call("down")
        self.started = False

    def run(self, command: Sequence[str]) -> str:
        """Run a command inside the lab's network and return what it prints."""
        if not self.started:
            self.up()
        return self.call("exec", "--", *command)

    def call(self, verb: str, *arguments: str) -> str:
        # Step knows the environment that commands of the checkout run in.
        environment = Step("bench", []).variables()
        command = ["bin/lab", verb, "--dir", self.folder, *arguments]
        done = subprocess.run(command, cwd=TOP, env=environment, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        return done.stdout


Benchmark = Callable[[Lab], Iterator[Row]]


def load(path: Path) -> ModuleType:
    """Import a file of benchmarks."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def find(folder: Path = TOP / "tests" / "bench") -> dict[str, Benchmark]:
    """All benchmarks by name, in the order of files and of functions."""
    found: dict[str, Benchmark] = {}
    for path in sorted(folder.glob("bench_*.py")):
        for name, value in vars(load(path)).items():
            if name.startswith("bench_") and callable(value):
                found[name.removeprefix("bench_")] = value
    return found


def table(rows: Sequence[Row]) -> str:
    """The rows as text."""

    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"

    cells = [("", "value", "unit", "peer", "peer's", "ratio", "target", "met")]
    for row in rows:
        met = {None: "", True: "yes", False: "NO"}[row.met]
        figures = (number(row.value), row.unit, row.peer or "", number(row.peer_value), number(row.ratio))
        cells.append((row.name, *figures, row.target or "", met))
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    return "\n".join("  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)) for line in cells)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks. The exit status tells whether all ran and met their targets."""
    parser = argparse.ArgumentParser(prog="make bench", description="ONLY=name runs one benchmark")
    parser.add_argument("--only", metavar="NAME")
    only = parser.parse_args(arguments).only
    link_collection()
    benchmarks = find()
    if only is not None and only not in benchmarks:
        print(f"no benchmark is called {only}; there are: {', '.join(benchmarks)}", file=sys.stderr)
        return 2
    lab, rows, failed = Lab(), list[Row](), False
    try:
        for name, benchmark in benchmarks.items():
            if only in {None, name}:
                print(f"{name} ...", flush=True)
                try:
                    rows.extend(benchmark(lab))
                # One benchmark that breaks does not take the others' figures with it.
                except (OSError, RuntimeError, ValueError, subprocess.SubprocessError) as error:
                    print(f"{name} failed: {error}", file=sys.stderr)
                    failed = True
    finally:
        if lab.started:
            lab.down()
    output = TOP / "build" / "bench.json"
    output.write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n", encoding="utf-8")
    print(f"\n{table(rows)}\n\nwritten to {output.relative_to(TOP)}")
    return 1 if failed or any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
