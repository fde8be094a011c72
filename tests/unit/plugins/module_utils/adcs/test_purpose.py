# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the purpose, which no attribute holds: how it is inferred, what it writes, which slot of NDES is its own."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.tabs.request_handling import MSCEP_SLOTS, purpose
from ansible_collections.certops.intune.tests.unit.plugins.module_utils.adcs import forest

SIGN, ENCRYPT = "signature", "encryption"
BOTH, CARD = "signature_and_encryption", "signature_and_smartcard_logon"

BUILT_IN = {
    SIGN: "UserSignature ClientAuth CodeSigning CTLSigning EnrollmentAgent EnrollmentAgentOffline "
    "MachineEnrollmentAgent ExchangeUserSignature OCSPResponseSigning",
    ENCRYPT: "EFS EFSRecovery CEPEncryption ExchangeUser CAExchange KeyRecoveryAgent",
    BOTH: "User SmartcardUser SmartcardLogon Administrator Machine DomainController WebServer CA SubCA "
    "IPSECIntermediateOnline IPSECIntermediateOffline OfflineRouter CrossCA DomainControllerAuthentication "
    "DirectoryEmailReplication Workstation RASAndIASServer KerberosAuthentication",
}


@pytest.mark.parametrize(
    ("name", "expected"), [(name, word) for word, names in BUILT_IN.items() for name in names.split()]
)
def test_purpose_of_built_in_templates(name: str, expected: str) -> None:
    assert purpose(forest.built_in(name)) == expected


def test_no_built_in_template_is_forgotten() -> None:
    assert sorted(" ".join(BUILT_IN.values()).split()) == sorted(forest.BUILT_IN_NAMES)


@pytest.mark.requirement("PKCS-019")
def test_s_mime_has_one_template_to_sign_and_one_to_encrypt() -> None:
    assert purpose(forest.create({}, "ExchangeUserSignature")) == SIGN
    assert purpose(forest.create({}, "ExchangeUser")) == ENCRYPT


@pytest.mark.parametrize(
    ("key_usage", "key_spec", "enrollment", "private_key", "expected"),
    [
        # Encryption: none of 80, 40, 04, 02, and no 0x400.
        ("20", 1, 0, 0, ENCRYPT),
        ("30", 1, 0, 0, ENCRYPT),
        ("08", 1, 0, 0, ENCRYPT),
        ("0080", 2, 0, 0, ENCRYPT),
        ("", 1, 0, 0, ENCRYPT),
        ("2000", 1, 0x400, 0, BOTH),
        ("a0", 1, 0, 0, BOTH),
        ("60", 1, 0, 0, BOTH),
        ("24", 1, 0, 0, BOTH),
        ("22", 1, 0, 0, BOTH),
        # Signature: none of 20, 10, 08, 04, 02, key specification 2, no symmetric algorithms, no archival.
        ("80", 2, 0, 0, SIGN),
        ("8000", 2, 0x22, 0x30, SIGN),
        ("c0", 2, 0, 0, SIGN),
        ("40", 2, 0, 0, SIGN),
        ("00", 2, 0x400, 0, SIGN),
        ("80", 1, 0, 0, BOTH),
        ("80", 2, 0x1, 0, BOTH),
        ("80", 2, 0, 0x1, BOTH),
        ("86", 2, 0, 0, BOTH),
        ("88", 2, 0, 0, BOTH),
        ("90", 2, 0, 0, BOTH),
        # Signature and smart card logon: exactly 80, key specification 1, prompt or strong protection.
        ("80", 1, 0x100, 0, CARD),
        ("8000", 1, 0, 0x20, CARD),
        ("80", 1, 0x101, 0x1, CARD),
        ("c0", 1, 0x100, 0, BOTH),
        ("a0", 1, 0x100, 0, BOTH),
        ("80", 2, 0x101, 0, BOTH),
    ],
)
def test_rules_of_inference(key_usage: str, key_spec: int, enrollment: int, private_key: int, expected: str) -> None:
    template = replace(
        forest.built_in("User"),
        key_usage=bytes.fromhex(key_usage),
        key_spec=key_spec,
        enrollment_flags=enrollment,
        private_key_flags=private_key,
    )
    assert purpose(template) == expected


@pytest.mark.parametrize(
    ("word", "key_usage", "key_spec", "slot"),
    [
        (SIGN, "80", 2, "SignatureTemplate"),
        (ENCRYPT, "20", 1, "EncryptionTemplate"),
        (BOTH, "a0", 1, "GeneralPurposeTemplate"),
        (CARD, "80", 1, "SignatureTemplate"),
    ],
)
@pytest.mark.parametrize("source", ["User", "UserSignature", "CEPEncryption"])
def test_what_a_purpose_writes(source: str, word: str, key_usage: str, key_spec: int, slot: str) -> None:
    duplicate = forest.create({"request_handling": {"purpose": word}}, source)
    assert (duplicate.key_usage.rstrip(b"\0").hex(), duplicate.key_spec) == (key_usage, key_spec)
    assert MSCEP_SLOTS[purpose(duplicate)] == slot


@pytest.mark.parametrize(
    ("before", "word", "changed"),
    [
        pytest.param(
            {"enrollment_flags": 0x29, "private_key_flags": 0x01010011},
            SIGN,
            {
                "pKIKeyUsage": "80",
                "pKIDefaultKeySpec": "2",
                "msPKI-Enrollment-Flag": "40",
                "msPKI-Private-Key-Flag": str(0x01010010),
            },
            id="nothing to encrypt with",
        ),
        pytest.param({"key_usage": b""}, BOTH, {"pKIKeyUsage": "a0"}, id="no use before"),
        pytest.param({"key_usage": b"\xe0"}, SIGN, {"pKIKeyUsage": "c0", "pKIDefaultKeySpec": "2"}, id="proof stays"),
        pytest.param({"key_usage": b"\xf0"}, ENCRYPT, {"pKIKeyUsage": "30"}, id="data encipherment stays"),
        pytest.param(
            {"key_usage": b"\x20", "enrollment_flags": 0x420},
            ENCRYPT,
            {"msPKI-Enrollment-Flag": "32"},
            id="nothing to delete",
        ),
        pytest.param(
            {},
            CARD,
            {"pKIKeyUsage": "80", "msPKI-Enrollment-Flag": str(0x120)},
            id="card asks its holder",
        ),
    ],
)
def test_purpose_of_an_existing_template(before: dict[str, t.Any], word: str, changed: dict[str, str]) -> None:
    base = {"enrollment_flags": 0x20, "private_key_flags": 0x01010010}
    template = replace(forest.create({}, "User"), **{**base, **before})
    after = forest.change(template, {"request_handling": {"purpose": word}})
    assert forest.changes(template, after) == changed
