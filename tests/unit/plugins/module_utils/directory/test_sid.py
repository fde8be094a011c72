# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of security identifiers."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.directory import strategies
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.directory.samba_oracle import Samba
from hypothesis import given, settings
from hypothesis import strategies as st

VECTORS = [
    ("S-1-0-0", "010100000000000000000000"),
    ("S-1-1-0", "010100000000000100000000"),
    ("S-1-5-11", "01010000000000050b000000"),
    ("S-1-5-32-544", "01020000000000052000000020020000"),
    (
        "S-1-5-21-1004336348-1177238915-682003330-512",
        "010500000000000515000000dcf4dc3b833d2b46828ba62800020000",
    ),
    ("S-1-5", "0100000000000005"),
    ("S-1-5-4294967295", "0101000000000005ffffffff"),
    ("S-1-0x0123456789ab-7", "01010123456789ab07000000"),
]


@pytest.mark.parametrize(("text", "data"), VECTORS)
def test_text_and_bytes(text: str, data: str) -> None:
    sid = Sid.parse(text)
    assert str(sid) == text
    assert sid.to_bytes().hex() == data
    assert sid.size == len(data) // 2
    assert Sid.from_bytes(bytes.fromhex(data)) == sid


def test_bytes_behind_the_sid_are_ignored() -> None:
    assert Sid.from_bytes(bytes.fromhex("01010000000000050b000000") + b"more") == Sid(5, (11,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "S-1",
        "S-2-5-11",
        "s-1-5-11",
        "S-1-5-11 ",
        "S-1-5-11\n",
        "S-1-5--11",
        "S-1-5-",
        "S-1-5-4294967296",
        "S-1-5-0x20",
        "S-1-281474976710656-1",
        "S-1-0x1234567890abc-1",
        "S-1-5-\N{ARABIC-INDIC DIGIT ONE}",
        "S-1-5" + "-1" * 16,
        "Domain Admins",
    ],
)
def test_what_is_not_a_sid(text: str) -> None:
    with pytest.raises(ValueError, match=r"SID"):
        Sid.parse(text)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes.fromhex("01010000000000"),
        bytes.fromhex("01010000000000050b0000"),
        bytes.fromhex("02010000000000050b000000"),
        bytes.fromhex("0110000000000005") + bytes(64),
    ],
)
def test_bytes_that_are_not_a_sid(data: bytes) -> None:
    with pytest.raises(ValueError, match=re.escape("the bytes do not begin with a SID of revision 1")):
        Sid.from_bytes(data)


@pytest.mark.parametrize(
    ("authority", "sub_authorities"), [(-1, ()), (1 << 48, ()), (5, (-1,)), (5, (1 << 32,)), (5, (0,) * 16)]
)
def test_numbers_out_of_range(authority: int, sub_authorities: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"SID"):
        Sid(authority, sub_authorities)


def test_domain_and_rid() -> None:
    domain = Sid.parse("S-1-5-21-1-2-3")
    assert domain.child(512) == Sid.parse("S-1-5-21-1-2-3-512")
    assert domain.child(512).domain == domain
    assert domain.child(512).rid == 512


@pytest.mark.parametrize("text", ["S-1-5-32-544", "S-1-5-11", "S-1-5-21-1-2-3", "S-1-5-80-1-2-3-4-5", "S-1-1-0"])
def test_no_domain_issued_it(text: str) -> None:
    assert Sid.parse(text).domain is None


def test_no_rid() -> None:
    assert Sid(5, ()).rid is None


def test_a_full_sid_has_no_children() -> None:
    with pytest.raises(ValueError, match=r"at most 15 sub-authorities, not 16"):
        Sid(5, (0,) * 15).child(1)


@given(strategies.sids)
def test_round_trip(sid: Sid) -> None:
    assert Sid.parse(str(sid)) == sid
    assert Sid.from_bytes(sid.to_bytes()) == sid


@given(st.binary(max_size=80) | st.binary(max_size=72).map(lambda rest: b"\x01\x02" + rest))
def test_any_bytes(data: bytes) -> None:
    try:
        sid = Sid.from_bytes(data)
    except ValueError:
        return
    assert sid.to_bytes() == data[: sid.size]


@given(st.text(max_size=40) | st.from_regex(r"S-1-[0-9]{1,3}(-[0-9]{1,11}){0,3}"))
def test_any_text(text: str) -> None:
    try:
        sid = Sid.parse(text)
    except ValueError:
        return
    assert Sid.from_bytes(sid.to_bytes()) == sid


@pytest.mark.parametrize(("text", "data"), VECTORS)
def test_samba_agrees_on_vectors(samba: Samba, text: str, data: str) -> None:
    assert Sid.parse(samba.sid_text(bytes.fromhex(data))) == Sid.parse(text)
    assert samba.sid(text).hex() == data


@settings(deadline=None)
@given(sid=strategies.sids)
def test_samba_agrees(samba: Samba, sid: Sid) -> None:
    assert Sid.parse(samba.sid_text(sid.to_bytes())) == sid
