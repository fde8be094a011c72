# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file with the state before a change: whole or not there, never in the place of another, for its owner's eyes only.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import secrets
import socket
from pathlib import Path

_LONGEST_LABEL = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def keep(folder: Path, stem: str, suffix: str, data: bytes) -> Path:
    """Write O(data) into a new file of mode 0600, and give its path. The folder is made with mode 0700 if need be.

    Raises OSError when it cannot be written completely; no part of it is left then.
    """
    part = folder / f".{stem}.{secrets.token_hex(4)}.part"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        _write_through(part, data)
        target = _give_name(part, folder, stem, suffix)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    _sync_folder(folder)
    return target


def file_label(label: str) -> str:
    """O(label) with nothing in it that means something to a file system or a shell."""
    return _UNSAFE.sub("_", label).strip("_.-")[:_LONGEST_LABEL] or "backup"


def local_user() -> str:
    """Who writes, and where."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"user {os.getuid()}"
    return f"{user} on {socket.gethostname()}"


def _write_through(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _give_name(part: Path, folder: Path, stem: str, suffix: str) -> Path:
    """Give the complete file its name; a number is added when another has it."""
    number = 1
    while True:
        target = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            # Taken first, since a rename would replace the file of another run; not every file system has links.
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            number += 1
            continue
        try:
            return part.replace(target)
        except OSError:
            target.unlink()
            raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
