# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change records of the LDAP Data Interchange Format (RFC 2849), as ldapmodify reads them.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import base64
import typing as t

from .controls import SD_FLAGS, sd_flags_value
from .entry import Change

#: Longest line. RFC 2849 leaves it open; its note 2 recommends folding before the 80th column.
WIDTH: t.Final = 76


def header() -> str:
    """What a file begins with: the version of the format."""
    return "version: 1\n"


def comment(text: str) -> str:
    """O(text) as comment lines, whatever characters it holds."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(_folded(f"# {line}".rstrip()) for line in plain.splitlines() or [""])


def value_comment(name: str, value: bytes) -> str:
    """An attribute's value as a comment: for the reader, not for the directory."""
    return _folded(f"# {_line(name, value)}")


def add_record(dn: str, attributes: t.Mapping[str, t.Sequence[bytes]], *, sd_flags: int | None = None) -> str:
    """The creation of an object. Values keep their order; an attribute without values is left out."""
    lines = [_line(name, value) for name, values in attributes.items() for value in values]
    return _record(dn, "add", lines, sd_flags)


def modify_record(dn: str, changes: t.Iterable[Change], *, sd_flags: int | None = None) -> str:
    """The modification of an object, all of O(changes) or none."""
    lines: list[str] = []
    for change in changes:
        lines.append(f"{change.operation}: {change.attribute}")
        lines.extend(_line(change.attribute, value) for value in change.values)
        lines.append("-")
    return _record(dn, "modify", lines, sd_flags)


def delete_record(dn: str) -> str:
    """The deletion of an object."""
    return _record(dn, "delete", (), None)


def _record(dn: str, kind: str, lines: t.Iterable[str], sd_flags: int | None) -> str:
    control = [] if sd_flags is None else [f"control: {SD_FLAGS} true:: {_base64(sd_flags_value(sd_flags))}"]
    return "".join(map(_folded, [_line("dn", dn.encode()), *control, f"changetype: {kind}", *lines])) + "\n"


def _line(name: str, value: bytes) -> str:
    return f"{name}: {value.decode()}" if _is_safe(value) else f"{name}:: {_base64(value)}"


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _is_safe(value: bytes) -> bool:
    """Whether O(value) may stand as it is: SAFE-STRING, without control characters and a blank at the end."""
    return all(0x20 <= octet < 0x7F for octet in value) and value[:1] not in (b" ", b":", b"<") and value[-1:] != b" "


def _folded(line: str) -> str:
    """O(line), which is ASCII, as lines of at most WIDTH characters; every further one begins with a blank."""
    first, rest = line[:WIDTH], line[WIDTH:]
    parts = [first, *(f" {rest[at : at + WIDTH - 1]}" for at in range(0, len(rest), WIDTH - 1))]
    return "".join(f"{part}\n" for part in parts)
