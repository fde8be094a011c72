# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of a web server for tests, each wrong in the ways that are asked for."""

from __future__ import annotations

import datetime as dt
import functools
import ipaddress
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

NOW = dt.datetime(2026, 11, 21, 19, tzinfo=dt.UTC)
SERVER = "1.3.6.1.5.5.7.3.1"
CLIENT = "1.3.6.1.5.5.7.3.2"
AUTHORITY = "Issuing CA"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@functools.cache
def key(kind: str) -> PrivateKey:
    """A key of a kind, the same for a run: `P-192`, `P-256`, `RSA-1024`, `RSA-2048`."""
    if kind.startswith("RSA-"):
        return rsa.generate_private_key(65537, int(kind[4:]))
    return ec.generate_private_key(ec.SECP256R1() if kind == "P-256" else ec.SECP192R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.OID_COMMON_NAME, common_name)] if common_name else [])


def certificate(
    dns: Sequence[str] = (),
    *,
    common_name: str = "",
    addresses: Sequence[str] = (),
    mail: Sequence[str] = (),
    purposes: Sequence[str] | None = (SERVER,),
    begins: dt.datetime = NOW - dt.timedelta(days=1),
    ends: dt.datetime = NOW + dt.timedelta(days=365),
    issuer: str = AUTHORITY,
    kind: str = "P-256",
    serial: int = 1,
    extensions: Sequence[x509.ExtensionType] = (),
) -> x509.Certificate:
    """A certificate that the key of its issuer did not sign: nobody here checks that."""
    names: list[x509.GeneralName] = [x509.DNSName(one) for one in dns]
    names += [x509.IPAddress(ipaddress.ip_address(one)) for one in addresses]
    names += [x509.RFC822Name(one) for one in mail]
    builder = x509.CertificateBuilder(_name(issuer), _name(common_name), key(kind).public_key(), serial, begins, ends)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if purposes is not None:
        usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in purposes])
        builder = builder.add_extension(usage, critical=False)
    for one in extensions:
        builder = builder.add_extension(one, critical=False)
    return builder.sign(key(kind), hashes.SHA256())


def der(made: x509.Certificate) -> bytes:
    return made.public_bytes(serialization.Encoding.DER)


def pkcs8(kind: str = "P-256") -> bytes:
    private = key(kind)
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
