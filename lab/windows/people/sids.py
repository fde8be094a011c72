# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security identifiers as text: which texts are SIDs, and the SIDs that follow from a name."""

from __future__ import annotations

import hashlib
import re
import struct

SID = re.compile(r"S-1-(?:\d+|0x[0-9a-f]{12})(?:-\d+){1,15}", re.IGNORECASE)


def parsed(text: str) -> str | None:
    """The SID that a text is, in its canonical spelling; None if it is none."""
    if not SID.fullmatch(text):
        return None
    authority, *numbers = text.upper().split("-")[2:]
    value = int(authority, 16) if authority.startswith("0X") else int(authority)
    if value >= 1 << 48 or any(int(number) >= 1 << 32 for number in numbers):
        return None
    # .NET writes an authority beyond 32 bits in hexadecimal.
    written = str(value) if value < 1 << 32 else f"0x{value:012x}"
    return "-".join(["S-1", written, *(str(int(number)) for number in numbers)])


def from_bytes(data: bytes) -> str:
    """The text of a binary SID as directories hold it. ValueError for anything else (MS-DTYP 2.4.2.2)."""
    if len(data) < 8 or data[0] != 1 or len(data) != 8 + 4 * data[1]:
        raise ValueError("these octets are no SID")
    numbers = struct.unpack(f"<{data[1]}I", data[8:])
    return "-".join(["S-1", str(int.from_bytes(data[2:8], "big")), *map(str, numbers)])


def relative(sid: str) -> int:
    """The last number of a SID."""
    return int(sid.rpartition("-")[2])


def of_service(name: str) -> str:
    """The SID of `NT SERVICE\\name`: S-1-5-80 and the SHA-1 of the name in upper case, UTF-16LE."""
    return _from_name(80, name.upper())


def of_application_pool(name: str) -> str:
    """The SID of `IIS APPPOOL\\name`: S-1-5-82 and the SHA-1 of the name in lower case, UTF-16LE."""
    return _from_name(82, name.lower())


def _from_name(authority: int, name: str) -> str:
    digest = hashlib.sha1(name.encode("utf-16-le"), usedforsecurity=False).digest()
    return "-".join(["S-1-5", str(authority), *map(str, struct.unpack("<5I", digest))])
