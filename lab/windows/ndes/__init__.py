# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What configuring the Network Device Enrollment Service does to a host, to the directory and with the CA.

`install` and `uninstall` are what the cmdlets do, whoever calls them: the twins of own scripts, and the cmdlets of the
lab's PowerShell. Both raise ScriptError where the cmdlet fails. What was written until then stays, as on Windows: a
configuration that failed half way needs an uninstall before it can be tried again.
"""

from .installation import install
from .removal import uninstall
from .request import InstallRequest

__all__ = ["InstallRequest", "install", "uninstall"]
