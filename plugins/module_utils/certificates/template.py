# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which template an authority of Windows issued a certificate by.

Provenance: MS-WCCE 2.2.2.7.7 (szOID_ENROLL_CERTTYPE, szOID_CERTIFICATE_TEMPLATE).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import contextlib
import typing as t

with contextlib.suppress(ImportError):
    # certificate.py, whose certificates these are, says when it is not there.
    from cryptography import x509

_NAME = "1.3.6.1.4.1.311.20.2"

#: Encodings by tag of ASN.1: BMPString, as Windows writes it, and UTF8String.
_ENCODINGS: t.Final[t.Mapping[int, str]] = {0x1E: "utf-16-be", 0x0C: "utf-8"}


def name_of(certificate: x509.Certificate) -> str | None:
    """The name of the template, which those of version 1 are known by; None where the certificate does not say it."""
    for extension in certificate.extensions:
        if extension.oid.dotted_string == _NAME and isinstance(extension.value, x509.UnrecognizedExtension):
            return _text(extension.value.value)
    return None


def oid_of(certificate: x509.Certificate) -> str | None:
    """The OID of the template, which later versions are known by; None where the certificate does not say it."""
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.MSCertificateTemplate):
            return extension.value.template_id.dotted_string
    return None


def _text(der: bytes) -> str | None:
    """A short text of ASN.1; None for anything else."""
    if len(der) < 2 or der[1] > 0x7F or len(der) != 2 + der[1]:
        return None
    encoding = _ENCODINGS.get(der[0])
    try:
        return der[2:].decode(encoding) if encoding else None
    except UnicodeDecodeError:
        return None
