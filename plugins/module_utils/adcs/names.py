# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Object identifiers and provider names that people write as words. Data only.

The words are the English ones of the console ("Client Authentication"); the numbers decide, the words are
input and output for people. Application policies: RFC 5280 4.2.1.12, RFC 4556, RFC 4945, and Microsoft's "Object IDs
associated with Microsoft cryptography" (KB 287547). Extensions: RFC 5280 4.2.1.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2"
SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1"

APPLICATION_POLICIES: dict[str, str] = {
    "Any Purpose": "2.5.29.37.0",
    "Server Authentication": SERVER_AUTHENTICATION,
    "Client Authentication": CLIENT_AUTHENTICATION,
    "Code Signing": "1.3.6.1.5.5.7.3.3",
    "Secure Email": "1.3.6.1.5.5.7.3.4",
    "IP security end system": "1.3.6.1.5.5.7.3.5",
    "IP security tunnel termination": "1.3.6.1.5.5.7.3.6",
    "IP security user": "1.3.6.1.5.5.7.3.7",
    "Time Stamping": "1.3.6.1.5.5.7.3.8",
    "OCSP Signing": "1.3.6.1.5.5.7.3.9",
    "IP security IKE intermediate": "1.3.6.1.5.5.8.2.2",
    "PKINIT Client Authentication": "1.3.6.1.5.2.3.4",
    "KDC Authentication": "1.3.6.1.5.2.3.5",
    "Microsoft Trust List Signing": "1.3.6.1.4.1.311.10.3.1",
    "Microsoft Time Stamping": "1.3.6.1.4.1.311.10.3.2",
    "Encrypting File System": "1.3.6.1.4.1.311.10.3.4",
    "File Recovery": "1.3.6.1.4.1.311.10.3.4.1",
    "Windows Hardware Driver Verification": "1.3.6.1.4.1.311.10.3.5",
    "Qualified Subordination": "1.3.6.1.4.1.311.10.3.10",
    "Key Recovery": "1.3.6.1.4.1.311.10.3.11",
    "Document Signing": "1.3.6.1.4.1.311.10.3.12",
    "Lifetime Signing": "1.3.6.1.4.1.311.10.3.13",
    "Certificate Request Agent": "1.3.6.1.4.1.311.20.2.1",
    "Smart Card Logon": "1.3.6.1.4.1.311.20.2.2",
    "Private Key Archival": "1.3.6.1.4.1.311.21.5",
    "Key Recovery Agent": "1.3.6.1.4.1.311.21.6",
    "Directory Service Email Replication": "1.3.6.1.4.1.311.21.19",
    "BitLocker Drive Encryption": "1.3.6.1.4.1.311.67.1.1",
    "BitLocker Data Recovery Agent": "1.3.6.1.4.1.311.67.1.2",
    "Remote Desktop Authentication": "1.3.6.1.4.1.311.54.1.2",
}

#: Issuance policies that exist in every forest. The three assurance levels are arcs of the forest's own root
#: (CN=OID holds them after the first enterprise CA); see FOREST_ISSUANCE_POLICIES.
ISSUANCE_POLICIES: dict[str, str] = {"All issuance policies": "2.5.29.32.0"}
FOREST_ISSUANCE_POLICIES: dict[str, str] = {
    "Low Assurance": "1.400",
    "Medium Assurance": "1.401",
    "High Assurance": "1.402",
}

KEY_USAGE_EXTENSION = "2.5.29.15"
#: The old subject alternative name OID, which the console makes critical when the subject is empty.
OLD_SUBJECT_ALTERNATIVE_NAME = "2.5.29.7"

#: Extensions whose "Make this extension critical" can be ticked, or that the built-in templates mark so.
EXTENSIONS: dict[str, str] = {
    "key_usage": KEY_USAGE_EXTENSION,
    "application_policies": "1.3.6.1.4.1.311.21.10",
    "extended_key_usage": "2.5.29.37",
    "basic_constraints": "2.5.29.19",
    "issuance_policies": "2.5.29.32",
    "subject_alternative_name": "2.5.29.17",
    "old_subject_alternative_name": OLD_SUBJECT_ALTERNATIVE_NAME,
}


def word(table: dict[str, str], oid: str) -> str:
    """The word that O(table) has for O(oid), else the OID itself."""
    return next((name for name, value in table.items() if value == oid), oid)
