# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values as .NET and PowerShell see them: names of types, texts of values, and what conversions say when they fail.

Windows PowerShell 5.1 (.NET Framework) is what hosts answer with. The words of PowerShell 7 are known only to compare
with runs that were recorded there. Texts are the English ones; .NET Framework has them in the system's language where
its language pack is installed, which is not modelled.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

INT32 = range(-(2**31), 2**31)
UINT32 = range(2**32)
INT64 = range(-(2**63), 2**63)

_FLOAT = re.compile(r"^\s*[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$")
_INTEGER = re.compile(r"^\s*[-+]?[0-9]+\s*$")
_HEXADECIMAL = re.compile(r"^\s*(?:0[xX]|#|&[hH])([0-9a-fA-F]+)\s*$")
_NUMBER = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)([kmgtp]b)?\s*$", re.IGNORECASE)
_MULTIPLIERS = {name: 1024 ** (power + 1) for power, name in enumerate(("kb", "mb", "gb", "tb", "pb"))}


class ConversionError(Exception):
    """A value cannot be converted. The message is the one of the .NET exception."""


class NullReference(Exception):  # noqa: N818
    """Something was done with a null, which no code of the module catches."""


@dataclass(frozen=True)
class Words:
    """What differs between Windows PowerShell 5.1 and PowerShell 7."""

    #: Whether a number of JSON that fits is Int32 and one with a fraction Decimal, else Int64 and Double.
    small_numbers: bool
    #: Whether "Input string was not in a correct format." names the input.
    names_input: bool
    #: Characters that no path may have, beside those below U+0020.
    bad_in_paths: str
    #: Whether JSON is written with < > & ' as escapes.
    escapes_json: bool

    def bad_format(self, text: str) -> str:
        if self.names_input:
            return f"The input string '{text}' was not in a correct format."
        return "Input string was not in a correct format."


WINDOWS_POWERSHELL = Words(small_numbers=True, names_input=False, bad_in_paths='"<>|', escapes_json=True)
POWERSHELL_7 = Words(small_numbers=False, names_input=True, bad_in_paths="|", escapes_json=False)


def type_name(value: Any, words: Words = WINDOWS_POWERSHELL) -> str:
    """GetType().ToString() of a value that came as JSON."""
    match value:
        case None:
            raise NullReference
        case bool():
            return "System.Boolean"
        case int() if words.small_numbers and value in INT32:
            return "System.Int32"
        case int() if value in INT64:
            return "System.Int64"
        case int():
            return "System.Decimal" if words.small_numbers else "System.Numerics.BigInteger"
        case float():
            return "System.Decimal" if words.small_numbers else "System.Double"
        case str():
            return "System.String"
        case list() | tuple():
            return "System.Object[]"
        case Mapping():
            return "System.Collections.Hashtable"
    raise TypeError(f"no value of JSON: {type(value).__name__}")


def text(value: Any) -> str:
    """ToString() of a value."""
    if value is None:
        raise NullReference
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | Mapping):
        return type_name(value)
    return str(value)


def powershell_text(value: Any) -> str:
    """[string] of a value: null is empty, and the elements of an array stand one after the other."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(powershell_text(item) for item in value)
    return text(value)


def int32(value: Any, words: Words) -> int:
    """Int32.Parse of the text of a value."""
    if isinstance(value, int) and not isinstance(value, bool) and value in INT32:
        return value
    given = text(value)
    if not _INTEGER.match(given):
        raise ConversionError(words.bad_format(given))
    if int(given) not in INT32:
        raise ConversionError("Value was either too large or too small for an Int32.")
    return int(given)


def single(value: Any, words: Words) -> float:
    """Single.Parse of the text of a value where the decimal point is a point, as the shortest number that is it."""
    given = text(value)
    if not _FLOAT.match(given):
        raise ConversionError(words.bad_format(given))
    number = float(given.replace(",", ""))
    try:
        kept = struct.unpack("f", struct.pack("f", number))[0]
        if kept in (float("inf"), float("-inf")):
            raise OverflowError
    except OverflowError:
        raise ConversionError("Value was either too large or too small for a Single.") from None
    for digits in range(1, 10):
        short = float(f"{kept:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", kept):
            return short
    return float(kept)


def cast_integer(value: Any, name: str, limits: range) -> int:
    """[Int32], [UInt32] ... of a value in PowerShell. `name` is the type's, `UInt32`."""
    wrong = f'Cannot convert value "{powershell_text(value)}" to type "System.{name}". Error: '
    if value is None or value == "":
        return 0
    if isinstance(value, list | tuple | Mapping):
        raise ConversionError(f'Cannot convert "{text(value)}" value of type "{text(value)}" to type "System.{name}".')
    if isinstance(value, str):
        number = _scan(value)
        if number is None:
            raise ConversionError(f'{wrong}"Input string was not in a correct format."')
    else:
        number = Decimal(int(value)) if isinstance(value, int) else Decimal(repr(value))
    rounded = int(number.to_integral_value(ROUND_HALF_EVEN))
    if rounded not in limits:
        article = "a" if name.startswith("U") else "an"
        raise ConversionError(f'{wrong}"Value was either too large or too small for {article} {name}."')
    return rounded


def _scan(value: str) -> Decimal | None:
    """A text as PowerShell reads a number out of it: decimal, hexadecimal, with kb and its kin."""
    hexadecimal = _HEXADECIMAL.match(value)
    if hexadecimal:
        return Decimal(int(hexadecimal[1], 16))
    number = _NUMBER.match(value)
    if number is None:
        return None
    multiplier: int = _MULTIPLIERS.get((number[2] or "").lower(), 1)
    return Decimal(number[1]) * multiplier
