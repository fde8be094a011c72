# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and values of the registry as a script read them: by path and name without regard to case, data with its type.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .values import Fields, UnexpectedValue

#: Types as .NET and PowerShell name them, with their number in the registry (winnt.h) and the name that people know.
KINDS: t.Final[t.Mapping[str, tuple[int, str]]] = {
    "None": (0, "REG_NONE"),
    "String": (1, "REG_SZ"),
    "ExpandString": (2, "REG_EXPAND_SZ"),
    "Binary": (3, "REG_BINARY"),
    "DWord": (4, "REG_DWORD"),
    "MultiString": (7, "REG_MULTI_SZ"),
    "QWord": (11, "REG_QWORD"),
}

#: Bits of the types that are numbers, which .NET gives with a sign and the registry keeps without.
BITS: t.Final[t.Mapping[str, int]] = {"DWord": 32, "QWord": 64}

_ROOTS = {"HKLM:": "HKEY_LOCAL_MACHINE"}

Data: t.TypeAlias = "str | int | bytes | tuple[str, ...] | None"


@dataclasses.dataclass(frozen=True)
class Value:
    """The data of a value with its type.

    Attributes:
        kind: One of KINDS, or C(Unknown) for another type.
        data: A text, a number from 0 on, octets, or texts; None for what is of an unknown type.
    """

    kind: str
    data: Data

    def shown(self) -> str:
        """For people, where something else was expected."""
        name = KINDS[self.kind][1] if self.kind in KINDS else "a value of an unknown type"
        if isinstance(self.data, bytes):
            return f"{name} {self.data.hex()}".rstrip()
        if isinstance(self.data, tuple):
            return f"{name} {', '.join(self.data)}".rstrip()
        return name if self.data is None else f"{name} {self.data}"


@dataclasses.dataclass(frozen=True)
class Key:
    """A key: its path as C(HKEY_LOCAL_MACHINE\\...), and its values by name, C("") for the default."""

    path: str
    values: t.Mapping[str, Value]


class Keys:
    """Keys that were read. What is not among them was not there."""

    def __init__(self, keys: t.Iterable[Key] = ()) -> None:
        self._keys = {key.path.casefold(): key for key in keys}

    def __iter__(self) -> t.Iterator[Key]:
        return iter(self._keys.values())

    def key(self, path: str) -> Key | None:
        return self._keys.get(long_form(path).casefold())

    def value(self, path: str, name: str) -> Value | None:
        key = self.key(path)
        if key is None:
            return None
        wanted = name.casefold()
        return next((value for found, value in key.values.items() if found.casefold() == wanted), None)

    def tree(self, path: str) -> list[Key]:
        """A key and all below it, in the order in which they were read."""
        top = long_form(path).casefold()
        return [key for folded, key in self._keys.items() if folded == top or folded.startswith(top + "\\")]


def long_form(path: str) -> str:
    """C(HKLM:\\SOFTWARE\\X) as files and .NET spell it, C(HKEY_LOCAL_MACHINE\\SOFTWARE\\X)."""
    root, separator, rest = path.partition("\\")
    return f"{_ROOTS.get(root.upper(), root)}{separator}{rest}"


def read_keys(objects: t.Iterable[Fields]) -> Keys:
    """The keys that a script gave as C({path, values: [{name, kind, data}]}). Raises UnexpectedValue."""
    return Keys(
        Key(one.text("path"), {value.text("name"): read_value(value) for value in one.objects("values")})
        for one in objects
    )


def read_value(fields: Fields) -> Value:
    """One value. Raises UnexpectedValue for data that is not of its type."""
    kind = fields.text("kind")
    if kind in ("String", "ExpandString"):
        return Value(kind, fields.text("data"))
    if kind == "MultiString":
        return Value(kind, tuple(fields.texts("data")))
    if kind in BITS:
        return Value(kind, fields.integer("data") % (1 << BITS[kind]))
    if kind in ("Binary", "None"):
        return Value(kind, _octets(fields))
    return Value("Unknown", None)


def _octets(fields: Fields) -> bytes:
    numbers = fields.anything("data")
    try:
        return bytes(numbers) if isinstance(numbers, list) else b""
    except (TypeError, ValueError):
        raise UnexpectedValue("data", "a list of octets", numbers) from None
