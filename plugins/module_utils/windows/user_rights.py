# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds which user right, out of the one object of user_rights_info.ps1. Pure: no I/O.

A security template writes holders as `*SID` or as a name (MS-GPSB 2.2.6); rights that nobody holds are left out of it.

serves: SCEP-023, SCEP-024, SCEP-025, TRBL-027

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .values import SID, Fields, UnexpectedValue

#: The names of rights and privileges (MS-LSAD 3.1.1.2): `SeServiceLogonRight`, `SeImpersonatePrivilege`.
RIGHT = re.compile(r"Se[A-Za-z]+(?:Right|Privilege)")

SECTION = "[privilege rights]"


@dataclasses.dataclass(frozen=True)
class UserRights:
    """What one look found. The attributes are the keys of the module's result; RETURN explains them."""

    rights: dict[str, list[str]]
    unresolved: dict[str, list[str]]
    accounts: dict[str, str | None]
    account_errors: dict[str, str]
    groups: dict[str, list[str] | None]
    group_names: dict[str, str]
    group_errors: dict[str, str]


def check_options(rights: list[str], groups: list[str]) -> None:
    """Refuse what is no name of a right and no SID of a local group. Raises ValueError."""
    for right in rights:
        if not RIGHT.fullmatch(right):
            raise ValueError(f"rights: '{right}' is no name of a user right such as SeServiceLogonRight")
    for group in groups:
        if not SID.fullmatch(group):
            raise ValueError(f"groups: '{group}' is no SID such as S-1-5-32-568")


def holders(lines: t.Sequence[str]) -> dict[str, list[str]]:
    """The holders of each right as a security template writes them, by the right's name in lower case."""
    found: dict[str, list[str]] = {}
    inside = False
    for line in (each.strip() for each in lines):
        if line.startswith("["):
            inside = line.casefold() == SECTION
        elif inside and "=" in line:
            right, _equals, written = line.partition("=")
            found[right.strip().casefold()] = [entry.strip() for entry in written.split(",") if entry.strip()]
    return found


def describe(value: object, rights: list[str], accounts: list[str], groups: list[str]) -> UserRights:
    """What O(value), the object of user_rights_info.ps1, tells of what was asked for.

    Raises:
        UnexpectedValue: The object is not what the script promises.
    """
    found = Fields(value)
    lines = found.texts("lines")
    if SECTION not in (line.strip().casefold() for line in lines):
        raise UnexpectedValue("lines", "a security template with the section of rights", lines)
    known = {item.text("name").casefold(): _account(item) for item in found.objects("accounts")}
    told = {item.text("sid"): item for item in found.objects("groups")}
    held = holders(lines)
    sids: dict[str, list[str]] = {}
    unresolved: dict[str, list[str]] = {}
    for right in rights or _spelled(lines):
        sids[right] = []
        for entry in held.get(right.casefold(), ()):
            sid = entry.removeprefix("*") if entry.startswith("*") else known.get(entry.casefold(), (None, None))[0]
            if sid is None:
                unresolved.setdefault(right, []).append(entry)
            elif SID.fullmatch(sid) is None:
                raise UnexpectedValue(f"lines: {right}", "a list of SIDs and names", entry)
            elif sid not in sids[right]:
                sids[right].append(sid)
    answers = {name: known.get(name.casefold(), (None, None)) for name in accounts}
    lists = {sid: _members(told.get(sid)) for sid in groups}
    return UserRights(
        rights=sids,
        unresolved=unresolved,
        accounts={name: sid for name, (sid, _error) in answers.items()},
        account_errors={name: error for name, (sid, error) in answers.items() if sid is None and error},
        groups=lists,
        group_names={sid: told[sid].text("name") for sid in groups if sid in told},
        group_errors={sid: (told[sid].optional_text("error") or "").strip() for sid in groups if lists[sid] is None},
    )


def _spelled(lines: t.Sequence[str]) -> list[str]:
    """The rights of a security template as it spells them."""
    return [name for name in (line.partition("=")[0].strip() for line in lines) if RIGHT.fullmatch(name)]


def _account(item: Fields) -> tuple[str | None, str | None]:
    sid, error = item.optional_text("sid"), item.optional_text("error")
    if sid is not None and SID.fullmatch(sid) is None:
        raise UnexpectedValue("accounts", "a list of names with SIDs", sid)
    return sid, None if error is None else error.strip()


def _members(item: Fields | None) -> list[str] | None:
    if item is None:
        raise UnexpectedValue("groups", "a list of the groups that were asked for", None)
    return item.texts("members") if item.optional_text("error") is None else None
