# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which templates a certification authority issues: the list certificateTemplates of its enrolment service object.

The directory compares these names without regard to letter case and a server may not, so that comparison is made here.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ..directory.backup import Backup
from ..directory.operations import Check, Modify, Step
from ..directory.session import Change, Session
from ..directory.writing import apply
from . import store
from .authority_names import config_string, find_authority
from .fields import OptionError, edited, given_display_name, refuse_set_with_remove
from .hazards import Hazard, read_hazards, refuse

__all__ = ("Publication", "config_string", "find_authority", "plan_publication", "publish")

_LISTS = ("add", "remove", "set")


@dataclass(frozen=True)
class Publication:
    """What was done, or would be done in check mode, on one authority; lists are sorted without regard to case."""

    changed: bool
    authority: store.StoredAuthority
    before: list[str]
    after: list[str]
    hazards: tuple[Hazard, ...] = ()


def plan_publication(
    current: t.Sequence[str],
    edit: t.Mapping[str, t.Sequence[str] | None],
    names: t.Mapping[str, str],
    displayed: t.Mapping[str, str],
) -> tuple[str, ...]:
    """O(current) after the edit {add, remove, set}, in the spelling of the templates; the same names mean no change.

    Args:
        names: casefolded cn to cn of the templates that exist.
        displayed: casefolded display name to cn of the templates that exist.

    Raises OptionError for a name that is to be published and is no template's, and for a display name in any list.
    """
    refuse_set_with_remove("templates", edit)
    spelled: dict[str, list[str] | None] = {}
    published = {name.casefold(): name for name in current}
    for key in _LISTS:
        given = edit.get(key)
        spelled[key] = None if given is None else [_spelling(key, name, names, displayed, published) for name in given]
    both = sorted(
        {name.casefold() for name in spelled["add"] or ()} & {name.casefold() for name in spelled["remove"] or ()}
    )
    if both:
        raise OptionError("templates", f"{', '.join(both)} is in add and in remove")
    return edited(current, spelled["add"], spelled["remove"], spelled["set"])


def _spelling(
    key: str, name: str, names: t.Mapping[str, str], displayed: t.Mapping[str, str], published: t.Mapping[str, str]
) -> str:
    folded = name.casefold()
    if folded in names:
        return names[folded]
    if folded in displayed:
        raise given_display_name(f"templates.{key}", name, displayed[folded])
    # What is no longer a template may still be published: it can be taken away, and it may stay where it is.
    if key == "remove" or folded in published:
        return published.get(folded, name)
    raise OptionError(f"templates.{key}", f"'{name}' is not a template of this forest; an authority would ignore it")


def publish(
    session: Session,
    authority: str,
    edit: t.Mapping[str, t.Sequence[str] | None],
    expected: t.Collection[str],
    allowed: t.Collection[str] = (),
    *,
    write: bool,
    backup: Backup | None = None,
) -> Publication:
    """Bring the list of O(authority) to the wished state. Raises OptionError, HazardError and DirectoryError.

    Args:
        expected: templates that a task before this one would have created; they count as existing in check mode only.
        allowed: ids of hazards that are not refused.
    """
    wanted = [name for key in _LISTS for name in edit.get(key) or ()]
    snapshot = store.read(session, wanted)
    found = find_authority(snapshot.authorities, authority)
    vocabulary = snapshot.vocabulary
    names = dict(vocabulary.template_names)
    if not write:
        names = {**{name.casefold(): name for name in expected}, **names}
    after = plan_publication(found.published, edit, names, vocabulary.display_names)
    hazards = _judged(session, snapshot, edit, allowed)
    gone = [name for name in found.published if name not in after]
    new = [name for name in after if name not in found.published]
    changed = bool(gone or new)
    if changed and write:
        # Value by value, so that what somebody else publishes at the same time survives.
        changes = (
            *((Change("delete", store.PUBLISHED, tuple(name.encode() for name in gone)),) if gone else ()),
            *((Change("add", store.PUBLISHED, tuple(name.encode() for name in new)),) if new else ()),
        )
        templates = [stored for name in new if (stored := snapshot.template(name)) is not None]
        # They were judged as they were read.
        relied_on = [Step(Check(stored.dn, store.whole(stored))) for stored in templates]
        apply(session, [*relied_on, Step(Modify(found.dn, changes))], backup=backup)
    before = sorted(found.published, key=str.casefold)
    return Publication(changed, found, before, sorted(after, key=str.casefold), hazards)


def _judged(
    session: Session,
    snapshot: store.Snapshot,
    edit: t.Mapping[str, t.Sequence[str] | None],
    allowed: t.Collection[str],
) -> tuple[Hazard, ...]:
    """The hazards of the templates that are to be issued, by name of the template. Raises HazardError.

    A template that has been published by somebody else and is not in the wish is not judged.
    """
    names = {name.casefold() for key in ("add", "set") for name in edit.get(key) or ()}
    wanted = [found.template for found in snapshot.templates if found.template.name.casefold() in names]
    judged = read_hazards(session, snapshot, wanted, issued=names)
    hazards = tuple(hazard for name in sorted(judged, key=str.casefold) for hazard in judged[name] or ())
    refuse(hazards, allowed)
    return hazards
