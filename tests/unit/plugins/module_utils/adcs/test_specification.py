# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents on Intune say of templates, as options, and the attributes and entries that this must give."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.options import describe
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import to_sddl
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest

Options: t.TypeAlias = dict[str, t.Any]

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
CLIENT, SERVER, EMAIL = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4"
EFS = "1.3.6.1.4.1.311.10.3.4"

#: A template for NDES as scep-configure describes it, made by duplicating Web Server.
SCEP: Options = {
    "name": "IntuneScep",
    "display_name": "Intune SCEP",
    "compatibility": {"certification_authority": "2003", "certificate_recipient": "2003"},
    "general": {"publish_to_active_directory": False},
    "subject_name": {"source": "supply_in_request"},
    "extensions": {
        "application_policies": {"set": ["Client Authentication"]},
        "signature_is_proof_of_origin": False,
    },
    "rights": {
        "add": [
            {"principal": "NDES", "rights": ["read", "enroll"]},
            {"principal": "INTUNE", "rights": ["read"]},
        ]
    },
}
#: A template for the connector as pkcs-configure describes it, made by duplicating User.
PKCS: Options = {
    "name": "IntunePkcs",
    "display_name": "Intune PKCS",
    "compatibility": {"certification_authority": "2008r2", "certificate_recipient": "2008r2"},
    "request_handling": {"allow_private_key_export": True},
    "cryptography": {"minimum_key_size": 2048},
    "subject_name": {"source": "supply_in_request"},
    "extensions": {
        "application_policies": {"set": ["Encrypting File System", "Secure Email", "Client Authentication"]},
        "signature_is_proof_of_origin": False,
    },
    "rights": {"add": [{"principal": "CONN1$", "rights": ["read", "enroll"]}]},
}


def entries_of(template: Template, principal: str) -> str:
    """The entries of one principal as SDDL."""
    security = template.security
    assert security is not None
    assert security.dacl is not None
    sid = str(forest.SIDS[principal])
    return to_sddl(
        security.with_dacl(ace for ace in security.dacl.aces if sid in str(getattr(ace, "sid", "")))
    ).partition("D:PAI")[2]


ROWS: list[t.Any] = [
    pytest.param(
        SCEP, "WebServer", {"msPKI-Template-Schema-Version": "2", "msPKI-Private-Key-Flag": str(0x01010000)},
        marks=pytest.mark.requirement("SCEP-029"), id="version 2, compatible with Windows 2003",
    ),
    pytest.param(
        {**SCEP, "request_handling": {"allow_private_key_export": True}}, "WebServer",
        {"msPKI-Template-Schema-Version": "2", "msPKI-Private-Key-Flag": str(0x01010010)}, id="and exportable",
    ),
    pytest.param(
        SCEP, "User", {"msPKI-Enrollment-Flag": "1"},
        marks=pytest.mark.requirement("SCEP-030"), id="not published in the directory, base User",
    ),
    pytest.param(
        {"general": {"publish_to_active_directory": False, "do_not_reenroll_if_published": False}}, "User",
        {"msPKI-Enrollment-Flag": "33", "flags": "131642"}, id="not published, and general flags left alone",
    ),
    pytest.param(
        SCEP, "WebServer", {"cn": "IntuneScep", "displayName": "Intune SCEP"},
        marks=pytest.mark.requirement("SCEP-031"), id="display name",
    ),
    pytest.param(
        SCEP, "WebServer", {"msPKI-Certificate-Name-Flag": "1", "msPKI-Enrollment-Flag": "0"},
        marks=pytest.mark.requirement("SCEP-032"), id="subject supplied in the request",
    ),
    pytest.param(
        SCEP, "WebServer", {"pKIExtendedKeyUsage": CLIENT, "msPKI-Certificate-Application-Policy": CLIENT},
        marks=pytest.mark.requirement("SCEP-033", "SCEP-041"), id="client authentication and nothing else",
    ),
    pytest.param(
        {"extensions": {"application_policies": {"add": ["Client Authentication"]}}}, "WebServer",
        {"pKIExtendedKeyUsage": f"{SERVER}|{CLIENT}", "msPKI-Certificate-Application-Policy": f"{SERVER}|{CLIENT}"},
        marks=pytest.mark.requirement("SCEP-033"), id="client authentication beside others",
    ),
    pytest.param(
        {"extensions": {"key_usage": ["digital_signature", "proof_of_origin"]}}, "User", {"pKIKeyUsage": "c0"},
        id="proof of origin",
    ),
    pytest.param(
        {"request_handling": {"purpose": "signature"}}, "WebServer", {"pKIKeyUsage": "8000", "pKIDefaultKeySpec": "2"},
        id="purpose signature",
    ),
    pytest.param(
        {"request_handling": {"purpose": "encryption"}}, "WebServer", {"pKIKeyUsage": "2000", "pKIDefaultKeySpec": "1"},
        id="purpose encryption",
    ),
    pytest.param(
        {"request_handling": {"purpose": "signature_and_encryption"}}, "CEPEncryption",
        {"pKIKeyUsage": "a000", "pKIDefaultKeySpec": "1"}, id="purpose signature and encryption",
    ),
    pytest.param(
        PKCS, "User",
        {
            "cn": "IntunePkcs", "displayName": "Intune PKCS", "flags": "131642", "revision": "100",
            "pKIDefaultCSPs": "1,Microsoft Enhanced Cryptographic Provider v1.0|"
            "2,Microsoft Base Cryptographic Provider v1.0",
            "pKIExpirationPeriod": "004039872ee1feff", "pKIOverlapPeriod": "0080a60affdeffff",
        },
        marks=pytest.mark.requirement("PKCS-018", "PKCS-021"), id="copy of User with a name of its own",
    ),
    pytest.param(
        PKCS, "User", {"msPKI-Template-Schema-Version": "2", "msPKI-Private-Key-Flag": str(0x03030010)},
        marks=pytest.mark.requirement("PKCS-020", "PKCS-023"), id="compatibility, and export of the key",
    ),
    pytest.param(
        {**PKCS, "request_handling": {"allow_private_key_export": False}}, "User",
        {"msPKI-Private-Key-Flag": str(0x03030000)}, id="no export of the key",
    ),
    pytest.param(
        {"cryptography": {"minimum_key_size": 4096}}, "User", {"msPKI-Minimal-Key-Size": "4096"}, id="longer keys",
    ),
    pytest.param(
        PKCS, "User", {"msPKI-Minimal-Key-Size": "2048"},
        marks=pytest.mark.requirement("PKCS-024"), id="keys of 2048 bits",
    ),
    pytest.param(
        PKCS, "User", {"msPKI-Certificate-Name-Flag": "1", "msPKI-Enrollment-Flag": "9"},
        marks=pytest.mark.requirement("PKCS-025"), id="subject supplied in the request, base User",
    ),
    pytest.param(
        PKCS, "User",
        {
            "pKIExtendedKeyUsage": f"{EFS}|{CLIENT}|{EMAIL}",
            "msPKI-Certificate-Application-Policy": f"{EFS}|{CLIENT}|{EMAIL}",
        },
        marks=pytest.mark.requirement("PKCS-026"), id="three application policies",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "source", "expected"), ROWS)
def test_template(options: Options, source: str, expected: dict[str, str]) -> None:
    made = forest.create(options, source)
    attributes = forest.attributes_of(made)
    assert {name: attributes[name] for name in expected} == expected
    assert forest.change(made, options) is made


@pytest.mark.parametrize(
    ("options", "source"),
    [
        pytest.param(SCEP, "WebServer", marks=pytest.mark.requirement("SCEP-034")),
        pytest.param(PKCS, "User", marks=pytest.mark.requirement("PKCS-027")),
    ],
)
@pytest.mark.parametrize("key_usage", [["digital_signature", "key_encipherment"], ["digital_signature"]])
def test_signature_is_no_proof_of_origin(options: Options, source: str, key_usage: list[str]) -> None:
    proving = forest.create({"extensions": {"key_usage": [*key_usage, "proof_of_origin"]}}, source)
    made = forest.create(options, proving)
    assert proving.key_usage[0] & 0x40
    assert made.key_usage[0] & 0x40 == 0
    assert made.key_usage[0] == proving.key_usage[0] & ~0x40


@pytest.mark.parametrize(
    ("options", "source", "principal", "entries"),
    [
        pytest.param(
            SCEP, "WebServer", "NDES", f"(OA;;CR;{ENROLL};;{{sid}})(A;;LCRPRC;;;{{sid}})",
            marks=pytest.mark.requirement("SCEP-035"), id="NDES service account",
        ),
        pytest.param(
            SCEP, "WebServer", "INTUNE", "(A;;LCRPRC;;;{sid})",
            marks=pytest.mark.requirement("SCEP-036"), id="Intune administrators",
        ),
        pytest.param(
            PKCS, "User", "CONN1$", f"(OA;;CR;{ENROLL};;{{sid}})(A;;LCRPRC;;;{{sid}})",
            marks=pytest.mark.requirement("PKCS-028"), id="connector's computer",
        ),
    ],
)  # fmt: skip
def test_rights(options: Options, source: str, principal: str, entries: str) -> None:
    made = forest.create(options, source)
    assert entries_of(made, principal) == entries.format(sid=forest.SIDS[principal])
    # Those of the source are still there.
    assert entries_of(made, "AU") == "(A;;LCRPLORC;;;AU)"


@pytest.mark.requirement("SCEP-038")
def test_validity_period_is_shown_and_set_in_words() -> None:
    made = forest.create(
        {**SCEP, "general": {"validity_period": "18 months", "renewal_period": "6 weeks"}}, "WebServer"
    )
    assert describe(made, forest.VOCABULARY)["general"]["validity_period"] == "18 months"
    assert describe(forest.built_in("WebServer"), forest.VOCABULARY)["general"]["validity_period"] == "2 years"


@pytest.mark.requirement("TRBL-062")
@pytest.mark.parametrize("name", ["CEPEncryption", "EnrollmentAgentOffline"])
def test_rights_for_the_renewal_of_ra_certificates(name: str) -> None:
    template = forest.built_in(name)
    both = [{"principal": principal, "rights": ["read", "enroll"]} for principal in ("INTUNE", "CONN1$")]
    changed = forest.change(template, {"name": name, "rights": {"add": both}})
    for principal in ("INTUNE", "CONN1$"):
        expected = f"(OA;;CR;{ENROLL};;{{sid}})(A;;LCRPRC;;;{{sid}})".format(sid=forest.SIDS[principal])
        assert entries_of(changed, principal) == expected
    assert forest.changes(template, changed) == {}
    assert changed.minor_revision == template.minor_revision + 1
    assert forest.change(changed, {"name": name, "rights": {"add": both}}) is changed
