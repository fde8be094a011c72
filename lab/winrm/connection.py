# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One connection of a client, from its TLS handshake to its end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from spnego.channel_bindings import GssChannelBindings

from . import encryption, envelope, faults, http
from .authentication import Authenticator, Identity
from .counters import Counters
from .faults import Fault, WsmanFault
from .http import Response
from .machine import Machine, Outcome, ShellOptions
from .operations import Caller, Operations
from .settings import InForce
from .trouble import Order, Trouble

#: Seconds for a TLS handshake.
HANDSHAKE = 15.0

#: Seconds in which a client may finish sending a request that was refused already.
_DRAIN_SECONDS = 5.0

_SOAP = "application/soap+xml"
_SOAP_ANSWER = "application/soap+xml;charset=UTF-8"

T = TypeVar("T")


@dataclass(frozen=True)
class Tls:
    """What a listener of HTTPS needs: its context, and what clients may bind their logon to."""

    context: ssl.SSLContext
    binding: GssChannelBindings


@dataclass(frozen=True)
class Surroundings:
    """What the connections of a host share, until it is closed."""

    machine: Machine
    settings: InForce
    trouble: Trouble
    counters: Counters
    operations: Operations
    #: Set when the host is closed.
    closing: threading.Event


class _Dropped(Exception):  # noqa: N818
    """An ordered fault: reset the connection."""


class _TimedMachine:
    """A machine whose time is not counted as the transport's."""

    def __init__(self, machine: Machine, counters: Counters) -> None:
        self._machine = machine
        self._counters = counters
        self.fqdn = machine.fqdn

    def _timed(self, function: Callable[[], T]) -> T:
        wall, processor = time.perf_counter(), time.thread_time()
        try:
            return function()
        finally:
            wall, processor = time.perf_counter() - wall, time.thread_time() - processor
            self._counters.seconds("host", wall, processor)
            self._counters.seconds("transport", -wall, -processor)

    def nt_hash(self, domain: str, user: str) -> bytes | None:
        return self._timed(lambda: self._machine.nt_hash(domain, user))

    def logon_basic(self, user: str, password: str) -> Any:
        return self._timed(lambda: self._machine.logon_basic(user, password))

    def logon(self, user: str) -> Any:
        return self._timed(lambda: self._machine.logon(user))

    def run(self, token: Any, options: ShellOptions, command_line: str, stdin: bytes) -> Outcome:
        return self._machine.run(token, options, command_line, stdin)


class Connection:
    """Serves a socket in the thread that calls `run`."""

    def __init__(self, shared: Surroundings, accepted: socket.socket, peer: str, tls: Tls | None) -> None:
        self._shared = shared
        self._socket = accepted
        self._peer = peer
        self._tls = tls
        self._authenticator = Authenticator(
            _TimedMachine(shared.machine, shared.counters),
            shared.settings,
            tls is not None,
            tls.binding if tls else None,
        )

    def run(self) -> None:
        """Serve until the client, a fault or the host ends it. Raises nothing for what a client does."""
        try:
            processor = time.thread_time()
            if self._tls is not None:
                self._socket.settimeout(HANDSHAKE)
                # Not in one step: `abort` must find the socket while the client is slow.
                secured = self._tls.context.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
                self._socket = secured
                secured.do_handshake()
            self._shared.counters.seconds("transport", 0.0, time.thread_time() - processor)
            reader = http.Reader(self._receive, self._send)
            while not self._shared.closing.is_set() and self._serve_one(reader):
                pass
        except _Dropped:
            self._reset()
        except (OSError, ValueError, http.Gone):
            # ValueError: the TLS layer's for a socket that was shut down meanwhile.
            pass
        finally:
            with contextlib.suppress(OSError):
                self._socket.close()

    def abort(self) -> None:
        """End the connection from another thread."""
        with contextlib.suppress(OSError):
            # Not ssl's shutdown, which would take the TLS layer away under the other thread.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _reset(self) -> None:
        reset(self._socket)

    def _receive(self, size: int, seconds: float) -> bytes:
        self._socket.settimeout(seconds)
        content = self._socket.recv(size)
        self._shared.counters.bytes("in", len(content))
        return content

    def _drain(self) -> None:
        """Take what the client still sends: closed before, the connection would be reset, and the answer lost."""
        end = time.monotonic() + _DRAIN_SECONDS
        with contextlib.suppress(OSError):
            while (left := end - time.monotonic()) > 0 and self._receive(262144, left):
                pass

    def _send(self, content: bytes) -> None:
        self._socket.settimeout(self._shared.settings.number("MaxPacketRetrievalTimeSeconds"))
        self._socket.sendall(content)
        self._shared.counters.bytes("out", len(content))

    def _serve_one(self, reader: http.Reader) -> bool:
        """Answer a request. Whether the connection stays."""
        settings, counters = self._shared.settings, self._shared.counters
        began, processor = time.perf_counter(), time.thread_time()
        read = began
        try:
            try:
                request = reader.request(
                    settings.number("MaxEnvelopeSizekb") * 1024 + encryption.OVERHEAD,
                    settings.number("ConnectionIdleSeconds"),
                    settings.number("MaxPacketRetrievalTimeSeconds"),
                )
            except http.Refused as refused:
                counters.fault(f"http_{refused.status}")
                self._send(http.page(refused.status).write())
                self._drain()
                return False
            finally:
                read = time.perf_counter()
            if request is None or self._shared.closing.is_set():
                return False
            response = self._answer(request)
            response.keep_alive = response.keep_alive and request.keep_alive
            self._send(response.write())
            return response.keep_alive
        finally:
            counters.seconds("client", read - began)
            counters.seconds("transport", time.perf_counter() - read, time.thread_time() - processor)

    def _answer(self, request: http.Request) -> Response:
        if request.path.lower().rstrip("/") != "/wsman":
            return http.page(404)
        if request.method != "POST":
            return Response(405, headers=[("Allow", "POST")], keep_alive=False)
        if request.headers.get("wsmanidentify", "").lower() == "unauthenticated":
            return self._identify(request)
        authorization = request.headers.get("authorization")
        verdict = self._authenticator.check(authorization)
        if verdict.identity is None:
            if authorization is not None and not verdict.continues:
                self._shared.counters.event("refused_logons")
            return Response(401, headers=verdict.headers, keep_alive=verdict.continues)
        response = self._authenticated(request, verdict.identity)
        response.headers += verdict.headers
        return response

    def _identify(self, request: http.Request) -> Response:
        try:
            asked = envelope.read(request.body)
        except envelope.RefusedEnvelope:
            asked = None
        if asked is None or asked.kind != "Identify":
            return Response(401, headers=[("WWW-Authenticate", offer) for offer in self._authenticator.offered()])
        self._shared.counters.operation("Identify")
        return Response(200, self._shared.operations.identify(False), _SOAP_ANSWER)

    def _authenticated(self, request: http.Request, identity: Identity) -> Response:
        if not request.body:
            # How a client logs on before it encrypts its first message.
            return Response(200)
        session = self._authenticator.session
        content_type = request.headers.get("content-type", "")
        try:
            sealed = encryption.protocol_of(content_type)
            if sealed is None:
                return self._plain(request, identity, content_type)
            if session is None:
                raise encryption.InvalidMessage("There are no keys")
            content = encryption.decrypt(request.body, sealed[1], session)
        except encryption.InvalidMessage:
            # Also a message for another connection's keys, which clients send when theirs was lost.
            self._shared.counters.fault("http_400")
            return Response(400, keep_alive=False)
        response = self._operate(content, identity)
        if response.body:
            response.content_type, response.body = encryption.encrypt(response.body, sealed[0], session)
        return response

    def _plain(self, request: http.Request, identity: Identity, content_type: str) -> Response:
        if self._tls is None and not self._shared.settings.flag("AllowUnencrypted"):
            self._shared.counters.fault("unencrypted")
            return Response(500, keep_alive=False)
        if content_type.partition(";")[0].strip().lower() != _SOAP:
            return Response(415, keep_alive=False)
        return self._operate(request.body, identity)

    def _operate(self, content: bytes, identity: Identity) -> Response:
        try:
            asked = envelope.read(content)
        except envelope.RefusedEnvelope as refused:
            return self._fault(refused.fault, refused.message_id)
        self._shared.counters.operation(asked.kind)
        hits = self._shared.trouble.meet(asked.kind)
        answered = self._before(hits, asked)
        if answered is not None:
            return answered
        caller = Caller(identity.user, identity.token, self._peer)
        try:
            if identity.denied:
                raise WsmanFault("access_denied")
            response = Response(200, self._shared.operations.perform(asked, caller), _SOAP_ANSWER)
        except WsmanFault as error:
            response = self._fault(error.fault, asked.message_id)
        if any(hit.kind == "drop" and hit.when == "after" for hit in hits):
            raise _Dropped
        return response

    def _before(self, hits: list[Order], asked: envelope.Request) -> Response | None:
        """Ordered faults that come before the operation."""
        for hit in hits:
            if hit.kind == "delay" and self._shared.closing.wait(hit.seconds):
                raise _Dropped
        if any(hit.kind == "drop" and hit.when == "before" for hit in hits):
            raise _Dropped
        for hit in hits:
            if hit.kind == "fault":
                return self._fault(self._ordered(hit.name, asked), asked.message_id)
            if hit.kind == "status":
                return Response(hit.status, keep_alive=False)
        return None

    def _ordered(self, name: str, asked: envelope.Request) -> Fault:
        limit = faults.LIMITS.get(name)
        values = {"limit": self._shared.settings.number(limit)} if limit else {}
        return faults.fault(name, shell=asked.selectors.get("ShellId", ""), **values)

    def _fault(self, fault: Fault, message_id: str) -> Response:
        self._shared.counters.fault(fault.name)
        return Response(500, envelope.refusal(fault, self._shared.machine.fqdn, message_id), _SOAP_ANSWER)


def reset(connection: socket.socket) -> None:
    """Close a connection so that its client is told it was reset."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        # Detached, so that TLS does not say good-bye first.
        socket.close(connection.detach())
