# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The WinRM services of many hosts in one process.

    acceptor = Acceptor()
    service = Service(machine, acceptor)
    service.listen("10.77.0.31", 5985)
    service.listen("10.77.0.31", 5986, load_tls(certificate, key))
    service.open()

One thread accepts for all hosts; every connection has a thread of its own.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .authentication import endpoint_binding
from .connection import Connection, Surroundings, Tls, reset
from .counters import Counters
from .machine import Machine
from .operations import Operations
from .settings import InForce, Settings
from .shells import Shells
from .trouble import Trouble

_LOG = logging.getLogger(__name__)

#: Connections that wait to be accepted, per listener.
BACKLOG = 128

#: Seconds that `close` waits for the threads of a host's connections.
_PATIENCE = 2.0


def load_tls(certificate: Path, key: Path) -> Tls:
    """What a listener needs for HTTPS, from files in PEM: the certificate, with its chain, and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    leaf = x509.load_pem_x509_certificates(Path(certificate).read_bytes())[0]
    return Tls(context, endpoint_binding(leaf.public_bytes(Encoding.DER)))


class Acceptor:
    """Accepts the connections of all listeners, in one thread, which begins with the first of them."""

    def __init__(self) -> None:
        self._poll = select.epoll()
        self._lock = threading.Lock()
        self._listeners: dict[int, Listener] = {}
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._poll.register(self._wake_read, select.EPOLLIN)
        self._thread: threading.Thread | None = None
        self._ends = False

    def add(self, listener: Listener, number: int) -> None:
        """Accept for a listener, whose socket has the number."""
        with self._lock:
            self._listeners[number] = listener
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="winrm acceptor", daemon=True)
                self._thread.start()
        self._poll.register(number, select.EPOLLIN)

    def remove(self, number: int) -> None:
        with self._lock:
            self._listeners.pop(number, None)
        self._poll.unregister(number)

    def stop(self) -> None:
        """End the thread. The listeners are to be closed before."""
        self._ends = True
        os.write(self._wake_write, b"x")
        if self._thread is not None:
            self._thread.join()
        self._poll.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        while not self._ends:
            for number, _ in self._poll.poll():
                with self._lock:
                    listener = self._listeners.get(number)
                if listener is not None:
                    listener.accept()


class Listener:
    """An address and port of a host; with `tls`, of HTTPS."""

    def __init__(self, service: Service, address: str, port: int, tls: Tls | None) -> None:
        self._service = service
        self.address = address
        #: The port; where 0 was asked for, the one that the system gave when it was opened first.
        self.port = port
        self.tls = tls
        self._socket: socket.socket | None = None

    def open(self, acceptor: Acceptor) -> None:
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        # SO_REUSEADDR, because a host comes back at once while the last connections of its old self linger.
        made = socket.create_server((self.address, self.port), family=family, backlog=BACKLOG)
        made.setblocking(False)
        self.port = int(made.getsockname()[1])
        self._socket = made
        acceptor.add(self, made.fileno())

    def close(self, acceptor: Acceptor) -> None:
        if self._socket is not None:
            acceptor.remove(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def accept(self) -> None:
        """Take what waits. Called by the acceptor's thread; raises nothing."""
        listening = self._socket
        if listening is None:
            return
        try:
            accepted, peer = listening.accept()
        except OSError:
            # Nobody waits any more, or the listener was closed meanwhile.
            return
        accepted.setblocking(True)
        with contextlib.suppress(OSError):
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._service.adopt(accepted, str(peer[0]), self.tls)


class Service:
    """The WinRM service of a host.

    Attributes:
        settings: The host's, changeable at any time.
        trouble: What faults are ordered.
        counters: What was done since the service was made.
        listeners: In the order in which they were made.
        before_connection: Called once, before the next connection is served, which it may close and open the service
            for.
    """

    def __init__(
        self,
        machine: Machine,
        acceptor: Acceptor,
        settings: Settings | None = None,
        trouble: Trouble | None = None,
        version: str | None = None,
    ) -> None:
        """Make a service that is closed.

        Args:
            version: What Identify tells who is logged on, such as `OS: 10.0.20348 SP: 0.0 Stack: 3.0`.
        """
        self.settings = settings or Settings()
        self.trouble = trouble or Trouble()
        self.counters = Counters()
        self.listeners: list[Listener] = []
        self.before_connection: Callable[[], None] | None = None
        self._machine = machine
        self._acceptor = acceptor
        self._version = version
        self._lock = threading.RLock()
        self._shared: Surroundings | None = None
        self._shells: Shells | None = None
        self._connections: dict[Connection, threading.Thread] = {}

    def listen(self, address: str, port: int, tls: Tls | None = None) -> Listener:
        """Add a listener, which `open` opens."""
        listener = Listener(self, address, port, tls)
        self.listeners.append(listener)
        return listener

    @property
    def is_open(self) -> bool:
        return self._shared is not None

    @property
    def shells(self) -> int:
        """How many shells there are."""
        shells = self._shells
        return shells.count() if shells else 0

    def open(self) -> None:
        """Listen, without shells, as after a boot. OSError, and nothing listens, if an address cannot be had."""
        with self._lock:
            if self._shared is not None:
                return
            settings = InForce(self.settings, lambda: self.trouble.settings)
            self._shells = Shells(self._machine, settings, self.counters)
            self._shared = Surroundings(
                self._machine,
                settings,
                self.trouble,
                self.counters,
                Operations(self._shells, settings, self.counters, self._version),
                threading.Event(),
            )
            try:
                for listener in self.listeners:
                    listener.open(self._acceptor)
            except OSError:
                self.close()
                raise

    def close(self) -> None:
        """Stop listening, drop all connections and lose all shells. May be called by a process of the host itself."""
        with self._lock:
            shared, shells = self._shared, self._shells
            self._shared = self._shells = None
            for listener in self.listeners:
                listener.close(self._acceptor)
            connections, self._connections = self._connections, {}
        if shared is None or shells is None:
            return
        shared.closing.set()
        for connection in connections:
            connection.abort()
        shells.clear()
        deadline = time.monotonic() + _PATIENCE
        for thread in connections.values():
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def order(self, value: Any) -> None:
        """Order faults, see lab.winrm.trouble; {} takes them back."""
        self.trouble.order(value)

    def traffic(self) -> dict[str, Any]:
        """The counters, and `shells` and `open_connections` as they are now."""
        with self._lock:
            connections = len(self._connections)
        return {**self.counters.export(), "shells": self.shells, "open_connections": connections}

    def adopt(self, accepted: socket.socket, peer: str, tls: Tls | None) -> None:
        """Serve a connection that was accepted, or reset it. Raises nothing."""
        self.counters.event("connections")
        before, self.before_connection = self.before_connection, None
        if before is None:
            self._adopt(accepted, peer, tls)
            return

        def serve() -> None:
            before()
            self._adopt(accepted, peer, tls)

        # Not in the acceptor's thread, which other hosts need.
        threading.Thread(target=serve, name="winrm connection after a boot", daemon=True).start()

    def _adopt(self, accepted: socket.socket, peer: str, tls: Tls | None) -> None:
        with self._lock:
            shared = self._shared
            full = shared and len(self._connections) >= shared.settings.number("MaxConnections")
            if shared is None or full or self.trouble.refuses():
                reset(accepted)
                return
            connection = Connection(shared, accepted, peer, tls)
            thread = threading.Thread(target=self._serve, args=(connection,), name="winrm connection", daemon=True)
            self._connections[connection] = thread
            try:
                thread.start()
            except RuntimeError:
                _LOG.exception("no thread for a connection")
                del self._connections[connection]
                reset(accepted)

    def _serve(self, connection: Connection) -> None:
        try:
            connection.run()
        except Exception:
            _LOG.exception("%s: a connection failed", self._machine.fqdn)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
