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

from . import template

#: Why the library is not there; None when it is.
CRYPTOGRAPHY_IMPORT_ERROR: str | None = None
try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()


COMMON_NAME = "2.5.4.3"
DIGITAL_SIGNATURE, KEY_ENCIPHERMENT = "digitalSignature", "keyEncipherment"

#: Names of key usages, and those of the library. Two more than these mean something with keyAgreement alone.
USAGES: t.Final[t.Mapping[str, str]] = {
    DIGITAL_SIGNATURE: "digital_signature",
    "nonRepudiation": "content_commitment",
    KEY_ENCIPHERMENT: "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}


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
        attributes: OIDs and values of the subject, in the order of the certificate.
        issuer_attributes: Those of the issuer.
        not_before: From when it is valid, UTC.
        not_after: Until when, UTC.
        dns_names: DNS names of the subject alternative name.
        ip_addresses: Addresses of it.
        usages: Names of the key usage that RFC 5280 4.2.1.3 gives them; None without that extension, which means any.
        purposes: OIDs of the extended key usage; None without that extension, which means any.
        template_name: The template of version 1 that an authority of Windows used; None where it does not say so.
        template_oid: The template of a later version.
        key: The public key.
        signature_hash: Name of the hash that was signed; None for algorithms that have none of their own.
        self_issued: Whether subject and issuer are the same name: who signed it is the owner of the key itself.
    """

    thumbprint: str
    serial: int
    subject: str
    issuer: str
    attributes: tuple[tuple[str, str], ...]
    issuer_attributes: tuple[tuple[str, str], ...]
    not_before: dt.datetime
    not_after: dt.datetime
    dns_names: tuple[str, ...]
    ip_addresses: tuple[str, ...]
    usages: frozenset[str] | None
    purposes: tuple[str, ...] | None
    template_name: str | None
    template_oid: str | None
    key: Key
    signature_hash: str | None
    self_issued: bool

    @property
    def common_names(self) -> tuple[str, ...]:
        """Common names of the subject, in the order of the certificate."""
        return tuple(value for oid, value in self.attributes if oid == COMMON_NAME)

    @property
    def issuer_common_name(self) -> str:
        """The issuer's first common name, by which an authority is known; "" where it has none."""
        return next((value for oid, value in self.issuer_attributes if oid == COMMON_NAME), "")


#: What the library raises for what is no certificate, or an odd one.
_BROKEN: tuple[type[Exception], ...] = (ValueError, TypeError)
if CRYPTOGRAPHY_IMPORT_ERROR is None:
    _BROKEN += (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType)


def parse(der: bytes) -> Certificate:
    """The certificate that DER says. Raises CertificateError."""
    try:
        found = x509.load_der_x509_certificate(der)
        names = _extension(found, x509.SubjectAlternativeName)
        usage, purposes = _extension(found, x509.KeyUsage), _extension(found, x509.ExtendedKeyUsage)
        return Certificate(
            thumbprint=thumbprint_of(der),
            serial=found.serial_number,
            subject=found.subject.rfc4514_string(),
            issuer=found.issuer.rfc4514_string(),
            attributes=_attributes(found.subject),
            issuer_attributes=_attributes(found.issuer),
            not_before=found.not_valid_before_utc,
            not_after=found.not_valid_after_utc,
            dns_names=tuple(names.get_values_for_type(x509.DNSName)) if names else (),
            ip_addresses=tuple(str(one) for one in names.get_values_for_type(x509.IPAddress)) if names else (),
            usages=frozenset(name for name, field in USAGES.items() if getattr(usage, field)) if usage else None,
            purposes=tuple(one.dotted_string for one in purposes) if purposes is not None else None,
            template_name=template.name_of(found),
            template_oid=template.oid_of(found),
            key=_key(found),
            signature_hash=_hash(found),
            self_issued=found.subject == found.issuer,
        )
    except _BROKEN as error:
        raise CertificateError(f"a certificate cannot be read: {error}") from error


def thumbprint_of(der: bytes) -> str:
    """The thumbprint of DER."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


Extension = t.TypeVar("Extension", bound="x509.ExtensionType")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _attributes(name: x509.Name) -> tuple[tuple[str, str], ...]:
    return tuple((one.oid.dotted_string, _text(one.value)) for one in name)


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
