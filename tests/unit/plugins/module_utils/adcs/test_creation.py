# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of new templates: what the console makes of a duplicate, and what is made from nothing.

The expected values are those of console-made templates in directories of real forests.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Control,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl, to_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest

Options: t.TypeAlias = dict[str, t.Any]

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
AUTOENROLL = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"
FULL = "CCDCLCSWRPWPDTLOSDRCWDWO"
KEY_STORAGE = {"provider_category": "key_storage_provider"}
TRIPLETS = (
    "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-Key-Usage`DWORD`16777215`"
    "msPKI-Symmetric-Algorithm`PZPWSTR`3DES`msPKI-Symmetric-Key-Length`DWORD`168`"
)


def compatibility(authority: str, recipient: str) -> Options:
    return {"certification_authority": authority, "certificate_recipient": recipient}


def security_of(template: Template) -> str:
    assert template.security is not None
    return to_sddl(template.security, forest.DOMAIN, forest.DOMAIN)


def test_duplicate_of_user() -> None:
    duplicate = forest.create({"name": "IntuneUser", "display_name": "Intune User"}, "User")
    assert forest.attributes_of(duplicate) == {
        "cn": "IntuneUser",
        "displayName": "Intune User",
        "flags": "131642",
        "revision": "100",
        "msPKI-Template-Minor-Revision": "2",
        "msPKI-Template-Schema-Version": "2",
        "msPKI-Certificate-Name-Flag": "-1509949440",
        "msPKI-Enrollment-Flag": "41",
        "msPKI-Private-Key-Flag": "16842768",
        "msPKI-Minimal-Key-Size": "2048",
        "msPKI-RA-Signature": "0",
        "msPKI-Certificate-Application-Policy": "1.3.6.1.4.1.311.10.3.4|1.3.6.1.5.5.7.3.2|1.3.6.1.5.5.7.3.4",
        "pKIExtendedKeyUsage": "1.3.6.1.4.1.311.10.3.4|1.3.6.1.5.5.7.3.2|1.3.6.1.5.5.7.3.4",
        "pKIKeyUsage": "a000",
        "pKIDefaultKeySpec": "1",
        "pKIDefaultCSPs": (
            "1,Microsoft Enhanced Cryptographic Provider v1.0|2,Microsoft Base Cryptographic Provider v1.0"
        ),
        "pKICriticalExtensions": "2.5.29.15",
        "pKIExpirationPeriod": "004039872ee1feff",
        "pKIOverlapPeriod": "0080a60affdeffff",
        "pKIMaxIssuingDepth": "0",
    }


@pytest.mark.parametrize(
    ("source", "flags", "version", "private_key_flags"),
    [
        ("User", 131642, 2, 16842768),
        ("WebServer", 0x20241, 2, 16842752),
        ("Machine", 0x20260, 2, 16842752),
        ("Workstation", 0x20260, 2, 16842752),
        ("ClientAuth", 0x20220, 2, 16842752),
        ("OCSPResponseSigning", 0x20240, 3, 0x02020000),
        ("EnrollmentAgentOffline", 0x20201, 2, 16842752),
        ("CEPEncryption", 0x20241, 2, 16842752),
    ],
)
def test_other_duplicates_differ_in_these(source: str, flags: int, version: int, private_key_flags: int) -> None:
    original = forest.built_in(source)
    duplicate = forest.create({"name": "Copy"}, source)
    expected = {
        "cn": "Copy",
        "displayName": "Copy",
        "msPKI-Cert-Template-OID": "",
        "flags": str(flags),
        "revision": "100",
        "msPKI-Template-Schema-Version": str(version),
        "msPKI-Private-Key-Flag": str(private_key_flags),
    }
    if original.schema_version == 1:
        expected["msPKI-Certificate-Application-Policy"] = "|".join(sorted(original.extended_key_usage))
    actual = {**dict.fromkeys(expected, ""), **forest.changes(original, duplicate)}
    if original.schema_version == version:
        del expected["msPKI-Template-Schema-Version"], actual["msPKI-Template-Schema-Version"]
    assert actual == expected
    assert duplicate.minor_revision == original.minor_revision + 1


@pytest.mark.parametrize("source", forest.BUILT_IN_NAMES)
def test_later_options_are_not_mirrored_into_the_general_flags(source: str) -> None:
    duplicate = forest.create(
        {
            "general": {"publish_to_active_directory": True},
            "subject_name": {"source": "supply_in_request"},
            "request_handling": {"allow_private_key_export": True},
        },
        source,
    )
    assert duplicate.general_flags == forest.built_in(source).general_flags ^ 0x30000


@pytest.mark.parametrize(
    ("source", "options", "version", "private_key_flags"),
    [
        pytest.param("WebServer", {"compatibility": compatibility("2003", "2003")}, 2, 16842752, id="2003"),
        pytest.param("User", {"compatibility": compatibility("2003", "2003")}, 2, 16842768, id="2003 exportable"),
        pytest.param("WebServer", {"compatibility": compatibility("2008r2", "2008r2")}, 2, 50528256, id="2008 R2"),
        pytest.param(
            "User", {"compatibility": compatibility("2008r2", "2008r2")}, 2, 50528272, id="2008 R2 exportable"
        ),
        pytest.param(
            "User", {"compatibility": compatibility("2008r2", "2012r2")}, 2, 0x05030010, id="2008 R2 and Windows 8.1"
        ),
        pytest.param("WebServer", {"compatibility": compatibility("2012", "2008r2")}, 2, 0x03040000, id="2012 and 7"),
        pytest.param(
            "WebServer", {"compatibility": compatibility("2008r2", "2016")}, 2, 0x06030000, id="2008 R2 and 10"
        ),
        pytest.param("WebServer", {"compatibility": compatibility("2012", "2012")}, 4, 0x04040100, id="2012 and 8"),
        pytest.param("WebServer", {"compatibility": compatibility("2012r2", "2012r2")}, 4, 0x05050100, id="2012 R2"),
        pytest.param("User", {"compatibility": compatibility("2016", "2016")}, 4, 101056784, id="2016 exportable"),
        pytest.param(
            "WebServer",
            {"compatibility": compatibility("2008", "2008"), "cryptography": KEY_STORAGE},
            3,
            0x02020000,
            id="2008 with key storage",
        ),
        pytest.param(
            "WebServer",
            {"compatibility": compatibility("2012", "2008r2"), "cryptography": KEY_STORAGE},
            3,
            0x03040000,
            id="2012 and 7 with key storage",
        ),
        pytest.param(
            "WebServer",
            {"compatibility": compatibility("2016", "2016"), "cryptography": KEY_STORAGE},
            4,
            0x06060000,
            id="2016 with key storage",
        ),
    ],
)
def test_compatibility_decides_the_version(source: str, options: Options, version: int, private_key_flags: int) -> None:
    duplicate = forest.create(options, source)
    assert (duplicate.schema_version, duplicate.private_key_flags) == (version, private_key_flags)
    assert duplicate.ra_application_policies == ((TRIPLETS,) if "cryptography" in options else ())


@pytest.mark.parametrize(
    ("source", "name_flags", "enrollment_flags"),
    [
        ("User", 1, 9),
        ("Machine", 1, 0),
        ("Workstation", 1, 0),
        ("ClientAuth", 1, 0),
        ("SmartcardUser", 1, 9),
        ("RASAndIASServer", 1, 0),
        # The two names without a box in the console survive.
        ("DomainController", 0x01000001, 9),
        ("KerberosAuthentication", 0x00400001, 0),
        # Supplied already.
        ("WebServer", 1, 0),
        ("ExchangeUser", 1, 1),
    ],
)
def test_supply_in_the_request(source: str, name_flags: int, enrollment_flags: int) -> None:
    duplicate = forest.create({"subject_name": {"source": "supply_in_request"}}, source)
    assert (duplicate.name_flags, duplicate.enrollment_flags) == (name_flags, enrollment_flags)
    assert duplicate.critical_extensions == forest.built_in(source).critical_extensions


@pytest.mark.parametrize(
    ("source", "options", "name_flags", "critical"),
    [
        pytest.param(
            "User",
            {"format": "none", "include_email_in_subject": False, "alternate_names": ["upn"]},
            0x02000000,
            ("2.5.29.15", "2.5.29.7"),
            id="empty subject",
        ),
        pytest.param("User", {"format": "common_name"}, 0x66000000, ("2.5.29.15",), id="common name"),
        pytest.param(
            "User",
            {"format": "dns_name", "alternate_names": ["dns_name", "spn"], "include_email_in_subject": False},
            0x18800000,
            ("2.5.29.15",),
            id="DNS name",
        ),
        pytest.param(
            "User", {"format": "fully_distinguished_name"}, 0xA6000000, ("2.5.29.15",), id="as the source has it"
        ),
        # Workstation names its subject by the alternative name alone, and was not made by the console.
        pytest.param("Workstation", {"format": "none"}, 0x08000000, ("2.5.29.15",), id="empty subject of the source"),
    ],
)
def test_subject_from_the_directory(source: str, options: Options, name_flags: int, critical: tuple[str, ...]) -> None:
    duplicate = forest.create({"subject_name": {"source": "active_directory", **options}}, source)
    assert (duplicate.name_flags, duplicate.critical_extensions) == (name_flags, critical)


@pytest.mark.parametrize(
    ("source", "options", "octets"),
    [
        pytest.param("User", {}, "a000", id="not edited"),
        pytest.param("User", {"extensions": {"signature_is_proof_of_origin": False}}, "a000", id="asked and was so"),
        pytest.param("User", {"extensions": {"signature_is_proof_of_origin": True}}, "e0", id="edited"),
        pytest.param("User", {"extensions": {"key_usage": ["digital_signature"]}}, "80", id="edited as a whole"),
        pytest.param("User", {"extensions": {"key_usage": ["decipher_only", "key_agreement"]}}, "0880", id="ninth bit"),
    ],
)
def test_edited_key_usage_has_one_octet(source: str, options: Options, octets: str) -> None:
    assert forest.create(options, source).key_usage.hex() == octets


def test_security_of_a_duplicate() -> None:
    assert security_of(forest.create({}, "User")) == (
        f"D:PAI(OA;;RPWPCR;{ENROLL};;DA)(OA;;RPWPCR;{ENROLL};;DU)(OA;;RPWPCR;{ENROLL};;EA)"
        f"(A;;{FULL};;;DA)(A;;{FULL};;;EA)(A;;LCRPLORC;;;AU)(A;;{FULL};;;{forest.CREATOR})"
    )


def test_creator_is_not_entered_twice() -> None:
    once = forest.create({}, "User")
    assert security_of(forest.create({}, once)) == security_of(once)


@pytest.mark.parametrize(
    ("rights", "entries"),
    [
        (["enroll"], f"(OA;;CR;{ENROLL};;{{sid}})"),
        (["autoenroll"], f"(OA;;CR;{AUTOENROLL};;{{sid}})"),
        (["read"], "(A;;LCRPRC;;;{sid})"),
        (["read", "write"], "(A;;LCRPWPLORCWDWO;;;{sid})"),
        (["read", "enroll"], f"(OA;;CR;{ENROLL};;{{sid}})(A;;LCRPRC;;;{{sid}})"),
        (["write"], "(A;;WPWDWO;;;{sid})"),
        (["full_control"], "(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;{sid})"),
        (["manage", "enroll"], f"(OA;;CR;{ENROLL};;{{sid}})(A;;{FULL};;;{{sid}})"),
    ],
)
def test_new_principals_get_the_entries_that_the_console_writes(rights: list[str], entries: str) -> None:
    plain = forest.create({}, "User")
    granted = forest.create({"rights": {"add": [{"principal": "NDES", "rights": rights}]}}, "User")
    assert plain.security is not None
    assert plain.security.dacl is not None
    assert granted.security is not None
    assert granted.security.dacl is not None
    added = tuple(ace for ace in granted.security.dacl.aces if ace not in plain.security.dacl.aces)
    text = to_sddl(SecurityDescriptor(0).with_dacl(added))
    assert text == f"D:{entries.format(sid=forest.SIDS['NDES'])}"
    assert tuple(ace for ace in granted.security.dacl.aces if ace not in added) == plain.security.dacl.aces


def test_duplicate_of_an_unprotected_template_is_protected_and_inherits_nothing() -> None:
    # As a tool leaves one that writes no security: the schema's default, inherited entries, no protection.
    source = replace(
        forest.built_in("WebServer"),
        security=from_sddl(
            f"O:EAG:EAD:AI(A;;{FULL};;;DA)(A;;{FULL};;;SY)(A;;LCRPLORC;;;AU)(A;CIID;{FULL};;;EA)",
            forest.DOMAIN,
            forest.DOMAIN,
        ),
    )
    assert security_of(forest.create({}, source)) == (
        f"D:PAI(A;;{FULL};;;DA)(A;;{FULL};;;SY)(A;;LCRPLORC;;;AU)(A;;{FULL};;;{forest.CREATOR})"
    )


@pytest.mark.parametrize(
    ("security", "message"),
    [
        (None, "duplicate_of: the security of 'WebServer' cannot be read with these credentials"),
        (
            SecurityDescriptor(Control.DACL_PRESENT),
            (
                "duplicate_of: 'WebServer' has no access control list at all: everyone has full control, which is not "
                "duplicated"
            ),
        ),
    ],
)
def test_source_without_security_is_refused(security: SecurityDescriptor | None, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        forest.create({}, replace(forest.built_in("WebServer"), security=security))
    assert str(caught.value) == message


def test_duplicate_keeps_lists_that_do_not_agree() -> None:
    source = replace(
        forest.built_in("Workstation"), application_policies=("1.3.6.1.5.5.7.3.2", "1.2.3.4"), extended_key_usage=()
    )
    duplicate = forest.create({}, source)
    assert duplicate.application_policies == ("1.3.6.1.5.5.7.3.2", "1.2.3.4")
    assert duplicate.extended_key_usage == ()


@pytest.mark.parametrize(
    ("options", "version"),
    [
        ({"compatibility": compatibility("2016", "2016")}, 4),
        ({"compatibility": compatibility("2008", "2008")}, 2),
    ],
)
def test_duplicate_with_the_other_category_takes_the_policies_of_signatures_along(
    options: Options, version: int
) -> None:
    policies = {"application_policies": {"set": ["Certificate Request Agent"]}}
    source = forest.create(
        {
            "compatibility": compatibility("2016", "2016"),
            "cryptography": KEY_STORAGE,
            "issuance_requirements": policies,
        },
        "User",
    )
    triplets = TRIPLETS.replace(
        "msPKI-Symmetric-Algorithm",
        "msPKI-RA-Application-Policies`PZPWSTR`1.3.6.1.4.1.311.20.2.1`msPKI-Symmetric-Algorithm",
    )
    assert source.ra_application_policies == (triplets,)
    legacy = forest.create(
        {**options, "cryptography": {"provider_category": "legacy_cryptographic_service_provider"}}, source
    )
    assert (legacy.schema_version, legacy.legacy_provider) == (version, True)
    # The triplets stay behind, as they do in the console.
    assert legacy.ra_application_policies == ("1.3.6.1.4.1.311.20.2.1", triplets)
    assert forest.create(options, source).ra_application_policies == (triplets,)


def test_duplicate_with_an_exact_version_keeps_its_compatibility() -> None:
    source = forest.create({"compatibility": compatibility("2008r2", "2008r2")}, "User")
    duplicate = forest.create({"advanced": {"schema_version": 2}}, source)
    assert (duplicate.schema_version, duplicate.private_key_flags) == (2, 50528272)


SCRATCH: Options = {
    "name": "Scratch",
    "subject_name": {"source": "supply_in_request"},
    "extensions": {"application_policies": {"set": ["Client Authentication"]}},
}


def test_template_from_nothing() -> None:
    made = forest.create(SCRATCH)
    assert forest.attributes_of(made) == {
        "cn": "Scratch",
        "displayName": "Scratch",
        "flags": "131072",
        "revision": "100",
        "msPKI-Template-Minor-Revision": "1",
        "msPKI-Template-Schema-Version": "2",
        "msPKI-Certificate-Name-Flag": "1",
        "msPKI-Enrollment-Flag": "0",
        "msPKI-Private-Key-Flag": "16842752",
        "msPKI-Minimal-Key-Size": "2048",
        "msPKI-RA-Signature": "0",
        "msPKI-Certificate-Application-Policy": "1.3.6.1.5.5.7.3.2",
        "pKIExtendedKeyUsage": "1.3.6.1.5.5.7.3.2",
        "pKIKeyUsage": "a000",
        "pKIDefaultKeySpec": "1",
        "pKICriticalExtensions": "2.5.29.15",
        "pKIExpirationPeriod": "004039872ee1feff",
        "pKIOverlapPeriod": "0080a60affdeffff",
        "pKIMaxIssuingDepth": "0",
    }
    assert security_of(made) == f"D:PAI(A;;LCRPLORC;;;AU)(A;;{FULL};;;DA)(A;;{FULL};;;EA)"


@pytest.mark.parametrize(
    ("subject_type", "flags"),
    [("user", 0x20000), ("computer", 0x20040), ("ca", 0x20080), ("computer_ca", 0x200C0), ("cross_ca", 0x20800)],
)
def test_subject_types(subject_type: str, flags: int) -> None:
    assert forest.create({**SCRATCH, "subject_type": subject_type}).general_flags == flags


def test_directory_as_source_allows_autoenrollment() -> None:
    made = forest.create(
        {**SCRATCH, "subject_name": {"source": "active_directory", "format": "common_name", "alternate_names": ["upn"]}}
    )
    assert (made.name_flags, made.enrollment_flags) == (0x42000000, 0x20)


@pytest.mark.parametrize(
    ("cryptography", "purpose", "triplet", "key_usage", "key_spec", "size"),
    [
        pytest.param({"algorithm": "RSA"}, None, "RSA 16777215", "a000", 1, 2048, id="RSA"),
        pytest.param({"algorithm": "RSA"}, "signature", "RSA 2", "8000", 2, 2048, id="RSA to sign"),
        pytest.param(
            {"algorithm": "RSA", "minimum_key_size": 4096}, None, "RSA 16777215", "a000", 1, 4096, id="longer RSA"
        ),
        pytest.param({"algorithm": "ECDSA_P256"}, "signature", "ECDSA_P256 2", "8000", 2, 256, id="ECDSA"),
        pytest.param(
            {"algorithm": "ECDSA_P521", "minimum_key_size": 521},
            "signature",
            "ECDSA_P521 2",
            "8000",
            2,
            521,
            id="P-521",
        ),
        pytest.param({"algorithm": "ECDH_P384"}, None, "ECDH_P384 16777215", "8800", 1, 384, id="ECDH"),
        pytest.param(
            {"algorithm": "ECDH_P256"}, "encryption", "ECDH_P256 16777215", "0800", 1, 256, id="ECDH to agree"
        ),
        pytest.param({"algorithm": "DSA"}, "signature", "DSA 2", "8000", 2, 2048, id="DSA"),
    ],
)
def test_algorithms_of_key_storage_providers(
    cryptography: Options, purpose: str | None, triplet: str, key_usage: str, key_spec: int, size: int
) -> None:
    made = forest.create(
        {
            **SCRATCH,
            "compatibility": compatibility("2016", "2016"),
            "cryptography": {**KEY_STORAGE, **cryptography},
            "request_handling": {"purpose": purpose},
        }
    )
    algorithm, usage = triplet.split()
    assert made.ra_application_policies == (
        TRIPLETS.replace("RSA", algorithm).replace("Key-Usage`DWORD`16777215", f"Key-Usage`DWORD`{usage}"),
    )
    assert (made.key_usage.hex(), made.key_spec, made.minimum_key_size) == (key_usage, key_spec, size)


def test_curve_that_is_given_up_takes_its_size_and_use_along() -> None:
    source = forest.create(
        {
            **SCRATCH,
            "compatibility": compatibility("2016", "2016"),
            "cryptography": {**KEY_STORAGE, "algorithm": "ECDH_P256"},
        }
    )
    changed = forest.change(source, {"cryptography": {"algorithm": "RSA"}})
    assert forest.changes(source, changed) == {
        "msPKI-Minimal-Key-Size": "2048",
        "msPKI-RA-Application-Policies": TRIPLETS,
        "pKIKeyUsage": "a0",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"subject_name": {}},
            "subject_name.source: is required for a template that duplicates no other one (duplicate_of)",
            id="no source",
        ),
        pytest.param(
            {"extensions": None},
            "extensions.application_policies: is required for a template that duplicates no other one (duplicate_of)",
            id="no policies",
        ),
        pytest.param(
            {"cryptography": KEY_STORAGE},
            "cryptography.provider_category: key_storage_provider needs compatibility.certification_authority and "
            "certificate_recipient of 2008 or later",
            id="key storage provider for 2003",
        ),
        pytest.param(
            {"cryptography": KEY_STORAGE, "compatibility": {"certification_authority": "2016"}},
            "cryptography.provider_category: key_storage_provider needs compatibility.certification_authority and "
            "certificate_recipient of 2008 or later",
            id="key storage provider for XP",
        ),
        pytest.param(
            {"advanced": {"schema_version": 1}, "compatibility": {"certificate_recipient": "2016"}},
            "compatibility.certificate_recipient: a template of schema version 1 has no compatibility settings",
            id="compatibility of version 1",
        ),
        pytest.param(
            {"advanced": {"schema_version": 2}, "cryptography": KEY_STORAGE},
            "cryptography.provider_category: key_storage_provider does not exist in schema version 2",
            id="key storage provider in version 2",
        ),
        pytest.param(
            {
                "advanced": {"schema_version": 3},
                "cryptography": {"provider_category": "legacy_cryptographic_service_provider"},
            },
            "cryptography.provider_category: legacy_cryptographic_service_provider does not exist in schema version 3",
            id="legacy provider in version 3",
        ),
        pytest.param(
            {
                "compatibility": compatibility("2016", "2016"),
                "cryptography": {**KEY_STORAGE, "algorithm": "ECDSA_P256", "minimum_key_size": 2048},
                "request_handling": {"purpose": "signature"},
            },
            "cryptography.minimum_key_size: keys of ECDSA_P256 have 256 bits, not 2048",
            id="size of a curve",
        ),
        pytest.param(
            {
                "compatibility": compatibility("2016", "2016"),
                "cryptography": {**KEY_STORAGE, "algorithm": "ECDSA_P256"},
            },
            "cryptography.algorithm: keys of ECDSA_P256 can only sign; the purpose must be signature",
            id="ECDSA to encrypt",
        ),
        pytest.param(
            {
                "compatibility": compatibility("2016", "2016"),
                "cryptography": {**KEY_STORAGE, "algorithm": "ECDH_P256"},
                "request_handling": {"purpose": "signature"},
            },
            "cryptography.algorithm: keys of ECDH_P256 agree on other keys; extensions.key_usage needs key_agreement",
            id="ECDH to sign",
        ),
    ],
)
def test_templates_that_cannot_be_made(options: Options, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        forest.create({**SCRATCH, **options})
    assert str(caught.value) == message
