# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that a delegation is about: where they are, and whether they may be.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..adcs import store
from ..adcs.fields import given_display_name
from ..adcs.publication import find_authority
from ..directory import dn as names
from ..directory import filters
from ..directory.descriptor import DACL, GROUP, OWNER
from ..directory.edits import OptionError
from ..directory.errors import DirectoryError
from ..directory.operations import SECURITY
from ..directory.principals import Principals
from ..directory.session import Entry, Session
from .principal import Principal, find_group
from .rights import GROUP_MEMBERSHIPS, PUBLICATION, TEMPLATES
from .wish import Wish

#: What every object is read with. sDRightsEffective says which parts of the descriptor the caller may write.
ATTRIBUTES = (SECURITY, "sDRightsEffective", "objectClass")
READ_SECURITY = OWNER | GROUP | DACL
#: wellKnownObjects of a domain (MS-ADTS 6.1.1.4): CN=Domain Controllers.
_DOMAIN_CONTROLLERS = "A361B2FFFFD211D1AA4B00C04FD7D83A"


class Found(t.NamedTuple):
    """An object, its kind (a key of rights.PLACES), and its attributes as read."""

    kind: str
    entry: Entry


def find_places(
    session: Session, principals: Principals, principal: Principal, wish: Wish, *, present: bool
) -> list[Found]:
    """All objects that get entries. Raises OptionError, PrincipalError and DirectoryError."""
    places: list[tuple[str, str]] = []
    if TEMPLATES in wish.tasks:
        places.append(("templates_container", store.templates_dn(session)))
        places.append(("oids_container", store.oids_dn(session)))
        places.extend(_templates(session, wish.templates))
    if PUBLICATION in wish.tasks:
        places.extend(("authority", dn) for dn in _authorities(session, wish.authorities))
    if wish.unit is not None:
        places.append(("unit", _unit(session, wish.unit, present=present)))
    if GROUP_MEMBERSHIPS in wish.tasks:
        sids = principals.resolve(wish.groups)
        groups = {sid: given for given, sid in sids.items()}
        places.extend(
            ("group", find_group(session, principal, given, sid, present=present).dn) for sid, given in groups.items()
        )
    return [Found(kind, _read(session, dn)) for kind, dn in places]


def accounts_in(session: Session, unit: str) -> list[str]:
    """The names of the users and gMSAs that lie in O(unit) itself."""
    found = session.search(
        unit, filters.equals("objectClass", "user"), ("sAMAccountName", "objectClass"), scope="onelevel"
    )
    return sorted(entry.text("sAMAccountName") or entry.dn for entry in found)


def _read(session: Session, dn: str) -> Entry:
    entry = session.read(dn, ATTRIBUTES, sd_flags=READ_SECURITY)
    if entry is None or entry.raw(SECURITY) is None:
        missing = "the object does not exist" if entry is None else "the access control list cannot be read"
        raise DirectoryError("no_such_object", "read the access control list", dn, missing)
    return entry


def _templates(session: Session, wanted: tuple[str, ...]) -> list[tuple[str, str]]:
    if not wanted:
        return []
    snapshot = store.read(session, wanted, authorities=False)
    places: list[tuple[str, str]] = []
    for name in wanted:
        stored = snapshot.template(name)
        if stored is None:
            shown = snapshot.displayed_as(name)
            if shown is not None:
                raise given_display_name("templates", name, shown.template.name)
            raise OptionError("templates", f"'{name}' is not a template of this forest")
        places.append(("template", stored.dn))
        places.extend(("template_oid", found.dn) for found in store.read_oids(session, stored.template.oid))
    return places


def _authorities(session: Session, wanted: tuple[str, ...] | None) -> list[str]:
    found = session.search(
        store.services_dn(session), filters.equals("objectClass", store.AUTHORITY_CLASS), ("cn", "dNSHostName")
    )
    known = [
        store.StoredAuthority(entry.dn, entry.text("cn") or "", entry.text("dNSHostName") or "", ()) for entry in found
    ]
    if wanted is None:
        if not known:
            raise OptionError("tasks", "publication needs an enterprise certification authority; the forest has none")
        return sorted(ca.dn for ca in known)
    return list(dict.fromkeys(find_authority(known, name, "certification_authorities").dn for name in wanted))


def _unit(session: Session, dn: str, *, present: bool) -> str:
    base = session.root_dse.default_naming_context
    entry = session.read(dn, ("objectClass",))
    if entry is None:
        raise OptionError("organizational_unit", f"'{dn}' does not exist")
    if "organizationalUnit" not in entry.texts("objectClass"):
        raise OptionError(
            "organizational_unit", f"'{dn}' is not an organizational unit; make one for the accounts of the operators"
        )
    if not names.equal(names.domain_dn(entry.dn), base):
        raise OptionError("organizational_unit", f"'{dn}' lies in another domain; run against a server of that domain")
    domain = session.read(base, ("wellKnownObjects",))
    for value in domain.texts("wellKnownObjects") if domain else ():
        _kind, _length, number, where = value.split(":", 3)
        if present and number.upper() == _DOMAIN_CONTROLLERS and names.equal(where, entry.dn):
            raise OptionError("organizational_unit", f"'{dn}' holds the domain controllers; no account is made there")
    return entry.dn
