# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what a script gave as the types that it was promised in.

A script's objects come as JSON; a value of another type means that script and plan no longer fit each other, or that
Windows stores something else than documented. Both are said, with the script and the property, and never guessed over.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t

#: `S-1-5-21-a-b-c-rid`: an account of a domain or of a machine's own database.
ACCOUNT_SID = re.compile(r"(S-1-5-21(?:-[0-9]{1,10}){3})-[0-9]{1,10}")
SID = re.compile(r"S-1-[0-9]{1,15}(?:-[0-9]{1,10}){0,15}")


class UnexpectedValue(Exception):  # noqa: N818
    """A script's object has a property of another type than promised, or lacks it."""

    def __init__(self, place: str, wanted: str, value: object) -> None:
        super().__init__(f"'{place}' is {_shown(value)} and not {wanted}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


class Fields:
    """An object that a script gave, read by the names of its properties, which PowerShell keeps in any case."""

    def __init__(self, value: object, place: str = "") -> None:
        if not isinstance(value, dict):
            raise UnexpectedValue(place or "the object", "an object", value)
        self._values = {str(name).casefold(): item for name, item in value.items()}
        self._place = place

    def _where(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name

    def _get(self, name: str) -> t.Any:
        try:
            return self._values[name.casefold()]
        except KeyError:
            raise UnexpectedValue(self._where(name), "there at all", None) from None

    def anything(self, name: str) -> t.Any:
        """A property of whatever type."""
        return self._get(name)

    def fields(self, name: str) -> Fields:
        return Fields(self._get(name), self._where(name))

    def objects(self, name: str) -> list[Fields]:
        value = self._get(name)
        if not isinstance(value, list):
            raise UnexpectedValue(self._where(name), "a list", value)
        return [Fields(item, f"{self._where(name)}[{number}]") for number, item in enumerate(value)]

    def text(self, name: str) -> str:
        value = self._get(name)
        if not isinstance(value, str):
            raise UnexpectedValue(self._where(name), "a text", value)
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self._get(name) is None else self.text(name)

    def texts(self, name: str) -> list[str]:
        value = self._get(name)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise UnexpectedValue(self._where(name), "a list of texts", value)
        return list(value)

    def octets(self, name: str) -> bytes:
        """Octets that a script wrote in hexadecimal digits."""
        try:
            return bytes.fromhex(self.text(name))
        except ValueError:
            raise UnexpectedValue(self._where(name), "octets in hexadecimal digits", self._get(name)) from None

    def flag(self, name: str) -> bool:
        value = self._get(name)
        if not isinstance(value, bool):
            raise UnexpectedValue(self._where(name), "true or false", value)
        return value

    def integer(self, name: str, base: int = 10) -> int:
        """An integer, or a text of digits of O(base), as the registry and CIM keep some."""
        value = self._get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and re.fullmatch(r"[0-9A-Fa-f]{1,16}", value):
            try:
                return int(value, base)
            except ValueError:
                pass
        raise UnexpectedValue(self._where(name), "an integer", value)

    def optional_integer(self, name: str) -> int | None:
        return None if self._get(name) is None else self.integer(name)

    def moment(self, name: str) -> dt.datetime:
        """A point in time, in UTC. win_powershell writes a DateTime in ISO 8601 with seven digits of a second."""
        value = self._get(name)
        try:
            moment = dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            moment = None
        if moment is None or moment.tzinfo is None:
            raise UnexpectedValue(self._where(name), "a time with its offset from UTC", value)
        try:
            return moment.astimezone(dt.UTC)
        except OverflowError:
            raise UnexpectedValue(self._where(name), "a time with its offset from UTC", value) from None

    def authority_of(self, name: str) -> str | None:
        """The SID of the domain or machine that the SID of an account belongs to; None where there is none."""
        value = self.optional_text(name)
        if value is None:
            return None
        match = ACCOUNT_SID.fullmatch(value)
        if match is None:
            raise UnexpectedValue(self._where(name), "the SID of an account", value)
        return match[1]
