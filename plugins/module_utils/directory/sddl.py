# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Security descriptors as text: the Security Descriptor Description Language (MS-DTYP 2.5.1).

Text is written as Windows writes it: rights and flags in the order of their bits, hexadecimal where letters cannot
express a mask, aliases for SIDs where there is one. Three things that SDDL has no letters for are written in a form
of our own, which Windows does not read but this module does:

* an ACE type without letters is its number: C(0x0c);
* bytes behind the SID (the condition of a callback ACE, the value of a resource attribute) are a seventh field, a
  number sign and hexadecimal digits: C((XA;;RP;;;AU;#61727478));
* an ACE of unknown shape has three fields, number, flags and body: C((0x04;CI;#0100)).

Conditional expressions are not understood: their text is refused. Of the control bits SDDL has only protected (P),
auto-inherit required (AR) and auto-inherited (AI), and those only where there is an ACL.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import functools
import re
import typing as t
from uuid import UUID

from .descriptor import OBJECT_TYPES, Ace, AceType, Acl, Control, RawAce, SecurityDescriptor
from .sddl_names import ACE_FLAGS, ACE_TYPES, COMPOSITE_RIGHTS, LABEL_RIGHTS, RIGHTS
from .sid import Sid
from .well_known import SDDL_ALIASES, Relative, absolute


class SddlError(ValueError):
    """Text that is not SDDL, or not SDDL of the kind understood here."""


MAX_LENGTH: t.Final = 0x80000
"""Longest text read, in characters. The longest ACL has about 4,000 entries."""

_NULL_ACL = "NO_ACCESS_CONTROL"
_COMPONENT = re.compile(r"\s*([OGDS]):")
# What follows is part of the pattern: the D of D: could be a digit of a hexadecimal authority.
_SID = re.compile(r"(?:S-1-(?:0x[0-9a-fA-F]{1,12}|[0-9]+)(?:-[0-9]+)*|[A-Z]{2})(?=\s*(?:[OGDS]:|\Z))")
_ACL_FLAGS = re.compile(rf"((?:P|AR|AI)*)({_NULL_ACL})?")
_ACE = re.compile(r"\s*\(([^()]*)\)")
_HEX_MASK = re.compile(r"0x[0-9a-fA-F]{1,8}\Z")
_DECIMAL_MASK = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z")
_HEX_TYPE = re.compile(r"0x[0-9a-fA-F]{1,2}\Z")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_BYTES = re.compile(r"#((?:[0-9a-fA-F]{2})*)\Z")

_INPUT_RIGHTS = {**RIGHTS, **COMPOSITE_RIGHTS}
_TYPE_LETTERS = {number: letters for letters, number in ACE_TYPES.items()}

# In the order Windows prints them.
_DACL_FLAGS = {
    "P": int(Control.DACL_PROTECTED),
    "AR": int(Control.DACL_AUTO_INHERIT_REQUIRED),
    "AI": int(Control.DACL_AUTO_INHERITED),
}
_SACL_FLAGS = {
    "P": int(Control.SACL_PROTECTED),
    "AR": int(Control.SACL_AUTO_INHERIT_REQUIRED),
    "AI": int(Control.SACL_AUTO_INHERITED),
}


def to_sddl(descriptor: SecurityDescriptor, domain: Sid | None = None, root_domain: Sid | None = None) -> str:
    """The descriptor as one line of text.

    Args:
        descriptor: what to write.
        domain: SID of the domain whose groups get their aliases (C(DA), C(DU), ...); omitted, they are SIDs.
        root_domain: SID of the forest's root domain, for C(EA), C(SA), C(RO) and C(EK).
    """
    parts = []
    if descriptor.owner is not None:
        parts.append(f"O:{_sid_to_sddl(descriptor.owner, domain, root_domain)}")
    if descriptor.group is not None:
        parts.append(f"G:{_sid_to_sddl(descriptor.group, domain, root_domain)}")
    for tag, acl, present, letters in (
        ("D", descriptor.dacl, Control.DACL_PRESENT, _DACL_FLAGS),
        ("S", descriptor.sacl, Control.SACL_PRESENT, _SACL_FLAGS),
    ):
        if not descriptor.control & present:
            continue
        parts.append(f"{tag}:{_letters(descriptor.control, letters)}")
        if acl is None:
            parts.append(_NULL_ACL)
        else:
            parts.extend(f"({ace_to_sddl(ace, domain, root_domain)})" for ace in acl.aces)
    return "".join(parts)


def from_sddl(text: str, domain: Sid | None = None, root_domain: Sid | None = None) -> SecurityDescriptor:
    """The descriptor that O(text) describes, its ACLs in revision 4 as Active Directory keeps them.

    White space may stand before components and ACEs. Arguments as in C(to_sddl). Raises SddlError for anything that
    is not understood, and for an alias whose domain is not given.
    """
    if len(text) > MAX_LENGTH:
        raise SddlError(f"SDDL of {len(text)} characters is longer than {MAX_LENGTH}")
    control = 0
    sids: dict[str, Sid] = {}
    acls: dict[str, Acl] = {}
    seen: set[str] = set()
    text = text.rstrip()
    at = 0
    while at < len(text):
        component = _COMPONENT.match(text, at)
        if not component:
            raise SddlError(f"SDDL has no O:, G:, D: or S: at character {at}: {_excerpt(text, at)}")
        tag = component[1]
        if tag in seen:
            raise SddlError(f"SDDL has more than one {tag}: component")
        seen.add(tag)
        at = component.end()
        if tag in "OG":
            sid = _SID.match(text, at)
            if not sid:
                raise SddlError(f"SDDL has no SID after {tag}: {_excerpt(text, at)}")
            sids[tag] = _sid_from_sddl(sid[0], domain, root_domain)
            at = sid.end()
            continue
        letters, present = (_DACL_FLAGS, Control.DACL_PRESENT) if tag == "D" else (_SACL_FLAGS, Control.SACL_PRESENT)
        flags = t.cast("re.Match[str]", _ACL_FLAGS.match(text, at))
        at = flags.end()
        control |= present | _number(flags[1], letters, "ACL flags")
        aces: list[Ace | RawAce] = []
        while ace := _ACE.match(text, at):
            aces.append(ace_from_sddl(ace[1], domain, root_domain))
            at = ace.end()
        if not flags[2]:
            acls[tag] = Acl(tuple(aces))
        elif aces:
            raise SddlError(f"SDDL has entries after {tag}:{_NULL_ACL}")
    return SecurityDescriptor(control, sids.get("O"), sids.get("G"), acls.get("D"), acls.get("S"))


def ace_to_sddl(ace: Ace | RawAce, domain: Sid | None = None, root_domain: Sid | None = None) -> str:
    """One ACE without its parentheses: C(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DA)."""
    if isinstance(ace, RawAce):
        return f"0x{ace.type:02x};{_letters(ace.flags, ACE_FLAGS)};#{ace.body.hex()}"
    return _ace_text(ace, _sid_to_sddl(ace.sid, domain, root_domain))


def ace_from_sddl(text: str, domain: Sid | None = None, root_domain: Sid | None = None) -> Ace | RawAce:
    """The ACE that O(text) describes, in parentheses or without them. Raises SddlError when it is not one."""
    inner = text[1:-1] if text.startswith("(") and text.endswith(")") else text
    fields = inner.split(";")
    if len(fields) == 3:
        return RawAce(_type(fields[0], inner), _flags(fields[1]), _bytes(fields[2]))
    if len(fields) not in (6, 7):
        raise SddlError(f"'{_shorten(inner)}' is not an ACE of 6 fields: type;flags;rights;object;inherited object;SID")
    return _ace(fields, _sid_from_sddl(fields[5], domain, root_domain), inner)


def ace_to_body(ace: Ace) -> str:
    """The ACE without its trustee: C(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;).

    Bytes behind the SID follow as C(;;#) and hexadecimal digits.
    """
    return _ace_text(ace, "") if ace.application_data else _ace_text(ace, "").removesuffix(";")


def ace_from_body(text: str, sid: Sid) -> Ace:
    """The ACE for O(sid) that C(ace_to_body) wrote as O(text). Raises SddlError when it is not one."""
    fields = text.split(";")
    if len(fields) not in (5, 7) or (len(fields) == 7 and fields[5]):
        raise SddlError(f"'{_shorten(text)}' is not an ACE without trustee: type;flags;rights;object;inherited object")
    return _ace(fields, sid, text)


def mask_to_sddl(mask: int) -> str:
    """An access mask as letters, or as hexadecimal number when it has bits without letters; empty for 0."""
    return _mask_text(mask, RIGHTS)


def mask_from_sddl(text: str) -> int:
    """The access mask written as letters, hexadecimal or decimal number. Raises SddlError when it is none of them."""
    return _mask(text, _INPUT_RIGHTS)


def _ace_text(ace: Ace, sid: str) -> str:
    fields = [
        _TYPE_LETTERS.get(ace.type) or f"0x{ace.type:02x}",
        _letters(ace.flags, ACE_FLAGS),
        _mask_text(ace.mask, LABEL_RIGHTS if ace.type == AceType.SYSTEM_MANDATORY_LABEL else RIGHTS),
        "" if ace.object_type is None else str(ace.object_type),
        "" if ace.inherited_object_type is None else str(ace.inherited_object_type),
        sid,
    ]
    if ace.application_data:
        fields.append(f"#{ace.application_data.hex()}")
    return ";".join(fields)


def _ace(fields: list[str], sid: Sid, text: str) -> Ace:
    ace_type = _type(fields[0], text)
    object_type, inherited_object_type = _guid(fields[3]), _guid(fields[4])
    if ace_type not in OBJECT_TYPES and (object_type or inherited_object_type):
        raise SddlError(f"'{_shorten(text)}': only an ACE of an object type ({_object_letters()}) has object GUIDs")
    rights = LABEL_RIGHTS if ace_type == AceType.SYSTEM_MANDATORY_LABEL else _INPUT_RIGHTS
    data = _bytes(fields[6]) if len(fields) == 7 else b""
    try:
        return Ace(ace_type, _flags(fields[1]), _mask(fields[2], rights), sid, object_type, inherited_object_type, data)
    except SddlError:
        raise
    except ValueError as error:
        raise SddlError(f"'{_shorten(text)}' is not an ACE: {error}") from error


def _object_letters() -> str:
    return ", ".join(letters for letters, number in ACE_TYPES.items() if number in OBJECT_TYPES)


def _type(text: str, ace: str) -> int:
    if _HEX_TYPE.match(text):
        return int(text, 16)
    number = ACE_TYPES.get(text)
    if number is None:
        raise SddlError(f"'{_shorten(ace)}': ACE type '{_shorten(text)}' is none of {', '.join(ACE_TYPES)}")
    return int(number)


def _flags(text: str) -> int:
    return _number(text, ACE_FLAGS, "ACE flags")


def _guid(text: str) -> UUID | None:
    if not text:
        return None
    if not _GUID.match(text):
        raise SddlError(f"'{_shorten(text)}' is not a GUID")
    return UUID(text)


def _bytes(text: str) -> bytes:
    match = _BYTES.match(text)
    if not match:
        raise SddlError(
            f"'{_shorten(text)}' is not a number sign and hexadecimal digits; conditions are not understood"
        )
    return bytes.fromhex(match[1])


def _mask_text(mask: int, names: t.Mapping[str, int]) -> str:
    text = _letters(mask, names)
    return text if _number(text, names, "") == mask else f"0x{mask:x}"


def _mask(text: str, names: t.Mapping[str, int]) -> int:
    if _HEX_MASK.match(text):
        return int(text, 16)
    if _DECIMAL_MASK.match(text):
        mask = int(text)
        if mask >= 1 << 32:
            raise SddlError(f"access mask {mask} is outside 32 bits")
        return mask
    return _number(text, names, "access rights")


def _letters(number: int, names: t.Mapping[str, int]) -> str:
    return "".join([letters for letters, bits in names.items() if number & bits])


def _number(text: str, names: t.Mapping[str, int], what: str) -> int:
    """The sum of a run of names; one-letter names (the ACL flag P) are read before two-letter ones."""
    number = 0
    at = 0
    while at < len(text):
        letters = text[at] if text[at] in names else text[at : at + 2]
        bits = names.get(letters)
        if bits is None:
            raise SddlError(f"'{_shorten(text)}': {what} '{letters}' is none of {', '.join(names)}")
        number |= bits
        at += len(letters)
    return number


@functools.lru_cache(maxsize=32)
def _names(domain: Sid | None, root_domain: Sid | None) -> t.Mapping[Sid, str]:
    names = {absolute(sid, domain, root_domain): alias for alias, sid in SDDL_ALIASES.items()}
    return {sid: alias for sid, alias in names.items() if sid is not None}


def _sid_to_sddl(sid: Sid, domain: Sid | None, root_domain: Sid | None) -> str:
    return _names(domain, root_domain).get(sid) or str(sid)


def _sid_from_sddl(text: str, domain: Sid | None, root_domain: Sid | None) -> Sid:
    known = SDDL_ALIASES.get(text)
    if known is None:
        try:
            return Sid.parse(text)
        except ValueError as error:
            raise SddlError(f"'{_shorten(text)}' is neither a SID nor an SDDL alias") from error
    sid = absolute(known, domain, root_domain)
    if sid is None:
        scope = "root domain" if isinstance(known, Relative) and known.scope == "root_domain" else "domain"
        raise SddlError(f"SDDL alias {text} stands for a group of the {scope}, whose SID is not given")
    return sid


def _excerpt(text: str, at: int) -> str:
    return f"'{_shorten(text[at : at + 64])}'"


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
