# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forest's certification authorities for somebody who can prove who they are.

What is written to the directory is written over a connection that is bound as the caller, so that the domain
controller decides by its own access control lists. What the CA asks of the directory it asks as itself.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lab import estate
from lab.windows.people.token import NetworkIdentity

from . import templates
from .descriptor import allowing, with_entries
from .directory import AccessDenied, Connection, LdapConnection, LogonRefused, NotFound, Unreachable
from .facts import facts
from .issuing import Issuer, Refused, Request, issue

if TYPE_CHECKING:
    from lab.layout import Layout

__all__ = [
    "AccessDenied",
    "Caller",
    "DirectoryEnterprise",
    "Enterprise",
    "LogonRefused",
    "NetworkIdentity",
    "NoEnterprise",
    "NotFound",
    "Service",
    "Unreachable",
]

TEMPLATES_DN = f"CN=Certificate Templates,{estate.PUBLIC_KEY_SERVICES}"
SERVICES_DN = f"CN=Enrollment Services,{estate.PUBLIC_KEY_SERVICES}"
_SERVICE = ("cn", "dNSHostName", "cACertificate", "certificateTemplates")


@dataclass(frozen=True)
class Service:
    """An enrolment service of the directory: a CA that issues by templates."""

    dn: str
    name: str
    host: str
    certificate: bytes
    templates: tuple[str, ...]

    @property
    def config(self) -> str:
        return f"{self.host}\\{self.name}"


class Enterprise(Protocol):
    """The forest as one reaches it with a password."""

    def log_on(self, identity: NetworkIdentity) -> Caller:
        """Prove oneself to a domain controller.

        Raises:
            LogonRefused: It does not take the password, or the account may not log on.
            Unreachable: No domain controller answers.
        """
        ...

    def computer(self, name: str) -> NetworkIdentity | None:
        """As whom the system of a host goes to the network: its computer account."""
        ...


class NoEnterprise:
    """A host that reaches nothing. For tests of the model alone."""

    def log_on(self, identity: NetworkIdentity) -> Caller:  # noqa: ARG002
        raise Unreachable("directory")

    def computer(self, name: str) -> NetworkIdentity | None:  # noqa: ARG002
        return None


@dataclass(frozen=True)
class Authority:
    """The CA as a process: its key, its own connection to the directory, whether its host answers, its clock."""

    issuer: Callable[[], Issuer]
    connection: Callable[[], Connection]
    answers: Callable[[], bool]
    now: Callable[[], datetime.datetime] = lambda: datetime.datetime.now(datetime.UTC)


class Caller:
    """Somebody who logged on."""

    def __init__(self, connection: Connection, authority: Authority) -> None:
        self._connection = connection
        self._authority = authority
        #: SIDs of the account and of all its groups, as the domain controller has them for this connection. Its own
        #: BUILTIN groups are nobody elsewhere.
        self.sids = frozenset(sid for sid in connection.own_sids() if not sid.startswith("S-1-5-32-"))

    def service(self, config: str) -> Service | None:
        """The enrolment service of a config string `host\\name`; None if the directory has none.

        The host is named by its DNS name or by the first part of it.
        """
        host, _, name = config.partition("\\")
        for found in services(self._connection):
            if found.name.casefold() == name.casefold() and host.casefold() in _names(found.host):
                return found
        return None

    @property
    def authority_answers(self) -> bool:
        """Whether the host of the CA does; the forest has one."""
        return self._authority.answers()

    def publish(self, service: Service, names: Sequence[str]) -> tuple[str, ...]:
        """Publish templates on a CA, those that are not yet. Returns what was added.

        Raises:
            AccessDenied: The caller may not write the object of the CA.
            NotFound: There is no template of a name.
        """
        for name in names:
            if not self._connection.read(f"CN={name},{TEMPLATES_DN}", ("cn",)):
                raise NotFound(name)
        present = {name.casefold() for name in service.templates}
        added = tuple(name for name in names if name.casefold() not in present)
        if added:
            self._connection.add(service.dn, "certificateTemplates", [name.encode() for name in added])
        return added

    def let_enrol(self, template: str, sid: str) -> bool:
        """Give somebody Read and Enroll on a template; whether it was missing. AccessDenied, NotFound."""
        dn = f"CN={template},{TEMPLATES_DN}"
        found = self._connection.read(dn, ("nTSecurityDescriptor",))
        if not found:
            raise NotFound(template)
        rights = facts()["rights"]
        before = found[0][1]["ntsecuritydescriptor"][0]
        wanted = [allowing(sid, 0x100, rights["enroll"]), allowing(sid, rights["read_mask"])]
        after = with_entries(before, wanted)
        if len(after) == len(with_entries(before, [])):
            return False
        self._connection.write_dacl(dn, after)
        return True

    def enrol(self, service: Service, template: str, request: Request) -> x509.Certificate:
        """Ask a CA for a certificate.

        Raises:
            Unreachable: Its host does not answer, or it reaches no domain controller.
            Refused: It denies the request.
        """
        if not self.authority_answers:
            raise Unreachable("authority")
        connection = self._authority.connection()
        published = {
            name.casefold() for found in services(connection) if found.dn == service.dn for name in found.templates
        }
        found = connection.read(f"CN={template},{TEMPLATES_DN}", templates.ATTRIBUTES)
        if not found or template.casefold() not in published:
            raise Refused("unsupported_template")
        return issue(self._authority.issuer(), templates.read(found[0][1]), self.sids, request, self._authority.now())


def services(connection: Connection) -> list[Service]:
    """The enrolment services of the forest."""
    found = connection.below(SERVICES_DN, "(objectClass=pKIEnrollmentService)", _SERVICE)
    return [
        Service(
            dn,
            values["cn"][0].decode(),
            values["dnshostname"][0].decode(),
            values["cacertificate"][0],
            tuple(value.decode() for value in values.get("certificatetemplates", ())),
        )
        for dn, values in found
    ]


def _names(host: str) -> tuple[str, str]:
    return host.casefold(), host.casefold().partition(".")[0]


class DirectoryEnterprise:
    """The lab's forest: its domain controllers, and its issuing CA with the key that lies in the lab's directory."""

    def __init__(self, layout: Layout, passwords: Mapping[str, str], answers: Callable[[], bool]) -> None:
        """The forest.

        Args:
            layout: The lab.
            passwords: Of the computer accounts by the name of the host.
            answers: Whether the CA's host does.
        """
        self._layout = layout
        self._passwords = passwords
        self._authority = Authority(self._issuer, self._as_authority, answers)

    def log_on(self, identity: NetworkIdentity) -> Caller:
        return Caller(self._connect(identity), self._authority)

    def computer(self, name: str) -> NetworkIdentity | None:
        return NetworkIdentity(f"{name.upper()}$@{estate.REALM}", self._passwords[name])

    def _as_authority(self) -> Connection:
        identity = self.computer(estate.CA_HOST.name)
        assert identity is not None
        return self._connect(identity)

    def _connect(self, identity: NetworkIdentity) -> Connection:
        # The same domain controller is asked first by everybody: what one wrote the other must not miss.
        uris = [f"ldaps://{controller.fqdn}" for controller in estate.DOMAIN_CONTROLLERS]
        made = LdapConnection.open(uris, bind_name(identity.account), identity.password, self._layout.root_certificate)
        if made is None:
            raise Unreachable("directory")
        return made

    def _issuer(self) -> Issuer:
        folder = self._layout.certificates
        key = serialization.load_pem_private_key((folder / "issuing.key").read_bytes(), None)
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise TypeError(type(key).__name__)
        certificate = x509.load_pem_x509_certificate((folder / "issuing.pem").read_bytes())
        return Issuer(certificate, key, estate.ISSUING_CA, estate.CA_HOST.name)


def bind_name(account: str) -> str:
    """The name of an account for a simple bind: with the domain's NetBIOS name, or as principal name."""
    domain, separator, name = account.rpartition("\\")
    if "@" in account and not separator:
        return account
    if not separator or re.fullmatch(re.escape(estate.DNS_DOMAIN), domain, re.IGNORECASE):
        domain = estate.NETBIOS_DOMAIN
    return f"{domain}\\{name}"
