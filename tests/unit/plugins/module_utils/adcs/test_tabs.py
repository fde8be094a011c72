# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws that every option keeps, on templates of any content.

What an option may touch stands here as bits and attributes of MS-CRTD and not as the names of the code.
"""

from __future__ import annotations

import typing as t
from dataclasses import fields, replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.argument_spec import TABS
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError
from ansible_collections.certops.intune.plugins.module_utils.adcs.options import apply_options, describe, parse_options
from ansible_collections.certops.intune.plugins.module_utils.adcs.tabs import BY_PATH, FIELDS
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template, changed_attributes
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import strategies, wishes
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs.forest import VOCABULARY
from hypothesis import given, settings
from hypothesis import strategies as st

ALL = -1

#: Option to the attributes that it may touch, with the bits of those that are flag words.
TOUCHES: dict[str, dict[str, int]] = {
    "compatibility.certification_authority": {"private_key_flags": 0x000F0000},
    "compatibility.certificate_recipient": {"private_key_flags": 0x0F000000},
    "general.validity_period": {"validity_period": ALL},
    "general.renewal_period": {"renewal_period": ALL},
    "general.publish_to_active_directory": {"enrollment_flags": 0x8},
    "general.do_not_reenroll_if_published": {"enrollment_flags": 0x10},
    "cryptography.provider_category": {"private_key_flags": 0x100, "ra_application_policies": ALL},
    # A curve has its size, and says whether the key signs or agrees.
    "cryptography.algorithm": {
        "ra_application_policies": ALL,
        "minimum_key_size": ALL,
        "key_spec": ALL,
        "key_usage": 0x28,
    },
    "cryptography.minimum_key_size": {"minimum_key_size": ALL},
    "cryptography.providers": {"providers": ALL},
    "cryptography.request_hash": {"ra_application_policies": ALL},
    "cryptography.use_alternate_signature_format": {"private_key_flags": 0x40},
    # The purpose is not kept anywhere; it is what these say together.
    "request_handling.purpose": {
        "key_usage": 0xFF,
        "key_spec": ALL,
        "enrollment_flags": 0x501,
        "private_key_flags": 0x1,
        "ra_application_policies": ALL,
    },
    "request_handling.delete_revoked_or_expired_certificates": {"enrollment_flags": 0x400},
    "request_handling.include_symmetric_algorithms": {"enrollment_flags": 0x1},
    "request_handling.archive_private_key": {"private_key_flags": 0x1},
    "request_handling.allow_private_key_export": {"private_key_flags": 0x10},
    "request_handling.renew_with_same_key": {"private_key_flags": 0x80},
    "request_handling.reuse_key_when_card_is_full": {"enrollment_flags": 0x2000},
    "request_handling.user_interaction": {"enrollment_flags": 0x100, "private_key_flags": 0x20},
    "request_handling.key_permissions": {"ra_application_policies": ALL},
    "key_attestation.requirement": {"private_key_flags": 0x3000},
    "key_attestation.trust": {"private_key_flags": 0xE00},
    "key_attestation.without_issuance_policies": {"private_key_flags": 0x4000},
    "subject_name.source": {"name_flags": 0xFEC00009, "enrollment_flags": 0x20},
    "subject_name.use_existing_subject_for_renewal": {"name_flags": 0x8},
    "subject_name.format": {"name_flags": 0xD0000000, "critical_extensions": ALL},
    "subject_name.include_email_in_subject": {"name_flags": 0x20000000},
    "subject_name.alternate_names": {"name_flags": 0x0FC00000},
    "server.do_not_store_in_database": {"general_flags": 0x1000},
    "server.do_not_include_revocation_information": {"enrollment_flags": 0x4000},
    "issuance_requirements.manager_approval": {"enrollment_flags": 0x2},
    "issuance_requirements.authorized_signatures": {"ra_signatures": ALL},
    "issuance_requirements.application_policies": {"ra_application_policies": ALL},
    "issuance_requirements.issuance_policies": {"ra_policies": ALL},
    "issuance_requirements.reenrollment": {"enrollment_flags": 0x40},
    "issuance_requirements.allow_key_based_renewal": {"enrollment_flags": 0x10000},
    "extensions.application_policies": {"extended_key_usage": ALL, "application_policies": ALL},
    "extensions.issuance_policies": {"certificate_policies": ALL},
    "extensions.key_usage": {"key_usage": 0x80FF},
    "extensions.signature_is_proof_of_origin": {"key_usage": 0x40},
    "extensions.basic_constraints": {"enrollment_flags": 0x8000},
    "extensions.ocsp_no_revocation_checking": {"enrollment_flags": 0x1000},
    "extensions.critical": {"critical_extensions": ALL},
    "superseded_templates": {"superseded_templates": ALL},
    "advanced.schema_version": {},
    "advanced.general_flags": {"general_flags": ALL},
    "advanced.name_flags": {"name_flags": ALL},
    "advanced.enrollment_flags": {"enrollment_flags": ALL},
    "advanced.private_key_flags": {"private_key_flags": ALL},
    "advanced.key_spec": {"key_spec": ALL},
    "advanced.maximum_issuing_depth": {"maximum_issuing_depth": ALL},
    "advanced.ra_application_policies": {"ra_application_policies": ALL},
}


def _legacy(template: Template) -> bool:
    return template.schema_version < 3 or (template.schema_version == 4 and bool(template.private_key_flags & 0x100))


def _supplied(template: Template) -> bool:
    return bool(template.name_flags & 0x1)


#: The templates that cannot have another value of the option than they have.
REFUSED: dict[str, t.Callable[[Template], bool]] = {
    "compatibility.certification_authority": lambda template: template.schema_version == 1,
    "compatibility.certificate_recipient": lambda template: template.schema_version == 1,
    "cryptography.provider_category": lambda template: template.schema_version < 4,
    "cryptography.algorithm": _legacy,
    "cryptography.request_hash": _legacy,
    "request_handling.key_permissions": _legacy,
    "subject_name.format": _supplied,
    "subject_name.include_email_in_subject": _supplied,
    "subject_name.alternate_names": _supplied,
    "advanced.schema_version": lambda _template: True,
}

PATHS = list(TOUCHES)


def test_every_option_has_its_law() -> None:
    assert set(TOUCHES) == set(BY_PATH) == set(wishes.VALUES)
    assert len(FIELDS) == len(BY_PATH)
    assert {field.tab or field.option for field in FIELDS} == set(TABS)


def _as_number(template: Template, attribute: str) -> int:
    value = getattr(template, attribute)
    return int.from_bytes(value[:2], "little") if isinstance(value, bytes) else int(value)


@pytest.mark.parametrize("path", PATHS)
@settings(deadline=None, max_examples=12)
@given(st.data())
def test_option_by_itself(path: str, data: st.DataObject) -> None:
    template = data.draw(strategies.templates)
    field = BY_PATH[path]
    wanted = parse_options(wishes.nested({path: data.draw(wishes.VALUES[path])}), VOCABULARY)
    target = wanted.value(field, template)
    differs = not field.same(field.get(template), target)
    refusal = REFUSED.get(path)
    refused = differs and refusal is not None and refusal(template)
    after = template
    try:
        after = apply_options(template, wanted, VOCABULARY)
    except OptionError as error:
        reason = str(error)
    else:
        reason = ""
    assert reason.startswith(f"{path}: ") if refused else not reason
    if refused:
        return
    # What was asked for can be read, and asking again does nothing.
    assert field.same(field.get(after), target)
    assert apply_options(after, wanted, VOCABULARY) is after
    if not differs and field.coherent(template):
        assert after is template
    # Nothing else was touched.
    for attribute in fields(Template):
        allowed = TOUCHES[path].get(attribute.name, 0)
        if allowed == ALL:
            continue
        if allowed:
            difference = _as_number(template, attribute.name) ^ _as_number(after, attribute.name)
            assert difference & ~allowed == 0, f"{attribute.name} 0x{difference:x}"
        else:
            assert getattr(after, attribute.name) == getattr(template, attribute.name), attribute.name
    assert after.key_usage[2:] == template.key_usage[2:]


@settings(deadline=None)
@given(strategies.templates)
def test_wishing_for_what_a_template_has_changes_nothing(template: Template) -> None:
    known = replace(VOCABULARY, template_names={**VOCABULARY.template_names, "gone": "Gone"})
    shown: dict[str, t.Any] = describe(template, known)
    for field in FIELDS:
        section = shown[field.tab] if field.tab else shown
        if field.editable:
            section[field.option] = {"set": section[field.option]}
    after = apply_options(template, parse_options(shown, known), known)
    assert set(changed_attributes(template, after)) <= {"pKIExtendedKeyUsage", "msPKI-Certificate-Application-Policy"}
    if all(field.coherent(template) for field in FIELDS):
        assert after is template


@settings(deadline=None)
@given(strategies.templates, wishes.options(most=6))
def test_options_together_are_had_or_refused(template: Template, options: wishes.Options) -> None:
    wanted = parse_options(options, VOCABULARY)
    try:
        after = apply_options(template, wanted, VOCABULARY)
    except OptionError:
        return
    for field in FIELDS:
        if wanted.given(field) and not field.editable:
            assert field.same(field.get(after), wanted.value(field, template)), field.path
    assert apply_options(after, wanted, VOCABULARY) is after
