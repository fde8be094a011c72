# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identifiers by which rights are judged, beside the schema of a directory."""

from __future__ import annotations

import typing as t
from uuid import UUID

from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import known

from .planting import DOMAIN, search

if t.TYPE_CHECKING:
    from ..conftest import Lab

SCHEMA = f"CN=Schema,CN=Configuration,{DOMAIN}"
ATTRIBUTES = {
    **known.TEMPLATE_ATTRIBUTES,
    **known.OID_ATTRIBUTES,
    **known.AUTHORITY_ATTRIBUTES,
    **known.TRUST_ATTRIBUTES,
    **known.REVOCATION_ATTRIBUTES,
    **known.RECOVERY_ATTRIBUTES,
    **known.COMPUTER_ATTRIBUTES,
}
CLASSES = {
    "pKICertificateTemplate": known.TEMPLATE_CLASS,
    "msPKI-Enterprise-Oid": known.OID_CLASS,
    "pKIEnrollmentService": known.AUTHORITY_CLASS,
    "certificationAuthority": known.CERTIFICATION_AUTHORITY_CLASS,
    "container": known.CONTAINER_CLASS,
    "computer": known.COMPUTER_CLASS,
    "cRLDistributionPoint": known.DISTRIBUTION_POINT_CLASS,
    "msPKI-PrivateKeyRecoveryAgent": known.RECOVERY_AGENT_CLASS,
}
#: In the schema from Windows Server 2016 on; the lab's is that of 2012 R2.
NEWER = {"msDS-KeyCredentialLink"}


def schema(lab: Lab, object_class: str, *attributes: str) -> dict[str, dict[str, list[bytes]]]:
    """What the schema says, by LDAP name."""
    found = search(lab, SCHEMA, "one", f"(objectClass={object_class})", "lDAPDisplayName", *attributes)
    return {entry["lDAPDisplayName"][0].decode(): entry for entry in found.values()}


def test_attributes_classes_and_property_sets_have_their_identifiers(lab: Lab) -> None:
    attributes = schema(lab, "attributeSchema", "schemaIDGUID", "attributeSecurityGUID")
    classes = schema(lab, "classSchema", "schemaIDGUID")
    stored = {name: UUID(bytes_le=attributes[name]["schemaIDGUID"][0]) for name in ATTRIBUTES if name in attributes}
    assert {**stored, **{name: ATTRIBUTES[name] for name in NEWER - set(attributes)}} == ATTRIBUTES
    assert {name: UUID(bytes_le=classes[name]["schemaIDGUID"][0]) for name in CLASSES} == CLASSES
    sets = {
        stored[name]: UUID(bytes_le=attributes[name]["attributeSecurityGUID"][0])
        for name in stored
        if "attributeSecurityGUID" in attributes[name]
    }
    assert sets == known.PROPERTY_SETS


def test_no_attribute_that_the_class_of_templates_adds_is_left_out(lab: Lab) -> None:
    added = schema(lab, "classSchema", "mayContain", "mustContain", "systemMayContain", "systemMustContain")
    entry = added["pKICertificateTemplate"]
    own = {value.decode() for name, values in entry.items() if name.endswith("Contain") for value in values}
    assert {name for name in own if name.casefold().startswith(("mspki-", "pki"))} == {
        name for name in known.TEMPLATE_ATTRIBUTES if name.casefold().startswith(("mspki-", "pki"))
    }
    assert own - set(known.TEMPLATE_ATTRIBUTES) == {"displayName"}
