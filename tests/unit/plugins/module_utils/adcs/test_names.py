# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the words for object identifiers."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs import names
from ansible_collections.certops.intune.plugins.module_utils.adcs.oids import is_oid
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

TABLES = [names.APPLICATION_POLICIES, names.ISSUANCE_POLICIES, names.EXTENSIONS]


@pytest.mark.parametrize("table", TABLES)
def test_each_word_is_one_object_identifier(table: dict[str, str]) -> None:
    assert all(is_oid(oid) for oid in table.values())
    assert len(set(table.values())) == len(table)
    assert len({word.casefold() for word in table}) == len(table)
    assert not any(is_oid(word) or word != word.strip() for word in table)


@pytest.mark.parametrize(
    ("word", "oid"),
    [
        # The policies of the built-in templates.
        ("Client Authentication", "1.3.6.1.5.5.7.3.2"),
        ("Server Authentication", "1.3.6.1.5.5.7.3.1"),
        ("Secure Email", "1.3.6.1.5.5.7.3.4"),
        ("Code Signing", "1.3.6.1.5.5.7.3.3"),
        ("OCSP Signing", "1.3.6.1.5.5.7.3.9"),
        ("Encrypting File System", "1.3.6.1.4.1.311.10.3.4"),
        ("File Recovery", "1.3.6.1.4.1.311.10.3.4.1"),
        ("Microsoft Trust List Signing", "1.3.6.1.4.1.311.10.3.1"),
        ("Smart Card Logon", "1.3.6.1.4.1.311.20.2.2"),
        ("Certificate Request Agent", "1.3.6.1.4.1.311.20.2.1"),
        ("Private Key Archival", "1.3.6.1.4.1.311.21.5"),
        ("Key Recovery Agent", "1.3.6.1.4.1.311.21.6"),
        ("Directory Service Email Replication", "1.3.6.1.4.1.311.21.19"),
        ("IP security IKE intermediate", "1.3.6.1.5.5.8.2.2"),
        ("KDC Authentication", "1.3.6.1.5.2.3.5"),
        ("Qualified Subordination", "1.3.6.1.4.1.311.10.3.10"),
        # And what the checks of insecure templates look for.
        ("Any Purpose", "2.5.29.37.0"),
        ("PKINIT Client Authentication", "1.3.6.1.5.2.3.4"),
    ],
)
def test_application_policies(word: str, oid: str) -> None:
    assert names.APPLICATION_POLICIES[word] == oid
    assert names.word(names.APPLICATION_POLICIES, oid) == word


@pytest.mark.parametrize(
    ("word", "oid"),
    [
        ("Server Authentication", ExtendedKeyUsageOID.SERVER_AUTH),
        ("Code Signing", ExtendedKeyUsageOID.CODE_SIGNING),
        ("Secure Email", ExtendedKeyUsageOID.EMAIL_PROTECTION),
        ("Time Stamping", ExtendedKeyUsageOID.TIME_STAMPING),
        ("Any Purpose", ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE),
        ("Smart Card Logon", ExtendedKeyUsageOID.SMARTCARD_LOGON),
        ("KDC Authentication", ExtendedKeyUsageOID.KERBEROS_PKINIT_KDC),
    ],
)
def test_policies_that_others_name_too(word: str, oid: ObjectIdentifier) -> None:
    assert names.APPLICATION_POLICIES[word] == oid.dotted_string


@pytest.mark.parametrize(
    ("word", "oid"),
    [
        ("key_usage", ExtensionOID.KEY_USAGE),
        ("extended_key_usage", ExtensionOID.EXTENDED_KEY_USAGE),
        ("basic_constraints", ExtensionOID.BASIC_CONSTRAINTS),
        ("issuance_policies", ExtensionOID.CERTIFICATE_POLICIES),
        ("subject_alternative_name", ExtensionOID.SUBJECT_ALTERNATIVE_NAME),
    ],
)
def test_extensions(word: str, oid: ObjectIdentifier) -> None:
    assert names.EXTENSIONS[word] == oid.dotted_string


def test_unknown_object_identifier_is_its_own_word() -> None:
    assert names.word(names.APPLICATION_POLICIES, "1.2.3") == "1.2.3"
