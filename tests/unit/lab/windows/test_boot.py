# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for a boot, what a boot does, and what time it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows import consequences, tables
from lab.windows.identity import LANGUAGES
from lab.windows.parts.clock import Clock
from lab.windows.parts.power import Power, Shutdown
from lab.windows.service_table import Service
from lab.windows.support import service_control

from .hosts import ADMINISTRATOR, host, identity, run

HTTP = r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
NAMES = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
REASONS = sorted(tables.load("power")["pending"])
MOMENT = datetime(2026, 3, 1, 12, 30, 15, 250000, UTC)


@pytest.mark.parametrize(
    "kind, data, effective",
    [
        ("REG_DWORD", 65534, 65534),
        ("REG_DWORD", 65535, 65534),
        ("REG_DWORD", 1, 64),
        # What is no number does not count.
        ("REG_SZ", "65534", 16384),
    ],
)
def test_limits_of_requests_act_after_a_boot(kind: str, data: int | str, effective: int) -> None:
    target = host()
    target.registry.set(HTTP, "MaxFieldLength", kind, data)
    assert target.power.effective["http"]["MaxFieldLength"] == 16384
    consequences.boot(target, MOMENT)
    assert target.power.effective["http"]["MaxFieldLength"] == effective
    assert target.power.boot_time == MOMENT
    target.registry.delete_value(HTTP, "MaxFieldLength")
    assert target.power.effective["http"]["MaxFieldLength"] == effective
    consequences.boot(target)
    assert target.power.effective["http"]["MaxFieldLength"] == 16384


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_seen_and_gone_after_a_boot(reason: str) -> None:
    target = host()
    before = target.registry.export()
    consequences.request_restart(target, reason)
    assert list(target.power.pending) == [reason]
    told = run(target, "ansible.windows.win_reboot_info")
    assert [each["source"] for each in told["reboot_required_reasons"]] == [reason]
    assert told["reboot_required"]
    consequences.boot(target)
    assert list(target.power.pending) == []
    assert not run(target, "ansible.windows.win_reboot_info")["reboot_required"]
    after = target.registry.export()
    # Keys that were made for it may stay, without values.
    assert {path: key for path, key in after.items() if key["values"] or path in before} == before


def test_a_reason_of_its_own_is_kept_beside_the_registry() -> None:
    target = host()
    consequences.request_restart(target, "limits of HTTP.sys")
    assert target.power.pending == ("limits of HTTP.sys",)
    assert not run(target, "ansible.windows.win_reboot_info")["reboot_required"]


def test_another_name_is_taken_at_boot() -> None:
    target = host()
    target.registry.set(NAMES, "ComputerName", "REG_SZ", "ndes1")
    assert run(target, "ansible.windows.win_reboot_info")["reboot_required_reasons"] == []
    target.registry.set(NAMES, "ComputerName", "REG_SZ", "NDES9")
    reasons = run(target, "ansible.windows.win_reboot_info")["reboot_required_reasons"]
    assert reasons == [
        {
            "source": "pending_computer_rename",
            "description": "Computer name change pending from 'NDES1' to 'NDES9'.",
        }
    ]
    consequences.boot(target)
    assert run(target, "ansible.windows.win_reboot_info")["reboot_required_reasons"] == []


def test_one_empty_rename_is_no_reason() -> None:
    target = host()
    key = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager"
    target.registry.set(key, "PendingFileRenameOperations", "REG_MULTI_SZ", [""])
    assert not run(target, "ansible.windows.win_reboot_info")["reboot_required"]


def test_a_domain_join_waits_whatever_its_value_says() -> None:
    target = host()
    target.registry.set(r"HKLM\SYSTEM\CurrentControlSet\Services\Netlogon", "AvoidSpnSet", "REG_DWORD", 0)
    reasons = run(target, "ansible.windows.win_reboot_info")["reboot_required_reasons"]
    assert [reason["source"] for reason in reasons] == ["domain_join"]


def test_services_after_a_boot() -> None:
    target = host()
    fresh = {service.name: service.state for service in target.services.all()}
    service_control.stop(target, "W32Time")
    service_control.start(target, "BITS")
    for name, mode in (("Spooler", "disabled"), ("seclogon", "auto")):
        service = target.services.get(name)
        assert service is not None
        service.start_mode = mode
    user = target.accounts.add_user("svc-case", "Correct-Horse-9")
    lost = Service("case", "Case", r"C:\Windows\System32\case.exe", account=r".\svc-case", start_mode="delayed")
    lost.nt_hash = service_control.password_hash("Correct-Horse-9")
    target.services.add(lost)
    sid = target.accounts.sid_of(user)
    target.rights.grant("SeServiceLogonRight", sid)
    consequences.boot(target)
    states = {service.name: service.state for service in target.services.all()}
    assert states == {**fresh, "Spooler": "stopped", "seclogon": "started", "case": "started"}
    target.rights.revoke("SeServiceLogonRight", sid)
    consequences.boot(target)
    assert (lost.state, lost.win32_exit_code) == ("stopped", 1069)
    target.services.stop("WinRM")
    consequences.boot(target)
    assert target.services.export()["WinRM"]["state"] == "started"


def test_who_asked_for_the_restart_is_told() -> None:
    target = host()
    target.clock.real = lambda: MOMENT
    consequences.shutdown_requested(target, ADMINISTRATOR, "Reboot initiated by Ansible")
    consequences.boot(target, MOMENT + timedelta(seconds=30))
    told = run(target, "ansible.windows.win_reboot_info")["last_reboot"]
    assert told == {
        "time": "2026-03-01T12:30:45Z",
        "time_epoch": (MOMENT + timedelta(seconds=30)).timestamp(),
        "details": {
            "process": r"C:\Windows\system32\shutdown.exe (NDES1)",
            "reason": "No title for this reason could be found",
            "reason_code": 0x800000FF,
            "type": "restart",
            "comment": "Reboot initiated by Ansible",
            "initiated_by": "NDES1\\Administrator",
            "event_time": "2026-03-01T12:30:15Z",
        },
    }
    consequences.boot(target, MOMENT + timedelta(minutes=10))
    assert run(target, "ansible.windows.win_reboot_info")["last_reboot"]["details"] is None


@given(st.lists(st.text(min_size=1), max_size=4), st.datetimes(timezones=st.just(UTC)), st.booleans())
def test_power_is_restored_as_it_was_exported(reasons: list[str], moment: datetime, orderly: bool) -> None:
    power = Power.blank(identity())
    if orderly:
        power.shut_down(Shutdown("shutdown.exe", "none", "0x800000ff", "restart", "x", "CORP\\alice", moment))
    power.boot(moment, {"http": {"MaxFieldLength": 1}})
    for reason in reasons:
        power.request(reason)
    exported = json.loads(json.dumps(power.export()))
    assert Power.restore(identity(), exported).export() == exported
    assert list(power.pending) == list(dict.fromkeys(reasons))


@pytest.mark.parametrize(
    "zone, moment, shown",
    [
        ("UTC", "2026-07-01T12:00:00+00:00", "2026-07-01T12:00:00+00:00"),
        ("W. Europe Standard Time", "2026-03-29T00:59:59+00:00", "2026-03-29T01:59:59+01:00"),
        ("W. Europe Standard Time", "2026-03-29T01:00:00+00:00", "2026-03-29T03:00:00+02:00"),
        ("W. Europe Standard Time", "2026-10-25T00:59:59+00:00", "2026-10-25T02:59:59+02:00"),
        ("W. Europe Standard Time", "2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00+01:00"),
        ("Pacific Standard Time", "2026-03-08T09:59:59+00:00", "2026-03-08T01:59:59-08:00"),
        ("Pacific Standard Time", "2026-03-08T10:00:00+00:00", "2026-03-08T03:00:00-07:00"),
        ("Pacific Standard Time", "2026-11-01T08:59:59+00:00", "2026-11-01T01:59:59-07:00"),
        ("Pacific Standard Time", "2027-01-01T07:59:59+00:00", "2026-12-31T23:59:59-08:00"),
    ],
)
def test_local_time(zone: str, moment: str, shown: str) -> None:
    assert Clock(zone).local(datetime.fromisoformat(moment)).isoformat() == shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_clock_goes_with_the_real_time(language: str) -> None:
    clock = Clock.blank(identity(language=language))
    clock.real = lambda: MOMENT
    assert clock.now() == MOMENT
    clock.offset = timedelta(minutes=-6)
    assert clock.now() == MOMENT - timedelta(minutes=6)
    assert Clock.restore(identity(), clock.export()).export() == clock.export()


def test_no_other_time_zones_are_known() -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        Clock("Middle-earth Standard Time")
