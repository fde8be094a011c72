# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security descriptors: values and their self-relative binary form (MS-DTYP 2.4.5 and 2.4.6).

What is read can be written back byte for byte: the order of the sections, gaps between them, reserved bytes,
slack in an ACL and entries of unknown type are all kept. What cannot be kept is refused with ValueError.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import enum
import functools
import struct
import typing as t
from collections.abc import Iterable
from dataclasses import dataclass, field

from .ace import ALLOW_TYPES, DENY_TYPES, OBJECT_TYPES, Ace, AceFlag, AceType, RawAce, decode_ace, decode_sid
from .sid import Sid

__all__ = (
    "ALLOW_TYPES",
    "DENY_TYPES",
    "MAX_SIZE",
    "OBJECT_TYPES",
    "Ace",
    "AceFlag",
    "AceType",
    "Acl",
    "Control",
    "RawAce",
    "SecurityDescriptor",
    "canonical_order",
)

MAX_SIZE: t.Final = 0x40000
"""Longest descriptor read, in bytes: two ACLs of the largest size, two SIDs, and room for gaps."""


class Control(enum.IntFlag):
    """MS-DTYP 2.4.6, Control."""

    OWNER_DEFAULTED = 0x0001
    GROUP_DEFAULTED = 0x0002
    DACL_PRESENT = 0x0004
    DACL_DEFAULTED = 0x0008
    SACL_PRESENT = 0x0010
    SACL_DEFAULTED = 0x0020
    DACL_TRUSTED = 0x0040
    SERVER_SECURITY = 0x0080
    DACL_AUTO_INHERIT_REQUIRED = 0x0100
    SACL_AUTO_INHERIT_REQUIRED = 0x0200
    DACL_AUTO_INHERITED = 0x0400
    SACL_AUTO_INHERITED = 0x0800
    DACL_PROTECTED = 0x1000
    SACL_PROTECTED = 0x2000
    RM_CONTROL_VALID = 0x4000
    SELF_RELATIVE = 0x8000


#: SD_FLAGS (MS-ADTS 3.1.1.3.4.1.11): the parts of a descriptor that everyone with rights on the object may ask for.
OWNER, GROUP, DACL = 1, 2, 4

# Plain numbers: an operation on an IntFlag member costs as much as the rest of reading a descriptor.
_DACL_PRESENT = int(Control.DACL_PRESENT)
_SACL_PRESENT = int(Control.SACL_PRESENT)
_SELF_RELATIVE = int(Control.SELF_RELATIVE)

_HEADER = struct.Struct("<BBHIIII")
_ACL_HEADER = struct.Struct("<BBHHH")
_ACE_SIZE = struct.Struct("<H")
_ACL_REVISION_DS = 4
_MAX_ACL_SIZE = 0xFFFF

# Most objects of one kind share their descriptor but for an entry. What is longer than usual is not worth the memory.
_CACHED = 2048
_CACHED_SIZE = 2048


@dataclass(frozen=True, slots=True)
class Acl:
    """One access control list.

    Attributes:
        aces: the entries in stored order.
        revision: 4 (ACL_REVISION_DS) as Active Directory writes it, or 2, which allows no object ACE.
        sbz1: reserved byte; kept but not compared.
        sbz2: reserved word; kept but not compared.
        slack: bytes behind the last entry that belong to the list; kept but not compared.
    """

    aces: tuple[Ace | RawAce, ...]
    revision: int = _ACL_REVISION_DS
    sbz1: int = field(default=0, compare=False, repr=False)
    sbz2: int = field(default=0, compare=False, repr=False)
    slack: bytes = field(default=b"", compare=False, repr=False)

    def to_bytes(self) -> bytes:
        """The list with its header; raises ValueError when it is longer than an ACL can be."""
        body = b"".join([ace.to_bytes() for ace in self.aces]) + self.slack
        size = _ACL_HEADER.size + len(body)
        if size > _MAX_ACL_SIZE:
            raise ValueError(f"an ACL of {size} bytes is longer than {_MAX_ACL_SIZE}")
        try:
            return _ACL_HEADER.pack(self.revision, self.sbz1, size, len(self.aces), self.sbz2) + body
        except struct.error as error:
            raise ValueError(f"the ACL's header cannot be written: {error}") from error


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the bytes were that a descriptor was read from.

    Attributes:
        offsets: of owner, group, SACL and DACL, as the header had them.
        size: of the whole.
        filler: what no section covers, as (offset, bytes).
    """

    offsets: tuple[int, int, int, int]
    size: int
    filler: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True)
class SecurityDescriptor:
    """One security descriptor.

    Attributes:
        control: bits of Control. V(SELF_RELATIVE), and V(DACL_PRESENT) and V(SACL_PRESENT) when there is one, are set
            on construction.
        owner: None when absent, as in a read that did not ask for it.
        group: None when absent.
        dacl: None when absent; with V(DACL_PRESENT) in O(control) it is the null DACL, which allows everything to
            everyone. An empty DACL is V(Acl(())) and allows nothing to anyone.
        sacl: None when absent, or null when V(SACL_PRESENT) is set.
        sbz1: the byte that holds resource manager control bits when V(RM_CONTROL_VALID) is set.
    """

    control: int
    owner: Sid | None = None
    group: Sid | None = None
    dacl: Acl | None = None
    sacl: Acl | None = None
    sbz1: int = 0
    # Not an argument, so that dataclasses.replace() forgets where the sections of the former value were.
    _layout: _Layout | None = field(default=None, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        control = int(self.control) | _SELF_RELATIVE
        if self.dacl is not None:
            control |= _DACL_PRESENT
        if self.sacl is not None:
            control |= _SACL_PRESENT
        if not 0 <= control <= 0xFFFF or not 0 <= self.sbz1 <= 0xFF:
            raise ValueError(f"control 0x{control:x} or sbz1 0x{self.sbz1:x} of a security descriptor is out of range")
        object.__setattr__(self, "control", control)

    @classmethod
    def from_bytes(cls, data: bytes) -> SecurityDescriptor:
        """The descriptor that O(data) holds in self-relative form.

        Equal bytes may give one shared object. Raises ValueError for bytes that are not a descriptor, or not one
        that can be written back exactly.
        """
        return _decode_cached(bytes(data)) if len(data) <= _CACHED_SIZE else _decode(bytes(data))

    def to_bytes(self) -> bytes:
        """The self-relative form: the bytes it was read from, else owner, group, SACL and DACL without gaps.

        Raises ValueError when an ACL is longer than it can be.
        """
        sections = (
            self.owner.to_bytes() if self.owner else b"",
            self.group.to_bytes() if self.group else b"",
            self.sacl.to_bytes() if self.sacl is not None else b"",
            self.dacl.to_bytes() if self.dacl is not None else b"",
        )
        layout = self._layout or _plain_layout(sections)
        data = bytearray(layout.size)
        _HEADER.pack_into(data, 0, 1, self.sbz1, self.control, *layout.offsets)
        for offset, filler in layout.filler:
            data[offset : offset + len(filler)] = filler
        for offset, section in zip(layout.offsets, sections, strict=True):
            if section:
                data[offset : offset + len(section)] = section
        return bytes(data)

    def with_dacl(self, aces: Iterable[Ace | RawAce]) -> SecurityDescriptor:
        """The same descriptor with these entries, in this order, as its DACL.

        Owner, group, SACL and control bits (protected, auto-inherited) stay; the ACL's revision is raised when an
        entry needs it.
        """
        entries = tuple(aces)
        revision = self.dacl.revision if self.dacl is not None else _ACL_REVISION_DS
        if any(ace.type in OBJECT_TYPES for ace in entries):
            revision = max(revision, _ACL_REVISION_DS)
        return SecurityDescriptor(self.control, self.owner, self.group, Acl(entries, revision), self.sacl, self.sbz1)


def different_parts(first: bytes, second: bytes, parts: int = OWNER | GROUP | DACL) -> list[str]:
    """Which of O(parts) (SD_FLAGS) the two descriptors do not have in common, in words.

    Raises ValueError for bytes that are no descriptor.
    """
    if first == second:
        return []
    old, new = SecurityDescriptor.from_bytes(first), SecurityDescriptor.from_bytes(second)
    protected = bool((old.control ^ new.control) & Control.DACL_PROTECTED)
    different = {
        "owner": parts & OWNER and old.owner != new.owner,
        "group": parts & GROUP and old.group != new.group,
        "access control list": parts & DACL and (old.dacl != new.dacl or protected),
    }
    return [part for part, differs in different.items() if differs]


def canonical_order(aces: Iterable[Ace | RawAce]) -> tuple[Ace | RawAce, ...]:
    """The entries of a DACL in the order in which they must be evaluated.

    Explicit before inherited, and within each of them deny before allow (MS-ADTS 6.1.3.1, rules 1 and 2). Entries of
    one class, and those of unknown type, which go with allow, keep their order. A domain controller sorts further
    (rules 3 and 4), so the order in which a DACL is read back says nothing.
    """
    return tuple(sorted(aces, key=_class))


def _class(ace: Ace | RawAce) -> tuple[bool, bool]:
    return ace.inherited, ace.type not in DENY_TYPES


def _plain_layout(sections: tuple[bytes, bytes, bytes, bytes]) -> _Layout:
    offsets = []
    end = _HEADER.size
    for section in sections:
        offsets.append(end if section else 0)
        end += len(section)
    return _Layout((offsets[0], offsets[1], offsets[2], offsets[3]), end, ())


def _decode(data: bytes) -> SecurityDescriptor:
    size = len(data)
    if not _HEADER.size <= size <= MAX_SIZE:
        raise ValueError(f"a security descriptor has {_HEADER.size} to {MAX_SIZE} bytes, not {size}")
    revision, sbz1, control, *offsets = _HEADER.unpack_from(data)
    if revision != 1 or not control & _SELF_RELATIVE:
        raise ValueError(f"not a self-relative security descriptor: revision {revision}, control 0x{control:04x}")
    owner_at, group_at, sacl_at, dacl_at = offsets
    # Where the control bits say that there is no ACL the offset means nothing (2.4.6); its bytes are kept as filler.
    spans: list[tuple[int, int]] = []
    owner = _sid_at(data, owner_at, "owner", spans) if owner_at else None
    group = _sid_at(data, group_at, "group", spans) if group_at else None
    sacl = _acl_at(data, sacl_at, "SACL", spans) if sacl_at and control & _SACL_PRESENT else None
    dacl = _acl_at(data, dacl_at, "DACL", spans) if dacl_at and control & _DACL_PRESENT else None
    descriptor = SecurityDescriptor(control, owner, group, dacl, sacl, sbz1)
    layout = _Layout((owner_at, group_at, sacl_at, dacl_at), size, _filler(data, spans))
    object.__setattr__(descriptor, "_layout", layout)
    return descriptor


_decode_cached = functools.lru_cache(maxsize=_CACHED)(_decode)


def _filler(data: bytes, spans: list[tuple[int, int]]) -> tuple[tuple[int, bytes], ...]:
    """What lies behind the header and in none of the spans of (start, end)."""
    filler: list[tuple[int, bytes]] = []
    at = _HEADER.size
    for start, end in sorted(spans):
        if start > at:
            filler.append((at, data[at:start]))
        at = max(at, end)
    if at < len(data):
        filler.append((at, data[at:]))
    return tuple(filler)


def _sid_at(data: bytes, at: int, section: str, spans: list[tuple[int, int]]) -> Sid:
    if at < _HEADER.size or at + 8 > len(data):
        raise ValueError(f"the {section} of the security descriptor lies outside it, at {at}")
    end = at + 8 + 4 * data[at + 1]
    spans.append((at, end))
    try:
        return decode_sid(data[at:end])
    except ValueError as error:
        raise ValueError(f"the {section} of the security descriptor is not a SID: {error}") from error


def _acl_at(data: bytes, at: int, section: str, spans: list[tuple[int, int]]) -> Acl:
    if at < _HEADER.size or at + _ACL_HEADER.size > len(data):
        raise ValueError(f"the {section} of the security descriptor lies outside it, at {at}")
    (size,) = _ACE_SIZE.unpack_from(data, at + 2)
    end = at + size
    if size < _ACL_HEADER.size or end > len(data):
        raise ValueError(
            f"the {section} of the security descriptor has {size} bytes by its header; {len(data) - at} are there"
        )
    spans.append((at, end))
    content = data[at:end]
    try:
        return _acl_cached(content) if size <= _CACHED_SIZE else _acl(content)
    except ValueError as error:
        raise ValueError(f"the {section} of the security descriptor is broken: {error}") from error


def _acl(data: bytes) -> Acl:
    revision, sbz1, size, count, sbz2 = _ACL_HEADER.unpack_from(data)
    if count * 4 > size - _ACL_HEADER.size:
        raise ValueError(f"{count} entries do not fit in {size} bytes")
    aces: list[Ace | RawAce] = []
    at = _ACL_HEADER.size
    for number in range(count):
        if at + 4 > size:
            raise ValueError(f"entry {number} of {count} lies outside the list")
        length = data[at + 2] | data[at + 3] << 8
        end = at + length
        if length < 4 or end > size:
            raise ValueError(f"entry {number} of {count} says it has {length} bytes; {size - at} are there")
        aces.append(decode_ace(data[at:end]))
        at = end
    return Acl(tuple(aces), revision, sbz1, sbz2, data[at:])


_acl_cached = functools.lru_cache(maxsize=_CACHED)(_acl)
