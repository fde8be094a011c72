# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two-tier PKI of the lab: an offline root, the enterprise issuing CA below it, certificates for all hosts.

Keys lie beside the certificates (NAME.key, mode 0600): the lab is where such keys may lie about, and later parts of it
issue with them.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from . import estate
from .layout import Layout, write

BITS = 2048
DAY = datetime.timedelta(days=1)

# What a Windows CA puts into CA certificates (MS-WCCE 2.2.2.7).
CA_VERSION = ObjectIdentifier("1.3.6.1.4.1.311.21.1")
TEMPLATE_NAME = ObjectIdentifier("1.3.6.1.4.1.311.20.2")
DER_INTEGER_ZERO = b"\x02\x01\x00"

SMART_CARD_LOGON = ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
KDC_AUTHENTICATION = ObjectIdentifier("1.3.6.1.5.2.3.5")


PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey


@dataclass(frozen=True)
class Published:
    """What the directory holds of the PKI, all DER."""

    root_certificate: bytes
    root_crl: bytes
    issuing_certificate: bytes
    issuing_crl: bytes


def make(layout: Layout) -> Published:
    """Make the whole PKI below DIR/ca."""
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    names = [estate.ROOT_CA, estate.ISSUING_CA, *(host.name for host in estate.DOMAIN_CONTROLLERS)]
    with ThreadPoolExecutor(2) as pool:
        keys = dict(zip(names, pool.map(_new_key, names), strict=True))

    root = _root(keys[estate.ROOT_CA], now)
    issuing = _issuing(keys[estate.ISSUING_CA], root, now)
    root_crl, issuing_crl = (_crl(ca, now) for ca in (root, issuing))
    layout.certificates.mkdir(mode=0o700, exist_ok=True)
    _save(layout.certificates, "root", root, [])
    _save(layout.certificates, "issuing", issuing, [])
    for host in estate.DOMAIN_CONTROLLERS:
        _save(layout.certificates, host.name, _domain_controller(host, keys[host.name], issuing, now), [issuing])
    for host in layout.members():
        # Not RSA: a hundred keys are made in the time of one.
        _save(
            layout.certificates,
            host.name,
            _member(host, ec.generate_private_key(ec.SECP256R1()), issuing, now),
            [issuing],
        )
    return Published(_der(root.certificate), root_crl, _der(issuing.certificate), issuing_crl)


def _new_key(_name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, BITS)


def _name(common_name: str) -> x509.Name:
    """`CN=...,DC=corp,DC=example`, the most significant part first, as it is encoded."""
    labels = [x509.NameAttribute(NameOID.DOMAIN_COMPONENT, label) for label in reversed(estate.DNS_DOMAIN.split("."))]
    return x509.Name([*labels, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _root(key: PrivateKey, now: datetime.datetime) -> Identity:
    name = _name(estate.ROOT_CA)
    builder = _builder(name, name, key, now - DAY, now + 3650 * DAY)
    builder = _as_ca(builder, path_length=None)
    builder = builder.add_extension(x509.UnrecognizedExtension(CA_VERSION, DER_INTEGER_ZERO), critical=False)
    return Identity(builder.sign(key, hashes.SHA256()), key)


def _issuing(key: PrivateKey, root: Identity, now: datetime.datetime) -> Identity:
    builder = _builder(_name(estate.ISSUING_CA), root.certificate.subject, key, now - DAY, now + 1825 * DAY)
    builder = _as_ca(builder, path_length=0)
    builder = with_points(builder, root.certificate, estate.ROOT_CA, estate.ROOT_CA_HOST)
    builder = builder.add_extension(x509.UnrecognizedExtension(CA_VERSION, DER_INTEGER_ZERO), critical=False)
    bmp = "SubCA".encode("utf-16-be")
    builder = builder.add_extension(
        x509.UnrecognizedExtension(TEMPLATE_NAME, bytes([0x1E, len(bmp)]) + bmp), critical=False
    )
    return Identity(builder.sign(root.key, hashes.SHA256()), key)


def _domain_controller(host: estate.Host, key: PrivateKey, issuing: Identity, now: datetime.datetime) -> Identity:
    """What the template Kerberos Authentication gives: the names of host and domain, four purposes."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host.fqdn)])
    builder = _builder(subject, issuing.certificate.subject, key, now - DAY, now + 365 * DAY)
    names = [x509.DNSName(name) for name in (host.fqdn, estate.DNS_DOMAIN, estate.NETBIOS_DOMAIN)]
    purposes = [
        ExtendedKeyUsageOID.CLIENT_AUTH,
        ExtendedKeyUsageOID.SERVER_AUTH,
        SMART_CARD_LOGON,
        KDC_AUTHENTICATION,
    ]
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, key_encipherment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    builder = with_points(builder, issuing.certificate, estate.ISSUING_CA, estate.CA_HOST.name)
    return Identity(builder.sign(issuing.key, hashes.SHA256()), key)


def _member(host: estate.Host, key: PrivateKey, issuing: Identity, now: datetime.datetime) -> Identity:
    """What the template Computer gives, for the listener of WinRM: client and server authentication."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host.fqdn)])
    builder = _builder(subject, issuing.certificate.subject, key, now - DAY, now + 365 * DAY)
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, key_encipherment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host.fqdn)]), critical=False)
    )
    builder = with_points(builder, issuing.certificate, estate.ISSUING_CA, estate.CA_HOST.name)
    return Identity(builder.sign(issuing.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    not_before: datetime.datetime,
    not_after: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _as_ca(builder: x509.CertificateBuilder, path_length: int | None) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True).add_extension(
        _key_usage(digital_signature=True, key_cert_sign=True, crl_sign=True), critical=True
    )


def _key_usage(**used: bool) -> x509.KeyUsage:
    bits = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{bit: used.get(bit, False) for bit in bits})


def with_points(
    builder: x509.CertificateBuilder, issuer: x509.Certificate, name: str, host: str
) -> x509.CertificateBuilder:
    """Say where the issuer's certificate and CRL are, in the directory as a Windows CA says it by default.

    Args:
        builder: Of the certificate.
        issuer: The certificate of the CA.
        name: The CA's name in the directory.
        host: The short name of the CA's host.
    """
    crl = f"ldap:///CN={name},CN={host},CN=CDP,{estate.PUBLIC_KEY_SERVICES}?certificateRevocationList?base"
    crl += "?objectClass=cRLDistributionPoint"
    certificate = (
        f"ldap:///CN={name},CN=AIA,{estate.PUBLIC_KEY_SERVICES}?cACertificate?base?objectClass=certificationAuthority"
    )
    crl, certificate = (url.replace(" ", "%20") for url in (crl, certificate))
    identifier = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return (
        builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False
        )
        .add_extension(
            x509.CRLDistributionPoints(
                [x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)]
            ),
            critical=False,
        )
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(certificate)
                    )
                ]
            ),
            critical=False,
        )
    )


def _crl(issuer: Identity, now: datetime.datetime) -> bytes:
    identifier = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - DAY)
        .next_update(now + 365 * DAY)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
        .sign(issuer.key, hashes.SHA256())
    )
    return crl.public_bytes(serialization.Encoding.DER)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _save(directory: Path, name: str, identity: Identity, chain: Sequence[Identity]) -> None:
    """Write NAME.pem, the certificate and what follows it up to the root, and NAME.key."""
    certificates = [identity.certificate, *(issuer.certificate for issuer in chain)]
    pem = b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)
    key = identity.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    write(directory / f"{name}.pem", pem)
    write(directory / f"{name}.key", key, 0o600)
