# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rights on a template in the words of the console's tab Security, and their access control entries.

Sources: MS-CRTD 2.5 for the two extended rights, MS-ADTS 5.1.3 for the bits, console-made templates for the forms.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field
from uuid import UUID

from ..directory.access import (
    CONTROL_ACCESS,
    FULL,
    GENERIC_READ,
    LIST_OBJECT,
    MANAGE,
    READ,
    SELF,
    WRITE_DAC,
    WRITE_OWNER,
    WRITE_PROPERTY,
    mapped,
)
from ..directory.descriptor import Ace, AceFlag, AceType, RawAce
from ..directory.sid import Sid

AnyAce: t.TypeAlias = Ace | RawAce

ENROLL = UUID("0e10c968-78fb-11d2-90d4-00c04f79dc55")
AUTOENROLL = UUID("a05b8cc2-17bc-4802-a710-e7c15ab866a2")

WRITE = WRITE_PROPERTY | WRITE_DAC | WRITE_OWNER

#: The words of an entry, in the order in which they are shown.
WORDS: tuple[str, ...] = ("full_control", "manage", "read", "write", "enroll", "autoenroll")
EXTENDED: dict[str, UUID] = {"enroll": ENROLL, "autoenroll": AUTOENROLL}
#: Bits that a word stands for beside the ones it needs: other forms of the same tick, and bits that mean nothing
#: without it.
_COVERED: dict[str, int] = {
    "full_control": FULL,
    "manage": MANAGE,
    "read": GENERIC_READ,
    "write": WRITE | SELF | LIST_OBJECT,
}

ALLOW, DENY = "allow", "deny"
_PLAIN = {ALLOW: AceType.ACCESS_ALLOWED, DENY: AceType.ACCESS_DENIED}
_OBJECT = {ALLOW: AceType.ACCESS_ALLOWED_OBJECT, DENY: AceType.ACCESS_DENIED_OBJECT}


@dataclass(frozen=True)
class Entry:
    """One wanted or unwanted entry.

    Attributes:
        sid: the principal.
        type: allow or deny.
        rights: words; empty in a removal means all of the principal's rights of that type.
        access: the exact mask of the one entry; None for whatever form means the words.
        ace: a whole entry that no words name; excludes the two above.
        option: where it was written, for messages.
        principal: the principal as it was written, for messages.
    """

    sid: Sid
    type: str = ALLOW
    rights: frozenset[str] = frozenset()
    access: int | None = None
    ace: AnyAce | None = None
    option: str = "rights"
    principal: str = field(default="", compare=False)

    @property
    def who(self) -> str:
        return self.principal or str(self.sid)


@dataclass(frozen=True)
class Granted:
    """What the entries of one principal, of one type, add up to: plain bits, and extended rights by word."""

    mask: int
    extended: frozenset[str]

    def has(self, word: str) -> bool:
        if word in EXTENDED:
            return word in self.extended
        # A full control without the extended rights is what built-in templates and creators have; both ticks look the
        # same.
        needed = {"full_control": MANAGE, "manage": MANAGE, "read": READ, "write": WRITE}[word]
        return self.mask & needed == needed

    @property
    def words(self) -> tuple[str, ...]:
        """The fewest words that say it, in order."""
        if self.mask & FULL == FULL:
            return ("full_control",)
        extended = tuple(word for word in EXTENDED if word in self.extended)
        if self.has("manage"):
            return ("manage", *extended)
        return (*(word for word in ("read", "write") if self.has(word)), *extended)

    @property
    def special(self) -> int:
        """The bits that no word says."""
        covered = CONTROL_ACCESS
        for word in self.words:
            covered |= _COVERED.get(word, 0)
        return self.mask & ~covered


def kind_of(ace: AnyAce) -> str | None:
    """allow or deny for an entry that can be said in words, None for any other one (audit, callback, unknown)."""
    if isinstance(ace, RawAce):
        return None
    if ace.type in (AceType.ACCESS_ALLOWED, AceType.ACCESS_ALLOWED_OBJECT):
        return ALLOW
    return DENY if ace.type in (AceType.ACCESS_DENIED, AceType.ACCESS_DENIED_OBJECT) else None


def concerns_object(ace: Ace) -> bool:
    """Whether the entry acts on the template itself and not only on children that it does not have."""
    return not ace.flags & AceFlag.INHERIT_ONLY


def granted(aces: t.Iterable[AnyAce], sid: Sid, kind: str = ALLOW) -> Granted:
    """What O(aces) of O(sid) itself add up to. Groups and the other type are not looked at."""
    mask, extended = 0, set[str]()
    for ace in aces:
        if not isinstance(ace, Ace) or ace.sid != sid or kind_of(ace) != kind or not concerns_object(ace):
            continue
        bits = mapped(ace.mask)
        if ace.object_type is None:
            mask |= bits
            if bits & CONTROL_ACCESS:
                extended.update(EXTENDED)
        elif bits & CONTROL_ACCESS:
            extended.update(word for word, guid in EXTENDED.items() if ace.object_type == guid)
    return Granted(mask, frozenset(extended))


def plain_mask(words: t.Collection[str]) -> int:
    """The mask of the plain entry that the console writes for O(words); 0 when they need none."""
    if "full_control" in words:
        return FULL
    if "manage" in words:
        return MANAGE
    if "read" in words and "write" in words:
        return READ | WRITE | LIST_OBJECT
    return READ if "read" in words else WRITE if "write" in words else 0


def console_aces(sid: Sid, words: t.Collection[str], kind: str = ALLOW) -> tuple[Ace, ...]:
    """The entries that the console writes for a principal that gets O(words), object entries first."""
    mask = plain_mask(words)
    extended = () if mask & CONTROL_ACCESS else tuple(word for word in EXTENDED if word in words)
    objects = tuple(Ace(_OBJECT[kind], 0, CONTROL_ACCESS, sid, EXTENDED[word]) for word in extended)
    return (*objects, Ace(_PLAIN[kind], 0, mask, sid)) if mask else objects


def exact_ace(entry: Entry) -> AnyAce:
    """The one entry that O(entry) with an access mask, or with a whole ACE, asks for.

    Raises ValueError for impossible words.
    """
    if entry.ace is not None:
        return entry.ace
    if entry.access is None:
        raise ValueError("the entry names no exact form")
    extended = [word for word in EXTENDED if word in entry.rights]
    if len(extended) > 1 or (extended and len(entry.rights) > 1):
        raise ValueError("access describes one entry: give enroll and autoenroll in entries of their own")
    if extended:
        if not mapped(entry.access) & CONTROL_ACCESS:
            raise ValueError(f"access of {extended[0]} must contain CR (control access)")
        return Ace(_OBJECT[entry.type], 0, entry.access, entry.sid, EXTENDED[extended[0]])
    said = Granted(mapped(entry.access), frozenset())
    missing = [word for word in WORDS if word in entry.rights and not said.has(word)]
    if missing:
        raise ValueError(f"access does not contain all of {', '.join(missing)}")
    return Ace(_PLAIN[entry.type], 0, entry.access, entry.sid)
