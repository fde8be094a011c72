# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates for tests: a CA as Windows makes one, a server's certificate, and others on demand."""

from __future__ import annotations

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGIN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC)

Extension = tuple[x509.ExtensionType, bool]


@functools.cache
def key() -> rsa.RSAPrivateKey:
    """A key that stays the same for a run; a small one, for it protects nothing."""
    return rsa.generate_private_key(65537, 1024)


@functools.cache
def curve_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pkcs8(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def name(common_name: str) -> x509.Name:
    pairs = [
        (NameOID.DOMAIN_COMPONENT, "example"),
        (NameOID.DOMAIN_COMPONENT, "corp"),
        (NameOID.COMMON_NAME, common_name),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


def certificate(
    subject: x509.Name,
    *extensions: Extension,
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None,
    serial: int = 0x1234,
) -> x509.Certificate:
    """A certificate with exactly these extensions, signed by its own key."""
    private = private or key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(name("CORP Issuing CA 1"))
        .public_key(private.public_key())
        .serial_number(serial)
        .not_valid_before(BEGIN)
        .not_valid_after(END)
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return builder.sign(private, hashes.SHA256())


def der(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.DER)


def server(common_name: str = "ndes1.corp.example", serial: int = 0x1234) -> x509.Certificate:
    names = x509.SubjectAlternativeName([x509.DNSName(common_name), x509.DNSName("scep.corp.example")])
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    return certificate(subject, (names, False), (purposes, False), serial=serial)


def unrecognized(oid: str, value: bytes) -> Extension:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), False
