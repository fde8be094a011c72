# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access control entries: what a child inherits of them, and how .NET adds and removes rules (CommonAcl)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

# Flags of an entry (MS-DTYP 2.4.4.1).
OBJECT_INHERIT = 0x01
CONTAINER_INHERIT = 0x02
NO_PROPAGATE = 0x04
INHERIT_ONLY = 0x08
INHERITED = 0x10
PROPAGATION = OBJECT_INHERIT | CONTAINER_INHERIT | NO_PROPAGATE | INHERIT_ONLY

CREATOR_OWNER = "S-1-3-0"
CREATOR_GROUP = "S-1-3-1"

# Generic rights (MS-DTYP 2.4.3).
GENERIC_ALL = 0x10000000
GENERIC_EXECUTE = 0x20000000
GENERIC_WRITE = 0x40000000
GENERIC_READ = 0x80000000
GENERIC = GENERIC_ALL | GENERIC_EXECUTE | GENERIC_WRITE | GENERIC_READ


class Unrepresentable(Exception):  # noqa: N818
    """What would be left of a rule fits into no single entry; .NET refuses or splits further than is modelled."""


@dataclass(frozen=True)
class Ace:
    """An entry of a DACL: who, what (32 bits without sign), allowed or denied, and how it is inherited."""

    sid: str
    mask: int
    allow: bool = True
    flags: int = 0

    @property
    def inherited(self) -> bool:
        return bool(self.flags & INHERITED)

    @property
    def effective(self) -> bool:
        """Whether it says something about the object that it stands at."""
        return not self.flags & INHERIT_ONLY


def mapped(mask: int, mapping: dict[int, int]) -> int:
    """A mask with the generic rights replaced by those of the kind of object."""
    for generic, specific in mapping.items():
        if mask & generic:
            mask = mask & ~generic | specific
    return mask


def inherit(aces: Iterable[Ace], *, container: bool, owner: str, mapping: dict[int, int]) -> tuple[Ace, ...]:
    """What a new child has from the entries of its parent, in their order (MS-DTYP 2.5.3.4.1).

    Args:
        aces: All entries of the parent, inherited ones too.
        container: Whether the child can have children itself.
        owner: SID of the child's owner, who takes the place of CREATOR OWNER.
        mapping: The generic rights of this kind of object.
    """
    found: list[Ace] = []
    for ace in aces:
        onward = ace.flags & (OBJECT_INHERIT | CONTAINER_INHERIT) if not ace.flags & NO_PROPAGATE else 0
        applies = bool(ace.flags & (CONTAINER_INHERIT if container else OBJECT_INHERIT))
        if not container:
            onward = 0
        if applies:
            found += _applied(ace, onward, owner, mapping)
        elif onward:
            found.append(replace(ace, flags=onward | INHERIT_ONLY | INHERITED))
    return tuple(found)


def _applied(ace: Ace, onward: int, owner: str, mapping: dict[int, int]) -> list[Ace]:
    if ace.sid == CREATOR_GROUP:
        return [replace(ace, flags=onward | INHERIT_ONLY | INHERITED)] if onward else []
    if ace.sid != CREATOR_OWNER and not ace.mask & GENERIC:
        return [replace(ace, flags=onward | INHERITED)]
    # What must be put into concrete terms here is passed on as it was.
    sid = owner if ace.sid == CREATOR_OWNER else ace.sid
    here = Ace(sid, mapped(ace.mask, mapping), ace.allow, INHERITED)
    return [here, replace(ace, flags=onward | INHERIT_ONLY | INHERITED)] if onward else [here]


def canonical(aces: Iterable[Ace]) -> tuple[Ace, ...]:
    """Explicit entries in the order that Windows keeps: what is denied comes first."""
    return tuple(sorted(aces, key=lambda ace: ace.allow))


def add(aces: Iterable[Ace], rule: Ace) -> tuple[Ace, ...]:
    """Add a rule to explicit entries as AddAccessRule does: merged into one that says nearly the same."""
    kept = list(aces)
    for place, ace in enumerate(kept):
        if (ace.sid, ace.allow) != (rule.sid, rule.allow):
            continue
        if ace.flags == rule.flags:
            kept[place] = replace(ace, mask=ace.mask | rule.mask)
            return canonical(kept)
        if ace.mask == rule.mask:
            flags = joined(ace.flags, rule.flags)
            if flags is not None:
                kept[place] = replace(ace, flags=flags)
                return canonical(kept)
    return canonical([*kept, rule])


def remove(aces: Iterable[Ace], rule: Ace) -> tuple[Ace, ...]:
    """Take a rule out of explicit entries as RemoveAccessRule does: its rights, wherever they reach as far as it does.

    Raises:
        Unrepresentable: What is left of an entry cannot be said by one.
    """
    kept: list[Ace] = []
    for ace in aces:
        common = _reach(ace.flags) & _reach(rule.flags)
        if (ace.sid, ace.allow) != (rule.sid, rule.allow) or not common or not ace.mask & rule.mask:
            kept.append(ace)
            continue
        if ace.mask & ~rule.mask:
            kept.append(replace(ace, mask=ace.mask & ~rule.mask))
        beyond = _reach(ace.flags) - common
        if beyond:
            if beyond not in _FLAGS:
                raise Unrepresentable(f"{ace} without {rule}")
            kept.append(replace(ace, mask=ace.mask & rule.mask, flags=_FLAGS[beyond]))
    return canonical(kept)


def joined(one: int, other: int) -> int | None:
    """The flags that reach as far as two together; None if no flags do."""
    return _FLAGS.get(_reach(one) | _reach(other))


def _reach(flags: int) -> frozenset[str]:
    """Where an entry says something: the object itself, what is directly in it, what is deeper."""
    reach = set() if flags & INHERIT_ONLY else {"self"}
    for flag, kind in ((CONTAINER_INHERIT, "containers"), (OBJECT_INHERIT, "objects")):
        if flags & flag:
            reach |= {kind} if flags & NO_PROPAGATE else {kind, f"deeper {kind}"}
    return frozenset(reach)


#: The flags that reach so far. Of those that mean the same the first is taken.
_FLAGS: dict[frozenset[str], int] = {}
for _inherit in range(4):
    for _propagate in (0, NO_PROPAGATE, INHERIT_ONLY, NO_PROPAGATE | INHERIT_ONLY):
        if _inherit or not _propagate:
            _FLAGS.setdefault(_reach(_inherit | _propagate), _inherit | _propagate)
