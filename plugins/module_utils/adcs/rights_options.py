# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option rights as a module receives it, and its entries.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.sddl import ace_from_body, mask_from_sddl
from ..directory.sid import Sid
from .fields import OptionError, refuse_set_with_remove
from .rights import DENY, Entry, console_aces, granted
from .rights_plan import RightsEdit

RawEntry: t.TypeAlias = t.Mapping[str, t.Any]
RawRights: t.TypeAlias = t.Mapping[str, t.Sequence[RawEntry] | None]

_LISTS = ("add", "remove", "set")


def principals_of(rights: RawRights | None) -> list[str]:
    """Every principal that O(rights) names."""
    return [entry["principal"] for key in _LISTS for entry in (rights or {}).get(key) or ()]


def parse_rights(rights: RawRights | None, sids: t.Mapping[str, Sid]) -> RightsEdit | None:
    """The edit that O(rights) asks for; None when nothing was given. Raises OptionError."""
    if rights is None or all(rights.get(key) is None for key in _LISTS):
        return None
    refuse_set_with_remove("rights", rights)
    lists = {
        key: None
        if rights.get(key) is None
        else tuple(
            _entry(raw, f"rights.{key}", index, sids)
            for index, raw in enumerate(t.cast(t.Sequence[RawEntry], rights[key]), 1)
        )
        for key in _LISTS
    }
    _refuse_both(lists["add"] or (), lists["remove"] or ())
    return RightsEdit(**lists)


def _refuse_both(add: t.Sequence[Entry], remove: t.Sequence[Entry]) -> None:
    """Raises OptionError for words that a principal is to lose and to get. All can be removed, and some added."""
    for wanted in add:
        got = granted(console_aces(wanted.sid, wanted.rights, wanted.type), wanted.sid, wanted.type)
        for unwanted in remove:
            both = sorted(word for word in unwanted.rights if got.has(word))
            if both and (wanted.sid, wanted.type) == (unwanted.sid, unwanted.type):
                raise OptionError(unwanted.option, f"{', '.join(both)} of {wanted.sid} is what {wanted.option} gives")


def _entry(raw: RawEntry, option: str, index: int, sids: t.Mapping[str, Sid]) -> Entry:
    path, who = f"{option}[{index}]", raw["principal"]
    sid, words = sids[who], frozenset(raw.get("rights") or ())
    kind, access, ace = raw.get("type") or "allow", raw.get("access"), raw.get("ace")
    if ace is not None:
        if words or access is not None or raw.get("type") == DENY:
            raise OptionError(path, "ace is a whole entry; it excludes rights, access and type")
        try:
            return Entry(sid, ace=ace_from_body(ace, sid), option=path, principal=who)
        except ValueError as exc:
            raise OptionError(f"{path}.ace", str(exc)) from exc
    if access is not None:
        if not words:
            raise OptionError(path, "access is the exact mask of an entry; say with rights which one")
        try:
            return Entry(sid, kind, words, mask_from_sddl(access), option=path, principal=who)
        except ValueError as exc:
            raise OptionError(f"{path}.access", str(exc)) from exc
    if not words and not option.endswith("remove"):
        raise OptionError(path, f"names no rights for {who}")
    return Entry(sid, kind, words, option=path, principal=who)
