# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enterprise certification authorities as the directory shows them: names, certificate, chain, trust, published
templates.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import traceback
import typing as t
from dataclasses import dataclass

from ..directory import filters
from ..directory.session import Entry, Session
from . import store
from .authority_names import config_string

#: Why the library is not there; None when it is.
CRYPTOGRAPHY_IMPORT_ERROR: str | None = None
try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()

#: flags of pKIEnrollmentService (MS-WCCE 2.2.2.11.2): a CA that issues by templates does not have it.
_NO_TEMPLATE_SUPPORT = 1
_CERTIFICATE = "cACertificate"
_ATTRIBUTES = ("cn", "objectClass", "displayName", "dNSHostName", "flags", _CERTIFICATE, store.PUBLISHED)
#: More certificates than any chain has; a loop of cross certificates ends here.
_LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Authority:
    """One enrolment service object.

    Attributes:
        certificate: the newest certificate that is valid now, else the newest one; None when the object has none.
        chain: from the authority's certificate to its root, as far as the directory holds the certificates.
        trusted_for_logon: whether the certificate stands in NTAuthCertificates, without which no certificate of it logs
        anybody on.
    """

    stored: store.StoredAuthority
    display_name: str
    flags: int
    certificate: x509.Certificate | None
    chain: tuple[x509.Certificate, ...]
    trusted_for_logon: bool

    @property
    def config(self) -> str:
        return config_string(self.stored)

    @property
    def issues_by_templates(self) -> bool:
        return not self.flags & _NO_TEMPLATE_SUPPORT

    @property
    def root(self) -> x509.Certificate | None:
        """The self-signed end of the chain; None when the directory does not hold it."""
        last = self.chain[-1] if self.chain else None
        return last if last is not None and _is_self_signed(last) else None


def read_authorities(session: Session, now: dt.datetime) -> list[Authority]:
    """Every enterprise authority of the forest, by name, in one search. Raises DirectoryError."""
    wanted = filters.any_of(
        filters.equals("objectClass", store.AUTHORITY_CLASS), filters.equals("objectClass", "certificationAuthority")
    )
    entries = session.search(store.services_dn(session), wanted, _ATTRIBUTES)
    services = [entry for entry in entries if store.AUTHORITY_CLASS.encode() in entry.attributes.get("objectClass", ())]
    others = [entry for entry in entries if entry not in services]
    known = [certificate for entry in entries for certificate in _certificates(entry)]
    logon = {
        _fingerprint(certificate)
        for entry in others
        if (entry.text("cn") or "").casefold() == "ntauthcertificates"
        for certificate in _certificates(entry)
    }
    found = [_authority(entry, known, logon, now) for entry in services]
    return sorted(found, key=lambda ca: ca.stored.name.casefold())


def _authority(
    entry: Entry, known: t.Sequence[x509.Certificate], logon: t.Container[bytes], now: dt.datetime
) -> Authority:
    stored = store.StoredAuthority(
        entry.dn, entry.text("cn") or "", entry.text("dNSHostName") or "", entry.texts(store.PUBLISHED)
    )
    certificate = current_certificate(_certificates(entry), now)
    return Authority(
        stored,
        entry.text("displayName") or stored.name,
        entry.integer("flags") or 0,
        certificate,
        build_chain(certificate, known, now) if certificate else (),
        certificate is not None and _fingerprint(certificate) in logon,
    )


def current_certificate(certificates: t.Sequence[x509.Certificate], now: dt.datetime) -> x509.Certificate | None:
    """The newest of O(certificates) that is valid at O(now), else the newest one."""
    return next(iter(_best_first(certificates, now)), None)


def build_chain(
    leaf: x509.Certificate, known: t.Sequence[x509.Certificate], now: dt.datetime
) -> tuple[x509.Certificate, ...]:
    """O(leaf) and its issuers out of O(known), by name and verified signature, to a self-signed one or as far as they
    go.

    A renewed or cross-signed authority has several certificates of one key. One that is valid at O(now) is taken
    before others, then a self-signed one, then the newest.
    """
    candidates = _best_first(known, now)
    chain = [leaf]
    while len(chain) < _LONGEST_CHAIN and not _is_self_signed(chain[-1]):
        issuers = [other for other in candidates if other not in chain and _issued_by(chain[-1], other)]
        issuer = min(issuers, key=lambda other: (not _is_valid(other, now), not _is_self_signed(other)), default=None)
        if issuer is None:
            break
        chain.append(issuer)
    return tuple(chain)


def _best_first(certificates: t.Iterable[x509.Certificate], now: dt.datetime) -> list[x509.Certificate]:
    """O(certificates), those that are valid at O(now) first, newer ones before older ones."""
    newest = sorted(certificates, key=lambda certificate: certificate.not_valid_before_utc, reverse=True)
    return sorted(newest, key=lambda certificate: not _is_valid(certificate, now))


def _is_valid(certificate: x509.Certificate, now: dt.datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether its own key signed it. A certificate for a new key may have the same names and be signed by the old."""
    return certificate.subject == certificate.issuer and _issued_by(certificate, certificate)


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _certificates(entry: Entry) -> list[x509.Certificate]:
    """The certificates of an object. A single zero octet stands for none, and what cannot be read is no certificate."""
    found: list[x509.Certificate] = []
    for value in entry.attributes.get(_CERTIFICATE, ()):
        try:
            found.append(x509.load_der_x509_certificate(value))
        except ValueError:
            continue
    return found


def _fingerprint(certificate: x509.Certificate) -> bytes:
    return certificate.fingerprint(hashes.SHA256())


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def thumbprint(certificate: x509.Certificate) -> str:
    """The SHA-1 fingerprint in upper case hex, which is what Windows and Intune call the thumbprint."""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()
