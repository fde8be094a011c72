# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults to order for a host's WinRM service, as plain data.

    {"drop":     {"operation": "Receive", "at": 2, "times": 1, "when": "after"},
     "delay":    {"operation": "Send", "at": 1, "times": 3, "seconds": 2.5},
     "fault":    {"operation": "Command", "at": 1, "times": 1, "name": "quota_operations"},
     "status":   {"times": 2, "status": 503},
     "refuse":   {"times": 3},
     "settings": {"MaxEnvelopeSizekb": 32},
     "boot":     {"seconds": 30},
     "disk":     {"full": true}}

Every key may be absent; `drop`, `delay`, `fault` and `status` may also be lists of such objects. `operation` is a kind
of operation (names.KINDS) or `any`, the default. `at` is the first operation of that kind that is hit, counted from the
order, 1 unless said; `times` is how many are hit, 1 unless said, null for all that follow.

drop      the connection is reset: `when` `before` the operation (it has no effect) or `after` it (its answer is lost)
delay     the operation waits first, for seconds
fault     it is answered with a fault of data/faults.yml and has no effect
status    the request is answered with an HTTP status and has no effect
refuse    new connections are reset
settings  settings in force instead of those of the host, see data/settings.yml
boot      how long the host is away when it boots; for who runs the host, the transport does not look at it
disk      whether there is room on the system drive; for the host, the transport does not look at it
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import faults, names
from .settings import Settings

_COMMON = {"operation", "at", "times"}
_KEYS = {
    "drop": _COMMON | {"when"},
    "delay": _COMMON | {"seconds"},
    "fault": _COMMON | {"name"},
    "status": _COMMON | {"status"},
    "refuse": {"at", "times"},
}
_NEEDED = {"drop": "operation", "delay": "seconds", "fault": "name", "status": "status"}


class InvalidTrouble(ValueError):  # noqa: N818
    """What was ordered does not exist."""


@dataclass
class Order:
    """One fault that was ordered. `seen` counts the operations since that it could have hit."""

    kind: str
    operation: str = "any"
    at: int = 1
    times: int | None = 1
    when: str = "before"
    seconds: float = 0.0
    name: str = ""
    status: int = 503
    seen: int = 0

    def hit(self, operation: str) -> bool:
        """Count an operation; whether it is hit."""
        if self.operation not in {"any", operation}:
            return False
        self.seen += 1
        return self.seen >= self.at and (self.times is None or self.seen < self.at + self.times)


class Trouble:
    """The faults that are ordered for a host."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: tuple[Order, ...] = ()
        #: The order as it was given.
        self.ordered: dict[str, Any] = {}
        #: Settings in force instead of the host's.
        self.settings: dict[str, Any] = {}
        #: Seconds that the next boots take; None if nothing is ordered.
        self.boot_seconds: float | None = None
        #: Whether nothing can be installed for want of room.
        self.disk_full = False

    @classmethod
    def from_json(cls, value: Any) -> Trouble:
        """Read an order. InvalidTrouble for what is not known."""
        made = cls()
        made.order(value)
        return made

    def order(self, value: Any) -> None:
        """Replace what is ordered; {} takes all back. InvalidTrouble, and no change, for what is not known."""
        if not isinstance(value, Mapping):
            raise InvalidTrouble("Trouble is a JSON object")
        unknown = set(value) - {*_KEYS, "settings", "boot", "disk"}
        if unknown:
            raise InvalidTrouble(f"Unknown trouble: {', '.join(sorted(map(str, unknown)))}")
        orders = [
            _read(kind, one)
            for kind in _KEYS
            if kind in value
            for one in (value[kind] if isinstance(value[kind], list) else [value[kind]])
        ]
        settings = _settings(value.get("settings", {}))
        boot = _boot(value["boot"]) if "boot" in value else None
        full = _disk(value["disk"]) if "disk" in value else False
        with self._lock:
            self._orders = tuple(orders)
            self.ordered, self.settings, self.boot_seconds = dict(value), settings, boot
            self.disk_full = full

    def meet(self, operation: str) -> list[Order]:
        """Count an operation; what hits it, in the order drop, delay, fault, status."""
        with self._lock:
            return [one for one in self._orders if one.kind != "refuse" and one.hit(operation)]

    def refuses(self) -> bool:
        """Count a connection; whether it is to be reset."""
        with self._lock:
            # Every one of them counts, also behind one that hits.
            hits = [one.hit("any") for one in self._orders if one.kind == "refuse"]
        return any(hits)


def _read(kind: str, value: Any) -> Order:
    if not isinstance(value, Mapping):
        raise InvalidTrouble(f"{kind} is a JSON object")
    unknown = set(value) - _KEYS[kind]
    if unknown:
        raise InvalidTrouble(f"Unknown key of {kind}: {', '.join(sorted(map(str, unknown)))}")
    needed = _NEEDED.get(kind)
    if needed and needed not in value:
        raise InvalidTrouble(f"{kind} needs {needed}")
    _check(kind, value)
    return Order(kind, **value)


def _check(kind: str, value: Mapping[str, Any]) -> None:
    operations = (*names.KINDS, "any")
    if value.get("operation", "any") not in operations:
        raise InvalidTrouble(f"Unknown operation {value['operation']!r}. Known: {', '.join(operations)}")
    times = value.get("times", 1)
    if not _is_count(value.get("at", 1)) or not (times is None or _is_count(times)):
        raise InvalidTrouble(f"at and times of {kind} are numbers from 1")
    if value.get("when", "before") not in ("before", "after"):
        raise InvalidTrouble("when is before or after")
    if kind == "fault" and value["name"] not in sorted(faults.NAMES):
        raise InvalidTrouble(f"Unknown fault {value['name']!r}. Known: {', '.join(sorted(faults.NAMES))}")
    if kind == "delay":
        _seconds(value["seconds"])
    if kind == "status" and not (_is_count(value["status"]) and 400 <= value["status"] <= 599):
        raise InvalidTrouble("status is a number from 400 to 599")


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 1


def _seconds(value: Any) -> float:
    if type(value) not in {int, float} or not 0 <= value <= 3600:
        raise InvalidTrouble("seconds is a number from 0 to 3600")
    return float(value)


def _settings(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidTrouble("settings is a JSON object")
    try:
        Settings(value)
    except ValueError as error:
        raise InvalidTrouble(str(error)) from error
    return dict(value)


def _disk(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) != {"full"} or not isinstance(value["full"], bool):
        raise InvalidTrouble("disk is a JSON object with full, true or false")
    return bool(value["full"])


def _boot(value: Any) -> float:
    if not isinstance(value, Mapping) or set(value) != {"seconds"}:
        raise InvalidTrouble("boot is a JSON object with seconds")
    return _seconds(value["seconds"])
