# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Windows says about a certificate in words: names, purposes and extensions, in the language of the host."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from lab.windows import tables

#: Names of attributes in a distinguished name (CertNameToStr, CERT_X500_NAME_STR).
ATTRIBUTES = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "SERIALNUMBER",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "S",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.42": "G",
    "2.5.4.43": "I",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "E",
}

PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3"
TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2"
CA_VERSION = "1.3.6.1.4.1.311.21.1"
TEMPLATE_INFORMATION = "1.3.6.1.4.1.311.21.7"
APPLICATION_POLICIES = "1.3.6.1.4.1.311.21.10"

#: In what order a certificate's subject is looked through for a name to call it by.
SIMPLE = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME, NameOID.EMAIL_ADDRESS)


def distinguished_name(name: x509.Name) -> str:
    """A name as .NET shows it: the most specific part first."""
    parts = [
        " + ".join(
            f"{ATTRIBUTES.get(each.oid.dotted_string, f'OID.{each.oid.dotted_string}')}={_quoted(each)}" for each in rdn
        )
        for rdn in reversed(list(name.rdns))
    ]
    return ", ".join(parts)


def _quoted(attribute: x509.NameAttribute[Any]) -> str:
    value = attribute.value if isinstance(attribute.value, str) else f"#{attribute.value.hex()}"
    needs = value != value.strip() or not value or any(character in ',+="\n<>#;' for character in value)
    return '"' + value.replace('"', '""') + '"' if needs else value


def simple_name(name: x509.Name) -> str:
    """What GetNameInfo calls somebody; "" if the name is empty."""
    for oid in SIMPLE:
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[-1].value)
    attributes = list(name)
    return str(attributes[-1].value) if attributes else ""


def moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%dT%H:%M:%SZ")


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self._swedish = language == "sv-SE"
        self._data = tables.load("certificates")

    def extension(self, oid: str) -> str | None:
        return self._entry("extensions", oid)

    def purpose(self, oid: str) -> str | None:
        return self._entry("purposes", oid)

    def word(self, key: str) -> str:
        return self._entry("words", key) or key

    def usage(self, value: int) -> list[str]:
        """The set bits as CryptFormatObject writes them, the most significant of the first octet first."""
        usages = sorted(self._data["usages"], key=lambda each: (each["value"] > 255, -each["value"]))
        return [self._chosen(each) for each in usages if value & each["value"]]

    def _entry(self, table: str, key: str) -> str | None:
        entry = self._data[table].get(key)
        return None if entry is None else self._chosen(entry)

    def _chosen(self, entry: dict[str, str]) -> str:
        return entry.get("swedish", entry["name"]) if self._swedish else entry["name"]


def describe(certificate: x509.Certificate, language: str) -> dict[str, Any]:
    """What win_certificate_info returns about a certificate itself."""
    words = Words(language)
    subject, issuer = simple_name(certificate.subject), simple_name(certificate.issuer)
    number = f"{certificate.serial_number:X}"
    info: dict[str, Any] = {
        "subject": distinguished_name(certificate.subject),
        "issuer": distinguished_name(certificate.issuer),
        "valid_from": int(certificate.not_valid_before_utc.timestamp()),
        "valid_from_iso8601": moment(certificate.not_valid_before_utc),
        "valid_to": int(certificate.not_valid_after_utc.timestamp()),
        "valid_to_iso8601": moment(certificate.not_valid_after_utc),
        "serial_number": number.zfill(len(number) + len(number) % 2),
        "version": certificate.version.value + 1,
        "issued_by": issuer,
        "issued_to": subject,
        "signature_algorithm": _signature(certificate),
        "dns_names": [subject],
        "raw": base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode(),
        "public_key": base64.b64encode(_public_key(certificate)).decode(),
        "extensions": [],
    }
    for extension in certificate.extensions:
        oid = extension.oid.dotted_string
        info["extensions"].append(
            {"critical": extension.critical, "field": words.extension(oid), "value": text(extension, words)}
        )
        _details(extension.value, words, info)
    return info


def _details(value: x509.ExtensionType, words: Words, info: dict[str, Any]) -> None:
    if isinstance(value, x509.BasicConstraints):
        info["is_ca"] = value.ca
        info["path_length_constraint"] = value.path_length or 0
    elif isinstance(value, x509.ExtendedKeyUsage):
        info["intended_purposes"] = [words.purpose(each.dotted_string) for each in value]
    elif isinstance(value, x509.KeyUsage):
        bits = _usage(value)
        flags = [each for each in tables.load("certificates")["usages"] if bits & each["value"]]
        info["key_usages"] = [each["flag"] for each in flags] or ["None"]
    elif isinstance(value, x509.SubjectKeyIdentifier):
        info["ski"] = value.digest.hex().upper()
    elif isinstance(value, x509.SubjectAlternativeName):
        # The module looks for the English word, and so finds none on a server of another language.
        names = [_general_name(each, words).split("=") for each in value]
        info["dns_names"] += [parts[1].strip() for parts in names if len(parts) > 1 and parts[0].strip() == "DNS Name"]


def text(extension: x509.Extension[Any], words: Words) -> str:
    """An extension on one line, as AsnEncodedData.Format(false) gives it; hexadecimal for one that has no format."""
    value = extension.value
    if isinstance(value, x509.SubjectKeyIdentifier):
        return value.digest.hex(" ")
    if isinstance(value, x509.BasicConstraints):
        kind = words.word("ca" if value.ca else "end_entity")
        length = words.word("none") if value.path_length is None else value.path_length
        return f"{words.word('subject_type')}={kind}, {words.word('path_length')}={length}"
    if isinstance(value, x509.KeyUsage):
        bits = _usage(value)
        octets = f"{bits & 0xFF:02x}" + (f" {bits >> 8:02x}" if bits >> 8 else "")
        return f"{', '.join(words.usage(bits))} ({octets})"
    if isinstance(value, x509.ExtendedKeyUsage):
        return ", ".join(_named(each.dotted_string, words) for each in value)
    if isinstance(value, x509.SubjectAlternativeName):
        return ", ".join(_general_name(each, words) for each in value)
    if isinstance(value, x509.AuthorityKeyIdentifier) and value.key_identifier is not None:
        return f"{words.word('key_id')}={value.key_identifier.hex(' ')}"
    if isinstance(value, x509.CRLDistributionPoints):
        return ", ".join(_point(number, each, words) for number, each in enumerate(value, 1))
    if isinstance(value, x509.AuthorityInformationAccess):
        return ", ".join(_access(number, each, words) for number, each in enumerate(value, 1))
    if isinstance(value, x509.CertificatePolicies):
        oids = [each.policy_identifier.dotted_string for each in value]
        return _policies(oids, "policy", words)
    data: bytes = value.public_bytes()
    try:
        return _microsoft(extension.oid.dotted_string, data, words) or data.hex(" ")
    except (ValueError, IndexError):
        # What says that it is such an extension and is none is shown as it is.
        return data.hex(" ")


def _microsoft(oid: str, data: bytes, words: Words) -> str | None:
    """Extensions that only a Windows CA writes; None for others. ValueError or IndexError if the octets do not fit."""
    if oid == TEMPLATE_NAME and data[:1] == b"\x1e":
        return _content(data).decode("utf-16-be")
    if oid == CA_VERSION and data[:1] == b"\x02":
        number = int.from_bytes(_content(data), "big")
        return f"V{number & 0xFFFF}.{number >> 16}"
    if oid == TEMPLATE_INFORMATION:
        template, *versions = _elements(_content(data))
        labels = (words.word("major"), words.word("minor"))
        numbers = [f"{label}={int.from_bytes(each, 'big')}" for label, each in zip(labels, versions, strict=False)]
        return ", ".join([f"{words.word('template')}={_oid(template)}", *numbers])
    if oid == APPLICATION_POLICIES:
        oids = [_oid(_elements(each)[0]) for each in _elements(_content(data))]
        return _policies([words.purpose(each) or each for each in oids], "application_policy", words)
    return None


def _policies(names: Iterable[str], kind: str, words: Words) -> str:
    identifier = words.word("policy_identifier")
    return ", ".join(f"[{number}]{words.word(kind)}{identifier}={name}" for number, name in enumerate(names, 1))


def _named(oid: str, words: Words) -> str:
    name = words.purpose(oid)
    return f"{words.word('unknown_usage') if name is None else name} ({oid})"


def _point(number: int, point: x509.DistributionPoint, words: Words) -> str:
    names = ", ".join(_general_name(each, words, decoded=True) for each in point.full_name or ())
    return f"[{number}]{words.word('crl_point')}: {words.word('point_name')}{words.word('full_name')}{names}"


def _access(number: int, access: x509.AccessDescription, words: Words) -> str:
    oid = access.access_method
    known = {AuthorityInformationAccessOID.CA_ISSUERS: "ca_issuer", AuthorityInformationAccessOID.OCSP: "ocsp"}
    method = words.word(known[oid]) if oid in known else oid.dotted_string
    name = _general_name(access.access_location, words, decoded=True)
    return (
        f"[{number}]{words.word('information_access')}: {words.word('access_method')}={method} "
        f"({oid.dotted_string}), {words.word('alternative_name')}={name}"
    )


def _general_name(name: x509.GeneralName, words: Words, *, decoded: bool = False) -> str:
    if isinstance(name, x509.DNSName):
        return f"{words.word('dns_name')}={name.value}"
    if isinstance(name, x509.RFC822Name):
        return f"{words.word('mail')}={name.value}"
    if isinstance(name, x509.UniformResourceIdentifier):
        plain = unquote(name.value)
        also = f" ({plain})" if decoded and plain != name.value else ""
        return f"{words.word('url')}={name.value}{also}"
    if isinstance(name, x509.IPAddress):
        return f"{words.word('address')}={name.value}"
    if isinstance(name, x509.DirectoryName):
        return f"{words.word('directory')}{distinguished_name(name.value)}"
    if isinstance(name, x509.RegisteredID):
        return f"{words.word('registered')}={name.value.dotted_string}"
    if isinstance(name, x509.OtherName):
        if name.type_id.dotted_string == PRINCIPAL_NAME:
            principal = _content(name.value).decode(errors="replace")
            return f"{words.word('other_name')}{words.word('principal_name')}={principal}"
        return f"{words.word('other_name')}{name.type_id.dotted_string}={name.value.hex(' ')}"
    raise TypeError(f"no general name: {name!r}")


def _usage(value: x509.KeyUsage) -> int:
    """The bits as .NET has them in X509KeyUsageFlags."""
    bits = 0
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    ).split()
    for position, name in enumerate(names):
        bits |= getattr(value, name) << (7 - position)
    if value.key_agreement:
        bits |= value.encipher_only | value.decipher_only << 15
    return bits


def _signature(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid.dotted_string
    name: str = tables.load("certificates")["signatures"].get(oid, oid)
    return name


def _public_key(certificate: x509.Certificate) -> bytes:
    """The octets of the bit string in SubjectPublicKeyInfo."""
    information = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _elements(_content(information))[1][1:]


# As much of DER as is needed


def _elements(data: bytes) -> list[bytes]:
    """The contents of elements that follow each other."""
    found = []
    while data:
        content, data = _split(data)
        found.append(content)
    return found


def _content(data: bytes) -> bytes:
    return _split(data)[0]


def _split(data: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it. ValueError where the octets end too early."""
    if len(data) < 2:
        raise ValueError("an element of DER is cut off")
    start, length = 2, data[1]
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise ValueError("an element of DER is cut off")
    return data[start : start + length], data[start + length :]


def _oid(content: bytes) -> str:
    numbers, value = [], 0
    for octet in content:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))
