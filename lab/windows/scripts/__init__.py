# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Twins of the collection's own PowerShell scripts, which are known by their content.

A twin is a function `twin(call: ScriptCall) -> list` of what the script puts out: texts, numbers, truth values, None,
lists, and dicts for objects. It raises ScriptError where a cmdlet of the script fails. In a run that only asks what
would happen (`call.what_if`) it must not change the model; a script that does not support that is not run then.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.payload.records import COR_E_SYSTEM, ErrorRecord
from lab.windows.operation import OPERATIONS, Operation, register

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token

#: Where the collection keeps its scripts.
FOLDER = Path(__file__).resolve().parents[3] / "plugins" / "plugin_utils" / "scripts"


@dataclass
class AnsibleVariable:
    """The variable $Ansible that win_powershell gives to a script."""

    changed: bool = True
    failed: bool = False
    result: Any = field(default_factory=dict)
    diff: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SecureString:
    """A parameter that came as SecureString."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Credential:
    """A parameter that came as PSCredential."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class ScriptCall:
    """One run of an own script.

    Attributes:
        name: The script's file, `server_info.ps1`.
        parameters: Those that were given, under the names of its param block; secrets as SecureString and Credential.
        what_if: Whether nothing may change (-WhatIf).
        ansible: $Ansible, as the script leaves it.
        warnings: To add to what Write-Warning writes.
        verbose: To add to what Write-Verbose writes (nobody sees it unless VerbosePreference is Continue).
    """

    host: Host
    user: Token
    name: str
    parameters: Mapping[str, Any]
    what_if: bool = False
    ansible: AnsibleVariable = field(default_factory=AnsibleVariable)
    warnings: list[str] = field(default_factory=list)
    verbose: list[str] = field(default_factory=list)


class ScriptError(Exception):
    """A terminating error of a script, as Windows words it.

    Args:
        text: The exception's message.
        code: Its HRESULT, unsigned or signed; a Win32 error code as such is made one (0x8007....).
        category: ErrorCategory by name.
        activity: The cmdlet that failed; "" for `throw`.
        exception: Full name of the exception's type.
        error_id: FullyQualifiedErrorId without the cmdlet's class.
        target: What it was about, and the type of that.
    """

    def __init__(
        self,
        text: str,
        code: int = COR_E_SYSTEM,
        category: str = "NotSpecified",
        *,
        activity: str = "",
        exception: str = "System.Management.Automation.RuntimeException",
        error_id: str = "",
        target: tuple[str, str] = ("", ""),
    ) -> None:
        super().__init__(text)
        self.record = ErrorRecord(
            text,
            activity=activity,
            category=category,
            exception=exception,
            error_id=error_id or text,
            target_name=target[0],
            target_type=target[1],
            hresult=signed(code),
        )


def signed(code: int) -> int:
    """An HRESULT as .NET shows it; a plain Win32 error code becomes one (HRESULT_FROM_WIN32)."""
    if 0 < code <= 0xFFFF:
        code |= 0x80070000
    return code - 2**32 if code >= 2**31 else code


Twin = Callable[[ScriptCall], list[Any]]


def script(name: str, *, checked_against: tuple[str, ...] = (), limits: str = "") -> Callable[[Twin], Twin]:
    """Register the twin of the script with that file name."""

    def decorate(body: Twin) -> Twin:
        register(Operation(name, "script", body, f"plugins/plugin_utils/scripts/{name}", checked_against, limits))
        return body

    return decorate


def load() -> None:
    """Import every module of this package, so that its twins are known; ValueError for a script without a twin."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    lacking = sorted(set(names().values()) - {name for kind, name in OPERATIONS if kind == "script"})
    if lacking:
        raise ValueError(f"own scripts without a twin: {', '.join(lacking)}")


def digest(text: str) -> str:
    """SHA-256 of a script however its lines end; blanks at its end do not count, since templates take them away."""
    return hashlib.sha256(text.replace("\r\n", "\n").rstrip().encode()).hexdigest()


@functools.cache
def names() -> dict[str, str]:
    """File names of the own scripts by digest."""
    return {digest(path.read_text(encoding="utf-8")): path.name for path in sorted(FOLDER.glob("*.ps1"))}


def known(text: str) -> str | None:
    """The file name of the own script that a text is; None for every other text."""
    return names().get(digest(text))


def twin(name: str) -> Twin:
    """The twin of a script."""
    body: Twin = OPERATIONS["script", name].body
    return body
