# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of CN=Public Key Services: where they are, how they are read in one search, and how templates are
written.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, replace
from functools import cached_property

from ..directory import filters
from ..directory.descriptor import Control, SecurityDescriptor
from ..directory.dn import escape_rdn
from ..directory.errors import InsufficientRights
from ..directory.operations import Add, Check, Delete, Modify, Step, as_read, exchange
from ..directory.session import Change, Entry, Session
from .fields import Vocabulary
from .names import FOREST_ISSUANCE_POLICIES
from .oid_security import oid_security
from .oids import APPLICATION_POLICY_OID, ISSUANCE_POLICY_OID, TEMPLATE_OID, object_name
from .template import (
    ATTRIBUTE_NAMES,
    OBJECT_CLASS,
    SECURITY,
    Template,
    changed_attributes,
    dacl_changed,
    decode,
    encode,
    owner_changed,
)

OID_CLASS = "msPKI-Enterprise-Oid"
AUTHORITY_CLASS = "pKIEnrollmentService"
PUBLISHED = "certificateTemplates"
_OID_VALUE = "msPKI-Cert-Template-OID"
_OID_GROUP = "msDS-OIDToGroupLink"

#: The classes of which a container can have children, and with "Effective" those that the caller may create.
_CREATABLE = "allowedChildClasses"

#: SD_FLAGS (MS-ADTS 3.1.1.3.4.1.11).
_OWNER, _GROUP, _DACL = 1, 2, 4
READ_SECURITY = _OWNER | _GROUP | _DACL

_ATTRIBUTES = (*ATTRIBUTE_NAMES, SECURITY, "objectClass", PUBLISHED, "dNSHostName", _OID_GROUP)
#: What of a template was read, and must be the same when it is written.
_GUARDED = (*ATTRIBUTE_NAMES, SECURITY)


@dataclass(frozen=True)
class StoredTemplate:
    """A template with its place and the attributes as they were read."""

    dn: str
    entry: Entry
    template: Template


@dataclass(frozen=True)
class StoredOid:
    dn: str
    oid: str
    kind: int
    display_name: str
    #: DN of the group whose members the holders of a certificate with this issuance policy become; empty for none.
    group: str = ""


@dataclass(frozen=True)
class StoredAuthority:
    dn: str
    name: str
    host: str
    published: tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """What one search of CN=Public Key Services brought.

    Attributes:
        root: the forest's OID root; None before the first enterprise CA is installed, or when it may not be read.
        unreadable: entry and reason of each template with a value that is not of its syntax.
    """

    templates: tuple[StoredTemplate, ...]
    oids: tuple[StoredOid, ...]
    authorities: tuple[StoredAuthority, ...]
    root: str | None
    unreadable: tuple[tuple[Entry, str], ...] = ()

    def template(self, name: str) -> StoredTemplate | None:
        """The template whose cn is O(name), in any letter case.

        Raises ValueError when it is one that cannot be read.
        """
        for entry, reason in self.unreadable:
            if (entry.text("cn") or "").casefold() == name.casefold():
                raise ValueError(f"{entry.dn}: {reason}; repair the object in the console before it is managed here")
        return next((found for found in self.templates if found.template.name.casefold() == name.casefold()), None)

    def displayed_as(self, display_name: str) -> StoredTemplate | None:
        return next(
            (found for found in self.templates if found.template.display_name.casefold() == display_name.casefold()),
            None,
        )

    def oid_object(self, oid: str) -> StoredOid | None:
        return next((found for found in self.oids if found.oid == oid), None)

    def publishers(self, name: str) -> list[StoredAuthority]:
        """The authorities that issue the template O(name), in order of name."""
        return self._issuers.get(name.casefold(), [])

    @cached_property
    def _issuers(self) -> dict[str, list[StoredAuthority]]:
        found: dict[str, list[StoredAuthority]] = {}
        for ca in sorted(self.authorities, key=lambda ca: ca.name.casefold()):
            for name in {value.casefold() for value in ca.published}:
                found.setdefault(name, []).append(ca)
        return found

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of this forest, as far as they were read."""
        issuance = {
            found.display_name: found.oid
            for found in self.oids
            if found.kind == ISSUANCE_POLICY_OID and found.display_name
        }
        if self.root:
            issuance = {**{word: f"{self.root}.{arc}" for word, arc in FOREST_ISSUANCE_POLICIES.items()}, **issuance}
        return Vocabulary(
            {
                found.display_name: found.oid
                for found in self.oids
                if found.kind == APPLICATION_POLICY_OID and found.display_name
            },
            issuance,
            {found.template.name.casefold(): found.template.name for found in self.templates},
            {found.template.display_name.casefold(): found.template.name for found in self.templates},
        )


def services_dn(session: Session) -> str:
    return f"CN=Public Key Services,CN=Services,{session.root_dse.configuration_naming_context}"


def templates_dn(session: Session) -> str:
    return f"CN=Certificate Templates,{services_dn(session)}"


def oids_dn(session: Session) -> str:
    return f"CN=OID,{services_dn(session)}"


def template_dn(session: Session, name: str) -> str:
    return f"CN={escape_rdn(name)},{templates_dn(session)}"


def read(
    session: Session,
    names: t.Iterable[str] | None,
    *,
    oid_names: t.Iterable[str] = (),
    policies: bool = False,
    authorities: bool = True,
) -> Snapshot:
    """One search for templates whose name or display name is among O(names) (all of them when None), authorities, and
    OIDs.

    Args:
        oid_names: display names whose OID objects should come along.
        policies: whether all issuance and application policies should come along.

    Raises DirectoryError.
    """
    wanted = [filters.equals("objectClass", OBJECT_CLASS)]
    listed = None if names is None else sorted(set(names))
    if listed:
        named = [filters.equals(attribute, name) for name in listed for attribute in ("cn", "displayName")]
        wanted.append(filters.any_of(*named))
    # A policy that is linked to a group comes always: it decides what the templates are worth that name it.
    oids = [filters.equals("cn", "OID"), filters.present(_OID_GROUP)]
    oids.extend(filters.equals("displayName", name) for name in sorted(set(oid_names)))
    if policies:
        oids.extend(filters.equals("flags", str(kind)) for kind in (ISSUANCE_POLICY_OID, APPLICATION_POLICY_OID))
    parts = [filters.all_of(filters.equals("objectClass", OID_CLASS), filters.any_of(*oids))]
    if listed is None or listed:
        parts.insert(0, filters.all_of(*wanted))
    if authorities:
        parts.append(filters.equals("objectClass", AUTHORITY_CLASS))
    entries = session.search(services_dn(session), filters.any_of(*parts), _ATTRIBUTES, sd_flags=READ_SECURITY)
    return _snapshot(entries)


def _snapshot(entries: t.Iterable[Entry]) -> Snapshot:
    templates: list[StoredTemplate] = []
    oids: list[StoredOid] = []
    authorities: list[StoredAuthority] = []
    unreadable: list[tuple[Entry, str]] = []
    root: str | None = None
    for entry in entries:
        classes = entry.attributes.get("objectClass", ())
        if OBJECT_CLASS.encode() in classes:
            try:
                templates.append(StoredTemplate(entry.dn, entry, decode(entry.attributes)))
            except ValueError as exc:
                unreadable.append((entry, str(exc)))
        elif AUTHORITY_CLASS.encode() in classes:
            name, host = entry.text("cn") or "", entry.text("dNSHostName") or ""
            authorities.append(StoredAuthority(entry.dn, name, host, entry.texts(PUBLISHED)))
        elif (entry.text("cn") or "").casefold() == "oid":
            root = entry.text(_OID_VALUE)
        else:
            oids.append(_oid(entry))
    return Snapshot(tuple(templates), tuple(oids), tuple(authorities), root, tuple(unreadable))


def _oid(entry: Entry) -> StoredOid:
    return StoredOid(
        entry.dn,
        entry.text(_OID_VALUE) or "",
        entry.integer("flags") or 0,
        entry.text("displayName") or "",
        entry.text(_OID_GROUP) or "",
    )


def read_oids(session: Session, *values: str) -> list[StoredOid]:
    """The template OID objects whose value is among O(values)."""
    found = session.search(
        oids_dn(session),
        filters.all_of(
            filters.equals("objectClass", OID_CLASS),
            filters.any_of(*(filters.equals(_OID_VALUE, value) for value in values)),
        ),
        ("cn", "displayName", "flags", _OID_VALUE),
        scope="onelevel",
    )
    return [_oid(entry) for entry in found]


def oid_in_use(session: Session, oid: str) -> bool:
    """Whether a template or an OID object of the forest has O(oid) already."""
    return bool(session.search(services_dn(session), filters.equals(_OID_VALUE, oid), ("cn",)))


def oid_users(session: Session, oid: str) -> list[str]:
    """The names of the templates that have O(oid)."""
    found = session.search(
        templates_dn(session),
        filters.all_of(filters.equals("objectClass", OBJECT_CLASS), filters.equals(_OID_VALUE, oid)),
        ("cn",),
        scope="onelevel",
    )
    return [entry.text("cn") or entry.dn for entry in found]


def creation_refusal(session: Session, *, with_oid_object: bool = True) -> InsufficientRights | None:
    """Why the caller may not create a template with its OID object; None when he may, or the server does not say.

    Found out by the refusal of the second of both, the first would stay: who may create it may not always delete it.
    """
    containers = {"certificate templates": OBJECT_CLASS, **({"oid": OID_CLASS} if with_oid_object else {})}
    found = session.search(
        services_dn(session),
        filters.any_of(*(filters.equals("cn", name) for name in containers)),
        ("cn", _CREATABLE, f"{_CREATABLE}Effective"),
        scope="onelevel",
    )
    places = {(entry.text("cn") or "").casefold(): entry for entry in found}
    for name, wanted in containers.items():
        entry = places.get(name)
        if entry is None:
            continue
        if wanted in entry.texts(_CREATABLE) and wanted not in entry.texts(f"{_CREATABLE}Effective"):
            return InsufficientRights(
                "insufficient_rights",
                f"create an object of class {wanted}",
                f"{entry.dn} on {session.server}",
                f"{_CREATABLE}Effective does not name the class",
            )
    return None


def oid_step(session: Session, template: Template) -> Step:
    """Create the OID object of O(template), managed by whoever manages the template; taken back by deleting it."""
    dn = f"CN={escape_rdn(object_name(template.oid))},{oids_dn(session)}"
    return Step(_oid_addition(dn, template, template.display_name), undo=(Delete(dn),))


def _oid_addition(dn: str, template: Template, display_name: str) -> Add:
    attributes = {
        "objectClass": [b"top", OID_CLASS.encode()],
        "flags": [str(TEMPLATE_OID).encode()],
        _OID_VALUE: [template.oid.encode()],
    }
    if display_name:
        attributes["displayName"] = [display_name.encode()]
    security = oid_security(template.security)
    if security is not None:
        attributes[SECURITY] = [security.to_bytes()]
    return Add(dn, attributes)


def creation_steps(session: Session, template: Template, *, with_oid_object: bool = True) -> tuple[Step, ...]:
    """OID object first, then the template with its security in the same request, so that no moment shows
    a default one.
    """
    attributes: dict[str, t.Sequence[bytes]] = {**encode(template), "objectClass": [b"top", OBJECT_CLASS.encode()]}
    if template.security is not None:
        attributes[SECURITY] = [_written(template.security, bool(template.security.owner)).to_bytes()]
    oid_steps = (oid_step(session, template),) if with_oid_object else ()
    return (*oid_steps, Step(Add(template_dn(session, template.name), attributes)))


def change_steps(stored: StoredTemplate, after: Template, oid_object: StoredOid | None) -> tuple[Step, ...]:
    """The modification from O(stored) to O(after), the OID object's display name in step with it."""
    before = stored.template
    changes: list[Change] = []
    for attribute, values in changed_attributes(before, after).items():
        changes.extend(exchange(attribute, stored.entry.attributes.get(attribute, ()), values))
    sd_flags = (_DACL if dacl_changed(before, after) else 0) | (_OWNER if owner_changed(before, after) else 0)
    if sd_flags and after.security is not None:
        # A descriptor cannot be exchanged value by value; the minor revision in the same request is what a concurrent
        # change is noticed by.
        changes.append(Change("replace", SECURITY, (_written(after.security, bool(sd_flags & _OWNER)).to_bytes(),)))
    steps: list[Step] = []
    if oid_object is not None and after.display_name != before.display_name:
        steps.extend(rename_oid_steps(oid_object, after.display_name))
    if changes:
        # The whole object, since what was judged (problems, hazards, rights) is the object as a whole.
        steps.append(Step(Modify(stored.dn, tuple(changes), sd_flags or None, whole(stored))))
    return tuple(steps)


def whole(stored: StoredTemplate) -> dict[str, tuple[bytes, ...]]:
    """All that was read of a template, for the guard of an operation that rests on it."""
    return as_read(stored.entry, _GUARDED)


def deletion_steps(
    snapshot: Snapshot, name: str, stored: StoredTemplate | None, oid_objects: t.Iterable[StoredOid]
) -> tuple[Step, ...]:
    """Take the template O(name) from the authorities, delete its OID objects, then itself when it exists.

    No authority that did not publish it may do so by then. The OID object goes first, since not everybody who may
    delete a template may delete this one too: what is refused first leaves nothing half-made.
    """
    publishers = snapshot.publishers(name)
    steps = [unpublish_step(ca, name) for ca in publishers]
    steps.extend(
        Step(Check(ca.dn, without={PUBLISHED: (name.encode(),)})) for ca in snapshot.authorities if ca not in publishers
    )
    if stored is None:
        return (*steps, *(delete_oid_step(found) for found in oid_objects))
    for found in oid_objects:
        again = _oid_addition(found.dn, stored.template, found.display_name)
        steps.append(replace(delete_oid_step(found), undo=(again,)))
    return (*steps, delete_step(stored))


def delete_step(stored: StoredTemplate) -> Step:
    """Delete a template that is as it was read."""
    return Step(Delete(stored.dn, whole(stored)))


def delete_oid_step(found: StoredOid) -> Step:
    """Delete an OID object that is as it was read."""
    return Step(Delete(found.dn, _guard(found)))


def _guard(found: StoredOid) -> dict[str, t.Sequence[bytes]]:
    return {"displayName": _values(found.display_name), _OID_VALUE: _values(found.oid)}


def _values(text: str) -> tuple[bytes, ...]:
    return (text.encode(),) if text else ()


def rename_oid_steps(oid_object: StoredOid, display_name: str) -> tuple[Step, ...]:
    """Give the OID object its template's display name again."""
    old, new = _values(oid_object.display_name), _values(display_name)
    return (
        Step(
            Modify(oid_object.dn, exchange("displayName", old, new), expected=_guard(oid_object)),
            undo=(Modify(oid_object.dn, exchange("displayName", new, old)),),
        ),
    )


def unpublish_step(authority: StoredAuthority, name: str) -> Step:
    spelled = tuple(value.encode() for value in authority.published if value.casefold() == name.casefold())
    return Step(
        Modify(authority.dn, (Change("delete", PUBLISHED, spelled),)),
        undo=(Modify(authority.dn, (Change("add", PUBLISHED, spelled),)),),
    )


def _written(security: SecurityDescriptor, with_owner: bool) -> SecurityDescriptor:
    """What is sent: the list, and the owner only when asked for, since a server refuses one that the
    caller may not give.
    """
    control = security.control & ~(Control.SACL_PRESENT | Control.OWNER_DEFAULTED | Control.GROUP_DEFAULTED)
    return replace(security, control=control, owner=security.owner if with_owner else None, group=None, sacl=None)
