# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service principal names of an account brought to the wished state: read, planned, applied.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..directory.backup import Backup
from ..directory.edits import OptionError
from ..directory.entry import Entry
from ..directory.errors import DirectoryError
from ..directory.operations import Modify, Step
from ..directory.principals import Principals
from ..directory.session import Change, Session
from ..directory.sid import Sid
from ..directory.writing import apply
from . import privileged
from .spn_plan import Edit, Findings, SpnPlan, examine, interesting, plan_edit, warnings
from .spn_search import SPN, holders, mappings

_ATTRIBUTES = ("objectClass", "objectSid", "sAMAccountName", SPN, "primaryGroupID", "adminCount", "tokenGroups")
_DOMAIN_CONTROLLERS = frozenset({516, 521})
# What a directory says to a name that another object has: Samba the first, Windows the second.
_TAKEN = frozenset({"constraint_violation", "not_unique"})


@dataclass(frozen=True)
class Target:
    """The account that is to hold the names.

    Attributes:
        dn, sid: None for one that a rehearsal expects.
        name: its sAMAccountName, or how it was named.
        names: its service principal names as stored.
        refused: why it gets no more names, as a clause with it as the subject; None when it may.
    """

    dn: str | None
    sid: Sid | None
    name: str
    names: tuple[str, ...]
    refused: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be done in check mode; lists are sorted without regard to case."""

    target: Target
    changed: bool
    before: list[str]
    after: list[str]
    aliased_by: dict[str, list[str]]
    warnings: list[str]


def bring_about(
    session: Session, name: str, edit: Edit, expected: t.Iterable[str], *, write: bool, backup: Backup | None = None
) -> Outcome:
    """Edit the names of the account O(name). Raises OptionError, PrincipalError and DirectoryError.

    Args:
        session: with the domain of the account.
        name: a principal, written in any way.
        edit: {add, remove, set}.
        expected: accounts that a task before this one would have made; they count in check mode only.
        write: false in check mode.
        backup: where the state before is kept.
    """
    plan_edit((), edit)
    target = _read_target(session, name, () if write else expected)
    plan = plan_edit(target.names, edit)
    if plan.added and target.refused:
        raise OptionError(
            "name", f"'{target.name}' {target.refused}; it gets no service principal names here, and can only lose some"
        )
    aliases = mappings(session)
    findings = _find(session, plan, target, aliases)
    if plan.changed and write:
        _write(session, target, plan, findings, backup)
    return Outcome(
        target,
        plan.changed,
        plan.before,
        plan.after,
        {name: list(found) for name, found in findings.aliased_by.items()},
        warnings(plan, findings),
    )


def _find(session: Session, plan: SpnPlan, target: Target, aliases: t.Mapping[str, frozenset[str]]) -> Findings:
    names = interesting(plan, aliases)
    return examine(plan, target.dn or "", holders(session, names) if names else [], aliases)


def _read_target(session: Session, name: str, expected: t.Iterable[str]) -> Target:
    principals = Principals(session, expected=expected)
    sid = principals.resolve([name])[name]
    if principals.is_expected(sid):
        return Target(None, None, principals.names([sid])[sid], ())
    entry = session.read(f"<SID={sid}>", _ATTRIBUTES)
    if entry is None:
        raise OptionError(
            "name",
            f"'{name}' is not an account of the domain {session.root_dse.default_naming_context}; connect to a domain "
            "controller of its own domain",
        )
    return decode_target(entry, name)


def decode_target(entry: Entry, name: str) -> Target:
    """The account of O(entry), which was named O(name). Raises OptionError for what is no user or computer."""
    classes = {value.casefold() for value in entry.texts("objectClass")}
    octets = entry.raw("objectSid")
    if "user" not in classes or octets is None:
        kind = (entry.texts("objectClass") or ("object",))[-1]
        raise OptionError("name", f"'{name}' is a {kind}; only users, computers and managed accounts hold such names")
    sid = Sid.from_bytes(octets)
    return Target(entry.dn, sid, entry.text("sAMAccountName") or name, entry.texts(SPN), _refused(entry, sid, classes))


def _refused(entry: Entry, sid: Sid, classes: set[str]) -> str | None:
    if entry.integer("primaryGroupID") in _DOMAIN_CONTROLLERS:
        return "is a domain controller"
    if "computer" in classes:
        return None
    groups = [Sid.from_bytes(value) for value in entry.attributes.find("tokenGroups")]
    why = privileged.reason(sid, groups, entry.integer("adminCount"))
    # Everybody can ask for a ticket that is encrypted with the password of an account that has a name.
    return f"{why}, and whoever asks for a ticket of it can guess at its password" if why else None


def _modification(target: Target, plan: SpnPlan, findings: Findings) -> Modify:
    dn = t.cast(str, target.dn)
    if findings.ends_duplicates:
        # Samba refuses to delete a value that another object has too, as if it were added. It takes the whole list.
        kept = tuple(name.encode() for name in plan.after)
        stored = tuple(name.encode() for name in target.names)
        return Modify(dn, (Change("replace", SPN, kept),), expected={SPN: stored})
    # Value by value, so that what others register at the same time survives.
    return Modify(
        dn,
        (
            *((Change("delete", SPN, tuple(name.encode() for name in plan.removed)),) if plan.removed else ()),
            *((Change("add", SPN, tuple(name.encode() for name in plan.added)),) if plan.added else ()),
        ),
    )


def _write(session: Session, target: Target, plan: SpnPlan, findings: Findings, backup: Backup | None) -> None:
    try:
        apply(session, [Step(_modification(target, plan, findings))], backup=backup)
    except DirectoryError as exc:
        if exc.code not in _TAKEN:
            raise
        remedy = None
        if any(name in findings.aliased_by for name in plan.added):
            remedy = (
                "connect as a domain administrator: with the updates of November 2021 (KB5008382) nobody else may take "
                "over a name that HOST of a computer stands for"
            )
        raise DirectoryError("not_unique", exc.attempted, exc.target, exc.detail, remedy) from exc
