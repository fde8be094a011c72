# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The types of Ansible.Basic: one function each that converts a value or raises ConversionError.

Mirrors the Parse functions of ansible/module_utils/csharp/Ansible.Basic.cs, ansible-core 2.18 to 2.21.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.windows.not_modelled import NotModelled

from . import dotnet
from .dotnet import ConversionError, Words, text, type_name
from .surroundings import NO_MAPPING, Surroundings

TRUE = ("y", "yes", "on", "1", "true", "t", "1.0")
FALSE = ("n", "no", "off", "0", "false", "f", "0.0")
#: How long a path may be where .NET Framework is not told otherwise (MAX_PATH).
LONGEST_PATH = 260


def _fields(value: str) -> list[str]:
    """What stands between commas and spaces that are not within quotes or after a backslash."""
    fields, field, quote, escaped = [], "", "", False
    for character in value:
        if escaped:
            field, escaped = field + character, False
        elif character == "\\":
            escaped = True
        elif not quote and character in "'\"":
            quote = character
        elif quote and character == quote:
            quote = ""
        elif not quote and character in ", ":
            fields.append(field)
            field = ""
        else:
            field += character
    return [found for found in (*fields, field) if found]


@dataclass(frozen=True)
class Conversions:
    """The types as one PowerShell on one host converts to them."""

    words: Words
    around: Surroundings

    def convert(self, kind: str, value: Any) -> Any:
        """A value as an option of the kind has it. Raises ConversionError."""
        return _CONVERTERS[kind](self, value)

    def to_bool(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        given = text(value).lower().strip()
        if given in TRUE:
            return True
        if given in FALSE:
            return False
        valid = ", ".join((*TRUE, *FALSE))
        raise ConversionError(f"The value '{given}' is not a valid boolean. Valid booleans include: {valid}")

    def to_dict(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping):
            return {str(key): inner for key, inner in value.items()}
        if not isinstance(value, str):
            raise ConversionError(f"{type_name(value, self.words)} cannot be converted to a dict")
        if value.startswith("{") and value.endswith("}"):
            try:
                found = json.loads(value)
            except ValueError:
                raise NotModelled(
                    "the words of JavaScriptSerializer for wrong JSON in an option of type dict"
                ) from None
            if isinstance(found, dict):
                return found
        if "=" not in value:
            raise ConversionError(
                "string cannot be converted to a dict, must either be a JSON string or in the key=value form"
            )
        made: dict[str, Any] = {}
        for field in dict.fromkeys(_fields(value)):
            key, equals, rest = field.partition("=")
            if key in made:
                raise ConversionError("An item with the same key has already been added.")
            made[key] = rest if equals else None
        return made

    def to_float(self, value: Any) -> float:
        return dotnet.single(value, self.words)

    def to_int(self, value: Any) -> int:
        return dotnet.int32(value, self.words)

    def to_json(self, value: Any) -> str:
        if isinstance(value, str):
            return value
        if not isinstance(value, Mapping):
            raise ConversionError(f"{type_name(value, self.words)} cannot be converted to json")
        made = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
        if self.words.escapes_json:
            for character in "<>&'":
                made = made.replace(character, f"\\u{ord(character):04x}")
        return made

    def to_list(self, value: Any) -> list[Any]:
        if isinstance(value, list | tuple):
            return list(value)
        if isinstance(value, str):
            return [part.strip() for part in value.split(",")]
        if type_name(value, self.words) == "System.Int32":
            return [value]
        raise ConversionError(f"{type_name(value, self.words)} cannot be converted to a list")

    def to_path(self, value: Any) -> str:
        given = text(value)
        # Paths for the kernel are left alone.
        if given.startswith("\\\\?\\"):
            return given
        given = self.around.expand(given)
        if any(character in self.words.bad_in_paths or character < " " for character in given):
            raise ConversionError("string value contains invalid path characters, cannot convert to path")
        if not given.strip():
            raise ConversionError("The path is not of a legal form.")
        if ":" in given[2:] or (given[1:2] == ":" and not given[0].isalpha()) or given.startswith(":"):
            raise ConversionError("The given path's format is not supported.")
        if len(given) >= LONGEST_PATH:
            raise ConversionError(
                "The specified path, file name, or both are too long. The fully qualified file name must be less than"
                " 260 characters, and the directory name must be less than 248 characters."
            )
        return given

    def to_raw(self, value: Any) -> Any:
        return value

    def to_sid(self, value: Any) -> str:
        try:
            return self.around.sid(text(value))
        except LookupError:
            raise ConversionError(NO_MAPPING) from None

    def to_str(self, value: Any) -> str:
        return text(value)

    def to_uint32(self, value: Any) -> int:
        return dotnet.cast_integer(value, "UInt32", dotnet.UINT32)


_CONVERTERS: Mapping[str, Callable[[Conversions, Any], Any]] = {
    "bool": Conversions.to_bool,
    "dict": Conversions.to_dict,
    "float": Conversions.to_float,
    "int": Conversions.to_int,
    "json": Conversions.to_json,
    "list": Conversions.to_list,
    "path": Conversions.to_path,
    "raw": Conversions.to_raw,
    "sid": Conversions.to_sid,
    "str": Conversions.to_str,
    # Code of the module instead of a type of Ansible.Basic, which calls it a delegate.
    "custom:uint32": Conversions.to_uint32,
}
