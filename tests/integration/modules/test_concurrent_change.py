# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Another administrator, whose tool is ldapmodify, who is faster than a module that has looked already."""

from __future__ import annotations

import base64
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import session, writing
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

from .conftest import AUTHORITY, SERVICES, Ldapmodify, Ldapsearch, Modules, Result
from .test_certificate_template import SCEP, TEMPLATES, oid_objects, stored
from .test_template_publication import SERVICE, published

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CAUSE = "somebody else has changed the object meanwhile; nothing was overwritten"
DACL_ONLY = "control: 1.2.840.113556.1.4.801 true:: MAMCAQQ=\n"
FOUR_YEARS = base64.b64encode(bytes.fromhex("00001d1cb884fbff")).decode()
DOMAIN = Sid.parse("S-1-5-21-1-2-3")
CHANGE: dict[str, t.Any] = {"general": {"validity_period": "3 years"}}


class Meanwhile:
    """Lets something happen once, at a moment of the next run of a module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.happened = 0

    def _before(self, owner: t.Any, name: str, act: Callable[[], object]) -> None:
        inner = getattr(owner, name)

        def outer(*arguments: t.Any, **named: t.Any) -> t.Any:
            self._monkeypatch.setattr(owner, name, inner)
            self.happened += 1
            act()
            return inner(*arguments, **named)

        self._monkeypatch.setattr(owner, name, outer)

    def between_planning_and_applying(self, act: Callable[[], object]) -> None:
        self._before(writing, "_read_existing", act)

    def at_the_first_write(self, act: Callable[[], object]) -> None:
        self._before(session.Session, "_write", act)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meanwhile]:
    hook = Meanwhile(monkeypatch)
    yield hook
    assert hook.happened == 1, "nothing was done meanwhile: the test shows nothing"


def dn_of(name: str) -> str:
    return f"CN={name},{TEMPLATES}"


def modification(dn: str, change: str, control: str = "") -> str:
    return f"dn: {dn}\n{control}changetype: modify\n{change}\n"


def dacl(name: str) -> str:
    value = base64.b64encode(from_sddl("D:PAI(A;;0xf01ff;;;BA)", DOMAIN, DOMAIN).to_bytes()).decode()
    return modification(dn_of(name), f"replace: nTSecurityDescriptor\nnTSecurityDescriptor:: {value}", DACL_ONLY)


#: What somebody else does to a template, and what the message says of it.
OTHERS: dict[str, tuple[Callable[[str], str], str]] = {
    "same attribute": (
        lambda name: modification(dn_of(name), f"replace: pKIExpirationPeriod\npKIExpirationPeriod:: {FOUR_YEARS}"),
        "changed since it was read: pKIExpirationPeriod",
    ),
    "another attribute": (
        lambda name: modification(dn_of(name), "replace: msPKI-RA-Signature\nmsPKI-RA-Signature: 1"),
        "changed since it was read: msPKI-RA-Signature",
    ),
    "two attributes": (
        lambda name: modification(
            dn_of(name),
            "replace: msPKI-RA-Signature\nmsPKI-RA-Signature: 1\n-\nreplace: displayName\ndisplayName: Theirs",
        ),
        "changed since it was read: displayName, msPKI-RA-Signature",
    ),
    "list of rights": (dacl, "changed since it was read: nTSecurityDescriptor (access control list)"),
    "deletion": (lambda name: f"dn: {dn_of(name)}\nchangetype: delete\n", "it was deleted since it was read"),
}


def refusal(verb: str, dn: str, detail: str) -> str:
    return f"Failed to {verb} the object ({dn} on dc1.corp.example): {CAUSE} ({detail}). Remedy: run again."


def assert_refused(result: Result, verb: str, dn: str, detail: str) -> None:
    assert result["failed"]
    assert (result["cause"], result["msg"]) == ("concurrent_change", refusal(verb, dn, detail))
    assert "backup_file" not in result


@pytest.fixture
def template(modules: Modules, name: str) -> str:
    assert not modules.template(name, **SCEP)["failed"]
    return name


@pytest.mark.parametrize("other", OTHERS)
def test_change_of_a_template_that_somebody_else_changed(
    other: str, modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, template: str
) -> None:
    theirs, detail = OTHERS[other]
    meanwhile.between_planning_and_applying(lambda: ldapmodify(theirs(template)))
    assert_refused(modules.template(template, **CHANGE), "change", dn_of(template), detail)
    if other == "deletion":
        assert ldapsearch(TEMPLATES, f"(cn={template})") == {}
        return
    kept = stored(ldapsearch, template)
    assert kept["msPKI-Template-Minor-Revision"] == [b"2"], "nothing of ours was written"
    again = modules.template(template, **CHANGE)
    assert (again["failed"], again["changed"]) == (False, True)
    after = stored(ldapsearch, template)
    # What the other did survives the run after the refused one.
    own = {"pKIExpirationPeriod", "msPKI-Template-Minor-Revision", "uSNChanged", "whenChanged"}
    assert {key for key in after if after[key] != kept.get(key)} <= own


@pytest.mark.parametrize("other", OTHERS)
def test_deletion_of_a_template_that_somebody_else_changed(
    other: str, modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, template: str
) -> None:
    oid = stored(ldapsearch, template)["msPKI-Cert-Template-OID"][0].decode()
    modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [template]})
    theirs, detail = OTHERS[other]
    meanwhile.between_planning_and_applying(lambda: ldapmodify(theirs(template)))
    assert_refused(modules.template(template, state="absent"), "delete", dn_of(template), detail)
    assert template.encode() in published(ldapsearch)
    assert len(oid_objects(ldapsearch, oid)) == 1
    if other != "deletion":
        assert stored(ldapsearch, template)


def publication(verb: str, name: str) -> str:
    return modification(SERVICE, f"{verb}: certificateTemplates\ncertificateTemplates: {name}")


@pytest.mark.parametrize("verb", ["add", "delete"])
def test_deletion_of_a_template_whose_publication_changed(
    verb: str, modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, template: str
) -> None:
    if verb == "delete":
        modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [template]})
    meanwhile.between_planning_and_applying(lambda: ldapmodify(publication(verb, template)))
    act = "rely on" if verb == "add" else "change"
    assert_refused(
        modules.template(template, state="absent"), act, SERVICE, "changed since it was read: certificateTemplates"
    )
    assert stored(ldapsearch, template)
    assert (template.encode() in published(ldapsearch)) is (verb == "add")


def test_change_of_a_template_that_somebody_else_publishes(
    modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, template: str
) -> None:
    """Two objects, of which the other one is not written: both happen."""
    meanwhile.between_planning_and_applying(lambda: ldapmodify(publication("add", template)))
    assert modules.template(template, **CHANGE)["changed"]
    assert template.encode() in published(ldapsearch)


def test_creation_of_what_somebody_else_has_created(
    modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, name: str
) -> None:
    record = f"dn: {dn_of(name)}\nchangetype: add\nobjectClass: pKICertificateTemplate\ndisplayName: Theirs\n"
    meanwhile.between_planning_and_applying(lambda: ldapmodify(record))
    result = modules.template(name, **SCEP)
    dn = f"{dn_of(name)} on ldap://dc1.corp.example:389"
    assert result["msg"].startswith(
        f"Failed to create the object ({dn}): somebody else has created an object of this name meanwhile; it was not "
        "touched ("
    )
    assert result["msg"].endswith("). Remedy: run again.")
    assert result["cause"] == "already_exists"
    assert stored(ldapsearch, name)["displayName"] == [b"Theirs"]
    assert ldapsearch(f"CN=OID,{SERVICES}", f"(displayName={name})") == {}, "no OID object is left"


@pytest.mark.parametrize("moment", ["between_planning_and_applying", "at_the_first_write"])
@pytest.mark.parametrize("mine", ["add", "remove"])
def test_what_others_publish_at_the_same_time_survives(
    mine: str,
    moment: str,
    modules: Modules,
    ldapsearch: Ldapsearch,
    ldapmodify: Ldapmodify,
    meanwhile: Meanwhile,
    template: str,
) -> None:
    before = published(ldapsearch)
    if mine == "remove":
        modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [template]})
    theirs = publication("add", "CrossCA") + "\n" + publication("delete", "User")
    try:
        getattr(meanwhile, moment)(lambda: ldapmodify(theirs))
        done = modules.run("template_publication", certification_authority=AUTHORITY, templates={mine: [template]})
        assert (done["failed"], done["changed"]) == (False, True)
        wanted = {*before, b"CrossCA"} - {b"User"} | ({template.encode()} if mine == "add" else set())
        assert set(published(ldapsearch)) == wanted
    finally:
        modules.run(
            "template_publication",
            certification_authority=AUTHORITY,
            templates={"set": [value.decode() for value in before]},
        )


@pytest.mark.parametrize("moment", ["between_planning_and_applying", "at_the_first_write"])
def test_publication_that_somebody_else_has_made(
    moment: str, modules: Modules, ldapmodify: Ldapmodify, ldapsearch: Ldapsearch, meanwhile: Meanwhile, template: str
) -> None:
    getattr(meanwhile, moment)(lambda: ldapmodify(publication("add", template)))
    done = modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [template]})
    assert (done["failed"], done["cause"]) == (True, "concurrent_change")
    if moment == "between_planning_and_applying":
        assert done["msg"] == refusal("change", SERVICE, "changed since it was read: certificateTemplates")
    else:
        assert done["msg"].startswith(
            f"Failed to change certificateTemplates ({SERVICE} on ldap://dc1.corp.example:389): {CAUSE} ("
        )
    assert published(ldapsearch).count(template.encode()) == 1
    again = modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [template]})
    assert again["changed"] is False


@pytest.mark.parametrize("other", OTHERS)
def test_publication_of_a_template_that_somebody_else_changed(
    other: str, modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, template: str
) -> None:
    """It was judged harmless as it was read."""
    theirs, detail = OTHERS[other]
    meanwhile.between_planning_and_applying(lambda: ldapmodify(theirs(template)))
    done = modules.run("template_publication", certification_authority=AUTHORITY, templates={"add": [template]})
    assert_refused(done, "rely on", dn_of(template), detail)
    assert template.encode() not in published(ldapsearch)


#: Between the last look and the write, the directory itself refuses what these do.
AT_THE_WRITE: dict[str, Callable[[str], str]] = {
    "same attribute": OTHERS["same attribute"][0],
    "a save in the console": lambda name: modification(
        dn_of(name),
        "replace: msPKI-RA-Signature\nmsPKI-RA-Signature: 1\n-\n"
        "replace: msPKI-Template-Minor-Revision\nmsPKI-Template-Minor-Revision: 9",
    ),
    "a save of the rights in the console": lambda name: (
        dacl(name)
        + "\n"
        + modification(dn_of(name), "replace: msPKI-Template-Minor-Revision\nmsPKI-Template-Minor-Revision: 9")
    ),
}


@pytest.mark.parametrize("other", AT_THE_WRITE)
def test_change_between_the_last_look_and_the_write(
    other: str, modules: Modules, ldapsearch: Ldapsearch, ldapmodify: Ldapmodify, meanwhile: Meanwhile, template: str
) -> None:
    kept: list[dict[str, list[bytes]]] = []

    def act() -> None:
        ldapmodify(AT_THE_WRITE[other](template))
        kept.append(stored(ldapsearch, template))

    meanwhile.at_the_first_write(act)
    rights: dict[str, t.Any] = {"rights": {"add": [{"principal": "conn1$", "rights": ["enroll"]}]}}
    result = modules.template(template, **CHANGE, **rights)
    assert result["cause"] == "concurrent_change"
    assert CAUSE in result["msg"]
    assert "The state before is in " in result["msg"]
    assert stored(ldapsearch, template) == kept[0]
