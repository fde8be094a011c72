# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_file: files and folders that are to exist or not, and their times."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lab.windows.exceptions import Unhandled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import FileError, NoDrive, Occupied, paths
from lab.windows.support import file_access


@upstream(
    "ansible.windows.win_file",
    mirrors="plugins/modules/win_file.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_file.yml",),
    limits="paths on other computers and outside of the file system; formats of times beyond yyyy MM dd HH mm ss",
)
def run(call: Call) -> Result:
    given = call.arguments
    shown, base = given["path"], given.get("_original_basename")
    path = file_access.full(call.host, call.user, shown)
    if base is not None and call.host.files.is_folder(path):
        path, shown = paths.join(path, base), paths.join(shown, base)
    times = _times(call)
    if given.get("_diff_peek") is not None or call.internal.get("_diff_peek") is not None:
        return _peek(call, path, shown)
    try:
        return _act(call, path, shown, times)
    except NoDrive as error:
        raise ModuleFailure(str(error)) from error


def _act(call: Call, path: str, shown: str, times: dict[str, datetime]) -> Result:
    files, state = call.host.files, call.arguments["state"]
    changed = _touch(call, path, times) if state == "touch" else False
    entry = files.get(path)
    if entry is not None:
        if state == "absent":
            if not call.check_mode:
                _remove(call, path)
            return {"changed": True}
        if state == "directory" and not entry.is_folder:
            raise ModuleFailure(f"path {shown} is not a directory")
        if state == "file" and entry.is_folder:
            raise ModuleFailure(f"path {shown} is not a file")
        return {"changed": changed}
    if state in (None, "file"):
        raise ModuleFailure(f"path {shown} will not be created")
    if state == "directory":
        _make_folder(call, path, shown)
        _stamp(call, path, times)
        changed = True
    return {"changed": changed}


def _touch(call: Call, path: str, times: dict[str, datetime]) -> bool:
    if call.host.files.exists(path):
        return _stamp(call, path, times)
    if not call.check_mode:
        try:
            file_access.check_write(call, path)
            call.host.files.write(path, b"")
        except FileError as error:
            raise Unhandled(str(error)) from error
        call.host.security.created("file", path, call.user)
        _stamp(call, path, times)
    return True


def _make_folder(call: Call, path: str, shown: str) -> None:
    drive = paths.split(path)[0]
    if drive not in call.host.files.drives:
        raise NoDrive(drive)
    if call.check_mode:
        return
    try:
        file_access.check_write(call, path)
        call.host.files.make_folder(path)
    except Occupied as error:
        raise ModuleFailure(f"path {shown} is not a directory") from error
    except FileError as error:
        raise ModuleFailure(str(error)) from error
    call.host.security.created("file", path, call.user)


def _remove(call: Call, path: str) -> None:
    try:
        above = paths.above(path)
        if above and not call.user.is_administrator:
            file_access.check_write(call, path)
        call.host.files.remove(path)
    except FileError as error:
        raise ModuleFailure(f"Failed to delete {path}: {error}") from error


def _times(call: Call) -> dict[str, datetime]:
    """The times to be set: `accessed`, `modified`."""
    given, host = call.arguments, call.host
    otherwise = "now" if given["state"] == "touch" else "preserve"
    found: dict[str, datetime] = {}
    for option, name in (("access_time", "accessed"), ("modification_time", "modified")):
        text = given[option] if given[option] is not None else otherwise
        if text.lower() == "now":
            found[name] = host.clock.now()
        elif text.lower() != "preserve":
            try:
                wall = file_access.parse_time(text, given[f"{option}_format"])
            except ValueError:
                raise ModuleFailure(f"Invalid {option} '{text}'") from None
            found[name] = file_access.from_local(host, wall)
    return found


def _stamp(call: Call, path: str, times: dict[str, datetime]) -> bool:
    """Set the times; whether one of them was another."""
    entry = call.host.files.get(path, follow=True)
    differing: dict[str, Any] = {
        name: moment for name, moment in times.items() if entry is None or getattr(entry, name) != moment
    }
    if entry is not None and differing and not call.check_mode:
        call.host.files.stamp(path, **differing)
    return bool(differing)


def _peek(call: Call, path: str, shown: str) -> Result:
    """What the controller asks before it shows a diff."""
    try:
        binary = b"\0" in call.host.files.read(path)[:8192]
    except FileError:
        binary = False
    state = "file" if call.host.files.exists(path) else "absent"
    return {"path": shown, "change": False, "appears_binary": binary, "state": state}
