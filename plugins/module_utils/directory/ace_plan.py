# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries granted on any object of the directory, and taken back again.

Pure: entries in, entries out. What is granted already, by the same entry or by wider ones, is left as it is; entries of
others are never touched; taking back removes exactly the entries that granting would have added.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from .access import mapped
from .descriptor import Ace, AceFlag, AceType, Control, RawAce, SecurityDescriptor, canonical_order

Aces: t.TypeAlias = tuple[Ace | RawAce, ...]

_ALLOW = frozenset({AceType.ACCESS_ALLOWED, AceType.ACCESS_ALLOWED_OBJECT})
_DENY = frozenset({AceType.ACCESS_DENIED, AceType.ACCESS_DENIED_OBJECT})
#: The control bits that belong to a DACL.
_OF_DACL = Control.DACL_PRESENT | Control.DACL_AUTO_INHERIT_REQUIRED | Control.DACL_AUTO_INHERITED
_OF_DACL |= Control.DACL_PROTECTED


def plan_grant(aces: Aces, wanted: t.Iterable[Ace]) -> Aces:
    """O(aces) with those of O(wanted) that nothing grants yet, in canonical order.

    The very same tuple when nothing is missing. An entry that is granted in part is added as a whole, so that it can be
    taken back exactly.
    """
    missing = tuple(ace for ace in dict.fromkeys(wanted) if not is_granted(aces, ace))
    return canonical_order((*aces, *missing)) if missing else aces


def plan_revoke(aces: Aces, unwanted: t.Iterable[Ace]) -> Aces:
    """O(aces) without O(unwanted), each in exactly this form; the very same tuple when there is none of them."""
    gone = frozenset(unwanted)
    kept = tuple(ace for ace in aces if not isinstance(ace, Ace) or ace not in gone)
    return aces if len(kept) == len(aces) else kept


def is_granted(aces: Aces, wanted: Ace) -> bool:
    """Whether entries of its own principal give all that O(wanted) gives, wherever O(wanted) gives it."""
    missing = mapped(wanted.mask)
    for ace in aces:
        if isinstance(ace, Ace) and ace.type in _ALLOW and _reaches(ace, wanted):
            missing &= ~mapped(ace.mask)
    return not missing


def denial(aces: Aces, wanted: Ace) -> Ace | None:
    """The first explicit entry that denies the principal of O(wanted) something of it, where it comes first."""
    for ace in aces:
        if (
            isinstance(ace, Ace)
            and ace.type in _DENY
            and ace.sid == wanted.sid
            and not ace.inherited
            and mapped(ace.mask) & mapped(wanted.mask)
            and (ace.object_type is None or wanted.object_type is None or ace.object_type == wanted.object_type)
            and _meet(ace, wanted)
        ):
            return ace
    return None


def dacl_only(security: SecurityDescriptor) -> SecurityDescriptor:
    """What is sent to change the DACL and nothing else."""
    return replace(security, control=security.control & _OF_DACL, owner=None, group=None, sacl=None)


def _reaches(have: Ace, wanted: Ace) -> bool:
    """Whether O(have) acts on everything on which O(wanted) acts, for the same principal."""
    if have.sid != wanted.sid or have.application_data or have.object_type not in (None, wanted.object_type):
        return False
    if not wanted.flags & AceFlag.INHERIT_ONLY and have.flags & AceFlag.INHERIT_ONLY:
        return False
    if not wanted.flags & AceFlag.CONTAINER_INHERIT:
        return True
    return bool(
        have.flags & AceFlag.CONTAINER_INHERIT
        and have.inherited_object_type in (None, wanted.inherited_object_type)
        and (wanted.flags & AceFlag.NO_PROPAGATE_INHERIT or not have.flags & AceFlag.NO_PROPAGATE_INHERIT)
    )


def _meet(one: Ace, other: Ace) -> bool:
    """Whether there is an object on which both act."""
    if not (one.flags | other.flags) & AceFlag.INHERIT_ONLY:
        return True
    types = (one.inherited_object_type, other.inherited_object_type)
    return bool(one.flags & other.flags & AceFlag.CONTAINER_INHERIT) and (None in types or types[0] == types[1])
