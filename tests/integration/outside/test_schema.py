# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identifiers by which rights are judged, beside the schema of a directory."""

from __future__ import annotations

import typing as t
from uuid import UUID

from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import known
from ansible_collections.certops.intune.plugins.module_utils.directory.schema import (
    ATTRIBUTES,
    CLASSES,
    PROPERTY_SETS,
    RIGHTS,
    SET_OF,
)

from .planting import DOMAIN, search

if t.TYPE_CHECKING:
    from ..conftest import Lab

SCHEMA = f"CN=Schema,CN=Configuration,{DOMAIN}"
#: The attributes by which rights over the public key services are judged.
JUDGED = {
    *known.TEMPLATE_ATTRIBUTES,
    *known.OID_ATTRIBUTES,
    *known.AUTHORITY_ATTRIBUTES,
    *known.TRUST_ATTRIBUTES,
    *known.REVOCATION_ATTRIBUTES,
    *known.RECOVERY_ATTRIBUTES,
    *known.COMPUTER_ATTRIBUTES,
}
#: In the schema from Windows Server 2016 on; the lab's is that of 2012 R2.
NEWER = {"msDS-KeyCredentialLink"}


def schema(lab: Lab, object_class: str, *attributes: str) -> dict[str, dict[str, list[bytes]]]:
    """What the schema says, by LDAP name."""
    found = search(lab, SCHEMA, "one", f"(objectClass={object_class})", "lDAPDisplayName", *attributes)
    return {entry["lDAPDisplayName"][0].decode(): entry for entry in found.values()}


def test_attributes_and_classes_have_their_identifiers(lab: Lab) -> None:
    attributes = schema(lab, "attributeSchema", "schemaIDGUID")
    classes = schema(lab, "classSchema", "schemaIDGUID")
    missing = set(ATTRIBUTES) - set(attributes)
    assert missing <= NEWER
    stored = {name: UUID(bytes_le=attributes[name]["schemaIDGUID"][0]) for name in set(ATTRIBUTES) - missing}
    assert stored == {name: guid for name, guid in ATTRIBUTES.items() if name not in missing}
    assert {name: UUID(bytes_le=classes[name]["schemaIDGUID"][0]) for name in CLASSES} == CLASSES


def test_rights_and_property_sets_have_their_identifiers(lab: Lab) -> None:
    base = f"CN=Extended-Rights,CN=Configuration,{DOMAIN}"
    found = search(lab, base, "one", "(objectClass=controlAccessRight)", "cn", "rightsGuid")
    stored = {entry["cn"][0].decode(): UUID(entry["rightsGuid"][0].decode()) for entry in found.values()}
    # The display specifiers of the sets differ from the names by which MS-ADTS calls them.
    assert {name: stored[name] for name in RIGHTS} == RIGHTS
    assert set(PROPERTY_SETS.values()) <= set(stored.values())


def test_judged_attributes_are_in_these_property_sets(lab: Lab) -> None:
    attributes = schema(lab, "attributeSchema", "attributeSecurityGUID")
    sets = {
        name: UUID(bytes_le=attributes[name]["attributeSecurityGUID"][0])
        for name in JUDGED & set(attributes)
        if "attributeSecurityGUID" in attributes[name]
    }
    assert sets == {name: PROPERTY_SETS[of] for name, of in SET_OF.items()}


def test_no_attribute_that_the_class_of_templates_adds_is_left_out(lab: Lab) -> None:
    added = schema(lab, "classSchema", "mayContain", "mustContain", "systemMayContain", "systemMustContain")
    entry = added["pKICertificateTemplate"]
    own = {value.decode() for name, values in entry.items() if name.endswith("Contain") for value in values}
    assert {name for name in own if name.casefold().startswith(("mspki-", "pki"))} == {
        name for name in known.TEMPLATE_ATTRIBUTES if name.casefold().startswith(("mspki-", "pki"))
    }
    assert own - set(known.TEMPLATE_ATTRIBUTES) == {"displayName"}
