# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security descriptors as text (SDDL, MS-DTYP 2.5.1) and as bytes (self-relative, 2.4.6): owner, group, DACL."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from lab.windows import tables
from lab.windows.security.acl import Ace

_FLAGS = {"OI": 0x01, "CI": 0x02, "NP": 0x04, "IO": 0x08, "ID": 0x10}
_PARTS = re.compile(r"^(?:O:(?P<owner>[^:(]+?))?(?:G:(?P<group>[^:(]+?))?(?:D:(?P<dacl>[A-Z]*(?:\([^()]*\))*))?$")
_ACE = re.compile(r"\((A|D);([A-Z]*);([^;]*);;;([^;)]+)\)")
_PROTECTED = 0x1000
_AUTO_INHERITED = 0x0400
_SELF_RELATIVE = 0x8000
_DACL_PRESENT = 0x0004


class InvalidSddl(ValueError):  # noqa: N818
    """Text that describes no security, or more of it than is modelled (a SACL, conditions, objects)."""


@dataclass(frozen=True)
class Descriptor:
    """Owner and group (SIDs, "" if unknown), the entries of the DACL, and whether it is cut off from its parent."""

    owner: str
    group: str
    aces: tuple[Ace, ...]
    protected: bool = False
    auto_inherited: bool = False

    def __str__(self) -> str:
        head = (f"O:{_abbreviated(self.owner)}" if self.owner else "") + (
            f"G:{_abbreviated(self.group)}" if self.group else ""
        )
        control = ("P" if self.protected else "") + ("AI" if self.auto_inherited else "")
        return f"{head}D:{control}" + "".join(map(_ace, self.aces))

    def to_bytes(self) -> bytes:
        """Self-relative form, with the parts in Windows' order: head, DACL, owner, group."""
        entries = b"".join(map(_ace_bytes, self.aces))
        acl = struct.pack("<BBHHH", 2, 0, 8 + len(entries), len(self.aces), 0) + entries
        owner, group = (sid_bytes(sid) if sid else b"" for sid in (self.owner, self.group))
        control = _SELF_RELATIVE | _DACL_PRESENT
        control |= (_PROTECTED if self.protected else 0) | (_AUTO_INHERITED if self.auto_inherited else 0)
        begin = 20 + len(acl)
        places = begin if owner else 0, begin + len(owner) if group else 0
        return struct.pack("<BBHIIII", 1, 0, control, *places, 0, 20) + acl + owner + group


def parse(text: str) -> Descriptor:
    """Read SDDL. Names that depend on the domain (DA, EA) are refused: their SIDs must be written."""
    found = _PARTS.match(text)
    if not found:
        raise InvalidSddl(text)
    dacl = found["dacl"] or ""
    control = dacl.partition("(")[0]
    aces = tuple(_read_ace(*entry) for entry in _ACE.findall(dacl))
    if control not in ("", "P", "AI", "PAI") or len(aces) != dacl.count("("):
        raise InvalidSddl(text)
    owner, group = (_sid(name) if name else "" for name in (found["owner"], found["group"]))
    return Descriptor(owner, group, aces, "P" in control, "AI" in control)


def sid_bytes(sid: str) -> bytes:
    """A SID in its binary form (MS-DTYP 2.4.2.2)."""
    _, revision, authority, *numbers = sid.split("-")
    head = bytes([int(revision), len(numbers)]) + int(authority, 0).to_bytes(6, "big")
    return head + b"".join(struct.pack("<I", int(number)) for number in numbers)


def _read_ace(kind: str, flags: str, rights: str, who: str) -> Ace:
    pairs = re.findall("..", flags)
    if len(flags) % 2 or any(pair not in _FLAGS for pair in pairs):
        raise InvalidSddl(f"flags {flags}")
    return Ace(_sid(who), _mask(rights), kind == "A", sum(_FLAGS[pair] for pair in set(pairs)))


def _mask(rights: str) -> int:
    if re.fullmatch(r"0x[0-9a-fA-F]+|[0-9]+", rights):
        return int(rights, 0)
    known, mask = {**_table()["whole"], **_table()["single"]}, 0
    for pair in re.findall("..?", rights):
        if pair not in known:
            raise InvalidSddl(f"rights {rights}")
        mask |= known[pair]
    return mask


def _ace(ace: Ace) -> str:
    flags = "".join(name for name, flag in _FLAGS.items() if ace.flags & flag)
    return f"({'A' if ace.allow else 'D'};{flags};{_rights(ace.mask)};;;{_abbreviated(ace.sid)})"


def _rights(mask: int) -> str:
    for name, whole in _table()["whole"].items():
        if whole == mask:
            return str(name)
    single = _table()["single"]
    if mask & ~sum(single.values()):
        return f"0x{mask:x}"
    return "".join(name for name, bit in single.items() if mask & bit)


def _ace_bytes(ace: Ace) -> bytes:
    sid = sid_bytes(ace.sid)
    return struct.pack("<BBHI", 0 if ace.allow else 1, ace.flags, 8 + len(sid), ace.mask) + sid


def _sid(name: str) -> str:
    if name.startswith("S-1-"):
        return name
    if name not in _table()["sids"]:
        raise InvalidSddl(f"{name} is no SID that the lab knows by two letters")
    return str(_table()["sids"][name])


def _abbreviated(sid: str) -> str:
    return next((name for name, known in _table()["sids"].items() if known == sid), sid)


def _table() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = tables.load("security")["sddl"]
    return found
