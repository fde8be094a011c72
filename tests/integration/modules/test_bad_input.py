# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that cannot be right: refused before the first write, in check mode as in earnest.

With a message that is pinned here.
"""

from __future__ import annotations

import typing as t

import pytest

from .conftest import AUTHORITY, SERVICES, Ldapsearch, Modules

Arguments: t.TypeAlias = dict[str, t.Any]

#: What makes a template from nothing, to be spoilt by a row.
SCRATCH: Arguments = {
    "subject_name": {"source": "supply_in_request"},
    "extensions": {"application_policies": {"set": ["Client Authentication"]}},
}
KSP = {
    "compatibility": {"certification_authority": "2016", "certificate_recipient": "2016"},
    "cryptography": {"provider_category": "key_storage_provider"},
}
ADD = "rights.add[1]"


def scratch(**more: t.Any) -> Arguments:
    return {"name": "BadInput", **SCRATCH, **more}


def granting(**entry: t.Any) -> Arguments:
    return scratch(rights={"add": [{"principal": "svc-ndes", **entry}]})


def policies(*names: str) -> Arguments:
    return scratch(extensions={"application_policies": {"set": list(names)}})


TEMPLATE_ROWS: list[tuple[str, Arguments, str]] = [
    ("no name", SCRATCH, "missing required arguments: name"),
    ("empty name", scratch(name=""), "name: '' is empty or begins or ends with a blank"),
    ("name of blanks", scratch(name=" X"), "name: ' X' is empty or begins or ends with a blank"),
    ("long name", scratch(name="x" * 65), "name: has 65 characters; 64 are allowed"),
    ("comma in name", scratch(name="a,b"), "name: 'a,b' holds ',', which a template name cannot have"),
    ("slash in name", scratch(name="a/b\\c"), "name: 'a/b\\c' holds '/' '\\\\', which a template name cannot have"),
    ("control in name", scratch(name="a\x07b"), "name: 'a\x07b' holds '\\x07', which a template name cannot have"),
    ("long display name", scratch(display_name="x" * 257), "display_name: has 257 characters; 256 are allowed"),
    ("empty display name", scratch(display_name=""), "display_name: '' is empty or begins or ends with a blank"),
    (
        "display name for name",
        scratch(name="Web Server"),
        "name: 'Web Server' is the display name of template 'WebServer'; write name: WebServer",
    ),
    (
        "display name for source",
        scratch(duplicate_of="Smartcard Logon"),
        (
            "duplicate_of: 'Smartcard Logon' is the display name of template 'SmartcardLogon'; write "
            "duplicate_of: SmartcardLogon"
        ),
    ),
    ("unknown source", scratch(duplicate_of="Nope"), "duplicate_of: 'Nope' is not a template of this forest"),
    ("LDAP in source", scratch(duplicate_of="*)(cn=*"), "duplicate_of: '*)(cn=*' is not a template of this forest"),
    (
        "taken display name",
        scratch(display_name="web server"),
        "display_name: 'web server' is already the display name of template 'WebServer'",
    ),
    (
        "from nothing without subject",
        {"name": "BadInput", "extensions": SCRATCH["extensions"]},
        "subject_name.source: is required for a template that duplicates no other one (duplicate_of)",
    ),
    (
        "from nothing without policies",
        {"name": "BadInput", "subject_name": SCRATCH["subject_name"]},
        "extensions.application_policies: is required for a template that duplicates no other one (duplicate_of)",
    ),
    ("unknown option", scratch(colour="red"), "Unsupported parameters for (basic.py) module: colour."),
    (
        "unknown option of a tab",
        scratch(general={"validity": "1 year"}),
        "Unsupported parameters for (basic.py) module: general.validity.",
    ),
    ("wrong type", scratch(cryptography={"minimum_key_size": "big"}), "argument 'minimum_key_size' is of type"),
    ("wrong choice", scratch(request_handling={"purpose": "both"}), "value of purpose must be one of: signature,"),
    ("wrong state", scratch(state="gone"), "value of state must be one of: present, absent, got: gone"),
    (
        "bad period",
        scratch(general={"validity_period": "soon"}),
        "general.validity_period: 'soon' is not a period such as",
    ),
    (
        "bad unit",
        scratch(general={"renewal_period": "6 fortnights"}),
        "general.renewal_period: '6 fortnights' is not a period",
    ),
    (
        "negative period",
        scratch(general={"validity_period": "-1 year"}),
        "general.validity_period: '-1 year' is not a period",
    ),
    (
        "endless period",
        scratch(general={"validity_period": "99999 years"}),
        "general.validity_period: '99999 years' is longer than the directory can hold",
    ),
    (
        "no validity",
        scratch(general={"validity_period": "0 days"}),
        "general.renewal_period: is not shorter than the validity period",
    ),
    (
        "renewal as long as validity",
        scratch(general={"validity_period": "6 weeks", "renewal_period": "42 days"}),
        "general.renewal_period: is not shorter than the validity period",
    ),
    (
        "key size",
        scratch(cryptography={"minimum_key_size": -1}),
        "cryptography.minimum_key_size: -1 is not between 0 and 65536",
    ),
    (
        "signatures",
        scratch(issuance_requirements={"authorized_signatures": 2**31}),
        "issuance_requirements.authorized_signatures: 2147483648 is not between 0 and 2147483647",
    ),
    ("empty provider", scratch(cryptography={"providers": [""]}), "cryptography.providers: holds an empty name"),
    (
        "key storage for XP",
        scratch(cryptography={"provider_category": "key_storage_provider"}),
        (
            "cryptography.provider_category: key_storage_provider needs compatibility.certification_authority and "
            "certificate_recipient of 2008 or later"
        ),
    ),
    (
        "algorithm of a legacy provider",
        scratch(cryptography={"algorithm": "ECDSA_P256"}),
        (
            "cryptography.algorithm: is the provider's own choice while the provider category is "
            "legacy_cryptographic_service_provider"
        ),
    ),
    (
        "hash of a legacy provider",
        scratch(cryptography={"request_hash": "SHA256"}),
        (
            "cryptography.request_hash: is the provider's own choice while the provider category is "
            "legacy_cryptographic_service_provider"
        ),
    ),
    (
        "key permissions of a legacy provider",
        scratch(request_handling={"key_permissions": "D:P(A;;GR;;;SY)"}),
        (
            "request_handling.key_permissions: needs a key storage provider; the provider category is "
            "legacy_cryptographic_service_provider"
        ),
    ),
    (
        "compatibility of version 1",
        scratch(advanced={"schema_version": 1}, compatibility={"certificate_recipient": "2008"}),
        "compatibility.certificate_recipient: a template of schema version 1 has no compatibility settings",
    ),
    (
        "key storage in version 2",
        {**scratch(**KSP), "advanced": {"schema_version": 2}},
        "cryptography.provider_category: key_storage_provider does not exist in schema version 2",
    ),
    (
        "format without directory",
        scratch(subject_name={"source": "supply_in_request", "format": "common_name"}),
        "subject_name.format: has no meaning while subject_name.source is supply_in_request",
    ),
    (
        "alternate names without directory",
        scratch(subject_name={"source": "supply_in_request", "alternate_names": ["upn"]}),
        "subject_name.alternate_names: has no meaning while subject_name.source is supply_in_request",
    ),
    (
        "unknown policy",
        policies("Client Authentification"),
        (
            "extensions.application_policies: 'Client Authentification' is neither an OID nor the name of "
            "an application policy that is "
            "known here (did you mean 'Client Authentication'"
        ),
    ),
    (
        "Swedish policy",
        policies("Klientautentisering"),
        "extensions.application_policies: 'Klientautentisering' is neither an OID",
    ),
    ("broken OID", policies("1.3.06.1"), "extensions.application_policies: '1.3.06.1' is neither an OID nor the name"),
    (
        "unknown issuance policy",
        scratch(extensions={**SCRATCH["extensions"], "issuance_policies": {"add": ["Gold"]}}),
        "extensions.issuance_policies: 'Gold' is neither an OID nor the name of an issuance policy that is known here",
    ),
    (
        "policy added and removed",
        scratch(
            extensions={"application_policies": {"add": ["Client Authentication"], "remove": ["1.3.6.1.5.5.7.3.2"]}}
        ),
        "extensions.application_policies: Client Authentication is in add and in remove",
    ),
    (
        "policies set and removed",
        scratch(extensions={"application_policies": {"set": ["Client Authentication"], "remove": ["Secure Email"]}}),
        "extensions.application_policies: set and remove exclude each other; leave out of set what is to go",
    ),
    (
        "unknown critical extension",
        scratch(extensions={**SCRATCH["extensions"], "critical": {"add": ["san"]}}),
        "extensions.critical: 'san' is neither an OID nor one of key_usage,",
    ),
    (
        "no key usage",
        scratch(extensions={**SCRATCH["extensions"], "key_usage": []}),
        "extensions.key_usage: is empty; a certificate needs at least one use of its key",
    ),
    (
        "contradicting key usage",
        scratch(
            extensions={
                **SCRATCH["extensions"],
                "key_usage": ["digital_signature"],
                "signature_is_proof_of_origin": True,
            }
        ),
        (
            "extensions.key_usage: ['digital_signature'] contradicts another option; together they give "
            "['digital_signature', 'proof_of_origin']"
        ),
    ),
    (
        "contradicting purpose",
        scratch(
            request_handling={"purpose": "encryption"},
            extensions={**SCRATCH["extensions"], "key_usage": ["digital_signature"]},
        ),
        (
            "request_handling.purpose: 'encryption' contradicts another option; together they give "
            "'signature_and_encryption'"
        ),
    ),
    (
        "contradicting flags",
        scratch(
            advanced={"enrollment_flags": ["PEND_ALL_REQUESTS"]}, issuance_requirements={"manager_approval": False}
        ),
        "issuance_requirements.manager_approval: False contradicts another option; together they give True",
    ),
    (
        "unknown flag",
        scratch(advanced={"enrollment_flags": ["PEND_ALL"]}),
        "advanced.enrollment_flags: 'PEND_ALL' is none of INCLUDE_SYMMETRIC_ALGORITHMS,",
    ),
    (
        "unknown superseded template",
        scratch(superseded_templates={"add": ["Nope"]}),
        "superseded_templates: 'Nope' is not a template of this forest",
    ),
    (
        "display name of a superseded template",
        scratch(superseded_templates={"add": ["Domain Controller"]}),
        (
            "superseded_templates: 'Domain Controller' is the display name of template 'DomainController'; "
            "write DomainController"
        ),
    ),
    ("nobody's right", granting(), f"{ADD}: names no rights for svc-ndes"),
    (
        "unknown right",
        granting(rights=["enrol"]),
        "value of rights must be one or more of: full_control, manage, read,",
    ),
    (
        "unknown principal",
        scratch(rights={"add": [{"principal": "nobody-here", "rights": ["read"]}]}),
        "'nobody-here' ",
    ),
    ("LDAP in principal", scratch(rights={"add": [{"principal": "*)(cn=*", "rights": ["read"]}]}), "'*)(cn=*' "),
    ("unknown owner", scratch(owner="nobody-here"), "Principals that cannot be resolved: 'nobody-here' "),
    ("broken access", granting(rights=["read"], access="XX"), f"{ADD}.access: "),
    ("access of two", granting(rights=["read", "enroll"], access="CR"), f"{ADD}: access describes one entry"),
    (
        "access of enrollment",
        granting(rights=["enroll"], access="RP"),
        f"{ADD}: access of enroll must contain CR (control access)",
    ),
    (
        "access of nothing",
        granting(access="RP"),
        f"{ADD}: access is the exact mask of an entry; say with rights which one",
    ),
    ("broken entry", granting(ace="A;;RP;;;SY"), f"{ADD}.ace: "),
    (
        "entry and words",
        granting(ace="A;;RP;;", rights=["read"]),
        f"{ADD}: ace is a whole entry; it excludes rights, access and type",
    ),
    (
        "rights set and removed",
        scratch(rights={"set": [], "remove": [{"principal": "svc-ndes"}]}),
        "rights: set and remove exclude each other; leave out of set what is to go",
    ),
    (
        "built-in changed",
        {"name": "WebServer", "general": {"validity_period": "5 years"}},
        (
            "name: 'WebServer' is a built-in template, of which only the rights may be changed; give a new "
            "name and duplicate_of to "
            "change a copy"
        ),
    ),
    (
        "built-in deleted",
        {"name": "WebServer", "state": "absent"},
        (
            "name: 'WebServer' is a built-in template and is not deleted; take it from the authorities with "
            "template_publication"
        ),
    ),
    (
        "display name deleted",
        {"name": "Web Server", "state": "absent"},
        "name: 'Web Server' is the display name of template 'WebServer'; write name: WebServer",
    ),
]

OTHER_ROWS: list[tuple[str, str, Arguments, str]] = [
    (
        "unknown template",
        "certificate_template_info",
        {"name": ["Nope"]},
        "name: 'Nope' is not a template of this forest",
    ),
    (
        "display name described",
        "certificate_template_info",
        {"name": ["Web Server"]},
        "name: 'Web Server' is the display name of template 'WebServer'; write WebServer",
    ),
    (
        "unknown form",
        "certificate_template_info",
        {"as": "xml"},
        "value of as must be one of: facts, options, got: xml",
    ),
    (
        "unknown authority",
        "template_publication",
        {"certification_authority": "Nope", "templates": {"add": ["User"]}},
        (
            "certification_authority: 'Nope' is not an enterprise certification authority of this forest. Known: "
            f"'ca1.corp.example\\{AUTHORITY}'"
        ),
    ),
    (
        "unknown template published",
        "template_publication",
        {"certification_authority": AUTHORITY, "templates": {"add": ["Nope"]}},
        "templates.add: 'Nope' is not a template of this forest; an authority would ignore it",
    ),
    (
        "display name published",
        "template_publication",
        {"certification_authority": AUTHORITY, "templates": {"set": ["Web Server"]}},
        "templates.set: 'Web Server' is the display name of template 'WebServer'; write WebServer",
    ),
    (
        "display name taken back",
        "template_publication",
        {"certification_authority": AUTHORITY, "templates": {"remove": ["Web Server"]}},
        "templates.remove: 'Web Server' is the display name of template 'WebServer'; write WebServer",
    ),
    (
        "added and removed",
        "template_publication",
        {"certification_authority": AUTHORITY, "templates": {"add": ["User"], "remove": ["user"]}},
        "templates: user is in add and in remove",
    ),
    (
        "root without authority",
        "certification_authority_info",
        {"root_certificate_path": "root.cer"},
        "missing parameter(s) required by 'root_certificate_path': name",
    ),
    (
        "root into nowhere",
        "certification_authority_info",
        {"name": AUTHORITY, "root_certificate_path": "/nonexistent/root.cer"},
        "root_certificate_path: the directory of '/nonexistent/root.cer' does not exist",
    ),
]


@pytest.mark.parametrize("check", [True, False], ids=["check", "act"])
@pytest.mark.parametrize(
    ("arguments", "message"), [row[1:] for row in TEMPLATE_ROWS], ids=[row[0] for row in TEMPLATE_ROWS]
)
def test_template_is_refused(
    modules: Modules, ldapsearch: Ldapsearch, arguments: Arguments, message: str, check: bool
) -> None:
    refuse(modules, ldapsearch, "certificate_template", arguments, message, check=check)


@pytest.mark.parametrize("check", [True, False], ids=["check", "act"])
@pytest.mark.parametrize(
    ("module", "arguments", "message"), [row[1:] for row in OTHER_ROWS], ids=[row[0] for row in OTHER_ROWS]
)
def test_other_module_refuses(
    modules: Modules, ldapsearch: Ldapsearch, module: str, arguments: Arguments, message: str, check: bool
) -> None:
    refuse(modules, ldapsearch, module, arguments, message, check=check)


def refuse(
    modules: Modules, ldapsearch: Ldapsearch, module: str, arguments: Arguments, message: str, *, check: bool
) -> None:
    before = ldapsearch(SERVICES, "(objectClass=*)", "uSNChanged")
    result = modules.run(module, check=check, **arguments)
    assert result["failed"], result
    assert message in result["msg"]
    assert "Traceback" not in str(result)
    assert ldapsearch(SERVICES, "(objectClass=*)", "uSNChanged") == before
