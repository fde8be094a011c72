# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a client sent: every damage becomes a DamagedPayload that names the place."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from .invocation import DamagedPayload

#: The largest command line that CreateProcess takes, in characters; cmd.exe takes less.
COMMAND_LINE_LIMIT = 32_767
#: What stands on standard input before a file's content: module, wrappers and arguments, in bytes.
MANIFEST_LIMIT = 64 * 1024 * 1024
#: How deep JSON may be: ConvertTo-Json's own limit, with which the wrappers write it again.
DEPTH_LIMIT = 100


def from_base64(text: str | bytes, what: str) -> bytes:
    """The bytes; blanks and line ends do not count, everything else outside the alphabet is damage."""
    try:
        data = text.encode("ascii") if isinstance(text, str) else text
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError) as error:
        raise DamagedPayload(f"{what} is not base64: {error}") from None


def from_utf16(data: bytes, what: str) -> str:
    """Text of -EncodedCommand."""
    try:
        return data.decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise DamagedPayload(f"{what} is not UTF-16: {error.reason} at byte {error.start}") from None


def from_utf8(data: bytes, what: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedPayload(f"{what} is not UTF-8: {error.reason} at byte {error.start}") from None


def from_json(data: bytes, what: str) -> dict[str, Any]:
    """The JSON object."""
    if len(data) > MANIFEST_LIMIT:
        raise DamagedPayload(f"{what} is larger than {MANIFEST_LIMIT} bytes")
    try:
        value = json.loads(from_utf8(data, what))
    except RecursionError:
        raise DamagedPayload(f"{what} is nested too deeply") from None
    except ValueError as error:
        raise DamagedPayload(f"{what} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise DamagedPayload(f"{what} is not a JSON object")
    if _deeper(value, DEPTH_LIMIT):
        raise DamagedPayload(f"{what} is nested deeper than {DEPTH_LIMIT}")
    return value


def _deeper(value: Any, limit: int) -> bool:
    """Whether a value is nested deeper than a limit; without recursion."""
    level = [value]
    for _ in range(limit):
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                below += [inner for inner in one.values() if isinstance(inner, dict | list)]
            elif isinstance(one, list):
                below += [inner for inner in one if isinstance(inner, dict | list)]
        if not below:
            return False
        level = below
    return True


class Fields:
    """Typed access to a JSON object."""

    def __init__(self, values: Mapping[str, Any], what: str) -> None:
        self.values = values
        self.what = what

    def _get(self, name: str, kind: type | tuple[type, ...], described: str) -> Any:
        value = self.values.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise DamagedPayload(f"{self.what} has no {name} that is {described}")
        return value

    def text(self, name: str) -> str:
        found: str = self._get(name, str, "a text")
        return found

    def optional_text(self, name: str) -> str | None:
        return None if self.values.get(name) is None else self.text(name)

    def number(self, name: str) -> int:
        found: int = self._get(name, int, "a whole number")
        return found

    def mapping(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._get(name, dict, "an object")
        return found

    def sequence(self, name: str) -> list[Any]:
        found: list[Any] = self._get(name, list, "a list")
        return found

    def fields(self, name: str) -> Fields:
        return Fields(self.mapping(name), f"{self.what}.{name}")

    def source(self, name: str) -> str:
        """A script, sent as base64 of UTF-8."""
        where = f"{self.what}.{name}"
        return from_utf8(from_base64(self.text(name), where), where)

    def environment(self, name: str) -> dict[str, str]:
        """Environment variables. PowerShell makes texts of numbers and the like when it sets them."""
        value = self.values.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise DamagedPayload(f"{self.what} has no {name} that is an object")
        return {key: inner if isinstance(inner, str) else _as_text(inner) for key, inner in value.items()}


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)
