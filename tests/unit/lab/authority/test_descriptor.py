# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has an extended right by a security descriptor, and adding entries to one."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.authority.descriptor import (
    GENERIC_ALL,
    INHERIT_ONLY,
    allowing,
    entries,
    has_extended_right,
    with_entries,
)
from tests.unit.lab.authority.fake_forest import EMPTY, denying

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
OTHER = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"
ALICE, STAFF, NOBODY = "S-1-5-21-4-5-6-1108", "S-1-5-21-4-5-6-2001", "S-1-5-21-4-5-6-2002"


def flagged(entry: bytes, flags: int) -> bytes:
    return entry[:1] + bytes([flags]) + entry[2:]


@pytest.mark.parametrize(
    "acl, may",
    [
        ([], False),
        ([allowing(STAFF, 0x100, ENROLL)], True),
        ([allowing(ALICE, 0x100)], True),
        ([allowing(STAFF, GENERIC_ALL)], True),
        ([allowing(STAFF, 0xF00FF)], False),
        ([allowing(STAFF, 0x100, OTHER)], False),
        ([allowing(NOBODY, 0x100, ENROLL)], False),
        ([denying(ALICE, ENROLL), allowing(STAFF, 0x100, ENROLL)], False),
        ([denying(ALICE, OTHER), allowing(STAFF, 0x100, ENROLL)], True),
        ([flagged(allowing(STAFF, 0x100, ENROLL), INHERIT_ONLY)], False),
    ],
)
def test_extended_rights(acl: list[bytes], may: bool) -> None:
    assert has_extended_right(_descriptor(acl), {ALICE, STAFF}, ENROLL) is may


def test_without_a_dacl() -> None:
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    assert entries(descriptor) == ()


def test_new_entries_stand_behind_denials() -> None:
    before = _descriptor([denying(NOBODY, ENROLL), allowing(STAFF, 0x20094)])
    new = allowing(ALICE, 0x100, ENROLL)
    after = with_entries(before, [new])
    assert [entry.sid for entry in entries(after)] == [NOBODY, ALICE, STAFF]
    assert with_entries(after, [new]) == after


@given(st.lists(st.sampled_from([ALICE, STAFF, NOBODY]), max_size=8), st.integers(1, 0xFFFFFFFF))
def test_entries_are_read_as_they_were_written(sids: list[str], mask: int) -> None:
    found = entries(_descriptor([allowing(sid, mask, ENROLL) for sid in sids]))
    assert [(entry.sid, entry.mask, entry.object_type, entry.allows) for entry in found] == [
        (sid, mask, ENROLL, True) for sid in sids
    ]


def _descriptor(acl: list[bytes]) -> bytes:
    body = b"".join(acl)
    return EMPTY[:20] + struct.pack("<BBHHH", 4, 0, 8 + len(body), len(acl), 0) + body
