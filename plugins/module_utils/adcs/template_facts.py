# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates as facts and as options: what the info module returns.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.descriptor import Ace
from ..directory.principals import Principals
from ..directory.session import Session
from ..directory.sid import Sid
from . import store
from .creation import subject_type
from .export import export_options
from .fields import OptionError, given_display_name
from .hazards import Hazard, read_hazards
from .options import describe
from .plan import is_built_in
from .rights import AnyAce
from .rights_export import export_inherited, export_rights
from .tabs.request_handling import MSCEP_SLOTS, purpose
from .template import Template

Facts: t.TypeAlias = dict[str, t.Any]


def read_facts(session: Session, names: t.Sequence[str] | None) -> list[Facts]:
    """The templates O(names), or all, described. Raises OptionError for an unknown name, DirectoryError."""
    snapshot = _read(session, names)
    resolved = _principal_names(session, snapshot)
    chosen = _chosen(snapshot, names)
    hazards = read_hazards(session, snapshot, [stored.template for stored in chosen])
    found = [
        {**_facts(stored, snapshot, resolved), "hazards": _hazard_facts(hazards[stored.template.name])}
        for stored in chosen
    ]
    return _sorted([*found, *_unreadable(snapshot, names)])


def _hazard_facts(hazards: tuple[Hazard, ...] | None) -> list[Facts] | None:
    return None if hazards is None else [hazard.as_facts() for hazard in hazards]


def read_options(session: Session, names: t.Sequence[str] | None) -> list[Facts]:
    """The templates O(names), or all, each with the options that recreate it. Raises OptionError, DirectoryError."""
    snapshot = _read(session, names)
    resolved = _principal_names(session, snapshot)
    found = [_options(stored, snapshot, resolved) for stored in _chosen(snapshot, names)]
    return _sorted([*found, *_unreadable(snapshot, names)])


def _options(stored: store.StoredTemplate, snapshot: store.Snapshot, names: t.Mapping[Sid, str]) -> Facts:
    facts: Facts = {"name": stored.template.name, "distinguished_name": stored.dn}
    try:
        options = export_options(stored.template, snapshot.vocabulary, names)
    except ValueError as exc:
        # Values that no option can say, such as a policy that is no OID: of this template, not of all others.
        return {**facts, "unreadable": f"cannot be exported: {exc}"}
    return {
        **facts,
        "display_name": stored.template.display_name,
        "oid": stored.template.oid or None,
        "options": options,
    }


def _read(session: Session, names: t.Sequence[str] | None) -> store.Snapshot:
    snapshot = store.read(session, names, policies=True)
    for name in names or ():
        if _has(snapshot, name):
            continue
        shown = snapshot.displayed_as(name)
        if shown is not None:
            raise given_display_name("name", name, shown.template.name)
        raise OptionError("name", f"'{name}' is not a template of this forest, or these credentials may not read it")
    return snapshot


def _has(snapshot: store.Snapshot, name: str) -> bool:
    spelled = [stored.template.name for stored in snapshot.templates] + [
        entry.text("cn") or "" for entry, _reason in snapshot.unreadable
    ]
    return name.casefold() in {value.casefold() for value in spelled}


def _chosen(snapshot: store.Snapshot, names: t.Sequence[str] | None) -> list[store.StoredTemplate]:
    """The wanted ones; the search also brought those that are only displayed under a wanted name."""
    wanted = None if names is None else {name.casefold() for name in names}
    return [stored for stored in snapshot.templates if wanted is None or stored.template.name.casefold() in wanted]


def _unreadable(snapshot: store.Snapshot, names: t.Sequence[str] | None) -> list[Facts]:
    wanted = None if names is None else {name.casefold() for name in names}
    return [
        {"name": entry.text("cn") or "", "distinguished_name": entry.dn, "unreadable": reason}
        for entry, reason in snapshot.unreadable
        if wanted is None or (entry.text("cn") or "").casefold() in wanted
    ]


def _sorted(facts: list[Facts]) -> list[Facts]:
    return sorted(facts, key=lambda template: str(template["name"]).casefold())


def _principal_names(session: Session, snapshot: store.Snapshot) -> dict[Sid, str]:
    sids: set[Sid] = set()
    for stored in snapshot.templates:
        sids.update(ace.sid for ace in _aces(stored.template) if isinstance(ace, Ace))
        if stored.template.security is not None and stored.template.security.owner is not None:
            sids.add(stored.template.security.owner)
    return Principals(session).names(sids)


def _aces(template: Template) -> tuple[AnyAce, ...]:
    security = template.security
    return security.dacl.aces if security is not None and security.dacl is not None else ()


def _facts(stored: store.StoredTemplate, snapshot: store.Snapshot, names: t.Mapping[Sid, str]) -> Facts:
    template, vocabulary = stored.template, snapshot.vocabulary
    owner = template.security.owner if template.security is not None else None
    return {
        "name": template.name,
        "distinguished_name": stored.dn,
        "display_name": template.display_name,
        "oid": template.oid or None,
        "revision": f"{template.revision}.{template.minor_revision}",
        "schema_version": template.schema_version,
        "subject_type": subject_type(template),
        "built_in": is_built_in(template),
        "mscep_slot": MSCEP_SLOTS[purpose(template)],
        "owner": names.get(owner, str(owner)) if owner is not None else None,
        "rights": export_rights(_aces(template), names),
        "inherited_rights": export_inherited(_aces(template), names),
        "published_on": [ca.name for ca in snapshot.publishers(template.name)],
        "settings": describe(template, vocabulary),
    }
