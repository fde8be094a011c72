# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts and statements that are known by their whole form: those of win_reboot, and settings of PowerShell itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.payload.texts import QUOTES, lines, literal
from lab.windows import commands, tables

from . import secrets, web_configuration

if TYPE_CHECKING:
    from .state import Run

_LITERAL = rf"[{QUOTES}](?:[^{QUOTES}]|[{QUOTES}]{{2}})*[{QUOTES}]"

# _reboot.py of ansible.windows 3.8.0 and microsoft.ad 1.12.1: remove the key, start shutdown.exe, tell what it said.
_REBOOT = re.compile(
    r"\$ErrorActionPreference = 'Continue'\n"
    r"if \(\$(?P<forget>True|False)\) \{\n"
    rf"Remove-Item -LiteralPath (?P<key>{_LITERAL}) -Force -ErrorAction SilentlyContinue\n"
    r"\}\n"
    r"\$stdout = \$null\n"
    r"\$stderr = \. \{ (?P<program>[\w:\\.]*shutdown\.exe) /r /t (?P<seconds>\d{1,9})"
    rf" /c (?P<message>{_LITERAL}) \| Set-Variable stdout \}} 2>&1 \| ForEach-Object ToString\n"
    r"(?:If \(Get-Variable LASTEXITCODE -ErrorAction SilentlyContinue\) \{\n\$rc = \$LASTEXITCODE\n\} Else \{\n"
    r"\$rc=1\n\}\n|\$rc = \$LASTEXITCODE\n)?"
    r"ConvertTo-Json -Compress -InputObject @\{\n"
    r'stdout = \(@\(\$stdout\) -join "`n"\)\n'
    r'stderr = \(@\(\$stderr\) -join "`n"\)\n'
    r"rc = \$(?:rc|LASTEXITCODE)\n"
    r"\}",
    re.IGNORECASE,
)


def run(state: Run, text: str) -> bool:
    """Run a text that is known as a whole; False if it is none."""
    found = _REBOOT.fullmatch(lines(text))
    if found is None:
        return False
    host = state.around.host
    if found["forget"].lower() == "true" and state.around.user.is_administrator:
        host.registry.delete_key(literal(found["key"]))
    arguments = ("/r", "/t", found["seconds"], "/c", literal(found["message"]))
    done = commands.start(state.around, found["program"], arguments, " ".join([found["program"], *arguments]))
    said = {"stdout": done.stdout.strip(), "stderr": done.stderr.strip(), "rc": done.status}
    state.ran.output.append(json.dumps(said))
    state.ran.native = done.status
    return True


#: Ticks of 100 ns between 1601 and 1970.
_EPOCH = 116_444_736_000_000_000


def _boot_time(state: Run, _: re.Match[str]) -> None:
    boot = state.around.host.power.boot_time
    # CIM tells microseconds.
    state.ran.output.append(_EPOCH + int(boot.timestamp()) * 10_000_000 + boot.microsecond * 10)


def _preference(state: Run, found: re.Match[str]) -> None:
    if found["name"].lower() == "erroraction":
        state.stops = found["value"].lower() == "stop"


def _assign(state: Run, found: re.Match[str]) -> None:
    written = found["value"].lower()
    constants = {"$true": True, "$false": False, "$null": None}
    if written in constants:
        state.variables[found["name"].lower()] = constants[written]
    elif written.isdigit():
        state.variables[found["name"].lower()] = int(written)
    else:
        state.variables[found["name"].lower()] = literal(found["value"])


def _ansible(state: Run, found: re.Match[str]) -> None:
    name, written = found["name"].lower(), found["value"]
    truth = {"$true": True, "$false": False}.get(written.lower())
    if name == "changed" and truth is not None:
        state.ran.ansible.changed = truth
    elif name == "failed" and truth is not None:
        state.ran.ansible.failed = truth
    else:
        plain = int(written) if written.isdigit() else literal(written)
        state.ran.ansible.result = plain if truth is None else truth


def _version(state: Run, _: re.Match[str]) -> None:
    state.ran.output.append(tables.release(state.around.host.identity)["powershell"])


def _no_output(_state: Run, _found: re.Match[str]) -> None:
    """Settings of the console, which change no state of the host."""


_VALUE = rf"(?P<value>{_LITERAL}|\d{{1,9}}|\$true|\$false|\$null)"

#: Statements by form, with what they do.
STATEMENTS: tuple[tuple[re.Pattern[str], Callable[[Run, re.Match[str]], None]], ...] = (
    (
        re.compile(
            r"\(Get-CimInstance -ClassName Win32_OperatingSystem -Property LastBootUpTime\)"
            r"\.LastBootUpTime\.ToFileTime\(\)",
            re.IGNORECASE,
        ),
        _boot_time,
    ),
    (
        re.compile(
            r"\$(?P<name>ErrorAction|Progress|Warning|Verbose|Debug)Preference\s*=\s*['\"](?P<value>Stop|Continue"
            r"|SilentlyContinue)['\"]",
            re.IGNORECASE,
        ),
        _preference,
    ),
    (re.compile(r"\$Ansible\.(?P<name>Changed|Failed)\s*=\s*(?P<value>\$true|\$false)", re.IGNORECASE), _ansible),
    (re.compile(rf"\$Ansible\.(?P<name>Result)\s*=\s*{_VALUE}", re.IGNORECASE), _ansible),
    (re.compile(rf"\$(?!env:)(?P<name>[A-Za-z]\w*)\s*=\s*{_VALUE}", re.IGNORECASE), _assign),
    (re.compile(r"(?:\[string\]\s*)?\$PSVersionTable\.PSVersion(?:\.ToString\(\))?", re.IGNORECASE), _version),
    (
        re.compile(
            r"(?:\[Console\]::InputEncoding = )?(?:\[Console\]::OutputEncoding = )?"
            r"New-Object (?:System\.)?Text\.UTF8Encoding(?: \$false)?",
            re.IGNORECASE,
        ),
        _no_output,
    ),
    *web_configuration.STATEMENTS,
    *secrets.STATEMENTS,
)
