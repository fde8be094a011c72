# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A forest out of tables with a CA that really issues, for tests without a domain controller.

Only the connection is a stand-in: who may write is said by a set, and what is read are the templates that the lab
really makes.
"""

from __future__ import annotations

import datetime
import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lab.authority import AccessDenied, Caller, Issuer, LogonRefused, NetworkIdentity, NotFound, Unreachable
from lab.authority.descriptor import DENIED_OBJECT, allowing, with_entries
from lab.authority.directory import Attributes, Connection
from lab.authority.enterprise import SERVICES_DN, TEMPLATES_DN, Authority
from lab.authority.facts import facts
from lab.forest import catalogue

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
DOMAIN = "S-1-5-21-4-5-6"
ENTERPRISE_ADMINS = f"{DOMAIN}-519"
AUTHENTICATED_USERS = "S-1-5-11"
CONFIG = "ca1.corp.example\\CORP Issuing CA 1"
PASSWORD = "Passw0rd!"

#: A descriptor whose DACL is empty.
EMPTY = struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 20) + struct.pack("<BBHHH", 4, 0, 8, 0, 0)


def name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@functools.cache
def root() -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    return Issuer(_authority("CORP Root CA", key, "CORP Root CA", key), key, "CORP Root CA", "rootca")


@functools.cache
def issuer() -> Issuer:
    key = ec.generate_private_key(ec.SECP256R1())
    made = _authority("CORP Issuing CA 1", key, "CORP Root CA", root().key)
    return Issuer(made, key, "CORP Issuing CA 1", "ca1")


def _authority(subject: str, key: ec.EllipticCurvePrivateKey, above: str, signer: object) -> x509.Certificate:
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    begin = NOW - datetime.timedelta(days=10)
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(above))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + datetime.timedelta(days=1825))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(signer, hashes.SHA256())
    )


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def denying(sid: str, right: str) -> bytes:
    """The octets of an entry that denies an extended right."""
    return bytes([DENIED_OBJECT]) + allowing(sid, 0x100, right)[1:]


def may_enrol(*sids: str) -> bytes:
    """A descriptor that lets these enrol."""
    return with_entries(EMPTY, [allowing(sid, 0x100, facts()["rights"]["enroll"]) for sid in sids])


@functools.cache
def _catalogue() -> dict[str, Any]:
    return catalogue.load()


def template(common_name: str, security: bytes) -> Attributes:
    """One of the built-in templates as the lab's forest has it."""
    data = _catalogue()
    found = next(one for one in data["templates"] if one["cn"] == common_name)
    made = catalogue.attributes(found, data["common"], "1.3.6.1.4.1.311.21.8.1.2.3")
    return {key.lower(): list(values) for key, values in made.items()} | {"ntsecuritydescriptor": [security]}


@dataclass
class Person:
    """An account: SIDs of itself and its groups, whether it may write below Public Key Services."""

    sids: tuple[str, ...]
    writes: bool = False
    password: str = PASSWORD


def _objects() -> dict[str, Attributes]:
    names = ("EnrollmentAgentOffline", "CEPEncryption", "IPSECIntermediateOffline", "WebServer", "Machine")
    objects = {f"CN={one},{TEMPLATES_DN}": template(one, may_enrol(ENTERPRISE_ADMINS)) for one in names}
    objects[f"CN=CORP Issuing CA 1,{SERVICES_DN}"] = {
        "cn": [b"CORP Issuing CA 1"],
        "dnshostname": [b"ca1.corp.example"],
        "cacertificate": [der(issuer().certificate)],
        "certificatetemplates": [b"WebServer", b"Machine"],
    }
    return objects


@dataclass
class FakeForest:
    """Implements Enterprise."""

    objects: dict[str, Attributes] = field(default_factory=_objects)
    people: dict[str, Person] = field(
        default_factory=lambda: {
            "corp\\pkiadmin": Person((f"{DOMAIN}-1105", ENTERPRISE_ADMINS, "S-1-5-32-544"), writes=True),
            "corp\\alice": Person((f"{DOMAIN}-1108", AUTHENTICATED_USERS)),
            "ndes1$@corp.example": Person((f"{DOMAIN}-1111",)),
        }
    )
    directory_answers: bool = True
    #: After so many questions and writes no domain controller answers any more; None for never.
    answers_left: int | None = None
    authority_answers: bool = True

    def log_on(self, identity: NetworkIdentity) -> Caller:
        if not self.directory_answers:
            raise Unreachable("directory")
        person = self.people.get(identity.account.lower())
        if person is None or person.password != identity.password:
            raise LogonRefused
        return Caller(FakeConnection(self, person), self.authority())

    def computer(self, name: str) -> NetworkIdentity | None:
        return NetworkIdentity(f"{name}$@corp.example", PASSWORD)

    def authority(self) -> Authority:
        return Authority(issuer, lambda: FakeConnection(self, Person(())), lambda: self.authority_answers, lambda: NOW)

    @property
    def published(self) -> list[str]:
        """Names of the published templates."""
        values = self.objects[f"CN=CORP Issuing CA 1,{SERVICES_DN}"]["certificatetemplates"]
        return [value.decode() for value in values]


@dataclass
class FakeConnection:
    """Implements Connection."""

    forest: FakeForest
    person: Person

    def own_sids(self) -> tuple[str, ...]:
        self._asked()
        return self.person.sids

    def _asked(self) -> None:
        left = self.forest.answers_left
        if left is not None:
            if not left:
                raise Unreachable("directory")
            self.forest.answers_left = left - 1

    def read(self, dn: str, attributes: Sequence[str]) -> list[tuple[str, Attributes]]:
        self._asked()
        found = self._find(dn)
        return [] if found is None else [(dn, self._only(found, attributes))]

    def below(self, dn: str, expression: str, attributes: Sequence[str]) -> list[tuple[str, Attributes]]:
        self._asked()
        assert expression == "(objectClass=pKIEnrollmentService)"
        return [
            (name, self._only(found, attributes))
            for name, found in self.forest.objects.items()
            if name.partition(",")[2] == dn
        ]

    def add(self, dn: str, attribute: str, values: Sequence[bytes]) -> None:
        self._writable(dn).setdefault(attribute.lower(), []).extend(values)

    def write_dacl(self, dn: str, descriptor: bytes) -> None:
        self._writable(dn)["ntsecuritydescriptor"] = [descriptor]

    def _writable(self, dn: str) -> Attributes:
        self._asked()
        if not self.person.writes:
            raise AccessDenied(dn)
        found = self._find(dn)
        if found is None:
            raise NotFound(dn)
        return found

    def _find(self, dn: str) -> Attributes | None:
        return next((one for name, one in self.forest.objects.items() if name.casefold() == dn.casefold()), None)

    @staticmethod
    def _only(found: Attributes, attributes: Sequence[str]) -> Attributes:
        wanted = {one.lower() for one in attributes}
        return {key: list(values) for key, values in found.items() if key in wanted}


_: type[Connection] = FakeConnection
