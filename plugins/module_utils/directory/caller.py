# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a session is bound as.

A domain controller tells the SIDs of the caller and of all its groups, in an order that no document promises. Rights
that are meant for the caller must not go to one of the groups, so the account is looked for among them.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from . import filters
from .sid import Sid

if t.TYPE_CHECKING:
    from .session import Session

# A token may hold a thousand groups; a filter of a thousand terms is refused.
_AT_ONCE = 200


def caller(session: Session) -> Sid | None:
    """The SID of the account; None when the domain that the session is connected to has no such account.

    Raises DirectoryError.
    """
    root = session.root_dse
    domain_sids = [sid for sid in root.token_sids if sid.domain is not None]
    for start in range(0, len(domain_sids), _AT_ONCE):
        some = domain_sids[start : start + _AT_ONCE]
        wanted = filters.all_of(
            filters.equals("objectClass", "user"),
            filters.any_of(*(filters.equals("objectSid", sid.to_bytes()) for sid in some)),
        )
        for entry in session.search(root.default_naming_context, wanted, ("objectSid",)):
            octets = entry.raw("objectSid")
            if octets:
                return Sid.from_bytes(octets)
    return None
