# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scheduled tasks: triggers, folders, and that what was asked for is there and not done twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows import tables
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import ModuleFailure
from lab.windows.parts.clock import Clock
from lab.windows.parts.tasks import ScheduledTasks, Task
from lab.windows.support import task_triggers
from lab.windows.support.task_comparison import new_trigger

from . import hosts

NOW = datetime.fromisoformat("2026-03-10T12:00:00")
MODULE = "community.windows.win_scheduled_task"
DAYS = sorted(tables.load("tasks")["days_of_week"])
MONTHS = sorted(tables.load("tasks")["months_of_year"])


def trigger(kind: str, start: str, **values: Any) -> dict[str, Any]:
    return {**new_trigger(f"TASK_TRIGGER_{kind}"), "StartBoundary": start, **values}


@pytest.mark.parametrize(
    ("given_trigger", "due"),
    [
        (trigger("TIME", "2026-03-11T08:00:00"), "2026-03-11T08:00:00"),
        (trigger("TIME", "2026-03-09T08:00:00"), None),
        (trigger("TIME", "2026-03-11T08:00:00", Enabled=False), None),
        (trigger("DAILY", "2026-03-01T08:00:00"), "2026-03-11T08:00:00"),
        (trigger("DAILY", "2026-03-01T13:00:00", DaysInterval=9), "2026-03-10T13:00:00"),
        (trigger("DAILY", "2026-03-01T08:00:00", EndBoundary="2026-03-10T23:00:00"), None),
        # 10 March 2026 is a Tuesday.
        (trigger("WEEKLY", "2026-03-01T08:00:00", DaysOfWeek=2 | 16), "2026-03-12T08:00:00"),
        (trigger("WEEKLY", "2026-03-01T08:00:00", DaysOfWeek=2, WeeksInterval=2), "2026-03-16T08:00:00"),
        (trigger("MONTHLY", "2026-01-01T08:00:00", DaysOfMonth=1 << 14, MonthsOfYear=1 << 4), "2026-05-15T08:00:00"),
        (trigger("MONTHLY", "2026-01-01T08:00:00", RunOnLastDayOfMonth=True), "2026-03-31T08:00:00"),
        (trigger("MONTHLYDOW", "2026-01-01T08:00:00", DaysOfWeek=1, WeeksOfMonth=2), "2026-04-12T08:00:00"),
        (trigger("MONTHLYDOW", "2026-01-01T08:00:00", DaysOfWeek=32, RunOnLastWeekOfMonth=True), "2026-03-27T08:00:00"),
        (trigger("BOOT", "2026-01-01T08:00:00"), None),
    ],
)
def test_the_next_run(given_trigger: dict[str, Any], due: str | None) -> None:
    found = task_triggers.next_run(given_trigger, NOW)
    assert (found.isoformat() if found else None) == due


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT15M", 900), ("P1DT2H", 93600), ("PT1.5S", 1), ("P1Y", 31536000), ("PT0S", 0)]
)
def test_durations(text: str, seconds: int) -> None:
    assert task_triggers.duration("delay", text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "P", "PT", "15M", "PT15", "PT15m", "P1H", "P1DT", "PT1M\n"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ModuleFailure, match="trigger option 'delay' must be in the XML duration format but was"):
        task_triggers.duration("delay", text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-01-02", "2026-01-02T00:00:00"),
        ("2026-01-02T03:04", "2026-01-02T03:04:00"),
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05"),
        ("2026-07-02T03:04:05Z", "2026-07-01T20:04:05-07:00"),
    ],
)
def test_dates(text: str, kept: str) -> None:
    assert task_triggers.moment(Clock("Pacific Standard Time"), "start_boundary", text) == kept


def test_what_is_no_date() -> None:
    clock = Clock("Pacific Standard Time")
    with pytest.raises(ModuleFailure, match="trigger option 'start_boundary' must be in the format"):
        task_triggers.moment(clock, "start_boundary", "soon")
    with pytest.raises(NotModelled):
        task_triggers.moment(clock, "start_boundary", "1/2/2026 3:04 PM")


@given(st.sets(st.sampled_from(DAYS), min_size=1), st.sets(st.integers(1, 31), min_size=1))
def test_bits_are_the_same_as_text_and_as_list(days: set[str], numbers: set[int]) -> None:
    assert task_triggers.bits("days_of_week", ", ".join(sorted(days))) == task_triggers.bits("days_of_week", list(days))
    expected = sum(1 << (number - 1) for number in numbers)
    assert task_triggers.bits("days_of_month", list(numbers)) == expected


STARTS = st.integers(1, 28).map(lambda day: f"2026-02-{day:02}T08:00:00")


def triggers(
    kind: str, wanted: dict[str, st.SearchStrategy[Any]], **optional: Any
) -> st.SearchStrategy[dict[str, Any]]:
    start = {} if kind == "boot" else {"start_boundary": STARTS}
    return st.fixed_dictionaries({"type": st.just(kind), **start, **wanted}, optional=optional)


TRIGGERS = st.one_of(
    triggers("boot", {}, delay=st.just("PT5M"), enabled=st.booleans()),
    triggers("daily", {}, days_interval=st.integers(1, 9)),
    triggers("weekly", {"days_of_week": st.lists(st.sampled_from(DAYS), min_size=1)}),
    triggers(
        "monthly",
        {"days_of_month": st.lists(st.integers(1, 31), min_size=1)},
        months_of_year=st.lists(st.sampled_from(MONTHS), min_size=1),
    ),
)
ACTIONS = st.fixed_dictionaries(
    {"path": st.sampled_from(["cmd.exe", "CMD.EXE"])}, optional={"arguments": st.sampled_from(["/c ver", ""])}
)
WISHES = st.fixed_dictionaries(
    {"name": st.just("case"), "actions": st.lists(ACTIONS, min_size=1, max_size=3)},
    optional={
        "path": st.sampled_from(["\\", "lab", r"\lab\below"]),
        "triggers": st.lists(TRIGGERS, max_size=3),
        "username": st.sampled_from(["SYSTEM", "NETWORK SERVICE"]),
        "enabled": st.booleans(),
        "priority": st.integers(0, 10),
        "run_level": st.sampled_from(["limited", "highest"]),
        "description": st.text(max_size=5),
    },
)


@settings(settings.get_profile("few"), max_examples=8)
@given(st.lists(WISHES, min_size=1, max_size=3))
def test_what_was_asked_for_is_there_and_check_mode_knew(wishes: list[dict[str, Any]]) -> None:
    host = hosts.host()
    for wish in wishes:
        predicted = hosts.run(host, MODULE, {**wish, "_ansible_check_mode": True})
        done = hosts.run(host, MODULE, wish)
        assert done["changed"] == predicted["changed"]
        assert hosts.run(host, MODULE, wish)["changed"] is False
    state = json.loads(json.dumps(host.tasks.export()))
    assert ScheduledTasks.restore(host.identity, state).export() == state
    for wish in wishes:
        hosts.run(host, MODULE, {"name": wish["name"], "path": wish.get("path", "\\"), "state": "absent"})
    assert host.tasks.export()["tasks"] == {}


def test_a_folder_with_something_in_it_stays() -> None:
    tasks = ScheduledTasks()
    tasks.register(r"\a\b", "one", Task())
    tasks.make_folder(r"\a\b")
    with pytest.raises(ValueError, match="The directory is not empty"):
        tasks.remove_folder(r"\A")
    assert tasks.names(r"\a") == []
    assert tasks.names(r"\A\B\\") == ["one"]
    assert tasks.remove(r"\a\b", "ONE")
    tasks.remove_folder(r"\a\b")
    tasks.remove_folder(r"\a")
    assert tasks.export() == ScheduledTasks().export()


def test_the_now_of_a_next_run_is_the_hosts_own() -> None:
    host = hosts.host()
    host.clock.real = lambda: datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    daily = {"type": "daily", "start_boundary": "2026-01-01T08:00:00"}
    hosts.run(host, MODULE, {"name": "case", "actions": [{"path": "cmd.exe"}], "triggers": [daily]})
    told = hosts.run(host, f"{MODULE}_stat", {"name": "case"})["state"]["next_run_time"]
    local = host.clock.local(host.clock.now())
    assert told == f"2026-03-{10 if local.hour < 8 else 11}T08:00:00"


@pytest.mark.parametrize(
    ("language", "account", "group"),
    [
        ("en-US", r"NT AUTHORITY\SYSTEM", r"BUILTIN\Administrators"),
        ("sv-SE", r"NT instans\SYSTEM", r"BUILTIN\Administratörer"),
    ],
)
def test_accounts_are_told_in_the_language_of_the_host(language: str, account: str, group: str) -> None:
    host = hosts.host(language=language)
    action = {"actions": [{"path": "cmd.exe"}]}
    hosts.run(host, MODULE, {"name": "case", "username": "S-1-5-18", **action})
    hosts.run(host, MODULE, {"name": "another", "group": "S-1-5-32-544", **action})
    assert hosts.run(host, f"{MODULE}_stat", {"name": "case"})["principal"]["user_id"] == account
    assert hosts.run(host, f"{MODULE}_stat", {"name": "another"})["principal"]["group_id"] == group
    assert hosts.run(host, MODULE, {"name": "case", "username": account, **action})["changed"] is False
