# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control entries: values and their binary form (MS-DTYP 2.4.4).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import enum
import functools
import struct
import typing as t
from dataclasses import dataclass
from uuid import UUID

from .sid import Sid


class AceType(enum.IntEnum):
    """MS-DTYP 2.4.4.1, AceType."""

    ACCESS_ALLOWED = 0x00
    ACCESS_DENIED = 0x01
    SYSTEM_AUDIT = 0x02
    SYSTEM_ALARM = 0x03
    ACCESS_ALLOWED_COMPOUND = 0x04
    ACCESS_ALLOWED_OBJECT = 0x05
    ACCESS_DENIED_OBJECT = 0x06
    SYSTEM_AUDIT_OBJECT = 0x07
    SYSTEM_ALARM_OBJECT = 0x08
    ACCESS_ALLOWED_CALLBACK = 0x09
    ACCESS_DENIED_CALLBACK = 0x0A
    ACCESS_ALLOWED_CALLBACK_OBJECT = 0x0B
    ACCESS_DENIED_CALLBACK_OBJECT = 0x0C
    SYSTEM_AUDIT_CALLBACK = 0x0D
    SYSTEM_ALARM_CALLBACK = 0x0E
    SYSTEM_AUDIT_CALLBACK_OBJECT = 0x0F
    SYSTEM_ALARM_CALLBACK_OBJECT = 0x10
    SYSTEM_MANDATORY_LABEL = 0x11
    SYSTEM_RESOURCE_ATTRIBUTE = 0x12
    SYSTEM_SCOPED_POLICY_ID = 0x13


class AceFlag(enum.IntFlag):
    """MS-DTYP 2.4.4.1, AceFlags; CRITICAL from winnt.h of the Windows SDK."""

    OBJECT_INHERIT = 0x01
    CONTAINER_INHERIT = 0x02
    NO_PROPAGATE_INHERIT = 0x04
    INHERIT_ONLY = 0x08
    INHERITED = 0x10
    CRITICAL = 0x20
    SUCCESSFUL_ACCESS = 0x40
    FAILED_ACCESS = 0x80


ALLOW_TYPES: t.Final = frozenset({0x00, 0x05, 0x09, 0x0B})
DENY_TYPES: t.Final = frozenset({0x01, 0x06, 0x0A, 0x0C})
OBJECT_TYPES: t.Final = frozenset({0x05, 0x06, 0x07, 0x08, 0x0B, 0x0C, 0x0F, 0x10})
"""Types whose body has the two optional GUIDs between mask and SID."""
SIMPLE_TYPES: t.Final = frozenset({0x00, 0x01, 0x02, 0x03, 0x09, 0x0A, 0x0D, 0x0E, 0x11, 0x12, 0x13})
"""Types whose body is a mask, a SID, and what the application put behind it."""

_HEADER = struct.Struct("<BBH")
_MASK = struct.Struct("<I")
_MASK_AND_FLAGS = struct.Struct("<II")
_OBJECT_TYPE_PRESENT = 0x1
_INHERITED_OBJECT_TYPE_PRESENT = 0x2
_MAX_SIZE = 0xFFFF
# A distinct ACE per template and then some; the few bytes that are the same everywhere are decoded once.
_CACHED_ACES = 8192
_CACHED_ACE_SIZE = 256


def _check_header(ace_type: int, flags: int) -> None:
    if not 0 <= ace_type <= 0xFF or not 0 <= flags <= 0xFF:
        raise ValueError(f"ACE type {ace_type} or flags {flags} are outside 8 bits")


@dataclass(frozen=True, slots=True)
class Ace:
    """One entry of a known shape.

    Attributes:
        type: one of V(SIMPLE_TYPES) or V(OBJECT_TYPES).
        flags: bits of AceFlag.
        mask: the access rights, 32 bits.
        sid: the trustee.
        object_type: what the rights are about (extended right, property, class); None means all of them.
        inherited_object_type: the class of objects that inherit the entry; None means all of them.
        application_data: bytes behind the SID: the condition of a callback ACE, or padding, kept as it is.
    """

    type: int
    flags: int
    mask: int
    sid: Sid
    object_type: UUID | None = None
    inherited_object_type: UUID | None = None
    application_data: bytes = b""

    def __post_init__(self) -> None:
        _check_header(self.type, self.flags)
        if not 0 <= self.mask < 1 << 32:
            raise ValueError(f"access mask {self.mask} is outside 32 bits")
        if self.type not in OBJECT_TYPES:
            if self.type not in SIMPLE_TYPES:
                raise ValueError(f"ACE type 0x{self.type:02x} has no known shape; it can only be a RawAce")
            if self.object_type is not None or self.inherited_object_type is not None:
                raise ValueError(f"ACE type 0x{self.type:02x} has no object types")

    @property
    def inherited(self) -> bool:
        """Whether the entry came from a parent object."""
        return bool(self.flags & AceFlag.INHERITED)

    def to_bytes(self) -> bytes:
        """The entry with its header; raises ValueError when it is longer than an ACE can be."""
        body = _MASK.pack(self.mask)
        if self.type in OBJECT_TYPES:
            present = 0
            guids = b""
            if self.object_type is not None:
                present |= _OBJECT_TYPE_PRESENT
                guids += self.object_type.bytes_le
            if self.inherited_object_type is not None:
                present |= _INHERITED_OBJECT_TYPE_PRESENT
                guids += self.inherited_object_type.bytes_le
            body += _MASK.pack(present) + guids
        return _with_header(self.type, self.flags, body + self.sid.to_bytes() + self.application_data)


@dataclass(frozen=True, slots=True)
class RawAce:
    """One entry of a shape that is not known, or that does not hold what its type promises: bytes, kept as they are."""

    type: int
    flags: int
    body: bytes

    def __post_init__(self) -> None:
        _check_header(self.type, self.flags)

    @property
    def inherited(self) -> bool:
        """Whether the entry came from a parent object."""
        return bool(self.flags & AceFlag.INHERITED)

    def to_bytes(self) -> bytes:
        """The entry with its header; raises ValueError when it is longer than an ACE can be."""
        return _with_header(self.type, self.flags, self.body)


def _with_header(ace_type: int, flags: int, body: bytes) -> bytes:
    size = _HEADER.size + len(body)
    if size > _MAX_SIZE:
        raise ValueError(f"an ACE of {size} bytes is longer than {_MAX_SIZE}")
    return _HEADER.pack(ace_type, flags, size) + body


def decode_ace(data: bytes) -> Ace | RawAce:
    """The entry whose header and body are exactly O(data); V(decode_ace(data).to_bytes() == data) always holds.

    Equal bytes give one shared object. Raises ValueError when the size in the header is not that of O(data).
    """
    return _decode_cached(data) if len(data) <= _CACHED_ACE_SIZE else _decode(data)


def _decode(data: bytes) -> Ace | RawAce:
    if len(data) < _HEADER.size:
        raise ValueError(f"an ACE has a header of {_HEADER.size} bytes, not {len(data)}")
    ace_type, flags, size = _HEADER.unpack_from(data)
    if size != len(data):
        raise ValueError(f"an ACE says it has {size} bytes but has {len(data)}")
    body = data[_HEADER.size :]
    try:
        if ace_type in OBJECT_TYPES:
            return _decode_object(ace_type, flags, body)
        if ace_type in SIMPLE_TYPES:
            (mask,) = _MASK.unpack_from(body)
            return _finish(ace_type, flags, mask, None, None, body[4:])
    except (struct.error, ValueError):
        # Shorter than its type demands, or with a SID of another revision: nothing that a reader could use.
        pass
    return RawAce(ace_type, flags, body)


_decode_cached = functools.lru_cache(maxsize=_CACHED_ACES)(_decode)


# Few principals and few object types appear in many entries.
decode_sid = functools.lru_cache(maxsize=2048)(Sid.from_bytes)
_guid = functools.lru_cache(maxsize=512)(lambda data: UUID(bytes_le=data))


def _decode_object(ace_type: int, flags: int, body: bytes) -> Ace:
    mask, present = _MASK_AND_FLAGS.unpack_from(body)
    if present & ~(_OBJECT_TYPE_PRESENT | _INHERITED_OBJECT_TYPE_PRESENT):
        raise ValueError(f"unknown object ACE flags 0x{present:x}")
    at = _MASK_AND_FLAGS.size
    guids: list[UUID | None] = []
    for bit in (_OBJECT_TYPE_PRESENT, _INHERITED_OBJECT_TYPE_PRESENT):
        if present & bit:
            guids.append(_guid(body[at : at + 16]))
            at += 16
        else:
            guids.append(None)
    return _finish(ace_type, flags, mask, guids[0], guids[1], body[at:])


def _finish(
    ace_type: int, flags: int, mask: int, object_type: UUID | None, inherited_object_type: UUID | None, rest: bytes
) -> Ace:
    sid = decode_sid(rest[: 8 + 4 * rest[1]] if len(rest) > 1 else rest)
    return Ace(ace_type, flags, mask, sid, object_type, inherited_object_type, rest[sid.size :])
