# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IIS's schema as the lab keeps it: that it is the real one, and which values it takes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lab.windows.parts.iis.facts import ConfigurationError, facts
from lab.windows.parts.iis.schema import Schema, seconds_of, sections, time_span
from tools.iis_schema import EXTRACT, SOURCE, declared, extract, text

POOLS = "system.applicationHost/applicationPools"
SITES = "system.applicationHost/sites"
FILTERING = "system.webServer/security/requestFiltering"


@pytest.mark.skipif(not SOURCE.exists(), reason="IIS's whole schema does not lie beside the checkout")
def test_the_extract_is_what_the_source_says() -> None:
    source = json.loads(SOURCE.read_text(encoding="utf-8"))
    assert EXTRACT.read_text(encoding="utf-8") == text(extract(source, declared()))


def test_every_declared_section_has_a_schema() -> None:
    for version in set(facts()["versions"].values()):
        assert set(facts()["sections"]) == set(sections(version))


def at(path: str, element: str = "", tag: str = "", version: str = "10") -> Schema:
    found = sections(version)[path]
    found = found.collection(tag).entry if tag else found
    for name in filter(None, element.split("/")):
        found = found.element(name)
    return found


@pytest.mark.parametrize(
    ("path", "element", "tag", "attribute", "given", "kept"),
    [
        (FILTERING, "requestLimits", "", "maxUrl", "65534", 65534),
        (FILTERING, "requestLimits", "", "MAXURL", 65534, 65534),
        (FILTERING, "", "", "allowDoubleEscaping", "True", True),
        (POOLS, "processModel", "add", "identityType", "specificuser", "SpecificUser"),
        (POOLS, "processModel", "add", "identityType", 3, "SpecificUser"),
        (POOLS, "recycling/periodicRestart", "add", "time", "29:00:00", "1.05:00:00"),
        (POOLS, "recycling/periodicRestart", "add", "time", "00:00:05:00.000000", "00:05:00"),
        (POOLS, "recycling", "add", "logEventOnRecycle", "memory,Time", "Time, Memory"),
        (POOLS, "recycling", "add", "logEventOnRecycle", 9, "Time, Memory"),
        ("system.webServer/security/access", "", "", "sslFlags", "Ssl, SslNegotiateCert", "Ssl, SslNegotiateCert"),
        ("system.webServer/security/access", "", "", "sslFlags", 0, "None"),
        (SITES, "limits", "site", "maxBandwidth", 1024, 1024),
    ],
)
def test_values_are_kept_typed(path: str, element: str, tag: str, attribute: str, given: Any, kept: Any) -> None:
    assert at(path, element, tag).attribute(attribute).convert(given) == kept


@pytest.mark.parametrize(
    ("path", "element", "tag", "attribute", "given", "message"),
    [
        (FILTERING, "requestLimits", "", "maxUrl", -1, "Integer must be between 0 and 4294967295 inclusive"),
        (FILTERING, "requestLimits", "", "maxUrl", "many", "Integer must be between 0 and 4294967295 inclusive"),
        (FILTERING, "", "", "allowDoubleEscaping", "yes", "Boolean must be one of true, false"),
        (POOLS, "", "add", "queueLength", 9, "Integer must be between 10 and 65535 inclusive"),
        (POOLS, "", "add", "managedPipelineMode", "Modern", "Enum must be one of Integrated, Classic"),
        (POOLS, "", "add", "name", "a/b", "String must not contain any of the characters"),
        (POOLS, "", "add", "name", "", "String must not be empty"),
        (POOLS, "processModel", "add", "idleTimeout", "00:00:30", "with a granularity of 60 seconds"),
        (POOLS, "recycling", "add", "logEventOnRecycle", "Moon", "Flags must be some combination of Time"),
        (POOLS, "recycling", "add", "logEventOnRecycle", 4096, "Flags must be some combination of Time"),
        (SITES, "limits", "site", "maxBandwidth", 5, "Integer must not be between 0 and 1023 inclusive"),
        (SITES, "", "site", "name", "a\x00b", "String must not contain any of the characters"),
    ],
)
def test_what_the_schema_does_not_take(
    path: str, element: str, tag: str, attribute: str, given: Any, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        at(path, element, tag).attribute(attribute).convert(given)


def test_what_is_not_in_the_schema() -> None:
    with pytest.raises(ConfigurationError, match="Unrecognized attribute 'maxUri'"):
        at(FILTERING, "requestLimits").attribute("maxUri")
    with pytest.raises(ConfigurationError, match="Unrecognized element 'limits'"):
        at(FILTERING, "limits")


def test_the_versions_differ() -> None:
    assert "removeServerHeader" in at(FILTERING).attributes
    assert "removeServerHeader" not in at(FILTERING, version="8.5").attributes


def test_defaults_come_from_the_schema() -> None:
    limits = at(FILTERING, "requestLimits")
    assert {name: one.default for name, one in limits.attributes.items()} == {
        "maxAllowedContentLength": 30000000,
        "maxUrl": 4096,
        "maxQueryString": 2048,
    }
    model = at(POOLS, "processModel", "add")
    assert (model.attribute("password").default, model.attribute("password").provider) == ("", "IISWASOnlyAesProvider")
    assert at(SITES, "", "site").attribute("id").default == 0


@pytest.mark.parametrize(("seconds", "written"), [(0, "00:00:00"), (86399, "23:59:59"), (104400, "1.05:00:00")])
def test_time_spans(seconds: int, written: str) -> None:
    assert time_span(seconds) == written
    assert seconds_of(written) == seconds


@pytest.mark.parametrize("wrong", ["", "1", "00:60:00", "00:00:61", "1.2.3:00", "00:00", "00:00:00\n"])
def test_what_is_no_time_span(wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape(wrong.strip()) or "^$"):
        seconds_of(wrong)
