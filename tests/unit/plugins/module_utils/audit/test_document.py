# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The document of an audit, made of a forest in memory."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_search import Duplicate
from ansible_collections.certops.intune.plugins.module_utils.adcs import store
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.reading import Known
from ansible_collections.certops.intune.plugins.module_utils.audit.document import Found, NotRead, compose
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import SecurityDescriptor
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.principal_names import Forest
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.forest import BUILT_IN_NAMES, built_in
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.hazards.people import (
    DOMAIN,
    MEMBERSHIP,
    NAMES,
    security,
)
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report.schemas import strict
from jsonschema import Draft202012Validator

from tools.tree import TOP

SCHEMA = strict(json.loads((TOP / "docs" / "audit-schema.json").read_text(encoding="utf-8")))
BASE = "DC=corp,DC=example"
TEMPLATES = f"CN=Certificate Templates,CN=Public Key Services,CN=Services,CN=Configuration,{BASE}"
KNOWN = Known(MEMBERSHIP, NAMES, Forest(BASE, BASE, DOMAIN, DOMAIN))
AUTHORITY = store.StoredAuthority("CN=CA,CN=Enrollment Services", "CA", "ca1.corp.example", ("user", "Gone"))


def stored(name: str, sd: SecurityDescriptor | None, source: str = "User") -> store.StoredTemplate:
    template = replace(built_in(source), name=name, display_name=name, security=sd)
    dn = f"CN={name},{TEMPLATES}"
    return store.StoredTemplate(dn, Entry(dn, {}), template)


def audit(*templates: store.StoredTemplate, **others: t.Any) -> dict[str, t.Any]:
    snapshot = others.pop("snapshot", store.Snapshot(templates, (), (AUTHORITY,), None))
    given: dict[str, t.Any] = {
        "forest": "corp.example",
        "read_at": dt.datetime(2026, 11, 21, 15, 58, 3, 999, dt.UTC),
        "server": "dc1.corp.example",
        "account": "CORP\\alice",
        "snapshot": snapshot,
        "authorities": (),
        "known": KNOWN,
        "names": NAMES,
        "forest_hazards": (),
        "duplicates": (),
        "missed": (),
        **others,
    }
    made = compose(Found(**given))
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(made)] == []
    return made


def enrollment(*entries: str) -> dict[str, tuple[str, list[str], list[str]]]:
    (template,) = audit(stored("T", security(*entries)))["templates"]
    return {who["name"]: (who["reach"], who["via"], who["rights"]) for who in template["enrollment"]}


@pytest.mark.parametrize(
    "entries, expected",
    [
        ([], {}),
        (["allow enroll alice"], {"alice": ("account", [], ["enroll"])}),
        (["allow enroll staff"], {"staff": ("people", [], ["enroll"])}),
        (["allow enroll services"], {"services": ("service", [], ["enroll"])}),
        (["allow full services"], {"services": ("service", [], ["enroll", "autoenroll"])}),
        (["allow enroll domain admins"], {"Domain Admins": ("privileged", [], ["enroll"])}),
        (["allow extended domain admins"], {"Domain Admins": ("privileged", [], ["enroll", "autoenroll"])}),
        (["deny enroll domain admins", "allow enroll domain admins"], {}),
        (["deny enroll alice", "allow enroll alice"], {}),
        (["deny enroll authenticated", "allow enroll domain users"], {}),
        (["inherit-only-allow enroll alice"], {}),
        (["allow read alice"], {}),
    ],
)
def test_who_may_enroll(entries: list[str], expected: dict[str, tuple[str, list[str], list[str]]]) -> None:
    assert enrollment(*entries) == expected


def test_a_group_that_holds_everybody_says_through_whom() -> None:
    ((reach, via, _rights),) = enrollment("allow enroll outer").values()
    assert (reach, via) == ("people", ["everybody here", "staff"])
    ((reach, via, _rights),) = enrollment("allow enroll holds all").values()
    assert reach == "broad"


def test_rights_are_told_in_words_a_line_each() -> None:
    sd = security("allow read authenticated", "allow enroll staff", "deny write staff", "allow manage domain admins")
    (template,) = audit(stored("T", sd))["templates"]
    assert [(line["principal"], line["rights"]) for line in template["rights"]] == [
        ("authenticated", "read"),
        ("domain admins", "manage"),
        # Writing properties alone is no word of the console.
        ("staff", "enroll, D;;WP;;"),
    ]
    assert {line["inherited"] for line in template["rights"]} == {False}


def test_every_built_in_template_fits_the_schema() -> None:
    snapshot = store.Snapshot(
        tuple(store.StoredTemplate(f"CN={name}", Entry(f"CN={name}", {}), built_in(name)) for name in BUILT_IN_NAMES),
        (),
        (),
        None,
    )
    made = audit(snapshot=snapshot)
    assert [one["name"] for one in made["templates"]] == sorted(BUILT_IN_NAMES, key=str.casefold)
    settings = {one["name"]: one["settings"] for one in made["templates"]}
    assert settings["WebServer"]["subject"] == "supply_in_request"
    assert settings["WebServer"]["purposes"] == ["Server Authentication"]
    assert settings["SubCA"]["purposes"] == []
    assert settings["User"]["subject"] == "active_directory"


def test_published_names_without_a_template_are_unknown() -> None:
    made = audit(stored("User", security()))
    (authority,) = made["authorities"]
    assert (authority["published"], authority["unknown"]) == (["Gone", "user"], ["Gone"])
    assert made["templates"][0]["published_on"] == ["CA"]
    # Nothing is claimed of certificates that were not read.
    assert {authority[key] for key in ("thumbprint", "not_valid_after", "expired", "in_ntauth")} == {None}


def test_a_template_that_cannot_be_read_is_listed_with_the_reason() -> None:
    entry = Entry(f"CN=Broken,{TEMPLATES}", {"cn": [b"Broken"]})
    made = audit(snapshot=store.Snapshot((), (), (AUTHORITY,), None, ((entry, "a period has 8 octets"),)))
    (template,) = made["templates"]
    assert (template["name"], template["unreadable"], template["settings"]) == ("Broken", "a period has 8 octets", None)
    assert made["verdict"]["level"] == "unknown"


def test_hidden_rights_are_said_and_not_called_good() -> None:
    made = audit(stored("T", None))
    assert made["not_read"] == [
        {
            "what": "rights of a template",
            "object": f"CN=T,{TEMPLATES}",
            "reason": "these credentials may not read them: no hazard is judged",
        }
    ]
    assert made["templates"][0]["owner"] is None
    assert made["verdict"]["level"] == "unknown"


def test_hazards_names_and_what_was_missed_stand_in_the_document() -> None:
    made = audit(
        stored("T", security("allow full domain users"), "WebServer"),
        duplicates=(Duplicate("HTTP/a", ("CN=A", "CN=B")),),
        missed=(NotRead("a", "b", "c"),),
    )
    assert {hazard["id"] for hazard in made["templates"][0]["hazards"]} == {"ESC4", "ESC15", "ESC17"}
    assert made["duplicate_service_principal_names"] == [
        {"service_principal_name": "HTTP/a", "holders": ["CN=A", "CN=B"]}
    ]
    assert made["not_read"] == [{"what": "a", "object": "b", "reason": "c"}]
    assert made["read_at"] == "2026-11-21T15:58:03+00:00"


def test_an_account_that_nobody_knows_is_null() -> None:
    assert audit(account=None)["account"] is None
