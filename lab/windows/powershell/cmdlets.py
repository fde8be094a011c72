# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few cmdlets that texts of users and of Ansible itself use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab.payload.records import ErrorRecord, thrown, written
from lab.windows.not_modelled import NotModelled

from . import certificate_services, web_configuration
from .state import Cmdlet, Exited, Run, Terminated, as_text, value
from .values import Word

Arguments = Mapping[str, Word | None]


def _worth(state: Run, arguments: Arguments, name: str, default: Any = None) -> Any:
    word = arguments.get(name)
    return default if word is None else value(state, word)


def _write_output(state: Run, arguments: Arguments, _: str) -> None:
    state.ran.output.append(_worth(state, arguments, "inputobject"))


def _write_host(state: Run, arguments: Arguments, _: str) -> None:
    state.ran.host.append(as_text(_worth(state, arguments, "object", "")))


def _stops(state: Run, arguments: Arguments) -> str:
    return str(_worth(state, arguments, "erroraction", "Stop" if state.stops else "Continue")).lower()


def fail(state: Run, arguments: Arguments, record: ErrorRecord) -> None:
    """A non-terminating error, which -ErrorAction may make a terminating one or nothing."""
    action = _stops(state, arguments)
    state.ran.succeeded = False
    if action == "stop":
        raise Terminated(record)
    if action not in ("silentlycontinue", "ignore"):
        state.ran.errors.append(record)


def _write_error(state: Run, arguments: Arguments, statement: str) -> None:
    fail(state, arguments, written(as_text(_worth(state, arguments, "message", "")), statement))


def _write_warning(state: Run, arguments: Arguments, _: str) -> None:
    state.ran.warnings.append(as_text(_worth(state, arguments, "message", "")))


def _nothing(_state: Run, _arguments: Arguments, _statement: str) -> None:
    """Write-Verbose and Write-Debug as long as nobody listens; Set-StrictMode for texts as simple as these."""


def _throw(state: Run, arguments: Arguments, statement: str) -> None:
    raise Terminated(thrown(as_text(_worth(state, arguments, "message", "ScriptHalted")), statement))


def _exit(state: Run, arguments: Arguments, _: str) -> None:
    status = _worth(state, arguments, "status", 0)
    raise Exited(status & 0xFFFFFFFF if isinstance(status, int) else 0)


def _start_sleep(state: Run, arguments: Arguments, statement: str) -> None:
    if state.wait is None:
        raise NotModelled(f"waiting inside of a module: {statement}")
    seconds = _worth(state, arguments, "seconds")
    milliseconds = _worth(state, arguments, "milliseconds", 0)
    state.wait(float(seconds) if seconds is not None else float(milliseconds) / 1000)


def _path(state: Run, arguments: Arguments) -> str:
    return as_text(_worth(state, arguments, "literalpath", _worth(state, arguments, "path", "")))


def exists(state: Run, path: str) -> bool:
    """Whether a path of the file system or the registry leads to something."""
    provider, colon, _ = path.partition(":")
    host = state.around.host
    if provider.upper() in ("HKLM", "HKCU") or path.lower().startswith("registry::"):
        return host.registry.key_exists(path, user=state.around.user.sid)
    if colon and len(provider) == 1:
        return host.files.exists(path)
    raise NotModelled(f"the path {path}")


def _test_path(state: Run, arguments: Arguments, _: str) -> None:
    state.ran.output.append(exists(state, _path(state, arguments)))


def _get_item(state: Run, arguments: Arguments, statement: str) -> None:
    path = _path(state, arguments)
    if exists(state, path):
        if not path.upper().startswith("HKLM:"):
            raise NotModelled(f"how PowerShell shows {path}")
        parent, _, leaf = path.rpartition("\\")
        title = parent.replace("HKLM:", "HKEY_LOCAL_MACHINE", 1)
        state.ran.output += ["", "", f"    Hive: {title}", "", ""]
        state.ran.output += [f"{'Name':<31}Property", f"{'----':<31}--------", f"{leaf:<31}", "", ""]
        return
    record = ErrorRecord(
        f"Cannot find path '{path}' because it does not exist.",
        activity="Get-Item",
        category="ObjectNotFound",
        exception="System.Management.Automation.ItemNotFoundException",
        error_id="PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand",
        target_name=path,
        target_type="String",
        line=statement,
    )
    fail(state, arguments, record)


_COMMON = {"erroraction": False}
_SAY = Cmdlet({"inputobject": False, **_COMMON}, ("inputobject",), _write_output)
_MESSAGE = ("message",)

#: Cmdlets, keywords and aliases in lower case.
CMDLETS: dict[str, Cmdlet] = {
    "write-output": _SAY,
    "echo": _SAY,
    "write-host": Cmdlet({"object": False, **_COMMON}, ("object",), _write_host),
    "write-error": Cmdlet({"message": False, **_COMMON}, _MESSAGE, _write_error),
    "write-warning": Cmdlet({"message": False}, _MESSAGE, _write_warning),
    "write-verbose": Cmdlet({"message": False}, _MESSAGE, _nothing),
    "write-debug": Cmdlet({"message": False}, _MESSAGE, _nothing),
    "set-strictmode": Cmdlet({"version": False}, ("version",), _nothing),
    "throw": Cmdlet({}, _MESSAGE, _throw),
    "exit": Cmdlet({}, ("status",), _exit),
    "start-sleep": Cmdlet({"seconds": False, "milliseconds": False}, ("seconds",), _start_sleep),
    "test-path": Cmdlet({"path": False, "literalpath": False}, ("path",), _test_path),
    "get-item": Cmdlet({"path": False, "literalpath": False, **_COMMON}, ("path",), _get_item),
    **web_configuration.CMDLETS,
    **certificate_services.CMDLETS,
}
