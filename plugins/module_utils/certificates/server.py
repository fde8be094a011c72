# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a certificate that a web server is to answer with.

serves: SCEP-074, SCEP-075

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from . import names
from .certificate import Certificate

SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1"
ANY_PURPOSE = "2.5.29.37.0"

#: Shortest keys that clients accept, in bits, by algorithm (CA/Browser Forum Baseline Requirements, 6.1.5).
SHORTEST: t.Final[t.Mapping[str, int]] = {"RSA": 2048, "EC": 256}

#: Hashes whose signatures TLS clients accept no more.
BROKEN_HASHES = frozenset({"md5", "sha1"})


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something wrong: an id that never changes, and the evidence as a sentence."""

    id: str
    evidence: str


def findings(
    certificate: Certificate, *, private_key: bool, host_names: t.Iterable[str], now: dt.datetime
) -> list[Finding]:
    """What is wrong with a certificate.

    Args:
        private_key: Whether the server has its private key.
        host_names: Names and addresses that clients use.
        now: The server's time, in UTC.

    Raises:
        ValueError: One of the names is none.
    """
    found: list[Finding] = []

    def add(name: str, evidence: str) -> None:
        found.append(Finding(name, evidence))

    if not private_key:
        add("missing_private_key", "the server has no private key for it")
    if certificate.purposes is not None and not {SERVER_AUTHENTICATION, ANY_PURPOSE} & set(certificate.purposes):
        add("wrong_purpose", f"it is for {', '.join(certificate.purposes)} and not for {SERVER_AUTHENTICATION}")
    begins, ends, time = (_moment(one) for one in (certificate.not_before, certificate.not_after, now))
    if now < certificate.not_before:
        add("not_yet_valid", f"it is valid from {begins}, and the server's time is {time}")
    if now > certificate.not_after:
        add("expired", f"it was valid until {ends}, and the server's time is {time}")
    missed = [name for name in host_names if not names.covers(certificate, name)]
    if missed:
        shown = ", ".join(names.presented(certificate)) or "no name"
        add("name_mismatch", f"it is for {shown} and not for {', '.join(missed)}")
    if certificate.self_issued:
        add("self_signed", f"its issuer is its subject, {certificate.issuer}")
    key = certificate.key
    shortest = SHORTEST.get(key.algorithm)
    if shortest is None:
        add("weak_key", f"its key is of the algorithm {key.algorithm}, which is not used for TLS")
    elif key.bits < shortest:
        add("weak_key", f"its {key.algorithm} key has {key.bits} bits and not {shortest}")
    if certificate.signature_hash in BROKEN_HASHES:
        add("weak_signature", f"it was signed with {certificate.signature_hash}")
    return found


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
