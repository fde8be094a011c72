# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look at the server found, and what of it still waits.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from .. import mscep
from ..registry import Keys, Value, read_keys
from ..values import Fields
from .places import read_values

#: What the reader is asked for: keys, and keys with all below them.
KEYS: t.Final = (mscep.WAITING, mscep.HTTP_PARAMETERS, mscep.ROLE)
TREES: t.Final = (mscep.MSCEP,)

#: What a reason begins with that waits for a reboot, and for the application pool.
REBOOT, RESTART = "reboot:", "pool_restart:"


@dataclasses.dataclass(frozen=True)
class Note:
    """A reason to reboot the server or to restart the application pool.

    Attributes:
        reason: One of those of mscep, or of somebody else.
        since: When it was noted, by the server's clock; None where that cannot be read.
    """

    reason: str
    since: dt.datetime | None


@dataclasses.dataclass(frozen=True)
class State:
    """The server as it was read.

    Attributes:
        keys: All that was read of the registry.
        values: What stands where an option stands, by option.
        now: The time on the server.
        booted: When it was booted, by its own clock.
        notes: Everything that was noted.
    """

    keys: Keys
    values: t.Mapping[str, Value | None]
    now: dt.datetime
    booted: dt.datetime
    notes: tuple[Note, ...]

    @property
    def configured(self) -> bool:
        """Whether the role service was configured."""
        return self.keys.value(mscep.ROLE, mscep.CONFIGURATION_STATUS) == Value("DWord", mscep.CONFIGURED)

    @property
    def ca_config(self) -> str | None:
        """The configuration string of the certification authority; None where there is none."""
        place = mscep.VALUES["ca_config"]
        value = self.keys.value(place.path, place.name)
        return value.data or None if value is not None and isinstance(value.data, str) else None

    @property
    def has_policy_module(self) -> bool:
        return self.keys.key(mscep.POLICY_MODULE) is not None

    def acts(self, note: Note) -> bool:
        """Whether a note still waits. What was noted before the last boot does not: the boot brought it about."""
        return note.since is not None and note.since > self.booted

    @property
    def waiting(self) -> list[Note]:
        return [note for note in self.notes if self.acts(note)]

    @property
    def stale(self) -> list[Note]:
        """Notes from before the last boot."""
        return [note for note in self.notes if note.since is not None and not self.acts(note)]

    @property
    def unreadable(self) -> list[Note]:
        return [note for note in self.notes if note.since is None]


def read_state(value: object) -> State:
    """The server that O(value), the object of ndes_settings_read.ps1, tells of. Raises UnexpectedValue."""
    found = Fields(value)
    system, keys = found.fields("system"), read_keys(found.objects("keys"))
    waiting = keys.key(mscep.WAITING)
    notes = () if waiting is None else tuple(Note(name, _moment(value)) for name, value in waiting.values.items())
    return State(keys, read_values(keys), system.moment("LocalDateTime"), system.moment("LastBootUpTime"), notes)


def _moment(value: Value) -> dt.datetime | None:
    """When something was noted. A time without its offset is taken for UTC, which notes are to be in."""
    if not isinstance(value.data, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value.data.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
