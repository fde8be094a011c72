# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A strict reader of change records (RFC 2849), written for tests of the writer and sharing nothing with it."""

from __future__ import annotations

import base64
import typing as t

from ansible_collections.certops.intune.plugins.module_utils.directory.operations import (
    Add,
    Delete,
    Modify,
    Operation,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change

SD_FLAGS = "1.2.840.113556.1.4.801 true:: "


def read(text: str) -> list[Operation]:
    """The operations of a file. Raises ValueError for anything that the writer should not write."""
    if any(not line.isascii() or len(line) > 76 for line in text.split("\n")):
        raise ValueError("a line that is long or not ASCII")
    lines: list[str] = []
    for line in text.removeprefix("version: 1\n").split("\n"):
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    records: list[list[str]] = [[]]
    for line in lines:
        if not line:
            records.append([])
        elif not line.startswith("#"):
            records[-1].append(line)
    return [_operation(record) for record in records if record]


def _operation(lines: list[str]) -> Operation:
    (first, dn), rest = _pair(lines[0]), lines[1:]
    flags = None
    if rest[0].startswith("control: "):
        octets = base64.b64decode(rest.pop(0).removeprefix(f"control: {SD_FLAGS}"), validate=True)
        if octets[:4] != bytes((0x30, 3, 2, 1)) or len(octets) != 5:
            raise ValueError(f"{octets!r} is no sequence of one number")
        flags = octets[4]
    kind = rest.pop(0)
    if first != "dn" or kind not in ("changetype: add", "changetype: modify", "changetype: delete"):
        raise ValueError(f"{lines[:3]} is no beginning of a record")
    name = dn.decode()
    if kind == "changetype: delete":
        if rest:
            raise ValueError(f"{rest} in a deletion")
        return Delete(name)
    if kind == "changetype: add":
        attributes: dict[str, list[bytes]] = {}
        for line in rest:
            attribute, value = _pair(line)
            attributes.setdefault(attribute, []).append(value)
        return Add(name, attributes)
    return Modify(name, tuple(_changes(rest)), flags)


def _changes(lines: list[str]) -> t.Iterator[Change]:
    if not lines or lines[-1] != "-":
        raise ValueError("a modification that does not end")
    change: list[str] = []
    for line in lines:
        if line != "-":
            change.append(line)
            continue
        operation, attribute = change[0].split(": ")
        if operation not in ("add", "delete", "replace"):
            raise ValueError(f"{operation} is no change")
        pairs = [_pair(each) for each in change[1:]]
        if any(name != attribute for name, _value in pairs):
            raise ValueError(f"{change} has values of another attribute")
        yield Change(t.cast(t.Any, operation), attribute, tuple(value for _name, value in pairs))
        change = []


def _pair(line: str) -> tuple[str, bytes]:
    name, separator, value = line.partition(":")
    if not separator or value[:1] not in (" ", ":"):
        raise ValueError(f"{line!r} is no attribute")
    if value.startswith(": "):
        return name, base64.b64decode(value[2:], validate=True)
    if value != " " and (value[1] in " :<" or value[-1] == " "):
        raise ValueError(f"{line!r} should be in base64")
    return name, value[1:].encode()
