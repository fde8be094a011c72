# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab that the integration tests share.

The usual way is to run pytest inside of it, so that libraries in the same process see its network:

    bin/lab up --dir build/lab-test && bin/lab exec --dir build/lab-test -- .venv/bin/pytest tests/integration

Outside of a lab the fixture starts one in build/lab-test, and leaves it running for the next time. Then only what goes
through `Lab.run` reaches the lab's network.
"""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from . import warm

TOP = Path(__file__).resolve().parents[2]
LAB = TOP / "bin" / "lab"

#: Plain member servers that the tests of Windows hosts need: one for each release in each language.
SERVERS = "10"


@dataclass(frozen=True)
class Lab:
    """A lab that runs."""

    dir: Path
    #: Whether this process is in the lab's network.
    inside: bool

    @property
    def inventory(self) -> Path:
        return self.dir / "inventory" / "hosts.yml"

    @property
    def credentials(self) -> dict[str, t.Any]:
        """credentials.json: `domain`, and per account in `accounts` its `username` and `password`."""
        content: dict[str, t.Any] = json.loads((self.dir / "credentials.json").read_text())
        return content

    def run(
        self, command: t.Sequence[str | Path], *, check: bool = True, **options: t.Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside the lab.

        Args:
            command: The program and its arguments.
            check: Whether a failure raises.
            **options: For subprocess.run. Output is captured as text unless they say otherwise.
        """
        enter: list[str | Path] = [] if self.inside else [LAB, "exec", "--dir", self.dir, "--"]
        given: dict[str, t.Any] = {"capture_output": True, "text": True, **options}
        done: subprocess.CompletedProcess[str] = subprocess.run([*enter, *command], check=check, **given)
        return done

    def ansible(
        self, command: t.Sequence[str | Path], environment: t.Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `ansible` or `ansible-playbook` inside the lab, whatever comes of it.

        Args:
            command: The program and its arguments.
            environment: Variables beside those of this process.
        """
        if self.inside:
            return warm.run(command, environment=environment)
        variables = [f"{name}={value}" for name, value in (environment or {}).items()]
        return self.run(["env", *variables, *command], check=False, cwd=TOP)


@pytest.fixture(scope="session")
def lab() -> Lab:
    known = os.environ.get("LAB_DIR")
    if known and _is_inside(Path(known)):
        return Lab(Path(known), inside=True)
    if os.geteuid() != 0:
        pytest.fail("The integration tests need root for the lab. Run them as: make test")
    directory = Path(known or TOP / "build" / "lab-test")
    subprocess.run([LAB, "up", "--dir", directory, "--hosts", SERVERS], check=True)
    return Lab(directory, inside=False)


def _is_inside(directory: Path) -> bool:
    """Whether this process is in the network of the lab in a directory."""
    try:
        state = json.loads((directory / "lab.json").read_text())
    except (OSError, ValueError):
        return False
    return bool(state.get("network_namespace") == Path("/proc/self/ns/net").stat().st_ino)
