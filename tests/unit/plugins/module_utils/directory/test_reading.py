# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of searches that take several requests: pages, and attributes that come in parts."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.connection import Connection
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry, Part, partial
from ansible_collections.certops.intune.plugins.module_utils.directory.reading import Counter, Request, read_all

GROUP = "CN=group,DC=corp"


class Server:
    """Sends two entries at a time and three values at a time, as MS-ADTS 3.1.1.3.1.3.3 says."""

    def __init__(self, objects: dict[str, dict[str, list[bytes]]]) -> None:
        self.objects = objects

    def search_page(
        self, base: str, scope: str, filter_text: str, attributes: t.Sequence[str], controls: list[t.Any]
    ) -> tuple[list[tuple[str | None, t.Any]], bytes | str]:
        if scope == "base":
            name, _, span = attributes[0].partition(";range=")
            values = self.objects[base][name]
            return [(base, part(name, values, int(span.partition("-")[0]) if span else 0))], ""
        start = int(controls[-1].cookie or 0)
        found = list(self.objects.items())[start : start + 2]
        cookie = str(start + 2).encode() if start + 2 < len(self.objects) else b""
        sent = [(dn, {k: v for n, values in a.items() for k, v in part(n, values, 0).items()}) for dn, a in found]
        return [*sent, (None, ["ldap://referral"])], cookie


def part(name: str, values: list[bytes], start: int) -> dict[str, list[bytes]]:
    if start == 0 and len(values) <= 3:
        return {name: list(values)}
    end = "*" if start + 3 >= len(values) else start + 2
    return {f"{name};range={start}-{end}": values[start : start + 3]}


def run(objects: dict[str, dict[str, list[bytes]]]) -> tuple[list[Entry], int]:
    counter = Counter()
    connection = t.cast(Connection, Server(objects))
    entries = read_all(connection, Request("DC=corp", "subtree", "(cn=*)", ["cn", "member"], 2), counter)
    return entries, counter.value


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (2, 1), (3, 2), (5, 3)])
def test_pages(count: int, requests: int) -> None:
    objects = {f"CN={number},DC=corp": {"cn": [b"%d" % number]} for number in range(count)}
    entries, made = run(objects)
    assert entries == [Entry(dn, attributes) for dn, attributes in objects.items()]
    assert made == requests


@pytest.mark.parametrize(("count", "requests"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (9, 3)])
def test_attributes_in_parts(count: int, requests: int) -> None:
    members = [b"CN=%d" % number for number in range(count)]
    entries, made = run({GROUP: {"cn": [b"group"], "member": members, "memberOf": [b"a", b"b", b"c", b"d"][:3]}})
    assert entries[0].attributes["member"] == tuple(members)
    assert sorted(entries[0].attributes) == ["cn", "member", "memberOf"]
    assert made == requests


def test_two_attributes_in_parts() -> None:
    values = [b"%d" % number for number in range(5)]
    entries, made = run({GROUP: {"member": values, "memberOf": values[::-1]}})
    assert entries[0].attributes["member"] == tuple(values)
    assert entries[0].attributes["memberOf"] == tuple(values[::-1])
    assert made == 3


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["cn", "member"], None),
        (["userCertificate;binary"], None),
        (["cn", "member;range=0-1499"], Part("member;range=0-1499", "member", "member;range=1500-*")),
        (["Member;Range=1500-*"], Part("Member;Range=1500-*", "Member", None)),
        ([], None),
    ],
)
def test_partial(keys: list[str], expected: Part | None) -> None:
    assert partial(keys) == expected
