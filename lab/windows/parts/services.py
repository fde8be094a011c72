# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows services: configuration and state.

Exported: one entry a service by its name, with the attributes of `Service` (lab/windows/service_table.py), where
`actions` are [[KIND, MILLISECONDS], ...] and {"secret": {"nt_hash": ...}} is the password of its account:
{"W3SVC": {"display_name": ..., "account": "LocalSystem", "start_mode": "auto", "state": "started", ...}}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from lab.windows import tables
from lab.windows.fold import fold
from lab.windows.service_table import Service, blank_services, windows_service

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

__all__ = ["Service", "ServiceRefused", "Services"]

#: What came with the features of the lab's certification authority.
AUTHORITY = ("CertSvc",)

#: The first process id that is given to a service, and how far the ids are apart.
FIRST_PROCESS = 1000
PROCESS_STEP = 4

#: Says why a service cannot run: a Win32 error, or 0.
Check = Callable[[Service], int]


class ServiceRefused(Exception):  # noqa: N818
    """The service control manager refuses; `error` is its Win32 error, `service` the service that it is about."""

    def __init__(self, service: Service, error: int) -> None:
        super().__init__(f"{service.name}: {error}")
        self.service = service
        self.error = error


def _error(name: str) -> int:
    number: int = tables.load("services")["errors"][name]
    return number


class Services:
    """The services of a host, drivers among them. Names are compared without regard to case."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._services: dict[str, Service] = {}

    @classmethod
    def blank(cls, identity: Identity) -> Services:
        services = cls(identity)
        for service in blank_services(identity):
            services.add(service)
        if identity.role == "certification_authority":
            for name in AUTHORITY:
                services.add(windows_service(identity, name))
        for service in services.all():
            service.process_id = services.next_process() if service.state == "started" and not service.is_driver else 0
        return services

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Services:
        services = cls(identity)
        for name, row in state.items():
            kept = {key: value for key, value in row.items() if key != "secret"}
            kept["actions"] = [(kind, delay) for kind, delay in kept["actions"]]
            services.add(Service(name, nt_hash=row["secret"]["nt_hash"], **kept))
        return services

    def export(self) -> Json:
        return {service.name: _exported(service) for service in self._services.values()}

    def all(self) -> tuple[Service, ...]:
        return tuple(self._services.values())

    def get(self, name: str) -> Service | None:
        """The service of that name; not of that display name."""
        return self._services.get(fold(name))

    def add(self, service: Service) -> None:
        """Make a service known. ValueError if there is one of that name."""
        if fold(service.name) in self._services:
            raise ValueError(f"there is a service {service.name}")
        self._services[fold(service.name)] = service

    def add_windows_service(self, name: str) -> None:
        """Add a service of Windows itself, as a feature does it; it is not started. One that is there stays."""
        if self.get(name) is None:
            service = windows_service(self._identity, name)
            service.state = "stopped"
            service.win32_exit_code = _error("never_started")
            self.add(service)

    def remove(self, name: str) -> bool:
        """Forget a service; False if there was none."""
        return self._services.pop(fold(name), None) is not None

    def needed_by(self, name: str) -> tuple[Service, ...]:
        """What the service depends on, and those on, in the order in which they must be started; no groups."""
        found: dict[str, Service] = {}

        def visit(service: Service, above: frozenset[str]) -> None:
            for other in service.depends:
                below = self.get(other)
                if below is not None and fold(below.name) not in above:
                    visit(below, above | {fold(below.name)})
                    found.setdefault(fold(below.name), below)

        service = self.get(name)
        if service is not None:
            visit(service, frozenset({fold(service.name)}))
        return tuple(found.values())

    def dependents(self, name: str) -> tuple[Service, ...]:
        """What depends on the service, and on that: in the order in which they must be stopped."""
        found = [
            service
            for service in self._services.values()
            if any(fold(each.name) == fold(name) for each in self.needed_by(service.name))
        ]
        # Who needs most is stopped first.
        depth = {service.name: len(self.needed_by(service.name)) for service in found}
        return tuple(sorted(found, key=lambda service: (-depth[service.name], fold(service.name))))

    def start(self, name: str, check: Check = lambda _service: 0) -> tuple[Service, ...]:
        """Start a service and what it needs.

        Args:
            name: The service.
            check: Asked about each that has to start; the Win32 error that it meets, or 0.

        Returns:
            What was started, in order.

        Raises:
            KeyError: There is no such service.
            ServiceRefused: It, or one that it needs, cannot start. Those before it run now, as on Windows; a service
                that failed keeps the error as its exit code.
        """
        service = self._services[fold(name)]
        if service.state != "stopped":
            return ()
        if service.start_mode == "disabled":
            raise ServiceRefused(service, _error("disabled"))
        started: list[Service] = []
        for needed in (*self.needed_by(name), service):
            if needed.state != "stopped":
                continue
            error = self._obstacle(needed, check)
            if error:
                needed.win32_exit_code = error
                if needed is not service:
                    service.win32_exit_code = error = _error("dependency_failed")
                raise ServiceRefused(service, error)
            self._run(needed)
            started.append(needed)
        return tuple(started)

    def stop(self, name: str) -> None:
        """Stop a service alone, whatever depends on it. KeyError if there is none; ServiceRefused if it will not."""
        service = self._services[fold(name)]
        if service.state == "stopped":
            return
        if not service.stops:
            raise ServiceRefused(service, 1052)  # ERROR_INVALID_SERVICE_CONTROL
        service.state, service.process_id, service.win32_exit_code = "stopped", 0, 0

    def pause(self, name: str) -> None:
        """Pause a running service. KeyError if there is none; ServiceRefused if it does not take that."""
        service = self._services[fold(name)]
        if "pause_continue" not in service.controls:
            raise ServiceRefused(service, 1052)
        service.state = "paused"

    def resume(self, name: str) -> None:
        """Let a paused service go on. KeyError if there is none; ServiceRefused if it is not paused."""
        service = self._services[fold(name)]
        if service.state != "paused":
            raise ServiceRefused(service, 1062)  # ERROR_SERVICE_NOT_ACTIVE
        service.state = "started"

    def shut_down(self) -> None:
        """All are gone, as when the power goes."""
        for service in self._services.values():
            service.state, service.process_id = "stopped", 0
            service.win32_exit_code = _error("never_started")

    def next_process(self) -> int:
        """A process id that no service has."""
        used = max((service.process_id for service in self._services.values()), default=0)
        return max(used + PROCESS_STEP, FIRST_PROCESS)

    def _obstacle(self, service: Service, check: Check) -> int:
        if service.start_mode == "disabled":
            return _error("disabled")
        if any(self.get(other) is None for other in service.depends if not other.startswith("+")):
            return _error("dependency_missing")
        return check(service)

    def _run(self, service: Service) -> None:
        service.state, service.win32_exit_code = "started", 0
        service.process_id = 0 if service.is_driver else self.next_process()


def _exported(service: Service) -> dict[str, Any]:
    row = {item.name: getattr(service, item.name) for item in fields(service) if item.name not in ("name", "nt_hash")}
    row["depends"] = list(service.depends)
    row["required_privileges"] = list(service.required_privileges)
    row["actions"] = [list(action) for action in service.actions]
    row["secret"] = {"nt_hash": service.nt_hash}
    return row
