# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries that a template gets from its container (MS-DTYP 2.5.3.4).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ...directory.descriptor import Ace, AceFlag
from ...directory.sid import Sid
from ..rights import AnyAce
from .known import TEMPLATE_CLASS

_CREATOR_OWNER = Sid.parse("S-1-3-0")


def inherited_entries(aces: t.Iterable[AnyAce], owner: Sid | None) -> tuple[Ace, ...]:
    """Those of O(aces), the container's list, that act on a template in it.

    Args:
        aces: the entries of the container.
        owner: who stands for CREATOR OWNER; None when nobody that matters does.
    """
    found: list[Ace] = []
    for ace in aces:
        if not isinstance(ace, Ace) or not ace.flags & AceFlag.CONTAINER_INHERIT:
            continue
        if ace.inherited_object_type not in (None, TEMPLATE_CLASS):
            continue
        sid = owner if ace.sid == _CREATOR_OWNER else ace.sid
        if sid is not None:
            flags = ace.flags & ~AceFlag.INHERIT_ONLY | AceFlag.INHERITED
            found.append(replace(ace, flags=int(flags), sid=sid))
    return tuple(found)
