# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping hosts on disk: one file of JSON each, written whole, mode 0600."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lab.layout import write
from lab.windows.host import FORMAT, Host
from lab.windows.identity import Identity
from lab.windows.people.directory import Directory


class Keeper:
    """The folder in which the states of hosts lie."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def load(self, name: str, directory: Directory) -> Host | None:
        """The host as it was saved; None if it never was."""
        try:
            state = json.loads(self._path(name).read_text())
        except FileNotFoundError:
            return None
        if state.get("format") != FORMAT:
            raise ValueError(f"{self._path(name)} has format {state.get('format')}, not {FORMAT}: reset the host")
        return Host(Identity(**state["identity"]), directory, state)

    def save(self, host: Host) -> None:
        write(self._path(host.identity.name), json.dumps(host.export(), ensure_ascii=False), 0o600)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


#: The key under which a part keeps what may not be shown.
SECRET = "secret"


def shown(state: Any) -> Any:
    """A state without its secrets."""
    if isinstance(state, dict):
        return {name: shown(value) for name, value in state.items() if name != SECRET}
    if isinstance(state, list):
        return [shown(value) for value in state]
    return state


def at(state: Any, pointer: str) -> Any:
    """What a JSON Pointer (RFC 6901) leads to; KeyError with the step that is not there."""
    if pointer and not pointer.startswith("/"):
        raise KeyError(f"{pointer}: a JSON Pointer begins with /")
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(state, list) and name.isdigit() and int(name) < len(state):
            state = state[int(name)]
        elif isinstance(state, dict) and name in state:
            state = state[name]
        else:
            raise KeyError(f"there is no {step} in {pointer}")
    return state
