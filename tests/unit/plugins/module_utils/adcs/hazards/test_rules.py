# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each hazard with all of its conditions, and without each of them."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import IDS
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.catalogue import BY_ID, KINDS
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template

from .people import hazards, security

CLIENT, SERVER, MAIL = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4"
PKINIT, SMART_CARD = "1.3.6.1.5.2.3.4", "1.3.6.1.4.1.311.20.2.2"
ANY, AGENT = "2.5.29.37.0", "1.3.6.1.4.1.311.20.2.1"
AUTOENROLL = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"
POLICY = "1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.1.402"
LINKS = {POLICY: "Vault Openers"}

SAFE = Template(
    "T",
    schema_version=2,
    extended_key_usage=(MAIL,),
    application_policies=(MAIL,),
    security=security("allow enroll authenticated", "allow read authenticated", "allow manage domain admins"),
)


def usage(*oids: str) -> dict[str, t.Any]:
    return {"extended_key_usage": oids, "application_policies": oids}


#: What makes the hazard of SAFE.
DANGEROUS: dict[str, dict[str, t.Any]] = {
    "ESC1": {"name_flags": 0x1, **usage(CLIENT)},
    "ESC2": usage(ANY),
    "ESC3": usage(AGENT),
    "ESC4": {"security": security("allow dac authenticated")},
    "ESC9": {"enrollment_flags": 0x80000, **usage(CLIENT)},
    "ESC13": {"certificate_policies": (POLICY,), **usage(CLIENT)},
    "ESC15": {"name_flags": 0x1, "schema_version": 1},
    "ESC17": {"name_flags": 0x1, **usage(SERVER)},
}

#: One condition less.
HARMLESS: list[tuple[str, str, dict[str, t.Any]]] = [
    ("ESC1", "subject from the directory", {"name_flags": 0}),
    ("ESC1", "the name flag that authorities ignore", {"name_flags": 0x10000}),
    ("ESC1", "no purpose that logs on", usage(MAIL)),
    ("ESC2", "a named purpose", usage(CLIENT)),
    ("ESC3", "no agent", usage(MAIL)),
    ("ESC4", "read alone", {"security": security("allow read authenticated")}),
    ("ESC4", "enroll alone", {"security": security("allow enroll authenticated")}),
    ("ESC4", "delete alone", {"security": security("allow delete authenticated")}),
    ("ESC9", "with the security extension", {"enrollment_flags": 0}),
    ("ESC9", "no purpose that logs on", usage(MAIL)),
    ("ESC13", "a policy without a group", {"certificate_policies": (f"{POLICY}.1",)}),
    ("ESC13", "no policy", {"certificate_policies": ()}),
    ("ESC13", "no purpose that logs on", usage(MAIL)),
    ("ESC15", "schema version 2", {"schema_version": 2}),
    ("ESC15", "subject from the directory", {"name_flags": 0}),
    ("ESC17", "subject from the directory", {"name_flags": 0}),
    ("ESC17", "no server", usage(CLIENT)),
    *(
        (id_, why, change)
        for id_ in DANGEROUS
        if id_ != "ESC4"
        for why, change in (
            ("manager approval", {"enrollment_flags": 0x80002}),
            ("a signature of an agent", {"ra_signatures": 1}),
            ("nobody enrolls", {"security": security("allow read authenticated")}),
            ("administrators enroll", {"security": security("allow enroll enterprise admins")}),
            ("everybody is denied", {"security": security("deny enroll authenticated", "allow enroll authenticated")}),
            (
                "autoenroll alone",
                {"security": security(f"allow extended:{AUTOENROLL} users")},
            ),
        )
    ),
]


def made(**changes: t.Any) -> Template:
    return replace(SAFE, **changes)


def test_nothing_is_dangerous_about_the_others() -> None:
    assert hazards(SAFE, links=LINKS) == {}


@pytest.mark.parametrize("id_", DANGEROUS)
def test_with_all_conditions(id_: str) -> None:
    found = hazards(made(**DANGEROUS[id_]), links=LINKS)
    assert found[id_].reach == "broad"
    assert found[id_].refused
    assert [principal.name for principal in found[id_].principals] == ["authenticated"]
    assert found[id_].sentence.startswith("authenticated may ")
    assert "{" not in found[id_].sentence


@pytest.mark.parametrize(("id_", "change"), [pytest.param(i, c, id=f"{i} {w}") for i, w, c in HARMLESS])
def test_without_one_of_them(id_: str, change: dict[str, t.Any]) -> None:
    assert id_ not in hazards(made(**{**DANGEROUS[id_], **change}), links=LINKS)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"name_flags": 1, **usage(PKINIT)}, {"ESC1"}, id="PKINIT logs on"),
        pytest.param({"name_flags": 1, **usage(SMART_CARD)}, {"ESC1"}, id="a smart card logs on"),
        pytest.param({"name_flags": 9, **usage(CLIENT)}, {"ESC1"}, id="with the names of the old certificate"),
        pytest.param({"name_flags": 1, **usage(MAIL, CLIENT)}, {"ESC1"}, id="one purpose of several"),
        pytest.param({"name_flags": 1, **usage(ANY)}, {"ESC1", "ESC2", "ESC3", "ESC17"}, id="any purpose"),
        pytest.param({"name_flags": 1, **usage()}, {"ESC1", "ESC2", "ESC3", "ESC17"}, id="no purpose"),
        pytest.param(usage(), {"ESC2", "ESC3"}, id="no purpose, subject from the directory"),
        pytest.param(
            {"extended_key_usage": (), "application_policies": (MAIL,)}, {"ESC2", "ESC3"}, id="no usage, one policy"
        ),
        pytest.param(
            {"name_flags": 1, "extended_key_usage": (MAIL,), "application_policies": (CLIENT,)},
            {"ESC1"},
            id="a purpose among the policies alone",
        ),
        pytest.param(
            {"name_flags": 1, "extended_key_usage": (CLIENT,), "application_policies": ()},
            {"ESC1"},
            id="a purpose in the usage alone",
        ),
        pytest.param({"name_flags": 1, "schema_version": 1, **usage(SERVER)}, {"ESC15", "ESC17"}, id="WebServer"),
        pytest.param(
            {"name_flags": 1, "schema_version": 1, **usage(AGENT)}, {"ESC3", "ESC15"}, id="EnrollmentAgentOffline"
        ),
        pytest.param({"enrollment_flags": 0x80000, **usage()}, {"ESC2", "ESC3", "ESC9"}, id="without an extension"),
    ],
)
def test_what_comes_together(change: dict[str, t.Any], expected: set[str]) -> None:
    assert set(hazards(made(**change))) == expected


def test_words_of_a_rule_that_needs_more_than_names() -> None:
    policy = hazards(made(**DANGEROUS["ESC13"]), links=LINKS)["ESC13"]
    assert "a member of Vault Openers when" in policy.sentence
    assert "without a list of purposes" in hazards(made(**usage()))["ESC2"].sentence
    assert "for any purpose" in hazards(made(**usage(ANY)))["ESC2"].sentence
    assert "(change its rights)" in hazards(made(**DANGEROUS["ESC4"]))["ESC4"].sentence


def test_a_template_without_known_security_is_not_judged() -> None:
    assert hazards(made(security=None, **DANGEROUS["ESC1"])) == {}


def test_whether_it_is_issued_changes_nothing_else() -> None:
    template = made(**DANGEROUS["ESC1"])
    (issued,) = hazards(template, active=True).values()
    (idle,) = hazards(template).values()
    assert (issued.active, idle.active) == (True, False)
    assert replace(issued, active=False) == idle


def test_catalogue() -> None:
    assert set(DANGEROUS) == set(IDS) == set(BY_ID) - {"ESC5"}
    assert len({kind.id for kind in KINDS}) == len(KINDS)
    assert [kind.id for kind in KINDS] == sorted((kind.id for kind in KINDS), key=lambda id_: int(id_[3:]))
    for kind in KINDS:
        assert kind.sentence.startswith("{who} may ")
        assert kind.sentence.endswith((".", "{object_detail}"))
        assert not kind.remedy.endswith(".")
        assert kind.refused == ({"broad", "people"} if kind.id in ("ESC1", "ESC2") else {"broad"})
