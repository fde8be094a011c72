# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pki_delegation against the lab's forest. Read back with ldapsearch, and decoded by Samba."""

from __future__ import annotations

import re
import subprocess
import typing as t
from dataclasses import dataclass

import pytest

from ..ldap_tools import (
    DOMAIN,
    SERVICES,
    Client,
    Scratch,
    entry_on,
    known_client,
    samba_tool,
    sid_of,
    unique,
)
from .conftest import AUTHORITY, Modules, connection
from .delegation_rows import BAD_INPUT
from .test_examples import examples, play

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..conftest import Lab

CONTAINERS = {"templates": f"CN=Certificate Templates,{SERVICES}", "oids": f"CN=OID,{SERVICES}"}
SERVICE = f"CN={AUTHORITY},CN=Enrollment Services,{SERVICES}"
TEMPLATE_CLASS, OID_CLASS = "e5209ca2-3bba-11d2-90cc-00c04fd91ab1", "37cfd85c-6719-4ad8-8f9e-8678ba627563"
PUBLISHED = "2a39c5b1-8960-11d1-aebc-0000f80367c1"
USER, GMSA = "bf967aba-0de6-11d0-a285-00aa003049e2", "7b8b558a-93a5-4af7-adca-c017e67f1057"
MANAGE = "CCDCDTLCLORCRPSDSWWDWOWP"


@dataclass(frozen=True)
class Scene:
    """Who and what there is for a test of delegation."""

    administrator: Client
    scratch: Scratch
    names: dict[str, str]

    def sid(self, account: str) -> str:
        return sid_of(self.administrator, account)

    def descriptor(self, dn: str) -> bytes:
        return self.administrator.descriptor(dn)


@pytest.fixture(scope="module")
def scratch(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    made = Scratch(known_client(lab, "pkiadmin", tmp_path_factory.mktemp("clients")))
    yield made
    made.remove_all()


@pytest.fixture(scope="module")
def scene(scratch: Scratch) -> Scene:
    unit = scratch.unit()
    people = f"CN=Users,{DOMAIN}"
    group = scratch.group()
    with_users = scratch.group(f"CN=Domain Users,{people}")
    distribution = unique("d")
    scratch.add(f"CN={distribution},{people}", f"objectClass: group\nsAMAccountName: {distribution}\ngroupType: 2\n")
    local = unique("l")
    scratch.add(
        f"CN={local},{people}",
        f"objectClass: group\nsAMAccountName: {local}\ngroupType: -2147483644\n"
        f"member: CN=S-1-5-11,CN=ForeignSecurityPrincipals,{DOMAIN}\n",
    )
    inside = scratch.group()
    scratch.add_member(group, inside)
    admins_too = scratch.group()
    scratch.add_member("Domain Admins", admins_too)
    return Scene(
        scratch.administrator,
        scratch,
        {
            "unit": unit,
            "group": group,
            "members": scratch.group(),
            "with_users": with_users,
            "nested": scratch.group(f"CN={with_users},{people}"),
            "local": local,
            "distribution": distribution,
            "inside": inside,
            "admins_too": admins_too,
        },
    )


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest, modules: Modules, scene: Scene) -> Iterator[None]:
    """A test that fails leaves no delegation for the next one. Those of bad input look themselves."""
    yield
    if request.function is not test_bad_input_is_refused:
        modules.run("pki_delegation", state="absent", **everywhere(scene))


def everywhere(scene: Scene) -> dict[str, t.Any]:
    """All tasks that need nothing but the unit."""
    return {
        "principal": scene.names["group"],
        "tasks": ["templates", "publication", "accounts", "service_principal_names"],
        "organizational_unit": scene.names["unit"],
    }


def filled(value: t.Any, names: dict[str, str]) -> t.Any:
    """O(value) with the names of the scene in it."""
    if isinstance(value, str):
        return value.format(**names) if "{" in value else value
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    return {key: filled(inner, names) for key, inner in value.items()}


@pytest.mark.parametrize("check", [True, False], ids=["check", "act"])
@pytest.mark.parametrize(("arguments", "message"), [row[1:] for row in BAD_INPUT], ids=[row[0] for row in BAD_INPUT])
def test_bad_input_is_refused(
    modules: Modules, scene: Scene, arguments: dict[str, t.Any], message: str, check: bool
) -> None:
    before = changes(scene)
    result = modules.run("pki_delegation", check=check, **filled(arguments, scene.names))
    assert result["failed"], result
    assert filled(message, scene.names) in result["msg"]
    assert "Traceback" not in str(result)
    assert changes(scene) == before


def changes(scene: Scene) -> t.Any:
    """The numbers of the last changes, of everything that a delegation could have changed."""
    units_and_groups = "(|(objectClass=organizationalUnit)(objectClass=group)(objectClass=domain))"
    return [
        scene.administrator.search(SERVICES, "(objectClass=*)", "uSNChanged"),
        scene.administrator.search(DOMAIN, units_and_groups, "uSNChanged"),
    ]


@pytest.mark.requirement("SCEP-027")
def test_everything_is_granted_and_taken_back(lab: Lab, modules: Modules, scene: Scene, tmp_path: Path) -> None:
    places = [*CONTAINERS.values(), SERVICE, scene.names["unit"]]
    before = {dn: scene.descriptor(dn) for dn in places}
    wanted: dict[str, t.Any] = {**everywhere(scene), "backup_dir": str(tmp_path / "backups")}
    rehearsed = modules.run("pki_delegation", check=True, **wanted)
    assert (rehearsed["failed"], rehearsed["changed"], "backup_file" in rehearsed) == (False, True, False), rehearsed
    assert {dn: scene.descriptor(dn) for dn in places} == before

    done = modules.run("pki_delegation", **wanted)
    assert (done["failed"], done["changed"]) == (False, True), done
    assert (done["diff"], done["rights"]) == (rehearsed["diff"], rehearsed["rights"])
    assert {right["granted_by"] for right in done["rights"]} == {"own"}
    who = f"CORP\\{scene.names['group']}"
    assert done["diff"]["before"] == {who: {}}
    assert done["diff"]["after"][who][SERVICE] == ["write certificateTemplates"]
    after = {dn: aces_of(lab, dn) for dn in places}
    sid = scene.sid(scene.names["group"])
    new_on = {dn: after[dn] - sddl(before[dn], sid.rpartition("-")[0]) for dn in places}
    assert new_on[CONTAINERS["templates"]] == {f"(OA;;CC;{TEMPLATE_CLASS};;{sid})"}
    assert new_on[CONTAINERS["oids"]] == {f"(OA;;CC;{OID_CLASS};;{sid})"}
    assert new_on[SERVICE] == {f"(OA;;WP;{PUBLISHED};;{sid})"}
    new = new_on[scene.names["unit"]]
    assert {f"(OA;;CC;{USER};;{sid})", f"(OA;;CC;{GMSA};;{sid})"} < new
    assert {entry.split(";")[1] for entry in new if entry.split(";")[2] != "CC"} == {"CIIONP"}
    assert len(new) == len([right for right in done["rights"] if right["object"] == scene.names["unit"]])
    # What the module says that it has written is what Samba reads.
    said = {entry for right in done["rights"] for entry in split(f"({right['entry']})")}
    assert said == {entry for dn in places for entry in new_on[dn]}

    again = modules.run("pki_delegation", **wanted)
    assert (again["changed"], again["diff"]["before"], "backup_file" in again) == (False, done["diff"]["after"], False)
    back = modules.run("pki_delegation", state="absent", **wanted)
    assert (back["changed"], back["diff"]["after"]) == (True, {who: {}})
    assert {dn: scene.descriptor(dn) for dn in places} == before
    assert modules.run("pki_delegation", state="absent", **wanted)["changed"] is False


@pytest.mark.parametrize("task", ["templates", "publication", "accounts", "service_principal_names"])
def test_one_task_gets_what_it_needs_and_leaves_the_others(lab: Lab, modules: Modules, scene: Scene, task: str) -> None:
    every = everywhere(scene)
    alone: dict[str, t.Any] = {"principal": every["principal"], "tasks": [task]}
    if task in ("accounts", "service_principal_names"):
        alone["organizational_unit"] = scene.names["unit"]
    places = [*CONTAINERS.values(), SERVICE, scene.names["unit"]]
    before = {dn: scene.descriptor(dn) for dn in places}
    done = modules.run("pki_delegation", **alone)
    assert {right["task"] for right in done["rights"]} == {task}
    touched = {dn for dn in places if scene.descriptor(dn) != before[dn]}
    assert touched == {right["object"] for right in done["rights"]}
    whole = modules.run("pki_delegation", **every)
    assert (whole["changed"], whole["failed"]) == (True, False), whole
    less = modules.run("pki_delegation", state="absent", **alone)
    assert less["changed"]
    # The others are still there, and the one is gone.
    left = modules.run("pki_delegation", check=True, **every)["rights"]
    missing = modules.run("pki_delegation", check=True, **every)["diff"]
    assert len(left) == len(whole["rights"])
    assert _count(missing["after"]) - _count(missing["before"]) == len(done["rights"])
    modules.run("pki_delegation", state="absent", **every)
    assert {dn: scene.descriptor(dn) for dn in places} == before


def _count(shown: dict[str, dict[str, list[str]]]) -> int:
    return sum(len(words) for objects in shown.values() for words in objects.values())


def test_wider_entries_are_left_and_suffice(lab: Lab, modules: Modules, scene: Scene) -> None:
    sid = scene.sid(scene.names["group"])
    dn = CONTAINERS["templates"]
    before = scene.descriptor(dn)
    with entry_on(scene.administrator, dn, f"(A;CI;GA;;;{sid})"):
        wide = scene.descriptor(dn)
        assert wide != before
        wanted: dict[str, t.Any] = {"principal": sid, "tasks": ["templates"]}
        done = modules.run("pki_delegation", **wanted)
        assert [(right["object"], right["granted_by"]) for right in done["rights"]] == [
            (dn, "wider"),
            (CONTAINERS["oids"], "own"),
        ]
        assert scene.descriptor(dn) == wide
        assert modules.run("pki_delegation", **wanted)["changed"] is False
        assert modules.run("pki_delegation", state="absent", **wanted)["changed"]
        assert scene.descriptor(dn) == wide
    assert scene.descriptor(dn) == before


def test_an_entry_that_denies_is_refused(lab: Lab, modules: Modules, scene: Scene) -> None:
    sid = scene.sid(scene.names["group"])
    dn = scene.names["unit"]
    # Of an attribute that accounts do not have: it denies nothing of the delegation.
    with entry_on(scene.administrator, dn, f"(OD;CI;WP;{PUBLISHED};;{sid})"):
        assert not modules.run("pki_delegation", check=True, **everywhere(scene))["failed"]
    with entry_on(scene.administrator, dn, f"(D;;CC;;;{sid})"):
        refused = modules.run("pki_delegation", **everywhere(scene))
    assert refused["msg"] == (
        f"principal: CORP\\{scene.names['group']} cannot be given 'create users' on {dn}: the entry (D;;CC;;;{sid}) "
        "denies it; remove that one first"
    )


def test_existing_templates_and_groups_by_name(modules: Modules, scene: Scene, name: str) -> None:
    made = modules.template(name, duplicate_of="WebServer")
    template, built_in = made["distinguished_name"], f"CN=User,{CONTAINERS['templates']}"
    ((oid_object, _values),) = scene.administrator.search(
        CONTAINERS["oids"], f"(msPKI-Cert-Template-OID={made['oid']})", "cn"
    ).items()
    group = f"CN={scene.names['members']},CN=Users,{DOMAIN}"
    places = (template, built_in, oid_object, group)
    before = {dn: scene.descriptor(dn) for dn in places}
    wanted: dict[str, t.Any] = {
        "principal": scene.names["group"],
        "tasks": ["templates", "group_memberships"],
        "templates": [name.upper(), "User"],
        "groups": [scene.names["members"]],
    }
    done = modules.run("pki_delegation", **wanted)
    assert not done["failed"], done
    sid = scene.sid(scene.names["group"])
    entries = {(right["object"], entry) for right in done["rights"] for entry in split(f"({right['entry']})")}
    assert {
        (template, f"(A;;{MANAGE};;;{sid})"),
        (oid_object, f"(A;;{MANAGE};;;{sid})"),
        (built_in, f"(A;;{MANAGE};;;{sid})"),
        (group, f"(OA;;WP;bf9679c0-0de6-11d0-a285-00aa003049e2;;{sid})"),
    } < entries
    for dn in places:
        assert sddl(scene.descriptor(dn), sid.rpartition("-")[0]) > sddl(before[dn], sid.rpartition("-")[0])
    assert modules.run("pki_delegation", **wanted)["changed"] is False
    modules.run("pki_delegation", state="absent", **wanted)
    assert {dn: scene.descriptor(dn) for dn in places} == before


def test_accounts_that_lie_there_are_told(modules: Modules, scene: Scene) -> None:
    unit = scene.scratch.unit()
    people = sorted(scene.scratch.person(unit).account for _number in range(6))
    wanted: dict[str, t.Any] = {
        "principal": scene.names["group"],
        "tasks": ["accounts"],
        "organizational_unit": unit,
    }
    told = warnings_of(modules.run("pki_delegation", **wanted))
    shown = ", ".join(people[:5])
    assert told == [
        f"{unit} holds accounts already, and CORP\\{scene.names['group']} may take them over: {shown} and 1 more."
    ]
    assert modules.run("pki_delegation", **wanted)["changed"] is False


def test_rights_of_a_group_that_is_gone_are_taken_back_by_its_sid(modules: Modules, scene: Scene) -> None:
    group = scene.scratch.group()
    sid = scene.sid(group)
    before = {dn: scene.descriptor(dn) for dn in CONTAINERS.values()}
    assert modules.run("pki_delegation", principal=group, tasks=["templates"])["changed"]
    scene.administrator.modify(f"dn: CN={group},CN=Users,{DOMAIN}\nchangetype: delete\n")
    by_name = modules.run("pki_delegation", principal=group, tasks=["templates"], state="absent")
    assert f"'{group}' is not a principal of the forest" in by_name["msg"]
    done = modules.run("pki_delegation", principal=sid, tasks=["templates"], state="absent")
    assert (done["changed"], done["principal"]) == (True, sid)
    assert {dn: scene.descriptor(dn) for dn in CONTAINERS.values()} == before


def test_whoever_may_not_delegate_changes_nothing(lab: Lab, scene: Scene) -> None:
    """Half of the objects would be writable: of these, none is written."""
    person = scene.scratch.person()
    modules = Modules({**connection(lab, "alice"), "domain_username": f"{person.account}@CORP.EXAMPLE"})
    modules.connection["domain_password"] = person.password
    with entry_on(scene.administrator, CONTAINERS["templates"], f"(A;;WD;;;{scene.sid(person.account)})"):
        before = changes(scene)
        refused = modules.run("pki_delegation", **everywhere(scene))
        assert changes(scene) == before
        rehearsed = modules.run("pki_delegation", check=True, **everywhere(scene))
    assert refused.get("cause") == "insufficient_rights", refused
    message = (
        f"Failed to change the access control list ({CONTAINERS['oids']} on dc1.corp.example): the account lacks the "
        "rights for this (sDRightsEffective is 0). Remedy: run it as a member of Enterprise Admins, and of Domain "
        "Admins for organizational units and groups."
    )
    assert refused["msg"] == message
    assert rehearsed["changed"]
    assert f"Without check mode this would fail. {message}" in warnings_of(rehearsed)


def test_the_examples_run_as_they_stand(lab: Lab, modules: Modules, scene: Scene, tmp_path: Path) -> None:
    unit = f"OU=Service Accounts,{DOMAIN}"
    places = (*CONTAINERS.values(), SERVICE, unit)
    before = {dn: scene.descriptor(dn) for dn in places}
    try:
        shown = play(lab, examples("pki_delegation"), tmp_path)
        assert "changed=3" in shown
        assert {dn for dn in places if scene.descriptor(dn) != before[dn]} == set(places) - {SERVICE}
    finally:
        modules.run(
            "pki_delegation",
            principal="PKI Operators",
            tasks=["templates", "publication", "accounts", "service_principal_names"],
            organizational_unit=unit,
            state="absent",
        )
    assert {dn: scene.descriptor(dn) for dn in places} == before


def warnings_of(result: dict[str, t.Any]) -> list[str]:
    """The warnings as texts, in whichever form this ansible-core hands them over."""
    return [one if isinstance(one, str) else one["event"]["msg"] for one in result["warnings"]]


def aces_of(lab: Lab, dn: str) -> set[str]:
    """The entries of an object as samba-tool prints them."""
    return set(split(samba_tool(lab, "dsacl", "get", f"--objectdn={dn}").partition("D:")[2]))


def sddl(descriptor: bytes, domain: str) -> set[str]:
    """The entries of a descriptor as Samba's own library decodes them."""
    program = (
        "import sys; from samba.dcerpc import security; from samba.ndr import ndr_unpack; "
        "print(ndr_unpack(security.descriptor, sys.stdin.buffer.read()).as_sddl(security.dom_sid(sys.argv[1])))"
    )
    command = ["/usr/bin/python3", "-c", program, domain]
    done = subprocess.run(command, input=descriptor, capture_output=True, check=True)
    return set(split(done.stdout.decode().partition("D:")[2]))


def split(entries: str) -> list[str]:
    """The entries of a DACL, each with its parentheses, the letters of flags and masks in one order."""
    found = []
    for entry in re.findall(r"\([^()]*\)", entries.partition("S:")[0]):
        fields = entry.split(";")
        found.append(";".join([fields[0], ordered(fields[1]), ordered(fields[2]), *fields[3:]]))
    return found


def ordered(letters: str) -> str:
    return "".join(sorted(letters[at : at + 2] for at in range(0, len(letters), 2)))
