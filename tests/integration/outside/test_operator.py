# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The delegated operator does all of the work, and can do nothing else: each act tried with OpenLDAP's ldapmodify."""

from __future__ import annotations

import re
import struct
import typing as t
from dataclasses import dataclass

import pytest

from ..ldap_tools import (
    CONFIGURATION,
    DOMAIN,
    PASSWORD,
    SERVICES,
    Client,
    Scratch,
    encoded,
    entry_on,
    known_client,
    sid_of,
    unique,
)
from ..modules.conftest import AUTHORITY, Modules, connection
from .operator_acts import ACTS, Act

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

GROUP = "PKI Operators"
TEMPLATES, OIDS = f"CN=Certificate Templates,{SERVICES}", f"CN=OID,{SERVICES}"
SERVICE = f"CN={AUTHORITY},CN=Enrollment Services,{SERVICES}"
PEOPLE = f"CN=Users,{DOMAIN}"
TASKS = ["templates", "publication", "accounts", "service_principal_names", "group_memberships"]
#: What an operator gives a new template, so that all operators manage it.
MANAGERS = {"add": [{"principal": GROUP, "rights": ["manage"]}]}


@dataclass(frozen=True)
class Office:
    """The operators' place of work.

    Attributes:
        first, second: two operators, as clients of OpenLDAP.
        unit: DN of the organizational unit.
        members: name of the group whose members they may change.
    """

    lab: Lab
    administrator: Client
    scratch: Scratch
    first: Client
    second: Client
    unit: str
    members: str

    def modules(self, client: Client) -> Modules:
        """The collection's modules in the hands of a client."""
        given = {**connection(self.lab, "pkiadmin"), "domain_server": ["dc1.corp.example"]}
        given["domain_username"], given["domain_password"] = f"{client.account}@CORP.EXAMPLE", client.password
        return Modules(given)

    @property
    def delegation(self) -> dict[str, t.Any]:
        return {"principal": GROUP, "tasks": TASKS, "organizational_unit": self.unit, "groups": [self.members]}


@pytest.fixture(scope="module")
def scratch(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    made = Scratch(known_client(lab, "pkiadmin", tmp_path_factory.mktemp("clients")))
    yield made
    made.remove_all()


@pytest.fixture(scope="module")
def before_it(lab: Lab, scratch: Scratch) -> Office:
    """Two people in the group, which has no rights yet."""
    first = known_client(lab, "pkioperator", scratch.administrator.folder)
    second = scratch.person()
    office = Office(lab, scratch.administrator, scratch, first, second, scratch.unit(), scratch.group())
    scratch.add_member(GROUP, second.account)
    return office


@pytest.fixture(scope="module")
def office(before_it: Office) -> Iterator[Office]:
    """The same with the rights that pki_delegation gives; without them afterwards, byte for byte."""
    office = before_it
    places = (TEMPLATES, OIDS, SERVICE, office.unit, f"CN={office.members},{PEOPLE}")
    old = [office.administrator.descriptor(dn) for dn in places]
    modules = office.modules(office.administrator)
    done = modules.run("pki_delegation", **office.delegation)
    assert done["changed"], done
    yield office
    assert modules.run("pki_delegation", state="absent", **office.delegation)["changed"]
    assert [office.administrator.descriptor(dn) for dn in places] == old


@pytest.fixture(scope="module")
def names(office: Office) -> Iterator[dict[str, str]]:
    """What the acts name."""
    administrator, scratch = office.administrator, office.scratch
    admin = office.modules(administrator)
    template = unique("T")
    made = admin.template(template, duplicate_of="WebServer", rights={"set": [
        {"principal": "Authenticated Users", "rights": ["read"]},
        {"principal": "Domain Admins", "rights": ["manage"]},
        {"principal": "Enterprise Admins", "rights": ["manage"]},
    ]})  # fmt: skip
    assert not made["failed"], made
    inner = scratch.add(f"OU=Inner,{office.unit}", "objectClass: organizationalUnit\n")
    kerberos = administrator.read(f"CN=KerberosAuthentication,{TEMPLATES}", "msPKI-Cert-Template-OID")
    sid = administrator.read(f"CN={GROUP},{PEOPLE}", "objectSid")["objectSid"][0]
    yield {
        "services": SERVICES,
        "configuration": CONFIGURATION,
        "domain": DOMAIN,
        "template": made["distinguished_name"],
        "oid_object": oid_object(administrator, made["oid"]),
        "built_in_oid_object": oid_object(administrator, kerberos["msPKI-Cert-Template-OID"][0].decode()),
        "policy": next(iter(administrator.search(OIDS, "(displayName=Low Assurance)", "cn"))),
        "unit": office.unit,
        "account": person_dn(scratch, office.unit),
        "inner": inner,
        "inner_account": person_dn(scratch, inner),
        "members": office.members,
        "stranger": scratch.group(),
        "wide": encoded(descriptor(dacl=True)),
        "owned": encoded(descriptor(owner=sid)),
        "password": encoded(f'"{PASSWORD}!"'.encode("utf-16-le")),
    }
    admin.remove_all()


def person_dn(scratch: Scratch, parent: str) -> str:
    return f"CN={scratch.person(parent).account},{parent}"


def oid_object(client: Client, oid: str) -> str:
    return next(iter(client.search(OIDS, f"(msPKI-Cert-Template-OID={oid})", "cn")))


def descriptor(*, dacl: bool = False, owner: bytes = b"") -> bytes:
    """A self-relative descriptor (MS-DTYP 2.4.6) with full control for Everyone, or with an owner."""
    everyone = bytes.fromhex("010100000000000100000000")
    ace = struct.pack("<BBHI", 0, 0, 8 + len(everyone), 0xF01FF) + everyone
    acl = struct.pack("<BBHHH", 4, 0, 8 + len(ace), 1, 0) + ace if dacl else b""
    control = 0x8004 if dacl else 0x8000
    return struct.pack("<BBHIIII", 1, 0, control, 20 if owner else 0, 0, 0, 20 if dacl else 0) + owner + acl


def target(ldif: str) -> str:
    found = re.match(r"dn: (.*)\n", ldif)
    assert found
    return found[1]


# What it can do.


def test_templates_from_the_first_to_the_last_day(office: Office) -> None:
    """Made by one operator, published, changed and deleted by another one."""
    name = unique("T")
    first, second = office.modules(office.first), office.modules(office.second)
    publication: dict[str, t.Any] = {"certification_authority": AUTHORITY}
    try:
        made = first.template(name, duplicate_of="WebServer", rights=MANAGERS)
        assert (made["failed"], made["changed"]) == (False, True), made
        assert oid_object(office.administrator, made["oid"])
        published = second.run("template_publication", templates={"add": [name]}, **publication)
        assert not published["failed"], published
        changed = second.template(name, display_name=f"{name} changed", general={"validity_period": "1 year"})
        assert (changed["failed"], changed["changed"]) == (False, True), changed
        own_rights = second.template(name, rights={"add": [{"principal": "intuneadmin", "rights": ["read"]}]})
        assert (own_rights["failed"], own_rights["changed"]) == (False, True), own_rights
        shown = office.administrator.read(oid_object(office.administrator, made["oid"]), "displayName")
        assert shown["displayName"] == [f"{name} changed".encode()]
        taken_back = second.run("template_publication", templates={"remove": [name]}, **publication)
        assert (taken_back["failed"], taken_back["changed"]) == (False, True), taken_back
        again = first.run("template_publication", templates={"add": [name]}, **publication)
        assert not again["failed"], again
        removed = second.template(name, state="absent")
        assert (removed["failed"], removed["changed"]) == (False, True), removed
    finally:
        office.modules(office.administrator).run("certificate_template", name=name, state="absent")
    assert office.administrator.read(f"CN={name},{TEMPLATES}", "cn") == {}
    assert office.administrator.search(OIDS, f"(msPKI-Cert-Template-OID={made['oid']})", "cn") == {}
    assert name.encode() not in office.administrator.read(SERVICE, "certificateTemplates")["certificateTemplates"]


def test_a_template_without_the_operators_among_its_managers_is_lost_to_them(office: Office) -> None:
    """Even to its maker, who can give the right back by hand: an owner may always change the list."""
    name = unique("T")
    first = office.modules(office.first)
    administrators = [
        {"principal": "Authenticated Users", "rights": ["read"]},
        {"principal": "Domain Admins", "rights": ["manage"]},
    ]
    try:
        assert not first.template(name, duplicate_of="WebServer", rights={"set": administrators})["failed"]
        refused = first.template(name, general={"validity_period": "1 year"})
        assert refused["cause"] == "insufficient_rights"
        assert "has no write property access" in refused["msg"]
        second = office.modules(office.second).template(name, state="absent")
        assert second["cause"] == "insufficient_rights"
        dn = f"CN={name},{TEMPLATES}"
        office.first.write_dacl(dn, descriptor(dacl=True))
        written = f"dn: {dn}\nchangetype: modify\nreplace: msPKI-RA-Signature\nmsPKI-RA-Signature: 1\n"
        assert office.first.modify(written).code == 0
    finally:
        office.modules(office.administrator).run("certificate_template", name=name, state="absent")


def test_a_template_that_exists_is_given_with_its_oid_object(office: Office) -> None:
    """Put on the template alone, the group could not delete both."""
    admin = office.modules(office.administrator)
    second = office.modules(office.second)
    given: dict[str, t.Any] = {"principal": GROUP, "tasks": ["templates"]}
    for name, whole in ((unique("T"), True), (unique("T"), False)):
        oid = admin.template(name, duplicate_of="WebServer")["oid"]
        try:
            if whole:
                assert admin.run("pki_delegation", **given, templates=[name])["changed"]
            else:
                assert admin.template(name, rights=MANAGERS)["changed"]
            removed = second.run("certificate_template", name=name, state="absent")
            left = office.administrator.search(OIDS, f"(msPKI-Cert-Template-OID={oid})", "cn")
            kept = office.administrator.search(TEMPLATES, f"(cn={name})", "cn")
            assert (removed["failed"], bool(left), bool(kept)) == (not whole,) * 3, removed
            if left:
                assert (removed["cause"], next(iter(left)) in removed["msg"]) == ("insufficient_rights", True)
        finally:
            admin.run("certificate_template", name=name, state="absent")
        assert office.administrator.search(OIDS, f"(msPKI-Cert-Template-OID={oid})", "cn") == {}


def test_accounts_from_the_first_to_the_last_day(office: Office) -> None:
    name = unique("s")
    alias = f"{unique('h')}.corp.example"
    first, second = office.modules(office.first), office.modules(office.second)
    dn = f"CN={name},{office.unit}"
    account: dict[str, t.Any] = {"name": name, "path": office.unit}
    made = first.run(
        "service_account",
        **account,
        password=PASSWORD,
        sensitive=True,
        password_never_expires=True,
        display_name="SCEP",
        user_principal_name=f"{name}@corp.example",
        groups={"add": [office.members]},
    )
    assert (made["failed"], made["changed"]) == (False, True), made
    office.scratch.made.append(dn)
    changed = second.run(
        "service_account",
        **account,
        description="changed",
        display_name="SCEP 2",
        user_principal_name=f"{name}2@corp.example",
        account_expires="2030-12-31",
        kerberos_encryption_types={"set": ["aes256"]},
        password=f"{PASSWORD}2",
        update_password="always",
        enabled=False,
    )
    assert (changed["failed"], changed["changed"]) == (False, True), changed
    names: dict[str, t.Any] = {"name": name, "service_principal_names": {"add": [f"http/{alias}"]}}
    named = second.run("service_principal_name", **names)
    assert (named["failed"], named["changed"]) == (False, True), named
    stored = office.administrator.read(dn, "*")
    assert stored["description"] == [b"changed"]
    assert stored["servicePrincipalName"] == [f"http/{alias}".encode()]
    assert stored["memberOf"] == [f"CN={office.members},{PEOPLE}".encode()]
    unnamed = first.run("service_principal_name", **{**names, "service_principal_names": {"set": []}})
    assert (unnamed["failed"], unnamed["changed"]) == (False, True), unnamed
    lock(office.administrator, dn)
    opened = second.run("service_account", **account, unlocked=True, enabled=True)
    assert (opened["failed"], opened["changed"]) == (False, True), opened
    left = second.run("service_account", **account, groups={"remove": [office.members]})
    assert (left["failed"], left["changed"]) == (False, True), left
    removed = second.run("service_account", **account, state="absent")
    assert (removed["failed"], removed["changed"]) == (False, True), removed
    assert office.administrator.read(dn, "cn") == {}


def lock(administrator: Client, dn: str) -> None:
    """What too many wrong passwords leave behind, as far as an administrator can write it."""
    answer = administrator.modify(f"dn: {dn}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n")
    assert answer.code == 0, answer.text


def test_managed_accounts_are_made_and_deleted(office: Office) -> None:
    """With ldapmodify: a forest of the lab's functional level has no key for their passwords."""
    name = unique("m")
    dn = f"CN={name},{office.unit}"
    made = office.first.modify(
        f"dn: {dn}\nchangetype: add\nobjectClass: msDS-GroupManagedServiceAccount\nsAMAccountName: {name}$\n"
        f"dNSHostName: {name}.corp.example\nmsDS-ManagedPasswordInterval: 30\nuserAccountControl: 4096\n"
    )
    assert made.code == 0, made.text
    office.scratch.made.append(dn)
    readers = descriptor(dacl=True)
    changed = office.second.modify(
        f"dn: {dn}\nchangetype: modify\nreplace: description\ndescription: x\n-\n"
        f"replace: msDS-GroupMSAMembership\nmsDS-GroupMSAMembership:: {encoded(readers)}\n-\n"
        f"add: servicePrincipalName\nservicePrincipalName: http/{name}.corp.example\n"
    )
    assert changed.code == 0, changed.text
    deleted = office.second.modify(f"dn: {dn}\nchangetype: delete\n")
    assert deleted.code == 0, deleted.text


def test_the_directory_does_not_refuse_what_the_modules_do(office: Office) -> None:
    """Why the operators are tier 0: everybody an administrator, in two requests."""
    name = unique("T")
    everybody = {"add": [{"principal": "Authenticated Users", "rights": ["read", "enroll"]}]}
    refused = office.modules(office.first).template(
        name,
        rights=everybody,
        subject_name={"source": "supply_in_request"},
        extensions={"application_policies": {"set": ["Client Authentication"]}},
    )
    assert refused["failed"]
    assert "ESC1" in refused["msg"]
    assert office.administrator.read(f"CN={name},{TEMPLATES}", "cn") == {}
    dn, policy = f"CN={name},{TEMPLATES}", f"CN={name},{OIDS}"
    universal = unique("u")
    office.scratch.add(
        f"CN={universal},{PEOPLE}", f"objectClass: group\nsAMAccountName: {universal}\ngroupType: -2147483640\n"
    )
    made = office.first.modify(
        f"dn: {dn}\nchangetype: add\nobjectClass: pKICertificateTemplate\nmsPKI-Certificate-Name-Flag: 1\n"
        f"msPKI-Template-Schema-Version: 2\npKIExtendedKeyUsage: 1.3.6.1.5.5.7.3.2\nmsPKI-RA-Signature: 0\n"
        f"nTSecurityDescriptor:: {encoded(descriptor(dacl=True))}\n\n"
        f"dn: {SERVICE}\nchangetype: modify\nadd: certificateTemplates\ncertificateTemplates: {name}\n\n"
        f"dn: {SERVICE}\nchangetype: modify\ndelete: certificateTemplates\ncertificateTemplates: {name}\n\n"
        f"dn: {policy}\nchangetype: add\nobjectClass: msPKI-Enterprise-Oid\nflags: 2\ndisplayName: {name}\n"
        f"msPKI-Cert-Template-OID: 1.2.3.4.5\nmsDS-OIDToGroupLink: CN={universal},{PEOPLE}\n"
    )
    for left in (dn, policy):
        office.administrator.modify(f"dn: {left}\nchangetype: delete\n")
    assert made.code == 0, made.text


# What it cannot do.


@pytest.mark.parametrize("act", ACTS, ids=[act.name for act in ACTS])
def test_nothing_else(office: Office, names: dict[str, str], act: Act) -> None:
    ldif = act.ldif.format(**names)
    before = office.administrator.read(target(ldif), "*", "nTSecurityDescriptor")
    assert bool(before) == ("changetype: add\n" not in ldif), target(ldif)
    answer = office.first.modify(ldif)
    assert (answer.code, act.answer in answer.text) == (act.code, True), answer
    assert office.administrator.read(target(ldif), "*", "nTSecurityDescriptor") == before


def test_nothing_of_it_changes_the_forest(office: Office, names: dict[str, str]) -> None:
    """All acts once more, one after the other, with the last changes of every object before and after."""
    partitions = (DOMAIN, CONFIGURATION, f"CN=Schema,{CONFIGURATION}", f"DC=DomainDnsZones,{DOMAIN}")

    def numbers() -> list[dict[str, t.Any]]:
        # Logging on leaves its traces on the account itself.
        everything = f"(!(sAMAccountName={office.first.account}))"
        return [office.administrator.search(base, everything, "uSNChanged") for base in partitions]

    before = numbers()
    for act in ACTS:
        assert office.first.modify(act.ldif.format(**names)).code == act.code, act.name
    assert numbers() == before


# Without the delegation. Others than the two operators, so that the order of the tests does not matter.


REMEDY = (
    "Remedy: use an account with the rights that docs/delegated-operator.md lists; playbooks/delegate.yml grants them."
)


@pytest.fixture(scope="module")
def nobody(before_it: Office) -> Client:
    """Somebody without any rights."""
    return before_it.scratch.person()


@pytest.fixture
def theirs(before_it: Office) -> Iterator[str]:
    """A template of the administrators, published."""
    name = unique("T")
    admin = before_it.modules(before_it.administrator)
    assert not admin.template(name, duplicate_of="WebServer")["failed"]
    admin.run("template_publication", certification_authority=AUTHORITY, templates={"add": [name]})
    yield name
    admin.remove_all()


def everything(office: Office) -> t.Any:
    return [office.administrator.search(base, "(objectClass=*)", "uSNChanged") for base in (SERVICES, office.unit)]


def test_without_it_no_template_is_made(before_it: Office, nobody: Client) -> None:
    """Neither it nor the OID object that is made before it."""
    name = unique("T")
    before = everything(before_it)
    modules = before_it.modules(nobody)
    refused = modules.run("certificate_template", name=name, duplicate_of="WebServer")
    message = (
        f"Failed to create an object of class pKICertificateTemplate ({TEMPLATES} on dc1.corp.example): the account "
        f"lacks the rights for this (allowedChildClassesEffective does not name the class). {REMEDY}"
    )
    assert (refused["cause"], refused["msg"]) == ("insufficient_rights", message)
    rehearsed = modules.run("certificate_template", check=True, name=name, duplicate_of="WebServer")
    assert rehearsed["changed"]
    assert f"Without check mode this would fail. {message}" in str(rehearsed["warnings"])
    assert everything(before_it) == before


def test_with_one_right_of_two_nothing_is_half_made(before_it: Office, nobody: Client) -> None:
    """OID objects may be created and templates may not, and the other way round."""
    sid = sid_of(before_it.administrator, nobody.account)
    modules = before_it.modules(nobody)
    for dn, class_guid, missing in (
        (OIDS, "37cfd85c-6719-4ad8-8f9e-8678ba627563", "pKICertificateTemplate"),
        (TEMPLATES, "e5209ca2-3bba-11d2-90cc-00c04fd91ab1", "msPKI-Enterprise-Oid"),
    ):
        with entry_on(before_it.administrator, dn, f"(OA;;CC;{class_guid};;{sid})"):
            before = everything(before_it)
            refused = modules.run("certificate_template", name=unique("T"), duplicate_of="WebServer")
            assert everything(before_it) == before
        assert refused["msg"].startswith(f"Failed to create an object of class {missing} (")
        assert refused["msg"].endswith(REMEDY)


def test_without_it_no_template_is_changed(before_it: Office, nobody: Client, theirs: str) -> None:
    before = everything(before_it)
    modules = before_it.modules(nobody)
    for wanted in ({"general": {"validity_period": "1 year"}}, {"display_name": "Mine"}, {"state": "absent"}, MINE):
        refused = modules.run("certificate_template", name=theirs, **wanted)
        assert (refused["failed"], refused["cause"]) == (True, "insufficient_rights"), refused
        assert REMEDY in refused["msg"]
        assert everything(before_it) == before


MINE: dict[str, t.Any] = {"rights": {"add": [{"principal": "alice", "rights": ["manage"]}]}}


def test_without_it_nothing_is_published(before_it: Office, nobody: Client, theirs: str) -> None:
    before = everything(before_it)
    modules = before_it.modules(nobody)
    for templates in ({"add": ["CEPEncryption"]}, {"remove": [theirs]}):
        refused = modules.run("template_publication", certification_authority=AUTHORITY, templates=templates)
        assert (refused["cause"], REMEDY in refused["msg"]) == ("insufficient_rights", True), refused
        assert "has no write property access" in refused["msg"]
    assert everything(before_it) == before


def test_without_it_no_account_is_made_or_changed(before_it: Office, nobody: Client) -> None:
    dn = person_dn(before_it.scratch, before_it.unit)
    name = dn.partition(",")[0].removeprefix("CN=")
    before = everything(before_it)
    modules = before_it.modules(nobody)
    wishes: list[tuple[str, dict[str, t.Any]]] = [
        ("service_account", {"name": unique("s"), "path": before_it.unit, "password": PASSWORD}),
        ("service_account", {"name": name, "description": "mine"}),
        ("service_account", {"name": name, "password": f"{PASSWORD}3", "update_password": "always"}),
        ("service_account", {"name": name, "state": "absent"}),
        ("service_account", {"name": name, "groups": {"add": [before_it.members]}}),
        ("service_principal_name", {"name": name, "service_principal_names": {"add": ["http/mine.corp.example"]}}),
    ]
    for module, wanted in wishes:
        refused = modules.run(module, **wanted)
        assert (refused["failed"], refused.get("cause")) == (True, "insufficient_rights"), refused
        assert REMEDY in refused["msg"]
        assert PASSWORD not in str(refused)
    assert everything(before_it) == before


def test_whoever_may_not_delegate_does_not(before_it: Office, nobody: Client) -> None:
    before = everything(before_it)
    refused = before_it.modules(nobody).run("pki_delegation", principal=nobody.account, tasks=["templates"])
    assert refused["cause"] == "insufficient_rights"
    assert everything(before_it) == before
