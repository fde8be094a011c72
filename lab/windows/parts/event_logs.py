# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Event logs: channels with settings, and events.

Exported as `{name: {"classic", "enabled", "maximum_size" (bytes), "overflow", "retention_days", "next_record",
"events": [{"record", "time" (ISO 8601), "provider", "id", "level", "data": {...}}]}}`. The sources of classic logs lie
in the registry, as on Windows: see lab/windows/support/event_sources.py.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from lab.windows import tables

if TYPE_CHECKING:
    from datetime import datetime

    from lab.windows.identity import Identity
    from lab.windows.part import Json

#: Levels of events by number.
CRITICAL, ERROR, WARNING, INFORMATION, VERBOSE = 1, 2, 3, 4, 5

#: What an event takes in a log, roughly: decides when the oldest go. Not verified on Windows.
EVENT_SIZE = 512


@dataclass(frozen=True)
class Event:
    """An event.

    Attributes:
        record: Its number in the log.
        time: When it was written, ISO 8601 with its offset.
        provider: Name of the provider, or of the source in a classic log.
        id: Number of the event.
        level: 1 critical, 2 error, 3 warning, 4 information, 5 verbose.
        data: EventData by name; unnamed ones by their position, "0", "1".
    """

    record: int
    time: str
    provider: str
    id: int
    level: int
    data: dict[str, str] = field(default_factory=dict)


@dataclass
class Channel:
    """A log: its settings and what is in it, the oldest first."""

    name: str
    classic: bool
    enabled: bool
    maximum_size: int
    overflow: str
    retention_days: int
    next_record: int = 1
    events: list[Event] = field(default_factory=list)

    def export(self) -> dict[str, Any]:
        state = asdict(self)
        del state["name"]
        return state


class EventLogs:
    """All logs by name, in any case."""

    def __init__(self, channels: dict[str, Channel]) -> None:
        self._channels = channels

    @classmethod
    def blank(cls, identity: Identity) -> EventLogs:
        logs: dict[str, dict[str, Any]] = tables.load("event_logs")["logs"]
        return cls({name.lower(): Channel(name, **settings) for name, settings in logs.items()})

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> EventLogs:
        channels = {}
        for name, settings in state.items():
            events = [Event(**{**event, "data": dict(event["data"])}) for event in settings["events"]]
            channels[name.lower()] = Channel(name, **{**settings, "events": events})
        return cls(channels)

    def export(self) -> Json:
        return {channel.name: channel.export() for channel in self.all()}

    def all(self) -> list[Channel]:
        return sorted(self._channels.values(), key=lambda one: one.name.lower())

    def get(self, name: str) -> Channel | None:
        return self._channels.get(name.lower())

    def create(self, name: str, **settings: Any) -> Channel:
        """Make a log, with the settings of a new classic log where none are given. KeyError if it is there."""
        if name.lower() in self._channels:
            raise KeyError(name)
        made = Channel(name, **{**tables.load("event_logs")["new_log"], **settings})
        self._channels[name.lower()] = made
        return made

    def remove(self, name: str) -> bool:
        """Remove a log with all that is in it; whether there was one."""
        return self._channels.pop(name.lower(), None) is not None

    def write(
        self, name: str, moment: datetime, provider: str, number: int, level: int = INFORMATION, **data: str
    ) -> Event | None:
        """Write an event; the oldest go when the log is full, unless it keeps what it has.

        Returns:
            The event, or None where the log is disabled or full.

        Raises:
            KeyError: There is no such log.
        """
        channel = self._channels[name.lower()]
        room = channel.maximum_size // EVENT_SIZE
        if not channel.enabled or (len(channel.events) >= room and channel.overflow == "DoNotOverwrite"):
            return None
        event = Event(channel.next_record, moment.isoformat(), provider, number, level, data)
        channel.next_record += 1
        channel.events = [*channel.events, event][-room:]
        return event

    def clear(self, name: str) -> None:
        """Empty a log. KeyError if there is no such log."""
        self._channels[name.lower()].events = []
