# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals by what they are worth to an attacker, and the numbers of what can be written. Data only.

Provenance: SIDs and RIDs from MS-DTYP 2.4.2.4; which of them administer the forest, from Microsoft's "Appendix B:
Privileged Accounts and Groups in Active Directory"; which of them everybody can be, from the default members of the
built-in groups. Numbers of attributes, classes and extended rights (schemaIDGUID, rightsGuid) from MS-ADA1 to MS-ADA3,
MS-ADSC and MS-ADTS 5.1.3.2.1.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from uuid import UUID

from ...directory.sid import Sid

EVERYONE = Sid.parse("S-1-1-0")
OWNER_RIGHTS = Sid.parse("S-1-3-4")
ANONYMOUS = Sid.parse("S-1-5-7")
AUTHENTICATED_USERS = Sid.parse("S-1-5-11")
ADMINISTRATORS = Sid.parse("S-1-5-32-544")
BUILTIN_USERS = Sid.parse("S-1-5-32-545")
BUILTIN_GUESTS = Sid.parse("S-1-5-32-546")

GUEST_RID = 501
DOMAIN_USERS_RID, DOMAIN_GUESTS_RID, DOMAIN_COMPUTERS_RID = 513, 514, 515
CERT_PUBLISHERS_RID = 517

#: What anybody's token may have, by the way of logging on: NETWORK, BATCH, INTERACTIVE, SERVICE, DIALUP, This
#: Organization, the kinds of authentication, and where the identity comes from.
SESSION_SIDS: t.Final = frozenset(
    Sid.parse(text)
    for text in (
        "S-1-5-1",
        "S-1-5-2",
        "S-1-5-3",
        "S-1-5-4",
        "S-1-5-6",
        "S-1-5-13",
        "S-1-5-14",
        "S-1-5-15",
        "S-1-5-64-10",
        "S-1-5-64-14",
        "S-1-5-64-21",
        "S-1-18-1",
        "S-1-18-2",
    )
)
#: Groups that hold every user, or hold them unless an administrator has taken them out.
LOW_PRIVILEGED: t.Final = SESSION_SIDS | {EVERYONE, ANONYMOUS, AUTHENTICATED_USERS, BUILTIN_USERS, BUILTIN_GUESTS}
#: The same by RID, in every domain: a trusted domain's users are as ordinary as the own ones.
LOW_PRIVILEGED_RIDS: t.Final = frozenset({GUEST_RID, DOMAIN_USERS_RID, DOMAIN_GUESTS_RID, DOMAIN_COMPUTERS_RID})

#: Who holds the forest anyway: ENTERPRISE DOMAIN CONTROLLERS, SYSTEM, BUILTIN\Administrators.
PRIVILEGED: t.Final = frozenset({Sid.parse("S-1-5-9"), Sid.parse("S-1-5-18"), ADMINISTRATORS})
#: In the domains of the forest: Administrator, krbtgt, Domain Admins, Domain Controllers, Schema Admins, Enterprise
#: Admins, Key Admins, Enterprise Key Admins.
ADMINISTRATIVE_RIDS: t.Final = frozenset({500, 502, 512, 516, 518, 519, 526, 527})
#: Named by built-in lists and tolerated there, but whoever is a member of one is no administrator: Enterprise
#: Read-only Domain Controllers, Cert Publishers (the authorities' hosts), Read-only Domain Controllers.
TOLERATED_RIDS: t.Final = frozenset({498, CERT_PUBLISHERS_RID, 521})
#: The groups among them whose members are administrators, nested ones too: RIDs, for the domains of the forest.
ADMINISTRATIVE_GROUP_RIDS: t.Final = frozenset({512, 516, 518, 519, 526, 527})

#: In no token: NULL SID, CREATOR OWNER, CREATOR GROUP and their servers, and SELF, which is the object itself.
NOBODY: t.Final = frozenset(
    Sid.parse(text) for text in ("S-1-0-0", "S-1-3-0", "S-1-3-1", "S-1-3-2", "S-1-3-3", "S-1-5-10")
)

TEMPLATE_CLASS = UUID("e5209ca2-3bba-11d2-90cc-00c04fd91ab1")
OID_CLASS = UUID("37cfd85c-6719-4ad8-8f9e-8678ba627563")
AUTHORITY_CLASS = UUID("ee4aa692-3bba-11d2-90cc-00c04fd91ab1")
CERTIFICATION_AUTHORITY_CLASS = UUID("3fdfee50-47f4-11d1-a9c3-0000f80367c1")
CONTAINER_CLASS = UUID("bf967a8b-0de6-11d0-a285-00aa003049e2")
COMPUTER_CLASS = UUID("bf967a86-0de6-11d0-a285-00aa003049e2")
DISTRIBUTION_POINT_CLASS = UUID("167758ca-47f3-11d1-a9c3-0000f80367c1")
RECOVERY_AGENT_CLASS = UUID("1562a632-44b9-4a7e-a2d3-e426c96a3acc")

#: The attributes that make a certificate template what it is.
TEMPLATE_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {
    "flags": UUID("bf967976-0de6-11d0-a285-00aa003049e2"),
    "msPKI-Cert-Template-OID": UUID("3164c36a-ba26-468c-8bda-c1e5cc256728"),
    "msPKI-Certificate-Application-Policy": UUID("dbd90548-aa37-4202-9966-8c537ba5ce32"),
    "msPKI-Certificate-Name-Flag": UUID("ea1dddc4-60ff-416e-8cc0-17cee534bce7"),
    "msPKI-Certificate-Policy": UUID("38942346-cc5b-424b-a7d8-6ffd12029c5f"),
    "msPKI-Enrollment-Flag": UUID("d15ef7d8-f226-46db-ae79-b34e560bd12c"),
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
}
#: msDS-OIDToGroupLink and what says which policy an OID object is.
OID_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {
    "flags": TEMPLATE_ATTRIBUTES["flags"],
    "msDS-OIDToGroupLink": UUID("f9c9a57c-3941-438d-bebf-0edaf2aca187"),
    "msPKI-Cert-Template-OID": TEMPLATE_ATTRIBUTES["msPKI-Cert-Template-OID"],
}
#: What an enrolment service publishes and where it is.
AUTHORITY_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {
    "cACertificate": UUID("bf967932-0de6-11d0-a285-00aa003049e2"),
    "certificateTemplates": UUID("2a39c5b1-8960-11d1-aebc-0000f80367c1"),
    "dNSHostName": UUID("72e39547-7b18-11d1-adef-00c04fd8d5cd"),
    "flags": TEMPLATE_ATTRIBUTES["flags"],
    "msPKI-Enrollment-Servers": UUID("f22bd38f-a1d0-4832-8b28-0331438886a6"),
}
#: The certificates that a certificationAuthority object makes the forest trust.
TRUST_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {"cACertificate": AUTHORITY_ATTRIBUTES["cACertificate"]}
#: What a distribution point publishes.
REVOCATION_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {
    "authorityRevocationList": UUID("1677578d-47f3-11d1-a9c3-0000f80367c1"),
    "certificateRevocationList": UUID("1677579f-47f3-11d1-a9c3-0000f80367c1"),
    "deltaRevocationList": UUID("167757b5-47f3-11d1-a9c3-0000f80367c1"),
}
#: The certificates for which private keys are archived.
RECOVERY_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {"userCertificate": UUID("bf967a7f-0de6-11d0-a285-00aa003049e2")}
#: What of a computer account lets somebody be the computer: its keys, who may act for whom towards it, its names, its
#: flags, and the property set User-Account-Restrictions, which holds two of these.
COMPUTER_ATTRIBUTES: t.Final[t.Mapping[str, UUID]] = {
    "altSecurityIdentities": UUID("00fbf30c-91fe-11d1-aebc-0000f80367c1"),
    "msDS-AllowedToActOnBehalfOfOtherIdentity": UUID("3f78c3e5-f79a-46bd-a0b8-9d18116ddc79"),
    "msDS-KeyCredentialLink": UUID("5b47d60f-6090-40b2-9f37-2a4de88f3063"),
    "servicePrincipalName": UUID("f3a64788-5306-11d1-a9c5-0000f80367c1"),
    "userAccountControl": UUID("bf967a68-0de6-11d0-a285-00aa003049e2"),
}
#: The property set that each of these attributes is in (attributeSecurityGUID): a right to the set is one to them all.
PROPERTY_SETS: t.Final[t.Mapping[UUID, UUID]] = {
    COMPUTER_ATTRIBUTES["altSecurityIdentities"]: UUID("e48d0154-bcf8-11d1-8702-00c04fb96050"),
    COMPUTER_ATTRIBUTES["msDS-AllowedToActOnBehalfOfOtherIdentity"]: UUID("4c164200-20c0-11d0-a768-00aa006e0529"),
    COMPUTER_ATTRIBUTES["servicePrincipalName"]: UUID("e48d0154-bcf8-11d1-8702-00c04fb96050"),
    COMPUTER_ATTRIBUTES["userAccountControl"]: UUID("4c164200-20c0-11d0-a768-00aa006e0529"),
    RECOVERY_ATTRIBUTES["userCertificate"]: UUID("77b5b886-944a-11d1-aebd-0000f80367c1"),
    AUTHORITY_ATTRIBUTES["dNSHostName"]: UUID("72e39547-7b18-11d1-adef-00c04fd8d5cd"),
}
#: User-Force-Change-Password.
RESET_PASSWORD = UUID("00299570-246d-11d0-a768-00aa006e0529")
