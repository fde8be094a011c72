# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as values, their thumbprints, and what is wrong with one for a server."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.certificates import certificate, server, thumbprint
from ansible_collections.certops.intune.plugins.module_utils.certificates.certificate import CertificateError, Key
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.plugins.module_utils.certificates import made

DIGITS = "0123456789ABCDEF0123456789ABCDEF01234567"


def test_what_a_certificate_says() -> None:
    whole = made.certificate(
        ["a.example", "*.b.example"], common_name="A, B", addresses=["192.0.2.1", "2001:db8::1"], serial=4711
    )
    der = made.der(whole)
    assert dataclasses.asdict(certificate.parse(der)) == {
        "thumbprint": hashlib.sha1(der, usedforsecurity=False).hexdigest().upper(),
        "serial": 4711,
        "subject": "CN=A\\, B",
        "issuer": "CN=Issuing CA",
        "attributes": (("2.5.4.3", "A, B"),),
        "issuer_attributes": (("2.5.4.3", "Issuing CA"),),
        "not_before": made.NOW - dt.timedelta(days=1),
        "not_after": made.NOW + dt.timedelta(days=365),
        "dns_names": ("a.example", "*.b.example"),
        "ip_addresses": ("192.0.2.1", "2001:db8::1"),
        "usages": None,
        "purposes": (made.SERVER,),
        "template_name": None,
        "template_oid": None,
        "key": {"algorithm": "EC", "bits": 256},
        "signature_hash": "sha256",
        "self_issued": False,
    }


def test_a_certificate_that_says_little() -> None:
    found = certificate.parse(made.der(made.certificate(purposes=None, kind="RSA-2048")))
    assert (found.subject, found.common_names, found.dns_names, found.ip_addresses) == ("", (), (), ())
    assert (found.purposes, found.key) == (None, Key("RSA", 2048))


@pytest.mark.parametrize("text", ["", "30", "3003020100", "00" * 200])
def test_what_is_no_certificate(text: str) -> None:
    with pytest.raises(CertificateError):
        certificate.parse(bytes.fromhex(text))


@given(st.binary(max_size=64), st.integers(0, 400))
def test_any_octets_are_a_certificate_or_none(octets: bytes, at: int) -> None:
    whole = made.der(made.certificate(["a.example"], common_name="a"))
    broken = whole[:at] + octets + whole[at + len(octets) :]
    try:
        found = certificate.parse(broken)
    except CertificateError:
        return
    assert found.thumbprint == hashlib.sha1(broken, usedforsecurity=False).hexdigest().upper()


@pytest.mark.parametrize("text", [
    DIGITS, DIGITS.lower(), "\u200e" + DIGITS, " ".join(DIGITS[at : at + 2] for at in range(0, 40, 2)),
    ":".join(DIGITS[at : at + 2] for at in range(0, 40, 2)), f"\t{DIGITS}\r\n", f"{DIGITS}\u200f", f"\ufeff{DIGITS}",
    DIGITS[:20] + "\u00a0" + DIGITS[20:],
])  # fmt: skip
def test_thumbprints_as_people_write_them(text: str) -> None:
    assert thumbprint.normal(text) == DIGITS


@pytest.mark.parametrize(
    "text", ["", " ", DIGITS[1:], DIGITS + "0", "G" + DIGITS[1:], "0x" + DIGITS[2:], "\uff10" * 40]
)
def test_what_is_no_thumbprint(text: str) -> None:
    with pytest.raises(ValueError, match="is no thumbprint, which has 40 hexadecimal digits"):
        thumbprint.normal(text)


@given(st.text())
def test_any_text_is_a_thumbprint_or_none(text: str) -> None:
    try:
        found = thumbprint.normal(text)
    except ValueError:
        return
    assert thumbprint.normal(found) == found


def wrong(**given: Any) -> list[str]:
    """Ids of what is wrong with a certificate for a.example."""
    changes = given.pop("replace", {})
    key = given.pop("private_key", True)
    hosts, now = given.pop("host_names", ["a.example"]), given.pop("now", made.NOW)
    found = certificate.parse(made.der(made.certificate(**{"dns": ["a.example"], **given})))
    found = dataclasses.replace(found, **changes)
    return [one.id for one in server.findings(found, private_key=key, host_names=hosts, now=now)]


@pytest.mark.parametrize(("given_", "ids"), [
    ({}, []),
    ({"private_key": False}, ["missing_private_key"]),
    ({"purposes": [made.CLIENT]}, ["wrong_purpose"]),
    ({"purposes": [made.CLIENT, made.SERVER]}, []),
    ({"purposes": ["2.5.29.37.0"]}, []),
    ({"purposes": None}, []),
    ({"now": made.NOW - dt.timedelta(days=1)}, []),
    ({"now": made.NOW - dt.timedelta(days=1, seconds=1)}, ["not_yet_valid"]),
    ({"now": made.NOW + dt.timedelta(days=365)}, []),
    ({"now": made.NOW + dt.timedelta(days=365, seconds=1)}, ["expired"]),
    ({"host_names": []}, []),
    ({"host_names": ["a.example", "b.example"]}, ["name_mismatch"]),
    ({"dns": []}, ["name_mismatch"]),
    ({"common_name": made.AUTHORITY}, ["self_signed"]),
    ({"kind": "RSA-2048"}, []),
    ({"kind": "RSA-1024"}, ["weak_key"]),
    ({"kind": "P-192"}, ["weak_key"]),
    ({"replace": {"key": Key("Ed25519", 0)}}, ["weak_key"]),
    ({"replace": {"signature_hash": "sha1"}}, ["weak_signature"]),
    ({"replace": {"signature_hash": None}}, []),
    ({"private_key": False, "purposes": [made.CLIENT], "dns": ["x.example"]},
     ["missing_private_key", "wrong_purpose", "name_mismatch"]),
])  # fmt: skip
def test_what_is_wrong_with_a_certificate(given_: dict[str, Any], ids: list[str]) -> None:
    assert wrong(**given_) == ids


def test_the_evidence_names_what_was_found() -> None:
    found = certificate.parse(made.der(made.certificate(["*.a.example"], addresses=["192.0.2.1"])))
    [finding] = server.findings(found, private_key=True, host_names=["b.example", "x.a.example"], now=made.NOW)
    assert finding.evidence == "it is for *.a.example, 192.0.2.1 and not for b.example"


TEMPLATE = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")


@pytest.mark.parametrize("extension, name, oid", [
    (x509.UnrecognizedExtension(TEMPLATE, b"\x1e\x06" + "Web".encode("utf-16-be")), "Web", None),
    (x509.UnrecognizedExtension(TEMPLATE, b"\x0c\x012"), "2", None),
    (x509.MSCertificateTemplate(x509.ObjectIdentifier("1.3.6.1.4.1"), 100, 3), None, "1.3.6.1.4.1"),
    *((x509.UnrecognizedExtension(TEMPLATE, value), None, None)
      for value in (b"", b"\x1e", b"\x1e\x03abc", b"\x1e\x81\x02\x00a", b"\x0c\x01\xff", b"\x13\x01x")),
])  # fmt: skip
def test_the_template_of_a_certificate(extension: x509.ExtensionType, name: str | None, oid: str | None) -> None:
    found = certificate.parse(made.der(made.certificate(["a.example"], extensions=[extension])))
    assert (found.template_name, found.template_oid) == (name, oid)


def test_the_key_usage_of_a_certificate() -> None:
    uses = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    found = certificate.parse(made.der(made.certificate(["a.example"], extensions=[uses])))
    assert found.usages == frozenset({"digitalSignature", "keyEncipherment"})
