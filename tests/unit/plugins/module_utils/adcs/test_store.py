# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of what is read from CN=Public Key Services and of the operations that write to it."""

from __future__ import annotations

import types
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs import store
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import (
    ATTRIBUTE_NAMES,
    SECURITY,
    Template,
    encode,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import SecurityDescriptor
from ansible_collections.certops.intune.plugins.module_utils.directory.operations import (
    Add,
    Check,
    Delete,
    Modify,
    Step,
    as_read,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import to_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Entry, Session
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest

SERVICES = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example"
TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
OIDS = f"CN=OID,{SERVICES}"
OID = f"{forest.OID_ROOT}.9509235.11258082"
#: The name that Windows gives to the object of this OID in the forest of the OID root.
OID_DN = f"CN=11258082.87093EDCFF90DCFDC7100FBB79598DC3,{OIDS}"


class Directory:
    """A session that finds these entries, whatever is asked."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = list(entries)
        self.searches: list[tuple[t.Any, ...]] = []
        self.root_dse = types.SimpleNamespace(configuration_naming_context="CN=Configuration,DC=corp,DC=example")

    def search(self, base: str, wanted: str, _attributes: t.Sequence[str], **options: t.Any) -> list[Entry]:
        self.searches.append((base, wanted, options))
        return self.entries


def session(*entries: Entry) -> Session:
    return t.cast(Session, Directory(*entries))


def entry(dn: str, object_class: str, **attributes: str | bytes | list[str]) -> Entry:
    values: dict[str, list[bytes]] = {"objectClass": [b"top", object_class.encode()]}
    for name, given in attributes.items():
        listed = given if isinstance(given, list) else [given]
        values[name.replace("_", "-")] = [value if isinstance(value, bytes) else value.encode() for value in listed]
    return Entry(dn, values)


def template_entry(name: str, **more: list[bytes]) -> Entry:
    attributes = forest.built_in_attributes()[name]
    return Entry(f"CN={name},{TEMPLATES}", {**attributes, "objectClass": [b"top", b"pKICertificateTemplate"], **more})


def oid_entry(name: str, oid: str, kind: int, display_name: str) -> Entry:
    return entry(
        f"CN={name},{OIDS}",
        "msPKI-Enterprise-Oid",
        cn=name,
        msPKI_Cert_Template_OID=oid,
        flags=str(kind),
        displayName=display_name,
    )


def authority_entry(name: str, *published: str) -> Entry:
    return entry(
        f"CN={name},CN=Enrollment Services,{SERVICES}",
        "pKIEnrollmentService",
        cn=name,
        dNSHostName="ca1.corp.example",
        certificateTemplates=list(published),
    )


ROOT = entry(OIDS, "msPKI-Enterprise-Oid", cn="OID", msPKI_Cert_Template_OID=forest.OID_ROOT)


def test_one_search_brings_everything() -> None:
    directory = Directory(
        template_entry("User"),
        template_entry("WebServer"),
        ROOT,
        oid_entry("11258082.87093EDCFF90DCFDC7100FBB79598DC3", OID, 1, "Intune SCEP"),
        oid_entry("402.X", f"{forest.OID_ROOT}.1.402", 2, "Hög säkerhet"),
        oid_entry("1.X", f"{forest.OID_ROOT}.7.1", 3, "Sealing Wax"),
        authority_entry("CA 2", "user", "Gone"),
        authority_entry("ca 1", "USER", "WebServer"),
    )
    found = store.read(t.cast(Session, directory), ["User"])
    assert [(base, options) for base, _wanted, options in directory.searches] == [(SERVICES, {"sd_flags": 7})]
    assert [stored.template.name for stored in found.templates] == ["User", "WebServer"]
    assert found.root == forest.OID_ROOT
    assert found.unreadable == ()
    assert found.template("USER") is found.templates[0]
    assert found.template("Never") is None
    assert found.displayed_as("web server") is found.templates[1]
    assert found.oid_object(OID) == store.StoredOid(OID_DN, OID, 1, "Intune SCEP")
    assert found.oid_object(f"{OID}1") is None
    assert [ca.name for ca in found.publishers("User")] == ["ca 1", "CA 2"]
    assert [ca.name for ca in found.publishers("gone")] == ["CA 2"]
    assert found.publishers("Never") == []


def test_words_of_the_forest() -> None:
    found = store.read(
        session(
            template_entry("WebServer"),
            ROOT,
            oid_entry("402.X", f"{forest.OID_ROOT}.1.402", 2, "Hög säkerhet"),
            oid_entry("1.X", f"{forest.OID_ROOT}.7.1", 3, "Sealing Wax"),
            oid_entry("2.X", f"{forest.OID_ROOT}.7.2", 3, ""),
            oid_entry("3.X", OID, 1, "Intune SCEP"),
        ),
        None,
    ).vocabulary
    assert found.application_policies == {"Sealing Wax": f"{forest.OID_ROOT}.7.1"}
    assert found.issuance_policies == {
        "Low Assurance": f"{forest.OID_ROOT}.1.400",
        "Medium Assurance": f"{forest.OID_ROOT}.1.401",
        "High Assurance": f"{forest.OID_ROOT}.1.402",
        "Hög säkerhet": f"{forest.OID_ROOT}.1.402",
    }
    assert found.template_names == {"webserver": "WebServer"}
    assert found.display_names == {"web server": "WebServer"}


def test_forest_before_its_first_enterprise_authority() -> None:
    found = store.read(session(entry(OIDS, "msPKI-Enterprise-Oid", cn="OID")), None)
    assert found.root is None
    assert found.vocabulary.issuance_policies == {}


def test_template_that_cannot_be_read_does_not_hide_the_others() -> None:
    broken = template_entry("User", pKIExpirationPeriod=[b"\0"])
    found = store.read(session(broken, template_entry("WebServer")), None)
    assert [stored.template.name for stored in found.templates] == ["WebServer"]
    reason = "attribute pKIExpirationPeriod: a period has 8 octets, not 1"
    assert found.unreadable == ((broken, reason),)
    with pytest.raises(ValueError, match=f"^CN=User,{TEMPLATES}: {reason}; repair the object in the console"):
        found.template("user")
    assert found.template("WebServer") is not None


def test_names_are_searched_as_they_are_and_nothing_else() -> None:
    directory = Directory()
    store.read(t.cast(Session, directory), ["a*)(cn=b"], authorities=False)
    ((_base, wanted, _options),) = directory.searches
    assert wanted == (
        r"(|(&(objectClass=pKICertificateTemplate)(|(cn=a\2a\29\28cn=b)(displayName=a\2a\29\28cn=b)))"
        r"(&(objectClass=msPKI-Enterprise-Oid)(|(cn=OID)(msDS-OIDToGroupLink=*))))"
    )


def test_templates_of_an_oid() -> None:
    directory = Directory(template_entry("User"), Entry(f"CN=Odd,{TEMPLATES}", {}))
    assert store.oid_users(t.cast(Session, directory), OID) == ["User", f"CN=Odd,{TEMPLATES}"]
    ((base, wanted, options),) = directory.searches
    assert (base, options) == (TEMPLATES, {"scope": "onelevel"})
    assert f"(msPKI-Cert-Template-OID={OID})" in wanted


@pytest.mark.parametrize(("entries", "expected"), [([ROOT], True), ([], False)])
def test_oid_in_use(entries: list[Entry], expected: bool) -> None:
    assert store.oid_in_use(session(*entries), OID) is expected


def new_template(**attributes: t.Any) -> Template:
    return replace(
        forest.create({"name": "Intune SCEP", "display_name": "Intune SCEP"}, "WebServer"),
        oid=OID,
        **attributes,
    )


def security_in(octets: bytes) -> str:
    return to_sddl(SecurityDescriptor.from_bytes(octets), forest.DOMAIN, forest.DOMAIN)


def test_creation_is_the_oid_object_and_then_the_template_with_its_security() -> None:
    # Administrators manage it alone: its OID object gets the directory's default.
    built_in = forest.built_in("WebServer").security
    assert built_in is not None
    template = new_template(security=replace(built_in, owner=None))
    oid_step, template_step = store.creation_steps(session(), template)
    assert oid_step == Step(
        Add(
            OID_DN,
            {
                "objectClass": [b"top", b"msPKI-Enterprise-Oid"],
                "displayName": [b"Intune SCEP"],
                "flags": [b"1"],
                "msPKI-Cert-Template-OID": [OID.encode()],
            },
        ),
        undo=(Delete(OID_DN),),
    )
    added = template_step.operation
    assert isinstance(added, Add)
    assert added.dn == f"CN=Intune SCEP,{TEMPLATES}"
    assert template_step.undo == ()
    attributes = dict(added.attributes)
    (security,) = attributes.pop(SECURITY)
    assert attributes == {**encode(template), "objectClass": [b"top", b"pKICertificateTemplate"]}
    # No owner is sent, which a server would refuse from anybody but an administrator.
    assert security_in(security).startswith("D:PAI(OA;;RPWPCR;")


def test_creation_gives_the_oid_object_to_other_managers_too() -> None:
    template = new_template()
    oid_step, _template_step = store.creation_steps(session(), template)
    assert isinstance(oid_step.operation, Add)
    (security,) = oid_step.operation.attributes[SECURITY]
    assert f"(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;{forest.CREATOR})" in security_in(security)


def test_creation_with_an_owner_sends_it() -> None:
    template = forest.create({"owner": "EA"}, "WebServer")
    _oid_step, step = store.creation_steps(session(), replace(template, oid=OID))
    assert isinstance(step.operation, Add)
    assert security_in(step.operation.attributes[SECURITY][0]).startswith("O:EAD:PAI(")


def stored(template: Template, **raw: list[bytes]) -> store.StoredTemplate:
    dn = f"CN={template.name},{TEMPLATES}"
    return store.StoredTemplate(dn, Entry(dn, {**encode(template), **raw}), template)


def test_change_names_the_values_that_it_started_from() -> None:
    before = new_template(key_usage=b"\xa0\x00")
    after = forest.change(before, {"extensions": {"key_usage": ["digital_signature"]}})
    read = stored(before)
    (step,) = store.change_steps(read, after, None)
    assert step.operation == Modify(
        f"CN=Intune SCEP,{TEMPLATES}",
        (
            Change("delete", "msPKI-Template-Minor-Revision", (b"2",)),
            Change("add", "msPKI-Template-Minor-Revision", (b"3",)),
            Change("delete", "pKIKeyUsage", (b"\xa0\x00",)),
            Change("add", "pKIKeyUsage", (b"\x80",)),
        ),
        None,
        as_read(read.entry, (*ATTRIBUTE_NAMES, SECURITY)),
    )
    assert step.operation.expected["msPKI-RA-Policies"] == ()


def test_absent_attributes_are_added_and_empty_ones_taken_away() -> None:
    before = new_template(providers=())
    after = replace(before, providers=("1,Ours",), critical_extensions=(), minor_revision=before.minor_revision)
    (step,) = store.change_steps(stored(before), after, None)
    assert isinstance(step.operation, Modify)
    assert step.operation.changes == (
        Change("add", "pKIDefaultCSPs", (b"1,Ours",)),
        Change("delete", "pKICriticalExtensions", (b"2.5.29.15",)),
    )


@pytest.mark.parametrize(
    ("options", "sd_flags", "sddl"),
    [
        pytest.param(
            {"rights": {"set": [{"principal": "AU", "rights": ["read"]}]}}, 4, "D:PAI(A;;LCRPLORC;;;AU)", id="DACL"
        ),
        pytest.param({"inherit_rights": True, "rights": {"set": []}}, 4, "D:AI", id="protection"),
        pytest.param({"owner": "EA", "rights": {"set": []}}, 5, "O:EAD:PAI", id="both"),
    ],
)
def test_security_is_written_in_the_same_modification_as_the_revision(
    options: dict[str, t.Any], sd_flags: int, sddl: str
) -> None:
    before = new_template()
    after = forest.change(before, options)
    (step,) = store.change_steps(stored(before), after, None)
    assert isinstance(step.operation, Modify)
    *revision, security = step.operation.changes
    assert [change.attribute for change in revision] == ["msPKI-Template-Minor-Revision"] * 2
    assert (security.operation, security.attribute) == ("replace", SECURITY)
    assert step.operation.sd_flags == sd_flags
    assert security_in(security.values[0]) == sddl


def test_owner_alone() -> None:
    before = new_template()
    (step,) = store.change_steps(stored(before), forest.change(before, {"owner": "EA"}), None)
    assert isinstance(step.operation, Modify)
    assert step.operation.sd_flags == 1
    assert security_in(step.operation.changes[-1].values[0]).startswith("O:EAD:PAI(")


def test_display_name_of_the_oid_object_goes_along() -> None:
    before = new_template()
    after = forest.change(before, {"display_name": "Other"})
    oid_object = store.StoredOid(OID_DN, OID, 1, "Intune SCEP")
    rename, change = store.change_steps(stored(before), after, oid_object)
    assert rename == Step(
        Modify(
            OID_DN,
            (Change("delete", "displayName", (b"Intune SCEP",)), Change("add", "displayName", (b"Other",))),
            expected={"displayName": (b"Intune SCEP",), "msPKI-Cert-Template-OID": (OID.encode(),)},
        ),
        undo=(
            Modify(
                OID_DN, (Change("delete", "displayName", (b"Other",)), Change("add", "displayName", (b"Intune SCEP",)))
            ),
        ),
    )
    assert isinstance(change.operation, Modify)
    assert change.operation.dn == f"CN=Intune SCEP,{TEMPLATES}"


def test_nothing_changed_is_no_operation() -> None:
    template = new_template()
    assert store.change_steps(stored(template), template, store.StoredOid(OID_DN, OID, 1, "Intune SCEP")) == ()


def test_publication_ends_in_every_spelling() -> None:
    authority = store.StoredAuthority(f"CN=CA,{SERVICES}", "CA", "ca1", ("User", "INTUNESCEP", "IntuneScep"))
    assert store.unpublish_step(authority, "intunescep") == Step(
        Modify(authority.dn, (Change("delete", "certificateTemplates", (b"INTUNESCEP", b"IntuneScep")),)),
        undo=(Modify(authority.dn, (Change("add", "certificateTemplates", (b"INTUNESCEP", b"IntuneScep")),)),),
    )


def test_deletion_takes_the_publication_back_first_and_no_other_authority_may_publish() -> None:
    issuing, other = authority_entry("CA 1", "User", "INTUNE scep"), authority_entry("CA 2", "User")
    snapshot = store.read(session(ROOT, issuing, other), ["Intune SCEP"])
    found = stored(new_template())
    unpublish, check, oid, template = store.deletion_steps(
        snapshot, "Intune SCEP", found, [store.StoredOid(OID_DN, OID, 1, "Shown")]
    )
    assert unpublish == store.unpublish_step(snapshot.authorities[0], "Intune SCEP")
    assert check == Step(Check(other.dn, without={"certificateTemplates": (b"Intune SCEP",)}))
    assert template == Step(Delete(found.dn, as_read(found.entry, (*ATTRIBUTE_NAMES, SECURITY))))
    assert oid.operation == Delete(OID_DN, {"displayName": (b"Shown",), "msPKI-Cert-Template-OID": (OID.encode(),)})
    (again,) = oid.undo
    assert isinstance(again, Add)
    assert (again.dn, again.attributes["displayName"]) == (OID_DN, [b"Shown"])
    assert again.attributes["msPKI-Cert-Template-OID"] == [found.template.oid.encode()]


def test_deletion_without_template_is_that_of_its_oid_objects() -> None:
    snapshot = store.read(session(ROOT), ["Gone"])
    spare = store.StoredOid(OID_DN, OID, 1, "Gone")
    assert store.deletion_steps(snapshot, "Gone", None, [spare]) == (store.delete_oid_step(spare),)


def test_search_for_no_templates_finds_authorities_all_the_same() -> None:
    directory = Directory(ROOT, authority_entry("CA", "User"))
    snapshot = store.read(t.cast(Session, directory), [])
    ((_base, wanted, _options),) = directory.searches
    assert "pKICertificateTemplate" not in wanted
    assert [ca.published for ca in snapshot.authorities] == [("User",)]
