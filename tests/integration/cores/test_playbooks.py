# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few playbooks under every ansible-core: what a release of it could break is between it and the modules."""

from __future__ import annotations

import json
import sys
import typing as t
from importlib.metadata import version
from pathlib import Path

import pytest

from tools.tree import TOP

if t.TYPE_CHECKING:
    from ..conftest import Lab


@pytest.mark.parametrize(
    "playbook, options",
    [
        ("tests/integration/cores/way_of_a_template.yml", ()),
        ("tests/integration/cores/way_of_an_account.yml", ()),
        ("tests/integration/cores/way_of_a_server.yml", ()),
        ("playbooks/site.yml", ("--check", "--diff", "--limit", "directory,ndes1")),
        ("playbooks/audit.yml", ("--diff",)),
    ],
)
def test_playbook(lab: Lab, playbook: str, options: tuple[str, ...], tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("ansible-playbook")
    name = f"CoreSmoke{version('ansible-core').replace('.', '')}"
    wishes = {"certificate_templates_wanted": [{"recipe": "scep"}, {"recipe": "ra_signing"}]}
    variables = ["-e", f"template_name={name}", "-e", f"pki_audit_directory={tmp_path}", "-e", json.dumps(wishes)]
    # Of the templates that the lab's servers get, the one that is made.
    slots = {"ndes_server_templates": {"general_purpose": "IntuneSCEP"}}
    variables += ["-e", f"brought={tmp_path}", "-e", json.dumps(slots)]
    done = lab.run([program, "-i", lab.inventory, TOP / playbook, *variables, *options], check=False, cwd=TOP)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    assert "failed=0" in output
    # A release that takes something away says so first.
    assert "DEPRECATION" not in output
    assert "Traceback" not in output
