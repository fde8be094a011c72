# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is refused before anything is written, and how that is told.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ...directory.caller import caller
from ...directory.descriptor import Ace, Acl, Control, SecurityDescriptor
from ...directory.principals import Principals
from ...directory.sid import Sid
from ..store import READ_SECURITY, Snapshot, templates_dn
from ..template import SECURITY, Template
from .assessment import Hazard
from .inheritance import inherited_entries
from .reading import administrators, static_membership
from .templates import read_hazards

if t.TYPE_CHECKING:
    from ...directory.session import Session


class HazardError(ValueError):
    """Templates that would endanger others. The text names the hazards, whom they serve, the remedy and the way to
    allow them.
    """

    def __init__(self, hazards: t.Sequence[Hazard]) -> None:
        self.hazards = tuple(hazards)
        told = [f"Template '{name}': {_told(found)}" for name, found in _by_template(self.hazards)]
        ids = ", ".join(sorted({hazard.id for hazard in self.hazards}, key=_number))
        super().__init__(
            f"Refused as dangerous, and nothing was written. {' '.join(told)} "
            f"Whoever wants this nevertheless allows it by name: allow_hazards: [{ids}]."
        )


def refuse(hazards: t.Iterable[Hazard], allowed: t.Collection[str]) -> None:
    """Raises HazardError when one of O(hazards) is refused and not among the ids O(allowed)."""
    refused = [hazard for hazard in hazards if hazard.refused and hazard.id not in allowed]
    if refused:
        raise HazardError(refused)


def warnings(hazards: t.Iterable[Hazard]) -> tuple[str, ...]:
    """A warning for each of O(hazards) that would be refused, had it not been allowed."""
    return tuple(
        f"Template '{hazard.template}' has the hazard {hazard.id}, which was allowed: {hazard.sentence}"
        for hazard in hazards
        if hazard.refused
    )


def judge(
    session: Session,
    snapshot: Snapshot,
    planned: Template,
    before: Template | None,
    allowed: t.Collection[str],
    principals: Principals | None = None,
) -> tuple[Hazard, ...]:
    """The hazards of a template as it will be. Raises HazardError and DirectoryError.

    Args:
        session: asked for the principals of its rights.
        snapshot: what was read before planning.
        planned: the template after the plan; without an owner it will belong to its creator.
        before: the template as it is, None for a new one.
        allowed: ids that are not refused.
        principals: what was looked up by it is not searched for again.
    """
    found = read_hazards(session, snapshot, [_resulting(session, planned, before)], principals)[planned.name] or ()
    refuse(found, allowed)
    return found


def concerned(session: Session, snapshot: Snapshot) -> set[Sid]:
    """The SIDs that judging the templates of O(snapshot) may need: for Principals.resolve to find on the way."""
    static = static_membership(session)
    found: set[Sid] = set()
    for stored in snapshot.templates:
        security = stored.template.security
        if security is not None:
            found.update(ace.sid for ace in (security.dacl.aces if security.dacl else ()) if isinstance(ace, Ace))
            found.update([security.owner] if security.owner is not None else [])
    ordinary = {sid for sid in found if sid.domain is not None and not static.is_privileged(sid)}
    return {*ordinary, *administrators(static)}


def _resulting(session: Session, planned: Template, before: Template | None) -> Template:
    security = planned.security
    if security is None:
        return planned
    if before is None and security.owner is None:
        security = replace(security, owner=_creator(session))
    opened = before is None or before.security is None or bool(before.security.control & Control.DACL_PROTECTED)
    if opened and not security.control & Control.DACL_PROTECTED and security.dacl is not None:
        security = _with_inherited(session, security)
    return planned if security is planned.security else replace(planned, security=security)


def _creator(session: Session) -> Sid | None:
    """Who will own what the caller creates; None for an administrator, whose objects belong to the administrators."""
    static = static_membership(session)
    if any(static.administers(sid) for sid in session.root_dse.token_sids):
        return None
    return caller(session)


def _with_inherited(session: Session, security: SecurityDescriptor) -> SecurityDescriptor:
    """O(security) with what the server will add from the container of templates."""
    container = session.read(templates_dn(session), (SECURITY,), sd_flags=READ_SECURITY)
    octets = container.raw(SECURITY) if container else None
    if octets is None or security.dacl is None:
        return security
    above = SecurityDescriptor.from_bytes(octets).dacl
    entries = inherited_entries(above.aces if above is not None else (), security.owner)
    return replace(security, dacl=Acl((*security.dacl.aces, *entries)))


def _by_template(hazards: t.Iterable[Hazard]) -> list[tuple[str, list[Hazard]]]:
    found: dict[str, list[Hazard]] = {}
    for hazard in hazards:
        found.setdefault(hazard.template, []).append(hazard)
    return list(found.items())


def _told(hazards: t.Iterable[Hazard]) -> str:
    return " ".join(
        f"{hazard.id} ({hazard.title[0].lower()}{hazard.title[1:]}): {hazard.sentence} Remedy: {hazard.remedy}."
        for hazard in hazards
    )


def _number(id_: str) -> int:
    return int(id_.removeprefix("ESC"))
