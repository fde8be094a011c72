# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that are too powerful to be managed here: who they are, by number.

A service account that belongs to one of these groups makes everybody who reads its password an administrator of the
forest, and a mistake with an administrator's own account is worse than any template.

Provenance: the groups that AdminSDHolder protects (MS-ADTS 3.1.1.6.1.2) and, beside them, those whose members hold the
keys of the forest by another way: Cert Publishers, Group Policy Creator Owners, Key Admins, Enterprise Key Admins.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.sid import Sid
from ..directory.well_known import PRINCIPALS, Relative

_BUILTIN = Sid(5, (32,))
_ENTERPRISE_DOMAIN_CONTROLLERS = Sid.parse("S-1-5-9")

#: RIDs of accounts and groups of a domain.
DOMAIN_RIDS: t.Final = frozenset({498, 500, 502, 512, 516, 517, 518, 519, 520, 521, 526, 527})
#: RIDs of groups below S-1-5-32.
BUILTIN_RIDS: t.Final = frozenset({544, 548, 549, 550, 551, 552})

_NAMES = {(row.sid.rid if isinstance(row.sid, Relative) else row.sid): row.name for row in PRINCIPALS}


def is_privileged(sid: Sid) -> bool:
    """Whether O(sid) is one of the accounts or groups."""
    if sid == _ENTERPRISE_DOMAIN_CONTROLLERS:
        return True
    if sid.domain is not None:
        return sid.rid in DOMAIN_RIDS
    return sid.sub_authorities[:-1] == _BUILTIN.sub_authorities and sid.rid in BUILTIN_RIDS and sid.authority == 5


def reason(sid: Sid, groups: t.Iterable[Sid], admin_count: int | None) -> str | None:
    """Why an account or group is too powerful, as a clause with it as the subject; None when it is not.

    Args:
        sid: its own SID.
        groups: all groups that it is a member of, nested ones and the primary group included.
        admin_count: the attribute adminCount.
    """
    if is_privileged(sid):
        return f"is privileged ({_named(sid)})"
    powerful = sorted(_named(group) for group in groups if is_privileged(group))
    if powerful:
        return f"is a member of {', '.join(powerful)}"
    if admin_count == 1:
        return "has adminCount 1, so it is or was a member of a protected group"
    return None


def _named(sid: Sid) -> str:
    """The English name, which is the same in every forest."""
    return _NAMES.get(sid) or _NAMES.get(sid.rid or 0) or str(sid)
