# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of templates: their extensions, how long they last, and what is refused."""

from __future__ import annotations

import datetime
import struct

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from lab.authority import Refused, Request, issue, templates
from lab.authority.directory import Attributes
from lab.authority.facts import facts
from lab.authority.issuing import bmp_string, key_usage
from lab.windows.not_modelled import NotModelled
from tests.unit.lab.authority.fake_forest import ENTERPRISE_ADMINS, NOW, issuer, may_enrol, name, template

KEY = rsa.generate_private_key(65537, 2048)
REQUEST = Request(KEY.public_key(), name("NDES1-MSCEP-RA"))
WHO = {ENTERPRISE_ADMINS}


def made(common_name: str = "EnrollmentAgentOffline", **changed: list[bytes]) -> templates.Template:
    attributes: Attributes = template(common_name, may_enrol(ENTERPRISE_ADMINS))
    return templates.read({**attributes, **{key.replace("_", "-"): values for key, values in changed.items()}})


def extension(certificate: x509.Certificate, oid: str) -> x509.Extension[x509.ExtensionType]:
    return certificate.extensions.get_extension_for_oid(ObjectIdentifier(oid))


def raw(certificate: x509.Certificate, oid: str) -> bytes:
    value = extension(certificate, oid).value
    assert isinstance(value, x509.UnrecognizedExtension)
    return value.value


def test_a_template_of_version_1() -> None:
    certificate = issue(issuer(), made(), WHO, REQUEST, NOW)
    certificate.verify_directly_issued_by(issuer().certificate)
    assert certificate.subject == REQUEST.subject
    assert certificate.public_key() == KEY.public_key()
    assert certificate.not_valid_before_utc == NOW - datetime.timedelta(minutes=10)
    assert certificate.not_valid_after_utc == certificate.not_valid_before_utc + datetime.timedelta(days=730)
    usage = extension(certificate, "2.5.29.15")
    assert usage.critical
    assert usage.value == key_usage(b"\x80\x00")
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert not purposes.critical
    assert [one.dotted_string for one in purposes.value] == ["1.3.6.1.4.1.311.20.2.1"]
    name_of_template = raw(certificate, "1.3.6.1.4.1.311.20.2")
    assert name_of_template == bytes([0x1E, 44]) + "EnrollmentAgentOffline".encode("utf-16-be")
    with pytest.raises(x509.ExtensionNotFound):
        extension(certificate, "1.3.6.1.4.1.311.21.7")
    points = certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS)
    assert isinstance(points.value, x509.CRLDistributionPoints)


def test_a_template_of_version_2() -> None:
    newer = made(
        mspki_template_schema_version=[b"2"],
        mspki_cert_template_oid=[b"1.3.6.1.4.1.311.21.8.16777215.1"],
        revision=[b"100"],
        mspki_template_minor_revision=[b"300"],
        mspki_certificate_application_policy=[b"1.3.6.1.5.5.7.3.2"],
    )
    certificate = issue(issuer(), newer, WHO, REQUEST, NOW)
    information = certificate.extensions.get_extension_for_class(x509.MSCertificateTemplate).value
    assert information == x509.MSCertificateTemplate(ObjectIdentifier("1.3.6.1.4.1.311.21.8.16777215.1"), 100, 300)
    policies = raw(certificate, "1.3.6.1.4.1.311.21.10")
    assert policies.hex() == "300c300a06082b06010505070302"
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in purposes] == ["1.3.6.1.5.5.7.3.2"]
    with pytest.raises(x509.ExtensionNotFound):
        extension(certificate, "1.3.6.1.4.1.311.20.2")


def test_alternative_names_of_the_request() -> None:
    request = Request(KEY.public_key(), name("x"), [x509.DNSName("ndes1.corp.example")])
    certificate = issue(issuer(), made("WebServer"), WHO, request, NOW)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["ndes1.corp.example"]


@pytest.mark.parametrize("count, head", [(1, "1e02"), (63, "1e7e"), (64, "1e8180")])
def test_names_of_templates(count: int, head: str) -> None:
    assert bmp_string("a" * count).hex() == head + "0061" * count


def test_serial_numbers_are_random() -> None:
    numbers = {issue(issuer(), made(), WHO, REQUEST, NOW).serial_number for _ in range(8)}
    assert len(numbers) == 8
    assert min(numbers).bit_length() > 64


def test_no_certificate_outlives_the_ca() -> None:
    late = issuer().certificate.not_valid_after_utc - datetime.timedelta(days=3)
    certificate = issue(issuer(), made(), WHO, REQUEST, late)
    assert certificate.not_valid_after_utc == issuer().certificate.not_valid_after_utc


def test_no_certificate_lasts_longer_than_the_ca_lets_it() -> None:
    ten_years = struct.pack("<q", -3650 * 24 * 3600 * 10_000_000)
    certificate = issue(issuer(), made(pkiexpirationperiod=[ten_years]), WHO, REQUEST, NOW)
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts == datetime.timedelta(days=facts()["longest_days"])


@pytest.mark.parametrize(
    "who, bits, hresult",
    [({"S-1-5-11"}, 2048, 0x80094012), (WHO, 1024, 0x80094811)],
)
def test_refusals(who: set[str], bits: int, hresult: int) -> None:
    request = Request(rsa.generate_private_key(65537, bits).public_key(), name("x"))
    with pytest.raises(Refused) as refused:
        issue(issuer(), made(), who, request, NOW)
    assert refused.value.hresult == hresult
    assert refused.value.text("en-US").endswith(".")
    assert refused.value.text("sv-SE") != refused.value.text("en-US")


@pytest.mark.parametrize(
    "common_name, changed, said",
    [
        ("Machine", {}, "names"),
        ("EnrollmentAgentOffline", {"mspki_ra_signature": [b"1"]}, "registration authorities must sign"),
        ("EnrollmentAgentOffline", {"mspki_enrollment_flag": [b"2"]}, "waits for a manager"),
        ("EnrollmentAgentOffline", {"pkicriticalextensions": [b"2.5.29.15", b"2.5.29.19"]}, "one of a CA"),
    ],
)
def test_what_this_ca_cannot_do(common_name: str, changed: dict[str, list[bytes]], said: str) -> None:
    with pytest.raises(NotModelled, match=said):
        issue(issuer(), made(common_name, **changed), WHO, REQUEST, NOW)


@pytest.mark.parametrize(
    "octets, used",
    [
        (b"\x80\x00", {"digital_signature"}),
        (b"\x20\x00", {"key_encipherment"}),
        (b"\xa0\x00", {"digital_signature", "key_encipherment"}),
        (b"\x06", {"key_cert_sign", "crl_sign"}),
        (b"\x08\x80", {"key_agreement", "decipher_only"}),
        (b"\x00\x80", set()),
    ],
)
def test_key_usage(octets: bytes, used: set[str]) -> None:
    found = key_usage(octets)
    bits = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    said = {bit for bit in (*bits, "key_cert_sign", "crl_sign") if getattr(found, bit)}
    if found.key_agreement:
        said |= {bit for bit in ("encipher_only", "decipher_only") if getattr(found, bit)}
    assert said == used
