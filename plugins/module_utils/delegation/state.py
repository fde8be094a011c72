# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A delegation brought to the wished state: read, planned, applied.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..directory import ace_plan
from ..directory.backup import Backup
from ..directory.descriptor import DACL, SecurityDescriptor
from ..directory.errors import DirectoryError, InsufficientRights
from ..directory.operations import SECURITY, Modify, Step, as_read
from ..directory.principals import Principals
from ..directory.session import Change, Session
from ..directory.writing import apply
from .places import READ_SECURITY, Found, accounts_in, find_places
from .plan import NONE, Place, PlaceChange, Plan, plan_delegation
from .principal import Principal, find_principal, refuse_unfit
from .wish import Wish

#: How many accounts a warning names.
_NAMED = 5


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be done in check mode.

    Attributes:
        before, after: what the principal may do, by the DN of the object; objects without any right are left out.
    """

    changed: bool
    principal: Principal
    plan: Plan
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    warnings: tuple[str, ...] = ()


def delegate(session: Session, wish: Wish, *, present: bool, write: bool, backup: Backup | None = None) -> Outcome:
    """Grant what O(wish) says, or take back exactly that.

    Raises OptionError, PrincipalError and DirectoryError, all before the first write if they can be: also when the
    caller may not change the list of one of the objects, which in check mode is a warning.
    """
    principals = Principals(session)
    principal = find_principal(principals, wish.principal)
    if present:
        refuse_unfit(session, principal)
    found = find_places(session, principals, principal, wish, present=present)
    places = [
        Place(one.kind, one.entry.dn, SecurityDescriptor.from_bytes(one.entry.raw(SECURITY) or b"")) for one in found
    ]
    plan = plan_delegation(places, wish.tasks, principal.sid, principal.name, present=present)
    entries = {one.entry.dn: one for one in found}
    refusals = [refusal for change in plan.changes if (refusal := _refusal(session, entries[change.place.dn]))]
    if refusals and write:
        raise refusals[0]
    if plan.changes and write:
        apply(session, [_step(change, entries[change.place.dn]) for change in plan.changes], backup=backup)
        _verify(session, plan.changes)
    return Outcome(
        bool(plan.changes),
        principal,
        plan,
        _shown(plan, after=False),
        _shown(plan, after=True),
        (
            *(f"Without check mode this would fail. {refusal}" for refusal in refusals),
            *(_warnings(session, wish, principal, plan) if present else ()),
        ),
    )


def _step(change: PlaceChange, found: Found) -> Step:
    old = ace_plan.dacl_only(change.place.security).to_bytes()
    new = ace_plan.dacl_only(change.security).to_bytes()
    dn = change.place.dn
    return Step(
        Modify(dn, (Change("replace", SECURITY, (new,)),), DACL, as_read(found.entry, (SECURITY,))),
        undo=(Modify(dn, (Change("replace", SECURITY, (old,)),), DACL),),
    )


def _refusal(session: Session, found: Found) -> InsufficientRights | None:
    """Why the caller may not change the list; None when he may. Looked at first, so that nothing is half done."""
    effective = found.entry.integer("sDRightsEffective")
    if effective is None or effective & DACL:
        return None
    return InsufficientRights(
        "insufficient_rights",
        "change the access control list",
        f"{found.entry.dn} on {session.server}",
        f"sDRightsEffective is {effective}",
        "run it as a member of Enterprise Admins, and of Domain Admins for organizational units and groups",
    )


def _verify(session: Session, changes: t.Iterable[PlaceChange]) -> None:
    for change in changes:
        entry = session.read(change.place.dn, (SECURITY,), sd_flags=READ_SECURITY)
        octets = entry.raw(SECURITY) if entry else None
        stored = SecurityDescriptor.from_bytes(octets).dacl if octets else None
        wanted = change.security.dacl
        if stored is None or wanted is None or set(stored.aces) != set(wanted.aces):
            raise DirectoryError(
                "stored_otherwise",
                "read the access control list back",
                f"{change.place.dn} on {session.server}",
                "it is not what was written",
                "look for another tool or administrator that changes it at the same time",
            )


def _shown(plan: Plan, *, after: bool) -> dict[str, list[str]]:
    shown: dict[str, list[str]] = {}
    for entry in plan.entries:
        if (entry.after if after else entry.before) != NONE:
            shown.setdefault(entry.place.dn, []).append(entry.right.words)
    return shown


def _warnings(session: Session, wish: Wish, principal: Principal, plan: Plan) -> tuple[str, ...]:
    if wish.unit is None or not any(change.place.kind == "unit" for change in plan.changes):
        return ()
    there = accounts_in(session, wish.unit)
    if not there:
        return ()
    named = ", ".join(there[:_NAMED]) + (f" and {len(there) - _NAMED} more" if len(there) > _NAMED else "")
    return (f"{wish.unit} holds accounts already, and {principal.name} may take them over: {named}.",)
