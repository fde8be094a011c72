# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time it is on the host: the real time and an offset, and the time zone.

Exported: {"offset_seconds": 0.0, "time_zone": "W. Europe Standard Time"}
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class Clock:
    """What time it is on the host: the real time and an offset, and the time zone.

    Attributes:
        offset: How far the host's clock is ahead of the real one.
        time_zone: Its zone as Windows names it, one of time_zones.yml.
        real: The real time, aware.
    """

    def __init__(self, time_zone: str, offset: timedelta = timedelta()) -> None:
        if time_zone not in tables.load("time_zones"):
            raise ValueError(f"unknown time zone: {time_zone}")
        self.time_zone = time_zone
        self.offset = offset
        self.real: Callable[[], datetime] = lambda: datetime.now(UTC)

    @classmethod
    def blank(cls, identity: Identity) -> Clock:
        return cls(tables.release(identity)["time_zone"])

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Clock:
        return cls(state["time_zone"], timedelta(seconds=state["offset_seconds"]))

    def export(self) -> Json:
        return {"offset_seconds": self.offset.total_seconds(), "time_zone": self.time_zone}

    def now(self) -> datetime:
        """The host's time, in UTC."""
        return self.real() + self.offset

    def local(self, moment: datetime) -> datetime:
        """A moment as a clock on the host's wall shows it."""
        zone = tables.load("time_zones")[self.time_zone]
        standard = timedelta(minutes=zone["offset"])
        utc = moment.astimezone(UTC)
        summer = timedelta(hours=1)
        if "begins" in zone:
            year = (utc + standard).year
            begins = _change(year, zone["begins"], standard)
            ends = _change(year, zone["ends"], standard + summer)
            if begins <= utc < ends:
                standard += summer
        return utc.astimezone(timezone(standard))


def _change(year: int, rule: list[int], offset: timedelta) -> datetime:
    """When the clocks change: month, which Sunday of it (5 is the last), hour; the offset is the one before it."""
    month, week, hour = rule
    first = datetime(year, month, 1, hour, tzinfo=UTC)
    day = first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (week - 1))
    while day.month != month:
        day -= timedelta(days=7)
    return day - offset
