# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates of the registration authority: which they are, what their keys are like, who may use them. Pure.

They are known by numbers: the application policy Certificate Request Agent, the template in an extension, the key
usage, the authority that issued them. A renewed one may have another template than the built-in ones, and then the
policy and the authority say enough.

Provenance: extensions and names of the templates from MS-WCCE 2.2.2.7.7 and MS-CRTD; access masks of keys from MS-DTYP
2.4.3 and the enumeration CertAccessRights of ansible.windows.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import re
import traceback
import typing as t
from dataclasses import dataclass, field

from ...directory.ace import ALLOW_TYPES, Ace, AceFlag
from ...directory.sddl import SddlError, ace_from_sddl
from .. import mscep
from ..values import Fields, UnexpectedValue

#: Why the library is not there; None when it is.
CRYPTOGRAPHY_IMPORT_ERROR: str | None = None
try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
except ImportError:
    CRYPTOGRAPHY_IMPORT_ERROR = traceback.format_exc()

REQUEST_AGENT = "1.3.6.1.4.1.311.20.2.1"
_TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2"

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
_COMMON_NAME = "2.5.4.3"

_ACE = re.compile(r"\(([^()]*)\)")
_READ_DATA, _GENERIC_READ, _GENERIC_ALL, _WRITE_DATA = 0x1, 0x80000000, 0x10000000, 0x2
#: More octets than a certificate has; it is not read then.
_LARGEST = 0x10000


@dataclass(frozen=True)
class Certificate:
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


def read(values: t.Sequence[Fields]) -> tuple[Certificate, ...]:
    """The certificates of the registration authority among O(values), objects of ndes_state.ps1, newest first.

    What is no certificate to the library is none here; other software puts odd ones into the store.
    """
    found = (_certificate(value) for value in values)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.not_before, reverse=True))


def _certificate(value: Fields) -> Certificate | None:
    octets = _octets(value.text("octets"))
    try:
        certificate = x509.load_der_x509_certificate(octets)
        if not _is_request_agent(certificate):
            return None
        template = _template(certificate)
        purpose = _purpose(certificate, template)
        subject, issuer = certificate.subject, certificate.issuer
        public = certificate.public_key()
    except (ValueError, TypeError, x509.UnsupportedGeneralNameType, x509.DuplicateExtension):
        return None
    if purpose is None:
        return None
    has_key, provider = value.flag("key"), value.optional_text("provider")
    return Certificate(
        thumbprint=certificate.fingerprint(hashes.SHA1()).hex().upper(),
        purpose=purpose,
        template=template,
        built_in=(template or "").casefold() in PURPOSES,
        subject=subject.rfc4514_string(),
        fields={SUBJECT[one.oid.dotted_string]: str(one.value) for one in subject if one.oid.dotted_string in SUBJECT},
        issuer=next((str(one.value) for one in issuer if one.oid.dotted_string == _COMMON_NAME), ""),
        provider=provider if has_key else None,
        provider_kind=("csp" if provider else "ksp") if has_key else None,
        key_length=public.key_size if isinstance(public, rsa.RSAPublicKey) else 0,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        rights=_rights(value.optional_text("access")),
    )


def _octets(text: str) -> bytes:
    """Decimal numbers with blanks between them, which is how the script makes a short text of octets."""
    if len(text) > 4 * _LARGEST:
        raise UnexpectedValue("certificates", "the octets of a certificate", text)
    try:
        return bytes(int(number) for number in text.split())
    except ValueError:
        raise UnexpectedValue("certificates", "the octets of a certificate", text) from None


def _is_request_agent(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return any(usage.dotted_string == REQUEST_AGENT for usage in found)


def _template(certificate: x509.Certificate) -> str | None:
    """The name of a template of version 1, or the OID of a later one."""
    for extension in certificate.extensions:
        if extension.oid.dotted_string == _TEMPLATE_NAME and isinstance(extension.value, x509.UnrecognizedExtension):
            return _text(extension.value.value)
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.MSCertificateTemplate):
            return extension.value.template_id.dotted_string
    return None


def _text(der: bytes) -> str | None:
    """A short text of ASN.1, BMPString as Windows writes it or UTF8String; None for anything else."""
    if len(der) < 2 or der[1] > 0x7F or len(der) != 2 + der[1]:
        return None
    encoding = {0x1E: "utf-16-be", 0x0C: "utf-8"}.get(der[0])
    try:
        return der[2:].decode(encoding) if encoding else None
    except UnicodeDecodeError:
        return None


def _purpose(certificate: x509.Certificate, template: str | None) -> str | None:
    """What the certificate is for; None for one that NDES does not use, such as that of another enrollment agent."""
    is_oid = template is not None and template[:1].isdigit()
    if template is not None and not is_oid:
        return PURPOSES.get(template.casefold())
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
    if usage.digital_signature == usage.key_encipherment:
        return None
    return SIGNING if usage.digital_signature else ENCRYPTION


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
