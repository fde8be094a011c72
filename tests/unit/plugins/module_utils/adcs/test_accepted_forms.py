# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates as real consoles left them: each form is read as what it means, and written only where the wish differs.

A row is a template in one of its forms. The same wish leaves it alone, and another wish changes only the attributes
that carry the difference.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest

Options: t.TypeAlias = dict[str, t.Any]

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
NDES = forest.SIDS["NDES"]
BASE = "2,Microsoft Base Cryptographic Provider v1.0"
ENHANCED = "1,Microsoft Enhanced Cryptographic Provider v1.0"
CLIENT, EMAIL, EFS = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", "1.3.6.1.4.1.311.10.3.4"


def triplets(algorithm: str = "RSA", digest: str = "SHA256", usage: str = "16777215", policies: str = "") -> str:
    """The string that the console writes, in its order."""
    ra_policies = f"msPKI-RA-Application-Policies`PZPWSTR`{policies}`" if policies else ""
    return (
        f"msPKI-Asymmetric-Algorithm`PZPWSTR`{algorithm}`msPKI-Hash-Algorithm`PZPWSTR`{digest}`"
        f"msPKI-Key-Usage`DWORD`{usage}`{ra_policies}"
        "msPKI-Symmetric-Algorithm`PZPWSTR`3DES`msPKI-Symmetric-Key-Length`DWORD`168`"
    )


def console_made(source: str, **attributes: t.Any) -> Template:
    """A duplicate as the console leaves it, with an OID, in the form that the attributes describe."""
    return replace(forest.create({}, source), oid=f"{forest.OID_ROOT}.9509235.11258082", **attributes)


def secured(sddl: str) -> t.Any:
    return from_sddl(sddl.replace("NDES", str(NDES)), forest.DOMAIN, forest.DOMAIN)


class Row(t.NamedTuple):
    """One form.

    Attributes:
        form: the template.
        same: options that mean what it is.
        other: options that mean something else.
        change: what they change, the attribute with its new values; None for no attribute but the security.
    """

    form: Template
    same: Options
    other: Options
    change: dict[str, str]


RSA4 = {"schema_version": 4, "private_key_flags": 0x06060000, "providers": ()}

ROWS: dict[str, Row] = {
    "key usage of two octets": Row(
        console_made("User", key_usage=b"\xa0\x00"),
        {"extensions": {"key_usage": ["digital_signature", "key_encipherment"]}},
        {"extensions": {"signature_is_proof_of_origin": True}},
        {"pKIKeyUsage": "e0"},
    ),
    "key usage of one octet": Row(
        console_made("User", key_usage=b"\xa0"),
        {"extensions": {"key_usage": ["key_encipherment", "digital_signature"], "signature_is_proof_of_origin": False}},
        {"extensions": {"key_usage": ["digital_signature"]}},
        {"pKIKeyUsage": "80"},
    ),
    "critical old alternative name after supply in the request": Row(
        console_made("User", name_flags=1, enrollment_flags=9, critical_extensions=("2.5.29.7", "2.5.29.15")),
        {"subject_name": {"source": "supply_in_request"}, "extensions": {"critical": {"add": ["key_usage"]}}},
        {"subject_name": {"use_existing_subject_for_renewal": True}},
        {"msPKI-Certificate-Name-Flag": "9"},
    ),
    "no critical old alternative name with an empty subject": Row(
        console_made("User", name_flags=0x02000000),
        {"subject_name": {"source": "active_directory", "format": "none", "alternate_names": ["upn"]}},
        {"subject_name": {"alternate_names": ["upn", "email"]}},
        {"msPKI-Certificate-Name-Flag": str(0x06000000)},
    ),
    "critical old alternative name stays when a subject is given": Row(
        console_made("User", name_flags=0x02000000, critical_extensions=("2.5.29.15", "2.5.29.7")),
        {"subject_name": {"format": "none"}},
        {"subject_name": {"format": "common_name"}},
        {"msPKI-Certificate-Name-Flag": str(0x42000000)},
    ),
    "supplied subject with existing one for renewal": Row(
        console_made("WebServer", name_flags=9),
        {"subject_name": {"source": "supply_in_request", "use_existing_subject_for_renewal": True}},
        {"subject_name": {"use_existing_subject_for_renewal": False}},
        {"msPKI-Certificate-Name-Flag": "1"},
    ),
    "supplied subject with a left-over bit": Row(
        console_made("DomainController", name_flags=0x01000001, enrollment_flags=9),
        {"subject_name": {"source": "supply_in_request"}},
        {"subject_name": {"source": "supply_in_request", "use_existing_subject_for_renewal": True}},
        {"msPKI-Certificate-Name-Flag": str(0x01000009)},
    ),
    "built from the directory": Row(
        console_made("Workstation"),
        {"subject_name": {"source": "active_directory"}},
        {"subject_name": {"source": "supply_in_request"}},
        {"msPKI-Certificate-Name-Flag": "1", "msPKI-Enrollment-Flag": "0"},
    ),
    "supplied, and autoenrolment back with the directory": Row(
        console_made("WebServer"),
        {"subject_name": {"source": "supply_in_request"}},
        {"subject_name": {"source": "active_directory", "format": "dns_name"}},
        {"msPKI-Certificate-Name-Flag": str(0x10000000), "msPKI-Enrollment-Flag": "32"},
    ),
    "supplied with autoenrolment left on": Row(
        console_made("WebServer", enrollment_flags=0x20),
        {"subject_name": {"source": "supply_in_request"}},
        {"issuance_requirements": {"manager_approval": True}},
        {"msPKI-Enrollment-Flag": "34"},
    ),
    "approval and signatures do not touch autoenrolment": Row(
        console_made("Workstation"),
        {"issuance_requirements": {"manager_approval": False, "authorized_signatures": 0}},
        {"issuance_requirements": {"manager_approval": True, "authorized_signatures": 1}},
        {"msPKI-Enrollment-Flag": "34", "msPKI-RA-Signature": "1"},
    ),
    "version 2 with later compatibility": Row(
        console_made("User", private_key_flags=0x04060010),
        {
            "compatibility": {"certification_authority": "2016", "certificate_recipient": "2012"},
            "cryptography": {"provider_category": "legacy_cryptographic_service_provider"},
            "advanced": {"schema_version": 2},
        },
        {"compatibility": {"certificate_recipient": "2016"}},
        {"msPKI-Private-Key-Flag": str(0x06060010)},
    ),
    "version 3 with later compatibility": Row(
        console_made(
            "WebServer", schema_version=3, private_key_flags=0x06060000, ra_application_policies=(triplets(),)
        ),
        {
            "compatibility": {"certification_authority": "2016", "certificate_recipient": "2016"},
            "cryptography": {"provider_category": "key_storage_provider", "algorithm": "RSA"},
            "advanced": {"schema_version": 3},
        },
        {"compatibility": {"certification_authority": "2012"}},
        {"msPKI-Private-Key-Flag": str(0x06040000)},
    ),
    "compatibility that no console touched": Row(
        console_made("Workstation", private_key_flags=0),
        {"compatibility": {"certification_authority": "2003", "certificate_recipient": "2003"}},
        {"compatibility": {"certification_authority": "2008"}},
        {"msPKI-Private-Key-Flag": str(0x00020000)},
    ),
    "legacy provider of version 2 for 2012 and 7": Row(
        console_made("WebServer", private_key_flags=0x03040000),
        {
            "cryptography": {"provider_category": "legacy_cryptographic_service_provider"},
            "compatibility": {"certification_authority": "2012", "certificate_recipient": "2008r2"},
        },
        {"request_handling": {"allow_private_key_export": True}},
        {"msPKI-Private-Key-Flag": str(0x03040010)},
    ),
    "triplets that stayed behind": Row(
        console_made(
            "User",
            schema_version=4,
            private_key_flags=0x06060110,
            ra_application_policies=(triplets("ECDH_P256", "SHA512"), "1.3.6.1.4.1.311.20.2.1"),
        ),
        {
            "cryptography": {"provider_category": "legacy_cryptographic_service_provider"},
            "issuance_requirements": {"application_policies": {"set": ["Certificate Request Agent"]}},
        },
        {"issuance_requirements": {"application_policies": {"set": []}}},
        {"msPKI-RA-Application-Policies": triplets("ECDH_P256", "SHA512")},
    ),
    "key storage provider": Row(
        console_made("User", **RSA4, ra_application_policies=(triplets(policies=f"{CLIENT},{EMAIL}"),)),
        {
            "cryptography": {"provider_category": "key_storage_provider", "algorithm": "RSA", "request_hash": "SHA256"},
            "issuance_requirements": {"application_policies": {"set": ["Secure Email", "Client Authentication"]}},
        },
        {"cryptography": {"request_hash": "SHA384"}},
        {"msPKI-RA-Application-Policies": triplets(digest="SHA384", policies=f"{CLIENT},{EMAIL}")},
    ),
    "key storage provider of an older console": Row(
        console_made("User", **RSA4, ra_application_policies=(triplets(digest="SHA1").removesuffix("`"),)),
        {"cryptography": {"request_hash": "SHA1"}},
        {"issuance_requirements": {"application_policies": {"add": ["Client Authentication"]}}},
        {"msPKI-RA-Application-Policies": triplets(digest="SHA1", policies=CLIENT)},
    ),
    "DSA": Row(
        console_made("UserSignature", **RSA4, ra_application_policies=(triplets("DSA", usage="2"),)),
        {"cryptography": {"algorithm": "DSA"}, "request_handling": {"purpose": "signature"}},
        {"cryptography": {"algorithm": "RSA"}},
        {"msPKI-RA-Application-Policies": triplets("RSA", usage="2")},
    ),
    "ECDSA": Row(
        console_made(
            "UserSignature",
            **RSA4,
            minimum_key_size=256,
            key_usage=b"\x80",
            ra_application_policies=(triplets("ECDSA_P256", usage="2"),),
        ),
        {
            "cryptography": {"algorithm": "ECDSA_P256", "minimum_key_size": 256},
            "request_handling": {"purpose": "signature"},
        },
        {"cryptography": {"algorithm": "ECDSA_P384"}},
        {
            "msPKI-Minimal-Key-Size": "384",
            "msPKI-RA-Application-Policies": triplets("ECDSA_P384", usage="2"),
        },
    ),
    "ECDH": Row(
        console_made(
            "User",
            **RSA4,
            minimum_key_size=521,
            key_usage=b"\x88",
            ra_application_policies=(triplets("ECDH_P521"),),
        ),
        {
            "cryptography": {"algorithm": "ECDH_P521", "minimum_key_size": 521},
            "request_handling": {"purpose": "signature_and_encryption"},
            "extensions": {"key_usage": ["digital_signature", "key_agreement"]},
        },
        {"request_handling": {"purpose": "encryption"}},
        {"pKIKeyUsage": "08"},
    ),
    "any provider": Row(
        console_made("User", providers=()),
        {"cryptography": {"providers": []}},
        {"cryptography": {"providers": ["Microsoft Enhanced Cryptographic Provider v1.0"]}},
        {"pKIDefaultCSPs": ENHANCED},
    ),
    "lost base provider": Row(
        console_made("User", providers=(ENHANCED,)),
        {"cryptography": {"providers": ["Microsoft Enhanced Cryptographic Provider v1.0"]}},
        {"cryptography": {"providers": []}},
        {"pKIDefaultCSPs": ""},
    ),
    "providers by their numbers": Row(
        console_made("User", providers=(ENHANCED, BASE)),
        {
            "cryptography": {
                "providers": [
                    "Microsoft Enhanced Cryptographic Provider v1.0",
                    "microsoft base cryptographic provider v1.0",
                ]
            }
        },
        {
            "cryptography": {
                "providers": [
                    "Microsoft Base Cryptographic Provider v1.0",
                    "Microsoft Enhanced Cryptographic Provider v1.0",
                ]
            }
        },
        {
            "pKIDefaultCSPs": (
                "1,Microsoft Base Cryptographic Provider v1.0|2,Microsoft Enhanced Cryptographic Provider v1.0"
            )
        },
    ),
    "policies in another order in each list": Row(
        console_made("User", extended_key_usage=(CLIENT, EMAIL, EFS), application_policies=(EFS, CLIENT, EMAIL)),
        {
            "extensions": {
                "application_policies": {"set": ["Secure Email", "Encrypting File System", "Client Authentication"]}
            }
        },
        {"extensions": {"application_policies": {"remove": ["Encrypting File System"]}}},
        {
            "pKIExtendedKeyUsage": f"{CLIENT}|{EMAIL}",
            "msPKI-Certificate-Application-Policy": f"{CLIENT}|{EMAIL}",
        },
    ),
    "no policies": Row(
        console_made("User", extended_key_usage=(), application_policies=()),
        {"extensions": {"application_policies": {"set": []}}},
        {"extensions": {"application_policies": {"add": ["Client Authentication"]}}},
        {"pKIExtendedKeyUsage": CLIENT, "msPKI-Certificate-Application-Policy": CLIENT},
    ),
    "last policy removed": Row(
        console_made("Workstation"),
        {"extensions": {"application_policies": {"remove": ["Secure Email"]}}},
        {"extensions": {"application_policies": {"remove": ["Client Authentication"]}}},
        {"pKIExtendedKeyUsage": "", "msPKI-Certificate-Application-Policy": ""},
    ),
    "smart card": Row(
        console_made("SmartcardLogon", enrollment_flags=0x2100, private_key_flags=0x01010080, key_usage=b"\x80"),
        {
            "request_handling": {
                "purpose": "signature_and_smartcard_logon",
                "reuse_key_when_card_is_full": True,
                "renew_with_same_key": True,
                "user_interaction": "prompt",
            }
        },
        {"request_handling": {"reuse_key_when_card_is_full": False, "renew_with_same_key": False}},
        {"msPKI-Enrollment-Flag": str(0x100), "msPKI-Private-Key-Flag": str(0x01010000)},
    ),
    "basic constraints": Row(
        console_made("WebServer", enrollment_flags=0x8000),
        {"extensions": {"basic_constraints": True}},
        {"extensions": {"basic_constraints": False}},
        {"msPKI-Enrollment-Flag": "0"},
    ),
    "key attestation": Row(
        console_made(
            "Workstation",
            schema_version=4,
            private_key_flags=0x06062800,
            providers=(),
            ra_application_policies=(triplets(),),
        ),
        {"key_attestation": {"requirement": "required", "trust": ["hardware_key"]}},
        {"key_attestation": {"requirement": "preferred"}},
        {"msPKI-Private-Key-Flag": str(0x06061800)},
    ),
    "renewal period of three quarters": Row(
        # 75 % of one day is 18 hours; of a year of 365 days 273.75.
        console_made("User", validity_period=864_000_000_000, renewal_period=648_000_000_000),
        {"general": {"validity_period": "1 day", "renewal_period": "18 hours"}},
        {"general": {"renewal_period": "6 hours"}},
        {"pKIOverlapPeriod": (-216_000_000_000).to_bytes(8, "little", signed=True).hex()},
    ),
    "a week without renewal": Row(
        console_made("User", validity_period=6_048_000_000_000, renewal_period=0),
        {"general": {"validity_period": "7 days", "renewal_period": "0 weeks"}},
        {"general": {"validity_period": "2 days"}},
        {"pKIExpirationPeriod": "00802cab6dfeffff"},
    ),
    "a thousand years": Row(
        console_made("User", validity_period=315_360_000_000_000_000),
        {"general": {"validity_period": "1000 years"}},
        {"general": {"validity_period": "2 years"}},
        {"pKIExpirationPeriod": "0080720e5dc2fdff"},
    ),
    "name with blanks": Row(
        console_made("WebServer", name="Copy of Web Server", display_name="Copy of Web Server"),
        {"name": "Copy of Web Server", "display_name": "Copy of Web Server"},
        {"name": "Copy of Web Server", "display_name": "Our Web Server"},
        {"displayName": "Our Web Server"},
    ),
    "bits that nobody named": Row(
        console_made("User", name_flags=0xA6000000 | 0x20000, enrollment_flags=0x29 | 0x40000000),
        {"general": {"publish_to_active_directory": True}},
        {"general": {"publish_to_active_directory": False}, "subject_name": {"source": "supply_in_request"}},
        {"msPKI-Certificate-Name-Flag": str(0x20001), "msPKI-Enrollment-Flag": str(0x40000001)},
    ),
    "superseded templates in another spelling": Row(
        console_made("User", superseded_templates=("WEBSERVER", "user")),
        {"superseded_templates": {"set": ["User", "WebServer"]}},
        {"superseded_templates": {"remove": ["WebServer"]}},
        {"msPKI-Supersede-Templates": "user"},
    ),
}


@pytest.mark.parametrize("form", ROWS)
def test_form_that_means_the_wish_is_left_alone(form: str) -> None:
    row = ROWS[form]
    assert forest.change(row.form, row.same) is row.form


@pytest.mark.parametrize("form", ROWS)
def test_other_wish_changes_only_what_carries_it(form: str) -> None:
    row = ROWS[form]
    changed = forest.change(row.form, row.other)
    assert forest.changes(row.form, changed) == row.change
    assert changed.minor_revision == row.form.minor_revision + 1
    assert changed.security == row.form.security
    assert forest.change(changed, row.other) is changed


def test_policies_that_disagree_are_brought_together_when_they_are_wished() -> None:
    # The console keeps both lists equal; other tools are known to write only one of them.
    template = console_made("Workstation", extended_key_usage=())
    changed = forest.change(template, {"extensions": {"application_policies": {"set": ["Client Authentication"]}}})
    assert forest.changes(template, changed) == {"pKIExtendedKeyUsage": CLIENT}


def test_policies_that_disagree_are_left_alone_by_other_wishes() -> None:
    template = console_made("Workstation", extended_key_usage=())
    assert forest.change(template, {"general": {"validity_period": "1 year"}}) is template


@pytest.mark.parametrize("minor", [0, 1, 7, 65535])
def test_minor_revision_is_not_compared(minor: int) -> None:
    template = console_made("User", minor_revision=minor)
    assert forest.change(template, {"general": {"publish_to_active_directory": True}}) is template


RIGHTS: dict[str, tuple[str, list[str]]] = {
    "Enroll alone": (f"(OA;;CR;{ENROLL};;NDES)", ["enroll"]),
    "Enroll as the built-in templates have it": (f"(OA;;RPWPCR;{ENROLL};;NDES)", ["enroll"]),
    "Enroll of read-only domain controllers": (f"(OA;;RPCR;{ENROLL};;NDES)", ["enroll"]),
    "Read and Enroll": (f"(OA;;CR;{ENROLL};;NDES)(A;;LCRPRC;;;NDES)", ["read", "enroll"]),
    "Read of Authenticated Users": ("(A;;LCRPLORC;;;NDES)", ["read"]),
    "full control that was copied": ("(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;NDES)", ["full_control"]),
    "full control that was given later": ("(A;;GA;;;NDES)", ["full_control"]),
    "full control in bits": ("(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;NDES)", ["full_control"]),
    "Write as PSPKI writes it": ("(A;;SWWPWDWO;;;NDES)", ["write"]),
    "Read and Write": ("(A;;LCRPWPLORCWDWO;;;NDES)", ["read", "write"]),
    "Enroll and Autoenroll by all extended rights": ("(A;;CR;;;NDES)", ["enroll", "autoenroll"]),
    "all extended rights as object entry without type": ("(OA;;CR;;;NDES)", ["enroll", "autoenroll"]),
}


@pytest.mark.parametrize("key", ["add", "set"])
@pytest.mark.parametrize("form", RIGHTS)
def test_right_in_another_form_is_the_right(form: str, key: str) -> None:
    sddl, words = RIGHTS[form]
    template = console_made("User", security=secured(f"O:EAG:EAD:PAI{sddl}"))
    wish = {"rights": {key: [{"principal": "NDES", "rights": words}]}}
    assert forest.change(template, wish) is template


@pytest.mark.parametrize("owner", ["EA", "NDES"])
def test_owner_is_whoever_it_is(owner: str) -> None:
    template = console_made("User", security=secured(f"O:{owner}G:EAD:PAI(A;;LCRPRC;;;AU)"))
    assert forest.change(template, {"rights": {"add": [{"principal": "AU", "rights": ["read"]}]}}) is template


def test_adding_write_rewrites_the_entry() -> None:
    template = console_made("User", security=secured("O:EAG:EAD:PAI(A;;LCRPRC;;;NDES)(A;;LCRPLORC;;;AU)"))
    changed = forest.change(template, {"rights": {"add": [{"principal": "NDES", "rights": ["write"]}]}})
    expected = secured("O:EAG:EAD:PAI(A;;LCRPWPLORCWDWO;;;NDES)(A;;LCRPLORC;;;AU)")
    assert changed.security == expected
    assert forest.changes(template, changed) == {}
    assert changed.minor_revision == template.minor_revision + 1
