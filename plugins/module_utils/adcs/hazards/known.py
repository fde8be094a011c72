# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals by what they are worth to an attacker, and what of the objects matters when written. Data only.

Provenance: SIDs and RIDs from MS-DTYP 2.4.2.4; which of them administer the forest, from Microsoft's "Appendix B:
Privileged Accounts and Groups in Active Directory"; which of them everybody can be, from the default members of the
built-in groups.

Narrower than C(directory.tiers), which decides who may be managed and delegated to: Account Operators and the like
count as a danger to a template here, and so does who is really in Pre-Windows 2000 Compatible Access.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from uuid import UUID

from ...directory.schema import ATTRIBUTES, CLASSES, RIGHTS, SET_OF
from ...directory.schema import PROPERTY_SETS as SETS
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

TEMPLATE_CLASS = CLASSES["pKICertificateTemplate"]
OID_CLASS = CLASSES["msPKI-Enterprise-Oid"]
AUTHORITY_CLASS = CLASSES["pKIEnrollmentService"]
CERTIFICATION_AUTHORITY_CLASS = CLASSES["certificationAuthority"]
CONTAINER_CLASS = CLASSES["container"]
COMPUTER_CLASS = CLASSES["computer"]
DISTRIBUTION_POINT_CLASS = CLASSES["cRLDistributionPoint"]
RECOVERY_AGENT_CLASS = CLASSES["msPKI-PrivateKeyRecoveryAgent"]


def _attributes(*names: str) -> t.Mapping[str, UUID]:
    return {name: ATTRIBUTES[name] for name in names}


#: The attributes that make a certificate template what it is.
TEMPLATE_ATTRIBUTES: t.Final = _attributes(
    "flags",
    "msPKI-Cert-Template-OID",
    "msPKI-Certificate-Application-Policy",
    "msPKI-Certificate-Name-Flag",
    "msPKI-Certificate-Policy",
    "msPKI-Enrollment-Flag",
    "msPKI-Minimal-Key-Size",
    "msPKI-Private-Key-Flag",
    "msPKI-RA-Application-Policies",
    "msPKI-RA-Policies",
    "msPKI-RA-Signature",
    "msPKI-Supersede-Templates",
    "msPKI-Template-Minor-Revision",
    "msPKI-Template-Schema-Version",
    "pKICriticalExtensions",
    "pKIDefaultCSPs",
    "pKIDefaultKeySpec",
    "pKIEnrollmentAccess",
    "pKIExpirationPeriod",
    "pKIExtendedKeyUsage",
    "pKIKeyUsage",
    "pKIMaxIssuingDepth",
    "pKIOverlapPeriod",
)
#: msDS-OIDToGroupLink and what says which policy an OID object is.
OID_ATTRIBUTES: t.Final = _attributes("flags", "msDS-OIDToGroupLink", "msPKI-Cert-Template-OID")
#: What an enrolment service publishes and where it is.
AUTHORITY_ATTRIBUTES: t.Final = _attributes(
    "cACertificate",
    "certificateTemplates",
    "dNSHostName",
    "flags",
    "msPKI-Enrollment-Servers",
)
#: The certificates that a certificationAuthority object makes the forest trust.
TRUST_ATTRIBUTES: t.Final = _attributes("cACertificate")
#: What a distribution point publishes.
REVOCATION_ATTRIBUTES: t.Final = _attributes(
    "authorityRevocationList",
    "certificateRevocationList",
    "deltaRevocationList",
)
#: The certificates for which private keys are archived.
RECOVERY_ATTRIBUTES: t.Final = _attributes("userCertificate")
#: What of a computer account lets somebody be the computer: its keys, who may act for whom towards it, its names, its
#: flags, and the property set User-Account-Restrictions, which holds two of these.
COMPUTER_ATTRIBUTES: t.Final = _attributes(
    "altSecurityIdentities",
    "msDS-AllowedToActOnBehalfOfOtherIdentity",
    "msDS-KeyCredentialLink",
    "servicePrincipalName",
    "userAccountControl",
)
#: The property set that each of these attributes is in: a right to the set is one to them all.
PROPERTY_SETS: t.Final[t.Mapping[UUID, UUID]] = {ATTRIBUTES[name]: SETS[of] for name, of in SET_OF.items()}
RESET_PASSWORD = RIGHTS["User-Force-Change-Password"]
