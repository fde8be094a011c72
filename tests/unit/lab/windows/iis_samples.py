# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and configurations of IIS for tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from lab.windows.identity import Identity
from lab.windows.parts.iis import Iis
from lab.windows.parts.iis.facts import ConfigurationError, facts
from lab.windows.parts.iis.schema import Attribute, Schema, sections, time_span


def identity(release: str = "2022") -> Identity:
    return Identity("web1", "corp.example", "CORP", "192.0.2.1", "S-1-5-21-1-2-3", "S-1-5-21-4-5-6", release)


def server(*features: str, release: str = "2022") -> Iis:
    """A web server with these features, or with all that the lab knows."""
    made = Iis.blank(identity(release))
    made.install(["Web-Server", *(features or facts()["features"])])
    return made


def _below(schema: Schema, path: str = "") -> Iterator[tuple[str, Attribute]]:
    for attribute in schema.attributes.values():
        yield path, attribute
    for name, element in schema.elements.items():
        yield from _below(element, f"{path}/{name}".strip("/"))


#: Every value that can be written without an entry of a collection: section, path of elements, attribute.
PLACES = [
    (path, element, attribute) for path, schema in sections("10").items() for element, attribute in _below(schema)
]
#: Sections that may be written at a site.
DELEGATED = [place for place in PLACES if facts()["sections"][place[0]].get("definition") != "AppHostOnly"]


def values(attribute: Attribute) -> st.SearchStrategy[Any]:
    """Values that the schema takes for an attribute, in one of the ways that they may be written."""
    if attribute.type == "bool":
        return st.booleans() | st.sampled_from(["true", "False"])
    if attribute.type == "enum":
        return st.sampled_from([*attribute.members, *attribute.members.values()])
    if attribute.type == "flags":
        names = [name for name, number in attribute.members.items() if number]
        return st.lists(st.sampled_from(names), min_size=1).map(",".join) | st.sampled_from(names)
    if attribute.type == "timeSpan":
        least, most, step = 0, 10**6, 1
        if attribute.validation == "timeSpanRange":
            least, most, step = (int(part) for part in attribute.parameter.split(","))
        return st.integers(-(-least // step), most // step).map(lambda count: time_span(count * step))
    if attribute.type in ("uint", "int", "int64"):
        return st.integers(-(2**31), 2**33).filter(lambda number: _takes(attribute, number))
    return st.text(max_size=20).filter(lambda text: _takes(attribute, text))


def _takes(attribute: Attribute, value: Any) -> bool:
    try:
        attribute.convert(value)
    except ConfigurationError:
        return False
    return True
