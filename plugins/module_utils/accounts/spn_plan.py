# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which service principal names an account has after an edit, and what stands in the way. Pure.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..directory.edits import OptionError, refuse_set_with_remove
from .spn import ASKED_AS, covered, covering, parse
from .spn_search import Holder

OPTION = "service_principal_names"

Edit: t.TypeAlias = t.Mapping[str, t.Sequence[str] | None]
Mappings: t.TypeAlias = t.Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class SpnPlan:
    """What becomes of the names of one account.

    Attributes:
        kept: stored names that stay, as they are spelled.
        removed: stored names that go, as they are spelled: a server may tell letter cases apart.
        added: names that come, each with the option that asks for it.
        notes: what is done otherwise than it was written, as sentences.
    """

    kept: tuple[str, ...]
    removed: tuple[str, ...] = ()
    added: t.Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.removed or self.added)

    @property
    def before(self) -> list[str]:
        return sorted((*self.kept, *self.removed), key=_order)

    @property
    def after(self) -> list[str]:
        return sorted((*self.kept, *self.added), key=_order)


def _order(name: str) -> tuple[str, str]:
    return name.casefold(), name


def plan_edit(current: t.Sequence[str], edit: Edit) -> SpnPlan:
    """O(current) after the edit {add, remove, set}. Raises OptionError.

    Letter case does not matter, and a stored spelling stays. What is to be removed may be written in any way, since
    what is stored may be wrong; what is to be added must be a name that can be looked for.
    """
    refuse_set_with_remove(OPTION, edit)
    notes: dict[str, None] = {}
    wanted: dict[str, tuple[str, str]] = {}
    for key in ("set", "add"):
        for text in edit.get(key) or ():
            name = _written(f"{OPTION}.{key}", text, notes)
            wanted.setdefault(name.casefold(), (name, f"{OPTION}.{key}"))
    gone = {text.strip().casefold() for text in edit.get("remove") or ()}
    both = sorted(name for key, (name, _option) in wanted.items() if key in gone)
    if both:
        raise OptionError(OPTION, f"{', '.join(both)} is in add and in remove")
    stored = {name.casefold() for name in current}
    if edit.get("set") is None:
        kept = tuple(name for name in current if name.casefold() not in gone)
    else:
        kept = tuple(name for name in current if name.casefold() in wanted)
    removed = tuple(name for name in current if name not in kept)
    added = {name: option for key, (name, option) in wanted.items() if key not in stored}
    return SpnPlan(kept, removed, added, tuple(notes))


def _written(option: str, text: str, notes: dict[str, None]) -> str:
    try:
        name = parse(text)
    except ValueError as exc:
        raise OptionError(option, f"'{text}' {exc}") from exc
    other = ASKED_AS.get(name.service_class.casefold())
    if other is None:
        return text
    meant = str(name.of_class(other))
    note = f"{text} is written as {meant}: clients ask for {other}, whatever the address begins with"
    notes[note] = None
    return meant


def interesting(plan: SpnPlan, mappings: Mappings) -> set[str]:
    """The names to look for in the forest before O(plan) is carried out."""
    names = {*plan.kept, *plan.added, *plan.removed}
    names.update(other for name in (*plan.kept, *plan.added) for other in covering(name, mappings))
    # What stands for others collides only when it comes: computers have had theirs all along.
    names.update(other for name in plan.added for other in covered(name, mappings))
    return names


@dataclass(frozen=True)
class Findings:
    """What the rest of the forest means for a plan.

    Attributes:
        aliased_by: name of the account to the others' names that stand for it too, each C(NAME of ACCOUNT).
        duplicated: names that stay and that others have as well, each with these others.
        ends_duplicates: whether a name goes that others have as well.
    """

    aliased_by: t.Mapping[str, tuple[str, ...]]
    duplicated: t.Mapping[str, tuple[str, ...]]
    ends_duplicates: bool = False


def examine(plan: SpnPlan, dn: str, others: t.Iterable[Holder], mappings: Mappings) -> Findings:
    """What of O(others) collides with O(plan).

    Raises OptionError, with every name that cannot be added and who has it, when one would collide.

    Args:
        plan: of the account.
        dn: its distinguished name; its own entry among O(others) does not count.
        others: the objects that have any of C(interesting).
        mappings: which classes stand for which others.
    """
    held: dict[str, list[tuple[str, Holder]]] = {}
    for holder in others:
        if holder.dn.casefold() != dn.casefold():
            for name in holder.names:
                held.setdefault(name.casefold(), []).append((name, holder))
    refused: dict[str, list[str]] = {}
    for name, option in plan.added.items():
        refused.setdefault(option, []).extend(
            f"{name} is held by {_called(holder)}" for _name, holder in held.get(name.casefold(), ())
        )
        refused[option].extend(
            f"{name} would also stand for {other}, which {_called(holder)} has"
            for covers in covered(name, mappings)
            for other, holder in held.get(covers.casefold(), ())
        )
    for option, problems in refused.items():
        if problems:
            raise OptionError(
                option,
                f"{'; '.join(problems)}. Kerberos works with a name only while one account has it: take it from the "
                "other account first, if it is the wrong one (setspn -D, or this module with remove)",
            )
    aliased = {
        name: tuple(
            f"{other} of {holder.name}"
            for stands in covering(name, mappings)
            for other, holder in held.get(stands.casefold(), ())
        )
        for name in plan.after
    }
    duplicated = {name: tuple(_called(holder) for _name, holder in held.get(name.casefold(), ())) for name in plan.kept}
    return Findings(
        {name: found for name, found in aliased.items() if found},
        {name: found for name, found in duplicated.items() if found},
        any(name.casefold() in held for name in plan.removed),
    )


def _called(holder: Holder) -> str:
    return f"{holder.name} ({holder.dn})"


def warnings(plan: SpnPlan, findings: Findings) -> list[str]:
    """What the user should know, as sentences without a full stop."""
    told = list(plan.notes)
    told += [
        f"{', '.join(findings.aliased_by[name])} stands for {name} too; the name on the account goes first, so IIS "
        "must not use kernel-mode authentication there, or use it with the credentials of the application pool. A host "
        "that is called by its own name needs no such name"
        for name in plan.added
        if name in findings.aliased_by
    ]
    told += [
        f"{name} is on {', '.join(found)} as well; Kerberos fails with it until only one account has it"
        for name, found in findings.duplicated.items()
    ]
    return told
