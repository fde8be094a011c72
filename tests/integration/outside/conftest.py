# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certipy as a reader of the lab, in the hands of any account, and what it is to read."""

from __future__ import annotations

import json
import subprocess
import typing as t

import pytest

from tools import certipy

from .planting import Planted, content, new_passwords, plant

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..conftest import Lab

#: What Certipy shows of objects, by name.
Shown: t.TypeAlias = dict[str, dict[str, t.Any]]


class Found(t.NamedTuple):
    """What Certipy shows."""

    #: By template name.
    templates: Shown
    #: By cn.
    policies: Shown


@pytest.fixture(scope="module")
def planted(lab: Lab) -> Iterator[Planted]:
    """The set of judged.yml and judged_objects.yml in the directory, removed in the end."""
    passwords = new_passwords()
    try:
        yield Planted(plant(lab, content(passwords)), passwords)
    finally:
        plant(lab, None)


@pytest.fixture(scope="session")
def certipy_find(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Found]:
    """Asks Certipy what it shows an account: its name for logging on, and its password."""
    if not certipy.PROGRAM.exists():
        pytest.skip(f"Certipy is not set up (python -m tools.certipy; needs Python {' or '.join(certipy.pythons())})")
    address = json.loads((lab.dir / "lab.json").read_text())["hosts"]["dc1"]["address"]

    def find(account: str, password: str) -> Found:
        folder = tmp_path_factory.mktemp("certipy")
        command = [
            certipy.PROGRAM, "find", "-u", f"{account}@corp.example", "-p", password,
            "-ldap-scheme", "ldaps", "-ldap-simple-auth", "-dc-ip", address, "-target", "dc1.corp.example",
            "-ns", address, "-dc-only", "-oids", "-json", "-output", "found",
        ]  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        found = json.loads((folder / "found_Certipy.json").read_text())
        return Found(
            {template["Template Name"]: template for template in found["Certificate Templates"].values()},
            {policy["Issuance Policy Name"]: policy for policy in found["Issuance Policies"].values()},
        )

    return find
