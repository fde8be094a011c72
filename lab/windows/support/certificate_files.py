# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files with certificates and keys: read as X509Certificate2Collection.Import does, written as Export does."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs7, pkcs12

#: Rounds and ciphers with which Windows protects a PFX unless it is told otherwise.
PFX_ROUNDS = 2000

BEGIN_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
BEGIN_PKCS7 = b"-----BEGIN PKCS7-----"


class CryptographicError(Exception):
    """CryptographicException of .NET, with the text of Windows for its code."""

    WRONG_PASSWORD = "The specified network password is not correct.\r\n"
    NOTHING_FOUND = "Cannot find the requested object.\r\n"
    BAD_STATE = "Key not valid for use in specified state.\r\n"


@dataclass(frozen=True)
class Loaded:
    """A certificate out of a file: DER, its key as PKCS #8 DER if the file has it, its friendly name."""

    der: bytes
    pkcs8: bytes | None = field(default=None, repr=False)
    friendly_name: str = ""


def load(content: bytes, password: str | None) -> list[Loaded]:
    """The certificates of a file: DER, PEM (the first one), base64 alone, PKCS #7 in either form, or PKCS #12.

    The order of those of a PKCS #12 file, the one with the key first, was not verified on Windows.

    Raises:
        CryptographicError: The password is wrong, or there is no certificate.
    """
    if _is_pfx(content):
        return _pfx(content, password)
    try:
        text = content.strip()
        if text.startswith(BEGIN_PKCS7):
            return [_loaded(each) for each in pkcs7.load_pem_pkcs7_certificates(text)]
        if text.startswith(BEGIN_CERTIFICATE):
            return [_loaded(x509.load_pem_x509_certificate(text))]
        return _binary(content if content[:1] == b"\x30" else base64.b64decode(text, validate=True))
    except (ValueError, TypeError, binascii.Error, UnsupportedAlgorithm) as error:
        raise CryptographicError(CryptographicError.NOTHING_FOUND) from error


def file_type(content: bytes, name: str, password: str | None) -> str:
    """What win_certificate_store takes a file for: der, pem, pkcs12, pkcs7-ascii, pkcs7-binary."""
    try:
        found = load(content, password)
    except CryptographicError:
        # The module takes every file that cannot be read for a PKCS #12 whose password is another.
        return "pkcs12"
    if content.startswith(BEGIN_CERTIFICATE):
        return "pem"
    if content.startswith(BEGIN_PKCS7):
        return "pkcs7-ascii"
    if len(found) > 1:
        return "pkcs7-binary"
    return "pkcs12" if found[0].pkcs8 is not None or name.endswith((".pfx", ".p12")) else "der"


def pem(der: bytes) -> bytes:
    """A certificate as win_certificate_store writes it: lines of 76 characters, no end of line after the last."""
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 76] for start in range(0, len(text), 76)]
    return "\r\n".join([BEGIN_CERTIFICATE.decode(), *lines, "-----END CERTIFICATE-----"]).encode()


def pfx(der: bytes, pkcs8: bytes | None, password: str | None, friendly_name: str = "") -> bytes:
    """A certificate, with its key if there is one, as PKCS #12."""
    # Without a key the library writes the certificate as one of a chain only.
    certificate = x509.load_der_x509_certificate(der)
    key = None if pkcs8 is None else serialization.load_der_private_key(pkcs8, None)
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        protection = (
            PrivateFormat.PKCS12.encryption_builder()
            .kdf_rounds(PFX_ROUNDS)
            .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
            .hmac_hash(hashes.SHA1())
            .build(password.encode())
        )
    name = friendly_name.encode() or None
    return pkcs12.serialize_key_and_certificates(name, key, certificate, None, protection)  # type: ignore[arg-type]


def _is_pfx(content: bytes) -> bool:
    """Whether octets begin as a PFX does: a sequence whose first element is the version 3 (RFC 7292 4)."""
    if content[:1] != b"\x30" or len(content) < 8:
        return False
    start = 2 if content[1] < 0x80 or content[1] == 0x80 else 2 + (content[1] & 0x7F)
    return content[start : start + 3] == b"\x02\x01\x03"


def _pfx(content: bytes, password: str | None) -> list[Loaded]:
    found = None
    for candidate in dict.fromkeys([password, "" if password is None else password, password or None]):
        try:
            found = pkcs12.load_pkcs12(content, None if candidate is None else candidate.encode())
            break
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
    if found is None:
        raise CryptographicError(CryptographicError.WRONG_PASSWORD)
    key = None
    if found.key is not None:
        key = found.key.private_bytes(serialization.Encoding.DER, PrivateFormat.PKCS8, serialization.NoEncryption())
    loaded = [] if found.cert is None else [_loaded(found.cert.certificate, key, found.cert.friendly_name)]
    return loaded + [_loaded(each.certificate, None, each.friendly_name) for each in found.additional_certs]


def _binary(content: bytes) -> list[Loaded]:
    try:
        return [_loaded(x509.load_der_x509_certificate(content))]
    except ValueError:
        return [_loaded(each) for each in pkcs7.load_der_pkcs7_certificates(content)]


def _loaded(certificate: x509.Certificate, pkcs8: bytes | None = None, name: bytes | None = None) -> Loaded:
    friendly = "" if name is None else name.decode(errors="replace")
    return Loaded(certificate.public_bytes(serialization.Encoding.DER), pkcs8, friendly)
