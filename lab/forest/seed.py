# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the forest holds beyond a bare Samba domain: hosts, people, and what AD CS puts into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ldb
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack

from lab import estate
from lab.certificates import Published

from . import catalogue, key_distribution

UF_NORMAL_ACCOUNT = 0x200
UF_DONT_EXPIRE_PASSWD = 0x10000
UF_WORKSTATION_TRUST_ACCOUNT = 0x1000
GTYPE_GLOBAL_SECURITY = -2147483646
ENCRYPTION_RC4_AES = 28

#: msPKI-Enterprise-Oid flags: what the OID stands for.
OID_TEMPLATE = 1
OID_ISSUANCE_POLICY = 2

#: pKIEnrollmentService flags: NT authentication, advanced server.
CA_FLAGS = 10

#: One zero octet stands where an attribute must be and there is no certificate or revocation list yet.
EMPTY = b"\x00"


def seed(samdb: Any, passwords: dict[str, str], published: Published, members: Sequence[estate.Host]) -> None:
    """Write it all into a database that no server has open."""
    samdb.transaction_start()
    try:
        _people(samdb, passwords)
        _hosts(samdb, passwords, members)
        _memberships(samdb)
        _public_key_services(samdb, published)
        key_distribution.simulate(samdb)
    except BaseException:
        samdb.transaction_cancel()
        raise
    samdb.transaction_commit()


def _add(samdb: Any, dn: str, object_class: str, values: dict[str, Any], sddl: str | None = None) -> None:
    message = {"dn": dn, "objectClass": object_class, **{name: value for name, value in values.items() if value != []}}
    if sddl is not None:
        descriptor = security.descriptor.from_sddl(sddl, security.dom_sid(samdb.get_domain_sid()))
        message["nTSecurityDescriptor"] = ndr_pack(descriptor)
    samdb.add(message)


def _password(text: str) -> bytes:
    return text.encode("utf-16-le")


def _people(samdb: Any, passwords: dict[str, str]) -> None:
    users = f"CN=Users,{samdb.domain_dn()}"
    _add(samdb, estate.SERVICE_ACCOUNTS_DN, "organizationalUnit", {"description": "Service accounts of the PKI"})
    for group in estate.GROUPS:
        values = {
            "sAMAccountName": group.name,
            "groupType": str(GTYPE_GLOBAL_SECURITY),
            "description": group.description,
        }
        _add(samdb, f"CN={group.name},{users}", "group", values)
    for person in estate.PEOPLE:
        user: dict[str, str | bytes] = {
            "sAMAccountName": person.name,
            "userPrincipalName": f"{person.name}@{estate.DNS_DOMAIN}",
            "displayName": person.display_name,
            "mail": f"{person.name}@{estate.DNS_DOMAIN}",
            "userAccountControl": str(UF_NORMAL_ACCOUNT | UF_DONT_EXPIRE_PASSWD),
            "clearTextPassword": _password(passwords[person.name]),
        }
        _add(samdb, f"CN={person.display_name},{users}", "user", user)


def _hosts(samdb: Any, passwords: dict[str, str], members: Sequence[estate.Host]) -> None:
    for host in members:
        services = ("HOST", "RestrictedKrbHost", "TERMSRV", "WSMAN")
        values = {
            "sAMAccountName": host.account,
            "dNSHostName": host.fqdn,
            "description": host.description,
            "userAccountControl": str(UF_WORKSTATION_TRUST_ACCOUNT),
            "servicePrincipalName": [f"{service}/{name}" for service in services for name in (host.name, host.fqdn)],
            "msDS-SupportedEncryptionTypes": str(ENCRYPTION_RC4_AES),
            "operatingSystem": "Windows Server 2022 Datacenter",
            "operatingSystemVersion": "10.0 (20348)",
            "clearTextPassword": _password(passwords[host.name]),
        }
        _add(samdb, _computer(samdb, host), "computer", values)


def _computer(samdb: Any, host: estate.Host) -> str:
    return f"CN={host.name.upper()},CN=Computers,{samdb.domain_dn()}"


def _memberships(samdb: Any) -> None:
    users = f"CN=Users,{samdb.domain_dn()}"
    members = [(group, f"CN={person.display_name},{users}") for person in estate.PEOPLE for group in person.groups]
    members.append(("Cert Publishers", _computer(samdb, estate.CA_HOST)))
    for group, member in members:
        message = ldb.Message(ldb.Dn(samdb, f"CN={group},{users}"))
        message["member"] = ldb.MessageElement(member, ldb.FLAG_MOD_ADD, "member")
        samdb.modify(message)


def _public_key_services(samdb: Any, published: Published) -> None:
    base = f"CN=Public Key Services,CN=Services,{samdb.get_config_basedn()}"
    data = catalogue.load()
    oid_root = catalogue.new_oid_root()
    _oids(samdb, base, data, oid_root)
    for template in data["templates"]:
        _add(
            samdb,
            f"CN={template['cn']},CN=Certificate Templates,{base}",
            "pKICertificateTemplate",
            catalogue.attributes(template, data["common"], oid_root),
            catalogue.template_security(template),
        )
    _authorities(samdb, base, published, data["published"])


def _oids(samdb: Any, base: str, data: dict[str, Any], oid_root: str) -> None:
    container = f"CN=OID,{base}"
    message = ldb.Message(ldb.Dn(samdb, container))
    message["oid"] = ldb.MessageElement(oid_root, ldb.FLAG_MOD_REPLACE, "msPKI-Cert-Template-OID")
    samdb.modify(message)
    policies = [(OID_ISSUANCE_POLICY, policy) for policy in data["issuance_policies"]]
    policies += [
        (OID_TEMPLATE, template)
        for template in data["templates"]
        if template["number"] >= data["first_with_oid_object"]
    ]
    for flags, named in policies:
        oid = catalogue.template_oid(oid_root, named)
        values = {"msPKI-Cert-Template-OID": oid, "displayName": named["displayName"], "flags": str(flags)}
        _add(samdb, f"CN={catalogue.oid_object_name(oid)},{container}", "msPKI-Enterprise-Oid", values)


def _authorities(samdb: Any, base: str, published: Published, templates: list[str]) -> None:
    archive = {"userCertificate": EMPTY}
    found = samdb.search(base=_computer(samdb, estate.CA_HOST), scope=ldb.SCOPE_BASE, attrs=["objectSid"])
    own = catalogue.service_security(str(ndr_unpack(security.dom_sid, found[0]["objectSid"][0])))
    lists = {"authorityRevocationList": EMPTY, "certificateRevocationList": EMPTY}
    root = {"cACertificate": published.root_certificate, **lists}
    issuing = {"cACertificate": published.issuing_certificate, **lists}
    domain = ", ".join(f"DC={label}" for label in estate.DNS_DOMAIN.split("."))
    service = {
        "displayName": estate.ISSUING_CA,
        "dNSHostName": estate.CA_HOST.fqdn,
        "cACertificate": published.issuing_certificate,
        "cACertificateDN": f"CN={estate.ISSUING_CA}, {domain}",
        "certificateTemplates": templates,
        "flags": str(CA_FLAGS),
    }
    # certutil -dspublish of the root, by an administrator
    _add(samdb, f"CN={estate.ROOT_CA},CN=Certification Authorities,{base}", "certificationAuthority", root)
    _add(samdb, f"CN={estate.ROOT_CA},CN=AIA,{base}", "certificationAuthority", root)
    _revocation_list(samdb, base, estate.ROOT_CA, estate.ROOT_CA_HOST, published.root_crl, None)
    # the set-up of the enterprise CA; where no dump is known, its objects get the security of the enrolment service
    _add(samdb, f"CN=NTAuthCertificates,{base}", "certificationAuthority", issuing)
    _add(samdb, f"CN={estate.ISSUING_CA},CN=AIA,{base}", "certificationAuthority", issuing, own)
    _revocation_list(samdb, base, estate.ISSUING_CA, estate.CA_HOST.name, published.issuing_crl, own)
    _add(samdb, f"CN={estate.ISSUING_CA},CN=KRA,{base}", "msPKI-PrivateKeyRecoveryAgent", archive, own)
    _add(samdb, f"CN={estate.ISSUING_CA},CN=Enrollment Services,{base}", "pKIEnrollmentService", service, own)


def _revocation_list(samdb: Any, base: str, name: str, host: str, crl: bytes, sddl: str | None) -> None:
    container = f"CN={host},CN=CDP,{base}"
    _add(samdb, container, "container", {})
    values = {"certificateRevocationList": crl, "authorityRevocationList": EMPTY, "deltaRevocationList": EMPTY}
    _add(samdb, f"CN={name},{container}", "cRLDistributionPoint", values, sddl)
