# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that Ansible puts, fetches, looks for and removes, and its temporary folders."""

from __future__ import annotations

import base64
import hashlib
import json
import ntpath
from typing import TYPE_CHECKING

from lab.payload import clixml
from lab.payload.invocation import (
    Checksum,
    ExpandUser,
    FetchFile,
    Generation,
    MakeTemporary,
    PathExists,
    PutFile,
    RemovePath,
)
from lab.payload.records import ErrorRecord
from lab.windows.not_modelled import NotModelled
from lab.windows.parts.files import FileError
from lab.windows.people import profiles
from lab.windows.running import answers, environment
from lab.winrm.machine import Outcome

if TYPE_CHECKING:
    from lab.windows.commands import Around
    from lab.windows.host import Host
    from lab.windows.people.token import Token

Transfer = PutFile | FetchFile | MakeTemporary | ExpandUser | RemovePath | PathExists | Checksum


class _Failed(Exception):  # noqa: N818
    def __init__(self, record: ErrorRecord, generation: Generation = "2.18") -> None:
        super().__init__(record.message)
        self.record = record
        self.generation = generation


def run(around: Around, wanted: Transfer) -> Outcome:
    """Do it. Failures are those of .NET and PowerShell."""
    try:
        match wanted:
            case PutFile():
                return _put(around, wanted)
            case FetchFile():
                return _fetch(around, wanted)
            case MakeTemporary():
                return _make_temporary(around, wanted)
            case ExpandUser():
                return _said(_home(around, wanted))
            case RemovePath():
                return _remove(around, wanted)
            case PathExists():
                there = around.host.files.exists(_full(around, wanted.path))
                text = f"{wanted.says}\r\n" if wanted.says else ""
                return Outcome(text.encode(), status=0 if there else 1)
            case Checksum():
                return _said(_checksum(around, wanted))
    except _Failed as failed:
        if failed.generation == "2.19":
            return answers.wrapper_failure("2.19", failed.record.message, during="-")
        return Outcome(stderr=clixml.stderr([failed.record]), status=1)


def _said(text: str) -> Outcome:
    return Outcome(f"{text}\r\n".encode())


def _full(around: Around, path: str) -> str:
    return ntpath.normpath(ntpath.join(around.directory, path))


def may_write(host: Host, user: Token, path: str) -> bool:
    """Whether somebody may write a file: administrators everywhere, others below their own profile.

    Windows asks the access control list of each folder; to answer for more than this the lab would have to know what
    setup wrote into all of them.
    """
    own = profiles.folder(host, user).lower() + "\\"
    return user.is_administrator or (ntpath.normpath(path).lower() + "\\").startswith(own)


def _calling(method: str, count: int, error: Exception) -> ErrorRecord:
    """The record of a .NET method that throws."""
    message = f'Exception calling "{method}" with "{count}" argument(s): "{error}"'
    return ErrorRecord(
        message,
        exception="System.Management.Automation.MethodInvocationException",
        error_id=type(error).__name__,
    )


def _denied(path: str) -> FileError:
    return FileError(f"Access to the path '{path}' is denied.")


def _put(around: Around, wanted: PutFile) -> Outcome:
    path = _full(around, wanted.path)
    try:
        if not may_write(around.host, around.user, path):
            raise _denied(path)
        around.host.files.write(path, wanted.content)
    except FileError as error:
        raise _Failed(_calling("Create", 1, error), wanted.generation) from error
    return _said(json.dumps({"sha1": hashlib.sha1(wanted.content).hexdigest()}, separators=(",", ":")))


def _fetch(around: Around, wanted: FetchFile) -> Outcome:
    path = _full(around, wanted.path)
    entry = around.host.files.get(path, follow=True)
    if entry is None:
        # The text asks Write-Error for it, the wrapper's script writes the line itself.
        said = f"{wanted.path} does not exist"
        if wanted.generation == "2.19":
            return Outcome(stderr=clixml.stderr([said], progress=False), status=1)
        record = ErrorRecord(
            said,
            activity="Write-Error",
            exception="Microsoft.PowerShell.Commands.WriteErrorException",
            error_id="Microsoft.PowerShell.Commands.WriteErrorException",
        )
        raise _Failed(record)
    if entry.is_folder:
        return _said("[DIR]")
    piece = around.host.files.read(path)[wanted.offset : wanted.offset + wanted.size]
    return _said(base64.b64encode(piece).decode()) if piece else Outcome()


def _make_temporary(around: Around, wanted: MakeTemporary) -> Outcome:
    host = around.host
    base = environment.substituted(environment.variables(host, around.user), wanted.base)
    path = ntpath.normpath(ntpath.join(around.directory, base, wanted.name))
    try:
        if not may_write(host, around.user, path):
            raise _denied(path)
        made = host.files.make_folder(path)
    except FileError as error:
        raise _Failed(_item(str(error), "New-Item", "PermissionDenied", path), wanted.generation) from error
    if not made:
        message = f"An item with the specified name {path} already exists."
        raise _Failed(_item(message, "New-Item", "ResourceExists", path), wanted.generation)
    return _said(path)


def _item(message: str, activity: str, category: str, path: str) -> ErrorRecord:
    return ErrorRecord(
        message,
        activity=activity,
        category=category,
        exception="System.IO.IOException",
        error_id=f"{activity}Error",
        target_name=path,
        target_type="String",
    )


def _home(around: Around, wanted: ExpandUser) -> str:
    home = around.directory if wanted.of == "location" else profiles.folder(around.host, around.user)
    if wanted.path == "~":
        return home
    return ntpath.join(home, wanted.path[2:]) if wanted.path.startswith("~\\") else wanted.path


def _remove(around: Around, wanted: RemovePath) -> Outcome:
    if set("*?[") & set(wanted.path):
        raise NotModelled(f"Remove-Item with a wildcard: {wanted.path}")
    host, path = around.host, _full(around, wanted.path)
    entry = host.files.get(path)
    if entry is None:
        message = f"Cannot find path '{wanted.path}' because it does not exist."
        raise _Failed(_item(message, "Remove-Item", "ObjectNotFound", path))
    if entry.is_folder and not wanted.recurse and host.files.children(path):
        # PowerShell would ask, and nobody is there to be asked.
        message = "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available."
        raise _Failed(_item(message, "Remove-Item", "InvalidOperation", path))
    if not may_write(host, around.user, path):
        raise _Failed(_item(str(_denied(path)), "Remove-Item", "PermissionDenied", path))
    host.files.remove(path)
    return Outcome()


def _checksum(around: Around, wanted: Checksum) -> str:
    files, path = around.host.files, _full(around, wanted.path)
    entry = files.get(path, follow=True)
    if entry is None:
        return "1"
    return "3" if entry.is_folder else hashlib.sha1(files.read(path)).hexdigest()
