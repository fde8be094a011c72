# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take out of Microsoft's reference of cmdlets what the project's own scripts use.

The reference is a file that lies beside the checkout of the maintainers (../shared/data/powershell/cmdlets.json): 31
modules as Microsoft documents them for four releases of Windows Server. The extract, tests/contract/cmdlets.json, is
what `make lint` and tests/contract/run.ps1 read anywhere.

usage: python -m tools.cmdlets          writes the extract again, after a script began to use another cmdlet
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tools.powershell.reference import EXTRACT, Rules
from tools.powershell.script import Script, own_scripts, text
from tools.tree import TOP

REFERENCE = TOP.parent / "shared" / "data" / "powershell" / "cmdlets.json"

#: How the reference names the releases of a module that is part of Windows PowerShell 5.1.
FIVE_ONE = "Windows PowerShell 5.1"

#: What of a parameter is kept.
KEPT = ("type", "aliases", "values", "documented_for")


def used(scripts: Iterable[Path]) -> set[str]:
    """Names of everything that scripts call."""
    names = (Script(path.name, path.read_bytes()).of("command_name") for path in scripts)
    return {text(node) for nodes in names for node in nodes}


def variant(described: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: described[name] for name in KEPT if name in described}
    if "ByValue" in described.get("pipeline", ""):
        kept["pipeline"] = True
    return kept


def extract(reference: Mapping[str, Any], names: Iterable[str], releases: list[str]) -> dict[str, Any]:
    """The extract of a reference that holds the cmdlets among O(names)."""
    wanted = {name.casefold() for name in names}
    cmdlets: dict[str, Any] = {}
    for module, described in reference["modules"].items():
        for name, cmdlet in described["cmdlets"].items():
            if name.casefold() not in wanted:
                continue
            documented = cmdlet.get("documented_for", described["documented_for"])
            cmdlets[name] = {
                "module": module,
                "releases": releases if documented == [FIVE_ONE] else documented,
                "parameters": {
                    parameter: [variant(one) for one in variants]
                    for parameter, variants in sorted(cmdlet["parameters"].items())
                },
            }
    head = {
        "what": "What own scripts use of Microsoft's reference of cmdlets; tools/cmdlets.py makes it.",
        **{name: reference["head"][name] for name in ("windows_docs_commit", "powershell_docs_commit")},
    }
    return {"head": head, "cmdlets": dict(sorted(cmdlets.items()))}


def written(content: Mapping[str, Any]) -> str:
    """The extract as its file has it."""
    return json.dumps(content, indent=1) + "\n"


def main() -> int:
    """Write the extract. Return the exit status."""
    if not REFERENCE.exists():
        print(f"{REFERENCE} is not there: the extract stays as it is", file=sys.stderr)
        return 1
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    EXTRACT.write_text(written(extract(reference, used(own_scripts()), Rules().releases)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
