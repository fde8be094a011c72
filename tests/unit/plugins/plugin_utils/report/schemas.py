# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents that a JSON Schema allows, for the few words of JSON Schema that the collection's schemas use."""

from __future__ import annotations

import datetime as dt
import typing as t

from hypothesis import strategies as st

#: Text as an attacker or a careless administrator would write it.
HOSTILE = (
    "<script>alert(1)</script>",
    "</style>",
    "\"'><b onclick=x>",
    "\u202e\u200f",
    "\x00\ud800",
    "{{ 1 }}",
    "&amp;",
)


def texts() -> st.SearchStrategy[str]:
    return st.one_of(st.text(max_size=12), st.sampled_from(HOSTILE))


def documents(schema: t.Mapping[str, t.Any]) -> st.SearchStrategy[t.Any]:
    """Whatever O(schema) allows, no keys beyond those it names."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(_of(kind, schema) for kind in kinds))


def _of(kind: str, schema: t.Mapping[str, t.Any]) -> st.SearchStrategy[t.Any]:
    if kind == "object":
        return st.fixed_dictionaries({name: documents(part) for name, part in schema["properties"].items()})
    if kind == "array":
        return st.lists(documents(schema["items"]), max_size=3)
    if kind == "string":
        if schema.get("format") == "date-time":
            return st.datetimes(timezones=st.just(dt.UTC)).map(lambda moment: moment.isoformat(timespec="seconds"))
        if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True)
        return texts()
    simple: dict[str, st.SearchStrategy[t.Any]] = {
        "integer": st.integers(schema.get("minimum", -(2**31)), 2**31),
        "boolean": st.booleans(),
        "null": st.none(),
    }
    return simple[kind]


def strict(schema: t.Any) -> t.Any:
    """The schema with every key that it does not name forbidden."""
    if isinstance(schema, dict):
        made = {key: strict(value) for key, value in schema.items()}
        return {**made, "additionalProperties": False} if "properties" in schema else made
    return [strict(one) for one in schema] if isinstance(schema, list) else schema
