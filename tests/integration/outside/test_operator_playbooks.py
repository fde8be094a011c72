# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/delegate.yml, and then site.yml and remove.yml from end to end in the hands of a delegated operator."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import typing as t
import uuid
from pathlib import Path

import pytest

from tools.tree import TOP

from ..ldap_tools import DOMAIN, SERVICES, Client, known_client

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

UNIT = f"OU=Service Accounts,{DOMAIN}"
PLACES = (
    f"CN=Certificate Templates,{SERVICES}",
    f"CN=OID,{SERVICES}",
    f"CN=CORP Issuing CA 1,CN=Enrollment Services,{SERVICES}",
    UNIT,
)
RECIPES = ("scep", "ra_signing")
OPERATOR = "pkioperator"


class Play:
    """Playbooks with the variables of this test alone."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.tag = uuid.uuid4().hex[:8]
        self.account = f"svc-{self.tag}"
        self.templates = {recipe: f"{recipe.replace('_', '')}{self.tag}" for recipe in RECIPES}

    def __call__(self, playbook: str, account: str, *options: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("ansible-playbook")
        file = self.folder / f"{account}.json"
        file.write_text(json.dumps(self.variables(account)))
        command: list[str | Path] = [
            program,
            "-i",
            self.lab.inventory,
            "--limit",
            "directory",
            TOP / "playbooks" / playbook,
            "-e",
            f"@{file}",
            *options,
        ]
        return self.lab.ansible(command)

    def variables(self, account: str) -> dict[str, t.Any]:
        credentials = f"lookup('ansible.builtin.file', '{self.lab.dir}/credentials.json') | from_json"
        return {
            "domain_username": f"{account}@CORP.EXAMPLE",
            "domain_password": "{{ (" + credentials + f").accounts.{account}.password }}}}",
            "certificate_templates_managers": ["Domain Admins", "Enterprise Admins", "CORP\\PKI Operators"],
            "certificate_templates_ndes_account": f"CORP\\{self.account}",
            "certificate_templates_wanted": [
                {"recipe": recipe, "name": name, "display_name": f"Display {name}"}
                for recipe, name in self.templates.items()
            ],
            "service_account_wanted": [
                {
                    "name": self.account,
                    "options": {"path": UNIT, "password_never_expires": True, "display_name": "SCEP"},
                    "service_principal_names": {"set": [f"http/{self.tag}.corp.example"]},
                }
            ],
            "service_account_passwords": {self.account: f"Aa1!{uuid.uuid4().hex}"},
        }


@pytest.fixture
def play(lab: Lab, tmp_path: Path) -> Iterator[Play]:
    made = Play(lab, tmp_path)
    yield made
    made("remove.yml", "pkiadmin", "-e", "remove_confirmation=corp.example")
    made("delegate.yml", "pkiadmin", "-e", "delegation_state=absent")


@pytest.fixture
def administrator(lab: Lab, tmp_path: Path) -> Client:
    return known_client(lab, "pkiadmin", tmp_path)


def succeeded(done: subprocess.CompletedProcess[str]) -> int:
    """The number of changed tasks."""
    assert done.returncode == 0, done.stdout + done.stderr
    (changed,) = re.findall(r"changed=(\d+)", done.stdout)
    return int(changed)


def descriptors(administrator: Client) -> list[bytes]:
    return [administrator.descriptor(dn) for dn in PLACES]


def objects(administrator: Client) -> set[str]:
    """Everything that site.yml could leave behind."""
    return {dn for base in (SERVICES, UNIT) for dn in administrator.search(base, "(objectClass=*)", "cn")}


@pytest.mark.requirement("SCEP-027")
def test_an_operator_goes_the_whole_way(play: Play, administrator: Client) -> None:
    secured, present = descriptors(administrator), objects(administrator)

    # Without the delegation the same account can rehearse, is told so, and can do nothing.
    told = play("site.yml", OPERATOR, "--check")
    assert succeeded(told) > 0
    assert "Without check mode this would fail." in told.stdout + told.stderr
    denied = play("site.yml", OPERATOR)
    assert denied.returncode == 2
    assert "playbooks/delegate.yml grants them" in " ".join((denied.stdout + denied.stderr).split())
    assert objects(administrator) == present

    rehearsed = play("delegate.yml", "pkiadmin", "--check", "--diff")
    assert succeeded(rehearsed) == 1
    assert "create certificate templates" in rehearsed.stdout
    assert descriptors(administrator) == secured
    assert succeeded(play("delegate.yml", "pkiadmin")) == 1
    assert succeeded(play("delegate.yml", "pkiadmin")) == 0

    assert succeeded(play("site.yml", OPERATOR, "--check", "--diff")) > 0
    assert objects(administrator) == present
    assert succeeded(play("site.yml", OPERATOR)) > 0
    assert succeeded(play("site.yml", OPERATOR)) == 0
    account = administrator.read(f"CN={play.account},{UNIT}", "servicePrincipalName", "userAccountControl")
    assert account["servicePrincipalName"] == [f"http/{play.tag}.corp.example".encode()]
    assert int(account["userAccountControl"][0]) == 512 | 0x10000 | 0x100000
    issued = administrator.read(PLACES[2], "certificateTemplates")["certificateTemplates"]
    operator = administrator.read(f"CN=PKI Operator,CN=Users,{DOMAIN}", "objectSid")["objectSid"][0]
    for name in play.templates.values():
        assert name.encode() in issued
        security = administrator.descriptor(f"CN={name},{PLACES[0]}")
        # The owner's SID lies where the fifth octet says (MS-DTYP 2.4.6).
        assert security[security[4] :].startswith(operator)

    # The administrator finds it as the operator left it, and the operator can take it back.
    assert succeeded(play("site.yml", "pkiadmin")) == 0
    assert succeeded(play("remove.yml", OPERATOR, "-e", "remove_confirmation=corp.example")) > 0
    assert objects(administrator) == present
    assert succeeded(play("delegate.yml", "pkiadmin", "-e", "delegation_state=absent")) == 1
    assert descriptors(administrator) == secured
    assert succeeded(play("delegate.yml", "pkiadmin", "-e", "delegation_state=absent")) == 0
