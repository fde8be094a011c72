# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replication between the lab's domain controllers: held up, and hurried."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import typing as t
from pathlib import Path

from .forest import DOMAIN, Forest

if t.TYPE_CHECKING:
    from collections.abc import Iterator

#: Seconds that a domain controller may take until it replicates.
PATIENCE = 20
PARTITIONS = (f"CN=Configuration,{DOMAIN}", DOMAIN)


def _fetchers(forest: Forest, name: str) -> list[int]:
    """The process of a domain controller that fetches from its partners."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if b"task[drepl]" in (process / "cmdline").read_bytes():
                links = [str(link.readlink()) for link in (process / "fd").iterdir()]
                if any(link.startswith(f"{forest.directory / name}/") for link in links):
                    found.append(int(process.name))
    return found


@contextlib.contextmanager
def held(forest: Forest, name: str = "dc2") -> Iterator[None]:
    """The time in which nothing new reaches a domain controller."""
    processes = _fetchers(forest, name)
    assert processes, f"nothing fetches for {name}"
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def fetch(forest: Forest, to: str, source: str, partitions: t.Sequence[str] = PARTITIONS[:1]) -> None:
    """Let a domain controller fetch from the other at once; comes back when it has."""
    for partition in partitions:
        command = ["samba-tool", "drs", "replicate", to, source, partition, "-P", "--configfile"]
        # One that has just been started answers LDAP before it answers to its partner.
        end = time.monotonic() + PATIENCE
        while True:
            tried = subprocess.run(
                [*command, forest.directory / to / "smb.conf"], check=False, capture_output=True, text=True
            )
            if tried.returncode == 0:
                break
            assert time.monotonic() < end, tried.stdout + tried.stderr
            time.sleep(0.3)


def settle(forest: Forest) -> None:
    """Let both have what the other has."""
    fetch(forest, "dc2", "dc1")
    fetch(forest, "dc1", "dc2")
