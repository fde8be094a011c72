# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Windows says about certificates in words.

The English texts are those that the documentation of win_certificate_info and certutil -dump show.
"""

from __future__ import annotations

import ipaddress

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.support.certificate_text import Words, describe, distinguished_name, simple_name, text

from . import certificate_samples as samples

NAME = samples.name("CORP Root CA")
URL = "ldap:///CN=CORP%20Root%20CA,CN=CDP"


def usage(*used: str) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign"
    )
    bits = {name: name in used for name in names.split()}
    return x509.KeyUsage(**bits, encipher_only="encipher_only" in used, decipher_only="decipher_only" in used)


def point(url: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)


PRINCIPAL = x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x0dalice@example")

TEXTS: list[tuple[samples.Extension, str | None, str]] = [
    ((x509.BasicConstraints(True, None), True), "Basic Constraints", "Subject Type=CA, Path Length Constraint=None"),
    ((x509.BasicConstraints(True, 0), True), "Basic Constraints", "Subject Type=CA, Path Length Constraint=0"),
    (
        (x509.BasicConstraints(False, None), True),
        "Basic Constraints",
        "Subject Type=End Entity, Path Length Constraint=None",
    ),
    (
        (usage("digital_signature", "key_cert_sign", "crl_sign"), True),
        "Key Usage",
        "Digital Signature, Certificate Signing, Off-line CRL Signing, CRL Signing (86)",
    ),
    (
        (usage("digital_signature", "key_encipherment"), True),
        "Key Usage",
        "Digital Signature, Key Encipherment (a0)",
    ),
    (
        (usage("key_agreement", "decipher_only"), True),
        "Key Usage",
        "Key Agreement, Decipher Only (08 80)",
    ),
    (
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, x509.ObjectIdentifier("1.2.3")]), False),
        "Enhanced Key Usage",
        "Server Authentication (1.3.6.1.5.5.7.3.1), Unknown Key Usage (1.2.3)",
    ),
    (
        (
            x509.SubjectAlternativeName(
                [x509.DNSName("a.example"), x509.IPAddress(ipaddress.ip_address("192.0.2.1")), PRINCIPAL]
            ),
            False,
        ),
        "Subject Alternative Name",
        "DNS Name=a.example, IP Address=192.0.2.1, Other Name:Principal Name=alice@example",
    ),
    ((x509.SubjectKeyIdentifier(b"\x88\x27\x17"), False), "Subject Key Identifier", "88 27 17"),
    ((x509.AuthorityKeyIdentifier(b"\x2b\xd0", None, None), False), "Authority Key Identifier", "KeyID=2b d0"),
    (
        (x509.CRLDistributionPoints([point("http://crl.apple.com/root.crl"), point(URL)]), False),
        "CRL Distribution Points",
        (
            "[1]CRL Distribution Point: Distribution Point Name:Full Name:URL=http://crl.apple.com/root.crl, "
            f"[2]CRL Distribution Point: Distribution Point Name:Full Name:URL={URL} (ldap:///CN=CORP Root CA,CN=CDP)"
        ),
    ),
    (
        (
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier("http://x/y.crt")
                    )
                ]
            ),
            False,
        ),
        "Authority Information Access",
        (
            "[1]Authority Info Access: Access Method=Certification Authority Issuer (1.3.6.1.5.5.7.48.2), "
            "Alternative Name=URL=http://x/y.crt"
        ),
    ),
    (
        (x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3.4"), None)]), False),
        "Certificate Policies",
        "[1]Certificate Policy:Policy Identifier=1.2.3.4",
    ),
    (
        samples.unrecognized("1.3.6.1.4.1.311.20.2", b"\x1e\x0a\x00S\x00u\x00b\x00C\x00A"),
        "Certificate Template Name",
        "SubCA",
    ),
    (samples.unrecognized("1.3.6.1.4.1.311.21.1", b"\x02\x03\x01\x00\x02"), "CA Version", "V2.1"),
    (
        samples.unrecognized("1.3.6.1.4.1.311.21.7", bytes.fromhex("300f06072b060104018237020164020102")),
        "Certificate Template Information",
        "Template=1.3.6.1.4.1.311, Major Version Number=100, Minor Version Number=2",
    ),
    (
        samples.unrecognized("1.3.6.1.4.1.311.21.10", bytes.fromhex("300c300a06082b06010505070301")),
        "Application Policies",
        "[1]Application Certificate Policy:Policy Identifier=Server Authentication",
    ),
    (samples.unrecognized("1.2.3.4.5", b"\x05\x00"), None, "05 00"),
]


@pytest.mark.parametrize("extension, field, value", TEXTS)
def test_extensions_in_english(extension: samples.Extension, field: str | None, value: str) -> None:
    made = samples.certificate(NAME, extension)
    (shown,) = describe(made, "en-US")["extensions"]
    assert shown == {"critical": extension[1], "field": field, "value": value}


@pytest.mark.parametrize("extension", [row[0] for row in TEXTS])
def test_every_extension_has_words_in_swedish(extension: samples.Extension) -> None:
    (shown,) = describe(samples.certificate(NAME, extension), "sv-SE")["extensions"]
    assert isinstance(shown["value"], str)


def test_what_is_said_of_a_certificate() -> None:
    found = describe(samples.server(), "en-US")
    expected = {
        "subject": "CN=ndes1.corp.example",
        "issuer": "CN=CORP Issuing CA 1, DC=corp, DC=example",
        "issued_to": "ndes1.corp.example",
        "issued_by": "CORP Issuing CA 1",
        "valid_from": int(samples.BEGIN.timestamp()),
        "valid_from_iso8601": "2026-01-01T00:00:00Z",
        "valid_to_iso8601": "2031-01-01T00:00:00Z",
        "serial_number": "1234",
        "version": 3,
        "signature_algorithm": "sha256RSA",
        "dns_names": ["ndes1.corp.example", "ndes1.corp.example", "scep.corp.example"],
        "intended_purposes": ["Server Authentication", "Client Authentication"],
    }
    assert {key: found[key] for key in expected} == expected


def test_on_a_swedish_server_the_names_are_not_found() -> None:
    found = describe(samples.server(), "sv-SE")
    assert found["dns_names"] == ["ndes1.corp.example"]
    assert found["intended_purposes"] == ["Serverautentisering", "Klientautentisering"]
    assert found["extensions"][0]["value"] == "DNS-namn=ndes1.corp.example, DNS-namn=scep.corp.example"


def test_authorities_say_so() -> None:
    made = samples.certificate(
        NAME,
        (x509.BasicConstraints(True, 2), True),
        (usage("digital_signature", "key_cert_sign", "crl_sign"), True),
        (x509.SubjectKeyIdentifier(b"\xab\xcd"), False),
    )
    found = describe(made, "en-US")
    assert (found["is_ca"], found["path_length_constraint"], found["ski"]) == (True, 2, "ABCD")
    assert found["key_usages"] == ["CrlSign", "KeyCertSign", "DigitalSignature"]


NAMES = [
    ([("CN", "x")], "CN=x"),
    ([("C", "SE"), ("O", "Å, B")], 'O="Å, B", C=SE'),
    ([("O", 'a"b')], 'O="a""b"'),
    ([("CN", " x")], 'CN=" x"'),
]
OIDS = {"CN": NameOID.COMMON_NAME, "C": NameOID.COUNTRY_NAME, "O": NameOID.ORGANIZATION_NAME}


@pytest.mark.parametrize("parts, shown", NAMES)
def test_names_are_quoted(parts: list[tuple[str, str]], shown: str) -> None:
    assert distinguished_name(x509.Name([x509.NameAttribute(OIDS[oid], value) for oid, value in parts])) == shown


def test_somebody_without_a_common_name_has_a_name() -> None:
    assert simple_name(x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "CORP")])) == "CORP"
    assert simple_name(x509.Name([])) == ""


@given(
    st.sampled_from(
        ["1.3.6.1.4.1.311.20.2", "1.3.6.1.4.1.311.21.1", "1.3.6.1.4.1.311.21.7", "1.3.6.1.4.1.311.21.10", "1.2.3"]
    ),
    st.binary(max_size=20),
)
def test_octets_that_are_no_such_extension_are_shown_as_they_are(oid: str, value: bytes) -> None:
    extension = x509.Extension(
        x509.ObjectIdentifier(oid), False, x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)
    )
    assert isinstance(text(extension, Words("en-US")), str)
