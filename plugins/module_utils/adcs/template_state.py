# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate template brought to the wished state: read, planned, applied.

Everything is decided and refused before the first write. What a run was killed in the middle of is found and finished
by the next one: an OID object without its template gets one, or is deleted; a publication without template ends.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import secrets
import typing as t
from dataclasses import dataclass, field, replace

from ..directory.backup import Backup
from ..directory.caller import caller
from ..directory.descriptor import Ace, Control
from ..directory.errors import DirectoryError
from ..directory.operations import Step
from ..directory.principals import Principals
from ..directory.session import Session
from ..directory.sid import Sid
from ..directory.writing import apply
from . import leftovers, store
from .creation import AUTHENTICATED_USERS, Origin, subject_type
from .fields import OptionError, Vocabulary, given_display_name
from .hazards import Hazard, concerned, judge
from .hazards import warnings as hazard_warnings
from .names import APPLICATION_POLICIES, ISSUANCE_POLICIES
from .oids import allocate, is_oid
from .options import describe, parse_options
from .plan import Wish, check_names, is_built_in, plan_change, plan_new
from .rights import granted
from .rights_export import export_rights, summary
from .rights_options import RawRights, parse_rights, principals_of
from .tabs.advanced import TAB as ADVANCED
from .tabs.request_handling import MSCEP_SLOTS, purpose
from .template import Template, changed_attributes, security_changed

_ROOT_DOMAIN_GROUP = "Enterprise Admins"


@dataclass(frozen=True)
class Request:
    """The options of the module certificate_template; None is "not given".

    O(expected_principals) count in check mode only.
    """

    name: str
    display_name: str | None = None
    duplicate_of: str | None = None
    subject_type: str | None = None
    options: t.Mapping[str, t.Any] = field(default_factory=dict)
    rights: RawRights | None = None
    owner: str | None = None
    inherit_rights: bool | None = None
    minimum_revision: int | None = None
    expected_principals: tuple[str, ...] = ()
    allow_hazards: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be done in check mode.

    Attributes:
        template: the template afterwards; None when there is none.
        before, after: what changed, as options; empty where there is no template.
        published_on: names of the authorities that issue it afterwards.
        hazards: what is dangerous about the template afterwards.
    """

    changed: bool
    dn: str
    template: Template | None
    before: dict[str, t.Any]
    after: dict[str, t.Any]
    published_on: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()

    @property
    def mscep_slot(self) -> str | None:
        return None if self.template is None else MSCEP_SLOTS[purpose(self.template)]


def present(session: Session, request: Request, *, write: bool, backup: Backup | None = None) -> Outcome:
    """Create or change the template.

    Raises OptionError, PrincipalError, HazardError and DirectoryError, all before the first write if they can be.
    """
    check_names(request.name, request.display_name)
    superseded = [
        name for names in (request.options.get("superseded_templates") or {}).values() for name in names or ()
    ]
    names = [request.name, *superseded, *filter(None, (request.display_name, request.duplicate_of))]
    snapshot = store.read(
        session, names, oid_names=[request.display_name or request.name], policies=_own_policies(request.options)
    )
    stored = snapshot.template(request.name)
    _refuse_display_name(snapshot, request, stored)
    principals = Principals(session, expected=() if write else request.expected_principals)
    wanted_names = principals_of(request.rights) + ([request.owner] if request.owner else [])
    scratch = stored is None and request.duplicate_of is None
    sids = principals.resolve(
        [*wanted_names, *([_ROOT_DOMAIN_GROUP] if scratch else [])], beside=concerned(session, snapshot)
    )
    vocabulary = snapshot.vocabulary
    wish = Wish(
        request.name,
        request.display_name,
        parse_options(request.options, vocabulary),
        parse_rights(request.rights, sids),
        sids[request.owner] if request.owner else None,
        request.inherit_rights,
        request.minimum_revision,
    )
    if stored is None:
        return _create(session, request, wish, snapshot, principals, sids, write=write, backup=backup)
    if request.subject_type is not None and subject_type(stored.template) != request.subject_type:
        raise OptionError(
            "subject_type", f"is fixed when a template is created; '{request.name}' has {subject_type(stored.template)}"
        )
    return _change(session, request, wish, snapshot, stored, principals, write=write, backup=backup)


def _create(
    session: Session,
    request: Request,
    wish: Wish,
    snapshot: store.Snapshot,
    principals: Principals,
    sids: t.Mapping[str, Sid],
    *,
    write: bool,
    backup: Backup | None,
) -> Outcome:
    source = _source(snapshot, request.duplicate_of)
    root_domain = sids[_ROOT_DOMAIN_GROUP].domain if _ROOT_DOMAIN_GROUP in sids else None
    # The console gives the creator of a duplicate full control; a whole list of rights leaves no room for it.
    creator = caller(session) if source is not None and (wish.rights is None or wish.rights.set is None) else None
    template = plan_new(wish, Origin(source, request.subject_type, creator, root_domain), snapshot.vocabulary)
    if snapshot.root is None:
        raise DirectoryError(
            code="no_oid_root",
            attempted=f"allocate an OID for template '{request.name}'",
            target=store.oids_dn(session),
            detail="the container has no msPKI-Cert-Template-OID",
            remedy="install the first enterprise certification authority of the forest, or connect with an account "
            "that may read the container",
        )
    hazards = judge(session, snapshot, template, None, request.allow_hazards, principals)
    after = _described(template, snapshot.vocabulary, principals)
    # A run that was killed between the two creations left the OID object: its number is the template's.
    left = leftovers.without_template(session, snapshot, template.display_name)
    spare = leftovers.Leftovers(tuple(left[1:]))
    refusal = store.creation_refusal(session, with_oid_object=not left)
    if write:
        if refusal is not None:
            raise refusal
        template = replace(template, oid=left[0].oid if left else _new_oid(session, snapshot.root))
        steps = store.creation_steps(session, template, with_oid_object=not left)
        apply(session, (*steps, *spare.steps(session)), backup=backup)
        template = _verified(session, template)
    warnings = (*_warnings(template, wish), *hazard_warnings(hazards))
    if refusal is not None:
        # Whoever may only look can rehearse all the same.
        warnings = (*warnings, f"Without check mode this would fail. {refusal}")
    dn = store.template_dn(session, template.name)
    return Outcome(True, dn, template, spare.shown, after, warnings=warnings, hazards=hazards)


def _new_oid(session: Session, root: str) -> str:
    oid = allocate(root, secrets.randbelow, ())
    while store.oid_in_use(session, oid):
        oid = allocate(root, secrets.randbelow, (oid,))
    return oid


def _change(
    session: Session,
    request: Request,
    wish: Wish,
    snapshot: store.Snapshot,
    stored: store.StoredTemplate,
    principals: Principals,
    *,
    write: bool,
    backup: Backup | None,
) -> Outcome:
    before = stored.template
    after = plan_change(before, wish, snapshot.vocabulary)
    hazards = judge(session, snapshot, after, before, request.allow_hazards, principals)
    oid_object = snapshot.oid_object(before.oid)
    changed = after is not before
    if oid_object is None and before.oid and (changed or request.display_name is not None):
        oid_object = next(iter(store.read_oids(session, before.oid)), None)
    # Version 1 built-ins never had an OID object; every other template is found by it.
    orphaned = (
        oid_object is None
        and bool(before.oid)
        and not is_built_in(before)
        and (changed or request.display_name is not None)
    )
    renamed = (
        oid_object is not None and request.display_name is not None and oid_object.display_name != request.display_name
    )
    steps: list[Step] = [store.oid_step(session, after)] if orphaned else []
    if renamed and after.display_name == before.display_name and oid_object is not None:
        steps.extend(store.rename_oid_steps(oid_object, after.display_name))
    if changed:
        steps.extend(store.change_steps(stored, after, oid_object))
    old, new = _differences(before, after, snapshot.vocabulary, principals) if changed else ({}, {})
    if orphaned:
        old, new = {**old, "oid_object": None}, {**new, "oid_object": before.oid}
    elif renamed:
        old["oid_object"], new["oid_object"] = t.cast(store.StoredOid, oid_object).display_name, after.display_name
    left = leftovers.find(session, snapshot, stored)
    steps.extend(left.steps(session))
    old = {**old, **left.shown}
    if steps and write:
        apply(session, steps, backup=backup)
        after = _verified(session, after)
    published = tuple(ca.name for ca in snapshot.publishers(before.name))
    told = (*_warnings(after, wish), *hazard_warnings(hazards), *left.warnings)
    return Outcome(bool(steps), stored.dn, after, old, new, published, told, hazards)


def absent(
    session: Session, name: str, display_name: str | None, *, write: bool, backup: Backup | None = None
) -> Outcome:
    """Take back the publication, delete the OID object, then the template. Raises OptionError and DirectoryError."""
    check_names(name, display_name)
    snapshot = store.read(session, [name, *([display_name] if display_name else [])], oid_names=[display_name or name])
    stored = snapshot.template(name)
    dn = store.template_dn(session, name)
    if stored is None:
        _refuse_displayed(snapshot, "name", name)
    elif is_built_in(stored.template):
        raise OptionError(
            "name",
            f"'{stored.template.name}' is a built-in template and is not deleted; take it from the "
            "authorities with template_publication",
        )
    publishers = snapshot.publishers(name)
    before: dict[str, t.Any] = {"published_on": [ca.name for ca in publishers]} if publishers else {}
    if stored is not None:
        before = {**before, **_described(stored.template, snapshot.vocabulary, Principals(session))}
        oid_objects = store.read_oids(session, stored.template.oid) if stored.template.oid else []
    else:
        # A run that was killed between the two deletions left the OID object; it goes when no template has its OID.
        oid_objects = leftovers.without_template(session, snapshot, display_name or name)
    for found in oid_objects:
        before["oid_object"] = found.oid
    left = leftovers.find(session, snapshot, stored) if stored else leftovers.Leftovers()
    before.update(left.shown)
    changed = bool(publishers or stored or oid_objects)
    if changed and write:
        steps = (*store.deletion_steps(snapshot, name, stored, oid_objects), *left.steps(session))
        apply(session, steps, backup=backup)
    return Outcome(changed, stored.dn if stored else dn, None, before, {}, warnings=left.warnings)


def _own_policies(options: t.Mapping[str, t.Any]) -> bool:
    """Whether O(options) name a policy that only the forest's own objects can explain."""
    tables = {"application_policies": APPLICATION_POLICIES, "issuance_policies": ISSUANCE_POLICIES}
    for tab in ("extensions", "issuance_requirements"):
        for option, table in tables.items():
            known = {name.casefold() for name in table}
            for words in ((options.get(tab) or {}).get(option) or {}).values():
                if any(not is_oid(word) and word.casefold() not in known for word in words or ()):
                    return True
    return False


def _refuse_displayed(snapshot: store.Snapshot, option: str, name: str) -> None:
    """Raises OptionError when O(name), which is no template's, is what one is displayed as."""
    shown = snapshot.displayed_as(name)
    if shown is not None:
        right = shown.template.name
        raise given_display_name(option, name, right, f"{option}: {right}")


def _refuse_display_name(snapshot: store.Snapshot, request: Request, stored: store.StoredTemplate | None) -> None:
    if stored is None:
        _refuse_displayed(snapshot, "name", request.name)
    wanted = request.display_name or (request.name if stored is None else None)
    if wanted is not None and (stored is None or wanted.casefold() != stored.template.display_name.casefold()):
        other = snapshot.displayed_as(wanted)
        if other is not None and other.template.name.casefold() != request.name.casefold():
            raise OptionError(
                "display_name", f"'{wanted}' is already the display name of template '{other.template.name}'"
            )


def _source(snapshot: store.Snapshot, name: str | None) -> Template | None:
    if name is None:
        return None
    stored = snapshot.template(name)
    if stored is not None:
        return stored.template
    _refuse_displayed(snapshot, "duplicate_of", name)
    raise OptionError("duplicate_of", f"'{name}' is not a template of this forest")


def _verified(session: Session, planned: Template) -> Template:
    """The template as the directory has it now; DirectoryError when it stored something else than was sent."""
    stored = store.read(session, [planned.name], authorities=False).template(planned.name)
    different = sorted(changed_attributes(stored.template, planned)) if stored else ["the whole object"]
    if stored is None or different:
        raise DirectoryError(
            code="stored_otherwise",
            attempted=f"read template '{planned.name}' back",
            target=session.server,
            detail=f"differs from what was written: {', '.join(different)}",
            remedy="look for another tool or administrator that changes the template at the same time",
        )
    return stored.template


def _described(template: Template, vocabulary: Vocabulary, principals: Principals) -> dict[str, t.Any]:
    """A template for the eye: what its options say, without those that do not apply, and who has which rights."""
    shown: dict[str, t.Any] = {
        "name": template.name,
        "display_name": template.display_name,
        "revision": _revision(template),
    }
    for option, value in describe(template, vocabulary).items():
        if option == ADVANCED:
            shown["schema_version"] = value["schema_version"]
        elif isinstance(value, dict):
            shown[option] = {name: inner for name, inner in value.items() if inner is not None}
        else:
            shown[option] = value
    if template.security is not None and template.security.dacl is not None:
        aces = template.security.dacl.aces
        shown["rights"] = summary(aces, principals.names({ace.sid for ace in aces if isinstance(ace, Ace)}))
    return shown


def _differences(
    before: Template, after: Template, vocabulary: Vocabulary, principals: Principals
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """What of the two descriptions differs, in finer terms where it does not show in the coarse ones."""
    old, new = _described(before, vocabulary, principals), _described(after, vocabulary, principals)
    coarse = {key for key in (*old, *new) if old.get(key) != new.get(key)}
    if coarse <= {"revision", "rights"} and changed_attributes(
        before, replace(after, minor_revision=before.minor_revision)
    ):
        old[ADVANCED], new[ADVANCED] = (describe(template, vocabulary)[ADVANCED] for template in (before, after))
    if security_changed(before, after) and before.security is not None and after.security is not None:
        names = principals.names({sid for sid in (before.security.owner, after.security.owner) if sid is not None})
        for shown, security in ((old, before.security), (new, after.security)):
            shown["owner"] = names.get(security.owner) if security.owner else None
            shown["inherit_rights"] = not security.control & Control.DACL_PROTECTED
            if "rights" not in coarse and security.dacl is not None:
                sids = {ace.sid for ace in security.dacl.aces if isinstance(ace, Ace)}
                shown["rights"] = export_rights(security.dacl.aces, principals.names(sids))
    return _pruned(old, new), _pruned(new, old)


def _pruned(shown: dict[str, t.Any], other: dict[str, t.Any]) -> dict[str, t.Any]:
    """What of O(shown) is not the same in O(other)."""
    kept: dict[str, t.Any] = {}
    for key, value in shown.items():
        if isinstance(value, dict) and isinstance(other.get(key), dict):
            inner = _pruned(value, other[key])
            if inner:
                kept[key] = inner
        elif value != other.get(key):
            kept[key] = value
    return kept


def _revision(template: Template) -> str:
    return f"{template.revision}.{template.minor_revision}"


def _warnings(template: Template, wish: Wish) -> tuple[str, ...]:
    if wish.rights is None or template.security is None or template.security.dacl is None:
        return ()
    readers = (AUTHENTICATED_USERS, Sid.parse("S-1-1-0"))
    if any(granted(template.security.dacl.aces, sid).has("read") for sid in readers):
        return ()
    warning = (
        f"Neither Authenticated Users nor Everyone may read template '{template.name}': a certification authority "
        "whose computer account may not read it answers requests with CERTSRV_E_UNSUPPORTED_CERT_TYPE (0x80094800)."
    )
    return (warning,)
