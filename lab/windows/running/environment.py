# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Environment variables: what a process of a user begins with on a host, and texts that name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lab.windows.parts.registry import Value
from lab.windows.people import profiles

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token

MACHINE = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
_PERCENT = re.compile(r"%([^%]+)%")
_POWERSHELL = re.compile(r"\$(?:\{env:([^}]+)\}|env:(\w+))", re.IGNORECASE)
#: Variables of which the user's value is put behind that of the machine.
_JOINED = ("PATH",)


class Variables(dict[str, str]):
    """Variables by name. A name is found without regard to case and keeps the spelling that it first had."""

    def __setitem__(self, name: str, value: str) -> None:
        super().__setitem__(self.spelled(name) or name, value)

    def find(self, name: str) -> str | None:
        spelled = self.spelled(name)
        return None if spelled is None else self[spelled]

    def spelled(self, name: str) -> str | None:
        return next((known for known in self if known.upper() == name.upper()), None)


def variables(host: Host, token: Token) -> Variables:
    """What a new process of a user has, after the documentation of CreateEnvironmentBlock.

    What Windows works out itself comes first, then the machine's variables, then the user's. REG_EXPAND_SZ are
    expanded after all others of their place.
    """
    found = Variables()
    for name, value in _computed(host, token).items():
        found[name] = value
    _add(found, host.registry.values(MACHINE))
    own = profiles.environment_key(token)
    if own is not None:
        found["USERNAME"] = profiles.account_name(token)
        _add(found, host.registry.values(own) or profiles.environment())
    return found


def expand(host: Host, token: Token, text: str) -> str:
    """A text with its %variables% replaced; what is no variable stays (ExpandEnvironmentVariables)."""
    known = variables(host, token) if "%" in text else Variables()
    return substituted(known, text)


def interpolated(host: Host, token: Token, text: str) -> str:
    """A text with `$env:X` and `${env:X}` replaced, as PowerShell does it in double quotes: "" for what is missing."""
    known = variables(host, token) if "$" in text else Variables()
    return _POWERSHELL.sub(lambda found: known.find(found[1] or found[2]) or "", text)


def substituted(known: Variables, text: str) -> str:
    """A text with the %variables% replaced that are known."""
    return _PERCENT.sub(lambda found: _or(known.find(found[1]), found[0]), text)


def _or(value: str | None, otherwise: str) -> str:
    return otherwise if value is None else value


def _add(found: Variables, values: dict[str, Value]) -> None:
    order = sorted(values.items(), key=lambda item: item[1].kind == "REG_EXPAND_SZ")
    for name, value in order:
        if isinstance(value.data, str):
            text = substituted(found, value.data) if value.kind == "REG_EXPAND_SZ" else value.data
            before = found.find(name)
            joined = name.upper() in _JOINED and before
            found[name] = f"{before};{text}" if joined else text


def _computed(host: Host, token: Token) -> dict[str, str]:
    profile = profiles.folder(host, token)
    return {
        "SystemDrive": "C:",
        "SystemRoot": "C:\\Windows",
        "ALLUSERSPROFILE": "C:\\ProgramData",
        "ProgramData": "C:\\ProgramData",
        "PUBLIC": "C:\\Users\\Public",
        "ProgramFiles": "C:\\Program Files",
        "ProgramFiles(x86)": "C:\\Program Files (x86)",
        "ProgramW6432": "C:\\Program Files",
        "CommonProgramFiles": "C:\\Program Files\\Common Files",
        "CommonProgramFiles(x86)": "C:\\Program Files (x86)\\Common Files",
        "CommonProgramW6432": "C:\\Program Files\\Common Files",
        "COMPUTERNAME": host.identity.computer,
        "USERPROFILE": profile,
        "APPDATA": profile + "\\AppData\\Roaming",
        "LOCALAPPDATA": profile + "\\AppData\\Local",
        "USERDOMAIN": profiles.account_domain(host, token),
        "USERNAME": profiles.account_name(token),
    }
