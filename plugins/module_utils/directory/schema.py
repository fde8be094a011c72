# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of classes, attributes, property sets and rights by which access control entries name them. Data only.

Provenance: schemaIDGUID of MS-ADSC (classes) and MS-ADA1 to MS-ADA3 (attributes), rightsGuid of MS-ADTS 5.1.3.2.1
(control access rights and property sets). They are the same in every forest; the tests compare them with the schema of
the lab.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from uuid import UUID

CLASSES: t.Final[t.Mapping[str, UUID]] = {
    "certificationAuthority": UUID("3fdfee50-47f4-11d1-a9c3-0000f80367c1"),
    "computer": UUID("bf967a86-0de6-11d0-a285-00aa003049e2"),
    "container": UUID("bf967a8b-0de6-11d0-a285-00aa003049e2"),
    "cRLDistributionPoint": UUID("167758ca-47f3-11d1-a9c3-0000f80367c1"),
    "msDS-GroupManagedServiceAccount": UUID("7b8b558a-93a5-4af7-adca-c017e67f1057"),
    "msPKI-Enterprise-Oid": UUID("37cfd85c-6719-4ad8-8f9e-8678ba627563"),
    "msPKI-PrivateKeyRecoveryAgent": UUID("1562a632-44b9-4a7e-a2d3-e426c96a3acc"),
    "pKICertificateTemplate": UUID("e5209ca2-3bba-11d2-90cc-00c04fd91ab1"),
    "pKIEnrollmentService": UUID("ee4aa692-3bba-11d2-90cc-00c04fd91ab1"),
    "user": UUID("bf967aba-0de6-11d0-a285-00aa003049e2"),
}

ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {
    "accountExpires": UUID("bf967915-0de6-11d0-a285-00aa003049e2"),
    "altSecurityIdentities": UUID("00fbf30c-91fe-11d1-aebc-0000f80367c1"),
    "authorityRevocationList": UUID("1677578d-47f3-11d1-a9c3-0000f80367c1"),
    "cACertificate": UUID("bf967932-0de6-11d0-a285-00aa003049e2"),
    "certificateRevocationList": UUID("1677579f-47f3-11d1-a9c3-0000f80367c1"),
    "certificateTemplates": UUID("2a39c5b1-8960-11d1-aebc-0000f80367c1"),
    "deltaRevocationList": UUID("167757b5-47f3-11d1-a9c3-0000f80367c1"),
    "description": UUID("bf967950-0de6-11d0-a285-00aa003049e2"),
    "displayName": UUID("bf967953-0de6-11d0-a285-00aa003049e2"),
    "dNSHostName": UUID("72e39547-7b18-11d1-adef-00c04fd8d5cd"),
    "flags": UUID("bf967976-0de6-11d0-a285-00aa003049e2"),
    "lockoutTime": UUID("28630ebf-41d5-11d1-a9c1-0000f80367c1"),
    "member": UUID("bf9679c0-0de6-11d0-a285-00aa003049e2"),
    "msDS-AllowedToActOnBehalfOfOtherIdentity": UUID("3f78c3e5-f79a-46bd-a0b8-9d18116ddc79"),
    "msDS-GroupMSAMembership": UUID("888eedd6-ce04-df40-b462-b8a50e41ba38"),
    "msDS-KeyCredentialLink": UUID("5b47d60f-6090-40b2-9f37-2a4de88f3063"),
    "msDS-ManagedPasswordInterval": UUID("f8758ef7-ac76-8843-a2ee-a26b4dcaf409"),
    "msDS-OIDToGroupLink": UUID("f9c9a57c-3941-438d-bebf-0edaf2aca187"),
    "msDS-SupportedEncryptionTypes": UUID("20119867-1d04-4ab7-9371-cfc3d5df0afd"),
    "msPKI-Cert-Template-OID": UUID("3164c36a-ba26-468c-8bda-c1e5cc256728"),
    "msPKI-Certificate-Application-Policy": UUID("dbd90548-aa37-4202-9966-8c537ba5ce32"),
    "msPKI-Certificate-Name-Flag": UUID("ea1dddc4-60ff-416e-8cc0-17cee534bce7"),
    "msPKI-Certificate-Policy": UUID("38942346-cc5b-424b-a7d8-6ffd12029c5f"),
    "msPKI-Enrollment-Flag": UUID("d15ef7d8-f226-46db-ae79-b34e560bd12c"),
    "msPKI-Enrollment-Servers": UUID("f22bd38f-a1d0-4832-8b28-0331438886a6"),
    "msPKI-Minimal-Key-Size": UUID("e96a63f5-417f-46d3-be52-db7703c503df"),
    "msPKI-Private-Key-Flag": UUID("bab04ac2-0435-4709-9307-28380e7c7001"),
    "msPKI-RA-Application-Policies": UUID("3c91fbbf-4773-4ccd-a87b-85d53e7bcf6a"),
    "msPKI-RA-Policies": UUID("d546ae22-0951-4d47-817e-1c9f96faad46"),
    "msPKI-RA-Signature": UUID("fe17e04b-937d-4f7e-8e0e-9292c8d5683e"),
    "msPKI-Supersede-Templates": UUID("9de8ae7d-7a5b-421d-b5e4-061f79dfd5d7"),
    "msPKI-Template-Minor-Revision": UUID("13f5236c-1884-46b1-b5d0-484e38990d58"),
    "msPKI-Template-Schema-Version": UUID("0c15e9f5-491d-4594-918f-32813a091da9"),
    "pKICriticalExtensions": UUID("fc5a9106-3b9d-11d2-90cc-00c04fd91ab1"),
    "pKIDefaultCSPs": UUID("1ef6336e-3b9e-11d2-90cc-00c04fd91ab1"),
    "pKIDefaultKeySpec": UUID("426cae6e-3b9d-11d2-90cc-00c04fd91ab1"),
    "pKIEnrollmentAccess": UUID("926be278-56f9-11d2-90d0-00c04fd91ab1"),
    "pKIExpirationPeriod": UUID("041570d2-3b9e-11d2-90cc-00c04fd91ab1"),
    "pKIExtendedKeyUsage": UUID("18976af6-3b9e-11d2-90cc-00c04fd91ab1"),
    "pKIKeyUsage": UUID("e9b0a87e-3b9d-11d2-90cc-00c04fd91ab1"),
    "pKIMaxIssuingDepth": UUID("f0bfdefa-3b9d-11d2-90cc-00c04fd91ab1"),
    "pKIOverlapPeriod": UUID("1219a3ec-3b9e-11d2-90cc-00c04fd91ab1"),
    "sAMAccountName": UUID("3e0abfd0-126a-11d0-a060-00aa006c33ed"),
    "servicePrincipalName": UUID("f3a64788-5306-11d1-a9c5-0000f80367c1"),
    "userAccountControl": UUID("bf967a68-0de6-11d0-a285-00aa003049e2"),
    "userCertificate": UUID("bf967a7f-0de6-11d0-a285-00aa003049e2"),
    "userPrincipalName": UUID("28630ebb-41d5-11d1-a9c1-0000f80367c1"),
}

RIGHTS: t.Final[t.Mapping[str, UUID]] = {
    "User-Force-Change-Password": UUID("00299570-246d-11d0-a768-00aa006e0529"),
}

PROPERTY_SETS: t.Final[t.Mapping[str, UUID]] = {
    "DNS-Host-Name-Attributes": UUID("72e39547-7b18-11d1-adef-00c04fd8d5cd"),
    "Personal-Information": UUID("77b5b886-944a-11d1-aebd-0000f80367c1"),
    "Public-Information": UUID("e48d0154-bcf8-11d1-8702-00c04fb96050"),
    "User-Account-Restrictions": UUID("4c164200-20c0-11d0-a768-00aa006e0529"),
}

#: The property set that an attribute is in (attributeSecurityGUID), as far as it matters: a right to the set is one to
#: them all.
SET_OF: t.Final[t.Mapping[str, str]] = {
    "altSecurityIdentities": "Public-Information",
    "dNSHostName": "DNS-Host-Name-Attributes",
    "msDS-AllowedToActOnBehalfOfOtherIdentity": "User-Account-Restrictions",
    "servicePrincipalName": "Public-Information",
    "userAccountControl": "User-Account-Restrictions",
    "userCertificate": "Personal-Information",
}

#: Classes, attributes and rights together; no two share a name.
GUIDS: t.Final[t.Mapping[str, UUID]] = {**CLASSES, **ATTRIBUTES, **RIGHTS}
