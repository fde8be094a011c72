# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of input that cannot be right, with the message that each is refused with. Data only."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

Options: t.TypeAlias = dict[str, t.Any]

AUTHORITY = "CORP Issuing CA 1"
ACCOUNT = r"CORP\svc-scep"
PASSWORD = "Aa1-never-used-for-anything"  # a wish that is refused
CONNECTION: Options = {
    "domain": "{{ domain }}",
    "domain_username": "{{ domain_username }}",
    "domain_password": "{{ domain_password }}",
}
KNOWN = f"is not an enterprise certification authority of this forest. Known: 'ca1.corp.example\\{AUTHORITY}'"


@dataclass(frozen=True)
class Row:
    """A kind of mistake, what is asked for, and a part of the answer."""

    kind: str
    module: str
    options: Options
    message: str


def ndes(kind: str, message: str, **options: t.Any) -> Row:
    good = {"certification_authority": AUTHORITY, "service_account": ACCOUNT, "service_account_password": PASSWORD}
    given = {name: value for name, value in {**good, **options}.items() if value is not None}
    return Row(kind, "certops.intune.ndes", {**CONNECTION, **given}, message)


def settings(kind: str, message: str, **options: t.Any) -> Row:
    good = {"certification_authority": AUTHORITY, **CONNECTION} if "templates" in options else {}
    return Row(kind, "certops.intune.ndes_settings", {**good, **options}, message)


def limits(kind: str, message: str, **options: t.Any) -> Row:
    return Row(kind, "certops.intune.iis_request_limits", options, message)


def binding(kind: str, message: str, **options: t.Any) -> Row:
    return Row(kind, "certops.intune.iis_binding", {"site": "Default Web Site", **options}, message)


def role(kind: str, message: str, **options: t.Any) -> Row:
    given = {f"ndes_server_{name}": value for name, value in options.items()}
    return Row(kind, "role", given, message)


ROWS: list[Row] = [
    # The authority
    ndes(
        "unknown authority",
        "certification_authority: 'No Such CA' is not an enterprise certification authority of this forest. Known:",
        certification_authority="No Such CA",
    ),
    ndes(
        "authority on another host",
        "is not an enterprise certification authority of this forest. Known: 'ca1.corp.example\\CORP Issuing CA 1'",
        certification_authority=rf"dc1.corp.example\{AUTHORITY}",
    ),
    ndes("empty authority", "certification_authority: is required with state: present", certification_authority=""),
    ndes(
        "star for an authority",
        "certification_authority: '*' is not an enterprise certification authority",
        certification_authority="*",
    ),
    ndes(
        "filter for an authority",
        "certification_authority: '*)(cn=*' is not an enterprise certification authority",
        certification_authority="*)(cn=*",
    ),
    ndes("no authority", "certification_authority: is required with state: present", certification_authority=None),
    # As whom
    ndes(
        "two identities",
        "service_account: or application_pool_identity: true is needed, and both are given",
        application_pool_identity=True,
    ),
    ndes(
        "no identity",
        "service_account: or application_pool_identity: true is needed, and neither is given",
        service_account=None,
        service_account_password=None,
    ),
    ndes(
        "identity denied",
        "service_account: or application_pool_identity: true is needed, and neither is given",
        service_account=None,
        service_account_password=None,
        application_pool_identity=False,
    ),
    ndes(
        "account without password",
        "service_account_password: is needed to configure the role service",
        service_account_password=None,
    ),
    ndes("empty password", "service_account_password: is empty", service_account_password=""),
    ndes(
        "managed account with password",
        "the domain makes the password of a group managed service account",
        service_account=r"CORP\gmsa-ndes$",
    ),
    ndes("unknown account", "'CORP\\nobody' is not a principal of the forest", service_account=r"CORP\nobody"),
    ndes(
        "account of another domain",
        "'OTHER\\svc-ndes' is of a domain that the forest does not have",
        service_account=r"OTHER\svc-ndes",
    ),
    ndes(
        "group for an account",
        "service_account: 'CORP\\Domain Users' is a group, and neither a user nor a group managed service account",
        service_account=r"CORP\Domain Users",
    ),
    ndes(
        "computer for an account",
        "service_account: 'CORP\\NDES1$' is a computer, and neither",
        service_account=r"CORP\NDES1$",
        service_account_password=None,
    ),
    ndes("star for an account", "'CORP\\*' is not a principal of the forest", service_account="CORP\\*"),
    ndes(
        "empty account",
        "service_account: or application_pool_identity: true is needed, and neither is given",
        service_account="",
    ),
    ndes(
        "installer without password",
        "installer_password: is needed with installer_username",
        installer_username=r"CORP\pkiadmin",
    ),
    # Keys
    ndes("short key", "signing_key_length: 1024 bits are too few; at least 2048 are needed", signing_key_length=1024),
    ndes("odd key", "encryption_key_length: 2049 is no length of a key", encryption_key_length=2049),
    ndes("huge key", "signing_key_length: 1048576 is no length of a key", signing_key_length=1 << 20),
    ndes(
        "text for a length",
        "argument 'encryption_key_length' is of type str and we were unable to convert to int",
        encryption_key_length="long",
    ),
    ndes(
        "key storage provider",
        "signing_provider: 'Microsoft Software Key Storage Provider' is a key storage provider (CNG)",
        signing_provider="Microsoft Software Key Storage Provider",
    ),
    ndes(
        "key storage provider for the other",
        "encryption_provider: 'Microsoft Platform Crypto Provider' is a key storage provider (CNG)",
        encryption_provider="Microsoft Platform Crypto Provider",
    ),
    ndes(
        "provider without RSA",
        "has no RSA keys, which SCEP needs",
        signing_provider="Microsoft Base DSS Cryptographic Provider",
    ),
    ndes(
        "provider that is not there",
        "providers_present: the server has no cryptographic service provider 'Corp HSM Provider'",
        encryption_provider="Corp HSM Provider",
    ),
    # The registration authority
    ndes(
        "country in words",
        "registration_authority.country: has 6 characters; 2 are allowed",
        registration_authority={"country": "Sweden"},
    ),
    ndes(
        "no country",
        "registration_authority.country: 'S1' is not a code of two letters",
        registration_authority={"country": "S1"},
    ),
    ndes(
        "no address of a person",
        "registration_authority.email: 'pki at corp.example' is no address",
        registration_authority={"email": "pki at corp.example"},
    ),
    ndes(
        "field that there is not",
        "module: registration_authority.street. Supported parameters include: city, company",
        registration_authority={"street": "Storgatan 1"},
    ),
    ndes(
        "new line in a name",
        "registration_authority.name: is empty, begins or ends with a blank, or holds what cannot be printed",
        registration_authority={"name": "a\nb"},
    ),
    ndes(
        "long name",
        "registration_authority.name: has 65 characters; 64 are allowed",
        registration_authority={"name": "x" * 65},
    ),
    # The rest
    ndes(
        "state that there is not", "value of state must be one of: present, absent, got: configured", state="configured"
    ),
    ndes(
        "finding that there is not", "allow: 'everything' is none of domain_member, same_forest", allow=["everything"]
    ),
    ndes(
        "finding that is never accepted", "allow: 'not_the_authority' cannot be accepted", allow=["not_the_authority"]
    ),
    ndes(
        "option that there is not",
        "Unsupported parameters for (certops.intune.ndes) module: key_length",
        key_length=2048,
    ),
    # Templates by their place
    settings(
        "display name of a template",
        "'Intune SCEP Signature' is the display name of template 'IntuneSCEPSignature'; write",
        templates={"signature": "Intune SCEP Signature"},
    ),
    settings(
        "unknown template",
        "templates.signature: 'NoSuchTemplate' is not a template of this forest",
        templates={"signature": "NoSuchTemplate"},
    ),
    settings(
        "template that is not published",
        "templates.signature: 'ExchangeUserSignature' is not issued by",
        templates={"signature": "ExchangeUserSignature"},
    ),
    settings(
        "template of another purpose",
        "templates.signature: 'IntuneSCEPEncryption' has the key usage key encipherment without digital signature,",
        templates={"signature": "IntuneSCEPEncryption"},
    ),
    settings(
        "template of half the purpose",
        "it is one for templates.signature",
        templates={"general_purpose": "IntuneSCEPSignature"},
    ),
    settings(
        "star for a template",
        "templates.encryption: '*' is not a template of this forest",
        templates={"encryption": "*"},
    ),
    settings("empty template", "templates.encryption: a template has a name", templates={"encryption": ""}),
    settings(
        "place that there is not",
        "module: templates.signing. Supported parameters include: encryption, general_purpose, signature",
        templates={"signing": "IntuneSCEP"},
    ),
    # The policy module
    settings(
        "thumbprint too short",
        "is no thumbprint, which has 40 hexadecimal digits (this has 38 characters)",
        policy_module_thumbprint="a9" * 19,
    ),
    settings(
        "thumbprint of SHA-256",
        "is no thumbprint, which has 40 hexadecimal digits (this has 64 characters)",
        policy_module_thumbprint="a9" * 32,
    ),
    settings("thumbprint with other letters", "policy_module_thumbprint: 'z9z9", policy_module_thumbprint="z9" * 20),
    # Passwords, algorithms, limits
    settings("password of no length", "passwords.length: 0 is not from 1 to 2147483647", passwords={"length": 0}),
    settings("negative number of passwords", "passwords.max: -1 is not from 1 to 2147483647", passwords={"max": -1}),
    settings(
        "validity in words",
        "argument 'validity' is of type str found in 'passwords'",
        passwords={"validity": "an hour"},
    ),
    settings(
        "algorithm that there is not",
        "value of hash_algorithm must be one of: default, SHA1, SHA256, SHA384, SHA512, got: SHA-3000",
        hash_algorithm="SHA-3000",
    ),
    settings(
        "capability that there is not",
        "ca_capabilities.add: '' is no capability, such as SHA-256 or AES",
        ca_capabilities={"add": ["", "AES"]},
    ),
    settings(
        "capability both ways",
        "ca_capabilities: AES is in add and in remove",
        ca_capabilities={"add": ["AES"], "remove": ["AES"]},
    ),
    settings(
        "field above the limit",
        "http.max_field_length: 65535 is not from 64 to 65534",
        http={"max_field_length": 65535},
    ),
    settings(
        "field below the limit", "http.max_field_length: 63 is not from 64 to 65534", http={"max_field_length": 63}
    ),
    settings(
        "request above the limit",
        "http.max_request_bytes: 16777217 is not from 256 to 16777216",
        http={"max_request_bytes": 16777217},
    ),
    settings(
        "limit in words",
        "argument 'max_request_bytes' is of type str found in 'http'",
        http={"max_request_bytes": "64 KB"},
    ),
    # Request filtering
    limits(
        "unknown site",
        "site: there is no site 'No Such Site'; there are 'Default Web Site'",
        site="No Such Site",
        max_url=65534,
    ),
    limits("negative limit", "max_url: -1 is not between 1 and 4294967295", site="Default Web Site", max_url=-1),
    limits(
        "limit beyond 32 bits",
        "max_query_string: 4294967296 is not between 1 and 4294967295",
        site="Default Web Site",
        max_query_string=1 << 32,
    ),
    limits(
        "no number",
        "argument 'max_url' is of type str and we were unable to convert to int",
        site="Default Web Site",
        max_url="long",
    ),
    # The certificate of the site
    binding("certificate that is not there", "thumbprint: there is no certificate A9A9", thumbprint="a9" * 20),
    binding(
        "certificate by its name",
        "thumbprint: 'CN=ndes2' is no thumbprint, which has 40 hexadecimal digits",
        thumbprint="CN=ndes2",
    ),
    binding("port beyond 16 bits", "port: 70000 is not between 1 and 65535", thumbprint="{{ own }}", port=70000),
    binding(
        "names that it has not",
        "it is for ndes2.corp.example and not for other.example (name_mismatch)",
        thumbprint="{{ own }}",
        host_names=["other.example"],
    ),
    binding(
        "indication without a name",
        "server_name_indication: needs host_header",
        thumbprint="{{ own }}",
        server_name_indication=True,
    ),
    binding(
        "finding that there is not for it",
        "value of allow must be one or more of: central_certificate_store",
        thumbprint="{{ own }}",
        allow=["everything"],
    ),
    binding("no address", "ip: '300.1.1.1' is neither * nor an IPv4 address", thumbprint="{{ own }}", ip="300.1.1.1"),
    # The role
    role("no authority for the role", "ndes_server_certification_authority is empty", certification_authority=""),
    role("two identities for the role", "is needed, and both are given", application_pool_identity=True),
    role("no identity for the role", "is needed, and neither is given", service_account=""),
    role(
        "account without domain for the role", "'svc-scep' is not written as DOMAIN\\name", service_account="svc-scep"
    ),
    role(
        "managed account with password for the role",
        "ndes_server_service_account_password is for a user account",
        service_account="CORP\\gmsa-ndes$",
    ),
    role("installer without name for the role", "belong together, and one is empty", installer_username=""),
    role("short key for the role", "ndes_server_key_length: 1024 is no length of a key", key_length=1024),
    role("length in words for the role", "argument 'ndes_server_key_length' is of type str", key_length="long"),
    role("empty template for the role", "ndes_server_templates.signature is empty", templates={"signature": ""}),
    role("place that there is not for the role", "templates.signing", templates={"signing": "IntuneSCEP"}),
    role(
        "display name for the role",
        "'Intune SCEP Signature' is the display name of template 'IntuneSCEPSignature'",
        templates={"signature": "Intune SCEP Signature"},
    ),
    role("thumbprint with blanks for the role", "is no thumbprint, which has 40", certificate_thumbprint="a9 " * 20),
    role("thumbprint of nothing for the role", "there is no certificate A9A9", certificate_thumbprint="a9" * 20),
    role("name with a blank for the role", "is no DNS name such as scep.corp.example", shared_name="scep corp.example"),
    role("address for the role", "is no DNS name such as scep.corp.example", host_names=["https://scep.corp.example"]),
    role(
        "limit of nothing for the role", "ndes_server_request_limits.max_url: 0 is not", request_limits={"max_url": 0}
    ),
    role("path for a backup of the role", "is no name of letters, digits, _ and -", iis_backup="C:\\backup"),
    role(
        "no certificate and no HTTP", "could have no binding left", harden_http_binding=True, certificate_thumbprint=""
    ),
    role("reboot perhaps", "ndes_server_reboot", reboot="perhaps"),
    role("no time to reboot", "5 seconds are too few; at least 60 are needed", reboot_timeout=5),
]
