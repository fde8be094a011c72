# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_ping."""

from __future__ import annotations

from lab.windows.operation import Call, ModuleFailure, Result, upstream


@upstream(
    "ansible.windows.win_ping",
    mirrors="plugins/modules/win_ping.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_ping.yml",),
)
def win_ping(call: Call) -> Result:
    data = call.arguments["data"]
    # PowerShell's -eq does not look at the case.
    if data.lower() == "crash":
        raise ModuleFailure("Unhandled exception while executing module: boom")
    return {"ping": data}
