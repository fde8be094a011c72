# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access control list that a template gets when rights are added, removed or set.

Pure: entries in, entries out. What already means the wish is left as it is, entries of others survive an addition or
removal, and what cannot be reached (an inherited entry that grants, a denial that hides) is refused.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from dataclasses import dataclass, replace

from ..directory.access import CONTROL_ACCESS, FULL, GENERIC_READ, MANAGE, SELF, mapped
from ..directory.descriptor import Ace, canonical_order
from ..directory.sid import Sid
from .fields import OptionError
from .rights import (
    ALLOW,
    AUTOENROLL,
    DENY,
    ENROLL,
    EXTENDED,
    WRITE,
    AnyAce,
    Entry,
    Granted,
    concerns_object,
    console_aces,
    exact_ace,
    granted,
    kind_of,
    plain_mask,
)

Aces: t.TypeAlias = tuple[AnyAce, ...]

#: The bits that go when a word is taken away.
_REMOVED: dict[str, int] = {"full_control": FULL, "manage": MANAGE, "read": GENERIC_READ, "write": WRITE | SELF}


@dataclass(frozen=True)
class RightsEdit:
    """The option rights: {add, remove, set}, principals resolved. None means that the list was not given."""

    add: tuple[Entry, ...] | None = None
    remove: tuple[Entry, ...] | None = None
    set: tuple[Entry, ...] | None = None


def plan_rights(aces: Aces, edit: RightsEdit) -> Aces:
    """O(aces) after O(edit), in canonical order if anything changed, else the very same tuple.

    Raises OptionError when the wish cannot be reached.
    """
    result = aces
    if edit.set is not None:
        # What is added to an exact list is part of it.
        result = _set(result, (*edit.set, *(edit.add or ())))
    else:
        for entry in edit.remove or ():
            result = _remove(result, entry)
        for entry in edit.add or ():
            result = _add(result, entry)
    for entry in edit.set or ():
        _refuse_denied(result, entry, partly=False)
    for entry in edit.add or ():
        _refuse_denied(result, entry, partly=True)
    # The order among entries of one kind means nothing, and a server may change it.
    return aces if Counter(result) == Counter(aces) else canonical_order(result)


def _add(aces: Aces, entry: Entry) -> Aces:
    if _is_exact(entry):
        return _add_exact(aces, entry)
    have = granted(aces, entry.sid, entry.type)
    missing = {word for word in entry.rights if not have.has(word)}
    if not missing:
        return aces
    plain = missing - set(EXTENDED)
    if plain:
        # The console keeps one plain entry for a principal and widens it.
        index = _explicit_plain(aces, entry.sid, entry.type)
        mask = plain_mask({*entry.rights, *(() if index is None else have.words)})
        if index is None:
            aces = (*aces, *console_aces(entry.sid, plain, entry.type))
        else:
            old = t.cast(Ace, aces[index])
            aces = (*aces[:index], replace(old, mask=mapped(old.mask) | mask), *aces[index + 1 :])
    still = {word for word in missing & set(EXTENDED) if not granted(aces, entry.sid, entry.type).has(word)}
    return (*console_aces(entry.sid, still, entry.type), *aces)


def _add_exact(aces: Aces, entry: Entry) -> Aces:
    wanted = _exact(entry)
    if wanted in aces:
        return aces
    if entry.ace is None and isinstance(wanted, Ace):
        # An access mask is a property of the principal's entry of that kind: change it where there is one.
        for index, ace in enumerate(aces):
            if isinstance(ace, Ace) and replace(ace, mask=0) == replace(wanted, mask=0):
                return (*aces[:index], wanted, *aces[index + 1 :])
    return (*aces, wanted)


def _remove(aces: Aces, entry: Entry) -> Aces:
    if _is_exact(entry):
        wanted = _exact(entry)
        return tuple(ace for ace in aces if ace != wanted)
    have = granted(aces, entry.sid, entry.type)
    # Both are more than the words that they contain: who never had them keeps what he has.
    words = {word for word in entry.rights if word not in ("full_control", "manage") or have.has(word)}
    if entry.rights and not words:
        return aces
    kept: list[AnyAce] = []
    lost: set[str] = set()
    for ace in aces:
        if not isinstance(ace, Ace) or not _is_of(ace, entry):
            kept.append(ace)
        elif words:
            narrowed, dropped = _narrow(ace, words)
            kept.extend(narrowed)
            lost |= dropped
    result = tuple(kept)
    # A plain entry with control access carried every extended right; the ones that were not to go are given by name.
    missing = {word for word in lost if not granted(result, entry.sid, entry.type).has(word)}
    result = (*console_aces(entry.sid, missing, entry.type), *result)
    left = granted(result, entry.sid, entry.type)
    unwanted = words or {"read", "write", "enroll", "autoenroll"}
    inherited = sorted(word for word in unwanted if left.has(word))
    if inherited:
        raise OptionError(
            entry.option,
            f"{', '.join(inherited)} of {entry.who} is inherited from the container and cannot be removed on "
            "the template",
        )
    return result


def _narrow(ace: Ace, words: t.Collection[str]) -> tuple[tuple[Ace, ...], set[str]]:
    """O(ace) without O(words), and the extended rights that went with it against the wish."""
    if ace.object_type is not None:
        gone = any(ace.object_type == EXTENDED[word] for word in words if word in EXTENDED) or (
            "full_control" in words and ace.object_type in (ENROLL, AUTOENROLL)
        )
        return ((), set()) if gone else ((ace,), set())
    mask, dropped = mapped(ace.mask), set[str]()
    for word in words:
        mask &= ~_REMOVED.get(word, CONTROL_ACCESS)
    if mapped(ace.mask) & CONTROL_ACCESS and not mask & CONTROL_ACCESS and "full_control" not in words:
        dropped = set(EXTENDED) - set(words)
    if mask == mapped(ace.mask):
        return (ace,), dropped
    return ((replace(ace, mask=mask),) if mask else ()), dropped


def _set(aces: Aces, entries: tuple[Entry, ...]) -> Aces:
    """The list of exactly O(entries).

    Inherited entries stay (only the container can change them), the rest is theirs.
    """
    explicit = tuple(ace for ace in aces if not ace.inherited)
    result: list[AnyAce] = []
    said: set[tuple[Sid, str]] = set()
    for entry in entries:
        if _is_exact(entry):
            result.append(_exact(entry))
        elif (entry.sid, entry.type) not in said:
            said.add((entry.sid, entry.type))
            result.extend(
                _set_words(explicit, [other for other in entries if (other.sid, other.type) == (entry.sid, entry.type)])
            )
    result.extend(ace for ace in aces if ace.inherited)
    return tuple(result)


def _is_exact(entry: Entry) -> bool:
    return entry.access is not None or entry.ace is not None


def _set_words(explicit: Aces, entries: t.Sequence[Entry]) -> Aces:
    """The entries of one principal and type that mean the words of O(entries).

    The ones it has, if they mean just that.
    """
    sid, kind = entries[0].sid, entries[0].type
    exact = tuple(_exact(entry) for entry in entries if _is_exact(entry))
    words = frozenset[str]().union(*(entry.rights for entry in entries if not _is_exact(entry)))
    mine = tuple(
        ace for ace in explicit if isinstance(ace, Ace) and ace.sid == sid and kind_of(ace) == kind and ace not in exact
    )
    console = console_aces(sid, words, kind)
    plain, objects = _parts(mine)
    console_plain, console_objects = _parts(console)
    for candidate in (mine, (*console_objects, *plain), (*objects, *console_plain)):
        if _say_just(candidate, sid, kind, words):
            return candidate
    return console


def _parts(aces: t.Iterable[Ace]) -> tuple[tuple[Ace, ...], tuple[Ace, ...]]:
    """The plain and the object entries of O(aces)."""
    entries = tuple(aces)
    return (
        tuple(ace for ace in entries if ace.object_type is None),
        tuple(ace for ace in entries if ace.object_type is not None),
    )


def _say_just(aces: t.Sequence[Ace], sid: Sid, kind: str, words: t.Collection[str]) -> bool:
    """Whether O(aces), all of one principal and type, mean O(words) and nothing else."""
    have = granted(aces, sid, kind)
    if not all(have.has(word) for word in words):
        return False
    if any(not concerns_object(ace) or ace.object_type not in (None, *EXTENDED.values()) for ace in aces):
        return False
    if "full_control" in words:
        return True
    if have.special or have.extended - set(words):
        return False
    plain = set(words) - set(EXTENDED)
    # Read and write are part of manage.
    return all(word in plain or (word == "read" and "manage" in plain) for word in have.words if word not in EXTENDED)


def _refuse_denied(aces: Aces, entry: Entry, *, partly: bool) -> None:
    """Raises OptionError when what O(entry) allows is denied: any of it if O(partly), else all of it."""
    if entry.type != ALLOW or entry.ace is not None:
        return
    own = tuple(ace for ace in aces if not ace.inherited)
    allowed, denied, denied_above = (
        granted(own, entry.sid),
        granted(own, entry.sid, DENY),
        granted(aces, entry.sid, DENY),
    )
    hidden = sorted(
        word
        for word in entry.rights
        # An inherited denial comes after an allowance of the template's own.
        if _hides(denied, word, partly) or (not allowed.has(word) and _hides(denied_above, word, partly))
    )
    if hidden:
        raise OptionError(
            entry.option,
            f"{', '.join(hidden)} for {entry.who} would have no effect, since an entry denies it; remove "
            "that one (type: deny) first",
        )


def _hides(denied: Granted, word: str, partly: bool) -> bool:
    if word in EXTENDED:
        return word in denied.extended
    needed = plain_mask({word}) & ~CONTROL_ACCESS
    return bool(denied.mask & needed) if partly else denied.mask & needed == needed


def _exact(entry: Entry) -> AnyAce:
    try:
        return exact_ace(entry)
    except ValueError as exc:
        raise OptionError(entry.option, str(exc)) from exc


def _is_of(ace: Ace, entry: Entry) -> bool:
    """An explicit entry of the principal, of that type, that words can say."""
    return ace.sid == entry.sid and kind_of(ace) == entry.type and not ace.inherited and concerns_object(ace)


def _explicit_plain(aces: Aces, sid: Sid, kind: str) -> int | None:
    for index, ace in enumerate(aces):
        if (
            isinstance(ace, Ace)
            and ace.sid == sid
            and kind_of(ace) == kind
            and ace.object_type is None
            and not ace.inherited
            and concerns_object(ace)
        ):
            return index
    return None
