# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of a directory as they are read, and changes as they are sent.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .sid import Sid

# Which values of an attribute these are; a star stands for the last one there is.
_RANGE = re.compile(r"([^;]+);range=\d+-(\d+|\*)\Z", re.IGNORECASE)


class Attributes(t.Mapping[str, tuple[bytes, ...]]):
    """The attributes of an entry. Names are found in any case.

    A search makes thousands of these, so nothing is converted before it is asked for: the values stay in the lists
    they came in, and the table of names without case is made for the first name that is not spelled as the server
    spells it.
    """

    __slots__ = ("_by_folded_name", "_values")

    def __init__(self, values: t.Mapping[str, t.Sequence[bytes]]) -> None:
        self._values = values
        self._by_folded_name: dict[str, t.Sequence[bytes]] | None = None

    def find(self, name: str) -> t.Sequence[bytes]:
        """The values of an attribute, an empty sequence when the entry has none."""
        found = self._values.get(name)
        if found is not None:
            return found
        if self._by_folded_name is None:
            self._by_folded_name = {key.lower(): values for key, values in self._values.items()}
        return self._by_folded_name.get(name.lower(), ())

    def __getitem__(self, name: str) -> tuple[bytes, ...]:
        values = self.find(name)
        if not values:
            raise KeyError(name)
        return tuple(values)

    def __iter__(self) -> t.Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self.find(name))

    def __repr__(self) -> str:
        return f"Attributes({dict(self._values)!r})"


class Entry:
    """One object, with the attributes that were asked for and that it has.

    Attributes:
        dn: the distinguished name as the server spells it.
        attributes: values by attribute name, the name in any case.
    """

    __slots__ = ("attributes", "dn")

    def __init__(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> None:
        self.dn = dn
        self.attributes = Attributes(attributes)

    def raw(self, name: str) -> bytes | None:
        """The first value as it is; None without one."""
        values = self.attributes.find(name)
        return values[0] if values else None

    def text(self, name: str) -> str | None:
        """The first value as text; None without one. Raises ValueError for bytes that are not UTF-8."""
        values = self.attributes.find(name)
        return values[0].decode() if values else None

    def texts(self, name: str) -> tuple[str, ...]:
        """All values as texts, in the order in which they came. Raises ValueError for bytes that are not UTF-8."""
        return tuple([value.decode() for value in self.attributes.find(name)])

    def integer(self, name: str) -> int | None:
        """The first value as a number; None without one. Raises ValueError for anything else."""
        values = self.attributes.find(name)
        return int(values[0]) if values else None

    def sid(self) -> Sid | None:
        """objectSid; None without one. Raises ValueError for bytes that are no SID."""
        value = self.raw("objectSid")
        return Sid.from_bytes(value) if value else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and self.dn == other.dn and self.attributes == other.attributes

    def __hash__(self) -> int:
        return hash(self.dn)

    def __repr__(self) -> str:
        return f"Entry({self.dn!r}, {self.attributes!r})"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one attribute.

    Attributes:
        operation: add and delete fail when a value is there already or is missing, replace never does.
        attribute: its LDAP display name.
        values: empty in a delete or replace for all that there are.
    """

    operation: t.Literal["add", "delete", "replace"]
    attribute: str
    values: tuple[bytes, ...] = ()


class Part(t.NamedTuple):
    """Some of the values of an attribute that has more than a server sends at once (MS-ADTS 3.1.1.3.1.3.3).

    Attributes:
        key: the name in the answer, with the range.
        attribute: the name without it.
        following: what to ask for next; None when these were the last values.
    """

    key: str
    attribute: str
    following: str | None


def partial(keys: t.Iterable[str]) -> Part | None:
    """The first of the attributes of an answer that is only a part."""
    for key in keys:
        match = _RANGE.match(key) if ";" in key else None
        if match:
            following = None if match[2] == "*" else f"{match[1]};range={int(match[2]) + 1}-*"
            return Part(key, match[1], following)
    return None


def is_conditional(changes: t.Iterable[Change]) -> bool:
    """Whether O(changes) fail when somebody else has changed one of the values they name."""
    return any(change.operation != "replace" and change.values for change in changes)


def is_visible(changes: t.Iterable[Change], entry: Entry) -> bool:
    """Whether O(entry) shows every one of O(changes): the only proof of a write whose answer was lost."""
    for change in changes:
        present = set(entry.attributes.find(change.attribute))
        named = set(change.values)
        if change.operation == "add":
            done = named <= present
        elif change.operation == "delete" and named:
            done = not named & present
        else:
            done = named == present
        if not done:
            return False
    return True
