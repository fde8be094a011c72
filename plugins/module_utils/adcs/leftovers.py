# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the loss of a domain controller leaves of a template, found and removed by a later run.

A domain controller that ends keeps what it had not replicated yet. The run goes on with another one, which knows
nothing of it and makes it anew; when the first comes back the forest has both: an OID object that belongs to no
template, or two templates, of which replication renames one (MS-ADTS 3.1.1.5.1.2: C(CN=name\\0ACNF:GUID)).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace

from ..directory.operations import Step
from . import store
from .oids import TEMPLATE_OID
from .template import changed_attributes, security_changed

if t.TYPE_CHECKING:
    from ..directory.session import Session

_CONFLICT = "\ncnf:"


@dataclass(frozen=True)
class Leftovers:
    """What goes with a template and should not be there.

    Attributes:
        oids: OID objects under its display name whose OID no template has.
        twins: templates that replication renamed, the same as the template but for OID and revision.
        strangers: templates that replication renamed and that differ; somebody has to look at them.
    """

    oids: tuple[store.StoredOid, ...] = ()
    twins: tuple[store.StoredTemplate, ...] = ()
    strangers: tuple[store.StoredTemplate, ...] = ()

    @property
    def shown(self) -> dict[str, t.Any]:
        """What is removed, for a diff."""
        found: dict[str, t.Any] = {}
        if self.twins:
            found["conflict_objects"] = [twin.dn for twin in self.twins]
        if self.oids:
            found["oid_objects_without_template"] = [oid.oid for oid in self.oids]
        return found

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(
            f"Replication found two templates of one name and renamed this one, which is not the same: {found.dn}. "
            "Compare both and delete the one that is wrong."
            for found in self.strangers
        )

    def steps(self, session: Session) -> tuple[Step, ...]:
        """Delete the twins with their OID objects, then the OID objects without template."""
        steps: list[Step] = []
        for twin in self.twins:
            own = store.read_oids(session, twin.template.oid) if twin.template.oid else []
            steps.extend((store.delete_step(twin), *(store.delete_oid_step(found) for found in own)))
        return (*steps, *(store.delete_oid_step(found) for found in self.oids))


def find(session: Session, snapshot: store.Snapshot, stored: store.StoredTemplate) -> Leftovers:
    """What O(snapshot) has beside the template O(stored). Raises DirectoryError."""
    template = stored.template
    renamed = [found for found in snapshot.templates if is_renamed(found.template.name, template.name)]
    twins = tuple(found for found in renamed if is_twin(found, stored))
    known = {template.oid, *(found.template.oid for found in renamed)}
    spare = tuple(
        found for found in without_template(session, snapshot, template.display_name) if found.oid not in known
    )
    return Leftovers(spare, twins, tuple(found for found in renamed if found not in twins))


def is_renamed(name: str, original: str) -> bool:
    """Whether O(name) is what replication makes of O(original) when it finds two."""
    return name.casefold().startswith(f"{original.casefold()}{_CONFLICT}")


def is_twin(found: store.StoredTemplate, stored: store.StoredTemplate) -> bool:
    """Whether both templates say the same but for name, OID and revision."""
    template = stored.template
    if found.template.security is None or template.security is None:
        return False  # what may not be read is not compared
    same = replace(
        found.template,
        name=template.name,
        oid=template.oid,
        revision=template.revision,
        minor_revision=template.minor_revision,
    )
    return not changed_attributes(template, same) and not security_changed(template, same)


def without_template(session: Session, snapshot: store.Snapshot, display_name: str) -> list[store.StoredOid]:
    """The OID objects of templates that are displayed as O(display_name) and whose OID no template has."""
    held = {found.template.oid for found in snapshot.templates}
    named = [found for found in snapshot.oids if found.kind == TEMPLATE_OID and found.display_name == display_name]
    return [found for found in named if found.oid not in held and not store.oid_users(session, found.oid)]
