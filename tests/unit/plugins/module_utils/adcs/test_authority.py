# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of authorities as the directory shows them, with certificates that were really signed."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import ssl
import types
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.authority import (
    Authority,
    build_chain,
    current_certificate,
    der,
    pem,
    read_authorities,
    thumbprint,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Entry, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
CONFIGURATION = "CN=Configuration,DC=corp,DC=example"
SERVICES = f"CN=Public Key Services,CN=Services,{CONFIGURATION}"


@functools.cache
def key(name: str) -> ec.EllipticCurvePrivateKey:
    """A key for each name; the same one every time."""
    return ec.generate_private_key(ec.SECP256R1())


def name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@functools.cache
def issue(
    subject: str,
    issuer: str,
    years: tuple[int, int] = (2024, 2034),
    subject_key: str | None = None,
    issuer_key: str | None = None,
) -> x509.Certificate:
    """A certificate of `subject` signed by the key of `issuer`, valid from the one year to the other."""
    first, last = years
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key(subject_key or subject).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(first, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(last, 1, 1, tzinfo=dt.UTC))
        .sign(key(issuer_key or issuer), hashes.SHA256())
    )


ROOT = issue("Root", "Root")
POLICY = issue("Policy", "Root")
ISSUING = issue("Issuing", "Policy")
OLD_ROOT = issue("Root", "Root", (2010, 2025))
NEW_ROOT = issue("Root", "Root", (2025, 2045))
FUTURE_ROOT = issue("Root", "Root", (2027, 2047))
OTHER_ROOT = issue("Other Root", "Other Root")
CROSS_ROOT = issue("Root", "Other Root", (2025, 2045))
FALSE_ROOT = issue("Root", "Root", (2025, 2045), "Somebody", "Somebody")
#: A root whose key was changed: the certificate of the new key, signed by the old one, has the same names.
NEW_KEY = issue("Root", "Root", (2025, 2045), "Root's new key", "Root's new key")
NEW_KEY_BY_OLD = issue("Root", "Root", (2025, 2045), "Root's new key", "Root")
BELOW_NEW_KEY = issue("Issuing", "Root", (2025, 2035), None, "Root's new key")
#: Two authorities that certify each other.
LEFT, RIGHT = issue("Left", "Right"), issue("Right", "Left")


@pytest.mark.parametrize(
    ("leaf", "known", "chain"),
    [
        pytest.param(ROOT, [ROOT], [ROOT], id="root"),
        pytest.param(ROOT, [], [ROOT], id="root that stands nowhere else"),
        pytest.param(ISSUING, [ROOT, ISSUING, POLICY], [ISSUING, POLICY, ROOT], id="three"),
        pytest.param(ISSUING, [ISSUING, POLICY], [ISSUING, POLICY], id="unknown root"),
        pytest.param(ISSUING, [OTHER_ROOT, ROOT], [ISSUING], id="unknown issuer"),
        pytest.param(POLICY, [FALSE_ROOT, ROOT], [POLICY, ROOT], id="name of the issuer with another key"),
        pytest.param(POLICY, [FALSE_ROOT], [POLICY], id="only another key"),
        pytest.param(POLICY, [OLD_ROOT, NEW_ROOT], [POLICY, NEW_ROOT], id="renewed root"),
        pytest.param(POLICY, [ROOT, NEW_ROOT, OLD_ROOT], [POLICY, NEW_ROOT], id="newest of those that are valid"),
        pytest.param(POLICY, [FUTURE_ROOT, OLD_ROOT, ROOT], [POLICY, ROOT], id="the one that is valid"),
        pytest.param(POLICY, [OLD_ROOT], [POLICY, OLD_ROOT], id="expired root is better than none"),
        pytest.param(POLICY, [CROSS_ROOT, OTHER_ROOT, ROOT], [POLICY, ROOT], id="cross-signed, and its own root"),
        pytest.param(
            POLICY, [CROSS_ROOT, OTHER_ROOT, OLD_ROOT], [POLICY, CROSS_ROOT, OTHER_ROOT], id="cross-signed, own expired"
        ),
        pytest.param(POLICY, [CROSS_ROOT, OTHER_ROOT], [POLICY, CROSS_ROOT, OTHER_ROOT], id="cross-signed"),
        pytest.param(LEFT, [RIGHT, LEFT], [LEFT, RIGHT], id="loop"),
        pytest.param(BELOW_NEW_KEY, [NEW_KEY_BY_OLD, NEW_KEY, ROOT], [BELOW_NEW_KEY, NEW_KEY], id="new key"),
        pytest.param(
            BELOW_NEW_KEY, [ROOT, NEW_KEY_BY_OLD], [BELOW_NEW_KEY, NEW_KEY_BY_OLD, ROOT], id="new key by the old one"
        ),
        pytest.param(NEW_KEY_BY_OLD, [ROOT], [NEW_KEY_BY_OLD, ROOT], id="same names, but not self-signed"),
    ],
)
def test_chain(leaf: x509.Certificate, known: list[x509.Certificate], chain: list[x509.Certificate]) -> None:
    assert list(build_chain(leaf, known, NOW)) == chain
    assert list(build_chain(leaf, known[::-1], NOW)) == chain


def test_chain_of_endless_authorities_ends() -> None:
    known = [issue(f"Level {level}", f"Level {level + 1}") for level in range(15)]
    assert list(build_chain(known[0], known, NOW)) == known[:10]


@pytest.mark.parametrize(
    ("certificates", "current"),
    [
        pytest.param([], None, id="none"),
        pytest.param([OLD_ROOT], OLD_ROOT, id="expired alone"),
        pytest.param([OLD_ROOT, FUTURE_ROOT], FUTURE_ROOT, id="none is valid: the newest"),
        pytest.param([ROOT, OLD_ROOT, FUTURE_ROOT], ROOT, id="the one that is valid"),
        pytest.param([ROOT, NEW_ROOT], NEW_ROOT, id="the newer of two that are valid"),
    ],
)
def test_current_certificate(certificates: list[x509.Certificate], current: x509.Certificate | None) -> None:
    assert current_certificate(certificates, NOW) == current
    assert current_certificate(certificates[::-1], NOW) == current


def test_forms_of_a_certificate() -> None:
    octets = der(ROOT)
    assert pem(ROOT).strip() == ssl.DER_cert_to_PEM_cert(octets).strip()
    assert thumbprint(ROOT) == hashlib.sha1(octets, usedforsecurity=False).hexdigest().upper()
    assert len(thumbprint(ROOT)) == 40


class Directory:
    """A session that has nothing but these entries."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = list(entries)
        self.searches: list[str] = []
        self.root_dse = types.SimpleNamespace(configuration_naming_context=CONFIGURATION)

    def search(self, base: str, _filter: str, _attributes: t.Sequence[str]) -> list[Entry]:
        self.searches.append(base)
        return self.entries


def service(cn: str, *certificates: bytes, **more: list[bytes]) -> Entry:
    return Entry(
        f"CN={cn},CN=Enrollment Services,{SERVICES}",
        {
            "cn": [cn.encode()],
            "objectClass": [b"top", b"pKIEnrollmentService"],
            "dNSHostName": [b"ca1.corp.example"],
            "cACertificate": list(certificates),
            **more,
        },
    )


def holder(container: str, cn: str, *certificates: bytes) -> Entry:
    return Entry(
        f"CN={cn},{container}{SERVICES}",
        {
            "cn": [cn.encode()],
            "objectClass": [b"top", b"certificationAuthority"],
            "cACertificate": list(certificates),
        },
    )


def read(*entries: Entry) -> list[Authority]:
    directory = Directory(*entries)
    found = read_authorities(t.cast(Session, directory), NOW)
    assert directory.searches == [SERVICES]
    return found


def test_authority_with_its_chain() -> None:
    (found,) = read(
        holder("", "NTAuthCertificates", der(POLICY), der(ISSUING)),
        service(
            "Issuing",
            der(ISSUING),
            displayName=[b"Issuing CA"],
            flags=[b"10"],
            certificateTemplates=[b"User", b"IntuneScep"],
        ),
        holder("CN=AIA,", "Policy", der(POLICY)),
        holder("CN=Certification Authorities,", "Root", der(OLD_ROOT), der(ROOT)),
    )
    assert (found.stored.name, found.display_name, found.config) == (
        "Issuing",
        "Issuing CA",
        "ca1.corp.example\\Issuing",
    )
    assert found.certificate == ISSUING
    assert list(found.chain) == [ISSUING, POLICY, ROOT]
    assert found.root == ROOT
    assert found.trusted_for_logon
    assert found.issues_by_templates
    assert found.stored.published == ("User", "IntuneScep")


@pytest.mark.parametrize(
    ("values", "certificate"),
    [
        pytest.param([], None, id="no attribute"),
        pytest.param([b"\0"], None, id="single zero octet"),
        pytest.param([b"\0", der(ISSUING)], ISSUING, id="zero octet and a certificate"),
        pytest.param([b"not a certificate", b"", der(ISSUING)[:-1]], None, id="garbage"),
        pytest.param([b"\x30\x03\x02\x01\x00", der(ISSUING)], ISSUING, id="other DER and a certificate"),
    ],
)
def test_values_that_are_no_certificates(values: list[bytes], certificate: x509.Certificate | None) -> None:
    (found,) = read(service("Issuing", *values), holder("", "NTAuthCertificates", b"\0"))
    assert found.certificate == certificate
    assert list(found.chain) == ([certificate] if certificate else [])
    assert found.root is None
    assert not found.trusted_for_logon
    assert (found.display_name, found.flags) == ("Issuing", 0)


def test_renewed_authority_shows_its_current_certificate_and_trust() -> None:
    old, new = issue("Root", "Root", (2012, 2024)), NEW_ROOT
    (found,) = read(service("Root", der(old), der(new)), holder("", "NTAuthCertificates", der(old)))
    assert found.certificate == new
    assert found.root == new
    # The directory trusts the old certificate only.
    assert not found.trusted_for_logon


def test_authorities_are_sorted_by_name_and_told_apart() -> None:
    found = read(
        service("beta", der(ROOT)),
        service("Alpha", der(OTHER_ROOT), flags=[b"11"]),
        holder("CN=AIA,", "Alpha", der(OTHER_ROOT)),
    )
    assert [ca.stored.name for ca in found] == ["Alpha", "beta"]
    assert [ca.issues_by_templates for ca in found] == [False, True]
    assert [ca.root for ca in found] == [OTHER_ROOT, ROOT]


def test_no_authority() -> None:
    assert read() == []
    assert read(holder("", "NTAuthCertificates", b"\0")) == []
