# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the forest can make passwords for managed accounts: the root keys of its key distribution service.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.errors import DirectoryError
from ..directory.session import Session
from .times import HOUR, show

START = "msKds-UseStartTime"
#: A key counts ten hours after its start, when every domain controller has it (MS-GKDI; Add-KdsRootKey).
DELAY: t.Final = 10 * HOUR

_REMEDY = "run Add-KdsRootKey on a domain controller, or use microsoft.ad.kds_root_key, and wait ten hours"


def read_starts(session: Session) -> list[int | None]:
    """When each root key of the forest starts; None for one whose attributes the account may not read.

    Raises DirectoryError.
    """
    base = _container(session)
    if session.read(base, ("objectClass",)) is None:
        return []
    # By its class alone an object is found only by those who may read it, and these are few.
    found = session.search(base, "(objectClass=*)", (START,), scope="onelevel")
    return [entry.integer(START) for entry in found]


def check(session: Session, now: int) -> str | None:
    """Raises DirectoryError when no root key counts at O(now). Returns a warning when that cannot be seen."""
    starts = read_starts(session)
    problem = missing(starts, now)
    if problem:
        raise DirectoryError(
            "no_kds_root_key", "create a group managed service account", _container(session), problem, _REMEDY
        )
    if any(start is not None for start in starts):
        return None
    return (
        "The account may not read the root keys of the key distribution service, so whether one counts already is not "
        "known; without one the managed account gets no password"
    )


def missing(starts: t.Sequence[int | None], now: int) -> str:
    """Why no key with one of O(starts) counts at O(now); empty when one does, or may."""
    if not starts:
        return "the forest has no KDS root key, so no managed account can get a password"
    known = [start for start in starts if start is not None]
    if len(known) < len(starts) or any(start + DELAY <= now for start in known):
        return ""
    return f"the KDS root key counts only from {show(min(known) + DELAY)} on, ten hours after its start"


def _container(session: Session) -> str:
    configuration = session.root_dse.configuration_naming_context
    return f"CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services,{configuration}"
