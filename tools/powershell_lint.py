# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hold every own PowerShell script against its grammar, the rules of the house and Microsoft's reference.

No engine is needed or used: what this proves is that a script parses, that it calls what there is on every release it
is written for, and that it does nothing that the rules forbid. docs/powershell.md says what it does not prove.

usage: python -m tools.powershell_lint [SCRIPT ...]
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.powershell import commands, findings
from tools.powershell.findings import Finding
from tools.powershell.reference import Reference, own_reference
from tools.powershell.script import OWN, Script, own_scripts
from tools.tree import TOP


def check(name: str, content: bytes, reference: Reference | None = None) -> list[Finding]:
    """What is wrong with a script, by line."""
    script, known = Script(name, content), reference or own_reference()
    found = [
        *findings.check_text(script),
        *findings.check_syntax(script),
        *findings.check_parameters(script, known),
        *findings.check_types(script, known),
        *findings.check_language(script, known),
        *findings.check_blocks(script),
        *commands.check_commands(script, known),
    ]
    return sorted(set(found))


def syntax_errors(content: bytes) -> list[Finding]:
    """Where a text is no PowerShell to the grammar; for PowerShell that is not sent to a server."""
    return [found for found in findings.check_syntax(Script("", content)) if "does not parse" in found.message]


def main(arguments: list[str]) -> int:
    """Check the named scripts, or all of the project's. Return the exit status."""
    bad = 0
    for path in [Path(name) for name in arguments] or own_scripts():
        for finding in check(path.name, path.read_bytes()):
            print(f"{path}:{finding.line}: {finding.message}")
            bad += 1
    if not arguments:
        for path in sorted(set((TOP / "plugins").rglob("*.ps1")) - set(own_scripts())):
            print(f"{path}:1: own scripts lie in {OWN.relative_to(TOP)}")
            bad += 1
        runner = TOP / "tests" / "contract" / "run.ps1"
        for finding in syntax_errors(runner.read_bytes()):
            print(f"{runner}:{finding.line}: {finding.message}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
