# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals that stand for nearly everybody, and principals that own the forest anyway. Data only.

Sources: MS-DTYP 2.4.2.4 for the numbers; which of them hold a domain or forest: Microsoft's list of protected accounts
and groups (AdminSDHolder), with those of the key and certificate services added.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from .sid import Sid
from .well_known import WELL_KNOWN, Relative

_EVERYBODY = (
    "Everyone",
    "NETWORK",
    "INTERACTIVE",
    "ANONYMOUS LOGON",
    "Authenticated Users",
    "This Organization",
    "Users",
    "Guests",
    "Pre-Windows 2000 Compatible Access",
    "Guest",
    "Domain Users",
    "Domain Guests",
    "Domain Computers",
)
_OWNERS = (
    "SYSTEM",
    "ENTERPRISE DOMAIN CONTROLLERS",
    "Administrators",
    "Account Operators",
    "Server Operators",
    "Print Operators",
    "Backup Operators",
    "Replicator",
    "Administrator",
    "krbtgt",
    "Domain Admins",
    "Domain Controllers",
    "Cert Publishers",
    "Group Policy Creator Owners",
    "Read-only Domain Controllers",
    "Key Admins",
    "Enterprise Read-only Domain Controllers",
    "Schema Admins",
    "Enterprise Admins",
    "Enterprise Key Admins",
)


def stands_for_everybody(sid: Sid) -> bool:
    """Whether O(sid) is a principal of a forest that ordinary users or computers are by themselves."""
    return _is_one_of(sid, _EVERYBODY)


def owns_the_forest(sid: Sid) -> bool:
    """Whether O(sid) is a principal whose members hold its domain or the forest by design."""
    return _is_one_of(sid, _OWNERS)


def _is_one_of(sid: Sid, names: tuple[str, ...]) -> bool:
    for name in names:
        row = WELL_KNOWN[name]
        if isinstance(row, Relative):
            # In whichever domain of the forest: its SID does not matter.
            if sid.domain is not None and sid.rid == row.rid:
                return True
        elif sid == row:
            return True
    return False
