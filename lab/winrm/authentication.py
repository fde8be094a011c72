# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who a connection is: Negotiate, Kerberos, NTLM inside of Negotiate, and Basic. The cryptography is pyspnego's.

A logon holds for its connection, as on Windows. Kerberos needs the environment variable KRB5_KTNAME to name a keytab
with the keys of HTTP/fqdn for every host of the process.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
from dataclasses import dataclass, field
from typing import Any

import spnego
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from spnego.channel_bindings import GssChannelBindings

from . import ntlm
from .encryption import InvalidMessage
from .machine import AccessDenied, LogonRefused, Machine
from .settings import InForce

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identity:
    """Who has logged on. `user` is the name as it was proved; `denied` says that it may not use WinRM."""

    user: str
    token: Any
    denied: bool = False


@dataclass
class Verdict:
    """What a request is told: go on, perhaps with a last token for the client, or 401 with these headers."""

    identity: Identity | None
    headers: list[tuple[str, str]] = field(default_factory=list)
    #: A 401 in the middle of a logon, which continues on this connection.
    continues: bool = False


class Session:
    """The keys of a Negotiate or Kerberos logon. Implements lab.winrm.encryption.Context."""

    def __init__(self, context: spnego.ContextProxy) -> None:
        self._context = context

    def wrap(self, message: bytes) -> tuple[bytes, bytes]:
        wrapped = self._context.wrap_winrm(message)
        return wrapped.header, wrapped.data

    def unwrap(self, signature: bytes, message: bytes) -> bytes:
        try:
            return self._context.unwrap_winrm(signature, message)
        # The libraries below raise what they like for what a stranger sent.
        except Exception as error:
            raise InvalidMessage(f"Not encrypted for this connection: {type(error).__name__}") from error


def endpoint_binding(certificate: bytes) -> GssChannelBindings:
    """The channel bindings of type tls-server-end-point (RFC 5929 4.1) for a certificate in DER."""
    try:
        algorithm = x509.load_der_x509_certificate(certificate).signature_hash_algorithm
    except UnsupportedAlgorithm:
        algorithm = None
    name = "sha256" if algorithm is None or algorithm.name in {"md5", "sha1"} else algorithm.name
    digest = hashlib.new(name, certificate).digest()
    return GssChannelBindings(application_data=b"tls-server-end-point:" + digest)


class Authenticator:
    """The logon of one connection.

    Args:
        is_private: Whether the connection is inside TLS.
        binding: What a client inside TLS may have bound its logon to.
    """

    def __init__(
        self, machine: Machine, settings: InForce, is_private: bool, binding: GssChannelBindings | None
    ) -> None:
        self._machine = machine
        self._settings = settings
        self._is_private = is_private
        self._binding = binding
        self._context: spnego.ContextProxy | None = None
        self._scheme = ""
        self._basic: str | None = None
        self._identity: Identity | None = None
        self._session: Session | None = None

    @property
    def session(self) -> Session | None:
        """The keys for encrypted messages, once there are some."""
        return self._session

    def offered(self) -> list[str]:
        """The schemes, in Windows' order."""
        offered = [scheme for scheme in ("Negotiate", "Kerberos") if self._settings.flag(scheme)]
        if self._settings.flag("Basic") and (self._is_private or self._settings.flag("AllowUnencrypted")):
            offered.append('Basic realm="WSMAN"')
        return offered

    def check(self, header: str | None) -> Verdict:
        """Judge a request by its Authorization header. Never raises for what a client sent."""
        if header is None:
            # Basic proves every request anew, the others prove the connection.
            return Verdict(self._identity) if self._identity and self._basic is None else self._refuse()
        scheme, _, value = header.strip().partition(" ")
        names = {offer.partition(" ")[0].lower(): offer.partition(" ")[0] for offer in self.offered()}
        known = names.get(scheme.lower())
        if known is None:
            return self._refuse()
        try:
            token = base64.b64decode(value.strip(), validate=True)
        except (binascii.Error, ValueError):
            return self._refuse()
        if not token:
            return self._refuse()
        if known == "Basic":
            return self._check_basic(header, token)
        return self._step(known, token)

    def _refuse(self) -> Verdict:
        self._context = self._session = self._identity = None
        self._basic = None
        return Verdict(None, [("WWW-Authenticate", offer) for offer in self.offered()])

    def _check_basic(self, header: str, token: bytes) -> Verdict:
        if self._basic == header and self._identity:
            return Verdict(self._identity)
        user, separator, password = token.decode("utf-8", "replace").partition(":")
        if not separator:
            return self._refuse()
        try:
            identity = Identity(user, self._machine.logon_basic(user, password))
        except LogonRefused:
            return self._refuse()
        except AccessDenied:
            identity = Identity(user, None, denied=True)
        self._context = self._session = None
        self._basic, self._identity = header, identity
        return Verdict(identity)

    def _step(self, scheme: str, token: bytes) -> Verdict:
        if self._context is None or self._context.complete or self._scheme != scheme:
            self._refuse()
            self._scheme = scheme
        try:
            answer = self._advance(scheme, token)
        # pyspnego and the libraries below raise what they like for what a stranger sent.
        except Exception as error:
            _LOG.info("%s: a %s logon failed: %s", self._machine.fqdn, scheme, error)
            return self._refuse()
        context = self._context
        headers = [("WWW-Authenticate", f"{scheme} {base64.b64encode(answer).decode('ascii')}")] if answer else []
        if context is None:
            return self._refuse()
        if not context.complete:
            return Verdict(None, headers, continues=True) if answer else self._refuse()
        user = context.client_principal or ""
        try:
            self._identity = Identity(user, self._machine.logon(user))
        except LogonRefused:
            return self._refuse()
        except AccessDenied:
            self._identity = Identity(user, None, denied=True)
        self._session = Session(context)
        return Verdict(self._identity, headers)

    def _advance(self, scheme: str, token: bytes) -> bytes | None:
        authenticate = ntlm.find(token)
        bindings = self._binding if self._settings.text("CbtHardeningLevel") != "None" else None
        if self._context is None:
            ntlm.HASH_FILE.prepare()
            self._context = spnego.server(
                hostname=self._machine.fqdn,
                service="HTTP",
                protocol=scheme.lower(),
                # Without the name, a ticket for any host of the keytab would do.
                credentials=spnego.CredentialCache(username=f"HTTP@{self._machine.fqdn}"),
            )
        if authenticate is None:
            return self._context.step(token, channel_bindings=bindings)
        found = self._machine.nt_hash(authenticate.domain, authenticate.user)
        if found is None or not _fits_a_line(authenticate.account):
            raise LogonRefused(authenticate.account)
        with ntlm.HASH_FILE.holding(authenticate.account, found):
            # Relaxed: checked where the client has sent them.
            return self._context.step(token, channel_bindings=bindings if authenticate.is_bound else None)


def _fits_a_line(account: str) -> bool:
    return ":" not in account and len(account.splitlines()) == 1
