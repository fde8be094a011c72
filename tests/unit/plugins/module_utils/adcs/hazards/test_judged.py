# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The set of templates that Certipy judged, assessed without a directory.

tests/integration/outside/certipy.yml is the record of what Certipy 5.1.0 told an ordinary user of the lab, with the set
written there by Samba's client; test_hazards.py beside it verifies the record, and that the same hazards come out of a
directory.
"""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import (
    Case,
    Hazard,
    Membership,
    Subject,
    assess,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import SECURITY, Template, decode
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

from tests.integration.outside import compared, judged

DATA = judged.load()
TEMPLATES = {template.name: template for template in judged.templates(DATA)}
DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
OID_ROOT = b"1.3.6.1.4.1.311.21.8.13218431.14779392.10764427.12370424.10671376.174"

#: Accounts of the lab that are members or have rights, and the groups of every domain that have members there.
PEOPLE, MACHINES = ("alice", "svc-ndes", *DATA["users"]), ("NDES1$", "NDES2$")
KNOWN = {"Domain Admins": 512, "Domain Users": 513, "Domain Computers": 515}
SIDS: dict[str, Sid] = {name: DOMAIN.child(rid) for name, rid in KNOWN.items()} | {
    name: DOMAIN.child(1100 + number) for number, name in enumerate((*PEOPLE, *MACHINES, *DATA["groups"]))
}
NAMES = {sid: name for name, sid in SIDS.items()}
#: What Samba gives a template that is written without a list (defaultSecurityDescriptor of the class).
WITHOUT_LIST = "D:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;DA)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;SY)(A;;LCRPLORC;;;AU)"


def sid(name: str) -> Sid:
    return Sid.parse(name) if name.startswith("S-1-") else SIDS[name]


def membership() -> Membership:
    """Who is in which group, as far as the lab's accounts matter."""
    groups = {SIDS[name]: {SIDS["Domain Users"]} for name in PEOPLE}
    groups |= {SIDS[name]: {SIDS["Domain Computers"]} for name in MACHINES}
    for name, group in DATA["groups"].items():
        # A distribution group is in no token, which reading.py takes care of.
        for member in group["members"] if group.get("security", True) else ():
            groups.setdefault(sid(member), set()).add(SIDS[name])
    for name, user in DATA["users"].items():
        if "primary" in user:
            groups.setdefault(SIDS[name], set()).add(SIDS[user["primary"]])
    pre_windows_2000, authenticated = Sid.parse("S-1-5-32-554"), Sid.parse("S-1-5-11")
    groups.setdefault(authenticated, set()).add(pre_windows_2000)
    services = {name for name, user in DATA["users"].items() if "servicePrincipalName" in user}
    kinds = (
        dict.fromkeys(PEOPLE, "person")
        | dict.fromkeys((*MACHINES, *services), "machine")
        | dict.fromkeys((*KNOWN, *DATA["groups"]), "group")
    )
    subjects = [Subject(SIDS[name], name, kind, frozenset(groups.get(SIDS[name], ()))) for name, kind in kinds.items()]
    subjects.append(Subject(authenticated, "Authenticated Users", "group", frozenset(groups[authenticated])))
    subjects += [Subject(Sid.parse(f"S-1-5-32-{rid}"), str(rid), "group") for rid in (544, 545, 546, 548, 554)]
    return Membership(subjects, [DOMAIN])


def template(made: judged.Judged) -> Template:
    text = re.sub(r"<([^>]+)>", lambda found: str(SIDS[found.group(1)]), made.sddl)
    security = from_sddl(text if "D:" in text else f"{text}{WITHOUT_LIST}", DOMAIN, DOMAIN)
    attributes = {name: [value.replace(b"<root>", OID_ROOT) for value in of] for name, of in made.attributes.items()}
    return decode({**attributes, "cn": [made.name.encode()], SECURITY: [security.to_bytes()]})


@pytest.fixture(scope="module")
def hazards() -> dict[str, dict[str, Hazard]]:
    """Template to id to hazard."""
    links = {
        f"{OID_ROOT.decode()}.1.{arc}": policy["link"] for arc, policy in DATA["policies"].items() if "link" in policy
    }
    known = membership()
    return {
        name: {
            hazard.id: hazard
            for hazard in assess(
                Case(template(made), made.published), links, known, lambda found: NAMES.get(found, str(found))
            )
        }
        for name, made in TEMPLATES.items()
    }


def test_the_record_is_of_this_set() -> None:
    assert list(compared.recorded()) == list(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_judged_as_certipy_does_but_for_what_is_explained(
    hazards: dict[str, dict[str, Hazard]], name: str
) -> None:
    wrong = {each for template, each in compared.explained("Certipy") if template == name}
    more = {each for template, each in compared.explained("collection") if template == name}
    assert set(hazards[name]) == set(compared.recorded()[name]) - wrong | more


def test_only_published_templates_are_active(hazards: dict[str, dict[str, Hazard]]) -> None:
    active = {(name, hazard.active) for name, found in hazards.items() for hazard in found.values()}
    assert active == {(name, TEMPLATES[name].published) for name, _active in active}


def test_the_document_counts_the_other_objects() -> None:
    count = len(judged.objects(judged.load(judged.OBJECTS)))
    assert f"Beside them are {count}\nother objects" in compared.DOCUMENT.read_text(encoding="utf-8")


def test_every_row_of_the_table_has_a_reason_that_is_explained_and_a_template() -> None:
    rows = compared.differences()
    assert {row.reason for row in rows} == set(compared.reasons())
    objects = {each.name for each in judged.objects(judged.load(judged.OBJECTS))}
    assert {row.template for row in rows} <= {*TEMPLATES, *objects}
    assert {row.template for row in rows if row.id == "ESC5"} <= objects
    others = {"all but the domain controller", "all but the token"}
    assert {row.said_by for row in rows} <= {"collection", "Certipy", "domain controller", *others}
    assert len(set(rows)) == len(rows)


def test_the_numbers_of_the_document_are_those_of_the_record_and_the_table() -> None:
    findings = sum(len(ids) for ids in compared.recorded().values())
    wrong, more = len(compared.explained("Certipy")), len(compared.explained("collection"))
    assert compared.numbers() == {
        "Templates": len(TEMPLATES),
        "Findings of Certipy": findings,
        "Of these reported here too": findings - wrong,
        "False alarms of Certipy": wrong,
        "Missed here": 0,
        "Reported here alone": more,
    }


def test_reaches_of_some_that_differ_only_in_who_may_enroll(hazards: dict[str, dict[str, Hazard]]) -> None:
    expected: dict[str, tuple[str, bool]] = {
        "Esc1": ("broad", True),
        "Esc1Everyone": ("broad", True),
        "Esc1DomainComputers": ("broad", True),
        "Esc1Everybody": ("broad", True),
        "Esc1UsersNested": ("broad", True),
        "Esc1People": ("people", True),
        "Esc1Depth10": ("people", True),
        "Esc1Primary": ("people", True),
        "Esc1Servers": ("service", False),
        "Esc1Services": ("service", False),
        "Esc1Empty": ("service", False),
        "Esc1Mail": ("service", False),
        "Esc1ThroughMail": ("service", False),
        "Esc1Service": ("account", False),
        "Esc1Alice": ("account", False),
    }
    found: dict[str, t.Any] = {name: hazards[f"{judged.PREFIX}{name}"]["ESC1"] for name in expected}
    assert {name: (hazard.reach, hazard.refused) for name, hazard in found.items()} == expected
