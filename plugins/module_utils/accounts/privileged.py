# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Accounts that are too powerful to be managed here: who they are, by number.

A service account that belongs to one of these groups makes everybody who reads its password an administrator of the
forest, and a mistake with an administrator's own account is worse than any template.

Which principals these are is known by C(directory.tiers).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.sid import Sid
from ..directory.tiers import owns_the_forest
from ..directory.well_known import PRINCIPALS, Relative

_NAMES = {(row.sid.rid if isinstance(row.sid, Relative) else row.sid): row.name for row in PRINCIPALS}


def reason(sid: Sid, groups: t.Iterable[Sid], admin_count: int | None) -> str | None:
    """Why an account or group is too powerful, as a clause with it as the subject; None when it is not.

    Args:
        sid: its own SID.
        groups: all groups that it is a member of, nested ones and the primary group included.
        admin_count: the attribute adminCount.
    """
    if owns_the_forest(sid):
        return f"is privileged ({_named(sid)})"
    powerful = sorted(_named(group) for group in groups if owns_the_forest(group))
    if powerful:
        return f"is a member of {', '.join(powerful)}"
    if admin_count == 1:
        return "has adminCount 1, so it is or was a member of a protected group"
    return None


def _named(sid: Sid) -> str:
    """The English name, which is the same in every forest."""
    return _NAMES.get(sid) or _NAMES.get(sid.rid or 0) or str(sid)
