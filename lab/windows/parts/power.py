# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boots: when the last was, what waits for the next, and what took effect at the last.

Exported: {"boot_time": ISO 8601, "pending": [REASON, ...], "effective": {"http": {"MaxFieldLength": 16384, ...}},
"shutdown": null or {"process", "reason", "reason_code", "type", "comment", "initiated_by", "time"}}; the last is what
event 1074 of the last orderly shutdown says
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

__all__ = ["Power", "Shutdown"]


@dataclass(frozen=True)
class Shutdown:
    """Event 1074 of the System log: who asked for the shutdown, by which program, why.

    Attributes:
        process: Path of the program and the host in brackets, `C:\\Windows\\system32\\shutdown.exe (NDES1)`.
        reason: In the language of the host.
        reason_code: `0x80070000`.
        type: `restart`, `shutdown`, `power off`.
        comment: What was told to those who were logged on.
        initiated_by: `CORP\\alice`.
        time: When it was logged.
    """

    process: str
    reason: str
    reason_code: str
    type: str
    comment: str
    initiated_by: str
    time: datetime


class Power:
    """Boots: when the last was, what waits for the next, and what took effect at the last.

    Attributes:
        boot_time: When the host was booted.
        effective: Settings that are read at boot, by component and name, as they act now.
        shutdown: What is known of the last orderly shutdown.
    """

    def __init__(self, boot_time: datetime) -> None:
        self.boot_time = boot_time
        self.effective: dict[str, dict[str, int]] = {}
        self.shutdown: Shutdown | None = None
        self._pending: list[str] = []

    @classmethod
    def blank(cls, identity: Identity) -> Power:
        power = cls(datetime.now(UTC))
        for component, settings in tables.load("power")["effective"].items():
            power.effective[component] = dict(settings["defaults"])
        return power

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Power:
        power = cls(datetime.fromisoformat(state["boot_time"]))
        power.effective = {component: dict(values) for component, values in state["effective"].items()}
        power._pending = list(state["pending"])
        if state["shutdown"] is not None:
            power.shutdown = Shutdown(
                **{**state["shutdown"], "time": datetime.fromisoformat(state["shutdown"]["time"])}
            )
        return power

    def export(self) -> Json:
        shutdown = None
        if self.shutdown is not None:
            shutdown = {**asdict(self.shutdown), "time": self.shutdown.time.isoformat()}
        return {
            "boot_time": self.boot_time.isoformat(),
            "pending": list(self._pending),
            "effective": {component: dict(values) for component, values in self.effective.items()},
            "shutdown": shutdown,
        }

    @property
    def pending(self) -> tuple[str, ...]:
        """Names of what was asked to wait for a restart. What the registry says of it is up to consequences.py."""
        return tuple(self._pending)

    def request(self, reason: str) -> None:
        """Note that something waits for a restart. See consequences.request_restart for what goes with it."""
        if reason not in self._pending:
            self._pending.append(reason)

    def boot(self, moment: datetime, effective: dict[str, dict[str, int]]) -> None:
        """Take note of a boot: nothing waits any more, and these settings act."""
        self.boot_time = moment
        self.effective = effective
        self._pending.clear()

    def shut_down(self, shutdown: Shutdown) -> None:
        """Take note of an orderly shutdown; its time is kept in whole seconds."""
        self.shutdown = replace(shutdown, time=shutdown.time.replace(microsecond=0))
