# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host with its WinRM service: switched on and off, rebooted, replaced by a blank one."""

from __future__ import annotations

import logging
import threading
from typing import Any

from lab.windows import tables
from lab.windows.host import Host
from lab.windows.running import boot
from lab.windows.serving.keeper import Keeper
from lab.windows.serving.machine import SimulatedMachine
from lab.winrm.connection import Tls
from lab.winrm.server import Acceptor, Service

_LOG = logging.getLogger(__name__)

#: WinRM's ports: HTTP with encrypted messages, HTTPS.
HTTP, HTTPS = 5985, 5986

#: Seconds that a host is away when it boots, unless trouble was ordered that says otherwise.
BOOT_SECONDS = 1.5


class Server:
    """A host and what listens for it."""

    def __init__(
        self, host: Host, keeper: Keeper, acceptor: Acceptor, tls: Tls, *, boots_between_connections: bool = False
    ) -> None:
        """Serve a host, which is not switched on yet.

        Args:
            boots_between_connections: Whether a reboot that was asked for is over when the next connection is made,
                unless trouble was ordered that says how long it takes. The time that it takes is saved so, and that
                which win_reboot waits for a host that was away.
        """
        self._boots_between_connections = boots_between_connections
        self._keeper = keeper
        self._acceptor = acceptor
        self._tls = tls
        self._switch = threading.RLock()
        self._restart: threading.Timer | None = None
        self._take(host)

    def _take(self, host: Host) -> None:
        self.host = host
        self._saved = host.revision
        host.on_reboot = self._request_reboot
        host.on_abort = self._abort_reboot
        release = tables.release(host.identity)
        version = "{major}.{minor}.{build}".format_map(release)
        self._service = Service(
            SimulatedMachine(host, self._save), self._acceptor, version=f"OS: {version} SP: 0.0 Stack: 3.0"
        )
        self._service.listen(host.identity.address, HTTP)
        self._service.listen(host.identity.address, HTTPS, self._tls)

    def _save(self, host: Host) -> None:
        with host.lock:
            if host is self.host and host.revision != self._saved:
                self._keeper.save(host)
                self._saved = host.revision

    # On and off

    def start(self) -> None:
        """Let it answer; nothing to do if it does."""
        with self._switch:
            self._service.open()

    def stop(self) -> None:
        """Switch it off. What waits for a reboot still waits."""
        with self._switch:
            self._cancel_reboot()
            self.host.boot_scheduled = False
            self._service.close()

    def replace(self, host: Host) -> None:
        """Let another host take the place of this one, switched on."""
        with self._switch:
            self.stop()
            self._take(host)
            self._keeper.save(host)
            self.start()

    # Reboots

    def _request_reboot(self, seconds: float) -> None:
        """Reboot after a while, as shutdown.exe /r /t does; the client that asks has its answer by then."""
        with self._switch:
            self._cancel_reboot()
            self._restart = threading.Timer(seconds, self._reboot)
            self._restart.daemon = True
            self._restart.start()
            if self._boots_between_connections and self._service.trouble.boot_seconds is None:
                self._service.before_connection = self._boot_at_once

    def _abort_reboot(self) -> bool:
        """Take a reboot back; False once the host is on its way."""
        with self._switch:
            if self._restart is None or not self._service.is_open:
                return False
            self._cancel_reboot()
            return True

    def _cancel_reboot(self) -> None:
        if self._restart is not None:
            self._restart.cancel()
            self._restart = None

    def _reboot(self) -> None:
        away = self._service.trouble.boot_seconds
        with self._switch:
            if self._restart is None:
                return
            self._service.close()
            self._restart = threading.Timer(BOOT_SECONDS if away is None else away, self._boot)
            self._restart.daemon = True
            self._restart.start()

    def _boot_at_once(self) -> None:
        with self._switch:
            if self._restart is None:
                return
            self._restart.cancel()
            self._service.close()
            self._boot()

    def _boot(self) -> None:
        with self._switch:
            if self._restart is None:
                return
            self._restart = None
            try:
                with self.host.lock:
                    boot.perform(self.host)
                    self._keeper.save(self.host)
            except Exception:
                _LOG.exception("%s did not boot", self.host.identity.name)
                return
            self._service.open()

    # What bin/lab asks

    def status(self) -> dict[str, Any]:
        """`release`, `language`, `edition`, and `answers`: whether it listens."""
        identity = self.host.identity
        return {
            "release": identity.release,
            "language": identity.language,
            "edition": identity.edition,
            "answers": self._service.is_open,
        }

    def export(self) -> dict[str, Any]:
        with self.host.lock:
            return self.host.export()

    def traffic(self) -> dict[str, Any]:
        return self._service.traffic()

    def order(self, trouble: Any) -> None:
        self._service.order(trouble)
        self.host.disk_full = self._service.trouble.disk_full
