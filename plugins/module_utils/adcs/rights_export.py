# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An access control list in the words of the option rights: exactly, to be made again, and briefly, to be looked at.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import functools
import typing as t
from collections import Counter
from dataclasses import replace

from ..directory.descriptor import Ace, AceFlag
from ..directory.sddl import ace_to_body, mask_to_sddl
from ..directory.sid import Sid
from .rights import DENY, EXTENDED, WORDS, AnyAce, Entry, console_aces, exact_ace, granted, kind_of

Names: t.TypeAlias = t.Mapping[Sid, str]


def export_rights(aces: t.Iterable[AnyAce], names: Names) -> list[dict[str, t.Any]]:
    """The entries of the option C(rights.set) that make the explicit entries of O(aces) again, in their order.

    Words where words say it, the mask beside them where it is another form, the whole entry where it is none of these.
    An entry of unknown type, which names no principal that can be read, is left out; an export is no backup.
    """
    return _entries([ace for ace in aces if isinstance(ace, Ace) and not ace.inherited], names)


def export_inherited(aces: t.Iterable[AnyAce], names: Names) -> list[dict[str, t.Any]]:
    """The same for the entries that come from the container."""
    return _entries([ace for ace in aces if isinstance(ace, Ace) and ace.inherited], names)


def summary(aces: t.Iterable[AnyAce], names: Names) -> dict[str, str]:
    """What each principal of the explicit entries has, on one line: for people and differences, not to be read back."""
    lines: dict[str, list[str]] = {}
    for entry in export_rights(aces, names):
        said = lines.setdefault(entry["principal"], [])
        words = [entry["ace"]] if "ace" in entry else entry["rights"]
        said.extend(f"deny {word}" if entry.get("type") == DENY else word for word in words)
    return {principal: ", ".join(sorted(dict.fromkeys(said), key=_rank)) for principal, said in sorted(lines.items())}


def _entries(aces: t.Sequence[Ace], names: Names) -> list[dict[str, t.Any]]:
    entries: list[dict[str, t.Any]] = []
    open_entries: dict[tuple[Sid, str | None], tuple[dict[str, t.Any], list[Ace]]] = {}
    for ace in aces:
        entry = _entry(ace, names)
        key = (ace.sid, kind_of(ace))
        plain = "access" not in entry and "ace" not in entry
        if plain and key in open_entries and key[1] is not None:
            earlier, made = open_entries[key]
            words = sorted({*earlier["rights"], *entry["rights"]}, key=_rank)
            together = [*made, ace]
            if Counter(console_aces(ace.sid, words, key[1])) == Counter(replace(each, flags=0) for each in together):
                earlier["rights"] = words
                made[:] = together
                continue
            # Words of two entries would be made one entry; the mask keeps this one apart.
            entry["access"] = mask_to_sddl(ace.mask)
            plain = False
        entries.append(entry)
        if plain:
            open_entries[key] = (entry, [ace])
    return entries


def _entry(ace: Ace, names: Names) -> dict[str, t.Any]:
    said = _said(ace)
    entry: dict[str, t.Any] = {"principal": names.get(ace.sid, str(ace.sid))}
    if said.whole is not None:
        return {**entry, "ace": said.whole}
    entry["rights"] = list(said.words)
    if said.denied:
        entry["type"] = DENY
    if said.access is not None:
        entry["access"] = said.access
    return entry


class _Said(t.NamedTuple):
    """An entry in words, with its mask where the console writes another one; or the whole of it."""

    words: tuple[str, ...] = ()
    denied: bool = False
    access: str | None = None
    whole: str | None = None


# A forest's templates have few different entries.
@functools.lru_cache(maxsize=4096)
def _said(ace: Ace) -> _Said:
    kind = kind_of(ace)
    own = replace(ace, flags=ace.flags & ~AceFlag.INHERITED)
    words = _words(own, kind) if kind is not None else ()
    # What words and a mask would not bring back as it is: flags, inherited types, bytes behind the SID.
    if kind is None or not words or exact_ace(Entry(ace.sid, kind, frozenset(words), ace.mask)) != own:
        return _Said(whole=ace_to_body(ace))
    usual = console_aces(ace.sid, words, kind) == (own,)
    return _Said(words, kind == DENY, None if usual else mask_to_sddl(ace.mask))


def _words(ace: Ace, kind: str) -> tuple[str, ...]:
    """The words of a single entry, none for an object entry of another kind."""
    words = granted([ace], ace.sid, kind).words
    if ace.object_type is None:
        return tuple(word for word in words if word not in EXTENDED)
    return tuple(word for word in words if ace.object_type == EXTENDED.get(word))


def _rank(word: str) -> tuple[int, str]:
    return (WORDS.index(word) if word in WORDS else len(WORDS), word)
