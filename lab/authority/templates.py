# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate template as the CA reads it from its object in the directory (MS-CRTD)."""

from __future__ import annotations

import datetime
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

#: What the CA reads. nTSecurityDescriptor comes without the SACL if the control says so.
ATTRIBUTES = (
    "cn",
    "flags",
    "revision",
    "msPKI-Template-Schema-Version",
    "msPKI-Template-Minor-Revision",
    "msPKI-Cert-Template-OID",
    "msPKI-Certificate-Name-Flag",
    "msPKI-Enrollment-Flag",
    "msPKI-Minimal-Key-Size",
    "msPKI-RA-Signature",
    "msPKI-Certificate-Application-Policy",
    "pKICriticalExtensions",
    "pKIDefaultKeySpec",
    "pKIExpirationPeriod",
    "pKIExtendedKeyUsage",
    "pKIKeyUsage",
    "nTSecurityDescriptor",
)


@dataclass(frozen=True)
class Template:
    """A template.

    Attributes:
        name: Its common name.
        schema_version: 1 to 4.
        oid: Of the template, for certificates of version 2 and later.
        revision: Major and minor.
        name_flags: msPKI-Certificate-Name-Flag without sign.
        enrollment_flags: msPKI-Enrollment-Flag without sign.
        minimal_key_size: In bits.
        signatures: How many registration authorities must have signed a request.
        key_usage: The octets of pKIKeyUsage.
        purposes: OIDs of the purposes: of the application policies from version 2 on.
        critical: OIDs of the extensions that are critical.
        lasts: How long a certificate is valid.
        security: Its nTSecurityDescriptor.
    """

    name: str
    schema_version: int
    oid: str
    revision: tuple[int, int]
    name_flags: int
    enrollment_flags: int
    minimal_key_size: int
    signatures: int
    key_usage: bytes
    purposes: tuple[str, ...]
    critical: frozenset[str]
    lasts: datetime.timedelta
    security: bytes = field(repr=False)


def read(attributes: Mapping[str, list[bytes]]) -> Template:
    """The template of a directory object; KeyError where the object lacks what every template has."""
    known = {name.lower(): values for name, values in attributes.items()}

    def number(name: str, default: int = 0) -> int:
        return int(known.get(name.lower(), [str(default).encode()])[0])

    def texts(name: str) -> tuple[str, ...]:
        return tuple(value.decode() for value in known.get(name.lower(), ()))

    version = number("msPKI-Template-Schema-Version", 1)
    policies = texts("msPKI-Certificate-Application-Policy") if version > 1 else ()
    return Template(
        known["cn"][0].decode(),
        version,
        "".join(texts("msPKI-Cert-Template-OID")[:1]),
        (number("revision"), number("msPKI-Template-Minor-Revision")),
        number("msPKI-Certificate-Name-Flag") & 0xFFFFFFFF,
        number("msPKI-Enrollment-Flag") & 0xFFFFFFFF,
        number("msPKI-Minimal-Key-Size"),
        number("msPKI-RA-Signature"),
        known["pkikeyusage"][0],
        policies or texts("pKIExtendedKeyUsage"),
        frozenset(texts("pKICriticalExtensions")),
        period(known["pkiexpirationperiod"][0]),
        known["ntsecuritydescriptor"][0],
    )


def period(value: bytes) -> datetime.timedelta:
    """A span as directories hold it: a negative count of 100 ns."""
    return datetime.timedelta(microseconds=-struct.unpack("<q", value)[0] / 10)
