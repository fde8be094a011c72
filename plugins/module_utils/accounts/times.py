# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Points in time as the directory keeps them: 100 nanoseconds since 1601-01-01 UTC (MS-DTYP 2.3.3, FILETIME).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t

#: What accountExpires and computed expiry times have when there is no end (MS-ADA1 2.4); zero means the same.
NEVER: t.Final = 0x7FFFFFFFFFFFFFFF
#: Intervals of one second.
SECOND: t.Final = 10_000_000
HOUR: t.Final = 3600 * SECOND

_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def to_filetime(moment: dt.datetime) -> int:
    """O(moment), which has a time zone, as intervals since 1601. Raises ValueError for an earlier one."""
    value = (moment - _EPOCH) // dt.timedelta(microseconds=1) * 10
    if value <= 0:
        raise ValueError(f"{moment.isoformat()} is before 1601")
    return value


def from_filetime(value: int) -> dt.datetime | None:
    """The moment, to the microsecond; None for zero, for V(NEVER) and for what no calendar reaches."""
    if not 0 < value < NEVER:
        return None
    try:
        return _EPOCH + dt.timedelta(microseconds=value // 10)
    except OverflowError:
        return None


def is_never(value: int) -> bool:
    """Whether O(value) of accountExpires means that the account does not end."""
    return from_filetime(value) is None


def show(value: int) -> str | None:
    """O(value) as C(2027-12-31T18:00:00Z), fractions of a second only where there are some; None for no moment."""
    moment = from_filetime(value)
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def parse_expiry(text: str) -> int:
    """When an account ends: V(never), a date, of which the account works to the end in UTC, or a moment.

    Raises ValueError with the reason, a clause with the text as its subject.
    """
    written = text.strip()
    if written.casefold() == "never":
        return NEVER
    try:
        if _DATE.match(written):
            moment = dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC) + dt.timedelta(days=1)
        else:
            moment = dt.datetime.fromisoformat(written)
    except OverflowError:
        raise ValueError("is later than the directory can hold; write never") from None
    except ValueError:
        raise ValueError("is neither never, nor a date as 2027-12-31, nor a moment as 2027-12-31T18:00:00Z") from None
    if moment.tzinfo is None:
        raise ValueError("has no time zone; write Z at the end for UTC, or an offset as +01:00")
    return to_filetime(moment)
