# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of classic event logs: keys below the log's own in the registry, as .NET's EventLog makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.host import Host

ROOT = r"HKLM\SYSTEM\CurrentControlSet\Services\EventLog"
FILES = {"category": "CategoryMessageFile", "message": "EventMessageFile", "parameter": "ParameterMessageFile"}


def sources(host: Host, log: str) -> dict[str, dict[str, str]]:
    """The sources of a log with their files by kind; "" for a kind that is not set."""
    found = {}
    for name in sorted(host.registry.subkeys(rf"{ROOT}\{log}"), key=str.lower) if _is_log(host, log) else ():
        values = {kind: host.registry.get(rf"{ROOT}\{log}\{name}", value) for kind, value in FILES.items()}
        found[name] = {kind: str(value.data) if value else "" for kind, value in values.items()}
    return found


def log_of(host: Host, source: str) -> str | None:
    """The log that a source belongs to, or None if there is no such source."""
    for channel in host.event_logs.all():
        if any(name.lower() == source.lower() for name in sources(host, channel.name)):
            return channel.name
    return None


def add(host: Host, log: str, source: str, files: dict[str, str]) -> None:
    """Make a source, and its log if that is not there: then with a source of the log's own name, too."""
    if host.event_logs.get(log) is None:
        host.event_logs.create(log)
        host.registry.create_key(rf"{ROOT}\{log}\{log}")
    host.registry.create_key(rf"{ROOT}\{log}\{source}")
    for kind, path in files.items():
        host.registry.set(rf"{ROOT}\{log}\{source}", FILES[kind], "REG_EXPAND_SZ", path)


def remove(host: Host, source: str) -> None:
    """Remove a source from its log."""
    log = log_of(host, source)
    if log is not None:
        host.registry.delete_key(rf"{ROOT}\{log}\{source}")


def remove_log(host: Host, log: str) -> None:
    """Remove a log with its events and sources."""
    host.event_logs.remove(log)
    host.registry.delete_key(rf"{ROOT}\{log}")


def _is_log(host: Host, log: str) -> bool:
    return host.registry.key_exists(rf"{ROOT}\{log}")
