# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates that endanger others are refused before anything is written, unless it is allowed by name.

Groups are made with OpenLDAP's client, and what was or was not written is read back with it.
"""

from __future__ import annotations

import subprocess
import typing as t
import uuid
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs import store
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import read_forest_hazards, read_hazards
from ansible_collections.certops.intune.plugins.module_utils.adcs.template_state import Request, present
from ansible_collections.certops.intune.plugins.module_utils.directory import options
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, connect

from .conftest import AUTHORITY, SERVICES, Ldapsearch, Modules, Result, connection

if t.TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..conftest import Lab

TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
SERVICE = f"CN={AUTHORITY},CN=Enrollment Services,{SERVICES}"
USERS = "CN=Users,DC=corp,DC=example"
WELL_KNOWN = "CN=ForeignSecurityPrincipals,DC=corp,DC=example"
READERS = {"principal": "Authenticated Users", "rights": ["read"]}
MANAGERS = {"principal": "Enterprise Admins", "rights": ["manage"]}
REMEDY = (
    "build the subject from the directory (subject_name.source: active_directory), or give Enroll to the accounts or "
    "servers alone that need it, or require the approval of a CA manager"
)


def scep(*enrollers: str, denied: Sequence[str] = ()) -> dict[str, t.Any]:
    """A template with the subject from the request in which O(enrollers) enroll."""
    return {
        "duplicate_of": "User",
        "subject_name": {"source": "supply_in_request"},
        "extensions": {"application_policies": {"set": ["Client Authentication"]}},
        "rights": {
            "set": [
                READERS,
                MANAGERS,
                *({"principal": who, "rights": ["enroll"]} for who in enrollers),
                *({"principal": who, "rights": ["enroll"], "type": "deny"} for who in denied),
            ]
        },
    }


class Directory:
    """Groups and accounts by OpenLDAP's client, removed in the end."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.made: list[str] = []

    def _run(self, program: str, *arguments: str, text: str = "") -> None:
        known = self.lab.credentials["accounts"]["pkiadmin"]["password"]
        command = [program, "-H", "ldaps://dc1.corp.example", "-x", "-D", "pkiadmin@corp.example", "-y", self.secret]
        Path(self.secret).write_text(known, encoding="utf-8")
        done = subprocess.run(
            [*command, *arguments],
            input=text,
            env={"LDAPTLS_CACERT": str(self.lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    secret = ""

    def group(self, *members: str, kind: int = -2147483646) -> str:
        """The name of a new group in which the objects O(members), by DN, are."""
        name = f"G{uuid.uuid4().hex[:10]}"
        lines = [f"dn: CN={name},{USERS}", "changetype: add", "objectClass: group", f"sAMAccountName: {name}"]
        lines += [f"groupType: {kind}", *(f"member: {member}" for member in members)]
        self._run("ldapmodify", text="\n".join([*lines, ""]))
        self.made.append(f"CN={name},{USERS}")
        return name

    def modify(self, text: str) -> None:
        self._run("ldapmodify", text=text)

    def remove_all(self) -> None:
        for dn in reversed(self.made):
            self._run("ldapdelete", dn)


@pytest.fixture
def directory(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    made = Directory(lab)
    made.secret = str(tmp_path_factory.mktemp("secret") / "password")
    yield made
    made.remove_all()


def dn_of(group: str) -> str:
    return f"CN={group},{USERS}"


def refused(modules: Modules, name: str, **wanted: t.Any) -> Result:
    """The answer to a wish that is refused, the same in check mode."""
    rehearsed = modules.template(name, check=True, **wanted)
    done = modules.template(name, **wanted)
    assert (rehearsed["failed"], done["failed"]) == (True, True)
    assert rehearsed["msg"] == done["msg"]
    return done


def esc1(who: str, name: str) -> str:
    return (
        f"Refused as dangerous, and nothing was written. Template '{name}': ESC1 (the requester chooses the name in a "
        f"certificate that logs on): {who} may ask for a certificate in the name of any account, an administrator of "
        f"the domain included, and log on with it. Remedy: {REMEDY}. Whoever wants this nevertheless allows it by "
        "name: allow_hazards: [ESC1]."
    )


def test_template_for_everybody_is_refused_and_allowed_by_name(
    modules: Modules, ldapsearch: Ldapsearch, name: str
) -> None:
    wanted = scep("Authenticated Users")
    assert refused(modules, name, **wanted)["msg"] == esc1("Authenticated Users", name)
    assert ldapsearch(SERVICES, f"(|(cn={name})(displayName={name}))") == {}

    rehearsed = modules.template(name, check=True, allow_hazards=["ESC1"], **wanted)
    done = modules.template(name, allow_hazards=["ESC1"], **wanted)
    assert (rehearsed["failed"], done["failed"], done["changed"]) == (False, False, True)
    assert rehearsed["hazards"] == done["hazards"]
    (hazard,) = done["hazards"]
    assert (hazard["id"], hazard["reach"], hazard["refused"], hazard["active"]) == ("ESC1", "broad", True, False)
    assert hazard["principals"] == [
        {
            "name": "Authenticated Users",
            "sid": "S-1-5-11",
            "reach": "broad",
            "members": None,
            "via": [],
            "rights": ["enroll"],
        }
    ]
    warning = (
        f"Template '{name}' has the hazard ESC1, which was allowed: Authenticated Users may ask for a certificate in "
        "the name of any account, an administrator of the domain included, and log on with it."
    )
    assert warning in str(done["warnings"])

    again = modules.template(name, allow_hazards=["ESC1"], **wanted)
    assert (again["changed"], again["hazards"]) == (False, done["hazards"])
    # What is there already is no excuse, and another id is no leave.
    assert refused(modules, name, **wanted)["msg"] == esc1("Authenticated Users", name)
    assert refused(modules, name, allow_hazards=["ESC2", "ESC4"], **wanted)["msg"] == esc1("Authenticated Users", name)
    # The wish that ends the hazard needs no leave.
    ended = modules.template(name, rights={"remove": [{"principal": "Authenticated Users", "rights": ["enroll"]}]})
    assert not ended["failed"], ended["msg"]
    assert (ended["failed"], ended["changed"], ended["hazards"]) == (False, True, [])


@pytest.mark.requirement("SCEP-035")
def test_template_of_ndes_passes_by_who_may_enroll(modules: Modules, name: str) -> None:
    done = modules.template(name, **scep("CORP\\svc-ndes", "CORP\\NDES1$"))
    assert (done["failed"], done["changed"]) == (False, True)
    (hazard,) = done["hazards"]
    assert (hazard["id"], hazard["reach"], hazard["refused"]) == ("ESC1", "account", False)
    assert sorted(principal["name"] for principal in hazard["principals"]) == ["CORP\\NDES1$", "CORP\\svc-ndes"]
    assert f"'{name}' has the hazard" not in str(done["warnings"])
    told = modules.run("certificate_template_info", name=[name])["templates"][0]["hazards"]
    assert told == done["hazards"]


def test_groups_are_followed(modules: Modules, directory: Directory, name: str) -> None:
    inner = directory.group(f"CN=Alice Andersson,{USERS}")
    outer = directory.group(dn_of(inner))
    assert refused(modules, name, **scep(f"CORP\\{outer}"))["msg"] == esc1(
        f"CORP\\{outer} (through CORP\\{inner})", name
    )
    everybody = directory.group(f"CN=S-1-5-11,{WELL_KNOWN}")
    middle = directory.group(dn_of(everybody))
    assert refused(modules, name, **scep(f"CORP\\{middle}"))["msg"] == esc1(
        f"CORP\\{middle} (through CORP\\{everybody}, Authenticated Users)", name
    )
    servers = directory.group("CN=NDES1,CN=Computers,DC=corp,DC=example")
    done = modules.template(name, **scep(f"CORP\\{servers}"))
    (hazard,) = done["hazards"]
    assert (hazard["reach"], hazard["refused"], hazard["principals"][0]["members"]) == ("service", False, 1)


def test_denials_count_for_those_behind_a_group(modules: Modules, directory: Directory, name: str) -> None:
    inner = directory.group(f"CN=Alice Andersson,{USERS}")
    outer = directory.group(dn_of(inner))
    around = directory.group(dn_of(outer))
    assert modules.template(name, **scep(f"CORP\\{outer}"))["failed"]
    for denied in (inner, around, "alice", "Domain Users", "Authenticated Users"):
        made = modules.template(name, **scep(f"CORP\\{outer}", denied=[denied]))
        assert (made["failed"], made.get("hazards"), made.get("msg")) == (False, [], None), denied
    # Somebody who is not denied is enough.
    directory.modify(f"dn: {dn_of(outer)}\nchangetype: modify\nadd: member\nmember: CN=Intune Admin,{USERS}\n")
    assert refused(modules, name, **scep(f"CORP\\{outer}", denied=["CORP\\alice"]))["msg"] == esc1(
        f"CORP\\{outer}", name
    )


def test_primary_group(modules: Modules, directory: Directory, lab: Lab, name: str) -> None:
    """No list of members shows an account whose primary group it is."""
    group = directory.group(f"CN=Alice Andersson,{USERS}")
    outer = directory.group(dn_of(group))
    (found,) = Ldapsearch(lab)(dn_of(group), "(objectClass=*)", "objectSid", scope="base").values()
    rid = int.from_bytes(found["objectSid"][0][-4:], "little")
    primary = f"dn: CN=Alice Andersson,{USERS}\nchangetype: modify\nreplace: primaryGroupID\nprimaryGroupID: %d\n"
    directory.modify(primary % rid)
    try:
        (found,) = Ldapsearch(lab)(dn_of(group), "(objectClass=*)", "member", scope="base").values()
        assert "member" not in found
        for wanted, via in ((group, ""), (outer, f" (through CORP\\{group})")):
            assert refused(modules, name, **scep(f"CORP\\{wanted}"))["msg"] == esc1(f"CORP\\{wanted}{via}", name)
    finally:
        directory.modify(primary % 513)


def test_owner_and_writers(modules: Modules, directory: Directory, name: str) -> None:
    group = directory.group(f"CN=Alice Andersson,{USERS}")
    writing: dict[str, t.Any] = {
        "rights": {"set": [READERS, MANAGERS, {"principal": f"CORP\\{group}", "rights": ["write"]}]}
    }
    done = modules.template(name, duplicate_of="User", **writing)
    (hazard,) = done["hazards"]
    assert (hazard["id"], hazard["reach"], hazard["refused"]) == ("ESC4", "people", False)
    assert hazard["principals"][0]["rights"] == ["change its rights", "take ownership", "write it"]
    everybody: dict[str, t.Any] = {"rights": {"add": [{"principal": "Domain Users", "rights": ["write"]}]}}
    message = refused(modules, name, **everybody)["msg"]
    assert "ESC4 (the template can be rewritten): Domain Users and CORP\\" in message
    assert "allow_hazards: [ESC4]." in message
    owned = modules.template(name, owner="alice")
    assert not owned["failed"], owned["msg"]
    by_name = {each["name"]: each for each in owned["hazards"][0]["principals"]}
    assert by_name["CORP\\alice"]["rights"] == ["own it", "change its rights"]


def test_publication_of_a_dangerous_template(modules: Modules, ldapsearch: Ldapsearch, name: str) -> None:
    modules.template(name, allow_hazards=["ESC1"], **scep("Domain Users"))
    wanted: dict[str, t.Any] = {"certification_authority": AUTHORITY, "templates": {"add": [name]}}

    def issued() -> bool:
        (found,) = ldapsearch(SERVICE, "(objectClass=*)", "certificateTemplates", scope="base").values()
        return name.encode() in found["certificateTemplates"]

    for check in (True, False):
        done = modules.run("template_publication", check=check, **wanted)
        assert (done["failed"], done["msg"], issued()) == (True, esc1("Domain Users", name), False)
    done = modules.run("template_publication", allow_hazards=["ESC1"], **wanted)
    assert (done["failed"], done["changed"], issued()) == (False, True, True)
    (hazard,) = done["hazards"]
    assert (hazard["id"], hazard["active"], hazard["refused"]) == ("ESC1", True, True)
    assert f"Template '{name}' has the hazard ESC1, which was allowed: Domain Users may" in str(done["warnings"])
    # Already issued and still wanted: still refused. Taking it back needs no leave.
    assert modules.run("template_publication", **wanted)["msg"] == esc1("Domain Users", name)
    told = modules.run("certificate_template_info", name=[name])["templates"][0]["hazards"]
    assert told == done["hazards"]
    back = modules.run("template_publication", certification_authority=AUTHORITY, templates={"remove": [name]})
    assert (back["failed"], back["changed"], back["hazards"], issued()) == (False, True, [], False)


def test_what_a_template_would_inherit_is_part_of_it(
    modules: Modules, directory: Directory, lab: Lab, name: str
) -> None:
    done = modules.template(name, **scep("CORP\\svc-ndes"))
    assert not done["failed"]
    (container,) = Ldapsearch(lab)(TEMPLATES, "(objectClass=*)", "nTSecurityDescriptor", scope="base").values()
    before = container["nTSecurityDescriptor"][0]
    group = directory.group(f"CN=Alice Andersson,{USERS}")
    grant = ["samba-tool", "dsacl", "set", f"--objectdn={TEMPLATES}", "-H", "ldap://dc1.corp.example"]
    cache = f"{directory.secret}.tickets"
    known = lab.credentials["accounts"]["pkiadmin"]["password"]
    subprocess.run(["kinit", "-c", cache, "pkiadmin"], input=known, capture_output=True, text=True, check=True)
    (found,) = Ldapsearch(lab)(dn_of(group), "(objectClass=*)", "objectSid", scope="base").values()
    sid = _sid(found["objectSid"][0])
    subprocess.run(
        [*grant, "--action=allow", f"--sddl=(OA;CI;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;{sid})",
         f"--use-krb5-ccache={cache}"], check=True, capture_output=True,
    )  # fmt: skip
    try:
        both = f"CORP\\{group} and CORP\\svc-ndes"
        assert refused(modules, name, inherit_rights=True)["msg"] == esc1(both, name)
        other = f"{name}N"
        assert refused(modules, other, inherit_rights=True, **scep("CORP\\svc-ndes"))["msg"] == esc1(both, other)
    finally:
        with connect(options.settings_from(_settings(lab, "pkiadmin"))) as session:
            session.modify(TEMPLATES, [Change("replace", "nTSecurityDescriptor", (before,))], sd_flags=4)


def test_requests(modules: Modules, lab: Lab, directory: Directory, name: str) -> None:
    """Principals that every forest has cost nothing; accounts one search, groups two, nested ones three. One of them is
    that for the names, where a task has any to resolve.
    """
    inner = directory.group(f"CN=Alice Andersson,{USERS}")
    outer = directory.group(dn_of(inner))
    for who, most, requests in (
        ("Domain Users", 0, 2),
        ("Enterprise Admins", 0, 2),
        ("CORP\\svc-ndes", 1, 3),
        (f"CORP\\{inner}", 2, 4),
        (f"CORP\\{outer}", 3, 5),
    ):
        made = modules.template(name, allow_hazards=["ESC1"], **scep(who))
        assert not made["failed"], made["msg"]
        with connect(options.settings_from(_settings(lab, "alice"))) as session:
            snapshot = store.read(session, [name])
            before = session.round_trips
            read_hazards(session, snapshot)
            assert session.round_trips - before == most, who
        with connect(options.settings_from(_settings(lab, "pkiadmin"))) as session:
            request = Request(name, rights=scep(who)["rights"], allow_hazards=("ESC1",))
            outcome = present(session, request, write=False)
            assert (outcome.changed, session.round_trips) == (False, requests), who


def test_control_of_the_other_objects(modules: Modules, lab: Lab, directory: Directory) -> None:
    """ESC5: a right of people over the object of the authority shows, the authority's own does not."""
    group = directory.group(f"CN=Alice Andersson,{USERS}")
    (found,) = Ldapsearch(lab)(dn_of(group), "(objectClass=*)", "objectSid", scope="base").values()
    (service,) = Ldapsearch(lab)(SERVICE, "(objectClass=*)", "nTSecurityDescriptor", scope="base").values()
    before = service["nTSecurityDescriptor"][0]
    cache = f"{directory.secret}.tickets"
    known = lab.credentials["accounts"]["pkiadmin"]["password"]
    subprocess.run(["kinit", "-c", cache, "pkiadmin"], input=known, capture_output=True, text=True, check=True)
    subprocess.run(
        ["samba-tool", "dsacl", "set", f"--objectdn={SERVICE}", "-H", "ldap://dc1.corp.example", "--action=allow",
         f"--sddl=(OA;;WP;2a39c5b1-8960-11d1-aebc-0000f80367c1;;{_sid(found['objectSid'][0])})",
         f"--use-krb5-ccache={cache}"], check=True, capture_output=True,
    )  # fmt: skip
    try:
        told = modules.run("certificate_template_info")["forest_hazards"]
        (hazard,) = [each for each in told if each["object"] == SERVICE]
        assert (hazard["id"], hazard["reach"], hazard["refused"]) == ("ESC5", "people", False)
        assert [(each["name"], each["rights"]) for each in hazard["principals"]] == [
            (f"CORP\\{group}", ["write certificateTemplates"])
        ]
        assert "forest_hazards" not in modules.run("certificate_template_info", name=["User"])
    finally:
        with connect(options.settings_from(_settings(lab, "pkiadmin"))) as session:
            session.modify(SERVICE, [Change("replace", "nTSecurityDescriptor", (before,))], sd_flags=4)
            assert SERVICE not in {each.object for each in read_forest_hazards(session)}


def _sid(octets: bytes) -> str:
    """A SID as text, by hand (MS-DTYP 2.4.2)."""
    parts = [int.from_bytes(octets[at : at + 4], "little") for at in range(8, 8 + 4 * octets[1], 4)]
    return "-".join(("S-1", str(int.from_bytes(octets[2:8], "big")), *map(str, parts)))


def _settings(lab: Lab, account: str) -> dict[str, t.Any]:
    defaults = {name: option.get("default") for name, option in options.argument_spec().items()}
    return {**defaults, **connection(lab, account)}
