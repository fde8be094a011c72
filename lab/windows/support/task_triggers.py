# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Triggers of scheduled tasks: what win_scheduled_task takes for them, and when they fire next."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from lab.windows import tables
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import ModuleFailure
from lab.windows.parts.clock import Clock

TYPES = (
    "event",
    "time",
    "daily",
    "weekly",
    "monthly",
    "monthlydow",
    "idle",
    "registration",
    "boot",
    "logon",
    "session_state_change",
)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{3,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?\Z"
)
_DURATION = re.compile(
    r"(?P<minus>-?)P(?=[0-9T])(?:(?P<years>[0-9]+)Y)?(?:(?P<months>[0-9]+)M)?(?:(?P<days>[0-9]+)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:(?P<seconds>[0-9]+)(?:\.[0-9]+)?S)?)?\Z"
)
#: How far ahead the next run is looked for.
HORIZON = 366 * 8


def fail(message: str) -> None:
    raise ModuleFailure(message, changed=False)


def duration(key: str, value: Any) -> timedelta:
    """An XML duration; ModuleFailure in upstream's words for what is none."""
    found = _DURATION.match(str(value))
    if not found:
        raise ModuleFailure(
            f"trigger option '{key}' must be in the XML duration format but was '{value}'", changed=False
        )
    parts = {name: int(found[name] or 0) for name in ("years", "months", "days", "hours", "minutes", "seconds")}
    days = parts["years"] * 365 + parts["months"] * 30 + parts["days"]
    return timedelta(days=days, hours=parts["hours"], minutes=parts["minutes"], seconds=parts["seconds"])


def moment(clock: Clock, key: str, value: Any) -> str:
    """A date as Get-Date writes it in the format of a trigger: one with an offset as local time with its own."""
    text = str(value)
    try:
        if not _MOMENT.match(text):
            raise ValueError(text)
        parsed = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        if re.search(r"[0-9]", text):
            # .NET reads many more spellings, by the culture of the host.
            raise NotModelled(f"the date {text}, which is not written as YYYY-MM-DDThh:mm:ss") from None
        message = f"trigger option '{key}' must be in the format 'YYYY-MM-DDThh:mm:ss' format but was '{value}'"
        raise ModuleFailure(message, changed=False) from None
    if parsed.tzinfo is not None:
        return clock.local(parsed).isoformat(timespec="seconds")
    return parsed.isoformat(timespec="seconds")


def bits(option: str, value: Any) -> int | None:
    """The bits of an option that lists days, weeks or months; None if it lists none."""
    names = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
    total = 0
    for name in (str(one).strip() for one in names):
        number = name.isdigit() and int(name)
        if option in ("days_of_week", "months_of_year"):
            known: Mapping[str, int] = tables.load("tasks")[option]
            bit = known.get(name.lower())
        else:
            most = 31 if option == "days_of_month" else 4
            bit = 1 << (number - 1) if number and number <= most else None
        if bit is None:
            fail(_MESSAGES[option].format(name))
        total |= bit or 0
    return total or None


_MESSAGES = {
    "days_of_week": "invalid day of week '{}', check the spelling matches the full day name",
    "days_of_month": "invalid day of month '{}', please specify numbers from 1-31",
    "weeks_of_month": "invalid week of month '{}', please specify weeks from 1-4",
    "months_of_year": "invalid month name '{}', please specify full month name",
}


def converted(clock: Clock, given: Any) -> dict[str, Any]:
    """A trigger as it was given, checked, with the numbers that the scheduler takes. ModuleFailure for a wrong one."""
    trigger: dict[str, Any] = {str(key).lower(): value for key, value in given.items()}
    types = "', '".join(TYPES)
    if "type" not in trigger:
        fail(f"a trigger entry must contain a key 'type' with a value of '{types}'")
    kind = str(trigger["type"]).lower()
    if kind not in TYPES:
        fail(f"the specified trigger type '{trigger['type']}' is not valid, type must be a value of '{types}'")
    trigger["type"] = f"TASK_TRIGGER_{kind.upper()}"
    for option in ("start_boundary", "end_boundary"):
        if option in trigger:
            trigger[option] = moment(clock, option, trigger[option])
    for option in ("execution_time_limit", "delay", "random_delay"):
        if option in trigger:
            duration(option, trigger[option])
    _check_repetition(trigger.get("repetition"))
    for option in _MESSAGES:
        if option in trigger:
            trigger[option] = bits(option, trigger[option])
    if "state_change" in trigger:
        changes: Mapping[str, int] = tables.load("tasks")["session_changes"]
        name = f"TASK_{str(trigger['state_change']).upper()}"
        if name not in changes:
            fail(f"invalid state_change '{trigger['state_change']}'")
        trigger["state_change"] = changes[name]
    return trigger


def _check_repetition(repetition: Any) -> None:
    if repetition is None:
        return
    if not isinstance(repetition, dict):
        raise NotModelled("a repetition that is no dictionary")
    spans = {name: repetition[name] for name in ("interval", "duration") if repetition.get(name) is not None}
    read = {name: duration(name, value) for name, value in spans.items()}
    if len(read) == 2 and read["interval"] > read["duration"]:
        fail(
            f"trigger repetition option 'interval' value '{spans['interval']}' must be less than or equal to "
            f"'duration' value '{spans['duration']}'"
        )


def next_run(trigger: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a trigger fires next after a local time, without its repetition; None for one that waits for no time."""
    start = trigger.get("StartBoundary")
    if not trigger["Enabled"] or start is None or trigger["Type"] not in _DUE:
        return None
    first = datetime.fromisoformat(start).replace(tzinfo=None)
    end = trigger.get("EndBoundary")
    last = datetime.fromisoformat(end).replace(tzinfo=None) if end else None
    day = max(first.date(), now.date())
    for count in range(HORIZON):
        due = datetime.combine(day + timedelta(days=count), first.time())
        if last is not None and due > last:
            return None
        if due > now and _DUE[trigger["Type"]](trigger, first.date(), due.date()):
            return due
    return None


def _weekday(day: date) -> int:
    return 1 << (day.isoweekday() % 7)


def _weekly(trigger: Mapping[str, Any], first: date, day: date) -> bool:
    sunday = first - timedelta(days=first.isoweekday() % 7)
    weeks = (day - sunday).days // 7
    return bool(trigger["DaysOfWeek"] & _weekday(day)) and weeks % trigger["WeeksInterval"] == 0


def _monthly(trigger: Mapping[str, Any], _first: date, day: date) -> bool:
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    named = trigger["DaysOfMonth"] & 1 << (day.day - 1) or (trigger["RunOnLastDayOfMonth"] and is_last)
    return bool(named and trigger["MonthsOfYear"] & 1 << (day.month - 1))


def _monthly_by_weekday(trigger: Mapping[str, Any], _first: date, day: date) -> bool:
    is_last = day.day + 7 > calendar.monthrange(day.year, day.month)[1]
    week = trigger["WeeksOfMonth"] & 1 << ((day.day - 1) // 7) or (trigger["RunOnLastWeekOfMonth"] and is_last)
    return bool(week and trigger["DaysOfWeek"] & _weekday(day) and trigger["MonthsOfYear"] & 1 << (day.month - 1))


_DUE = {
    "TASK_TRIGGER_TIME": lambda _trigger, first, day: day == first,
    "TASK_TRIGGER_DAILY": lambda trigger, first, day: (day - first).days % trigger["DaysInterval"] == 0,
    "TASK_TRIGGER_WEEKLY": _weekly,
    "TASK_TRIGGER_MONTHLY": _monthly,
    "TASK_TRIGGER_MONTHLYDOW": _monthly_by_weekday,
}
