# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that every domain has: what cannot be fulfilled, and lists that are edited with {add, remove, set}.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t


class OptionError(ValueError):
    """An option that cannot be fulfilled.

    Refused before anything is written. The text begins with the option's path.
    """

    def __init__(self, option: str, reason: str) -> None:
        super().__init__(f"{option}: {reason}")
        self.option = option


def refuse_set_with_remove(option: str, edit: t.Mapping[str, t.Any]) -> None:
    """Raises OptionError for an edit {add, remove, set} that gives a whole list and takes something out of it."""
    if edit.get("set") is not None and edit.get("remove"):
        raise OptionError(option, "set and remove exclude each other; leave out of set what is to go")


def unique(values: t.Iterable[str]) -> tuple[str, ...]:
    """O(values) without repetitions in another letter case; the first keeps its place and spelling."""
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(value.casefold(), value)
    return tuple(found.values())


def edited(
    current: t.Sequence[str], add: t.Sequence[str] | None, remove: t.Sequence[str] | None, set_: t.Sequence[str] | None
) -> tuple[str, ...]:
    """O(current) after an edit of the form {add, remove, set}; spelling and order of what stays are kept."""
    if set_ is not None:
        wanted = {value.casefold() for value in set_}
        start = [value for value in current if value.casefold() in wanted]
        return unique([*start, *set_, *(add or ())])
    gone = {value.casefold() for value in remove or ()}
    return unique([*(value for value in current if value.casefold() not in gone), *(add or ())])
