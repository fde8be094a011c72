# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which host names and addresses a certificate is for (RFC 6125, as OpenSSL and Python's ssl read it).

A wildcard stands for exactly one label, is the whole first label, and needs two labels behind it. The common name
counts only where the certificate has no DNS name of its own; an address is never taken from it.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import ipaddress
import re

from .certificate import Certificate

#: A label that a wildcard may stand for, and one that may stand behind it.
_STANDS_FOR = re.compile(r"[a-z0-9-]+")
_BEHIND = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def ascii_name(name: str) -> str:
    """A host name as it is asked for: lower case, letters of other scripts encoded, without a dot at its end.

    Raises:
        ValueError: It can be no host name.
    """
    plain = name.strip().rstrip(".").lower()
    if not plain.isascii():
        try:
            plain = plain.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"'{name}' is no host name: {error}") from error
    if len(plain) > 253 or not re.fullmatch(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", plain):
        raise ValueError(f"'{name}' is no host name")
    return plain


def address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a name is; None for a host name."""
    try:
        return ipaddress.ip_address(name.strip().removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def matches(pattern: str, host: str) -> bool:
    """Whether a DNS name of a certificate, which may have a wildcard, is for a host name in its plain form."""
    said = pattern.lower()
    if said == host:
        return True
    star, _dot, rest = said.partition(".")
    first, _dot, parent = host.partition(".")
    labels = rest.split(".")
    if star != "*" or rest != parent or len(labels) < 2 or not _STANDS_FOR.fullmatch(first):
        return False
    return all(_BEHIND.fullmatch(label) for label in labels)


def presented(certificate: Certificate) -> tuple[str, ...]:
    """The names that a certificate is for, as it writes them."""
    names = certificate.dns_names or certificate.common_names
    return (*names, *certificate.ip_addresses)


def covers(certificate: Certificate, name: str) -> bool:
    """Whether a certificate is for a host name or an address. Raises ValueError for what is neither."""
    wanted = address(name)
    if wanted is not None:
        return any(address(one) == wanted for one in certificate.ip_addresses)
    host = ascii_name(name)
    return any(matches(pattern, host) for pattern in certificate.dns_names or certificate.common_names)
