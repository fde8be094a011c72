# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate as a value, out of its DER. Nothing here knows a store, a clock or a language.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import traceback
import typing as t

#: Why the library is not there; None when it is.
CRYPTOGRAPHY_IMPORT_ERROR: str | None = None
try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()


class CertificateError(ValueError):
    """What was read is no certificate, or one that cannot be understood."""


@dataclasses.dataclass(frozen=True)
class Key:
    """A public key: `RSA`, `EC`, `DSA` or the name of another algorithm, and its length in bits (0 if not known)."""

    algorithm: str
    bits: int


@dataclasses.dataclass(frozen=True)
class Certificate:
    """A certificate.

    Attributes:
        thumbprint: SHA-1 of its DER in upper case, as Windows shows it.
        serial: Its serial number.
        subject: As RFC 4514 writes it.
        issuer: As RFC 4514 writes it.
        common_names: Common names of the subject, in the order of the certificate.
        not_before: From when it is valid, UTC.
        not_after: Until when, UTC.
        dns_names: DNS names of the subject alternative name.
        ip_addresses: Addresses of it.
        purposes: OIDs of the extended key usage; None without that extension, which means any.
        key: The public key.
        signature_hash: Name of the hash that was signed; None for algorithms that have none of their own.
        self_issued: Whether subject and issuer are the same name: who signed it is the owner of the key itself.
    """

    thumbprint: str
    serial: int
    subject: str
    issuer: str
    common_names: tuple[str, ...]
    not_before: dt.datetime
    not_after: dt.datetime
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    purposes: tuple[str, ...] | None
    key: Key
    signature_hash: str | None
    self_issued: bool


def parse(der: bytes) -> Certificate:
    """The certificate that DER says. Raises CertificateError."""
    try:
        found = x509.load_der_x509_certificate(der)
        names = _extension(found, x509.SubjectAlternativeName)
        purposes = _extension(found, x509.ExtendedKeyUsage)
        return Certificate(
            thumbprint=thumbprint_of(der),
            serial=found.serial_number,
            subject=found.subject.rfc4514_string(),
            issuer=found.issuer.rfc4514_string(),
            common_names=tuple(_text(one.value) for one in found.subject.get_attributes_for_oid(x509.OID_COMMON_NAME)),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
            ip_addresses=tuple(str(one) for one in names.get_values_for_type(x509.IPAddress)) if names else (),
            purposes=tuple(one.dotted_string for one in purposes) if purposes is not None else None,
            key=_key(found),
            signature_hash=_hash(found),
            self_issued=found.subject == found.issuer,
        )
    except (ValueError, x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType) as error:
        raise CertificateError(f"a certificate cannot be read: {error}") from error


def thumbprint_of(der: bytes | str) -> str:
    """The thumbprint of DER, or of hexadecimal digits of it; "" where they are none."""
    try:
        octets = bytes.fromhex(der) if isinstance(der, str) else der
    except ValueError:
        return ""
    return hashlib.sha1(octets, usedforsecurity=False).hexdigest().upper()


def from_hex(text: str) -> Certificate:
    """The certificate that hexadecimal digits of its DER say. Raises CertificateError."""
    try:
        der = bytes.fromhex(text)
    except ValueError as error:
        raise CertificateError("a certificate is not given in hexadecimal digits") from error
    return parse(der)


Extension = t.TypeVar("Extension", bound="x509.ExtensionType")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _key(certificate: x509.Certificate) -> Key:
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        return Key("unknown", 0)
    if isinstance(key, rsa.RSAPublicKey):
        return Key("RSA", key.key_size)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Key("EC", key.key_size)
    if isinstance(key, dsa.DSAPublicKey):
        return Key("DSA", key.key_size)
    return Key(type(key).__name__.removeprefix("_").removesuffix("PublicKey"), 0)


def _hash(certificate: x509.Certificate) -> str | None:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return None
    return algorithm.name if algorithm is not None else None
