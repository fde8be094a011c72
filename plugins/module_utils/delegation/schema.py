# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes and attributes of the schema that delegated rights are about, by name. Data only.

Provenance: schemaIDGUID of MS-ADSC (classes), MS-ADA1 to MS-ADA3 (attributes), and rightsGuid of MS-ADTS 5.1.3.2.1
(control access rights). They are the same in every forest; the tests compare them with the schema of the lab.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from uuid import UUID

TEMPLATE = "pKICertificateTemplate"
OID = "msPKI-Enterprise-Oid"
USER = "user"
GMSA = "msDS-GroupManagedServiceAccount"

CLASSES: dict[str, UUID] = {
    TEMPLATE: UUID("e5209ca2-3bba-11d2-90cc-00c04fd91ab1"),
    OID: UUID("37cfd85c-6719-4ad8-8f9e-8678ba627563"),
    USER: UUID("bf967aba-0de6-11d0-a285-00aa003049e2"),
    GMSA: UUID("7b8b558a-93a5-4af7-adca-c017e67f1057"),
}

ATTRIBUTES: dict[str, UUID] = {
    "accountExpires": UUID("bf967915-0de6-11d0-a285-00aa003049e2"),
    "certificateTemplates": UUID("2a39c5b1-8960-11d1-aebc-0000f80367c1"),
    "dNSHostName": UUID("72e39547-7b18-11d1-adef-00c04fd8d5cd"),
    "description": UUID("bf967950-0de6-11d0-a285-00aa003049e2"),
    "displayName": UUID("bf967953-0de6-11d0-a285-00aa003049e2"),
    "lockoutTime": UUID("28630ebf-41d5-11d1-a9c1-0000f80367c1"),
    "member": UUID("bf9679c0-0de6-11d0-a285-00aa003049e2"),
    "msDS-GroupMSAMembership": UUID("888eedd6-ce04-df40-b462-b8a50e41ba38"),
    "msDS-ManagedPasswordInterval": UUID("f8758ef7-ac76-8843-a2ee-a26b4dcaf409"),
    "msDS-SupportedEncryptionTypes": UUID("20119867-1d04-4ab7-9371-cfc3d5df0afd"),
    "sAMAccountName": UUID("3e0abfd0-126a-11d0-a060-00aa006c33ed"),
    "servicePrincipalName": UUID("f3a64788-5306-11d1-a9c5-0000f80367c1"),
    "userAccountControl": UUID("bf967a68-0de6-11d0-a285-00aa003049e2"),
    "userPrincipalName": UUID("28630ebb-41d5-11d1-a9c1-0000f80367c1"),
}

RESET_PASSWORD = "User-Force-Change-Password"
CONTROL_RIGHTS: dict[str, UUID] = {RESET_PASSWORD: UUID("00299570-246d-11d0-a768-00aa006e0529")}

GUIDS: dict[str, UUID] = {**CLASSES, **ATTRIBUTES, **CONTROL_RIGHTS}
