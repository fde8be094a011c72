# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of files on the host, as the cmdlets make them that modules use."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from lab.windows.parts.files import Attributes, paths
from lab.windows.support import file_access

if TYPE_CHECKING:
    from lab.windows.operation import Call


def put(call: Call, path: str, content: bytes) -> None:
    """Write a file as the caller, read-only ones too (-Force). FileError where Windows fails."""
    files = call.host.files
    file_access.check_write(call, path)
    entry = files.get(path, follow=True)
    if entry is not None and Attributes.READ_ONLY in entry.attributes:
        files.set_attributes(entry.path, entry.attributes & ~Attributes.READ_ONLY)
    files.write(path, content)
    if entry is None:
        call.host.security.created("file", path, call.user)


def copy(call: Call, source: str, target: str) -> None:
    """Copy-Item -Force of one file: the content, with the time of its last change."""
    files = call.host.files
    entry = files.get(source, follow=True)
    put(call, target, files.read(source))
    if entry is not None:
        files.stamp(target, modified=entry.modified)


def make_folder(call: Call, path: str) -> None:
    """New-Item -ItemType Directory as the caller. FileError where Windows fails."""
    file_access.check_write(call, path)
    if call.host.files.make_folder(path):
        call.host.security.created("file", path, call.user)


def backup(call: Call, path: str) -> str | None:
    """Backup-File of Ansible.ModuleUtils.Backup: the name of the copy; None if there is no such file.

    The name has the number of the process in it, which here is any number that a process could have.
    """
    if not call.host.files.is_file(path):
        return None
    now = call.host.clock.local(call.host.clock.now())
    name = f"{path}.{random.randrange(1000, 16000, 4)}.{now:%Y%m%d-%H%M%S}.bak"
    if not call.check_mode:
        copy(call, path, name)
    return name


def size(call: Call, path: str) -> int:
    """Bytes of a file, or of all files below a folder but those behind links."""
    entry = call.host.files.get(path, follow=True)
    if entry is None or not entry.is_folder:
        return entry.size if entry else 0
    return file_access.size(call.host, path)


def below(folder: str, name: str) -> str:
    """[System.IO.Path]::Combine of a folder and a relative name."""
    return paths.join(folder, name)
