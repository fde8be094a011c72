# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of the registration authority: which they are, what their keys are like, who may use them. Pure.

They are known by numbers: the application policy Certificate Request Agent, the template in an extension, the key
usage, the authority that issued them. A renewed one may have another template than the built-in ones, and then the
policy and the authority say enough.

Provenance: names of the templates from MS-CRTD; access masks of keys from MS-DTYP
2.4.3 and the enumeration CertAccessRights of ansible.windows.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from dataclasses import dataclass, field

from ...certificates import certificate
from ...certificates.certificate import DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, Certificate, CertificateError
from ...directory.ace import ALLOW_TYPES, Ace, AceFlag
from ...directory.sddl import SddlError, ace_from_sddl
from .. import mscep
from ..values import Fields

REQUEST_AGENT = "1.3.6.1.4.1.311.20.2.1"

SIGNING, ENCRYPTION = "signing", "encryption"
#: Purpose by the built-in template.
PURPOSES: t.Final[t.Mapping[str, str]] = {
    mscep.SIGNING_TEMPLATE.casefold(): SIGNING,
    mscep.ENCRYPTION_TEMPLATE.casefold(): ENCRYPTION,
}

#: Field of registration_authority by attribute of a name.
SUBJECT: t.Final[t.Mapping[str, str]] = {
    "2.5.4.3": "name",
    "1.2.840.113549.1.9.1": "email",
    "2.5.4.10": "company",
    "2.5.4.11": "department",
    "2.5.4.7": "city",
    "2.5.4.8": "state",
    "2.5.4.6": "country",
}

_ACE = re.compile(r"\(([^()]*)\)")
_READ_DATA, _GENERIC_READ, _GENERIC_ALL, _WRITE_DATA = 0x1, 0x80000000, 0x10000000, 0x2


@dataclass(frozen=True)
class RaCertificate:
    """A certificate of the registration authority.

    Attributes:
        purpose: V(signing) or V(encryption).
        template: Name or OID of the template; None when no extension says it.
        built_in: Whether that is one of the two built-in templates.
        fields: The subject by field of registration_authority.
        issuer: Common name of the authority.
        provider: Name of the cryptographic service provider; None for a key that none has.
        provider_kind: V(csp), V(ksp), or None without private key.
        rights: Access masks of the key by SID, of who was granted some; None where Windows does not tell.
    """

    thumbprint: str
    purpose: str
    template: str | None = None
    built_in: bool = False
    subject: str = ""
    fields: t.Mapping[str, str] = field(default_factory=dict)
    issuer: str = ""
    provider: str | None = None
    provider_kind: str | None = None
    key_length: int = 0
    not_before: dt.datetime = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
    not_after: dt.datetime = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)
    rights: t.Mapping[str, int] | None = None

    def readable_by(self, sid: str) -> bool:
        """Whether O(sid) itself was granted reading the key."""
        mask = (self.rights or {}).get(sid, 0)
        return bool(mask & (_READ_DATA | _GENERIC_READ | _GENERIC_ALL))

    def writable_by(self, sid: str) -> bool:
        """Whether O(sid) itself was granted more than reading the key."""
        return bool((self.rights or {}).get(sid, 0) & (_WRITE_DATA | _GENERIC_ALL))


def read(values: t.Sequence[Fields]) -> tuple[RaCertificate, ...]:
    """The certificates of the registration authority among O(values), objects of ndes_state.ps1, newest first.

    What is no certificate to the library is none here; other software puts odd ones into the store.
    """
    found = (_certificate(value) for value in values)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.not_before, reverse=True))


def _certificate(value: Fields) -> RaCertificate | None:
    try:
        found = certificate.parse(value.octets("der"))
    except CertificateError:
        return None
    purpose = _purpose(found) if REQUEST_AGENT in (found.purposes or ()) else None
    if purpose is None:
        return None
    has_key, provider = value.flag("key"), value.optional_text("provider")
    return RaCertificate(
        thumbprint=found.thumbprint,
        purpose=purpose,
        template=found.template_name or found.template_oid,
        built_in=(found.template_name or "").casefold() in PURPOSES,
        subject=found.subject,
        fields={SUBJECT[oid]: text for oid, text in found.attributes if oid in SUBJECT},
        issuer=found.issuer_common_name,
        provider=provider if has_key else None,
        provider_kind=("csp" if provider else "ksp") if has_key else None,
        key_length=found.key.bits if found.key.algorithm == "RSA" else 0,
        not_before=found.not_before,
        not_after=found.not_after,
        rights=_rights(value.optional_text("access")),
    )


def _purpose(found: Certificate) -> str | None:
    """What the certificate is for; None for one that NDES does not use, such as that of another enrollment agent."""
    if found.template_name is not None:
        return PURPOSES.get(found.template_name.casefold())
    uses = {DIGITAL_SIGNATURE, KEY_ENCIPHERMENT} & (found.usages or set())
    if len(uses) != 1:
        return None
    return SIGNING if DIGITAL_SIGNATURE in uses else ENCRYPTION


def _rights(sddl: str | None) -> dict[str, int] | None:
    """Access masks by SID of what the entries of O(sddl) grant.

    Entries for an alias of a domain's group, such as DA, are passed over: whose SID that is, is not known here.
    """
    if sddl is None:
        return None
    found: dict[str, int] = {}
    for body in _ACE.findall(sddl.partition("D:")[2].partition("S:")[0]):
        try:
            ace = ace_from_sddl(body)
        except SddlError:
            continue
        if isinstance(ace, Ace) and ace.type in ALLOW_TYPES and not ace.flags & AceFlag.INHERIT_ONLY:
            found[str(ace.sid)] = found.get(str(ace.sid), 0) | ace.mask
    return found
