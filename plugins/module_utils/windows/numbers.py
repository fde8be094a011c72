# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers and identifiers of Windows that plans for hosts decide by.

Provenance: builds from Microsoft's "Windows Server release information"; ProductType, DomainRole, OSLanguage and Locale
from the documentation of the CIM classes Win32_OperatingSystem and Win32_ComputerSystem; SIDs and integrity levels from
"Well-known SIDs" and MS-DTYP 2.4.2.4; names of the reasons for a reboot as ansible.windows.win_reboot_info 3.8.0 uses
them. The values of InstallationType (a value of the key Windows NT\\CurrentVersion) are general knowledge and were
not verified on Windows.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

#: Release of Windows Server by its build.
RELEASES = {9600: "2012 R2", 14393: "2016", 17763: "2019", 20348: "2022", 26100: "2025"}

#: Whether there is a desktop, by InstallationType.
DESKTOPS = {"Server": True, "Server Core": False}

#: ProductType.
WORKSTATION, DOMAIN_CONTROLLER, SERVER = 1, 2, 3

#: BUILTIN\Administrators, which is in the token of a filtered logon too, though it then counts for nothing.
ADMINISTRATORS = "S-1-5-32-544"

#: Integrity levels are S-1-16-X; from this one on a token is elevated.
INTEGRITY_PREFIX = "S-1-16-"
HIGH_INTEGRITY = 12288

#: Keys below Active Setup\Installed Components of the Enhanced Security Configuration of Internet Explorer, by whom
#: each is for. Source: a public validation script of Microsoft's support, which looks at the first.
ENHANCED_SECURITY = {
    "administrators": "{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}",
    "users": "{A509B1A8-37EF-4b3f-8CFC-4F3A74704073}",
}

#: Why a reboot is pending, by the property of server_info.ps1 that tells it.
REBOOT_REASONS = {
    "servicing": "component_based_servicing",
    "updates": "windows_update",
    "files_to_move": "pending_file_rename",
}
PENDING_COMPUTER_RENAME = "pending_computer_rename"
