# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every recipe of the role, made by the playbook and judged by readers that are none of ours.

Certipy reads the forest as an ordinary user, who must be shown each template as it was asked for and no way to abuse
it; Samba's own tool and OpenLDAP's read the same objects.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import typing as t
from dataclasses import dataclass, field

import pytest
import yaml

from tools.tree import TOP

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..conftest import Lab
    from .conftest import Found, Shown

RECIPES = yaml.safe_load((TOP / "roles/certificate_templates/vars/main.yml").read_text())[
    "certificate_templates_recipes"
]
PREFIX = "Judged"
AUTHORITY = "CORP Issuing CA 1"
NDES, CONNECTOR = {"svc-scep"}, {"CONN1"}
NDES_COMPUTERS = {"NDES1", "NDES2"}


@dataclass
class Expected:
    """What Certipy should show of a recipe: who enrolls, and what for."""

    enrollers: set[str]
    supplies_subject: bool = False
    client_authentication: bool = False
    enrollment_agent: bool = False
    application_policies: set[str] = field(default_factory=set)


SCEP = Expected(NDES, supplies_subject=True, client_authentication=True, application_policies={"Client Authentication"})
EXPECTED = {
    "scep": SCEP,
    "scep_signature": SCEP,
    "scep_encryption": SCEP,
    "scep_apple": SCEP,
    "pkcs": Expected(
        CONNECTOR,
        supplies_subject=True,
        client_authentication=True,
        application_policies={"Encrypting File System", "Secure Email", "Client Authentication"},
    ),
    "web_server": Expected(NDES_COMPUTERS, supplies_subject=True, application_policies={"Server Authentication"}),
    "client_authentication": Expected(
        NDES_COMPUTERS, client_authentication=True, application_policies={"Client Authentication"}
    ),
    "ra_signing": Expected(NDES_COMPUTERS, enrollment_agent=True, application_policies={"Certificate Request Agent"}),
    "ra_encryption": Expected(
        NDES_COMPUTERS, enrollment_agent=True, application_policies={"Certificate Request Agent"}
    ),
}


def name_of(recipe: str) -> str:
    return f"{PREFIX}{recipe.title().replace('_', '')}"


def play(lab: Lab, playbook: Path | str, **variables: t.Any) -> subprocess.CompletedProcess[str]:
    options = ["--limit", "directory", str(playbook), "--extra-vars", json.dumps(variables)]
    return lab.ansible(["ansible-playbook", "-i", lab.inventory, *options])


@pytest.fixture(scope="module")
def made(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All recipes under names of their own, published, and taken back in the end."""
    wanted = [{"recipe": recipe, "name": name_of(recipe), "display_name": name_of(recipe)} for recipe in RECIPES]
    done = play(lab, "playbooks/site.yml", certificate_templates_wanted=wanted)
    assert done.returncode == 0, done.stdout + done.stderr
    again = play(lab, "playbooks/site.yml", certificate_templates_wanted=wanted)
    assert re.search(r"changed=0 ", again.stdout), again.stdout
    yield
    removal = tmp_path_factory.mktemp("removal") / "remove.yml"
    task = {
        "certops.intune.certificate_template": {"name": "{{ item }}", "state": "absent"},
        "loop": [name_of(recipe) for recipe in RECIPES],
    }
    play_of = {
        "hosts": "directory",
        "gather_facts": False,
        "module_defaults": {"group/certops.intune.directory": "{{ intune_directory }}"},
        "tasks": [task, {"certops.intune.service_account": {"name": "svc-scep", "state": "absent"}}],
    }
    removal.write_text(yaml.safe_dump([play_of]))
    gone = play(lab, removal)
    assert gone.returncode == 0, gone.stdout + gone.stderr


@pytest.fixture(scope="module")
def seen(made: None, lab: Lab, certipy_find: Callable[[str, str], Found]) -> Shown:
    """What Certipy shows the ordinary user, by template name."""
    return certipy_find("alice", lab.credentials["accounts"]["alice"]["password"]).templates


def test_every_recipe_is_judged() -> None:
    assert set(EXPECTED) == set(RECIPES)


@pytest.mark.requirement(
    "SCEP-028", "SCEP-032", "SCEP-033", "SCEP-035", "SCEP-041", "SCEP-044", "PKCS-025", "PKCS-026", "TRBL-062"
)
@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_certipy_shows_what_was_asked_for_and_no_vulnerability(seen: Shown, recipe: str) -> None:
    template, expected = seen[name_of(recipe)], EXPECTED[recipe]
    assert template.get("[!] Vulnerabilities") is None
    assert template["Enabled"] is True
    assert template["Certificate Authorities"] == [AUTHORITY]
    assert template["Enrollee Supplies Subject"] is expected.supplies_subject
    assert template["Client Authentication"] is expected.client_authentication
    assert template["Enrollment Agent"] is expected.enrollment_agent
    assert template["Any Purpose"] is False
    assert set(template["Extended Key Usage"]) == expected.application_policies
    assert template["Schema Version"] == 2
    assert template["Requires Manager Approval"] is False
    rights = template["Permissions"]["Enrollment Permissions"]["Enrollment Rights"]
    assert {principal.partition("\\")[2] for principal in rights} == expected.enrollers


def test_samba_tool_reads_the_same_security(made: None, lab: Lab, tmp_path: Path) -> None:
    """The descriptor as Samba prints it: protected, and Enroll for nobody but the NDES account."""
    services = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example"
    dn = f"CN={name_of('scep')},CN=Certificate Templates,{services}"
    cache = tmp_path / "tickets"
    password = lab.credentials["accounts"]["pkiadmin"]["password"]
    subprocess.run(["kinit", "-c", str(cache), "pkiadmin"], input=password, capture_output=True, text=True, check=True)
    done = subprocess.run(
        [
            "samba-tool",
            "dsacl",
            "get",
            f"--objectdn={dn}",
            "-H",
            "ldap://dc1.corp.example",
            f"--use-krb5-ccache={cache}",
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    sddl = next(line for line in done.stdout.splitlines() if line.strip().startswith("O:"))
    assert "D:PAI" in sddl
    enrollers = re.findall(r"\(OA;;[A-Z]*;0e10c968-78fb-11d2-90d4-00c04f79dc55;;([^)]*)\)", sddl)
    assert enrollers == [sid_of(lab, "svc-scep")]


def sid_of(lab: Lab, account: str) -> str:
    """The SID of an account, read with OpenLDAP's client and written down by hand (MS-DTYP 2.4.2)."""
    alice = lab.credentials["accounts"]["alice"]["password"]
    done = subprocess.run(
        ["ldapsearch", "-LLL", "-H", "ldaps://dc1.corp.example", "-x", "-D", "alice@corp.example", "-y", "/dev/stdin",
         "-b", "DC=corp,DC=example", f"(sAMAccountName={account})", "objectSid"],
        input=alice, env={"LDAPTLS_CACERT": str(lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"^objectSid:: (.+)$", done.stdout, re.MULTILINE)
    assert found
    octets = base64.b64decode(found.group(1))
    parts = [int.from_bytes(octets[start : start + 4], "little") for start in range(8, len(octets), 4)]
    return "-".join(["S-1", str(int.from_bytes(octets[2:8], "big")), *map(str, parts)])
