# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where everything of a lab lies in its directory, and the state that is kept there between commands."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import estate

#: Version of the layout; a lab of another version is refused, not guessed at.
FORMAT = 2

#: The longest path of a socket that Samba makes below the directory, and what the kernel takes (sun_path, with NUL).
LONGEST_SOCKET = len("/dc1/private/ldap_priv/ldapi") + 8
SOCKET_LIMIT = 107


class LabError(Exception):
    """What went wrong, for the person at the terminal; `status` is the exit status of the command."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Layout:
    """The paths of one lab."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.state_file = self.directory / "lab.json"
        self.credentials = self.directory / "credentials.json"
        self.inventory = self.directory / "inventory" / "hosts.yml"
        self.etc = self.directory / "etc"
        self.krb5_conf = self.etc / "krb5.conf"
        self.certificates = self.directory / "ca"
        self.root_certificate = self.certificates / "root.pem"
        self.logs = self.directory / "log"
        self.run = self.directory / "run"
        self.control = self.run / "control"
        self.windows = self.directory / "windows"
        self.windows_control = self.run / "windows"
        self.supervisor_lock = self.run / "supervisor"

    def domain_controller(self, name: str) -> Path:
        return self.directory / name

    def smb_conf(self, name: str) -> Path:
        return self.domain_controller(name) / "smb.conf"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    # What holds between commands

    def state(self) -> dict[str, Any]:
        """The content of lab.json, {} if there is none."""
        try:
            found = json.loads(self.state_file.read_text())
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except ValueError:
            return {"state": "damaged"}
        return found if isinstance(found, dict) else {"state": "damaged"}

    def members(self) -> tuple[estate.Host, ...]:
        """The Windows hosts of this lab."""
        return estate.members(self.state().get("servers", 0))

    def quick_boots(self) -> bool:
        """Whether Windows hosts of this lab boot between two connections."""
        return bool(self.state().get("quick_boots"))

    def hosts(self) -> tuple[estate.Host, ...]:
        """All hosts of this lab."""
        return (*estate.DOMAIN_CONTROLLERS, *self.members())

    def write_state(self, state: dict[str, Any]) -> None:
        write(self.state_file, json.dumps({"format": FORMAT, **state}, indent=2) + "\n")

    def supervisor(self) -> int | None:
        """The process id of the lab's supervisor, None if it does not run.

        It holds a lock as long as it lives, so that a number that the kernel gave to another process since, or
        before a reboot, is never taken for it.
        """
        try:
            handle = os.open(self.supervisor_lock, os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.read(handle, 32) or b"0") or None
        else:
            return None
        finally:
            os.close(handle)

    def running(self) -> int:
        """The supervisor of a lab that is ready; LabError if there is none."""
        pid = self.supervisor()
        if pid is None or self.state().get("state") != "ready":
            raise LabError(f"No lab runs in {self.directory}. Start it with: bin/lab up --dir {self.directory}", 3)
        return pid

    # The directory itself

    def check(self) -> None:
        """Refuse a directory that cannot be a lab's, before anything is written."""
        if len(os.fsencode(self.directory)) + LONGEST_SOCKET > SOCKET_LIMIT:
            raise LabError(
                f"The path {self.directory} is too long: Samba's sockets lie below it and the kernel takes "
                f"{SOCKET_LIMIT} bytes for the path of a socket. Name a directory of at most "
                f"{SOCKET_LIMIT - LONGEST_SOCKET} bytes with --dir.",
                2,
            )
        if self.directory.exists() and not self.directory.is_dir():
            raise LabError(f"{self.directory} is not a directory.", 2)
        if self.directory.is_dir() and not self.state_file.exists() and any(self.directory.iterdir()):
            raise LabError(
                f"{self.directory} has files in it and is no lab (it has no lab.json): a lab owns its directory.", 2
            )

    def clear(self) -> None:
        """Empty the directory, the marker last, so that a half-emptied one is still known as a lab's."""
        for path in self.directory.iterdir():
            if path != self.state_file:
                _remove(path)
        self.state_file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One `up` or `down` at a time. The directory itself is locked: it is what both may remove."""
        while True:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                with contextlib.suppress(FileNotFoundError):
                    if os.path.samestat(os.fstat(handle), self.directory.stat()):
                        yield
                        return
            finally:
                os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def write(path: Path, text: str | bytes, mode: int = 0o644) -> None:
    """Write a whole file or nothing, with its final mode from the first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
    new.replace(path)


def wait_until(condition: Callable[[], object], seconds: float, interval: float = 0.02) -> bool:
    """Wait for a condition; whether it came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(interval)
    return True
