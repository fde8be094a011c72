# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry files: what `reg export` writes and `reg import` reads ("Windows Registry Editor Version 5.00").

On disk they are UTF-16 with a byte order mark; here they are text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .values import KIND_BY_NUMBER, KINDS, InvalidValue, Value

HEAD = "Windows Registry Editor Version 5.00"
#: Columns after which hexadecimal data goes on in the next line.
WIDTH = 79
_NUMBERED = {"REG_BINARY": "hex"}
_LINE_END = re.compile(r"[\r\n]")
_NAME = re.compile(r'^(?:@|"((?:[^"\\]|\\.)*)")=(.*)$', re.DOTALL)
_DWORD = re.compile(r"dword:([0-9a-fA-F]{1,8})$")
_HEX = re.compile(r"hex(?:\(([0-9a-fA-F]{1,8})\))?:((?:[0-9a-fA-F]{1,2}(?:,[0-9a-fA-F]{1,2})*,?)?)$")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"$', re.DOTALL)


class InvalidFile(ValueError):  # noqa: N818
    """No registry file, or a line that is none; the message names the line."""


@dataclass(frozen=True)
class Section:
    """What a file says of one key.

    Attributes:
        path: `HKEY_LOCAL_MACHINE\\...`.
        values: By name, "" for the default; None for one that is to be deleted.
        delete: Whether the key is to be deleted with all below it.
    """

    path: str
    values: dict[str, Value | None]
    delete: bool = False


def write(sections: Iterable[Section]) -> str:
    """The text of a file, with Windows' line ends.

    Raises:
        InvalidFile: A name has a line end in it, which no file of this form can say.
    """
    lines = [HEAD, ""]
    for section in sections:
        for name in (section.path, *section.values):
            if _LINE_END.search(name):
                raise InvalidFile(f"a registry file cannot say a name with a line end in it: {name!r}")
        lines.append(f"[{'-' if section.delete else ''}{section.path}]")
        for name, value in section.values.items():
            lines += _value(name, value)
        lines.append("")
    return "\r\n".join([*lines, ""])


def read(text: str) -> list[Section]:
    """The sections of a file, in its order. InvalidFile for what `reg import` would not take whole."""
    lines = _lines(text.removeprefix("\ufeff"))
    number, head = next(lines, (1, ""))
    if head != HEAD:
        raise InvalidFile(f"line {number}: a registry file begins with {HEAD}")
    sections: list[Section] = []
    for number, line in lines:
        if not line or line.startswith(";"):
            continue
        if line.startswith("[") and line.endswith("]"):
            delete = line.startswith("[-")
            sections.append(Section(line[2 if delete else 1 : -1], {}, delete))
            continue
        if not sections or sections[-1].delete:
            raise InvalidFile(f"line {number}: a value belongs to no key")
        name, value = _read_value(number, line)
        sections[-1].values[name] = value
    return sections


def _value(name: str, value: Value | None) -> list[str]:
    begin = "@=" if not name else f'"{_escaped(name)}"='
    if value is None:
        return [begin + "-"]
    if isinstance(value.data, int) and value.kind == "REG_DWORD":
        return [f"{begin}dword:{value.data:08x}"]
    # A string with a line end in it would not be read back line by line: its bytes are.
    if value.kind == "REG_SZ" and isinstance(value.data, str) and not _LINE_END.search(value.data):
        return [f'{begin}"{_escaped(value.data)}"']
    kind = _NUMBERED.get(value.kind, f"hex({KINDS[value.kind]:x})")
    return _wrapped(f"{begin}{kind}:", [f"{byte:02x}" for byte in value.raw()])


def _wrapped(line: str, pairs: list[str]) -> list[str]:
    lines = []
    for place, pair in enumerate(pairs):
        line += pair + ("," if place + 1 < len(pairs) else "")
        if place + 1 < len(pairs) and len(line) + 4 > WIDTH:
            lines.append(line + "\\")
            line = "  "
    return [*lines, line]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; those that end in a backslash with the next."""
    joined, begin = "", 0
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        begin = begin or number
        if line.endswith("\\") and re.search(r"hex(\([0-9a-fA-F]+\))?:[0-9a-fA-F, ]*\\$", joined + line):
            joined += line[:-1].lstrip(" ") if joined else line[:-1]
            continue
        yield begin, (joined + line.strip()) if joined else line.strip(" \t")
        joined, begin = "", 0
    if joined:
        yield begin, joined


def _read_value(number: int, line: str) -> tuple[str, Value | None]:
    found = _NAME.match(line)
    if not found:
        raise InvalidFile(f"line {number}: neither a key nor a value: {line[:40]}")
    name, data = _plain(found[1] or ""), found[2]
    if data == "-":
        return name, None
    if string := _STRING.match(data):
        return name, Value("REG_SZ", _plain(string[1]))
    if dword := _DWORD.match(data):
        return name, Value("REG_DWORD", int(dword[1], 16))
    if numbers := _HEX.match(data):
        kind = KIND_BY_NUMBER.get(int(numbers[1] or "3", 16))
        if kind is None:
            raise InvalidFile(f"line {number}: kind hex({numbers[1]}) is not modelled")
        try:
            return name, Value.from_raw(kind, bytes(int(pair, 16) for pair in numbers[2].split(",") if pair))
        except InvalidValue as error:
            raise InvalidFile(f"line {number}: {error}") from error
    raise InvalidFile(f"line {number}: unknown data: {data[:40]}")
