# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Data as win_regedit takes it, made into what the registry keeps: the conversions of the module and of .NET."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lab.windows.exceptions import Unhandled, cannot_convert, method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import ModuleFailure
from lab.windows.parts.registry import Value

INT32, UINT32 = 2**31 - 1, 2**32 - 1
INT64, UINT64 = 2**63 - 1, 2**64 - 1
KINDS = {
    "none": "REG_NONE",
    "binary": "REG_BINARY",
    "dword": "REG_DWORD",
    "expandstring": "REG_EXPAND_SZ",
    "multistring": "REG_MULTI_SZ",
    "string": "REG_SZ",
    "qword": "REG_QWORD",
}
_BYTE_RANGE = "Value was either too large or too small for an unsigned byte."
#: What .NET's SetValue says of data that its kind cannot hold.
MISMATCH = (
    "The type of the value object did not match the specified RegistryValueKind or the object could not be properly "
    "converted."
)


class Mismatch(Exception):  # noqa: N818
    """RegistryKey.SetValue would refuse the data."""


def convert(kind: str, data: Any, *, named: bool) -> Any:
    """What `data` is for a type of the module, before it is written.

    Args:
        kind: The option `type`.
        data: The option `data`.
        named: Whether the value has a name; a default value without data is left alone.

    Returns:
        bytes, int (without sign), a list of strings, or for strings what was given. None: nothing is to be written.

    Raises:
        ModuleFailure: As the module fails.
    """
    if kind in ("binary", "none"):
        return _bytes(data)
    if kind in ("dword", "qword"):
        return _number(kind, data)
    if kind == "multistring":
        return _strings(data)
    return "" if data is None and named else data


def value(kind: str, data: Any) -> Value:
    """The value that SetValue writes. Mismatch where it throws."""
    if kind in ("string", "expandstring"):
        if isinstance(data, float | Decimal | list | dict):
            raise NotModelled(f"a {type(data).__name__} as data of the type {kind}")
        return Value(KINDS[kind], str(data))
    if kind in ("binary", "none") and not isinstance(data, bytes):
        raise Mismatch
    return Value(KINDS[kind], data)


def differs(existing: Any, new: Any) -> bool:
    """Whether PowerShell takes data that is there for other than data that is wanted.

    One value is compared with case; lists are not (Compare-Object), element by element.
    """
    if isinstance(existing, tuple | bytes):
        wanted = list(new) if isinstance(new, list | tuple | bytes) else [new]
        return len(existing) != len(wanted) or any(
            _element(left) != _element(right) for left, right in zip(existing, wanted, strict=True)
        )
    if isinstance(new, list | bytes):
        return bool(existing != " ".join(map(str, new)))
    if isinstance(existing, int):
        return not _is_number(new, existing)
    return bool(existing != str(new))


def _element(item: Any) -> Any:
    return item.casefold() if isinstance(item, str) else item


def _is_number(text: Any, number: int) -> bool:
    try:
        return int(text) == number
    except (TypeError, ValueError):
        return False


def _bytes(data: Any) -> Any:
    if data is None:
        return b""
    if isinstance(data, str):
        return _from_hexadecimal(data)
    if isinstance(data, list):
        return bytes(_byte(item) for item in data)
    # What JSON gives beyond 32 bits is a long, which the module leaves as it is.
    if isinstance(data, int) and not isinstance(data, bool) and -(2**31) <= data <= INT32:
        if data > 255:
            raise ModuleFailure(
                f"cannot convert binary data '{data}' to byte array, please specify this value as a yaml byte array or "
                "a comma separated hex value string"
            )
        return bytes([_byte(data)])
    return data


def _from_hexadecimal(text: str) -> bytes:
    """`hex:be,ef`, `be,ef`, `beef`, as the module's own function reads them."""
    plain = re.sub(r"[^a-f0-9\\,x\-:]", "", text.lower().removeprefix("hex:")).replace(",", ":")
    if not plain:
        return b""
    if len(plain) == 1:
        return bytes([_to_byte(plain)])
    if ":" in plain:
        return bytes(_to_byte(pair) for pair in re.split(":+", plain))
    if len(plain) % 2:
        return b""
    return bytes(_to_byte(pair) for pair in re.split("([a-f0-9]{2})", plain) if pair)


def _to_byte(pair: str) -> int:
    """Convert.ToByte(text, 16)."""
    digits = re.match("[0-9a-f]*", pair.removeprefix("0x"))
    assert digits
    if not pair:
        reason = "Index was out of range. Must be non-negative and less than the size of the collection.\r\n"
        raise Unhandled(method_failed("ToByte", 2, f"{reason}Parameter name: startIndex"))
    if pair.startswith("-"):
        raise Unhandled(method_failed("ToByte", 2, "String cannot contain a minus sign if the base is not 10."))
    if not digits[0]:
        raise Unhandled(method_failed("ToByte", 2, "Could not find any recognizable digits."))
    if digits[0] != pair.removeprefix("0x"):
        reason = "Additional non-parsable characters are at the end of the string."
        raise Unhandled(method_failed("ToByte", 2, reason))
    if int(digits[0], 16) > 255:
        raise Unhandled(method_failed("ToByte", 2, _BYTE_RANGE))
    return int(digits[0], 16)


def _byte(item: Any) -> int:
    """[byte] of an element."""
    return _cast(item, "System.Byte", 0, 255, _BYTE_RANGE)


def _number(kind: str, data: Any) -> int:
    number: Any = 0 if data is None else data
    if isinstance(number, str):
        number = _cast(number, "System.UInt64", 0, UINT64, "Value was either too large or too small for a UInt64.")
    elif isinstance(number, float | Decimal):
        if number % 1:
            raise ModuleFailure(
                f"data '{data}' cannot be a decimal or float value with a remainder when type is dword or qword"
            )
        number = int(number)
    elif isinstance(number, bool):
        number = int(number)
    elif not isinstance(number, int):
        raise NotModelled(f"a {type(data).__name__} as data of the type {kind}")
    number = int(number)
    if kind == "dword":
        if number > UINT32:
            raise ModuleFailure("data cannot be larger than 0xffffffff when type is dword")
        return _unsigned(number, 32)
    if number > UINT64:
        raise ModuleFailure("data cannot be larger than 0xffffffffffffffff when type is qword")
    return _unsigned(number, 64)


def _unsigned(number: int, bits: int) -> int:
    """A number as the registry has it: without sign, negative ones as their complement."""
    if number < -(2 ** (bits - 1)):
        reason = f"Value was either too large or too small for an Int{bits}."
        raise Unhandled(cannot_convert(str(number), f"System.Int{bits}", reason))
    return number & (1 << bits) - 1


def _cast(item: Any, kind: str, least: int, most: int, out_of_range: str) -> int:
    """PowerShell's cast of a number or of text to a number."""
    try:
        if isinstance(item, str):
            text = item.strip()
            number = int(text, 16) if re.match(r"0x[0-9a-f]", text, re.IGNORECASE) else int(text or "0")
        elif isinstance(item, int):
            number = int(item)
        else:
            raise NotModelled(f"a {type(item).__name__} where a number is expected")
    except ValueError:
        raise Unhandled(cannot_convert(str(item), kind, "Input string was not in a correct format.")) from None
    if not least <= number <= most:
        raise Unhandled(cannot_convert(str(item), kind, out_of_range))
    return number


def _strings(data: Any) -> list[str]:
    items = [] if data is None else data if isinstance(data, list) else [data]
    if not all(isinstance(item, str | int | float | Decimal) for item in items):
        raise NotModelled("data of the type multistring that is no list of simple values")
    return [item if isinstance(item, str) else str(item) for item in items]
