# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of servers that a test plays."""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if t.TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Issued:
    """PEM files, and the key once more to issue with."""

    certificate: Path
    key: Path
    private: ec.EllipticCurvePrivateKey
    subject: x509.Name


def authority(directory: Path) -> Issued:
    """A root that is trusted by nobody."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = _name("Test Root")
    now = dt.datetime.now(dt.UTC)
    builder = _builder(subject, subject, private, now - dt.timedelta(days=9), now + dt.timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(True, None), True)
    builder = builder.add_extension(
        x509.KeyUsage(True, False, False, False, False, True, True, False, False), True
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), False)
    return _write(directory / "root", builder, private, private, subject)


def issue(by: Issued, directory: Path, name: str, begins: dt.timedelta, ends: dt.timedelta) -> Issued:
    """A certificate of a server of that name, valid between two times from now."""
    private = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    now = dt.datetime.now(dt.UTC)
    builder = _builder(subject, by.subject, private, now + begins, now + ends)
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.private.public_key()), False)
    return _write(directory / "server", builder, private, by.private, subject)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, private: ec.EllipticCurvePrivateKey, begins: dt.datetime, ends: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _write(
    path: Path,
    builder: x509.CertificateBuilder,
    private: ec.EllipticCurvePrivateKey,
    issuer: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
) -> Issued:
    certificate, key = path.with_suffix(".pem"), path.with_suffix(".key")
    certificate.write_bytes(builder.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return Issued(certificate, key, private, subject)
