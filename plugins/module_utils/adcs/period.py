# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validity and renewal periods of certificate templates.

The directory holds eight octets: a negative little-endian 64-bit count of 100-nanosecond units (MS-CRTD 2.11, 2.12).
A year is exactly 365 days, a month 30 and a week 7, as in the console.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import struct

_TICKS_PER_SECOND = 10_000_000
#: Ticks of each unit, largest first: the order in which a period is printed.
UNITS: dict[str, int] = {
    "year": 365 * 86_400 * _TICKS_PER_SECOND,
    "month": 30 * 86_400 * _TICKS_PER_SECOND,
    "week": 7 * 86_400 * _TICKS_PER_SECOND,
    "day": 86_400 * _TICKS_PER_SECOND,
    "hour": 3_600 * _TICKS_PER_SECOND,
    "minute": 60 * _TICKS_PER_SECOND,
    "second": _TICKS_PER_SECOND,
    "tick": 1,
}
_TEXT = re.compile(r"\s*(\d{1,19})\s*([a-z]+?)s?\s*\Z", re.ASCII | re.IGNORECASE)
#: The longest that eight octets hold; what Windows means by "never".
_LONGEST = 1 << 63


def parse_period(text: str) -> int:
    """The ticks (100 ns) of a period written as C(2 years) or C(6 weeks). Raises ValueError for anything else."""
    match = _TEXT.match(text)
    unit = UNITS.get(match[2].lower()) if match else None
    if not match or unit is None:
        raise ValueError(
            f"'{text}' is not a period such as '1 year' or '6 weeks' (units: {', '.join(f'{u}s' for u in UNITS)})"
        )
    ticks = int(match[1]) * unit
    if ticks > _LONGEST:
        raise ValueError(f"'{text}' is longer than the directory can hold")
    return ticks


def format_period(ticks: int) -> str:
    """O(ticks) in the largest unit that divides them evenly; zero is C(0 days)."""
    if not ticks:
        return "0 days"
    name, unit = next((name, unit) for name, unit in UNITS.items() if ticks % unit == 0)
    return f"{ticks // unit} {name}{'' if ticks == unit else 's'}"


def decode_period(octets: bytes) -> int:
    """The ticks of the eight octets of pKIExpirationPeriod or pKIOverlapPeriod.

    Raises ValueError for another length or sign.
    """
    if len(octets) != 8:
        raise ValueError(f"a period has 8 octets, not {len(octets)}")
    (value,) = struct.unpack("<q", octets)
    if value > 0:
        raise ValueError(f"the period {octets.hex()} is an absolute time, not a duration")
    return -int(value)


def encode_period(ticks: int) -> bytes:
    return struct.pack("<q", -ticks)
