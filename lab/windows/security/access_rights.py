# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access rights by name, as PowerShell casts text to the enumerations of .NET."""

from __future__ import annotations

from lab.windows import tables
from lab.windows.exceptions import cannot_convert
from lab.windows.not_modelled import NotModelled
from lab.windows.security.acl import CONTAINER_INHERIT, INHERIT_ONLY, NO_PROPAGATE, OBJECT_INHERIT

#: The enumeration of each kind of object.
TYPES = {
    "file": "System.Security.AccessControl.FileSystemRights",
    "registry": "System.Security.AccessControl.RegistryRights",
    "key_container": "ansible_collections.ansible.windows.plugins.module_utils._CertACLHelper.CertAccessRights",
}
INHERITANCE = "System.Security.AccessControl.InheritanceFlags"
PROPAGATION = "System.Security.AccessControl.PropagationFlags"
_INHERITANCE = {"None": 0, "ContainerInherit": CONTAINER_INHERIT, "ObjectInherit": OBJECT_INHERIT}
_PROPAGATION = {"None": 0, "NoPropagateInherit": NO_PROPAGATE, "InheritOnly": INHERIT_ONLY}
SYNCHRONIZE = 0x100000
DELETE_CHILD = 0x40


class InvalidName(ValueError):  # noqa: N818
    """The text of PowerShell's InvalidCastException. Its line of names is in the order of their numbers."""


def mask(kind: str, text: str, *, allow: bool) -> int:
    """The mask of a new rule: the rights named, separated by commas, as the rule's constructor changes them.

    With files, what is allowed has Synchronize, and what is denied has not, unless all is denied
    (FileSystemAccessRule.AccessMaskFromRights). InvalidName if a name is not of the enumeration.
    """
    names: dict[str, int] = tables.load("security")["rights"][kind]
    found = _named(names, text, TYPES[kind])
    if kind != "file":
        return found
    if allow:
        return found | SYNCHRONIZE
    full = names["FullControl"]
    return found if found in (full, full & ~DELETE_CHILD) else found & ~SYNCHRONIZE


def names(kind: str) -> dict[str, int]:
    """The numbers of all rights of a kind of object by name in lower case."""
    known: dict[str, int] = tables.load("security")["rights"][kind]
    return {name.lower(): number for name, number in known.items()}


def shown(kind: str, mask: int) -> str:
    """The names of a mask as Enum.ToString() puts them: the largest first taken out, the smallest first told."""
    told = tables.load("security")
    known: dict[str, int] = told["rights"][kind]
    preferred: dict[str, int] = told["shown"].get(kind, {})
    by_value = {number: name for table in (known, preferred) for name, number in table.items()}
    rest = mask
    found: list[str] = []
    for number in sorted(by_value, reverse=True):
        if rest & number == number:
            rest -= number
            found.insert(0, by_value[number])
    if rest or not found:
        return str(mask - (mask >> 31 << 32))
    return ", ".join(found)


def inheritance(inherit: str, propagation: str) -> int:
    """The flags of an entry. What is not inherited is not propagated either."""
    flags = _named(_INHERITANCE, inherit, INHERITANCE)
    return flags | _named(_PROPAGATION, propagation, PROPAGATION) if flags else 0


def _named(names: dict[str, int], text: str, kind: str) -> int:
    found = 0
    for part in text.split(","):
        found |= _one(names, part.strip(), kind, text)
    return found


def _one(names: dict[str, int], name: str, kind: str, text: str) -> int:
    if name.lstrip("-").isdigit():
        return int(name) & 0xFFFFFFFF
    exact = [number for known, number in names.items() if known.lower() == name.lower()]
    begun = {number for known, number in names.items() if known.lower().startswith(name.lower())} if name else set()
    if exact or len(begun) == 1:
        return exact[0] if exact else begun.pop()
    if begun:
        raise NotModelled(f"{name}, which begins more than one name of {kind}")
    reason = (
        f"Unable to match the identifier name {name} to a valid enumerator name. Specify one of the following "
        f"enumerator names and try again:\r\n{', '.join(names)}"
    )
    raise InvalidName(cannot_convert(text, kind, reason))
