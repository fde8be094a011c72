# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of entries, of changes, and of what proves that a change was made."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import (
    Change,
    Entry,
    is_conditional,
    is_visible,
)

ENTRY = Entry(
    "CN=NDES,DC=corp",
    {"cn": [b"NDES"], "displayName": ["Gerät".encode()], "flags": [b"-65536"], "pKIDefaultCSPs": [b"1,a", b"2,b"]},
)


def test_values_by_kind() -> None:
    assert ENTRY.text("displayName") == "Gerät"
    assert ENTRY.integer("flags") == -65536
    assert ENTRY.texts("pKIDefaultCSPs") == ("1,a", "2,b")
    assert ENTRY.raw("cn") == b"NDES"
    assert ENTRY.attributes["pKIDefaultCSPs"] == (b"1,a", b"2,b")


@pytest.mark.parametrize("name", ["DISPLAYNAME", "displayname", "displayName"])
def test_names_in_any_case(name: str) -> None:
    assert ENTRY.text(name) == "Gerät"
    assert name in ENTRY.attributes
    assert ENTRY.attributes[name] == ("Gerät".encode(),)


def test_attributes_that_are_not_there() -> None:
    assert ENTRY.text("revision") is None
    assert ENTRY.integer("revision") is None
    assert ENTRY.raw("revision") is None
    assert ENTRY.texts("revision") == ()
    assert "revision" not in ENTRY.attributes
    assert ENTRY.attributes.get("revision") is None
    with pytest.raises(KeyError, match="revision"):
        ENTRY.attributes["revision"]


def test_attributes_are_a_mapping() -> None:
    assert sorted(ENTRY.attributes) == ["cn", "displayName", "flags", "pKIDefaultCSPs"]
    assert len(ENTRY.attributes) == 4
    assert dict(ENTRY.attributes)["cn"] == (b"NDES",)


def test_entries_compare_by_content() -> None:
    assert Entry("CN=a", {"cn": [b"a"]}) == Entry("CN=a", {"cn": (b"a",)})
    assert Entry("CN=a", {"cn": [b"a"]}) != Entry("CN=a", {"cn": [b"b"]})
    assert Entry("CN=a", {"cn": [b"a"]}) != Entry("CN=b", {"cn": [b"a"]})
    assert len({Entry("CN=a", {}), Entry("CN=a", {})}) == 1


def test_values_of_another_kind() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        Entry("CN=a", {"x": [b"\xff"]}).text("x")
    with pytest.raises(ValueError, match="invalid literal"):
        Entry("CN=a", {"x": [b"one"]}).integer("x")


@pytest.mark.parametrize(
    ("changes", "conditional"),
    [
        ([Change("replace", "flags", (b"1",))], False),
        ([Change("replace", "flags"), Change("delete", "revision")], False),
        ([Change("add", "pKIDefaultCSPs", (b"3,c",))], True),
        ([Change("replace", "flags", (b"1",)), Change("delete", "revision", (b"100",))], True),
    ],
)
def test_is_conditional(changes: list[Change], conditional: bool) -> None:
    assert is_conditional(changes) is conditional


@pytest.mark.parametrize(
    ("change", "visible"),
    [
        (Change("replace", "cn", (b"NDES",)), True),
        (Change("replace", "cn", (b"ndes",)), False),
        (Change("replace", "CN", (b"NDES",)), True),
        (Change("replace", "pKIDefaultCSPs", (b"2,b", b"1,a")), True),
        (Change("replace", "pKIDefaultCSPs", (b"1,a",)), False),
        (Change("replace", "revision"), True),
        (Change("replace", "flags"), False),
        (Change("add", "pKIDefaultCSPs", (b"2,b",)), True),
        (Change("add", "pKIDefaultCSPs", (b"3,c",)), False),
        (Change("delete", "pKIDefaultCSPs", (b"3,c",)), True),
        (Change("delete", "pKIDefaultCSPs", (b"2,b",)), False),
        (Change("delete", "revision"), True),
        (Change("delete", "flags"), False),
    ],
)
def test_is_visible(change: Change, visible: bool) -> None:
    assert is_visible([change], ENTRY) is visible
    assert is_visible([Change("replace", "cn", (b"NDES",)), change], ENTRY) is visible
