# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_reboot_info: when and why the host was booted last, and what waits for the next boot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lab.windows import tables
from lab.windows.consequences import restart_told
from lab.windows.host import Host
from lab.windows.operation import Call, Result, upstream

DESCRIPTIONS = {
    "component_based_servicing": "Component Based Servicing has a pending reboot.",
    "windows_update": "Windows Update has installed updates that require a reboot.",
    "pending_file_rename": "There are pending file rename operations that require a reboot.",
    "pending_computer_rename": "Computer name change pending from '{active}' to '{pending}'.",
    "domain_join": "A domain join operation is pending and requires a reboot.",
    "server_manager": "Server Manager indicates a component change requires a reboot.",
}

#: Event 1074 counts if it is at most this much older than the boot.
EVENT_AGE = timedelta(minutes=5)


@upstream(
    "ansible.windows.win_reboot_info",
    mirrors="plugins/modules/win_reboot_info.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_reboot_info.yml",),
    limits="the event of the last shutdown is the one that was asked for through the lab, not the one of the log",
)
def run(call: Call) -> Result:
    boot = call.host.power.boot_time.astimezone(UTC)
    reasons = reboot_reasons(call.host)
    return {
        "last_reboot": {"time": _stamp(boot), "time_epoch": boot.timestamp(), "details": _details(call.host, boot)},
        "reboot_required": bool(reasons),
        "reboot_required_reasons": reasons,
    }


def reboot_reasons(host: Host) -> list[dict[str, str]]:
    """What of the registry says that a restart is due."""
    found = []
    for source, description in DESCRIPTIONS.items():
        if source == "pending_computer_rename":
            names = _computer_names(host)
            if names:
                found.append({"source": source, "description": description.format(**names)})
        elif _is_pending(host, source):
            found.append({"source": source, "description": description})
    return found


def _is_pending(host: Host, source: str) -> bool:
    if source != "domain_join":
        return restart_told(host, source)
    # Here it counts that there is a value, whatever its data.
    table = tables.load("power")
    row = table["pending"][source]
    beside = [row, *(other for other in table["cleared"] if other["key"] == row["key"])]
    return any(host.registry.get(each["key"], each["value"]) is not None for each in beside)


def _computer_names(host: Host) -> dict[str, str]:
    row = tables.load("power")["computer_name"]
    values = {key: host.registry.get(row[key], row["value"]) for key in ("pending", "active")}
    names = {key: str(value.data) for key, value in values.items() if value is not None and value.data}
    differ = len(names) == len(values) and names["pending"].casefold() != names["active"].casefold()
    return names if differ else {}


def _details(host: Host, boot: datetime) -> Result | None:
    event = host.power.shutdown
    if event is None or event.time < boot - EVENT_AGE:
        return None
    return {
        "process": event.process,
        "reason": event.reason,
        "reason_code": _reason_code(event.reason_code),
        "type": event.type,
        "comment": event.comment,
        "initiated_by": event.initiated_by,
        "event_time": _stamp(event.time.astimezone(UTC)),
    }


def _reason_code(text: str) -> int | str:
    try:
        return int(text, 16 if text.lower().startswith("0x") else 10)
    except ValueError:
        return text


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
