# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ansible-core releases that the tests run under: one environment each, where a Python for it is found.

A file tools/pins/core-X.Y.txt is one release. The main environment (.venv) is one of them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools.tree import TOP


@dataclass(frozen=True, slots=True)
class Core:
    """One release of ansible-core.

    Attributes:
        name: "2.18".
        pythons: the minor versions of Python it runs on, the one to be tested first.
    """

    name: str
    pythons: Sequence[str]

    @property
    def is_main(self) -> bool:
        """Whether it is the release of the environment that runs this."""
        return version("ansible-core").startswith(f"{self.name}.")

    @property
    def venv(self) -> Path:
        return TOP / ".venv" if self.is_main else TOP / "build" / "cores" / self.name

    def find_python(self) -> str | None:
        """The path of a Python it runs on, or None."""
        found = subprocess.run(["tools/python.sh", *self.pythons], cwd=TOP, check=False, capture_output=True, text=True)
        return found.stdout.strip() or None

    def set_up(self, python: str) -> Sequence[str]:
        """The command that makes its environment, or nothing when it has one."""
        return ["tools/venv.sh", str(self.venv), python, f"core-{self.name}", "runtime", "test"]


def load_cores(pins: Path = TOP / "tools" / "pins") -> list[Core]:
    """All releases, oldest first."""
    cores = []
    for path in pins.glob("core-*.txt"):
        pythons = re.search(r"^# python: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        if pythons is None:
            raise ValueError(f"{path}: a line '# python: ...' is missing")
        cores.append(Core(path.stem.removeprefix("core-"), tuple(pythons.group(1).split())))
    return sorted(cores, key=lambda core: [int(part) for part in core.name.split(".")])
