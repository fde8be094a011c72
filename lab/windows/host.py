# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host: its identity and its parts, kept in one file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from lab.authority import Enterprise, NoEnterprise
from lab.windows.people.directory import Directory, NoDirectory

from .identity import Identity
from .part import Json, Part
from .parts.accounts import Accounts
from .parts.audit_policy import AuditPolicy
from .parts.certificates import CertificateStores
from .parts.clock import Clock
from .parts.event_logs import EventLogs
from .parts.features import Features
from .parts.files import Files
from .parts.firewall import Firewall
from .parts.iis import Iis
from .parts.packages import Packages
from .parts.power import Power
from .parts.registry import Registry
from .parts.rights import UserRights
from .parts.security import Securities
from .parts.services import Services
from .parts.tasks import ScheduledTasks
from .watch import Slot

#: Version of the layout that `export` gives; docs/lab.md explains it.
FORMAT = 1

#: The parts by the name that they have in the exported state and as attributes of a host.
PARTS: dict[str, type[Part]] = {
    "registry": Registry,
    "files": Files,
    "security": Securities,
    "features": Features,
    "services": Services,
    "accounts": Accounts,
    "rights": UserRights,
    "audit_policy": AuditPolicy,
    "packages": Packages,
    "certificates": CertificateStores,
    "event_logs": EventLogs,
    "tasks": ScheduledTasks,
    "firewall": Firewall,
    "power": Power,
    "clock": Clock,
    "iis": Iis,
}


class Host:
    """One simulated server. Whoever acts on it holds its lock."""

    accounts = Slot[Accounts]()
    audit_policy = Slot[AuditPolicy]()
    certificates = Slot[CertificateStores]()
    clock = Slot[Clock]()
    event_logs = Slot[EventLogs]()
    features = Slot[Features]()
    files = Slot[Files]()
    firewall = Slot[Firewall]()
    iis = Slot[Iis]()
    packages = Slot[Packages]()
    power = Slot[Power]()
    registry = Slot[Registry]()
    rights = Slot[UserRights]()
    security = Slot[Securities]()
    services = Slot[Services]()
    tasks = Slot[ScheduledTasks]()

    def __init__(self, identity: Identity, directory: Directory | None = None, state: Json = None) -> None:
        """Make a blank member server, or the host whose state was exported."""
        self.identity = identity
        self.directory: Directory = directory or NoDirectory()
        #: The certification authorities of the forest; set by who serves the host.
        self.enterprise: Enterprise = NoEnterprise()
        self.lock = threading.RLock()
        #: Counts up with what changes within `watch.watched`.
        self.revision = 0
        #: The watches of each thread.
        self.watches = threading.local()
        #: How a reboot becomes an outage, and how one is taken back; set by who serves the host (running/boot.py).
        self.on_reboot: Callable[[float], None] | None = None
        self.on_abort: Callable[[], bool] | None = None
        self.boot_scheduled = False
        #: Whether there is no room to install features: a trouble that was ordered, and no part of the state.
        self.disk_full = False
        self.parts: dict[str, Part] = {
            # A lab that was kept may be older than a part.
            name: part.restore(identity, state[name]) if state and name in state else part.blank(identity)
            for name, part in PARTS.items()
        }
        self.connect()

    def connect(self) -> None:
        """Tie together the parts that have to do with one another. To be called when a part was replaced."""
        files, registry = self.parts["files"], self.parts["registry"]
        assert isinstance(files, Files)
        assert isinstance(registry, Registry)
        files.now = lambda: self.clock.now()  # noqa: PLW0108  # the clock of that time, not of this
        files.removed = lambda path: self.security.forget("file", path)
        registry.removed = lambda path: self.security.forget("registry", path)

    def export(self) -> dict[str, Any]:
        """The whole state as JSON: `format`, `identity`, and one key a part."""
        parts = {name: part.export() for name, part in self.parts.items()}
        return {"format": FORMAT, "identity": self.identity.as_json(), **parts}
