# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read the password of a group managed service account: the descriptor msDS-GroupMSAMembership.

A domain controller gives the password to whom this descriptor grants Read Property (MS-ADTS 3.1.1.4.5.39).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.descriptor import ALLOW_TYPES, Ace, AceType, Acl, Control, SecurityDescriptor, canonical_order
from ..directory.sid import Sid

_READ_PROPERTY = 0x10
#: What New-ADServiceAccount writes: full control, though reading is all that counts, with this owner.
_FULL_CONTROL = 0xF01FF
_OWNER = Sid.parse("S-1-5-32-544")


def readers_of(descriptor: bytes | None) -> frozenset[Sid]:
    """The SIDs that O(descriptor) lets read the password. Raises ValueError for bytes that are no descriptor."""
    if descriptor is None:
        return frozenset()
    dacl = SecurityDescriptor.from_bytes(descriptor).dacl
    return frozenset(ace.sid for ace in (dacl.aces if dacl else ()) if _lets_read(ace))


def _lets_read(ace: t.Any) -> t.TypeGuard[Ace]:
    return (
        isinstance(ace, Ace) and ace.type in ALLOW_TYPES and bool(ace.mask & _READ_PROPERTY) and ace.object_type is None
    )


def with_readers(descriptor: bytes | None, wanted: frozenset[Sid]) -> bytes | None:
    """O(descriptor) with exactly O(wanted) as readers; None when nobody is left and nothing else was in it.

    Other entries stay as they are, and the same readers mean the same bytes.
    """
    present = readers_of(descriptor)
    if present == wanted:
        return descriptor
    if descriptor is None:
        base = SecurityDescriptor(Control.SELF_RELATIVE | Control.DACL_PRESENT, _OWNER, None, Acl(()), None)
    else:
        base = SecurityDescriptor.from_bytes(descriptor)
    kept = [ace for ace in (base.dacl.aces if base.dacl else ()) if not _lets_read(ace) or ace.sid in wanted]
    if not kept and not wanted:
        return None
    new = [Ace(AceType.ACCESS_ALLOWED, 0, _FULL_CONTROL, sid) for sid in sorted(wanted - present)]
    return base.with_dacl(canonical_order([*kept, *new])).to_bytes()
