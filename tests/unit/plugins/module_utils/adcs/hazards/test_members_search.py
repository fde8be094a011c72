# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of groups: their members among the accounts alone, and nothing through distribution groups."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import reading
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.principal_names import Forest
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
BASE = "DC=corp,DC=example"
GLOBAL, DISTRIBUTION = b"-2147483646", b"2"


class Recorder:
    """Takes the place of the search of all partitions, and answers that there is nothing."""

    def __init__(self) -> None:
        self.filters: list[str] = []

    def __call__(self, session: t.Any, text: str, attributes: t.Sequence[str]) -> list[Entry]:
        self.filters.append(text)
        return []


def test_members_are_looked_for_among_accounts(monkeypatch: t.Any) -> None:
    """Samba walks from every object that the search may concern."""
    asked = Recorder()
    monkeypatch.setattr(reading, "search_everywhere", asked)
    group = Entry(f"CN=Some,{BASE}", {"objectClass": [b"top", b"group"]})
    assert list(reading._Reader(t.cast(t.Any, None)).below([group])) == []
    accounts = "(|(objectClass=user)(objectClass=group)(objectClass=foreignSecurityPrincipal))"
    assert asked.filters == [f"(&{accounts}(memberOf:1.2.840.113556.1.4.1941:=CN=Some,{BASE}))"]


@pytest.mark.parametrize(
    ("kind", "expected"), [(GLOBAL, {DOMAIN.child(1101), DOMAIN.child(513)}), (DISTRIBUTION, {DOMAIN.child(513)})]
)
def test_a_distribution_group_makes_nobody_a_member(kind: bytes, expected: set[Sid]) -> None:
    group = {"objectClass": [b"top", b"group"], "groupType": [kind], "sAMAccountName": [b"Some"]}
    user = {
        "objectClass": [b"top", b"person", b"user"],
        "sAMAccountName": [b"alice"],
        "primaryGroupID": [b"513"],
        "memberOf": [f"CN=Some,{BASE}".encode()],
    }
    found = {
        DOMAIN.child(1101): Entry(f"CN=Some,{BASE}", group),
        DOMAIN.child(1102): Entry(f"CN=Alice,{BASE}", user),
    }
    forest = Forest(BASE, BASE, DOMAIN, DOMAIN)
    subjects = {subject.sid: subject for subject in reading._subjects(found, forest, True)}
    assert subjects[DOMAIN.child(1102)].groups == expected
