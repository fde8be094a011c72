# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The argument specification of the options that describe a template. The documentation stands in the module.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from .creation import SUBJECT_TYPES
from .hazards.catalogue import IDS
from .rights import ALLOW, DENY, WORDS
from .tabs.compatibility import NUMBERS
from .tabs.cryptography import ALGORITHMS, HASHES, KEY_STORAGE, LEGACY
from .tabs.extensions import KEY_USAGE_BITS
from .tabs.request_handling import ENCRYPTION, SIGNATURE, SIGNATURE_AND_ENCRYPTION, SMART_CARD
from .tabs.subject_name import DIRECTORY, SUPPLY

Spec: t.TypeAlias = dict[str, t.Any]

_BOOL: Spec = {"type": "bool"}
_INT: Spec = {"type": "int"}
_STR: Spec = {"type": "str"}
_LIST: Spec = {"type": "list", "elements": "str"}
_EDIT: Spec = {"type": "dict", "options": {"add": _LIST, "remove": _LIST, "set": _LIST}}
_ENTRY: Spec = {
    "principal": {"type": "str", "required": True},
    "rights": {"type": "list", "elements": "str", "choices": list(WORDS)},
    "type": {"type": "str", "choices": [ALLOW, DENY]},
    "access": _STR,
    "ace": _STR,
}
_ENTRIES: Spec = {"type": "list", "elements": "dict", "options": _ENTRY}


def _choice(*words: str) -> Spec:
    return {"type": "str", "choices": list(words)}


def _tab(**options: Spec) -> Spec:
    return {"type": "dict", "options": options}


#: The tabs of the console.
TABS: Spec = {
    "compatibility": _tab(certification_authority=_choice(*NUMBERS), certificate_recipient=_choice(*NUMBERS)),
    "general": _tab(
        validity_period=_STR,
        renewal_period=_STR,
        publish_to_active_directory=_BOOL,
        do_not_reenroll_if_published=_BOOL,
    ),
    "cryptography": _tab(
        provider_category=_choice(LEGACY, KEY_STORAGE),
        algorithm=_choice(*ALGORITHMS),
        minimum_key_size={"type": "int", "no_log": False},
        providers=_LIST,
        request_hash=_choice(*HASHES),
        use_alternate_signature_format=_BOOL,
    ),
    "request_handling": _tab(
        purpose=_choice(SIGNATURE, ENCRYPTION, SIGNATURE_AND_ENCRYPTION, SMART_CARD),
        delete_revoked_or_expired_certificates=_BOOL,
        include_symmetric_algorithms=_BOOL,
        archive_private_key={"type": "bool", "no_log": False},
        allow_private_key_export={"type": "bool", "no_log": False},
        renew_with_same_key={"type": "bool", "no_log": False},
        reuse_key_when_card_is_full={"type": "bool", "no_log": False},
        user_interaction=_choice("none", "prompt", "prompt_when_key_is_used"),
        key_permissions={"type": "str", "no_log": False},
    ),
    "key_attestation": {
        **_tab(
            requirement=_choice("none", "preferred", "required"),
            trust={
                "type": "list",
                "elements": "str",
                "choices": ["user_credentials", "hardware_certificate", "hardware_key"],
            },
            without_issuance_policies=_BOOL,
        ),
        "no_log": False,
    },
    "subject_name": _tab(
        source=_choice(SUPPLY, DIRECTORY),
        use_existing_subject_for_renewal=_BOOL,
        format=_choice("none", "common_name", "fully_distinguished_name", "dns_name"),
        include_email_in_subject=_BOOL,
        alternate_names={
            "type": "list",
            "elements": "str",
            "choices": ["email", "dns_name", "upn", "spn", "directory_guid", "domain_dns_name"],
        },
    ),
    "server": _tab(do_not_store_in_database=_BOOL, do_not_include_revocation_information=_BOOL),
    "issuance_requirements": _tab(
        manager_approval=_BOOL,
        authorized_signatures=_INT,
        application_policies=_EDIT,
        issuance_policies=_EDIT,
        reenrollment=_choice("same_criteria_as_for_enrollment", "valid_existing_certificate"),
        allow_key_based_renewal={"type": "bool", "no_log": False},
    ),
    "extensions": _tab(
        application_policies=_EDIT,
        issuance_policies=_EDIT,
        key_usage={"type": "list", "elements": "str", "choices": list(KEY_USAGE_BITS), "no_log": False},
        signature_is_proof_of_origin=_BOOL,
        basic_constraints=_BOOL,
        ocsp_no_revocation_checking=_BOOL,
        critical=_EDIT,
    ),
    "superseded_templates": _EDIT,
    "advanced": _tab(
        schema_version={"type": "int", "choices": [1, 2, 3, 4]},
        general_flags=_LIST,
        name_flags=_LIST,
        enrollment_flags=_LIST,
        private_key_flags={"type": "list", "elements": "str", "no_log": False},
        key_spec={"type": "int", "choices": [1, 2], "no_log": False},
        maximum_issuing_depth=_INT,
        ra_application_policies=_LIST,
    ),
}


def template_spec() -> Spec:
    """The options of certificate_template beside the connection."""
    return {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "display_name": _STR,
        "duplicate_of": _STR,
        "subject_type": _choice(*SUBJECT_TYPES),
        **TABS,
        "rights": {"type": "dict", "options": {"add": _ENTRIES, "remove": _ENTRIES, "set": _ENTRIES}},
        "owner": _STR,
        "inherit_rights": _BOOL,
        "minimum_revision": _INT,
        "allow_hazards": {"type": "list", "elements": "str", "choices": list(IDS), "default": []},
        "expected_principals": {"type": "list", "elements": "str", "default": []},
    }
