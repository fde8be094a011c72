# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one part's change means for the others: features bring services, a boot makes settings act."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lab.windows import tables
from lab.windows.support import service_control

from .fold import fold
from .parts.power import Shutdown

if TYPE_CHECKING:
    from lab.windows.people.token import Token

    from .host import Host

#: That a removed feature waits for a restart.
SERVICING = "component_based_servicing"


def install_features(
    host: Host,
    names: Iterable[str],
    source: str | None = None,
    *,
    sub_features: bool = False,
    management_tools: bool = False,
) -> tuple[str, ...]:
    """Install features with all that comes with them. Returns what was added; raises as Features.install."""
    change = host.features.install(names, source, sub_features=sub_features, management_tools=management_tools)
    features_changed(host, change.names, ())
    return change.names


def uninstall_features(host: Host, names: Iterable[str], *, management_tools: bool = False) -> tuple[str, ...]:
    """Remove features with all that came with them. Returns what was removed; raises UnknownFeature."""
    change = host.features.uninstall(names, management_tools=management_tools)
    features_changed(host, (), change.names)
    if change.restart:
        request_restart(host, SERVICING)
    return change.names


def features_changed(host: Host, added: Iterable[str], removed: Iterable[str]) -> None:
    """Bring what comes with features and take what goes with them. The part `features` has changed already."""
    table = tables.load("consequences")
    known: dict[str, dict[str, Any]] = table["features"]
    added, removed = tuple(added), tuple(removed)
    host.iis.uninstall(removed)
    for name, row in known.items():
        if name in removed:
            _take(host, row)
    host.iis.install(added)
    for name, row in known.items():
        if name in added:
            _bring(host, row, table["releases"][host.identity.release])
    if added:
        brought = {fold(service) for name in added for service in known.get(name, {}).get("services", ())}
        for service in host.services.all():
            if fold(service.name) in brought and service.runs_after_boot and service.state == "stopped":
                # A service that cannot start does not undo the installation.
                with suppress(service_control.ServiceFailure):
                    service_control.start(host, service.name)


def post_configuration_needed(host: Host, feature: str) -> bool:
    """Whether an installed feature still waits to be configured, as Server Manager reminds of."""
    key = tables.load("consequences")["configuration"].get(feature)
    if key is None or not host.features.is_installed(feature):
        return False
    value = host.registry.get(key, "ConfigurationStatus")
    return value is not None and value.data == 1


def request_restart(host: Host, reason: str) -> None:
    """Let something wait for a restart, and let the registry say so where Windows does."""
    row = tables.load("power")["pending"].get(reason)
    if row is not None and "value" in row:
        host.registry.set(row["key"], row["value"], row["kind"], row["data"])
    elif row is not None:
        host.registry.create_key(row["key"])
    host.power.request(reason)


def restart_told(host: Host, reason: str) -> bool:
    """Whether the registry says that this reason of power.yml waits: its key is there, or its value is true."""
    row = tables.load("power")["pending"][reason]
    if "value" not in row:
        return host.registry.key_exists(row["key"])
    value = host.registry.get(row["key"], row["value"])
    data = value.data if value is not None else None
    # PowerShell takes an array of one for true if what is in it is.
    return bool(data[0]) if isinstance(data, tuple) and len(data) == 1 else bool(data)


def shutdown_requested(host: Host, user: Token, comment: str) -> None:
    """Note who asks for a restart by shutdown.exe without a reason, as event 1074 tells it."""
    told = tables.load("power")["shutdown"]
    host.power.shut_down(
        Shutdown(
            process=told["process"].format(computer=host.identity.computer),
            reason=told["reason"],
            reason_code=told["reason_code"],
            type=told["type"],
            comment=comment,
            initiated_by=user.account,
            time=host.clock.now(),
        )
    )


def boot(host: Host, moment: datetime | None = None) -> None:
    """Boot the host: what waited for it is done, settings that are read at boot act, automatic services run."""
    table = tables.load("power")
    host.services.shut_down()
    for row in (*table["pending"].values(), *table["cleared"]):
        if "value" in row:
            host.registry.delete_value(row["key"], row["value"])
        else:
            host.registry.delete_key(row["key"])
    names = table["computer_name"]
    name = host.registry.get(names["pending"], names["value"])
    if name is not None:
        host.registry.set(names["active"], names["value"], name.kind, name.data)
    host.power.boot(moment or host.clock.now(), _effective(host))
    service_control.start_all(host)
    host.iis.started()


def _effective(host: Host) -> dict[str, dict[str, int]]:
    """The settings that are read at boot; one outside of its limits counts as the nearest limit."""
    found: dict[str, dict[str, int]] = {}
    for component, settings in tables.load("power")["effective"].items():
        found[component] = {}
        for name, default in settings["defaults"].items():
            value = host.registry.get(settings["key"], name)
            low, high = settings["limits"][name]
            number = value.data if value is not None and isinstance(value.data, int) else default
            found[component][name] = min(max(number, low), high)
    return found


def _bring(host: Host, row: dict[str, Any], fields: dict[str, Any]) -> None:
    for folder in row.get("folders", ()):
        if not host.files.exists(folder):
            host.files.make_folder(folder)
    for key, values in row.get("registry", {}).items():
        for name, (kind, data) in values.items():
            filled = data.format(**fields) if isinstance(data, str) and "{" in data else data
            host.registry.set(key, name, kind, int(filled) if kind == "REG_DWORD" else filled)
    for right, sids in row.get("rights", {}).items():
        for sid in sids:
            host.rights.grant(right, sid)
    for service in row.get("services", ()):
        host.services.add_windows_service(service)


def _take(host: Host, row: dict[str, Any]) -> None:
    kept = {
        fold(service)
        for name, other in tables.load("consequences")["features"].items()
        if host.features.is_installed(name)
        for service in other.get("services", ())
    }
    for service in row.get("services", ()):
        if fold(service) not in kept:
            for dependent in host.services.dependents(service):
                dependent.state, dependent.process_id = "stopped", 0
            host.services.remove(service)
    for key in row.get("registry", ()):
        host.registry.delete_key(key)
    for folder in row.get("goes", ()):
        if host.files.exists(folder):
            host.files.remove(folder)
