# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pki_audit_info and playbooks/audit.yml against the lab's forest, as an ordinary user. Read back with ldapsearch, and
held against the catalogue that the forest was seeded from.
"""

from __future__ import annotations

import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report.pages import Page, complaints
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report.schemas import strict
from jsonschema import Draft202012Validator

from lab.forest import catalogue
from tools.tree import TOP

from .conftest import AUTHORITY, SERVICES, Ldapsearch, Modules, Result, connection

if t.TYPE_CHECKING:
    from ..conftest import Lab

SCHEMA = strict(json.loads((TOP / "docs" / "audit-schema.json").read_text(encoding="utf-8")))
TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
DOMAIN = "DC=corp,DC=example"
#: The names of principals for the aliases of SDDL that the catalogue uses.
ALIASES = {
    "DA": "Domain Admins",
    "DC": "Domain Computers",
    "DD": "Domain Controllers",
    "DU": "Domain Users",
    "EA": "Enterprise Admins",
    "ED": "ENTERPRISE DOMAIN CONTROLLERS",
    "RO": "Enterprise Read-only Domain Controllers",
    "RS": "RAS and IAS Servers",
}
#: A certificate that logs on in any name, for everybody.
DANGEROUS: dict[str, t.Any] = {
    "duplicate_of": "User",
    "subject_name": {"source": "supply_in_request"},
    "rights": {"add": [{"principal": "Domain Users", "rights": ["enroll"]}]},
    "allow_hazards": ["ESC1"],
}


@pytest.fixture
def alice(lab: Lab) -> Modules:
    """Modules run as an ordinary user."""
    return Modules(connection(lab, "alice"))


def audit(modules: Modules) -> Result:
    result = modules.run("pki_audit_info")
    assert (result["failed"], result["changed"]) == (False, False), result
    document: Result = result["audit"]
    return document


def template(document: Result, name: str) -> Result:
    (found,) = (one for one in document["templates"] if one["name"] == name)
    return t.cast(Result, found)


def test_document_follows_its_schema(alice: Modules) -> None:
    document = audit(alice)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
    assert (document["forest"], document["account"]) == ("corp.example", "CORP\\alice")
    assert document["server"] in ("dc1.corp.example", "dc2.corp.example")


@pytest.mark.requirement("SCEP-045")
def test_numbers_agree_with_ldapsearch(alice: Modules, ldapsearch: Ldapsearch) -> None:
    document = audit(alice)
    seen = ldapsearch(TEMPLATES, "(objectClass=pKICertificateTemplate)", "cn", "displayName", scope="one")
    assert {one["name"]: one["display_name"] for one in document["templates"]} == {
        entry["cn"][0].decode(): entry["displayName"][0].decode() for entry in seen.values()
    }
    services = ldapsearch(SERVICES, "(objectClass=pKIEnrollmentService)", "cn", "certificateTemplates")
    assert {one["name"]: sorted(one["published"]) for one in document["authorities"]} == {
        entry["cn"][0].decode(): sorted(value.decode() for value in entry["certificateTemplates"])
        for entry in services.values()
    }
    (service,) = services.values()
    published = {value.decode().casefold() for value in service["certificateTemplates"]}
    assert {one["name"].casefold() for one in document["templates"] if one["published_on"]} == published


@pytest.mark.requirement("SCEP-035")
def test_who_may_enroll_is_as_the_forest_was_seeded(alice: Modules) -> None:
    document = audit(alice)
    for row in catalogue.load()["templates"]:
        found = template(document, row["cn"])
        assert {who["name"] for who in found["enrollment"]} == {ALIASES[alias] for alias in row["enroll"]}, row["cn"]
        automatic = {who["name"] for who in found["enrollment"] if "autoenroll" in who["rights"]}
        assert automatic == {ALIASES[alias] for alias in row.get("autoenroll", [])}, row["cn"]
        assert found["hazards"] == []


def test_a_dangerous_template_is_found_by_an_ordinary_user(alice: Modules, modules: Modules, name: str) -> None:
    assert not modules.template(name, **DANGEROUS)["failed"]
    before = audit(alice)
    (hazard,) = template(before, name)["hazards"]
    assert (hazard["id"], hazard["refused"], hazard["active"], hazard["reach"]) == ("ESC1", True, False, "broad")
    assert template(before, name)["settings"]["subject"] == "supply_in_request"
    publication: dict[str, t.Any] = {"certification_authority": AUTHORITY, "allow_hazards": ["ESC1"]}
    modules.run("template_publication", **publication, templates={"add": [name]})
    after = audit(alice)
    modules.run("template_publication", **publication, templates={"remove": [name]})
    assert template(after, name)["published_on"] == [AUTHORITY]
    assert template(after, name)["hazards"][0]["active"]
    assert after["verdict"]["level"] == "danger"
    assert after["verdict"]["headline"] == "People without special rights can take over this forest."


def test_what_the_account_may_not_read_is_missing_or_said(alice: Modules, modules: Modules, name: str) -> None:
    """A template without Read for the user is published under a name that is of nothing the user sees."""
    rights = {"set": [{"principal": "Domain Admins", "rights": ["full_control"]}]}
    modules.template(name, duplicate_of="User", rights=rights)
    published = modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [name]})
    assert published["changed"], published
    document = audit(alice)
    modules.run("template_publication", certification_authority=AUTHORITY, templates={"remove": [name]})
    assert name not in {one["name"] for one in document["templates"]}
    assert [one["unknown"] for one in document["authorities"]] == [[name]]
    assert "1 published name is of no template." in document["verdict"]["details"]


def test_a_broken_template_does_not_end_the_audit(
    alice: Modules, modules: Modules, lab: Lab, tmp_path: Path, name: str
) -> None:
    modules.template(name, duplicate_of="User")
    _modify(lab, tmp_path, f"CN={name},{TEMPLATES}", "pKIExpirationPeriod:: AAAA")
    document = audit(alice)
    # The module that removes it wants to read it first.
    _modify(lab, tmp_path, f"CN={name},{TEMPLATES}", "pKIExpirationPeriod:: AEA5hy7h/v8=")
    found = template(document, name)
    assert found["unreadable"] == "attribute pKIExpirationPeriod: a period has 8 octets, not 3"
    assert found["settings"] is None
    assert "1 thing could not be read." in document["verdict"]["details"]


def test_names_held_twice_are_those_that_ldapsearch_counts(alice: Modules, ldapsearch: Ldapsearch) -> None:
    """Whatever is held twice in the lab at this time, counted from all names that ldapsearch shows."""
    seen: dict[str, set[str]] = {}
    for dn, entry in ldapsearch(DOMAIN, "(servicePrincipalName=*)", "servicePrincipalName").items():
        for value in entry["servicePrincipalName"]:
            seen.setdefault(value.decode().casefold(), set()).add(dn)
    expected = {key: dns for key, dns in seen.items() if len(dns) > 1 and key != "kadmin/changepw"}
    found = audit(alice)["duplicate_service_principal_names"]
    assert {one["service_principal_name"].casefold(): set(one["holders"]) for one in found} == expected


def test_nothing_in_the_directory_changes(alice: Modules, lab: Lab, ldapsearch: Ldapsearch) -> None:
    """No object gets a higher update number, the account that signs on left aside. What others do meanwhile may spoil
    a try, not all of them.
    """
    changed: list[str] = []
    for _try in range(3):
        (root,) = ldapsearch("", "(objectClass=*)", "highestCommittedUSN", scope="base").values()
        beyond = f"(uSNChanged>={int(root['highestCommittedUSN'][0]) + 1})"
        audit(alice)
        changed = [
            dn
            for base in (DOMAIN, f"CN=Configuration,{DOMAIN}")
            for dn in ldapsearch(base, beyond, "cn")
            if "alice" not in dn.casefold()
        ]
        if not changed:
            return
    pytest.fail(f"changed: {changed}")


def _modify(lab: Lab, folder: Path, dn: str, replacement: str) -> None:
    known = lab.credentials
    change = folder / "change.ldif"
    change.write_text(f"dn: {dn}\nchangetype: modify\nreplace: {replacement.partition(':')[0]}\n{replacement}\n")
    server, user = f"ldaps://dc1.{known['domain']}", f"pkiadmin@{known['domain']}"
    subprocess.run(
        ["ldapmodify", "-H", server, "-x", "-D", user, "-y", "/dev/stdin", "-f", change],
        input=known["accounts"]["pkiadmin"]["password"],
        text=True,
        check=True,
        capture_output=True,
        env={"LDAPTLS_CACERT": str(lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
    )


class Playbook:
    """playbooks/audit.yml as alice."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.place = folder / "reports" / "pki"
        self.variables = folder / "variables.json"
        self.variables.touch(0o600)
        given = {"intune_directory": connection(lab, "alice"), "pki_audit_directory": str(self.place)}
        self.variables.write_text(json.dumps(given))

    def __call__(self, *options: str) -> str:
        program = Path(sys.executable).with_name("ansible-playbook")
        playbook = TOP / "playbooks" / "audit.yml"
        command: list[str | Path] = [program, "-i", self.lab.inventory, playbook, "-e", f"@{self.variables}", *options]
        done = self.lab.ansible(command)
        assert done.returncode == 0, done.stdout + done.stderr
        assert self.lab.credentials["accounts"]["alice"]["password"] not in done.stdout
        return done.stdout


def test_playbook_writes_document_and_page(
    lab: Lab, alice: Modules, modules: Modules, name: str, tmp_path: Path
) -> None:
    hostile = "{{ 7 * 7 }}</style><script>alert(1)</script>"
    modules.template(name, display_name=f"{hostile} {name}", **DANGEROUS)
    play = Playbook(lab, tmp_path)
    rehearsed = play("--check", "--diff")
    assert "Nothing is written in check mode." in rehearsed
    assert not play.place.exists()

    first = play()
    document, page = play.place / "audit.json", play.place / "audit.html"
    assert [oct(path.stat().st_mode & 0o777) for path in (play.place, document, page)] == ["0o750", "0o640", "0o640"]
    read = json.loads(document.read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(read)] == []
    assert template(read, name)["display_name"] == f"{hostile} {name}"
    text = page.read_text(encoding="utf-8")
    assert complaints(text) == []
    assert f"{hostile} {name}" in Page(text).root.text
    assert read["verdict"]["headline"] in first
    assert str(page) in first
    assert template(audit(alice), name) == template(read, name)

    again = play()
    assert "changed=0" in again
    # It says when it was read, and is written all the same.
    assert json.loads(document.read_text(encoding="utf-8"))["read_at"] > read["read_at"]
    modules.template(name, general={"validity_period": "2 years"}, allow_hazards=["ESC1"])
    assert "changed=2" in play()
