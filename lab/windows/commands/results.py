# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What win_command and win_shell have in common: a program that runs, and the result that they make of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from lab.windows import win32
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure
from lab.windows.people.token import Token

from . import Around, NoProgram, Ran

#: What a program of the lab takes: no time is measured that would tell of the lab alone.
_TAKES = timedelta(milliseconds=31, microseconds=250)
_TIME = "%Y-%m-%d %H:%M:%S.%f"


def exists(host: Host, user: Token, path: str) -> bool:
    """Test-AnsiblePath: a file or folder, or something of another provider of PowerShell; HKCU is the user's."""
    provider = path.partition(":")[0].lower()
    if provider in ("hklm", "hkcu") or path.lower().startswith("registry::"):
        return host.registry.key_exists(path, user=user.sid)
    if len(provider) > 1 and ":" in path:
        raise NotModelled(f"the path {path} in creates or removes")
    return host.files.exists(path)


def skipped(call: Call) -> dict[str, Any] | None:
    """The result where `creates` or `removes` says that there is nothing to do."""
    creates, removes = call.arguments["creates"], call.arguments["removes"]
    for path, there in ((creates, True), (removes, False)):
        if path and exists(call.host, call.user, path) is there:
            return {"msg": f"skipped, since {path} {'exists' if there else 'does not exist'}", "skipped": True}
    return None


def finished(call: Call, command: str, around: Around, start: Callable[[], Ran], *, shown: str) -> dict[str, Any]:
    """Start a program and tell of it.

    Args:
        command: Its whole line, for `cmd`.
        start: Starts it.
        shown: The command as the failure of a start shows it.

    Raises:
        ModuleFailure: There is no such program or folder, or it ended with another status than 0.
    """
    if call.arguments["output_encoding_override"]:
        raise NotModelled("another encoding of a program's output")
    begun = call.host.clock.now()
    if not call.host.files.is_folder(around.directory):
        where = f"Could not find specified -WorkingDirectory '{around.directory}'"
        raise ModuleFailure(f"Failed to run: '{shown}': {where}", cmd=command, rc=2)
    try:
        ran = start()
    except NoProgram:
        text = win32.in_ansible("CreateProcessW() failed", win32.FILE_NOT_FOUND, call.host.identity.language)
        message = f'Failed to run: \'{shown}\': Exception calling "CreateProcess" with "7" argument(s): "{text}"'
        raise ModuleFailure(message, cmd=command, rc=win32.FILE_NOT_FOUND) from None
    result = {
        "cmd": command,
        "changed": True,
        "stdout": ran.stdout,
        "stderr": ran.stderr,
        "rc": ran.status,
        "start": begun.strftime(_TIME),
        "end": (begun + _TAKES).strftime(_TIME),
        "delta": f"0:00:00.{_TAKES.microseconds:06d}",
    }
    if ran.status:
        raise ModuleFailure("non-zero return code", **result)
    return result
