# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a delegation, checked as far as that needs no directory.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..directory import dn as names
from ..directory.edits import OptionError, unique
from .rights import ACCOUNTS, GROUP_MEMBERSHIPS, PUBLICATION, SERVICE_PRINCIPAL_NAMES, TASKS, TEMPLATES

#: The options that say where, and the tasks that each is for.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "templates": (TEMPLATES,),
    "certification_authorities": (PUBLICATION,),
    "organizational_unit": (ACCOUNTS, SERVICE_PRINCIPAL_NAMES),
    "groups": (GROUP_MEMBERSHIPS,),
}
_REQUIRED = ("organizational_unit", "groups")


@dataclass(frozen=True)
class Wish:
    """The options of the module.

    Attributes:
        principal: a name or SID.
        tasks: among V(TASKS), in its order.
        templates: names of existing templates that are to be managed, beside those that the principal makes.
        authorities: names of authorities; None for all that there are.
        unit: DN of an organizational unit; None when no task needs one.
        groups: names of groups.
    """

    principal: str
    tasks: tuple[str, ...]
    templates: tuple[str, ...] = ()
    authorities: tuple[str, ...] | None = None
    unit: str | None = None
    groups: tuple[str, ...] = ()


def parse_wish(options: t.Mapping[str, t.Any]) -> Wish:
    """The wish that O(options) of the module say. Raises OptionError."""
    tasks = tuple(task for task in TASKS if task in options["tasks"])
    if not tasks:
        raise OptionError("tasks", f"is empty; name at least one of {', '.join(TASKS)}")
    for option, needed_by in _OPTIONS.items():
        given = options.get(option)
        users = [task for task in needed_by if task in tasks]
        if given is not None and not users:
            raise OptionError(option, f"has no effect without the task {' or '.join(needed_by)}")
        if given is None and users and option in _REQUIRED:
            raise OptionError(option, f"is required by the task {' and '.join(users)}")
        if given is not None and not given:
            raise OptionError(option, "is empty; leave it out" if option not in _REQUIRED else "is empty")
    unit = options.get("organizational_unit")
    if unit is not None:
        try:
            names.split(unit)
        except ValueError as exc:
            raise OptionError("organizational_unit", str(exc)) from exc
    authorities = options.get("certification_authorities")
    return Wish(
        options["principal"],
        tasks,
        unique(options.get("templates") or ()),
        None if authorities is None else unique(authorities),
        unit,
        unique(options.get("groups") or ()),
    )
