# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the options as a whole: what they are read as, what they do to each other, what is refused."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError, Vocabulary
from ansible_collections.certops.intune.plugins.module_utils.adcs.options import (
    ListEdit,
    apply_options,
    describe,
    parse_options,
)
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.forest import VOCABULARY

Options: t.TypeAlias = dict[str, t.Any]

TRIPLETS = "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-Key-Usage`DWORD`16777215`"
LEGACY = "legacy_cryptographic_service_provider"
KEY_STORAGE = "key_storage_provider"


def test_words_become_values() -> None:
    wanted = parse_options(
        {
            "general": {"validity_period": "2 years", "renewal_period": None},
            "extensions": {
                "application_policies": {
                    "add": ["client authentication", " 1.2.3 ".strip(), "Sealing Wax"],
                    "set": None,
                },
                "key_usage": ["key_encipherment", "digital_signature"],
                "critical": {"set": ["key_usage", "2.5.29.15", "2.5.29.19"]},
            },
            "subject_name": None,
            "superseded_templates": {"set": ["WEBSERVER", "User"]},
        },
        VOCABULARY,
    )
    assert wanted.values == {
        "general.validity_period": 630_720_000_000_000,
        "extensions.application_policies": ListEdit(
            ("1.3.6.1.5.5.7.3.2", "1.2.3", f"{forest.OID_ROOT}.7.1"), None, None
        ),
        "extensions.key_usage": ("digital_signature", "key_encipherment"),
        "extensions.critical": ListEdit(None, None, ("2.5.29.15", "2.5.29.19")),
        "superseded_templates": ListEdit(None, None, ("WebServer", "User")),
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"general": {"validity_period": "soon"}},
            "general.validity_period: 'soon' is not a period such as '1 year' or '6 weeks' "
            "(units: years, months, weeks, days, hours, minutes, seconds, ticks)",
            id="period",
        ),
        pytest.param(
            {"cryptography": {"minimum_key_size": 65537}},
            "cryptography.minimum_key_size: 65537 is not between 0 and 65536",
            id="key size",
        ),
        pytest.param(
            {"cryptography": {"providers": ["Microsoft Software Key Storage Provider", " "]}},
            "cryptography.providers: holds an empty name; leave the list empty to allow any provider",
            id="empty provider",
        ),
        pytest.param(
            {"issuance_requirements": {"authorized_signatures": -1}},
            "issuance_requirements.authorized_signatures: -1 is not between 0 and 2147483647",
            id="signatures",
        ),
        pytest.param(
            {"extensions": {"application_policies": {"set": ["Klientautentisering"]}}},
            "extensions.application_policies: 'Klientautentisering' is neither an OID nor the name of an application "
            "policy that is known here (did you mean 'Client Authentication' or 'PKINIT Client Authentication'?)",
            id="localised policy",
        ),
        pytest.param(
            {"extensions": {"application_policies": {"add": ["Client Authentification"]}}},
            "extensions.application_policies: 'Client Authentification' is neither an OID nor the name of an "
            "application policy that is known here (did you mean 'Client Authentication' or "
            "'PKINIT Client Authentication' or 'KDC Authentication'?)",
            id="misspelled policy",
        ),
        pytest.param(
            {"issuance_requirements": {"issuance_policies": {"add": ["High Assurence"]}}},
            "issuance_requirements.issuance_policies: 'High Assurence' is neither an OID nor the name of an issuance "
            "policy that is known here (did you mean 'High Assurance'?)",
            id="misspelled issuance policy",
        ),
        pytest.param(
            {"extensions": {"application_policies": {"add": ["Secure Email"], "remove": ["1.3.6.1.5.5.7.3.4"]}}},
            "extensions.application_policies: Secure Email is in add and in remove",
            id="added and removed",
        ),
        pytest.param(
            {"extensions": {"issuance_policies": {"set": [], "remove": ["High Assurance"]}}},
            "extensions.issuance_policies: set and remove exclude each other; leave out of set what is to go",
            id="set and removed",
        ),
        pytest.param(
            {"extensions": {"critical": {"add": ["KeyUsage"]}}},
            "extensions.critical: 'KeyUsage' is neither an OID nor one of key_usage, application_policies, "
            "extended_key_usage, basic_constraints, issuance_policies, subject_alternative_name, "
            "old_subject_alternative_name",
            id="unknown extension",
        ),
        pytest.param(
            {"superseded_templates": {"add": ["Nope"]}},
            "superseded_templates: 'Nope' is not a template of this forest",
            id="unknown template",
        ),
        pytest.param(
            {"superseded_templates": {"set": ["Domain Controller Authentication"]}},
            "superseded_templates: 'Domain Controller Authentication' is the display name of template "
            "'DomainControllerAuthentication'; write DomainControllerAuthentication",
            id="display name",
        ),
        pytest.param(
            {"advanced": {"general_flags": ["IS_DEFAULTED"]}},
            "advanced.general_flags: 'IS_DEFAULTED' is none of ENROLLEE_SUPPLIES_SUBJECT, ADD_EMAIL, ADD_OBJ_GUID, "
            "PUBLISH_TO_DS, EXPORTABLE_KEY, AUTO_ENROLLMENT, MACHINE_TYPE, IS_CA, ADD_DIRECTORY_PATH, "
            "ADD_TEMPLATE_NAME, IS_CROSS_CA, DONOTPERSISTINDB, IS_DEFAULT, IS_MODIFIED and no hexadecimal number such "
            "as 0x80",
            id="unknown flag",
        ),
        pytest.param(
            {"advanced": {"maximum_issuing_depth": -2}},
            "advanced.maximum_issuing_depth: -2 is not between -1 and 2147483647",
            id="depth",
        ),
        pytest.param(
            {"request_handling": {"key_permissions": "D:P(A;;GA;;;Everyone)"}},
            "request_handling.key_permissions: 'Everyone' is neither a SID nor an SDDL alias",
            id="broken SDDL",
        ),
        pytest.param(
            {"request_handling": {"key_permissions": "`msPKI-Key-Usage`DWORD`1"}},
            "request_handling.key_permissions: SDDL has no O:, G:, D: or S: at character 0: '`msPKI-Key-Usage`DWORD`1'",
            id="triplets in SDDL",
        ),
    ],
)
def test_values_that_cannot_be_are_refused(options: Options, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_options(options, VOCABULARY)
    assert str(caught.value) == message
    assert caught.value.option == message.partition(":")[0]


def _template(name: str, **attributes: t.Any) -> t.Any:
    return replace(forest.built_in(name), **attributes)


VERSION_4: Options = {"schema_version": 4, "private_key_flags": 0x06060000, "ra_application_policies": (TRIPLETS,)}


@pytest.mark.parametrize(
    ("name", "attributes", "options", "message"),
    [
        pytest.param(
            "User",
            {},
            {"compatibility": {"certificate_recipient": "2016"}},
            "compatibility.certificate_recipient: a template of schema version 1 has no compatibility settings; "
            "duplicate it instead",
            id="compatibility of version 1",
        ),
        pytest.param(
            "Workstation",
            {},
            {"cryptography": {"provider_category": KEY_STORAGE}},
            "cryptography.provider_category: a template of schema version 2 has legacy_cryptographic_service_provider "
            "for good; create a new template for key_storage_provider",
            id="key storage provider in version 2",
        ),
        pytest.param(
            "OCSPResponseSigning",
            {},
            {"cryptography": {"provider_category": LEGACY}},
            "cryptography.provider_category: a template of schema version 3 has key_storage_provider for good; create "
            "a new template for legacy_cryptographic_service_provider",
            id="legacy provider in version 3",
        ),
        pytest.param(
            "User",
            VERSION_4,
            {"cryptography": {"provider_category": LEGACY, "request_hash": "SHA512"}},
            "cryptography.request_hash: is the provider's own choice while the provider category is "
            "legacy_cryptographic_service_provider",
            id="hash after the category",
        ),
        pytest.param(
            "User",
            {},
            {"cryptography": {"algorithm": "RSA"}},
            "cryptography.algorithm: is the provider's own choice while the provider category is "
            "legacy_cryptographic_service_provider",
            id="algorithm of a legacy provider",
        ),
        pytest.param(
            "User",
            {},
            {"request_handling": {"key_permissions": "D:P(A;;GA;;;BA)"}},
            "request_handling.key_permissions: needs a key storage provider; the provider category is "
            "legacy_cryptographic_service_provider",
            id="key permissions of a legacy provider",
        ),
        pytest.param(
            "WebServer",
            {},
            {"subject_name": {"format": "common_name"}},
            "subject_name.format: has no meaning while subject_name.source is supply_in_request",
            id="format without directory",
        ),
        pytest.param(
            "User",
            {},
            {"subject_name": {"source": "supply_in_request", "alternate_names": ["upn"]}},
            "subject_name.alternate_names: has no meaning while subject_name.source is supply_in_request",
            id="alternate names without directory",
        ),
        pytest.param(
            "WebServer",
            {},
            {"subject_name": {"include_email_in_subject": True}},
            "subject_name.include_email_in_subject: has no meaning while subject_name.source is supply_in_request",
            id="email without directory",
        ),
        pytest.param(
            "User",
            {},
            {"advanced": {"schema_version": 2}},
            "advanced.schema_version: is fixed when a template is created; 'User' has 1, not 2",
            id="schema version",
        ),
        pytest.param(
            "User",
            {},
            {"request_handling": {"purpose": "encryption"}, "extensions": {"key_usage": ["digital_signature"]}},
            "request_handling.purpose: 'encryption' contradicts another option; together they give "
            "'signature_and_encryption'",
            id="purpose and key usage",
        ),
        pytest.param(
            "User",
            {},
            {"extensions": {"key_usage": ["digital_signature"], "signature_is_proof_of_origin": True}},
            "extensions.key_usage: ['digital_signature'] contradicts another option; together they give "
            "['digital_signature', 'proof_of_origin']",
            id="key usage and proof of origin",
        ),
        pytest.param(
            "User",
            {},
            {"request_handling": {"purpose": "signature_and_smartcard_logon", "user_interaction": "none"}},
            "request_handling.purpose: 'signature_and_smartcard_logon' contradicts another option; together they give "
            "'signature_and_encryption'",
            id="smart card without prompt",
        ),
        pytest.param(
            "User",
            {},
            {"request_handling": {"purpose": "signature", "include_symmetric_algorithms": True}},
            "request_handling.purpose: 'signature' contradicts another option; together they give "
            "'signature_and_encryption'",
            id="signature and symmetric algorithms",
        ),
        pytest.param(
            "User",
            {},
            {"issuance_requirements": {"manager_approval": True}, "advanced": {"enrollment_flags": []}},
            "issuance_requirements.manager_approval: True contradicts another option; together they give False",
            id="tick box and word",
        ),
        pytest.param(
            "User",
            VERSION_4,
            {
                "cryptography": {"request_hash": "SHA256"},
                "advanced": {"ra_application_policies": [TRIPLETS.replace("SHA256", "SHA1")]},
            },
            "cryptography.request_hash: 'SHA256' contradicts another option; together they give 'SHA1'",
            id="hash and triplets",
        ),
        pytest.param(
            "User",
            {**VERSION_4, "ra_application_policies": ("msPKI-Hash-Algorithm`PZPWSTR",)},
            {"cryptography": {"request_hash": "SHA512"}},
            "cryptography.request_hash: 'msPKI-Hash-Algorithm`PZPWSTR' is not a sequence of name`type`value`",
            id="triplets that cannot be read",
        ),
    ],
)
def test_what_a_template_cannot_have_is_refused(name: str, attributes: Options, options: Options, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        apply_options(_template(name, **attributes), parse_options(options, VOCABULARY), VOCABULARY)
    assert str(caught.value) == message


def test_edits_are_made_to_what_other_options_left() -> None:
    options = {"subject_name": {"format": "none"}, "extensions": {"critical": {"add": ["basic_constraints"]}}}
    changed = forest.create(options, "User")
    assert changed.critical_extensions == ("2.5.29.15", "2.5.29.7", "2.5.29.19")


def test_critical_extensions_that_are_set_are_exactly_those() -> None:
    options = {"subject_name": {"format": "none"}, "extensions": {"critical": {"set": ["key_usage"]}}}
    assert forest.create(options, "User").critical_extensions == ("2.5.29.15",)


def test_other_category_takes_the_policies_of_signatures_along() -> None:
    template = _template("User", **VERSION_4)
    policies = {"issuance_requirements": {"application_policies": {"add": ["Certificate Request Agent"]}}}
    with_policy = forest.change(_template("User", **VERSION_4, oid="1.2.3"), policies)
    assert with_policy.ra_application_policies == (
        f"{TRIPLETS}msPKI-RA-Application-Policies`PZPWSTR`1.3.6.1.4.1.311.20.2.1`",
    )
    legacy = forest.change(with_policy, {"cryptography": {"provider_category": LEGACY}})
    assert legacy.private_key_flags == 0x06060100
    # The triplets stay behind and are no longer read.
    assert legacy.ra_application_policies == ("1.3.6.1.4.1.311.20.2.1", *with_policy.ra_application_policies)
    back = forest.change(legacy, {"cryptography": {"provider_category": KEY_STORAGE}})
    assert back.private_key_flags == template.private_key_flags
    (text,) = back.ra_application_policies
    assert text == (
        f"{TRIPLETS}msPKI-RA-Application-Policies`PZPWSTR`1.3.6.1.4.1.311.20.2.1`"
        "msPKI-Symmetric-Algorithm`PZPWSTR`3DES`msPKI-Symmetric-Key-Length`DWORD`168`"
    )


CLASHING = Vocabulary(
    application_policies={
        "Client Authentication": "1.2.3.1",  # means something else in the standard table
        "Twice": "1.2.3.2",
        "twice": "1.2.3.3",
        "1.2.3": "1.2.3.4",  # is itself an OID
        " Padded ": "1.2.3.5",
        "Ours": "1.2.3.6",
    }
)


@pytest.mark.parametrize(
    ("oid", "shown"),
    [
        ("1.3.6.1.5.5.7.3.2", "Client Authentication"),
        ("1.2.3.1", "1.2.3.1"),
        ("1.2.3.2", "1.2.3.2"),
        ("1.2.3.3", "twice"),
        ("1.2.3.4", "1.2.3.4"),
        ("1.2.3.5", "1.2.3.5"),
        ("1.2.3.6", "Ours"),
        ("1.2.3.7", "1.2.3.7"),
    ],
)
def test_policies_are_shown_by_a_word_that_is_read_as_them(oid: str, shown: str) -> None:
    template = _template("Workstation", application_policies=(oid,), extended_key_usage=(oid,))
    words = describe(template, CLASHING)["extensions"]["application_policies"]
    assert words == [shown]
    wanted = parse_options({"extensions": {"application_policies": {"set": words}}}, CLASHING)
    assert apply_options(template, wanted, CLASHING) is template


def test_description_of_a_built_in_template() -> None:
    assert describe(forest.built_in("User"), VOCABULARY) == {
        "compatibility": {"certification_authority": None, "certificate_recipient": None},
        "general": {
            "validity_period": "1 year",
            "renewal_period": "6 weeks",
            "publish_to_active_directory": True,
            "do_not_reenroll_if_published": False,
        },
        "cryptography": {
            "provider_category": LEGACY,
            "algorithm": None,
            "minimum_key_size": 2048,
            "providers": [
                "Microsoft Enhanced Cryptographic Provider v1.0",
                "Microsoft Base Cryptographic Provider v1.0",
            ],
            "request_hash": None,
            "use_alternate_signature_format": False,
        },
        "request_handling": {
            "purpose": "signature_and_encryption",
            "delete_revoked_or_expired_certificates": False,
            "include_symmetric_algorithms": True,
            "archive_private_key": False,
            "allow_private_key_export": True,
            "renew_with_same_key": False,
            "reuse_key_when_card_is_full": False,
            "user_interaction": "none",
            "key_permissions": "",
        },
        "key_attestation": {"requirement": "none", "trust": [], "without_issuance_policies": False},
        "subject_name": {
            "source": "active_directory",
            "use_existing_subject_for_renewal": False,
            "format": "fully_distinguished_name",
            "include_email_in_subject": True,
            "alternate_names": ["email", "upn"],
        },
        "server": {"do_not_store_in_database": False, "do_not_include_revocation_information": False},
        "issuance_requirements": {
            "manager_approval": False,
            "authorized_signatures": 0,
            "application_policies": [],
            "issuance_policies": [],
            "reenrollment": "same_criteria_as_for_enrollment",
            "allow_key_based_renewal": False,
        },
        "extensions": {
            "application_policies": ["Encrypting File System", "Secure Email", "Client Authentication"],
            "issuance_policies": [],
            "key_usage": ["digital_signature", "key_encipherment"],
            "signature_is_proof_of_origin": False,
            "basic_constraints": False,
            "ocsp_no_revocation_checking": False,
            "critical": ["key_usage"],
        },
        "superseded_templates": [],
        "advanced": {
            "schema_version": 1,
            "general_flags": [
                "ADD_EMAIL",
                "PUBLISH_TO_DS",
                "EXPORTABLE_KEY",
                "AUTO_ENROLLMENT",
                "ADD_TEMPLATE_NAME",
                "IS_DEFAULT",
            ],
            "name_flags": [
                "SUBJECT_ALT_REQUIRE_UPN",
                "SUBJECT_ALT_REQUIRE_EMAIL",
                "SUBJECT_REQUIRE_EMAIL",
                "SUBJECT_REQUIRE_DIRECTORY_PATH",
            ],
            "enrollment_flags": ["INCLUDE_SYMMETRIC_ALGORITHMS", "PUBLISH_TO_DS", "AUTO_ENROLLMENT"],
            "private_key_flags": ["EXPORTABLE_KEY"],
            "key_spec": 1,
            "maximum_issuing_depth": 0,
            "ra_application_policies": [],
        },
    }
