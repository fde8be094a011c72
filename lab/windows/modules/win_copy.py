# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_copy: the module behind the action plugin, in its four modes."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from typing import Any

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import FileError, paths
from lab.windows.support import file_access, file_copy


@upstream(
    "ansible.windows.win_copy",
    mirrors="plugins/modules/win_copy.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_copy.yml",),
    limits="paths outside of the file system; that the real module makes a missing folder of dest even in check mode",
)
def run(call: Call) -> Result:
    mode = call.arguments["_copy_mode"]
    result: Result = {"changed": False}
    if call.diff:
        result["diff"] = {}
    try:
        return _Copy(call, result).run(mode)
    except FileError as error:
        raise Unhandled(str(error)) from error


class _Copy:
    """One run. Paths are kept as the caller wrote them, for the results; `_full` says what they mean."""

    def __init__(self, call: Call, result: Result) -> None:
        self.call = call
        self.result = result
        self.given = call.arguments
        self.files = call.host.files

    def run(self, mode: str) -> Result:
        {"query": self.query, "explode": self.explode, "remote": self.remote, "single": self.single}[mode]()
        return self.result

    def query(self) -> None:
        changed = [dict(told) for told in self._told("files") if self._file_differs(told)]
        missing = [dict(told) for told in self._told("directories") if self._folder_is_missing(told)]
        self.result |= {"files": changed, "directories": missing, "symlinks": []}

    def _told(self, option: str) -> list[dict[str, Any]]:
        """What the action plugin tells of files or folders: each with `src` and `dest`."""
        entries = self.given[option] or []
        if not all(isinstance(told, dict) and {"src", "dest"} <= told.keys() for told in entries):
            raise NotModelled(f"{option} that the action plugin of win_copy does not send")
        return list(entries)

    def explode(self) -> None:
        source = self.given["src"]
        if not self._is_file(source):
            raise self._failure(f"Cannot expand src zip file: '{source}' as it does not exist")
        try:
            archive = zipfile.ZipFile(io.BytesIO(self.files.read(self._full(source))))
        except zipfile.BadZipFile:
            reason = "End of Central Directory record could not be found."
            raise Unhandled(method_failed("Open", 3, reason)) from None
        with archive:
            for entry in archive.infolist():
                self._unpack(entry.filename, archive.read(entry))
        self.result["changed"] = True

    def remote(self) -> None:
        source, dest = self.given["src"], self.given["dest"]
        self.result |= {"src": source, "dest": dest}
        if not self._exists(source):
            raise self._failure(f"Cannot copy src file: '{source}' as it does not exist")
        target = dest
        if self._is_folder(source):
            self.result["operation"] = "folder_copy"
            if source.endswith(("/", "\\")):
                diff = "".join(self._child(child, dest) for child in self.files.children(self._full(source)))
            else:
                target = paths.join(dest, self._name(source))
                self.result["dest"] = target
                diff = self._copy_folder(source, target)
        else:
            target, diff = self._copy_one(source, dest)
        done = not self.call.check_mode or self._is_file(target)
        self.result["size"] = file_copy.size(self.call, self._full(target)) if done else None
        if self.call.diff:
            self.result["diff"]["prepared"] = diff

    def single(self) -> None:
        source, dest = self.given["src"], self.given["dest"]
        if not self._is_file(source):
            raise self._failure(f"Cannot copy src file: '{source}' as it does not exist")
        target = dest
        if dest.endswith(("/", "\\")) or self._is_folder(dest):
            target = paths.join(dest, self.given["_original_basename"] or "")
        self._check_parent(dest, target)
        if self.given["backup"]:
            self.result["backup_file"] = file_copy.backup(self.call, self._full(target))
        if not self.call.check_mode:
            file_copy.copy(self.call, self._full(source), self._full(target))
        self.result["changed"] = True

    def _copy_one(self, source: str, dest: str) -> tuple[str, str]:
        """Copy one file of the host; where it is now, and the diff."""
        self.result |= {"operation": "file_copy", "original_basename": self._name(source)}
        target = dest
        if dest.endswith(("/", "\\")) or self._is_folder(dest):
            target = paths.join(dest, self._name(source))
        self.result["dest"] = target
        self._check_parent(dest, target)
        diff, checksum = self._copy_file(source, target)
        self.result["checksum"] = checksum
        return target, diff

    def _check_parent(self, dest: str, target: str) -> None:
        parent = paths.above(target)
        if not parent:
            return
        if self._is_file(parent):
            raise self._failure(f"object at destination parent dir '{parent}' is currently a file")
        if not self._is_folder(parent):
            if dest == target:
                raise self._failure(f"Destination directory '{parent}' does not exist")
            if not self.call.check_mode:
                file_copy.make_folder(self.call, self._full(parent))

    def _copy_file(self, source: str, dest: str) -> tuple[str, str | None]:
        checksum = self._checksum(source) if self.given["force"] else None
        attempted = f"cannot copy file from '{source}' to '{dest}'"
        if self._is_folder(dest):
            raise self._failure(f"{attempted}: dest is already a folder")
        exists = self._is_file(dest)
        if exists and (not self.given["force"] or checksum == self._checksum(dest)):
            return "", checksum
        diff, parent = "", paths.above(dest)
        if self._is_file(parent):
            raise self._failure(f"{attempted}: object at dest parent dir is not a folder")
        if parent and not self._exists(parent):
            if not self.call.check_mode:
                file_copy.make_folder(self.call, self._full(parent))
            diff += f"+{parent}\\\n"
        if self.given["backup"]:
            self.result["backup_file"] = file_copy.backup(self.call, self._full(dest))
        if exists:
            diff += f"-{dest}\n"
        if not self.call.check_mode:
            if exists:
                self.files.remove(self._full(dest))
            file_copy.copy(self.call, self._full(source), self._full(dest))
        self.result["changed"] = True
        return diff + f"+{dest}\n", checksum

    def _copy_folder(self, source: str, dest: str) -> str:
        diff, parent = "", paths.above(dest)
        if not self._is_folder(dest):
            if self._is_file(parent):
                message = "object at dest parent dir is not a folder"
                raise self._failure(f"cannot copy file from '{source}' to '{dest}': {message}")
            if self._is_file(dest):
                raise self._failure(f"cannot copy folder from '{source}' to '{dest}': dest is already a file")
            if not self.call.check_mode:
                file_copy.make_folder(self.call, self._full(dest))
            diff += f"+{dest}\\\n"
            self.result["changed"] = True
        return diff + "".join(self._child(child, dest) for child in self.files.children(self._full(source)))

    def _child(self, child: Any, dest: str) -> str:
        target = paths.join(dest, child.name)
        return self._copy_folder(child.path, target) if child.is_folder else self._copy_file(child.path, target)[0]

    def _file_differs(self, told: dict[str, Any]) -> bool:
        dest, name = self.given["dest"], str(told["dest"])
        path = paths.join(dest, name)
        if self._is_folder(path):
            path = paths.join(dest, paths.join(name, paths.leaf(str(told["src"]))))
        if self._is_file(path):
            return bool(self.given["force"]) and self._checksum(path) != told.get("checksum")
        if self._is_folder(path):
            raise self._failure(f"cannot copy file to dest '{path}': object at path is already a directory")
        return True

    def _folder_is_missing(self, told: dict[str, Any]) -> bool:
        path = paths.join(self.given["dest"], str(told["dest"]))
        attempted = f"cannot copy folder to dest '{path}'"
        if self._is_file(paths.above(path)):
            raise self._failure(f"{attempted}: object at parent directory path is already a file")
        if self._is_file(path):
            raise self._failure(f"{attempted}: object at path is already a file")
        return not self._is_folder(path)

    def _unpack(self, name: str, content: bytes) -> None:
        """Unpack one entry of the archive, whose name the controller put into Base64."""
        is_folder = len(name) % 4 == 1 and name.endswith(("/", "\\"))
        encoded = name[:-1] if is_folder else name
        if len(name) % 4 == 1 and not is_folder:
            raise Unhandled(f"invalid base64 archive name '{name}'")
        if len(name) % 4 > 1:
            raise Unhandled(f"invalid base64 length '{name}'")
        try:
            plain = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Unhandled(f"invalid base64 archive name '{name}'") from None
        target = paths.join(self.given["dest"], plain)
        folder = target if is_folder else paths.above(target)
        if self.call.check_mode:
            return
        if not self._exists(folder):
            file_copy.make_folder(self.call, self._full(folder))
        if not is_folder:
            file_copy.put(self.call, self._full(target), content)

    def _checksum(self, path: str) -> str:
        """Get-FileChecksum of the legacy utilities: SHA-1, `3` for a folder, `1` for nothing."""
        if self._is_folder(path):
            return "3"
        if not self._is_file(path):
            return "1"
        return file_access.digest(self.files.read(self._full(path)), "sha1")

    def _name(self, path: str) -> str:
        entry = self.files.get(self._full(path))
        return entry.name if entry else paths.leaf(path)

    def _full(self, path: str) -> str:
        return file_access.full(self.call.host, self.call.user, path)

    def _exists(self, path: str) -> bool:
        return bool(path) and self.files.exists(self._full(path))

    def _is_file(self, path: str) -> bool:
        return bool(path) and self.files.is_file(self._full(path))

    def _is_folder(self, path: str) -> bool:
        return bool(path) and self.files.is_folder(self._full(path))

    def _failure(self, message: str) -> ModuleFailure:
        return ModuleFailure(message, **self.result)
