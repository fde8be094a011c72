# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a host's WinRM service: Windows' defaults (data/settings.yml), changeable while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

_KNOWN: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "settings.yml").read_text("utf-8"))


class InvalidSetting(ValueError):  # noqa: N818
    """A setting that does not exist, or a value that it does not take."""


class Settings:
    """Settings by the names of `winrm get winrm/config`. May be read and changed from several threads."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, Any] = {name: known["default"] for name, known in _KNOWN.items()}
        self.change(values or {})

    def change(self, values: Mapping[str, Any]) -> None:
        """Set values; all or, with InvalidSetting, none of them."""
        for name, value in values.items():
            _check(name, value)
        with self._lock:
            self._values = {**self._values, **values}

    def number(self, name: str) -> int:
        """A setting that is a number."""
        return int(self._values[name])

    def flag(self, name: str) -> bool:
        """A setting that is on or off."""
        return bool(self._values[name])

    def text(self, name: str) -> str:
        """A setting that is a word."""
        return str(self._values[name])

    def export(self) -> dict[str, Any]:
        """All settings by name."""
        return dict(self._values)


class InForce:
    """The settings of a host, save those that an ordered fault replaces for now."""

    def __init__(self, settings: Settings, instead: Callable[[], Mapping[str, Any]]) -> None:
        self._settings = settings
        self._instead = instead

    def _value(self, name: str) -> Any:
        instead = self._instead()
        return instead[name] if name in instead else self._settings.export()[name]

    def number(self, name: str) -> int:
        return int(self._value(name))

    def flag(self, name: str) -> bool:
        return bool(self._value(name))

    def text(self, name: str) -> str:
        return str(self._value(name))


def _check(name: str, value: Any) -> None:
    known = _KNOWN.get(name)
    if known is None:
        raise InvalidSetting(f"Unknown WinRM setting {name!r}. Known: {', '.join(sorted(_KNOWN))}.")
    default = known["default"]
    # bool is an int in Python, but true is no number of kilobytes.
    if type(value) is not type(default):
        raise InvalidSetting(f"Invalid value {value!r} of {name}: it must be a {type(default).__name__}.")
    if isinstance(value, int) and value < known.get("minimum", 0):
        raise InvalidSetting(f"Invalid value {value} of {name}: the least is {known['minimum']}.")
    if "allowed" in known and value not in known["allowed"]:
        raise InvalidSetting(f"Invalid value {value!r} of {name}. Valid values: {', '.join(known['allowed'])}.")
