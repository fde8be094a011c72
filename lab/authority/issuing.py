# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a certificate of a template and a request, as an enterprise CA does it. No I/O."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from lab import certificates
from lab.windows.not_modelled import NotModelled

from .descriptor import has_extended_right
from .facts import facts
from .templates import Template

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

#: The bits of the first octet of pKIKeyUsage, and of the second, in the order in which they are counted.
_USAGES = (
    "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
    "encipher_only decipher_only"
).split()


class Refused(Exception):  # noqa: N818  # the CA refuses; that is no error of the lab
    """The CA denies a request. `hresult` is unsigned; `kind` names it in facts.yml."""

    def __init__(self, kind: str) -> None:
        known = facts()["errors"][kind]
        super().__init__(known["en-US"])
        self.kind = kind
        self.name: str = known["name"]
        self.hresult: int = known["hresult"]

    def text(self, language: str) -> str:
        """What Windows says in the language of a host."""
        found: str = facts()["errors"][self.kind][language]
        return found


@dataclass(frozen=True)
class Request:
    """What somebody asks for.

    Attributes:
        public_key: Of the pair whose certificate it will be.
        subject: The name that the request has.
        names: Alternative names that the request has.
    """

    public_key: PublicKey
    subject: x509.Name
    names: Sequence[x509.GeneralName] = ()


@dataclass(frozen=True)
class Issuer:
    """The CA: certificate and key, its name in the directory, and the short name of its host."""

    certificate: x509.Certificate
    key: certificates.PrivateKey = field(repr=False)
    name: str
    host: str


def issue(
    issuer: Issuer, template: Template, who: Collection[str], request: Request, now: datetime.datetime
) -> x509.Certificate:
    """Issue a certificate.

    Args:
        issuer: The CA.
        template: Which must be published on it; that is not asked here.
        who: SIDs of the requester, those of its groups among them.
        request: What is asked for.
        now: The time at the CA.

    Raises:
        Refused: As the CA says it.
        NotModelled: The template asks for what this CA cannot do: names out of the directory, signatures of
            registration authorities, approval by a manager.
    """
    flags = facts()["flags"]
    if not has_extended_right(template.security, who, facts()["rights"]["enroll"]):
        raise Refused("template_denied")
    if not template.name_flags & flags["subject_from_request"]:
        raise NotModelled(f"a certificate of {template.name}, whose names the CA takes from the directory")
    if template.signatures:
        raise NotModelled(f"a certificate of {template.name}, for which registration authorities must sign")
    if template.enrollment_flags & flags["pend_all_requests"]:
        raise NotModelled(f"a request for {template.name} that waits for a manager")
    if request.public_key.key_size < template.minimal_key_size:
        raise Refused("key_length")
    return _certificate(issuer, template, request, now)


def _certificate(issuer: Issuer, template: Template, request: Request, now: datetime.datetime) -> x509.Certificate:
    begins = now.replace(microsecond=0) - datetime.timedelta(seconds=facts()["clock_skew"])
    ends = min(
        begins + template.lasts,
        begins + datetime.timedelta(days=facts()["longest_days"]),
        issuer.certificate.not_valid_after_utc,
    )
    key = request.public_key
    builder = (
        x509.CertificateBuilder()
        .subject_name(request.subject)
        .issuer_name(issuer.certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )
    for extension in _extensions(template, request):
        builder = builder.add_extension(extension, critical=extension.oid.dotted_string in template.critical)
    builder = certificates.with_points(builder, issuer.certificate, issuer.name, issuer.host)
    return builder.sign(issuer.key, hashes.SHA256())


def _extensions(template: Template, request: Request) -> list[x509.ExtensionType]:
    known = facts()["extensions"]
    found: list[x509.ExtensionType] = [key_usage(template.key_usage)]
    if template.purposes:
        found.append(x509.ExtendedKeyUsage([ObjectIdentifier(oid) for oid in template.purposes]))
    if template.schema_version == 1:
        found.append(_extension(known["template_name"], bmp_string(template.name)))
    else:
        found.append(x509.MSCertificateTemplate(ObjectIdentifier(template.oid), *template.revision))
        if template.purposes:
            # The syntax is that of certificate policies.
            policies = [x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in template.purposes]
            found.append(_extension(known["application_policies"], x509.CertificatePolicies(policies).public_bytes()))
    found.append(x509.SubjectKeyIdentifier.from_public_key(request.public_key))
    if request.names:
        found.append(x509.SubjectAlternativeName(request.names))
    if ExtensionOID.BASIC_CONSTRAINTS.dotted_string in template.critical:
        raise NotModelled(f"a certificate of {template.name}, which is one of a CA or says that it is none")
    return found


def _extension(oid: str, value: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier(oid), value)


def bmp_string(text: str) -> bytes:
    """A BMPString in DER."""
    content = text.encode("utf-16-be")
    size = len(content)
    return bytes([0x1E, size] if size < 0x80 else [0x1E, 0x81, size]) + content


def key_usage(octets: bytes) -> x509.KeyUsage:
    """The extension for the octets of pKIKeyUsage, a bit string whose first bit is the highest."""
    bits = "".join(f"{octet:08b}" for octet in octets).ljust(len(_USAGES), "0")
    used = {name: bits[place] == "1" for place, name in enumerate(_USAGES)}
    if not used["key_agreement"]:
        used |= {"encipher_only": False, "decipher_only": False}
    return x509.KeyUsage(**used)
