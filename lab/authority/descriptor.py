# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security descriptors of directory objects: who has an extended right, and adding what a tool adds (MS-DTYP 2.4).

Entries are read in their order, and the first that applies decides (MS-ADTS 5.1.3.3.4). Windows' tools put what is
denied before what is allowed, so that a denial wins.
"""

from __future__ import annotations

import struct
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lab.windows.people import sids

ALLOWED, DENIED, ALLOWED_OBJECT, DENIED_OBJECT = 0, 1, 5, 6
INHERIT_ONLY = 0x08
INHERITED = 0x10
CONTROL_ACCESS = 0x100
GENERIC_ALL = 0x10000000
_OBJECT_TYPE, _INHERITED_OBJECT_TYPE = 1, 2
_DACL_PRESENT = 0x0004


@dataclass(frozen=True)
class Entry:
    """An entry of a DACL. `object_type` is "" for one that is about everything; `raw` are its octets."""

    kind: int
    flags: int
    mask: int
    object_type: str
    sid: str
    raw: bytes

    @property
    def allows(self) -> bool:
        return self.kind in (ALLOWED, ALLOWED_OBJECT)


def entries(descriptor: bytes) -> tuple[Entry, ...]:
    """The entries of the DACL of a self-relative descriptor; none where it has no DACL."""
    control, place = struct.unpack_from("<H", descriptor, 2)[0], struct.unpack_from("<I", descriptor, 16)[0]
    if not control & _DACL_PRESENT or not place:
        return ()
    count = struct.unpack_from("<H", descriptor, place + 4)[0]
    found, at = [], place + 8
    for _ in range(count):
        size = struct.unpack_from("<H", descriptor, at + 2)[0]
        found.append(_entry(descriptor[at : at + size]))
        at += size
    return tuple(found)


def _entry(raw: bytes) -> Entry:
    kind, flags, _size, mask = struct.unpack_from("<BBHI", raw)
    at, object_type = 8, ""
    if kind in (ALLOWED_OBJECT, DENIED_OBJECT):
        present = struct.unpack_from("<I", raw, 8)[0]
        at = 12
        if present & _OBJECT_TYPE:
            object_type = str(uuid.UUID(bytes_le=raw[at : at + 16]))
            at += 16
        if present & _INHERITED_OBJECT_TYPE:
            at += 16
    end = at + 8 + 4 * raw[at + 1]
    return Entry(kind, flags, mask, object_type, sids.from_bytes(raw[at:end]), raw)


def has_extended_right(descriptor: bytes, who: Collection[str], right: str) -> bool:
    """Whether somebody with these SIDs has an extended right (its GUID) on the object."""
    for entry in entries(descriptor):
        if entry.flags & INHERIT_ONLY or entry.sid not in who:
            continue
        if not entry.mask & (CONTROL_ACCESS | GENERIC_ALL) or entry.object_type not in ("", right):
            continue
        return entry.allows
    return False


def allowing(sid: str, mask: int, object_type: str = "") -> bytes:
    """The octets of an entry that allows something, for this object only."""
    body = b"" if not object_type else struct.pack("<I", _OBJECT_TYPE) + uuid.UUID(object_type).bytes_le
    who = _sid(sid)
    kind = ALLOWED_OBJECT if object_type else ALLOWED
    return struct.pack("<BBHI", kind, 0, 8 + len(body) + len(who), mask) + body + who


def with_entries(descriptor: bytes, added: Iterable[bytes]) -> bytes:
    """The descriptor with more entries, behind its own denials and before everything else; those it has are left out.

    What is returned has the DACL alone, to be written with the control that names no other part.
    """
    own = [entry.raw for entry in entries(descriptor)]
    new = [raw for raw in added if raw not in own]
    place = next(
        (number for number, entry in enumerate(entries(descriptor)) if entry.allows or entry.flags & INHERITED),
        len(own),
    )
    acl = [*own[:place], *new, *own[place:]]
    body = b"".join(acl)
    revision = 4
    head = struct.pack("<BBHHH", revision, 0, 8 + len(body), len(acl), 0)
    control = struct.unpack_from("<H", descriptor, 2)[0]
    return struct.pack("<BBHIIII", 1, 0, control & ~0x0010, 0, 0, 0, 20) + head + body


def _sid(sid: str) -> bytes:
    _, revision, authority, *numbers = sid.split("-")
    head = bytes([int(revision), len(numbers)]) + int(authority).to_bytes(6, "big")
    return head + b"".join(struct.pack("<I", int(number)) for number in numbers)
