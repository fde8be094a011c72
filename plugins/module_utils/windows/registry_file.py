# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry files as regedit.exe and reg.exe import them ("Windows Registry Editor Version 5.00").

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .registry import BITS, KINDS, Value

FIRST_LINE = "Windows Registry Editor Version 5.00"
_LINE_END = "\r\n"

#: Columns after which regedit.exe goes on in the next line.
_WIDTH = 79

#: What a line cannot hold, since it would end there, or the text would.
_UNSAYABLE = re.compile(r"[\r\n\0]")


@dataclasses.dataclass(frozen=True)
class Section:
    """What a file says of one key.

    Attributes:
        path: The key, C(HKEY_LOCAL_MACHINE\\...).
        values: By name; None for one that an import deletes.
        delete: Whether an import deletes the key with all below it.
    """

    path: str
    values: t.Mapping[str, Value | None] = dataclasses.field(default_factory=dict)
    delete: bool = False


def text_of(sections: t.Iterable[Section], comment: str = "") -> str:
    """The text of a file.

    What a file of this form cannot say stands in it as a comment: a name with a line end in it, and data of a type that
    the registry does not document.
    """
    lines = [FIRST_LINE, ""]
    lines += [f"; {_UNSAYABLE.sub(' ', row)}" for row in comment.splitlines()]
    lines += [""] if comment else []
    for section in sections:
        if _UNSAYABLE.search(section.path):
            lines += [f"; left out: the key {_UNSAYABLE.sub(' ', section.path)}", ""]
            continue
        lines.append(f"[{'-' if section.delete else ''}{section.path}]")
        for name, value in section.values.items():
            lines += _value(name, value)
        lines.append("")
    return _LINE_END.join([*lines, ""])


def octets_of(text: str) -> bytes:
    """The file: UTF-16 with the low octet first and a byte order mark, as regedit.exe writes it."""
    return ("\ufeff" + text).encode("utf-16-le", "surrogatepass")


def _value(name: str, value: Value | None) -> list[str]:
    if _UNSAYABLE.search(name) or (value is not None and (value.kind not in KINDS or value.data is None)):
        return [f"; left out: the value {_UNSAYABLE.sub(' ', name)}"]
    begin = f'"{_escaped(name)}"=' if name else "@="
    if value is None:
        return [f"{begin}-"]
    if value.kind == "DWord" and isinstance(value.data, int):
        return [f"{begin}dword:{value.data:08x}"]
    if value.kind == "String" and isinstance(value.data, str) and not _UNSAYABLE.search(value.data):
        return [f'{begin}"{_escaped(value.data)}"']
    number = KINDS[value.kind][0]
    kind = "hex" if value.kind == "Binary" else f"hex({number:x})"
    return _wrapped(f"{begin}{kind}:", [f"{octet:02x}" for octet in _stored(value)])


def _stored(value: Value) -> bytes:
    """The octets that the registry keeps."""
    if isinstance(value.data, bytes):
        return value.data
    if isinstance(value.data, int):
        return value.data.to_bytes(BITS[value.kind] // 8, "little")
    # A text has an end, and a list of texts another one behind them all.
    texts = (value.data or "",) if not isinstance(value.data, tuple) else (*value.data, "")
    return b"".join((text + "\0").encode("utf-16-le", "surrogatepass") for text in texts)


def _wrapped(line: str, pairs: list[str]) -> list[str]:
    lines: list[str] = []
    for place, pair in enumerate(pairs, 1):
        more = place < len(pairs)
        line += pair + ("," if more else "")
        if more and len(line) + len("ff,\\") > _WIDTH:
            lines.append(line + "\\")
            line = "  "
    return [*lines, line]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
