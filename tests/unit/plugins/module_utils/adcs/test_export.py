# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates as options, and the options as templates again."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from dataclasses import replace

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.certops.intune.plugins.module_utils.adcs.argument_spec import template_spec
from ansible_collections.certops.intune.plugins.module_utils.adcs.creation import Origin
from ansible_collections.certops.intune.plugins.module_utils.adcs.export import export_options
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import OptionError, Vocabulary
from ansible_collections.certops.intune.plugins.module_utils.adcs.options import parse_options
from ansible_collections.certops.intune.plugins.module_utils.adcs.plan import Wish, plan_change, plan_new
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_export import (
    export_inherited,
    export_rights,
    summary,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights_options import parse_rights, principals_of
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import RawAce, SecurityDescriptor
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import dacls, forest, strategies
from hypothesis import assume, given, settings

Options: t.TypeAlias = dict[str, t.Any]

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
#: What is another object's own: name, OID, revisions.
OWN = {"cn", "msPKI-Cert-Template-OID", "revision", "msPKI-Template-Minor-Revision"}
NAMES: dict[Sid, str] = {sid: f"CORP\\{name}" for name, sid in forest.SIDS.items()}


def validated(options: Options) -> Options:
    """The options as the module receives them after Ansible has looked at them; they came through a file."""
    result = ArgumentSpecValidator(template_spec()).validate(json.loads(json.dumps(options)))
    assert result.error_messages == []
    return t.cast(Options, result.validated_parameters)


def wish(options: Options, vocabulary: Vocabulary) -> Wish:
    sids = {}
    for principal in principals_of(options.get("rights")):
        known = [sid for sid, name in NAMES.items() if name == principal]
        sids[principal] = known[0] if known else Sid.parse(principal)
    return Wish(
        "Again",
        options["display_name"],
        parse_options(options, vocabulary),
        parse_rights(options.get("rights"), sids),
    )


def again(template: Template, options: Options, vocabulary: Vocabulary = forest.VOCABULARY) -> Template:
    """The template made of its own export, under another name, by somebody else; a second run changes nothing."""
    wanted = wish(validated(options), vocabulary)
    made = plan_new(wanted, Origin(None, options.get("subject_type"), forest.CREATOR, forest.DOMAIN), vocabulary)
    assert plan_change(made, wanted, vocabulary) is made
    # Nor has the original to be changed.
    assert plan_change(template, replace(wanted, name=template.name), vocabulary) is template
    return made


def others(template: Template) -> dict[str, str]:
    """The attributes that an export covers, without the octets of a key usage that say nothing."""
    meant = replace(template, key_usage=template.key_usage.rstrip(b"\0"))
    return {name: line for name, line in forest.attributes_of(meant).items() if name not in OWN}


@pytest.mark.parametrize("name", forest.BUILT_IN_NAMES)
def test_built_in_template_is_made_again(name: str) -> None:
    template = forest.built_in(name)
    made = again(template, export_options(template, forest.VOCABULARY, NAMES))
    assert others(made) == others(template)
    assert made.key_usage == template.key_usage
    assert template.security is not None
    assert made.security is not None
    assert made.security.dacl == template.security.dacl
    assert made.security.control == template.security.control
    assert (made.name, made.oid, made.revision) == ("Again", "", 100)


def test_export_of_a_built_in_template() -> None:
    assert export_options(forest.built_in("WebServer"), forest.VOCABULARY, NAMES) == {
        "name": "WebServer",
        "display_name": "Web Server",
        "subject_type": "computer",
        "general": {
            "validity_period": "2 years",
            "renewal_period": "6 weeks",
            "publish_to_active_directory": False,
            "do_not_reenroll_if_published": False,
        },
        "cryptography": {
            "minimum_key_size": 2048,
            "providers": [
                "Microsoft RSA SChannel Cryptographic Provider",
                "Microsoft DH SChannel Cryptographic Provider",
            ],
            "use_alternate_signature_format": False,
        },
        "request_handling": {
            "purpose": "signature_and_encryption",
            "delete_revoked_or_expired_certificates": False,
            "include_symmetric_algorithms": False,
            "archive_private_key": False,
            "allow_private_key_export": False,
            "renew_with_same_key": False,
            "reuse_key_when_card_is_full": False,
            "user_interaction": "none",
        },
        "key_attestation": {"requirement": "none", "trust": [], "without_issuance_policies": False},
        "subject_name": {"source": "supply_in_request", "use_existing_subject_for_renewal": False},
        "server": {"do_not_store_in_database": False, "do_not_include_revocation_information": False},
        "issuance_requirements": {
            "manager_approval": False,
            "authorized_signatures": 0,
            "application_policies": {"set": []},
            "issuance_policies": {"set": []},
            "reenrollment": "same_criteria_as_for_enrollment",
            "allow_key_based_renewal": False,
        },
        "extensions": {
            "application_policies": {"set": ["Server Authentication"]},
            "issuance_policies": {"set": []},
            "key_usage": ["digital_signature", "key_encipherment"],
            "basic_constraints": False,
            "ocsp_no_revocation_checking": False,
            "critical": {"set": ["key_usage"]},
        },
        "superseded_templates": {"set": []},
        "advanced": {
            "schema_version": 1,
            # What only built-in templates have: reserved bits, and "default" for "modified".
            "general_flags": ["ENROLLEE_SUPPLIES_SUBJECT", "MACHINE_TYPE", "ADD_TEMPLATE_NAME", "IS_DEFAULT"],
        },
        "rights": {
            "set": [
                {"principal": "CORP\\DA", "rights": ["enroll"], "access": "RPWPCR"},
                {"principal": "CORP\\EA", "rights": ["enroll"], "access": "RPWPCR"},
                {"principal": "CORP\\DA", "rights": ["manage"]},
                {"principal": "CORP\\EA", "rights": ["manage"]},
                {"principal": "CORP\\AU", "rights": ["read"], "access": "LCRPLORC"},
            ]
        },
    }


def test_console_made_template_needs_nothing_exact() -> None:
    template = forest.create(
        {
            "compatibility": {"certification_authority": "2016", "certificate_recipient": "2016"},
            "cryptography": {"provider_category": "key_storage_provider", "request_hash": "SHA384"},
            "request_handling": {"purpose": "signature"},
            "subject_name": {"source": "supply_in_request"},
            "extensions": {"application_policies": {"set": ["Client Authentication"]}},
        }
    )
    options = export_options(template, forest.VOCABULARY, NAMES)
    assert options["advanced"] == {"schema_version": 4}
    assert options["compatibility"] == {"certification_authority": "2016", "certificate_recipient": "2016"}
    assert others(again(template, options)) == others(template)


@pytest.mark.parametrize(
    ("source", "category"),
    [("User", None), ("Workstation", None), ("OCSPResponseSigning", "key_storage_provider")],
)
def test_provider_category_is_exported_where_there_is_a_choice(source: str, category: str | None) -> None:
    options = export_options(forest.built_in(source), forest.VOCABULARY, NAMES)
    assert options["cryptography"].get("provider_category") == category


@pytest.mark.parametrize(
    "attributes",
    [
        pytest.param(
            {"key_usage": b"\x80", "key_spec": 2, "enrollment_flags": 0x101},
            id="signature that may encrypt, and prompts",
        ),
        pytest.param({"schema_version": 1, "private_key_flags": 0x01010010}, id="compatibility in version 1"),
        pytest.param({"schema_version": 2, "private_key_flags": 0x09080010}, id="compatibility of another age"),
        pytest.param({"general_flags": 0x20880}, id="subject type without a word"),
        pytest.param(
            {
                "schema_version": 4,
                "private_key_flags": 0x06060000,
                "ra_application_policies": ("msPKI-Key-Security-Descriptor`PZPWSTR`D:(XA;;GA;;;BA;(a == 1))`",),
            },
            id="key permissions that are not understood",
        ),
        pytest.param(
            {"schema_version": 4, "private_key_flags": 0x06060000, "ra_application_policies": ("broken`triplet",)},
            id="triplets that cannot be read",
        ),
        pytest.param({"name_flags": 0x00020009, "critical_extensions": ("2.5.29.7", "1.2.3")}, id="left-over bits"),
        pytest.param({"certificate_policies": ("2.5.29.32.0", f"{forest.OID_ROOT}.1.402", "1.2.3")}, id="policies"),
        pytest.param({"superseded_templates": ("WebServer", "Machine")}, id="superseded templates"),
    ],
)
def test_unusual_template_is_made_again(attributes: Options) -> None:
    template = replace(forest.create({}, "User"), oid=f"{forest.OID_ROOT}.1234567.1234567", **attributes)
    lists: Options = {"application_policies": ()} if template.schema_version == 1 else {}
    template = replace(template, **lists)
    made = again(template, export_options(template, forest.VOCABULARY, NAMES))
    assert others(made) == others(template)


def _defined_bits(key_usage: bytes) -> bytes:
    octets = key_usage.ljust(2, b"\0")
    return bytes([octets[0], octets[1] & 0x80]).rstrip(b"\0")


@settings(deadline=None, max_examples=60)
@given(strategies.templates)
def test_any_template_is_made_again(template: Template) -> None:
    # What an export does not cover, since no new template can have it.
    usable: Options = {
        "validity_period": max(template.validity_period, 2),
        "renewal_period": template.renewal_period % max(template.validity_period, 2),
        # The nine bits of RFC 5280, at least one of them.
        "key_usage": _defined_bits(template.key_usage) or b"\x80\0",
        # Both lists are one option; version 1 has only one of them.
        "application_policies": template.extended_key_usage if template.schema_version > 1 else (),
        # Numbers that are none, and a provider of two numbers, are written as the console writes them.
        "providers": ("2,Ours, Inc.", "1,Microsoft Software Key Storage Provider"),
        "minimum_key_size": 384,
        "display_name": template.display_name or template.name,
        "security": forest.built_in("User").security,
    }
    template = replace(template, **usable)
    known = Vocabulary(
        forest.VOCABULARY.application_policies,
        forest.VOCABULARY.issuance_policies,
        {**forest.VOCABULARY.template_names, "gone": "Gone"},
    )
    options = export_options(template, known, NAMES)
    try:
        made = again(template, options, known)
    except OptionError as error:
        reason = str(error)
    else:
        reason = ""
        assert others(made) == others(template)
        assert Counter(made.security.dacl.aces) == Counter(template.security.dacl.aces)  # type: ignore[union-attr]
    # The one thing that is refused: an algorithm whose keys cannot be used like that.
    assert not reason or reason.startswith("cryptography.algorithm: keys of ECDH_P384 agree on other keys")


@settings(deadline=None, max_examples=60)
@given(dacls.dacls)
def test_any_rights_are_made_again(aces: dacls.Aces) -> None:
    template = replace(forest.built_in("User"), security=SecurityDescriptor(0).with_dacl(aces))
    options = export_options(template, forest.VOCABULARY, NAMES)
    rights = validated(options)["rights"]
    try:
        made = plan_new(
            wish({**options, "rights": rights}, forest.VOCABULARY),
            Origin(None, options.get("subject_type"), forest.CREATOR, forest.DOMAIN),
            forest.VOCABULARY,
        )
    except OptionError as error:
        denied = "since an entry denies it" in str(error)
        assume(not denied)
        raise
    assert made.security is not None
    assert made.security.dacl is not None
    # An inherited entry is the container's, and one without a known shape names nobody.
    expected = Counter(ace for ace in aces if not ace.inherited and not isinstance(ace, RawAce))
    assert Counter(made.security.dacl.aces) == expected


@pytest.mark.parametrize(
    ("sddl", "entries"),
    [
        pytest.param("(OA;;CR;enroll;;X)(A;;LCRPRC;;;X)", [{"rights": ["read", "enroll"]}], id="console's two entries"),
        pytest.param(
            "(OA;;RPWPCR;enroll;;X)(A;;LCRPLORC;;;X)",
            [{"rights": ["enroll"], "access": "RPWPCR"}, {"rights": ["read"], "access": "LCRPLORC"}],
            id="other forms",
        ),
        pytest.param(
            "(A;;LCRPRC;;;X)(A;;WPWDWO;;;X)",
            [{"rights": ["read"]}, {"rights": ["write"], "access": "WPWDWO"}],
            id="two where the console has one",
        ),
        pytest.param("(A;;GA;;;X)", [{"rights": ["full_control"], "access": "GA"}], id="generic all"),
        pytest.param("(OD;;CR;enroll;;X)", [{"rights": ["enroll"], "type": "deny"}], id="denial"),
        pytest.param("(A;;CR;;;X)", [{"ace": "A;;CR;;"}], id="all extended rights"),
        pytest.param("(A;;SD;;;X)", [{"ace": "A;;SD;;"}], id="no word"),
        pytest.param("(A;;LCRPRCSD;;;X)", [{"rights": ["read"], "access": "LCRPSDRC"}], id="more than the word"),
        pytest.param("(A;CI;LCRPRC;;;X)", [{"ace": "A;CI;LCRPRC;;"}], id="flags"),
        pytest.param("(OA;;CR;enroll;other;X)", [{"ace": f"OA;;CR;{ENROLL};{dacls.OTHER}"}], id="inherited type"),
        pytest.param("(OA;;LCRPRC;;;X)", [{"ace": "OA;;LCRPRC;;"}], id="object entry without a type"),
        pytest.param("(XA;;RP;;;X;#61727478)", [{"ace": "XA;;RP;;;;#61727478"}], id="condition"),
        pytest.param("(A;ID;LCRPRC;;;X)(0x04;;#0102)", [], id="inherited, and of unknown shape"),
    ],
)
def test_entries_in_words(sddl: str, entries: list[Options]) -> None:
    for name, guid in dacls.GUIDS.items():
        sddl = sddl.replace(f";{name};", f";{guid};")
    names = {dacls.SIDS["X"]: "CORP\\x"}
    assert export_rights(dacls.aces(sddl), names) == [{"principal": "CORP\\x", **entry} for entry in entries]


def test_inherited_entries_stand_apart() -> None:
    entries = dacls.aces("(A;;LCRPRC;;;X)(A;ID;LCRPRC;;;Y)(A;CIID;SD;;;Z)(0x04;ID;#0102)")
    assert export_inherited(entries, {}) == [
        {"principal": str(dacls.SIDS["Y"]), "rights": ["read"]},
        {"principal": str(dacls.SIDS["Z"]), "ace": "A;CIID;SD;;"},
    ]


def test_summary_is_one_line_for_each_principal() -> None:
    sddl = "(A;;LCRPLORC;;;Y)(OD;;CR;enroll;;X)(OA;;RPWPCR;autoenroll;;X)(A;;LCRPRC;;;X)(A;;SD;;;Z)(A;ID;GA;;;Z)"
    names = {dacls.SIDS["X"]: "CORP\\x", dacls.SIDS["Y"]: "Authenticated Users"}
    assert summary(dacls.aces(sddl), names) == {
        "Authenticated Users": "read",
        "CORP\\x": "read, autoenroll, deny enroll",
        str(dacls.SIDS["Z"]): "A;;SD;;",
    }
