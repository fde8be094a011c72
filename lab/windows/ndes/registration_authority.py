# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two certificates of the registration authority: real keys, real certificates of the CA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.authority import Refused, Request
from lab.windows import tables
from lab.windows.ndes.facts import facts
from lab.windows.ndes.failures import refused
from lab.windows.parts.certificates import LOCAL_MACHINE, Entry
from lab.windows.people.token import SYSTEM_SID
from lab.windows.security import key_containers
from lab.windows.security.acl import Ace, add

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.ndes.checks import Checked
    from lab.windows.ndes.request import InstallRequest


def is_trusted(host: Host, der: bytes) -> bool:
    """Whether a chain from a certificate to one in Root can be built out of the host's own stores.

    Revocation is not looked at.
    """
    certificate = x509.load_der_x509_certificate(der)
    roots = [entry.certificate for entry in host.certificates.store(LOCAL_MACHINE, "Root") or ()]
    between = [entry.certificate for entry in host.certificates.store(LOCAL_MACHINE, "CA") or ()]
    seen: list[x509.Certificate] = []
    while certificate not in seen:
        if certificate in roots:
            return True
        seen.append(certificate)
        above = next((one for one in (*roots, *between) if _issued(one, certificate)), None)
        if above is None:
            return False
        certificate = above
    return False


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def enrol(host: Host, request: InstallRequest, checked: Checked) -> None:
    """Enrol both, one after the other: where the second is refused, the first stays."""
    for wanted in facts()["registration_authority"]:
        purpose = wanted["purpose"]
        key = new_key(request.key_length(purpose))
        asked = Request(key.public_key(), subject(host, request))
        try:
            certificate = checked.caller.enrol(checked.service, wanted["template"], asked)
        except Refused as refusal:
            raise refused(host, refusal) from refusal
        _keep(host, certificate, key, request.provider(purpose), wanted["key_spec"], checked.account.sid)


def new_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def subject(host: Host, request: InstallRequest) -> x509.Name:
    """The name of the registration authority."""
    default = facts()["default_name"].format(computer=host.identity.computer)
    fields = {**request.ra, "name": request.ra.get("name") or default}
    return x509.Name(
        [
            x509.NameAttribute(x509.ObjectIdentifier(oid), value)
            for field, oid in facts()["subject"].items()
            if (value := fields.get(field))
        ]
    )


def _keep(
    host: Host, certificate: x509.Certificate, key: rsa.RSAPrivateKey, provider: str, key_spec: int, account: str
) -> None:
    """Put a pair into LocalMachine\\My, and let the account read the private key."""
    pkcs8 = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    container = host.certificates.add_key(
        pkcs8, machine=True, owner=SYSTEM_SID, exportable=False, provider=_spelled(provider), kind="csp"
    )
    container.key_spec = key_spec
    key_containers.protect(host, container)
    read = tables.load("security")["rights"]["key_container"]["Read"]
    own = host.security.explicit(key_containers.KIND, container.name)
    host.security.set_dacl(key_containers.KIND, container.name, add(own, Ace(account, read)), protected=True)
    der = certificate.public_bytes(serialization.Encoding.DER)
    host.certificates.create(LOCAL_MACHINE, "My").put(Entry(der, key=container.name))


def _spelled(provider: str) -> str:
    known: list[str] = facts()["providers"]
    return next(name for name in known if name.casefold() == provider.casefold())
