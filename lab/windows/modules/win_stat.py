# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_stat: what there is to know of a file or folder."""

from __future__ import annotations

from typing import Any

from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import Attributes, Entry, FileError, LinkLoop, paths
from lab.windows.support import file_access


@upstream(
    "ansible.windows.win_stat",
    mirrors="plugins/modules/win_stat.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_stat.yml",),
    limits="hard links; shares beside the administrative ones; paths outside of the file system",
)
def run(call: Call) -> Result:
    given, files = call.arguments, call.host.files
    path = file_access.full(call.host, call.user, given["path"])
    try:
        entry = files.get(path, follow=given["follow"])
    except LinkLoop:
        entry = None
    if entry is None:
        return {"changed": False, "stat": {"exists": False}}
    followed = given["follow"] and files.get(path) != entry
    shown = entry.path if followed else as_written(path, given["path"])
    stat = described(call, entry, shown)
    if entry.is_folder:
        name = file_access.share(entry.path)
        if name is not None:
            stat |= {"isshared": True, "sharename": name}
        if given["get_size"]:
            stat["size"] = _size(call, entry)
    else:
        stat |= {"extension": paths.extension(entry.name), "isreg": True}
        if given["get_checksum"]:
            stat["checksum"] = _checksum(call, path)
        if given["get_size"]:
            stat["size"] = entry.size
    if entry.link:
        stat |= {
            "islnk": entry.link.kind == "symlink",
            "isjunction": entry.link.kind == "junction",
            "isreg": False,
            "lnk_target": entry.link.target,
            "lnk_source": absolute(entry),
        }
    return {"changed": False, "stat": stat}


def described(call: Call, entry: Entry, shown: str) -> dict[str, Any]:
    """What is always told of an entry."""
    attributes = entry.attributes
    return {
        "exists": True,
        "attributes": str(attributes),
        "isarchive": Attributes.ARCHIVE in attributes,
        "isdir": entry.is_folder,
        "ishidden": Attributes.HIDDEN in attributes,
        "isjunction": False,
        "islnk": False,
        "isreadonly": Attributes.READ_ONLY in attributes,
        "isreg": False,
        "isshared": False,
        "nlink": 1,
        "hlnk_targets": [],
        "creationtime": file_access.seconds(entry.created),
        "lastaccesstime": file_access.seconds(entry.accessed),
        "lastwritetime": file_access.seconds(entry.modified),
        "path": shown,
        "filename": paths.leaf(shown) if len(shown.rstrip("\\")) > 2 else shown,  # C:\
        "owner": file_access.owner(call.host, entry),
    }


def as_written(path: str, given: str) -> str:
    """A full path as .NET's FullName has it: with the caller's spelling, and the separator at its end if there is."""
    ends = given.replace("/", "\\").endswith("\\") and not path.endswith("\\")
    drive = given[0] if given[:1].upper() == path[0] and given[1:2] == ":" else path[0]
    return drive + path[1:] + ("\\" if ends else "")


def absolute(entry: Entry) -> str:
    """Where a link leads, as a full path."""
    assert entry.link
    target = entry.link.target
    return target if paths.is_full(target) else paths.normal(paths.join(paths.above(entry.path), target))


def _size(call: Call, entry: Entry) -> int:
    try:
        return file_access.size(call.host, entry.path)
    except FileError:
        return 0


def _checksum(call: Call, path: str) -> str:
    try:
        return file_access.digest(call.host.files.read(path), call.arguments["checksum_algorithm"])
    except FileError as error:
        reason = f'Exception calling "Open" with "4" argument(s): "{error}"'
        raise ModuleFailure(
            f"Failed to get hash of file, set get_checksum to False to ignore this error: {reason}",
            stat={"exists": False},
        ) from error
