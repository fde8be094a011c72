# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the registry: what each kind holds, and the bytes that Windows keeps for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Numbers of the kinds (winnt.h), as .reg files have them in `hex(N)`.
KINDS = {
    "REG_NONE": 0,
    "REG_SZ": 1,
    "REG_EXPAND_SZ": 2,
    "REG_BINARY": 3,
    "REG_DWORD": 4,
    "REG_MULTI_SZ": 7,
    "REG_QWORD": 11,
}
KIND_BY_NUMBER = {number: kind for kind, number in KINDS.items()}
TEXTS = ("REG_SZ", "REG_EXPAND_SZ")
#: Kinds that are numbers, with their size in bytes.
NUMBERS = {"REG_DWORD": 4, "REG_QWORD": 8}

Data = str | int | bytes | tuple[str, ...]


class InvalidValue(ValueError):  # noqa: N818
    """Data that a value of that kind cannot hold."""


@dataclass(frozen=True)
class Value:
    """A value.

    Attributes:
        kind: One of KINDS.
        data: str for REG_SZ and REG_EXPAND_SZ; a tuple of str for REG_MULTI_SZ; an int from 0 on for REG_DWORD and
            REG_QWORD; bytes for REG_BINARY and REG_NONE. A list, bytearray or memoryview is converted.
    """

    kind: str
    data: Data

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", checked(self.kind, self.data))

    def as_json(self) -> dict[str, Any]:
        """`{"kind": ..., "data": ...}`: bytes as hexadecimal digits, several strings as a list."""
        if isinstance(self.data, bytes):
            return {"kind": self.kind, "data": self.data.hex()}
        return {"kind": self.kind, "data": list(self.data) if isinstance(self.data, tuple) else self.data}

    @classmethod
    def from_json(cls, state: dict[str, Any]) -> Value:
        data = state["data"]
        return cls(state["kind"], bytes.fromhex(data) if state["kind"] in ("REG_BINARY", "REG_NONE") else data)

    def raw(self) -> bytes:
        """The bytes that the registry keeps: strings as UTF-16 with their end, numbers with the low byte first."""
        if isinstance(self.data, bytes):
            return self.data
        if isinstance(self.data, int):
            return self.data.to_bytes(NUMBERS[self.kind], "little")
        texts = (self.data,) if isinstance(self.data, str) else (*self.data, "")
        return b"".join((text + "\0").encode("utf-16-le", "surrogatepass") for text in texts)

    @classmethod
    def from_raw(cls, kind: str, raw: bytes) -> Value:
        """Read what `raw` gives. Strings without their end are taken as they are; InvalidValue for a wrong length."""
        if kind in NUMBERS:
            if len(raw) != NUMBERS[kind]:
                raise InvalidValue(f"{kind} has {NUMBERS[kind]} bytes, not {len(raw)}")
            return cls(kind, int.from_bytes(raw, "little"))
        if kind not in (*TEXTS, "REG_MULTI_SZ"):
            return cls(kind, raw)
        if len(raw) % 2:
            raise InvalidValue(f"{kind} has whole characters of two bytes, not {len(raw)} bytes")
        text = raw.decode("utf-16-le", "surrogatepass")
        if kind in TEXTS:
            return cls(kind, text.removesuffix("\0"))
        listed = text.removesuffix("\0")
        return cls(kind, tuple(listed.removesuffix("\0").split("\0")) if listed else ())


def checked(kind: str, data: object) -> Data:
    """Data in the form that a value keeps; InvalidValue if this kind cannot hold it."""
    if kind in TEXTS:
        return _text(kind, data)
    if kind == "REG_MULTI_SZ":
        if not isinstance(data, Sequence) or isinstance(data, str | bytes):
            raise InvalidValue(f"{kind} holds a list of strings, not {type(data).__name__}")
        return tuple(_text(kind, text) for text in data)
    if kind in NUMBERS:
        if not isinstance(data, int) or isinstance(data, bool) or not 0 <= data < 1 << 8 * NUMBERS[kind]:
            raise InvalidValue(f"{kind} holds a number of {NUMBERS[kind]} bytes without sign")
        return data
    if kind in ("REG_BINARY", "REG_NONE"):
        if not isinstance(data, bytes | bytearray | memoryview):
            raise InvalidValue(f"{kind} holds bytes, not {type(data).__name__}")
        return bytes(data)
    raise InvalidValue(f"{kind} is no kind of value; known are {', '.join(KINDS)}")


def _text(kind: str, data: object) -> str:
    if not isinstance(data, str):
        raise InvalidValue(f"{kind} holds a string, not {type(data).__name__}")
    if "\0" in data:
        raise InvalidValue(f"{kind} with a zero character in it is not modelled")
    return data
