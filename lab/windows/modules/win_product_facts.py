# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_product_facts"""

from __future__ import annotations

from lab.windows import tables
from lab.windows.operation import Call, Result, upstream

VERSION_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"


@upstream(
    "ansible.windows.win_product_facts",
    mirrors="plugins/modules/win_product_facts.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_product_facts.yml",),
    limits="a product key: the simulated hosts have none, neither in firmware nor in the registry",
)
def win_product_facts(call: Call) -> Result:
    licence = tables.load("packages")["licence"]
    told = call.host.registry.get(VERSION_KEY, "ProductId")
    return {
        "changed": False,
        "ansible_facts": {
            "ansible_os_product_id": str(told.data) if told else licence["product_id"],
            "ansible_os_product_key": None,
            "ansible_os_license_edition": licence["edition"]["standard"],
            "ansible_os_license_channel": licence["channel"],
            "ansible_os_license_status": licence["status"],
        },
    }
