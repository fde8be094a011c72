# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ESC5: who controls the objects that the public key services of a forest rest on, and the accounts of its authorities.

An authority writes to objects of its own: at its installation its computer account gets full control over its enrolment
service, and its certificates, revocation lists and recovery agents are kept by it or by Cert Publishers, the group of
all authorities' computers. That is how it works and is not reported; the computer on the objects of another authority
is.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from uuid import UUID

from ...directory import dn as names
from ...directory import filters
from ...directory.descriptor import SecurityDescriptor
from ...directory.entry import Entry
from ...directory.principals import search_everywhere
from ...directory.sid import Sid
from ..store import AUTHORITY_CLASS, OID_CLASS, READ_SECURITY, services_dn
from ..template import SECURITY
from . import known
from .access import CHANGE_RIGHTS, TAKE_OWNERSHIP, Right, access_list, create_right, extended_right, write_rights
from .assessment import Hazard, assess_object
from .reading import read_known, static_membership, wanted

if t.TYPE_CHECKING:
    from ...directory.session import Session

_COMPUTER = "computer"
_ATTRIBUTES = ("objectClass", "objectSid", "cn", "dNSHostName", SECURITY)
_CONTROL = (CHANGE_RIGHTS, TAKE_OWNERSHIP)


@dataclass(frozen=True)
class _Kind:
    """What control over an object of a class is, and what it leads to."""

    rights: tuple[Right, ...]
    leads_to: str


def _kind(attributes: t.Mapping[str, UUID], of_class: UUID, leads_to: str, *more: Right) -> _Kind:
    return _Kind((*_CONTROL, *write_rights(attributes, of_class), *more), leads_to)


def _folder(leads_to: str, creates: str, of_class: UUID) -> _Kind:
    return _Kind((*_CONTROL, create_right(creates, of_class)), leads_to)


_AUTHORITIES = "what is put here makes the forest trust an authority of its maker's."
#: The containers directly below Public Key Services, by cn without case.
_FOLDERS: t.Final[t.Mapping[str, _Kind]] = {
    "certificate templates": _folder(
        "a template of one's own can be made, and an authority that issues it will open any account.",
        "create templates",
        known.TEMPLATE_CLASS,
    ),
    "oid": _folder(
        "a policy of one's own can be made that makes the holders of certificates members of a group.",
        "create policies",
        known.OID_CLASS,
    ),
    "enrollment services": _folder(
        "clients send their requests to the authorities that are named here.",
        "create enrolment services",
        known.AUTHORITY_CLASS,
    ),
    "certification authorities": _folder(_AUTHORITIES, "create authorities", known.CERTIFICATION_AUTHORITY_CLASS),
    "aia": _folder(_AUTHORITIES, "create authorities", known.CERTIFICATION_AUTHORITY_CLASS),
    "cdp": _folder(
        "revocation lists are fetched from here.", "create distribution points", known.DISTRIBUTION_POINT_CLASS
    ),
    "kra": _folder(
        "whoever puts a recovery agent here can read the private keys that are archived.",
        "create recovery agents",
        known.RECOVERY_AGENT_CLASS,
    ),
}
_OTHER_FOLDER = _folder(
    "authorities, templates and policies can be added below it.", "create objects", known.CONTAINER_CLASS
)
#: By the last, most special object class.
_CLASSES: t.Final[t.Mapping[bytes, _Kind]] = {
    OID_CLASS.encode(): _kind(
        known.OID_ATTRIBUTES,
        known.OID_CLASS,
        "it can be linked to a group, so that the holders of certificates with this policy become members of it.",
    ),
    AUTHORITY_CLASS.encode(): _kind(
        known.AUTHORITY_ATTRIBUTES,
        known.AUTHORITY_CLASS,
        "it decides which templates the authority issues and where clients send their requests.",
    ),
    b"certificationAuthority": _kind(
        known.TRUST_ATTRIBUTES,
        known.CERTIFICATION_AUTHORITY_CLASS,
        "the certificates in it are trusted in the whole forest, in NTAuthCertificates for logging on too.",
    ),
    b"cRLDistributionPoint": _kind(
        known.REVOCATION_ATTRIBUTES,
        known.DISTRIBUTION_POINT_CLASS,
        "the revocation lists in it decide whether certificates are good.",
    ),
    b"msPKI-PrivateKeyRecoveryAgent": _kind(
        known.RECOVERY_ATTRIBUTES,
        known.RECOVERY_AGENT_CLASS,
        "whoever puts a certificate of their own into it can read the private keys that are archived.",
    ),
}
_HOST = _kind(
    known.COMPUTER_ATTRIBUTES,
    known.COMPUTER_CLASS,
    "whoever is the authority's computer holds its key and can issue any certificate.",
    extended_right("reset its password", known.RESET_PASSWORD),
)


@dataclass(frozen=True)
class _Authority:
    """An enterprise authority: its name, the name of its host, and the host's account."""

    name: str
    host: str
    account: Sid | None

    def owns(self, dn: str) -> bool:
        """Whether the object is the authority's own, by the names that its installation gives."""
        parts = [names.unescape(part.partition("=")[2]).casefold() for part in names.split(dn)[:2]]
        own = self.name.casefold()
        # The objects of a renewed authority have its number behind the name.
        if parts[0] == own or parts[0].startswith(f"{own}("):
            return True
        return self.host.partition(".")[0].casefold() in parts


def read_forest_hazards(session: Session) -> list[Hazard]:
    """The hazards ESC5 of the forest, by DN. Raises DirectoryError.

    Costs a search of the public key services without the templates, one for the computers of the authorities, and what
    C(reading) needs for the principals. An object whose security may not be read is left out.
    """
    entries = session.search(services_dn(session), _filter(), _ATTRIBUTES, sd_flags=READ_SECURITY)
    hosts = {entry.text("dNSHostName") or "" for entry in entries if _is(entry, AUTHORITY_CLASS)} - {""}
    computers = _computers(session, hosts)
    accounts = {(entry.text("dNSHostName") or "").casefold(): entry.sid() for entry in computers}
    authorities = [
        _Authority(entry.text("cn") or "", host, accounts.get(host.casefold()))
        for entry in entries
        if _is(entry, AUTHORITY_CLASS) and (host := entry.text("dNSHostName") or "")
    ]
    static = static_membership(session)
    judged: list[tuple[Entry, _Kind, SecurityDescriptor, frozenset[Sid]]] = []
    for entry in [*entries, *computers]:
        octets = entry.raw(SECURITY)
        if octets is not None:
            owners = {ca.account for ca in authorities if ca.account is not None and ca.owns(entry.dn)}
            kind = _HOST if _is(entry, _COMPUTER) else _kind_of(entry, session)
            judged.append((entry, kind, SecurityDescriptor.from_bytes(octets), frozenset(owners)))
    lists = [
        (access_list(security, _ignoring(static.is_privileged, own)), kind.rights)
        for _entry, kind, security, own in judged
    ]
    principals = read_known(session, wanted(lists, static))
    membership = principals.membership
    found: list[Hazard] = []
    for entry, kind, security, own in judged:
        access = access_list(security, _ignoring(membership.is_privileged, own))
        hazard = assess_object(entry.dn, kind.leads_to, access, kind.rights, membership, principals.name)
        if hazard is not None:
            found.append(hazard)
    return sorted(found, key=lambda hazard: hazard.object.casefold())


def _ignoring(privileged: t.Callable[[Sid], bool], own: frozenset[Sid]) -> t.Callable[[Sid], bool]:
    return lambda sid: sid in own or privileged(sid)


def _filter() -> str:
    classes = ["container", *(name.decode() for name in _CLASSES)]
    return filters.any_of(*(filters.equals("objectClass", name) for name in classes))


def _computers(session: Session, hosts: t.Collection[str]) -> list[Entry]:
    if not hosts:
        return []
    named = filters.any_of(*(filters.equals("dNSHostName", host) for host in sorted(hosts)))
    wanted_ones = filters.all_of(filters.equals("objectClass", _COMPUTER), named)
    return search_everywhere(session, wanted_ones, _ATTRIBUTES, sd_flags=READ_SECURITY)


def _kind_of(entry: Entry, session: Session) -> _Kind:
    above = names.parent(entry.dn)
    if names.equal(above, services_dn(session)) and not _is(entry, "certificationAuthority"):
        return _FOLDERS.get((entry.text("cn") or "").casefold(), _OTHER_FOLDER)
    for name, kind in _CLASSES.items():
        if _is(entry, name.decode()):
            return kind
    # A folder in a folder, such as that of a host below CDP.
    return _FOLDERS.get(names.rdn_value(above).casefold(), _OTHER_FOLDER)


def _is(entry: Entry, object_class: str) -> bool:
    return object_class.encode() in entry.attributes.find("objectClass")
