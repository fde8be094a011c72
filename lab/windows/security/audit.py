# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a SACL: what a child inherits of them, and how .NET adds and purges rules (SystemAcl).

They are entries as those of a DACL, with the flags that say what is recorded; `allow` says nothing of them. In which
order Windows lists them is not modelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lab.windows.security import acl
from lab.windows.security.acl import Ace

# Flags of an entry (MS-DTYP 2.4.4.1): attempts that succeed are recorded, attempts that fail.
SUCCESS = 0x40
FAILURE = 0x80
RECORDED = SUCCESS | FAILURE


def add(aces: Iterable[Ace], rule: Ace) -> tuple[Ace, ...]:
    """Add a rule to explicit entries as AddAuditRule does: merged into one that says nearly the same."""
    kept = list(aces)
    for place, ace in enumerate(kept):
        merged = _merged(ace, rule)
        if merged is not None:
            kept[place] = merged
            return tuple(kept)
    return (*kept, rule)


def _merged(ace: Ace, rule: Ace) -> Ace | None:
    """One entry for two; None if no single one says what both say."""
    if ace.sid != rule.sid:
        return None
    if ace.flags == rule.flags:
        return replace(ace, mask=ace.mask | rule.mask)
    if ace.mask != rule.mask:
        return None
    if ace.flags & RECORDED == rule.flags & RECORDED:
        flags = acl.joined(ace.flags, rule.flags)
        return None if flags is None else replace(ace, flags=flags | ace.flags & RECORDED)
    if ace.flags & ~RECORDED == rule.flags & ~RECORDED:
        return replace(ace, flags=ace.flags | rule.flags)
    return None


def purge(aces: Iterable[Ace], sid: str) -> tuple[Ace, ...]:
    """Take every rule about somebody out of explicit entries, as PurgeAuditRules does."""
    return tuple(ace for ace in aces if ace.sid != sid)


def inherit(aces: Iterable[Ace], *, container: bool, owner: str, mapping: dict[int, int]) -> tuple[Ace, ...]:
    """What a new child has from the entries of its parent: as of a DACL, and what is recorded stays."""
    return tuple(
        replace(found, flags=found.flags | ace.flags & RECORDED)
        for ace in aces
        for found in acl.inherit([ace], container=container, owner=owner, mapping=mapping)
    )
