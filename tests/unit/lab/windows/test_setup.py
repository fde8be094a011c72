# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of ansible.windows.setup, and microsoft.ad.membership of a member."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows import consequences
from lab.windows.host import Host
from lab.windows.identity import LANGUAGES, RELEASES
from lab.windows.modules.setup import ALL, GROUPS
from tools.tree import COLLECTIONS

from .hosts import USER, host, run

SETUP = COLLECTIONS / "ansible_collections" / "ansible" / "windows" / "plugins" / "modules" / "setup.ps1"
MOMENT = datetime(2026, 2, 3, 4, 5, 6, 789000, UTC)


def facts(target: Host, *subsets: str, **arguments: Any) -> dict[str, Any]:
    wanted: dict[str, Any] = {"gather_subset": list(subsets)} if subsets else {}
    result = run(target, "ansible.windows.setup", {**wanted, **arguments})
    assert not result.get("failed"), result
    found: dict[str, Any] = result["ansible_facts"]
    return found


def upstream_facts() -> set[str]:
    """Names of the facts that upstream's script sets."""
    return set(re.findall(r"\$ansibleFacts\.(ansible_\w+)", SETUP.read_text(encoding="utf-8-sig")))


def test_every_fact_of_upstream_is_there_and_no_other() -> None:
    target = host()
    names = set(facts(target)) - {"gather_subset", "module_setup"}
    # Those about the listener's certificate come with the certificate.
    listener = {name for name in upstream_facts() if name.startswith("ansible_win_rm_")}
    assert len(listener) == 2
    assert names == upstream_facts() - listener


def test_subsets_are_those_of_upstream() -> None:
    text = SETUP.read_text(encoding="utf-8-sig")
    groups = re.findall(r"^    (\w+) = \[System\.Collections\.Generic\.List\[string\]\]@\((.+)\)$", text, re.M)
    assert {name: tuple(re.findall(r"'(\w+)'", names)) for name, names in groups} == GROUPS


@pytest.mark.parametrize(
    "subsets, there, absent",
    [
        (["!all"], "ansible_kernel", "ansible_processor"),
        (["!all", "!min"], "module_setup", "ansible_kernel"),
        (["!all", "!min", "memory"], "ansible_memtotal_mb", "ansible_kernel"),
        (["network"], "ansible_memtotal_mb", "facter"),
        (["!hardware"], "ansible_kernel", "ansible_memtotal_mb"),
        (["!memory"], "ansible_processor", "ansible_memtotal_mb"),
        (["!nonsense"], "ansible_processor", "nonsense"),
        (["all_ipv6_addresses", "!all", "!min"], "ansible_ip_addresses", "ansible_interfaces"),
    ],
)
def test_subsets(subsets: list[str], there: str, absent: str) -> None:
    found = facts(host(), *subsets)
    assert there in found
    assert absent not in found
    assert found["gather_subset"] == subsets


@settings(settings.get_profile("few"))
@given(st.lists(st.sampled_from([*ALL, *GROUPS, "all", *(f"!{name}" for name in (*ALL, *GROUPS, "all"))]), max_size=5))
def test_named_subsets_are_gathered_whatever_is_excluded(subsets: list[str]) -> None:
    found = facts(host(), *(subsets or ["all"]))
    if "memory" in subsets or "hardware" in subsets or "all" in subsets:
        assert "ansible_memtotal_mb" in found
    elif "!memory" in subsets or "!hardware" in subsets or "!all" in subsets:
        assert "ansible_memtotal_mb" not in found


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_releases(release: str, language: str) -> None:
    result = run(host(release=release, language=language), "ansible.windows.setup")
    found = result["ansible_facts"]
    old = release == "2012r2"
    assert found["ansible_distribution_version"] == found["ansible_kernel"]
    assert found["ansible_distribution_major_version"] == ("6" if old else "10")
    assert found["ansible_distribution"].startswith("Microsoft Windows Server 20")
    assert found["ansible_powershell_version"] == 5
    warned = ["The Windows version '6.3' is no longer supported or tested by Ansible."] if old else None
    assert result.get("warnings") == warned


@pytest.mark.parametrize(
    "language, expected",
    [
        (
            "en-US",
            {
                "date": "2026-02-02",
                "time": "20:05:06",
                "tz_offset": "-08:00",
                "weekday": "Monday",
                "weekday_number": "1",
                "weeknumber": "4",
                "epoch": "1770091506.789",
                "epoch_local": "1770062706.789",
                "iso8601_basic": "20260202T200506789000",
            },
        ),
        (
            "sv-SE",
            {
                "date": "2026-02-03",
                "time": "05:05:06",
                "tz_offset": "+01:00",
                "weekday": "Tuesday",
                "weekday_number": "2",
                "epoch": "1770091506,789",
                "iso8601_basic_short": "20260203T050506",
            },
        ),
    ],
)
def test_date_and_time(language: str, expected: dict[str, str]) -> None:
    target = host(language=language)
    target.clock.real = lambda: MOMENT
    target.power.boot(MOMENT - timedelta(hours=1), {})
    found = facts(target)
    told = found["ansible_date_time"]
    assert {name: told[name] for name in expected} == expected
    assert told["epoch_int"] == 1770091507
    assert told["iso8601"] == "2026-02-03T04:05:06Z"
    assert told["iso8601_micro"] == "2026-02-03T04:05:06.789000Z"
    assert found["ansible_uptime_seconds"] == 3600
    assert found["ansible_lastboot"] == ("2026-02-02 19:05:06Z" if language == "en-US" else "2026-02-03 04:05:06Z")


def test_who_is_no_administrator_learns_less() -> None:
    found = run(host(), "ansible.windows.setup", {}, USER)["ansible_facts"]
    nothing = ("distribution", "os_name", "architecture", "pagefiletotal_mb", "pagefilefree_mb")
    assert [found[f"ansible_{name}"] for name in nothing] == [None] * 5
    assert found["ansible_user_sid"] == USER.sid


def test_hosts_differ_and_stay_what_they_are() -> None:
    one, other = host(), host(machine_sid="S-1-5-21-9-9-9", name="ndes2")
    for name in ("ansible_product_uuid", "ansible_product_serial", "ansible_ip_addresses", "ansible_machine_id"):
        assert facts(one)[name] == facts(host())[name] != facts(other)[name]


@pytest.mark.parametrize("reason, pending", [("server_manager", True), ("windows_update", False)])
def test_what_counts_as_a_pending_reboot(reason: str, pending: bool) -> None:
    target = host()
    consequences.request_restart(target, reason)
    assert facts(target, "platform")["ansible_reboot_pending"] is pending


def test_local_facts() -> None:
    target = host()
    target.files.make_folder(r"C:\facts\below")
    target.files.write(r"C:\facts\site.json", b'\xef\xbb\xbf{"tier": 0}')
    target.files.write(r"C:\facts\readme.txt", b"")
    assert facts(target, "!all", fact_path=r"C:\facts")["ansible_site"] == {"tier": 0}
    assert facts(target, "!all", fact_path=r"C:\facts\site.json")["ansible_site"] == {"tier": 0}
    target.files.write(r"C:\facts\run.ps1", b"")
    for path in (r"C:\facts", r"C:\fact*"):
        assert run(target, "ansible.windows.setup", {"fact_path": path})["msg"].startswith("The lab does not model")


def test_facter_is_not_modelled() -> None:
    target = host()
    target.files.write(r"C:\Windows\System32\facter.exe", b"")
    assert run(target, "ansible.windows.setup", {})["msg"] == "The lab does not model facter"
    assert "ansible_kernel" in facts(target, "!facter")


JOIN = {"state": "domain", "domain_admin_user": "alice", "domain_admin_password": "Not-a-secret-1"}


@pytest.mark.parametrize(
    "arguments, msg",
    [
        ({**JOIN, "dns_domain_name": "CORP.example"}, ""),
        ({**JOIN, "dns_domain_name": "corp.example", "hostname": "NDES1"}, ""),
        ({"state": "domain", "offline_join_blob": "AAAA"}, ""),
        ({**JOIN, "dns_domain_name": "corp.example", "hostname": "ndes9"}, "The lab does not model renaming"),
        ({**JOIN, "dns_domain_name": "other.example"}, "Host is already joined to 'corp.example', switching"),
        ({**JOIN, "state": "workgroup", "workgroup_name": "W"}, "The lab does not model leaving the domain"),
    ],
)
def test_membership(arguments: dict[str, str], msg: str) -> None:
    target = host()
    before = target.export()
    result = run(target, "microsoft.ad.membership", {**arguments, "_ansible_diff": True})
    assert target.export() == before
    assert result["changed"] is False
    assert result.get("msg", "").startswith(msg)
    assert bool(result.get("failed")) is bool(msg)
    if not msg:
        assert result["reboot_required"] is False
        assert result["diff"]["before"]["dns_domain_name"] == "corp.example"
