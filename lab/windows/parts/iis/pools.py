# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Application pools: their settings, and whether they run."""

from __future__ import annotations

from .configuration import Configuration
from .element import Effective
from .sites import STARTED, STOPPED

SECTION = "system.applicationHost/applicationPools"


class Pool:
    """An application pool as it is configured now."""

    def __init__(self, effective: Effective, state: str) -> None:
        self.effective = effective
        self.element = effective.element
        self.name = effective.text("name")
        self.state = state


class Pools:
    """All application pools of a server."""

    def __init__(self, configuration: Configuration, states: dict[str, str]) -> None:
        self._configuration = configuration
        self._states = states

    def all(self) -> list[Pool]:
        entries = self._configuration.section(SECTION).entries("add")
        return [Pool(one, self._states.get(one.text("name"), STOPPED)) for one in entries]

    def get(self, name: str) -> Pool | None:
        """A pool by name, whatever the case."""
        return next((one for one in self.all() if one.name.lower() == name.lower()), None)

    def create(self, name: str, **values: str) -> Pool:
        """Make a pool, started; ConfigurationError for a name that is taken or not allowed."""
        self._configuration.add(SECTION, "", {"name": name, **values})
        self._states[name] = STARTED
        return self._known(name)

    def remove(self, name: str) -> None:
        pool = self._known(name)
        self._configuration.remove(SECTION, "", {"name": pool.name})
        self._states.pop(pool.name, None)

    def start(self, name: str) -> None:
        self._states[self._known(name).name] = STARTED

    def stop(self, name: str) -> None:
        self._states[self._known(name).name] = STOPPED

    def _known(self, name: str) -> Pool:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found
