# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs that reach Windows hosts, unchanged: ansible, AWX's way of ansible-playbook, Molecule, ansible-test."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import typing as t
from pathlib import Path

from lab import estate
from tools.tree import TOP

from .conftest import PROGRAMS

if t.TYPE_CHECKING:
    from .conftest import Windows


def test_ansible(windows: Windows) -> None:
    done = windows.adhoc("windows", "ansible.windows.win_ping")
    answered = re.findall(r"^(\S+) \| SUCCESS => ", done.output, re.MULTILINE)
    assert sorted(answered) == sorted(host.name for host in estate.members(10)), done.output


def test_inventory_and_credentials_as_awx_gives_them(windows: Windows, tmp_path: Path) -> None:
    """AWX writes the inventory as a program that prints JSON, and gives user and password of the machine credential on
    the command line and at the prompt."""
    lab = windows.lab
    hosts = json.loads((lab.dir / "lab.json").read_text())["hosts"]
    variables = {
        "ansible_connection": "winrm",
        "ansible_port": 5986,
        "ansible_winrm_transport": "kerberos",
        "ansible_winrm_ca_trust_path": str(lab.dir / "ca" / "root.pem"),
    }
    content = {
        "all": {"children": ["ndes"], "vars": variables},
        "ndes": {"hosts": ["ndes1"]},
        "_meta": {"hostvars": {"ndes1": {"ansible_host": hosts["ndes1"]["fqdn"], "remote_tower_enabled": "true"}}},
    }
    inventory = tmp_path / "hosts"
    inventory.write_text(f"#! /usr/bin/env python3\nprint({json.dumps(json.dumps(content))})\n")
    inventory.chmod(inventory.stat().st_mode | stat.S_IXUSR)
    account = lab.credentials["accounts"]["pkiadmin"]
    program: list[str | Path] = [PROGRAMS / "ansible-playbook", "-i", inventory]
    program += ["--user", account["username"], "--ask-pass"]
    playbook = tmp_path / "play.json"
    play = {"hosts": "ndes", "gather_facts": False, "tasks": [{"ansible.windows.win_ping": {}}]}
    playbook.write_text(json.dumps([play]))
    done = lab.run([*program, playbook], check=False, cwd=TOP, input=f"{account['password']}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok=1" in done.stdout


def test_molecule(windows: Windows, tmp_path: Path) -> None:
    """The scenario of the NDES servers: converge, idempotence, verify, cleanup."""
    environment = {
        **os.environ,
        "INTUNE_INVENTORY": str(windows.lab.inventory),
        "MOLECULE_EPHEMERAL_DIRECTORY": str(tmp_path),
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
    }
    for host in ("ndes1", "ndes2"):
        windows.reset(host)
    command: list[str | Path] = [PROGRAMS / "molecule", "test", "--scenario-name", "ndes"]
    done = windows.lab.run(command, check=False, cwd=TOP, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_windows_integration_of_ansible_test(windows: Windows, tmp_path: Path) -> None:
    """A target of ansible-test, with its own inventory, in a copy of the collection as ansible-test wants it."""
    lab = windows.lab
    collection = tmp_path / "ansible_collections" / "certops" / "intune"
    collection.mkdir(parents=True)
    for name in ("galaxy.yml", "meta", "plugins", "roles"):
        source = TOP / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, collection / name)
    for upstream in (TOP / "build" / "collections" / "ansible_collections").iterdir():
        if upstream.name != "certops":
            (collection.parent.parent / upstream.name).symlink_to(upstream)
    target = collection / "tests" / "integration" / "targets" / "windows_lab"
    (target / "tasks").mkdir(parents=True)
    (target / "aliases").write_text("windows\nshippable/windows/group1\n")
    (target / "tasks" / "main.yml").write_text(
        "- ansible.windows.win_ping:\n- ansible.builtin.setup:\n    gather_subset: [min]\n"
    )
    account = lab.credentials["accounts"]["pkiadmin"]
    variables = {
        "ansible_connection": "winrm",
        "ansible_port": 5986,
        "ansible_winrm_transport": "kerberos",
        "ansible_user": account["username"],
        "ansible_password": account["password"],
        "ansible_winrm_ca_trust_path": str(lab.dir / "ca" / "root.pem"),
    }
    lines = [f"ndes1 ansible_host=ndes1.corp.example {' '.join(f'{k}={v!r}' for k, v in variables.items())}"]
    inventory = collection / "tests" / "integration" / "inventory.winrm"
    inventory.write_text("[windows]\n" + "\n".join(lines) + "\n\n[testgroup:children]\nwindows\n")
    for command in (["git", "init", "-q"], ["git", "add", "."]):
        subprocess.run(command, cwd=collection, check=True)
    program: list[str | Path] = [PROGRAMS / "ansible-test", "windows-integration", "--local", "windows_lab"]
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
    done = lab.run([*program, "--allow-disabled"], check=False, cwd=collection, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
