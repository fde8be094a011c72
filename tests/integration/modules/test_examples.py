# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the documentation, run as they stand, in one play against the lab's forest."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import yaml

from tools.tree import TOP

from .conftest import AUTHORITY, Ldapsearch, Modules
from .test_template_publication import published

if t.TYPE_CHECKING:
    from ..conftest import Lab

Task: t.TypeAlias = dict[str, t.Any]


def examples(module: str) -> list[Task]:
    """The tasks of EXAMPLES of a module."""
    tree = ast.parse((TOP / "plugins" / "modules" / f"{module}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "EXAMPLES":
            return t.cast("list[Task]", yaml.safe_load(ast.literal_eval(node.value)))
    raise AssertionError(f"{module} has no examples")


def filter_examples(name: str) -> list[Task]:
    documentation = yaml.safe_load((TOP / "plugins" / "filter" / f"{name}.yml").read_text(encoding="utf-8"))
    return t.cast("list[Task]", yaml.safe_load(documentation["EXAMPLES"]))


def play(lab: Lab, tasks: list[Task], folder: Path) -> str:
    playbook = folder / "examples.yml"
    wanted = {
        "hosts": "directory",
        "gather_facts": False,
        "module_defaults": {"group/certops.intune.directory": "{{ intune_directory }}"},
        "vars": {"vault_scep_password": "Canary-7Qx!pelican-91"},
        "tasks": tasks,
    }
    playbook.write_text(yaml.safe_dump([wanted], sort_keys=False))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", lab.inventory, playbook],
        cwd=TOP,
        env={**os.environ, "HOME": str(folder), "ANSIBLE_COLLECTIONS_PATH": str(TOP / "build" / "collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_examples_of_modules_and_filters(lab: Lab, modules: Modules, ldapsearch: Ldapsearch, tmp_path: Path) -> None:
    *made, removed = examples("certificate_template")
    before = published(ldapsearch)
    modules.templates += ["IntuneSCEP", "IntuneRAEncryption"]
    tasks = [
        *made,
        *filter_examples("rights_entries"),
        *examples("pki_audit_info"),
        *filter_examples("audit_page"),
        *examples("template_publication"),
        *examples("certificate_template_info"),
        *examples("certification_authority_info"),
        *examples("service_account"),
        *examples("service_principal_name"),
        removed,
    ]
    try:
        shown = play(lab, tasks, tmp_path)
    finally:
        modules.run(
            "template_publication",
            certification_authority=AUTHORITY,
            templates={"set": [name.decode() for name in before]},
        )
    assert "GeneralPurposeTemplate = IntuneSCEP" in shown
    assert (tmp_path / "corp-root.cer").read_bytes()[:1] == b"\x30"
    assert published(ldapsearch) == before
    assert "pelican" not in shown
