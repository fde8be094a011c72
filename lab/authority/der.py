# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The extensions of Microsoft that no library writes, in DER (MS-WCCE 2.2.2.7.7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .templates import Template

_INTEGER, _OBJECT_IDENTIFIER, _BMP_STRING, _SEQUENCE = 0x02, 0x06, 0x1E, 0x30


def bmp_string(text: str) -> bytes:
    """The name of a template of version 1 (1.3.6.1.4.1.311.20.2)."""
    return _value(_BMP_STRING, text.encode("utf-16-be"))


def template_information(template: Template) -> bytes:
    """OID, major and minor version of a template from version 2 on (1.3.6.1.4.1.311.21.7)."""
    major, minor = template.revision
    return _value(_SEQUENCE, _oid(template.oid) + _integer(major) + _integer(minor))


def policies(oids: Iterable[str]) -> bytes:
    """Application policies (1.3.6.1.4.1.311.21.10), with the syntax of certificate policies."""
    return _value(_SEQUENCE, b"".join(_value(_SEQUENCE, _oid(oid)) for oid in oids))


def _value(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _integer(number: int) -> bytes:
    return _value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(text: str) -> bytes:
    first, second, *rest = (int(arc) for arc in text.split("."))
    return _value(_OBJECT_IDENTIFIER, b"".join(_arc(arc) for arc in (first * 40 + second, *rest)))


def _arc(number: int) -> bytes:
    found = [number & 0x7F]
    while number := number >> 7:
        found.insert(0, number & 0x7F | 0x80)
    return bytes(found)
