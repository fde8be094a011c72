# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguished names as text (RFC 4514).

Active Directory has no RDNs of several attributes, so a plus sign that is not escaped is kept as part of the value.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re

_SPECIAL = frozenset('\\,+"<>;=')
_ESCAPE = re.compile(rb"\\(?:([0-9A-Fa-f]{2})|(.))", re.DOTALL)
# A component: escaped characters, or anything but a comma.
_COMPONENT = re.compile(r"(?:\\.|[^\\,])+", re.DOTALL)


def escape_rdn(text: str) -> str:
    """O(text) as the value of an RDN. Raises ValueError for an empty text, which no RDN can have."""
    if not text:
        raise ValueError("the value of an RDN cannot be empty")
    # Control characters by number: parsers take some of them for blanks around a value.
    escaped = "".join(
        f"\\{char}" if char in _SPECIAL else f"\\{ord(char):02X}" if char < " " else char for char in text
    )
    if escaped[0] in " #":
        escaped = f"\\{escaped}"
    if len(text) > 1 and escaped[-1] == " ":
        escaped = f"{escaped[:-1]}\\ "
    return escaped


def unescape(value: str) -> str:
    """The text that an escaped RDN value stands for. Raises ValueError when its bytes are not UTF-8."""
    data = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]) if match[1] else match[2], value.encode())
    return data.decode()


def split(dn: str) -> tuple[str, ...]:
    """The components of O(dn), first the object's own, still escaped. Raises ValueError for what is no DN."""
    parts: list[str] = []
    position = 0
    while position < len(dn):
        match = _COMPONENT.match(dn, position)
        part = _stripped(match[0]) if match else ""
        if not match or "=" not in part.lstrip("="):
            raise ValueError(f"'{dn}' is not a distinguished name")
        parts.append(part)
        position = match.end() + 1
        if position == len(dn):
            raise ValueError(f"'{dn}' is not a distinguished name: it ends with a comma")
    return tuple(parts)


def _stripped(part: str) -> str:
    """Without the blanks around it; an escaped one at the end belongs to the value."""
    stripped = part.strip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return f"{stripped} " if backslashes % 2 and part.rstrip(" ") != part else stripped


def join(*parts: str) -> str:
    """The DN of O(parts), each an RDN or a DN, the innermost first; empty ones are left out."""
    return ",".join(part for part in parts if part)


def rdn_value(dn: str) -> str:
    """The value of the object's own RDN, unescaped."""
    return unescape(_stripped(split(dn)[0].partition("=")[2]))


def parent(dn: str) -> str:
    """The DN of the object in which O(dn) lies; empty for a DN of one component."""
    return ",".join(split(dn)[1:])


def normalised(dn: str) -> tuple[tuple[str, str], ...]:
    """A form that is equal for equal names: attribute types and values without case and escapes."""
    pairs = (part.partition("=") for part in split(dn))
    return tuple((kind.strip().casefold(), unescape(_stripped(value)).casefold()) for kind, _separator, value in pairs)


def equal(first: str, second: str) -> bool:
    """Whether both name the same object. Raises ValueError when one is no DN."""
    return normalised(first) == normalised(second)


def domain_dn(dn: str) -> str:
    """The DC components at the end of O(dn): the domain in which the object lies."""
    parts = split(dn)
    count = 0
    for part in reversed(parts):
        if part.partition("=")[0].strip().casefold() != "dc":
            break
        count += 1
    return ",".join(parts[len(parts) - count :])


def dns_name(dn: str) -> str:
    """The DNS name of the domain in which O(dn) lies: C(a.b) for C(CN=x,DC=a,DC=b)."""
    return ".".join(unescape(part.partition("=")[2].strip()) for part in split(domain_dn(dn)))
