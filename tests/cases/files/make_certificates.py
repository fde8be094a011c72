# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the certificates that the cases of the certificate modules put on a host, and print their thumbprints.

    .venv/bin/python tests/cases/files/make_certificates.py

The keys are new each time: the thumbprints in the cases must be replaced then.
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

FOLDER = Path(__file__).parent
BEGIN = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
END = datetime.datetime(2036, 1, 1, tzinfo=datetime.UTC)
PASSWORD = b"secret"


def server() -> None:
    """server.pfx (key and certificate), server.cer (DER) and server.pem of one certificate."""
    # Small, so that the files are: the key protects nothing.
    key = rsa.generate_private_key(65537, 1024)
    names = x509.SubjectAlternativeName([x509.DNSName("case.corp.example")])
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    certificate = signed("case.corp.example", key, (names, False), (purposes, False))
    encryption = serialization.BestAvailableEncryption(PASSWORD)
    pfx = pkcs12.serialize_key_and_certificates(b"Case", key, certificate, None, encryption)
    (FOLDER / "server.pfx").write_bytes(pfx)
    (FOLDER / "server.cer").write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    (FOLDER / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    tell("server", certificate)


def authority() -> None:
    """authority.cer, a CA without key, and bundle.p7b with it and the server's certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    constraints = x509.BasicConstraints(ca=True, path_length=None)
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = signed("Case CA", key, (constraints, True), (usage, True), (identifier, False))
    (FOLDER / "authority.cer").write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    other = x509.load_der_x509_certificate((FOLDER / "server.cer").read_bytes())
    bundle = pkcs7.serialize_certificates([certificate, other], serialization.Encoding.DER)
    (FOLDER / "bundle.p7b").write_bytes(bundle)
    tell("authority", certificate)


def signed(
    common_name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *extensions: tuple[x509.ExtensionType, bool]
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(0x0A0B0C).not_valid_before(BEGIN).not_valid_after(END)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(key, hashes.SHA256())


def tell(name: str, certificate: x509.Certificate) -> None:
    sys.stdout.write(f"{name}: {certificate.fingerprint(hashes.SHA1()).hex().upper()}\n")


if __name__ == "__main__":
    server()
    authority()
