# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certipy, the outside reader that tests and benchmarks compare with: its environment, where a Python is found."""

from __future__ import annotations

import re
import subprocess
import sys

from tools.tree import TOP

ENVIRONMENT = TOP / "build" / "tools" / "certipy"
PROGRAM = ENVIRONMENT / "bin" / "certipy"
_PINS = TOP / "tools" / "pins" / "certipy.txt"


def pythons() -> list[str]:
    """The minor versions of Python it runs on, the one to be tried first."""
    found = re.search(r"^# python: (.+)$", _PINS.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise ValueError(f"{_PINS}: a line '# python: ...' is missing")
    return found.group(1).split()


def set_up() -> str:
    """Make or refresh the environment, which needs the network. Returns the state of a step: ok, not run, or failed."""
    wanted = pythons()
    python = subprocess.run(["tools/python.sh", *wanted], cwd=TOP, check=False, capture_output=True, text=True)
    if python.returncode or not python.stdout.strip():
        return f"not run: no Python {' or '.join(wanted)} found"
    command = ["tools/venv.sh", str(ENVIRONMENT), python.stdout.strip(), "certipy"]
    made = subprocess.run(command, cwd=TOP, check=False, stdin=subprocess.DEVNULL)
    return f"failed (status {made.returncode})" if made.returncode else "ok"


if __name__ == "__main__":
    state = set_up()
    print(f"Certipy: {state}")
    sys.exit(state.startswith("failed"))
