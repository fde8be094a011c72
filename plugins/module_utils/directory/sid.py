# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security identifiers as values (MS-DTYP 2.4.2).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import struct
import typing as t
from dataclasses import dataclass

_TEXT = re.compile(r"S-1-(0x[0-9a-fA-F]{1,12}|[0-9]{1,15})((?:-[0-9]{1,10}){0,15})\Z")
_MAX_SUB_AUTHORITIES = 15


@dataclass(frozen=True, order=True, slots=True)
class Sid:
    """One SID, revision 1.

    Attributes:
        authority: the identifier authority, 0 to 2**48 - 1.
        sub_authorities: up to 15 numbers of 32 bits; the last one of a domain account is its RID.
    """

    authority: int
    sub_authorities: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.authority < 1 << 48:
            raise ValueError(f"SID authority {self.authority} is outside 48 bits")
        if len(self.sub_authorities) > _MAX_SUB_AUTHORITIES:
            raise ValueError(
                f"a SID has at most {_MAX_SUB_AUTHORITIES} sub-authorities, not {len(self.sub_authorities)}"
            )
        if self.sub_authorities and (min(self.sub_authorities) < 0 or max(self.sub_authorities) >= 1 << 32):
            raise ValueError("a SID sub-authority is outside 32 bits")

    @classmethod
    def parse(cls, text: str) -> t.Self:
        """The SID written as C(S-1-5-...); raises ValueError for anything else."""
        match = _TEXT.match(text)
        if not match:
            raise ValueError(f"'{text}' is not a SID")
        return cls(
            int(match[1], 16 if match[1].startswith("0x") else 10), tuple(int(part) for part in match[2].split("-")[1:])
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> t.Self:
        """The SID at the start of O(data); bytes after it are ignored. Raises ValueError when it is cut short."""
        if len(data) < 8 or data[0] != 1 or data[1] > _MAX_SUB_AUTHORITIES or len(data) < 8 + 4 * data[1]:
            raise ValueError("the bytes do not begin with a SID of revision 1")
        return cls(int.from_bytes(data[2:8], "big"), struct.unpack_from(f"<{data[1]}I", data, 8))

    def to_bytes(self) -> bytes:
        count = len(self.sub_authorities)
        return struct.pack(f"<BB6s{count}I", 1, count, self.authority.to_bytes(6, "big"), *self.sub_authorities)

    @property
    def size(self) -> int:
        """The length of its binary form, in bytes."""
        return 8 + 4 * len(self.sub_authorities)

    def __str__(self) -> str:
        authority = str(self.authority) if self.authority < 1 << 32 else f"0x{self.authority:012x}"
        return "-".join(("S-1", authority, *map(str, self.sub_authorities)))

    @property
    def domain(self) -> Sid | None:
        """The SID of the domain that issued it; None for one that no domain issued (well-known, built-in)."""
        if self.authority == 5 and len(self.sub_authorities) == 5 and self.sub_authorities[0] == 21:
            return Sid(5, self.sub_authorities[:4])
        return None

    @property
    def rid(self) -> int | None:
        """The last sub-authority; None for a SID without any."""
        return self.sub_authorities[-1] if self.sub_authorities else None

    def child(self, rid: int) -> Sid:
        """The SID with O(rid) appended: an account of the domain that this SID names."""
        return Sid(self.authority, (*self.sub_authorities, rid))
