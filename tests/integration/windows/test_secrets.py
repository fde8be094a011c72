# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that reach a simulated host are not shown by it: neither by bin/lab state nor in its log."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .conftest import Windows

CANARY = "Canary-7Qx!pelican-windows-{}"
ACTION = [{"path": r"C:\Windows\System32\whoami.exe"}]

TASKS: list[dict[str, t.Any]] = [
    {"ansible.windows.win_user": {"name": "watcher", "password": CANARY.format(1), "groups": ["Administrators"]}},
    {"ansible.windows.win_service": {"name": "Spooler", "username": r".\watcher", "password": CANARY.format(1)}},
    {
        "community.windows.win_scheduled_task": {
            "name": "watcher",
            "actions": ACTION,
            "username": r"NDES2\watcher",
            "password": CANARY.format(1),
            "logon_type": "password",
        }
    },
    {"ansible.windows.win_feature": {"name": "Web-Server"}},
    {
        "microsoft.iis.web_app_pool": {
            "name": "watcher",
            "attributes": {
                "processModel.identityType": "SpecificUser",
                "processModel.userName": r"NDES2\watcher",
                "processModel.password": CANARY.format(2),
            },
        },
        "no_log": True,
    },
    {
        "ansible.windows.win_whoami": {},
        "become": True,
        "become_method": "ansible.builtin.runas",
        "become_user": "watcher",
        "vars": {"ansible_become_password": CANARY.format(1)},
    },
    {
        "ansible.windows.win_whoami": {},
        "become": True,
        "become_method": "ansible.builtin.runas",
        "become_user": "watcher",
        "vars": {"ansible_become_password": CANARY.format(3)},
        "ignore_errors": True,
    },
]


def test_no_secret_is_shown(windows: Windows) -> None:
    windows.reset("ndes2")
    run = windows.play([{"hosts": "ndes2", "gather_facts": False, "tasks": TASKS}])
    assert [outcome.outcome for outcome in run.outcomes] == ["ok"] * (len(TASKS) - 1) + ["ignored"]
    state = windows.bin_lab("state", "ndes2")
    assert '"watcher"' in state
    log = (windows.lab.dir / "log" / "windows.log").read_text()
    record = (windows.scratch / "record.json").read_text()
    for text in (state, log, record):
        assert "Canary" not in text
    windows.reset("ndes2")
