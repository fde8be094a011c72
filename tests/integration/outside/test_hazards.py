# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hazards of templates that were built to have them, or nearly so, judged by readers that are none of ours.

Certipy says as an ordinary user what it finds; the domain controller says what that user may write. Nothing that one of
them finds may be missing in what certificate_template_info tells the same user. Every difference is in a table of
docs/hazards-compared.md with its reason, and a row of the table that is not true any more is a failure too.
"""

from __future__ import annotations

import base64
import secrets
import typing as t

import pytest

from ..modules.conftest import Modules, connection
from . import compared, judged
from .planting import DOMAIN, PROBED, SERVICES, TEMPLATES, Planted, alices_token, change_all, may_rewrite, search

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..conftest import Lab
    from .conftest import Found, Shown

CONTAINER = f"CN=Certificate Templates,{SERVICES}"
FLAGS = "msPKI-Certificate-Name-Flag"

Ids: t.TypeAlias = dict[str, set[str]]


@pytest.fixture(scope="module")
def shown(planted: Planted, lab: Lab, certipy_find: Callable[[str, str], Found]) -> Shown:
    """What Certipy shows alice."""
    return certipy_find("alice", lab.credentials["accounts"]["alice"]["password"]).templates


@pytest.fixture(scope="module")
def certipy_says(shown: Shown) -> Ids:
    """The ids that Certipy reports to alice, by template of the set."""
    return {template.name: vulnerabilities(shown[template.name]) for template in TEMPLATES}


def vulnerabilities(template: dict[str, t.Any]) -> set[str]:
    return set(template.get("[!] Vulnerabilities") or {})


@pytest.fixture(scope="module")
def hazards(planted: Planted, lab: Lab) -> dict[str, dict[str, dict[str, t.Any]]]:
    """What certificate_template_info tells alice of the set: template to id to hazard."""
    told = Modules(connection(lab, "alice")).run("certificate_template_info", name=[each.name for each in TEMPLATES])
    assert not told["failed"], told
    return {
        template["name"]: {hazard["id"]: hazard for hazard in template["hazards"]} for template in told["templates"]
    }


@pytest.fixture(scope="module")
def we_say(hazards: dict[str, dict[str, dict[str, t.Any]]]) -> Ids:
    return {name: set(found) for name, found in hazards.items()}


@pytest.fixture(scope="module")
def token(planted: Planted, lab: Lab) -> set[str]:
    """The SIDs that the domain controller gives alice when she logs on."""
    return alices_token(lab)


def difference(one: Ids, other: Ids) -> set[tuple[str, str]]:
    """Template and id where one says what the other does not."""
    return {(name, each) for name, ids in one.items() for each in ids - other[name]}


def of(hazard: str, said_by: str) -> set[tuple[str, str]]:
    """The explained differences of one hazard."""
    return {(name, each) for name, each in compared.explained(said_by) if each == hazard}


def test_the_set_has_every_hazard_with_and_without_its_conditions() -> None:
    assert len(TEMPLATES) >= 60
    assert len({template.name for template in TEMPLATES}) == len(TEMPLATES)
    about = {each: [template for template in TEMPLATES if template.about == each] for each in compared.IDS}
    assert {each: len(of) for each, of in about.items() if len(of) < 9} == {}
    complete = {f"{judged.PREFIX}{each.title()}" for each in compared.IDS} - {"JudgedEsc4"}
    assert complete <= {template.name for template in TEMPLATES}


def test_certipy_still_says_what_is_recorded(certipy_says: Ids) -> None:
    """The record is what unit tests compare with; a new one is left beside the other things that were built."""
    new = compared.TOP / "build" / "certipy.yml"
    new.write_text(compared.record(certipy_says), encoding="utf-8")
    assert compared.RECORD.read_text(encoding="utf-8") == new.read_text(encoding="utf-8"), f"{new} has the new record"


def test_no_miss(certipy_says: Ids, we_say: Ids) -> None:
    """Whatever Certipy reports is reported, but for what the table says is none."""
    missed = difference(certipy_says, we_say)
    assert missed == compared.explained("Certipy")


def test_what_certipy_does_not_report_is_explained(certipy_says: Ids, we_say: Ids) -> None:
    assert difference(we_say, certipy_says) == compared.explained("collection")


def test_alice_is_among_those_whom_the_hazards_name(
    certipy_says: Ids, hazards: dict[str, dict[str, dict[str, t.Any]]], token: set[str], planted: Planted
) -> None:
    """Certipy reports what alice can do, by herself or with a computer account that she may make.

    Her groups are those that the domain controller puts into her token.
    """
    hers = token | {planted.sids[name] for name in ("Domain Users", "Domain Computers", "Judged Computers")}
    hers.add("S-1-5-32-545")
    strangers = {
        (name, each): [principal["name"] for principal in hazards[name][each]["principals"]]
        for name, ids in certipy_says.items()
        for each in ids & set(hazards[name])
        if not {principal["sid"] for principal in hazards[name][each]["principals"]} & hers
    }
    assert set(strangers) == compared.explained("all but the token")


def test_the_domain_controller_lets_alice_write_where_we_say_so(
    lab: Lab, hazards: dict[str, dict[str, dict[str, t.Any]]], token: set[str]
) -> None:
    """A judge for ESC4: the attributes and parts of the descriptor that the server says alice may write."""
    found = search(
        lab, CONTAINER, "one", f"(cn={judged.PREFIX}*)", "cn", "allowedAttributesEffective", "sDRightsEffective"
    )
    writable = {entry["cn"][0].decode() for entry in found.values() if may_rewrite(entry, decides)}
    assert len(found) == len(TEMPLATES)
    ours = {
        name
        for name, by_id in hazards.items()
        if "ESC4" in by_id and {principal["sid"] for principal in by_id["ESC4"]["principals"]} & token
    }
    assert {(name, "ESC4") for name in writable - ours} == of("ESC4", "domain controller")
    assert {(name, "ESC4") for name in ours - writable} == of("ESC4", "all but the domain controller")


def test_alice_can_write_what_the_domain_controller_says_she_may(planted: Planted, lab: Lab, tmp_path: Path) -> None:
    """That judge judged: she tries to write the name flags of every template, as they are."""
    found = search(lab, CONTAINER, "one", f"(cn={judged.PREFIX}*)", "cn", FLAGS, "allowedAttributesEffective")
    promised = {dn for dn, entry in found.items() if FLAGS.encode() in entry.get("allowedAttributesEffective", [])}
    records = {dn: f"replace: {FLAGS}\n{FLAGS}: {entry[FLAGS][0].decode()}" for dn, entry in found.items()}
    assert len(found) == len(TEMPLATES)
    assert change_all(lab, records, tmp_path) == promised


def test_the_domain_controller_grants_by_the_same_entries(
    planted: Planted, lab: Lab, hazards: dict[str, dict[str, dict[str, t.Any]]], token: set[str], tmp_path: Path
) -> None:
    """A judge for who may enroll: users with the entries of templates, for the right to reset their passwords."""
    value = base64.b64encode(f'"Aa1-{secrets.token_urlsafe(12)}"'.encode("utf-16-le")).decode()
    dns = {f"CN={template.name},OU={judged.PREFIX},{DOMAIN}": template.name for template in PROBED}
    records = dict.fromkeys(dns, f"replace: unicodePwd\nunicodePwd:: {value}")
    granted = {dns[dn] for dn in change_all(lab, records, tmp_path)}
    ours = {
        name
        for name in dns.values()
        if {principal["sid"] for principal in hazards[name].get("ESC1", {"principals": []})["principals"]} & token
    }
    assert {(name, "ESC1") for name in granted - ours} == of("ESC1", "domain controller")
    assert {(name, "ESC1") for name in ours - granted} == of("ESC1", "all but the domain controller")


def decides(attribute: str) -> bool:
    """Whether an attribute says what a template is."""
    return attribute.casefold().startswith(("mspki-", "pki"))


@pytest.mark.parametrize(
    ("account", "template", "reach"),
    [
        ("svc-ndes", "JudgedEsc1Service", "account"),
        ("svc-ndes", "JudgedEsc2Service", "account"),
        ("svc-ndes", "JudgedEsc15Service", "account"),
        ("svc-ndes", "JudgedEsc4Service", "account"),
        ("NDES1$", "JudgedEsc1Server", "account"),
        ("NDES1$", "JudgedEsc1Servers", "service"),
        ("NDES1$", "JudgedEsc17Servers", "service"),
        ("judged-service", "JudgedEsc1Services", "service"),
        ("judged-primary", "JudgedEsc1Primary", "people"),
    ],
)
def test_whom_a_template_was_made_for_is_named_and_people_are_refused(
    shown_to: Callable[[str], Shown],
    hazards: dict[str, dict[str, dict[str, t.Any]]],
    account: str,
    template: str,
    reach: str,
) -> None:
    """To a service account Certipy shows its own template as a hazard; here it is named, and passes."""
    seen = vulnerabilities(shown_to(account)[template])
    assert seen
    assert seen <= set(hazards[template])
    assert {hazards[template][each]["reach"] for each in seen} == {reach}
    assert {hazards[template][each]["refused"] for each in seen} == {reach == "people"}


@pytest.fixture(scope="module")
def shown_to(planted: Planted, lab: Lab, certipy_find: Callable[[str, str], Found]) -> Callable[[str], Shown]:
    """What Certipy shows an account, asked once for each."""
    known = {
        account["username"].partition("@")[0]: account["password"] for account in lab.credentials["accounts"].values()
    }
    passwords = {**known, **planted.passwords}
    asked: dict[str, Shown] = {}

    def show(account: str) -> Shown:
        if account not in asked:
            asked[account] = certipy_find(account, passwords[account]).templates
        return asked[account]

    return show
