# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contents of files by their SHA-256, outside of the models: hosts that have the same file share it."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Protocol

from lab.layout import write


class Blobs(Protocol):
    """Where contents lie. They are only ever added."""

    def put(self, content: bytes) -> str:
        """Keep a content; its SHA-256 as hexadecimal digits in lower case."""
        ...

    def get(self, digest: str) -> bytes:
        """A content; KeyError if it was never kept."""
        ...


class Memory:
    """Contents that last as long as the process."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self._contents.setdefault(digest, bytes(content))
        return digest

    def get(self, digest: str) -> bytes:
        return self._contents[digest]


class Folder:
    """Contents in a folder, one file each, mode 0600, named by the digest."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._folder / digest
        # Several hosts at once may have the same file.
        with self._lock:
            if not path.exists():
                write(path, content, 0o600)
        return digest

    def get(self, digest: str) -> bytes:
        try:
            return (self._folder / digest).read_bytes()
        except FileNotFoundError:
            raise KeyError(digest) from None


_current: list[Blobs] = [Memory()]


def store() -> Blobs:
    """Where this process keeps contents: in memory until `use` said otherwise."""
    return _current[0]


def use(blobs: Blobs) -> None:
    """Keep contents there from now on. To be called before any host is made or restored."""
    _current[0] = blobs
