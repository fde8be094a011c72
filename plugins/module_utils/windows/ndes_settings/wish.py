# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks for: options checked before anything is looked at, texts in the form in which they are written.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ...certificates.thumbprint import normal
from ...directory.edits import OptionError, refuse_set_with_remove, unique
from .places import DEFAULT, HTTP, PASSWORDS, SLOTS

#: Names of capabilities as they stand in the answer to GetCACaps (RFC 8894, 3.5.2): letters, digits, hyphens.
_CAPABILITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")

_EDITS = ("add", "remove", "set")

#: Options that say what is to be, which C(state=absent) cannot take.
_WISHES = ("templates", "policy_module_thumbprint", "passwords", "hash_algorithm", "ca_capabilities", "http")


@dataclasses.dataclass(frozen=True)
class Wish:
    """The options of a task.

    Attributes:
        absent: Whether all is to be as NDES's configuration leaves it.
        templates: Names as they were given, by slot.
        data: Data by the path of the option, of those that are values of their own; None takes a value away.
        capabilities: The edit of the list, None where it is left alone.
    """

    absent: bool = False
    templates: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    data: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    capabilities: t.Mapping[str, tuple[str, ...] | None] | None = None


def read_wish(arguments: t.Mapping[str, t.Any]) -> Wish:
    """The wish of a task's arguments. Raises OptionError for what can be right on no server."""
    absent = arguments["state"] == "absent"
    given = [name for name in _WISHES if arguments[name] is not None]
    if absent and given:
        raise OptionError(given[0], "is for state=present; state=absent takes back all that this module sets")
    data: dict[str, t.Any] = {}
    if arguments["policy_module_thumbprint"] is not None:
        data["policy_module_thumbprint"] = thumbprint(arguments["policy_module_thumbprint"])
    if arguments["hash_algorithm"] is not None:
        chosen = arguments["hash_algorithm"]
        data["hash_algorithm"] = None if chosen == DEFAULT else chosen
    for place in (*PASSWORDS, *HTTP):
        group, _dot, name = place.option.rpartition(".")
        number = (arguments[group] or {}).get(name)
        if number is None:
            continue
        if place.limits is not None and not place.limits[0] <= number <= place.limits[1]:
            raise OptionError(place.option, f"{number} is not from {place.limits[0]} to {place.limits[1]}")
        data[place.option] = number
    return Wish(absent, _templates(arguments["templates"] or {}), data, _capabilities(arguments["ca_capabilities"]))


def thumbprint(text: str) -> str:
    """A thumbprint as the policy module reads it: 40 hexadecimal digits in lower case. Raises OptionError."""
    try:
        return normal(text).lower()
    except ValueError as error:
        raise OptionError("policy_module_thumbprint", str(error)) from error


def _templates(given: t.Mapping[str, str | None]) -> dict[str, str]:
    names = {slot: name.strip() for slot in SLOTS if (name := given.get(slot)) is not None}
    for slot, name in names.items():
        if not name:
            raise OptionError(f"templates.{slot}", "a template has a name; leave the option out to leave it alone")
    return names


def _capabilities(edit: t.Mapping[str, list[str] | None] | None) -> dict[str, tuple[str, ...] | None] | None:
    if edit is None:
        return None
    refuse_set_with_remove("ca_capabilities", edit)
    read: dict[str, tuple[str, ...] | None] = {}
    for key in _EDITS:
        names = edit.get(key)
        for name in names or ():
            if not _CAPABILITY.fullmatch(name):
                raise OptionError(f"ca_capabilities.{key}", f"'{name}' is no capability, such as SHA-256 or AES")
        read[key] = None if names is None else unique(names)
    folded = {name.casefold() for name in read["remove"] or ()}
    both = sorted(name for name in read["add"] or () if name.casefold() in folded)
    if both:
        raise OptionError("ca_capabilities", f"{', '.join(both)} is in add and in remove")
    return read
