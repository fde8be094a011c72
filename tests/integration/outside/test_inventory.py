# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's inventory as it is, in the hands of ansible-inventory and Molecule."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from tools.tree import TOP

if t.TYPE_CHECKING:
    from ..conftest import Lab

PROGRAMS = Path(sys.executable).parent


def test_ansible_inventory_shows_groups_and_no_password(lab: Lab) -> None:
    done = subprocess.run(
        [PROGRAMS / "ansible-inventory", "-i", lab.inventory, "--list"], capture_output=True, text=True, check=True
    )
    shown = json.loads(done.stdout)
    assert shown["directory"]["hosts"] == ["localhost"]
    assert shown["domain_controllers"]["hosts"] == ["dc1", "dc2"]
    assert shown["ndes"]["hosts"] == ["ndes1", "ndes2"]
    for account in lab.credentials["accounts"].values():
        assert account["password"] not in done.stdout


def test_molecule_scenario_passes_on_the_inventory(lab: Lab, tmp_path: Path) -> None:
    """Converge, idempotence, verify, clean up: Molecule itself decides. Other tests make all recipes."""
    folder = tmp_path / "inventory"
    shutil.copytree(lab.inventory.parent, folder)
    wishes = folder / "group_vars" / "directory.yml"
    content = yaml.safe_load(wishes.read_text())
    content["certificate_templates_wanted"] = [{"recipe": "scep"}, {"recipe": "ra_signing"}]
    wishes.write_text(yaml.safe_dump(content))
    environment = {
        **os.environ,
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "NO_COLOR": "1",
        "ANSIBLE_COLLECTIONS_PATH": str(TOP / "build" / "collections"),
        "INTUNE_INVENTORY": str(folder / "hosts.yml"),
    }
    done = subprocess.run(
        [PROGRAMS / "molecule", "test", "--scenario-name", "directory"],
        cwd=TOP,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for action in ("converge", "idempotence", "verify", "cleanup"):
        assert f"directory > {action}: Executed: Successful" in done.stdout + done.stderr
