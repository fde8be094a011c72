# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uninstall-AdcsNetworkDeviceEnrollmentService.

Microsoft's reference of IMSCEPSetup::PreUnInstall says that it removes the settings of the registry and of IIS. Not
verified on Windows: that the certificates of the registration authority with their keys stay, that templates stay
published with the rights that were given, and that removing what is not there is no failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.windows.ndes import web_server
from lab.windows.ndes.checks import require_role
from lab.windows.ndes.facts import facts

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token


def uninstall(host: Host, user: Token) -> None:
    """Take the configuration of NDES back: also one that failed half way. ScriptError as the cmdlet fails."""
    require_role(host, user, facts()["uninstall_cmdlet"])
    web_server.remove(host)
    host.registry.delete_key(facts()["mscep"])
    status = facts()["status"]
    host.registry.set(status["key"], status["value"], "REG_DWORD", status["before"])
