# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of security descriptors in binary form."""

from __future__ import annotations

import dataclasses
import itertools
import time
import typing as t
from uuid import UUID

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.ace import decode_ace
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    MAX_SIZE,
    Ace,
    AceFlag,
    AceType,
    Acl,
    Control,
    RawAce,
    SecurityDescriptor,
    canonical_order,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.directory import strategies
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.directory.samba_oracle import Samba
from hypothesis import given, settings
from hypothesis import strategies as st

ENROLL = UUID("0e10c968-78fb-11d2-90d4-00c04f79dc55")
DOMAIN = Sid.parse("S-1-5-21-1-2-3")
ENTERPRISE_ADMINS = DOMAIN.child(519)
DOMAIN_ADMINS = DOMAIN.child(512)
DOMAIN_USERS = DOMAIN.child(513)
AUTHENTICATED_USERS = Sid(5, (11,))

# The descriptor of the built-in template User, as Samba packs its SDDL:
# O:EAG:EAD:PAI(A;;LCRPLORC;;;AU)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA), then
# (OA;;RPWPCR;<Enroll>;;X) for Domain Users, Domain Admins and Enterprise Admins.
USER_TEMPLATE = bytes.fromhex(
    "010004941400000030000000000000004c000000"
    "01050000000000051500000001000000020000000300000007020000"
    "01050000000000051500000001000000020000000300000007020000"
    "04000c0106000000"
    "000014009400020001010000000000050b000000"
    "00002400ff000f0001050000000000051500000001000000020000000300000000020000"
    "00002400ff000f0001050000000000051500000001000000020000000300000007020000"
    "05003800300100000100000068c9100efb78d21190d400c04f79dc55"
    "01050000000000051500000001000000020000000300000001020000"
    "05003800300100000100000068c9100efb78d21190d400c04f79dc55"
    "01050000000000051500000001000000020000000300000000020000"
    "05003800300100000100000068c9100efb78d21190d400c04f79dc55"
    "01050000000000051500000001000000020000000300000007020000"
)
EVERYONE = bytes.fromhex("010100000000000100000000")
ALLOW_EVERYONE = bytes.fromhex("0000140000010000010100000000000100000000")


def header(control: int, owner: int = 0, group: int = 0, sacl: int = 0, dacl: int = 0, sbz1: int = 0) -> bytes:
    """The first 20 bytes of a self-relative descriptor."""
    numbers = (number.to_bytes(4, "little") for number in (owner, group, sacl, dacl))
    return bytes([1, sbz1]) + (0x8000 | control).to_bytes(2, "little") + b"".join(numbers)


def acl(
    *aces: bytes, size: int | None = None, count: int | None = None, slack: bytes = b"", revision: int = 2
) -> bytes:
    """An ACL, whose header may lie."""
    body = b"".join(aces) + slack
    return (
        bytes([revision, 0])
        + (8 + len(body) if size is None else size).to_bytes(2, "little")
        + (len(aces) if count is None else count).to_bytes(2, "little")
        + bytes(2)
        + body
    )


def test_template_descriptor() -> None:
    descriptor = SecurityDescriptor.from_bytes(USER_TEMPLATE)
    assert descriptor == SecurityDescriptor(
        Control.SELF_RELATIVE | Control.DACL_PRESENT | Control.DACL_PROTECTED | Control.DACL_AUTO_INHERITED,
        ENTERPRISE_ADMINS,
        ENTERPRISE_ADMINS,
        Acl(
            (
                Ace(AceType.ACCESS_ALLOWED, 0, 0x20094, AUTHENTICATED_USERS),
                Ace(AceType.ACCESS_ALLOWED, 0, 0xF00FF, DOMAIN_ADMINS),
                Ace(AceType.ACCESS_ALLOWED, 0, 0xF00FF, ENTERPRISE_ADMINS),
                Ace(AceType.ACCESS_ALLOWED_OBJECT, 0, 0x130, DOMAIN_USERS, ENROLL),
                Ace(AceType.ACCESS_ALLOWED_OBJECT, 0, 0x130, DOMAIN_ADMINS, ENROLL),
                Ace(AceType.ACCESS_ALLOWED_OBJECT, 0, 0x130, ENTERPRISE_ADMINS, ENROLL),
            )
        ),
    )
    # Built from values alone, without the layout that reading remembers.
    assert dataclasses.replace(descriptor).to_bytes() == USER_TEMPLATE


# What real writers and strange ones produce; each is read, and written back byte for byte.
EXACT: dict[str, tuple[bytes, SecurityDescriptor]] = {
    "nothing": (header(0), SecurityDescriptor(0)),
    "absent DACL": (header(0, owner=20) + EVERYONE, SecurityDescriptor(0, Sid(1, (0,)))),
    "null DACL": (header(4), SecurityDescriptor(Control.DACL_PRESENT)),
    "empty DACL": (header(4, dacl=20) + acl(), SecurityDescriptor(Control.DACL_PRESENT, dacl=Acl((), 2))),
    "null SACL": (header(0x10), SecurityDescriptor(Control.SACL_PRESENT)),
    "DACL before owner, as Windows orders": (
        header(4, owner=48, group=60, dacl=20) + acl(ALLOW_EVERYONE) + EVERYONE + EVERYONE,
        SecurityDescriptor(4, Sid(1, (0,)), Sid(1, (0,)), Acl((Ace(0, 0, 0x100, Sid(1, (0,))),), 2)),
    ),
    "owner and group share their bytes": (
        header(0, owner=20, group=20) + EVERYONE,
        SecurityDescriptor(0, Sid(1, (0,)), Sid(1, (0,))),
    ),
    "bytes between and behind the sections": (
        header(4, owner=24, dacl=40) + b"\1\2\3\4" + EVERYONE + b"\5\6\7\10" + acl() + b"tail",
        SecurityDescriptor(4, Sid(1, (0,)), dacl=Acl((), 2)),
    ),
    "offset of a DACL that the control bits deny": (
        header(0, dacl=20) + acl(ALLOW_EVERYONE),
        SecurityDescriptor(0),
    ),
    "offset into nowhere of a DACL that the control bits deny": (header(0, dacl=0xFFFFFFF0), SecurityDescriptor(0)),
    "offset of a SACL that the control bits deny": (header(0, sacl=20) + acl(), SecurityDescriptor(0)),
    "slack in the ACL": (
        header(4, dacl=20) + acl(ALLOW_EVERYONE, slack=b"slack..."),
        SecurityDescriptor(4, dacl=Acl((Ace(0, 0, 0x100, Sid(1, (0,))),), 2)),
    ),
    "odd ACL revision": (
        header(4, dacl=20) + acl(revision=3),
        SecurityDescriptor(4, dacl=Acl((), 3)),
    ),
    "resource manager control bits": (header(0x4000, sbz1=0xA5), SecurityDescriptor(0x4000, sbz1=0xA5)),
    "compound ACE, of which no shape is known": (
        header(4, dacl=20) + acl(bytes.fromhex("04020c000100000001000000")),
        SecurityDescriptor(4, dacl=Acl((RawAce(4, 2, bytes.fromhex("0100000001000000")),), 2)),
    ),
    "ACE of a type to come": (
        header(4, dacl=20) + acl(bytes.fromhex("7f0004 00")),
        SecurityDescriptor(4, dacl=Acl((RawAce(0x7F, 0, b""),), 2)),
    ),
    "ACE longer than its content": (
        header(4, dacl=20) + acl(bytes.fromhex("0000180000010000010100000000000100000000") + b"\0\0\0\0"),
        SecurityDescriptor(4, dacl=Acl((Ace(0, 0, 0x100, Sid(1, (0,)), application_data=bytes(4)),), 2)),
    ),
    "allow ACE without a SID": (
        header(4, dacl=20) + acl(bytes.fromhex("00000800ff010000")),
        SecurityDescriptor(4, dacl=Acl((RawAce(0, 0, bytes.fromhex("ff010000")),), 2)),
    ),
    "audit ACE without anything": (
        header(4, dacl=20) + acl(bytes.fromhex("02000400")),
        SecurityDescriptor(4, dacl=Acl((RawAce(2, 0, b""),), 2)),
    ),
    "allow ACE whose SID is cut short": (
        header(4, dacl=20) + acl(bytes.fromhex("00001000000100000101000000000001")),
        SecurityDescriptor(4, dacl=Acl((RawAce(0, 0, bytes.fromhex("000100000101000000000001")),), 2)),
    ),
    "object ACE that ends with its mask": (
        header(4, dacl=20) + acl(bytes.fromhex("0500080000010000")),
        SecurityDescriptor(4, dacl=Acl((RawAce(5, 0, bytes.fromhex("00010000")),), 2)),
    ),
    "object ACE whose object type is cut short": (
        header(4, dacl=20) + acl(bytes.fromhex("050014000001000001000000") + ENROLL.bytes_le[:8]),
        SecurityDescriptor(4, dacl=Acl((RawAce(5, 0, bytes.fromhex("0001000001000000") + ENROLL.bytes_le[:8]),), 2)),
    ),
    "object ACE with unknown object flags": (
        header(4, dacl=20) + acl(bytes.fromhex("05001800000100000400000001010000 0000000100000000")),
        SecurityDescriptor(4, dacl=Acl((RawAce(5, 0, bytes.fromhex("000100000400000001010000 0000000100000000")),), 2)),
    ),
    "object ACE without object types": (
        header(4, dacl=20) + acl(bytes.fromhex("05001800000100000000000001010000 0000000100000000")),
        SecurityDescriptor(4, dacl=Acl((Ace(5, 0, 0x100, Sid(1, (0,))),), 2)),
    ),
    "object ACE with a zero object type, which is not the same": (
        header(4, dacl=20) + acl(bytes.fromhex("050028000001000001000000") + bytes(16) + EVERYONE),
        SecurityDescriptor(4, dacl=Acl((Ace(5, 0, 0x100, Sid(1, (0,)), UUID(int=0)),), 2)),
    ),
    "conditional ACE": (
        header(4, dacl=20) + acl(bytes.fromhex("0900180000010000010100000000000100000000") + b"artx"),
        SecurityDescriptor(4, dacl=Acl((Ace(9, 0, 0x100, Sid(1, (0,)), application_data=b"artx"),), 2)),
    ),
    "callback object ACE with both types": (
        header(4, dacl=20)
        + acl(bytes.fromhex("0b003c000001000003000000") + ENROLL.bytes_le + bytes(16) + EVERYONE + b"artx"),
        SecurityDescriptor(4, dacl=Acl((Ace(11, 0, 0x100, Sid(1, (0,)), ENROLL, UUID(int=0), b"artx"),), 2)),
    ),
    "mandatory label": (
        header(0x10, sacl=20) + acl(bytes.fromhex("1100140001000000010100000000001000100000")),
        SecurityDescriptor(0x10, sacl=Acl((Ace(0x11, 0, 1, Sid(16, (4096,))),), 2)),
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact_round_trip(name: str) -> None:
    data, descriptor = EXACT[name]
    read = SecurityDescriptor.from_bytes(data)
    assert read == descriptor
    assert read.to_bytes() == data


BROKEN: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "20 to 262144 bytes, not 0"),
    "cut header": (header(0)[:-1], "20 to 262144 bytes, not 19"),
    "endless": (header(0) + bytes(MAX_SIZE - 19), "20 to 262144 bytes, not 262145"),
    "revision 2": (b"\2" + header(0)[1:], "revision 2"),
    "absolute form": (bytes([1, 0, 4, 0]) + bytes(16), "control 0x0004"),
    "owner in the header": (header(0, owner=16) + EVERYONE, "owner of the security descriptor lies outside it, at 16"),
    "owner behind the end": (header(0, owner=32) + EVERYONE, "owner of the security descriptor lies outside it, at 32"),
    "owner cut short": (header(0, owner=20) + EVERYONE[:-1], "owner of the security descriptor is not a SID"),
    "group of revision 2": (
        header(0, group=20) + b"\2" + EVERYONE[1:],
        "group of the security descriptor is not a SID",
    ),
    "DACL in the header": (header(4, dacl=8) + acl(), "DACL of the security descriptor lies outside it, at 8"),
    "DACL behind the end": (header(4, dacl=0xFFFFFFFF) + acl(), "DACL of the security descriptor lies outside it"),
    "DACL cut short": (header(4, dacl=20) + acl(size=9), "9 bytes by its header; 8 are there"),
    "DACL smaller than its header": (header(4, dacl=20) + acl(size=7), "7 bytes by its header; 8 are there"),
    "SACL with more entries than bytes": (header(16, sacl=20) + acl(count=1), "1 entries do not fit in 8 bytes"),
    "entries run out": (
        header(4, dacl=20) + acl(ALLOW_EVERYONE, count=2),
        "entry 1 of 2 lies outside the list",
    ),
    "65,535 entries": (header(4, dacl=20) + acl(ALLOW_EVERYONE, count=65535), "65535 entries do not fit in 28 bytes"),
    "ACE of no length": (header(4, dacl=20) + acl(bytes(4)), "entry 0 of 1 says it has 0 bytes"),
    "ACE shorter than its header": (header(4, dacl=20) + acl(b"\0\0\3\0"), "entry 0 of 1 says it has 3 bytes"),
    "ACE longer than the list": (header(4, dacl=20) + acl(b"\0\0\5\0"), "entry 0 of 1 says it has 5 bytes; 4 are"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_bytes_are_refused(name: str) -> None:
    data, message = BROKEN[name]
    with pytest.raises(ValueError, match=message):
        SecurityDescriptor.from_bytes(data)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Ace(0x100, 0, 0, DOMAIN), "outside 8 bits"),
        (lambda: Ace(0, -1, 0, DOMAIN), "outside 8 bits"),
        (lambda: Ace(0, 0, 1 << 32, DOMAIN), "outside 32 bits"),
        (lambda: Ace(4, 0, 0, DOMAIN), "type 0x04 has no known shape"),
        (lambda: Ace(0, 0, 0, DOMAIN, ENROLL), "type 0x00 has no object types"),
        (lambda: RawAce(0, 0x100, b""), "outside 8 bits"),
        (lambda: RawAce(0, 0, bytes(0xFFFC)).to_bytes(), "an ACE of 65536 bytes is longer"),
        (lambda: Acl((RawAce(0, 0, bytes(0x7FFC)),) * 2).to_bytes(), "an ACL of 65544 bytes is longer"),
        (lambda: Acl((), 256).to_bytes(), "ACL's header cannot be written"),
        (lambda: SecurityDescriptor(0x10000), "out of range"),
        (lambda: SecurityDescriptor(0, sbz1=256), "out of range"),
    ],
)
def test_values_that_have_no_binary_form(build: t.Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def test_control_bits_follow_from_what_is_there() -> None:
    descriptor = SecurityDescriptor(0, dacl=Acl(()), sacl=Acl(()))
    assert descriptor.control == Control.SELF_RELATIVE | Control.DACL_PRESENT | Control.SACL_PRESENT


def test_with_dacl_keeps_everything_else() -> None:
    before = SecurityDescriptor(
        Control.DACL_PROTECTED | Control.DACL_AUTO_INHERITED | Control.SACL_PROTECTED | Control.RM_CONTROL_VALID,
        ENTERPRISE_ADMINS,
        DOMAIN_ADMINS,
        Acl((RawAce(4, 0, b"abcd"),), 4, slack=b"1234"),
        Acl((Ace(AceType.SYSTEM_AUDIT, AceFlag.FAILED_ACCESS, 0x40000, Sid(1, (0,))),), 2),
        0x11,
    )
    entry = Ace(AceType.ACCESS_ALLOWED_OBJECT, 0, 0x100, DOMAIN_USERS, ENROLL)
    after = SecurityDescriptor.from_bytes(before.to_bytes()).with_dacl([entry])
    assert after == dataclasses.replace(before, dacl=Acl((entry,), 4))
    assert SecurityDescriptor.from_bytes(after.to_bytes()) == after
    assert len(after.to_bytes()) == len(before.to_bytes()) + len(entry.to_bytes()) - 8 - 4


@pytest.mark.parametrize(
    ("revision", "ace_type", "expected"),
    [(2, AceType.ACCESS_ALLOWED, 2), (2, AceType.ACCESS_DENIED_OBJECT, 4), (4, AceType.ACCESS_ALLOWED, 4)],
)
def test_with_dacl_raises_the_revision_when_an_entry_needs_it(revision: int, ace_type: int, expected: int) -> None:
    changed = SecurityDescriptor(0, dacl=Acl((), revision)).with_dacl([Ace(ace_type, 0, 0x100, DOMAIN)])
    assert changed.dacl is not None
    assert changed.dacl.revision == expected


def test_with_dacl_on_a_descriptor_without_one() -> None:
    changed = SecurityDescriptor(0).with_dacl([])
    assert changed == SecurityDescriptor(Control.DACL_PRESENT, dacl=Acl((), 4))


def entry(ace_type: int, flags: int = 0, rid: int = 0) -> Ace:
    """An ACE that differs from others of its class by its trustee."""
    return Ace(ace_type, flags, 0x100, DOMAIN.child(rid))


CANONICAL: list[Ace | RawAce] = [
    entry(AceType.ACCESS_DENIED, rid=1),
    entry(AceType.ACCESS_DENIED_OBJECT, rid=2),
    entry(AceType.ACCESS_DENIED_CALLBACK, rid=3),
    entry(AceType.ACCESS_DENIED_CALLBACK_OBJECT, rid=4),
    entry(AceType.ACCESS_ALLOWED_OBJECT, rid=5),
    RawAce(AceType.ACCESS_ALLOWED_COMPOUND, AceFlag.CONTAINER_INHERIT, b"\1\0\0\0"),
    entry(AceType.ACCESS_ALLOWED, AceFlag.INHERIT_ONLY, rid=6),
    entry(AceType.ACCESS_DENIED, AceFlag.INHERITED, rid=1),
    RawAce(AceType.ACCESS_DENIED, AceFlag.INHERITED, b"cut"),
    entry(AceType.ACCESS_ALLOWED, AceFlag.INHERITED, rid=1),
    RawAce(0x7F, AceFlag.INHERITED, b""),
]


@pytest.mark.parametrize("shift", range(len(CANONICAL)))
def test_canonical_order(shift: int) -> None:
    groups = [CANONICAL[:4], CANONICAL[4:7], CANONICAL[7:9], CANONICAL[9:]]
    rotated = CANONICAL[shift:] + CANONICAL[:shift]
    # A rotation changes the order within one class only.
    expected = [[ace for ace in rotated if ace in group] for group in groups]
    assert canonical_order(rotated) == tuple(itertools.chain.from_iterable(expected))


@given(st.lists(strategies.aces | strategies.raw_aces, max_size=12))
def test_canonical_order_is_a_permutation_and_stays(aces: list[Ace | RawAce]) -> None:
    ordered = canonical_order(aces)
    assert sorted(map(repr, ordered)) == sorted(map(repr, aces))
    assert canonical_order(ordered) == ordered


@settings(deadline=None)
@given(strategies.descriptors)
def test_round_trip(descriptor: SecurityDescriptor) -> None:
    data = descriptor.to_bytes()
    read = SecurityDescriptor.from_bytes(data)
    assert read == descriptor
    assert read.to_bytes() == data
    # Without the remembered layout the default one is the same; reserved bytes and slack are values of the ACL.
    assert dataclasses.replace(read).to_bytes() == data


@given(strategies.bytes8, strategies.bytes8, st.binary(max_size=48))
def test_any_entry_is_kept(ace_type: int, flags: int, body: bytes) -> None:
    data = RawAce(ace_type, flags, body).to_bytes()
    read = decode_ace(data)
    assert (read.type, read.flags) == (ace_type, flags)
    assert read.to_bytes() == data


@pytest.mark.parametrize("data", [b"", b"\0\0\4", b"\0\0\5\0", b"\0\0\4\0\0"])
def test_an_entry_of_another_size_than_it_says(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"an ACE (has a header of 4 bytes|says it has)"):
        decode_ace(data)


def read_or_refuse(data: bytes) -> None:
    """The contract for bytes from outside: exactly the same bytes again, or ValueError, and soon."""
    started = time.process_time()
    try:
        descriptor = SecurityDescriptor.from_bytes(data)
    except ValueError:
        pass
    else:
        assert descriptor.to_bytes() == data
    assert time.process_time() - started < 1


@settings(deadline=None)
@given(st.binary(max_size=200) | st.binary(max_size=160).map(lambda tail: header(0x14, 20, 32, 44, 60) + tail))
def test_any_bytes(data: bytes) -> None:
    read_or_refuse(data)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_mutated_bytes(data: st.DataObject) -> None:
    mutated = bytearray(data.draw(st.just(USER_TEMPLATE) | strategies.descriptors.map(SecurityDescriptor.to_bytes)))
    changes = st.tuples(
        st.integers(0, len(mutated) - 1), st.sampled_from([0, 1, 4, 8, 0x7F, 0x80, 0xFF]) | st.integers(0, 255)
    )
    for at, value in data.draw(st.lists(changes, max_size=8)):
        mutated[at] = value
    cut = data.draw(st.integers(0, len(mutated)) | st.just(len(mutated)))
    read_or_refuse(bytes(mutated[:cut]))


@pytest.mark.parametrize(
    "body",
    [
        acl(*[b"\x7f\0\4\0"] * 16381),
        acl(*[ALLOW_EVERYONE] * 3276),
        acl(RawAce(0, 0, bytes(0xFFF3)).to_bytes()),
        acl(slack=bytes(0xFFF7)),
    ],
    ids=["most entries", "most real entries", "longest entry", "longest slack"],
)
def test_the_largest_lists(body: bytes) -> None:
    assert len(body) > 0xFFE0
    read_or_refuse(header(4, dacl=20) + body)
    assert SecurityDescriptor.from_bytes(header(0x14, dacl=20, sacl=20) + body).sacl is not None


def test_equal_parts_are_decoded_once() -> None:
    # Thousands of templates share most of their entries; reading them all is on the path of every module.
    first = SecurityDescriptor.from_bytes(USER_TEMPLATE)
    assert SecurityDescriptor.from_bytes(bytes(bytearray(USER_TEMPLATE))) is first
    other = SecurityDescriptor.from_bytes(header(4, dacl=20) + acl(USER_TEMPLATE[84:104]))
    assert first.dacl is not None
    assert other.dacl is not None
    assert other.dacl.aces[0] is first.dacl.aces[0]


def samba_ace(ace: Ace | RawAce) -> dict[str, object]:
    """An ACE in the words of the oracle."""
    assert isinstance(ace, Ace)
    return {
        "type": ace.type,
        "flags": ace.flags,
        "mask": ace.mask,
        "sid": ace.sid.to_bytes().hex(),
        "object_type": None if ace.object_type is None else str(ace.object_type),
        "inherited_object_type": None if ace.inherited_object_type is None else str(ace.inherited_object_type),
    }


def samba_acl(value: Acl | None) -> dict[str, object] | None:
    """An ACL in the words of the oracle."""
    return None if value is None else {"revision": value.revision, "aces": [samba_ace(ace) for ace in value.aces]}


def samba_words(descriptor: SecurityDescriptor) -> dict[str, object]:
    """A descriptor in the words of the oracle."""
    return {
        "control": descriptor.control,
        "owner": None if descriptor.owner is None else descriptor.owner.to_bytes().hex(),
        "group": None if descriptor.group is None else descriptor.group.to_bytes().hex(),
        "dacl": samba_acl(descriptor.dacl),
        "sacl": samba_acl(descriptor.sacl),
    }


SAMBA_READS = [
    "nothing",
    "absent DACL",
    "null DACL",
    "empty DACL",
    "null SACL",
    "DACL before owner, as Windows orders",
    "owner and group share their bytes",
    "bytes between and behind the sections",
    "slack in the ACL",
    "odd ACL revision",
    "object ACE without object types",
    "object ACE with a zero object type, which is not the same",
]


@pytest.mark.parametrize("name", SAMBA_READS)
def test_samba_reads_the_same(samba: Samba, name: str) -> None:
    data, descriptor = EXACT[name]
    assert samba.structure(data) == samba_words(descriptor)


def test_samba_packs_the_template_descriptor_the_same(samba: Samba) -> None:
    assert samba.repacked(USER_TEMPLATE) == USER_TEMPLATE
    assert samba.structure(USER_TEMPLATE) == samba_words(SecurityDescriptor.from_bytes(USER_TEMPLATE))


@settings(deadline=None)
@given(descriptor=strategies.classic_descriptors())
def test_samba_agrees(samba: Samba, descriptor: SecurityDescriptor) -> None:
    data = descriptor.to_bytes()
    assert samba.structure(data) == samba_words(descriptor)
    assert samba.repacked(data) == data
