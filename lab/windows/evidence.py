# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/evidence.md: what stands behind each answer of the simulated Windows hosts.

usage: python -m lab.windows.evidence [--write]

The operations come out of the registry, what their cases show out of tests/cases, what was run on Windows itself out of
docs/evidence-runs.yml.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from . import commands, modules, scripts
from .operation import OPERATIONS, Operation

TOP = Path(__file__).resolve().parents[2]
TARGET = TOP / "docs" / "evidence.md"
RUNS = TOP / "docs" / "evidence-runs.yml"
CASES = TOP / "tests" / "cases"
DOCUMENTATION = CASES / "documentation.yaml"

#: What a step of a module's cases can show, with what that means.
SHOWS: Mapping[str, str] = {
    "refused": "wrong arguments are refused and nothing happens",
    "check_mode": "check mode predicts and changes nothing",
    "act": "the change is made",
    "idempotence": "the same again changes nothing",
    "diff": "the diff of the module",
    "error": "it fails as on Windows and nothing happens",
    "remove": "what was made is taken away",
    "read": "state is read and nothing changes",
}

KINDS: Mapping[str, str] = {"module": "Upstream modules", "program": "Programs", "script": "Own scripts"}

HEAD = """\
<!-- Made by `python -m lab.windows.evidence --write`. Do not edit. -->
# Evidence: what stands behind the simulated Windows hosts

**Nothing on this page, and nothing that the lab answers, is proof of Windows.** The hosts of the lab are a simulation
that was written from source code and documentation. A playbook that passes here has been rehearsed; whether it does the
same on a Windows Server, only a run on that server shows.
"""


def load() -> list[Operation]:
    """All operations, by kind and name."""
    modules.load()
    commands.load()
    scripts.load()
    kinds = list(KINDS)
    return sorted(OPERATIONS.values(), key=lambda operation: (kinds.index(operation.kind), operation.name))


def read_yaml(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def behaviours(folder: Path = CASES) -> dict[str, Counter[str]]:
    """How many steps show what, by module."""
    found = {}
    for path in sorted(folder.glob("*.yml")):
        content = read_yaml(path)
        found[content["module"]] = Counter(name for step in content["steps"] for name in shown_by(step))
    return found


def shown_by(step: Mapping[str, Any]) -> tuple[str, ...]:
    """What a step shows: what it says, and a diff where it expects one."""
    also = step["shows"] != "diff" and step.get("diff") and "diff" in step.get("expect", {})
    return (step["shows"], "diff") if also else (step["shows"],)


def runs(path: Path = RUNS) -> list[Mapping[str, Any]]:
    """Runs elsewhere: `operation`, `release` (on that Windows) or `engine` (with stand-ins), `date`, `by`, `what`."""
    content = read_yaml(path)
    found: list[Mapping[str, Any]] = content["runs"] or []
    return found


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _where(operation: Operation, seen: Iterable[Mapping[str, Any]]) -> str:
    """Where an operation ran: only here, under which PowerShell with stand-ins, or on which Windows, and when."""
    mine = [run for run in seen if run["operation"] == operation.name]
    engines = [f"{run['engine']} on {run['date']}" for run in mine if "engine" in run]
    real = [f"{run['release']} on {run['date']}" for run in mine if "release" in run]
    told = [f"with stand-ins under {', '.join(engines)}"] if engines else []
    told += [f"run on {', '.join(real)}"] if real else []
    return "; ".join(told) or "simulated"


def document() -> str:
    """The whole page."""
    seen, operations, shown = runs(), load(), behaviours()
    on_windows = {run["operation"] for run in seen if "release" in run}
    under_engine = {run["operation"] for run in seen if "engine" in run}
    counted = (
        f"Of {len(operations)} operations, {len(on_windows)} were ever compared with a run on Windows, and "
        f"{len(under_engine)} own scripts were run by a real PowerShell with stand-ins for the cmdlets."
    )
    parts = [HEAD.rstrip(), counted]
    for kind, title in KINDS.items():
        described = [
            (
                f"`{operation.name}`",
                operation.mirrors,
                "; ".join(operation.checked_against) or "nothing but its own tests",
                _limits(operation),
                _where(operation, seen),
            )
            for operation in operations
            if operation.kind == kind
        ]
        if described:
            parts += [f"## {title}", table(("Operation", "Mirrors", "Checked against", "Limits", "Where"), described)]
    parts += ["## What the cases of each module show", _meaning()]
    wrong = read_yaml(DOCUMENTATION)
    rows = [
        (
            f"`{module}`",
            *(str(counts[shows]) if counts[shows] else "" for shows in SHOWS),
            f"but {', '.join(f'`{key}`' for key in wrong[module])}" if module in wrong else "as documented",
        )
        for module, counts in sorted(shown.items())
    ]
    parts.append(table(("Module", *SHOWS, "return keys"), rows))
    return "\n\n".join(parts) + "\n"


def _limits(operation: Operation) -> str:
    leaks = f"In check mode, as upstream: {operation.check_mode_leaks}" if operation.check_mode_leaks else ""
    return ". ".join(text for text in (operation.limits, leaks) if text) or "none known"


def _meaning() -> str:
    lines = [
        "The numbers count steps of `tests/cases`. Each is run against the model itself and with ansible-playbook over",
        "WinRM, except those of modules whose action plugin does a part of the work, which need ansible-playbook. The",
        "keys of every result are held against what the module documents as returned;",
        "`tests/cases/documentation.yaml` says where and why the documentation is not followed.",
        "",
        *(f"- {shows}: {meaning}" for shows, meaning in SHOWS.items()),
    ]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the page, or say whether it is up to date. Return the exit status."""
    made = document()
    if "--write" in arguments:
        TARGET.write_text(made, encoding="utf-8")
        return 0
    if not TARGET.exists() or TARGET.read_text(encoding="utf-8") != made:
        print(f"{TARGET} is not what the registry says: python -m lab.windows.evidence --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
