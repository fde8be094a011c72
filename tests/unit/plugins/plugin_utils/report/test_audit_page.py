# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of an audit, and the filter that makes it."""

from __future__ import annotations

import copy
import functools
import itertools
import json
import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.certops.intune.plugins.filter.audit_page import FilterModule
from ansible_collections.certops.intune.plugins.module_utils.audit.verdict import STATES
from ansible_collections.certops.intune.plugins.plugin_utils.report.audit import audit_page
from ansible_collections.certops.intune.plugins.plugin_utils.report.audit_view import days, reach_of, when
from ansible_collections.certops.intune.plugins.plugin_utils.report.text import visible
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report import samples
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report.pages import Page, complaints
from ansible_collections.certops.intune.tests.unit.plugins.plugin_utils.report.schemas import documents, strict
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from tools.tree import TOP

SCHEMA: dict[str, t.Any] = json.loads((TOP / "docs" / "audit-schema.json").read_text(encoding="utf-8"))
SAMPLES = ("small", "large", "empty", "hostile")


def sample(name: str) -> samples.Document:
    made: samples.Document = getattr(samples, name)()
    return made


@functools.cache
def page_of(name: str) -> Page:
    return Page(audit_page(sample(name)))


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_follow_the_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft202012Validator(strict(SCHEMA)).iter_errors(sample(name))] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_page_is_whole_and_refers_to_nothing(name: str) -> None:
    assert complaints(audit_page(sample(name))) == []


@given(documents(SCHEMA))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_document_of_the_schema_makes_a_whole_page(document: samples.Document) -> None:
    before = copy.deepcopy(document)
    assert complaints(audit_page(document)) == []
    assert document == before


@pytest.mark.parametrize("name", ["small", "large"])
def test_every_template_is_listed_once(name: str) -> None:
    document = sample(name)
    (table,) = page_of(name).find("table", id="templates-table")
    rows = [body.children[0] for body in table.children if body.tag == "tbody"]
    shown = [row.children[0].text for row in rows]
    expected = [
        one["display_name"] + (one["name"] if one["display_name"] != one["name"] else "")
        for one in document["templates"]
    ]
    assert sorted(shown) == sorted(expected)


def test_hostile_names_are_shown_and_do_nothing() -> None:
    page = page_of("hostile")
    shown = page.root.text
    for text in samples.HOSTILE:
        assert visible(text) in shown
    assert "49" not in {word for heading in page.find("h1") for word in heading.text.split()}
    assert not [element for element in page.root if element.tag in ("img", "b")]
    assert "\u202e" not in page.source


def test_hazards_are_told_with_remedy_and_principals() -> None:
    page = page_of("small")
    articles = [one for one in page.find("article") if one.has_class("hazard")]
    wifi = next(one.text for one in articles if "Domain Users may ask" in one.text)
    assert "Remedy. Let the directory build the subject" in wifi
    nested = next(one.text for one in articles if "PKI Readers" in one.text)
    assert "through CORP\\All Staff, Domain Users" in " ".join(nested.split())
    assert [one.attributes["class"] for one in articles].count("hazard dangerous") == 2


def test_nothing_is_told_by_colour_alone() -> None:
    """Each state, reach and tone of a line has a symbol or a word of its own."""
    page = page_of("large")
    for chip in (one for one in page.find("span") if one.has_class("chip")):
        assert chip.text.strip()
        assert chip.children[0].children[0].tag == "use"
    boxes = [one for one in page.find("a") if one.has_class("box")]
    marks = {(one.attributes["class"], use.attributes["href"]) for one in boxes for use in one if use.tag == "use"}
    states = {tone: mark for tone, mark in marks if tone.removeprefix("box ") in STATES}
    assert len(states) == len(set(states.values())) == 5


def test_the_page_names_its_landmarks_and_language() -> None:
    page = page_of("small")
    assert [one.attributes["lang"] for one in page.find("html")] == ["en"]
    assert [len(page.find(tag)) for tag in ("header", "nav", "main", "footer", "h1")] == [1, 1, 1, 1, 1]
    assert page.find("a", class_="skip")[0].attributes["href"] == "#main"
    levels = [int(one.tag[1]) for one in page.root if one.tag in ("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_many_harmless_templates_are_one_box() -> None:
    page = page_of("large")
    views = [one for one in page.find("div") if one.has_class("view")]
    boxes = [sum(one.tag == "a" and one.has_class("box") for one in view) for view in views]
    issued = sum(bool(one["published_on"]) for one in sample("large")["templates"])
    assert boxes[0] < issued < 200 < boxes[2]


def test_a_forest_without_anything_has_a_page_too() -> None:
    text = " ".join(page_of("empty").root.text.split())
    assert "This forest has no certificate templates." in text
    assert "This forest has no enterprise authority." in text


@pytest.mark.parametrize(
    "given_, message",
    [
        ("text", "audit_page: what is given is no audit: it has no schema_version"),
        ({}, "audit_page: what is given is no audit: it has no schema_version"),
        ({"schema_version": 2}, "audit_page: the audit has schema version 2, the page shows 1"),
        ({"schema_version": 1}, "audit_page: what is given is no audit: KeyError 'templates'"),
    ],
)
def test_what_is_no_audit_is_refused(given_: t.Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError) as raised:
        FilterModule().filters()["audit_page"](given_)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "name, reach, members, words",
    [
        ("CORP\\svc-ndes", "account", None, "Single account"),
        ("CORP\\CONN1$", "account", None, "Single computer or service"),
        ("CORP\\Staff", "people", 1, "Group with people, 1 member"),
        ("CORP\\Servers", "service", 2, "Servers and services only, 2 members"),
        ("Domain Users", "broad", None, "Practically everyone"),
        ("Domain Admins", "privileged", None, "Administrators"),
    ],
)
def test_reaches_have_words(name: str, reach: str, members: int | None, words: str) -> None:
    assert reach_of({"name": name, "reach": reach, "members": members}) == words


@pytest.mark.parametrize(
    "period, length",
    [
        ("2 years", 730),
        ("1 month", 30),
        ("6 weeks", 42),
        ("1 day", 1),
        ("36 hours", 2),
        ("forever", 0),
        ("", 0),
        ("1", 0),
    ],
)
def test_periods_have_a_length(period: str, length: int) -> None:
    assert days(period) == length


@pytest.mark.parametrize(
    "text, words",
    [
        ("2026-11-01T05:08:03+00:00", "1 November 2026, 05:08 UTC"),
        ("2026-11-01T00:30:00+02:00", "31 October 2026, 22:30 UTC"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("lately", "lately"),
    ],
)
def test_times_are_for_people(text: str, words: str) -> None:
    assert when(text) == words
