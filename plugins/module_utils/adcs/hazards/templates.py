# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hazards of templates of a forest: what is read is judged.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ...directory import dn as names
from ...directory.principals import Principals
from ..store import Snapshot
from ..template import Template
from .access import ENROLL, Right, access_list
from .assessment import TEMPLATE_RIGHTS, Case, Hazard, assess
from .reading import read_known, static_membership, wanted
from .rules import Links, shapes

if t.TYPE_CHECKING:
    from ...directory.session import Session


def read_hazards(
    session: Session,
    snapshot: Snapshot,
    templates: t.Sequence[Template] | None = None,
    principals: Principals | None = None,
    *,
    issued: t.Collection[str] = (),
) -> dict[str, tuple[Hazard, ...] | None]:
    """The hazards by cn of the template; None for one whose security may not be read.

    Searches for principals where rights are dangerous to give, see C(reading). Raises DirectoryError.

    Args:
        session: asked for the principals.
        snapshot: the policies that are linked to groups, and which authority issues what.
        templates: the templates to judge, as they are or will be; all of the snapshot when None.
        principals: what was looked up by it is not searched for again.
        issued: casefolded names of templates that an authority is about to issue.
    """
    judged = [stored.template for stored in snapshot.templates] if templates is None else templates
    if not judged:
        return {}
    links = links_of(snapshot)
    static = static_membership(session)
    lists = []
    for template in judged:
        if template.security is not None:
            rights: tuple[Right, ...] = (ENROLL, *TEMPLATE_RIGHTS) if shapes(template, links) else TEMPLATE_RIGHTS
            lists.append((access_list(template.security, static.is_privileged), rights))
    known = read_known(session, wanted(lists, static), principals)
    return {
        template.name: None
        if template.security is None
        else assess(Case(template, _is_active(snapshot, template, issued)), links, known.membership, known.name)
        for template in judged
    }


def _is_active(snapshot: Snapshot, template: Template, issued: t.Collection[str]) -> bool:
    return bool(snapshot.publishers(template.name)) or template.name.casefold() in issued


def links_of(snapshot: Snapshot) -> Links:
    """The name of the group by the issuance policy that is linked to it."""
    return {found.oid: names.rdn_value(found.group) for found in snapshot.oids if found.group}
