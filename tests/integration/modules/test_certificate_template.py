# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certificate_template against the lab's forest, read back with ldapsearch."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import options, session

from .conftest import AUTHORITY, SERVICES, Ldapsearch, Modules, connection

if t.TYPE_CHECKING:
    from ..conftest import Lab

TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
OIDS = f"CN=OID,{SERVICES}"

SCEP: dict[str, t.Any] = {
    "duplicate_of": "User",
    "general": {"publish_to_active_directory": False, "validity_period": "2 years"},
    "request_handling": {"purpose": "signature_and_encryption", "allow_private_key_export": False},
    "subject_name": {"source": "supply_in_request"},
    "extensions": {"application_policies": {"set": ["Client Authentication"]}, "signature_is_proof_of_origin": False},
    "rights": {
        "set": [
            {"principal": "Authenticated Users", "rights": ["read"]},
            {"principal": "Enterprise Admins", "rights": ["manage"]},
            {"principal": "CORP\\svc-ndes", "rights": ["read", "enroll"]},
        ]
    },
}


def stored(ldapsearch: Ldapsearch, name: str) -> dict[str, list[bytes]]:
    found = ldapsearch(TEMPLATES, f"(cn={name})")
    assert len(found) == 1
    return next(iter(found.values()))


def oid_objects(ldapsearch: Ldapsearch, oid: str) -> dict[str, dict[str, list[bytes]]]:
    return ldapsearch(OIDS, f"(&(objectClass=msPKI-Enterprise-Oid)(msPKI-Cert-Template-OID={oid}))")


@pytest.mark.requirement("SCEP-028", "SCEP-029", "SCEP-030", "SCEP-031", "SCEP-032", "SCEP-033", "SCEP-034", "SCEP-035")
def test_template_for_scep_from_check_mode_to_removal(modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    wanted = {**SCEP, "display_name": f"Display {name}"}

    rehearsed = modules.template(name, check=True, **wanted)
    assert (rehearsed["failed"], rehearsed["changed"], rehearsed["oid"]) == (False, True, None)
    assert ldapsearch(TEMPLATES, f"(cn={name})") == {}
    assert ldapsearch(OIDS, f"(displayName=Display {name})") == {}

    made = modules.template(name, **wanted)
    assert (made["failed"], made["changed"]) == (False, True)
    assert made["diff"] == rehearsed["diff"]
    assert made["mscep_slot"] == "GeneralPurposeTemplate"
    attributes = stored(ldapsearch, name)
    assert attributes["displayName"] == [f"Display {name}".encode()]
    assert attributes["msPKI-Template-Schema-Version"] == [b"2"]
    assert attributes["msPKI-Certificate-Name-Flag"] == [b"1"]
    assert int(attributes["msPKI-Enrollment-Flag"][0]) & 0x28 == 0
    assert attributes["msPKI-Private-Key-Flag"] == [str(0x01010000).encode()]
    assert attributes["pKIExtendedKeyUsage"] == [b"1.3.6.1.5.5.7.3.2"]
    assert attributes["msPKI-Certificate-Application-Policy"] == [b"1.3.6.1.5.5.7.3.2"]
    assert attributes["pKIExpirationPeriod"] == [bytes.fromhex("0080720e5dc2fdff")]
    assert attributes["pKIKeyUsage"][0].rstrip(b"\0") == b"\xa0"
    assert attributes["msPKI-Cert-Template-OID"] == [made["oid"].encode()]
    (oid_object,) = oid_objects(ldapsearch, made["oid"]).values()
    assert oid_object["displayName"] == [f"Display {name}".encode()]
    assert oid_object["flags"] == [b"1"]

    again = modules.template(name, **wanted)
    assert (again["failed"], again["changed"]) == (False, False)
    assert stored(ldapsearch, name) == attributes

    gone = modules.template(name, state="absent", check=True)
    assert (gone["changed"], stored(ldapsearch, name)) == (True, attributes)
    gone = modules.template(name, state="absent")
    assert (gone["failed"], gone["changed"]) == (False, True)
    assert ldapsearch(TEMPLATES, f"(cn={name})") == {}
    assert oid_objects(ldapsearch, made["oid"]) == {}
    assert modules.template(name, state="absent")["changed"] is False


def test_change_raises_the_minor_revision_and_leaves_the_rest(
    modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    modules.template(name, **SCEP)
    before = stored(ldapsearch, name)
    rehearsed = modules.template(name, general={"renewal_period": "8 weeks"}, check=True)
    changed = modules.template(name, general={"renewal_period": "8 weeks"})
    assert changed["changed"]
    assert changed["diff"] == rehearsed["diff"]
    assert changed["diff"]["before"]["general"] == {"renewal_period": "6 weeks"}
    assert changed["diff"]["after"]["general"] == {"renewal_period": "8 weeks"}
    after = stored(ldapsearch, name)
    moved = {key for key in after if after[key] != before[key]}
    assert moved - {"whenChanged"} == {"pKIOverlapPeriod", "msPKI-Template-Minor-Revision", "uSNChanged"}
    assert int(after["msPKI-Template-Minor-Revision"][0]) == int(before["msPKI-Template-Minor-Revision"][0]) + 1


def test_display_name_follows_to_the_oid_object(modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    made = modules.template(name, **SCEP)
    assert modules.template(name, display_name=f"Other {name}")["changed"]
    (oid_object,) = oid_objects(ldapsearch, made["oid"]).values()
    assert oid_object["displayName"] == [f"Other {name}".encode()]
    assert modules.template(name, display_name=f"Other {name}")["changed"] is False


@pytest.mark.requirement("SCEP-035", "SCEP-036", "PKCS-028")
def test_rights_are_added_and_removed_beside_those_of_others(
    modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    modules.template(name, **SCEP)
    alone = stored(ldapsearch, name)["nTSecurityDescriptor"]
    entry = [{"principal": "CORP\\conn1$", "rights": ["read", "enroll"]}]
    added = modules.template(name, rights={"add": entry})
    assert added["changed"]
    assert stored(ldapsearch, name)["nTSecurityDescriptor"] != alone
    assert modules.template(name, rights={"add": entry})["changed"] is False
    facts = modules.run("certificate_template_info", name=[name])["templates"][0]
    enrollers = {entry["principal"] for entry in facts["rights"] if "enroll" in entry.get("rights", ())}
    assert enrollers == {"CORP\\svc-ndes", "CORP\\CONN1$"}
    assert modules.template(name, rights={"remove": [{"principal": "CORP\\conn1$"}]})["changed"]
    assert stored(ldapsearch, name)["nTSecurityDescriptor"] == alone


def test_creator_of_a_duplicate_manages_it_as_in_the_console(modules: Modules, name: str) -> None:
    modules.template(name, duplicate_of="WebServer")
    source, made = modules.run("certificate_template_info", name=["WebServer", name])["templates"]
    if made["name"] == "WebServer":
        source, made = made, source
    added = [entry for entry in made["rights"] if entry not in source["rights"]]
    assert added == [{"principal": "CORP\\pkiadmin", "rights": ["manage"]}]
    assert [entry for entry in source["rights"] if entry not in made["rights"]] == []


def test_absent_takes_the_template_from_the_authority_first(
    modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    modules.template(name, **SCEP)
    modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [name]})
    gone = modules.template(name, state="absent")
    assert gone["diff"]["before"]["published_on"] == [AUTHORITY]
    service = ldapsearch(
        f"CN=Enrollment Services,{SERVICES}", "(objectClass=pKIEnrollmentService)", "certificateTemplates"
    )
    assert all(name.encode() not in found["certificateTemplates"] for found in service.values())


def test_orphaned_oid_object_is_removed_with_absent(modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    """What a run that was killed between the two deletions leaves."""
    made = modules.template(name, **SCEP)
    delete(modules, made["distinguished_name"])
    assert oid_objects(ldapsearch, made["oid"])
    gone = modules.template(name, state="absent")
    assert gone["changed"]
    assert oid_objects(ldapsearch, made["oid"]) == {}


def test_orphaned_oid_object_gets_its_template(modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    """What a run that was killed between the two creations leaves."""
    made = modules.template(name, **SCEP)
    delete(modules, made["distinguished_name"])
    again = modules.template(name, **SCEP)
    assert (again["failed"], again["changed"], again["oid"]) == (False, True, made["oid"])
    assert len(oid_objects(ldapsearch, made["oid"])) == 1
    assert len(ldapsearch(OIDS, f"(displayName={name})")) == 1


def test_missing_oid_object_is_made_again(modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    made = modules.template(name, display_name=name, **SCEP)
    (dn,) = oid_objects(ldapsearch, made["oid"])
    delete(modules, dn)
    assert modules.template(name, display_name=name, check=True)["changed"]
    assert modules.template(name, display_name=name)["changed"]
    assert list(oid_objects(ldapsearch, made["oid"])) == [dn]
    assert modules.template(name, display_name=name)["changed"] is False


def test_ordinary_user_is_told_what_failed_and_nothing_is_made(
    lab: Lab, modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    alice = Modules(connection(lab, "alice"))
    refused = alice.template(name, **SCEP)
    assert refused["failed"]
    assert refused["cause"] == "insufficient_rights"
    assert ldapsearch(SERVICES, f"(|(cn={name})(displayName={name}))") == {}
    modules.template(name, **SCEP)
    before = stored(ldapsearch, name)
    refused = alice.template(name, general={"validity_period": "3 years"})
    assert refused["failed"]
    assert stored(ldapsearch, name) == before


def delete(modules: Modules, dn: str) -> None:
    with session.connect(options.settings_from(defaults(modules.connection))) as opened:
        opened.delete(dn)


def defaults(connection: dict[str, t.Any]) -> dict[str, t.Any]:
    return {**{name: spec.get("default") for name, spec in options.argument_spec().items()}, **connection}


def test_template_that_no_option_can_say_does_not_hide_the_others(modules: Modules, name: str) -> None:
    made = modules.template(name, **SCEP)
    with session.connect(options.settings_from(defaults(modules.connection))) as opened:
        opened.modify(made["distinguished_name"], [session.Change("add", "msPKI-Certificate-Policy", (b"no OID",))])
    every: dict[str, t.Any] = {"as": "options"}
    templates = modules.run("certificate_template_info", **every)["templates"]
    assert len(templates) > 33
    (broken,) = (template for template in templates if template["name"] == name)
    assert broken["unreadable"].startswith("cannot be exported: extensions.issuance_policies: 'no OID' is neither")
    assert all("options" in template for template in templates if template["name"] != name)
