# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How failures around IIS are told.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

#: ERROR_LOCK_VIOLATION as HRESULT: the configuration system's answer where a section is locked ("This configuration
#: section cannot be used at this path", IIS error 0x80070021), and what to do about it.
LOCK_VIOLATION = 0x80070021
UNLOCK = (
    "The section or an attribute of it is locked above (overrideMode, lockAttributes, lockItem in "
    "applicationHost.config): unlock it there, or write the values where the lock is."
)


def not_installed(host: str, what: str) -> str:
    """Why nothing can be done about something of IIS on a host without it."""
    return f"{host} has no {what}: IIS is not installed (feature Web-Server)"
