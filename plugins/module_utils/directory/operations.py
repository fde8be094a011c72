# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes to the directory as data.

Plans return operations, so that a plan can be shown and tested without a directory. Each says what planning read of its
object; writing.py carries them out.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .descriptor import different_parts
from .entry import Change, Entry

#: Values by attribute as planning read them; no values for an attribute that the object did not have.
Expected: t.TypeAlias = t.Mapping[str, t.Sequence[bytes]]

SECURITY: t.Final = "nTSecurityDescriptor"


@dataclass(frozen=True)
class Add:
    dn: str
    attributes: t.Mapping[str, t.Sequence[bytes]]


@dataclass(frozen=True)
class Modify:
    """One atomic modification: all of its changes happen or none.

    Attributes:
        sd_flags: which parts of nTSecurityDescriptor are written (MS-ADTS 3.1.1.3.4.1.11); None when none is.
        expected: attributes that must be as planning read them, changed here or not. A backup brings those that are
            changed back as a whole; an attribute that is changed and not named here is one that others edit at the
            same time (a list of published templates, of members), and only its own values are brought back.
    """

    dn: str
    changes: tuple[Change, ...]
    sd_flags: int | None = None
    expected: Expected = field(default_factory=dict)


@dataclass(frozen=True)
class Delete:
    """The deletion of an object without children.

    Attributes:
        expected: attributes that must be as planning read them; best everything that it read.
    """

    dn: str
    expected: Expected = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """No write, but something that the writes beside it rest on.

    Attributes:
        expected: attributes that must be as planning read them.
        without: values that must not have come, letter case apart.
    """

    dn: str
    expected: Expected = field(default_factory=dict)
    without: Expected = field(default_factory=dict)


Operation: t.TypeAlias = Add | Modify | Delete | Check


@dataclass(frozen=True)
class Step:
    """An operation, and what takes it back when a later step fails."""

    operation: Operation
    undo: tuple[Operation, ...] = field(default=())


def as_read(entry: Entry, names: t.Iterable[str]) -> dict[str, tuple[bytes, ...]]:
    """What a search that asked for O(names) found of O(entry), for the guard of an operation."""
    return {name: tuple(entry.attributes.find(name)) for name in names}


def differences(operation: Modify | Delete | Check, entry: Entry, *, with_changes: bool = True) -> list[str]:
    """The attributes of O(entry) that are not as O(operation) expects them, sorted.

    Args:
        with_changes: whether the values that its changes name count as well; not for the second operation on an object.
    """
    found: dict[str, str] = {}
    for name, values in operation.expected.items():
        present = entry.attributes.find(name)
        if name.casefold() == SECURITY.casefold():
            part = _security_difference(values, present)
            if part:
                found[name] = f"{name} ({part})"
        elif sorted(values) != sorted(present):
            found[name] = name
    if isinstance(operation, Check):
        for name, values in operation.without.items():
            if _folded(values) & _folded(entry.attributes.find(name)):
                found.setdefault(name, name)
    if isinstance(operation, Modify) and with_changes:
        for name in _contradicted(operation.changes, entry):
            found.setdefault(name, name)
    return sorted(found.values())


def _contradicted(changes: t.Iterable[Change], entry: Entry) -> list[str]:
    """Attributes that lack a value to delete or have one to add. The directory itself compares by each syntax."""
    left: dict[str, set[bytes]] = {}
    found: list[str] = []
    for change in changes:
        present = left.setdefault(change.attribute, set(entry.attributes.find(change.attribute)))
        if change.operation == "delete":
            if not _folded(change.values) <= _folded(present):
                found.append(change.attribute)
            gone = _folded(change.values)
            present.difference_update([value for value in present if not gone or _fold(value) in gone])
        elif change.operation == "add":
            if present & set(change.values):
                found.append(change.attribute)
            present.update(change.values)
        else:
            left[change.attribute] = set(change.values)
    return found


def _folded(values: t.Iterable[bytes]) -> set[bytes]:
    return {_fold(value) for value in values}


def _fold(value: bytes) -> bytes:
    """A value without its letter case, in every script, as the directory compares texts."""
    return value.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape")


def _security_difference(expected: t.Sequence[bytes], present: t.Sequence[bytes]) -> str:
    """Which part of a descriptor differs; empty when none does."""
    if list(expected) == list(present):
        return ""
    if len(expected) != 1 or len(present) != 1:
        return "readable before or now only"
    try:
        return ", ".join(different_parts(expected[0], present[0]))
    except ValueError:
        return "unreadable"


def exchange(attribute: str, old: t.Sequence[bytes], new: t.Sequence[bytes]) -> tuple[Change, ...]:
    """The changes that replace exactly O(old) by O(new).

    They fail when somebody else has changed the attribute meanwhile.
    """
    removed = (Change("delete", attribute, tuple(old)),) if old else ()
    added = (Change("add", attribute, tuple(new)),) if new else ()
    return removed + added
