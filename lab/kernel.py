# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces and mounts: the few system calls that Python before 3.12 has no function for."""

from __future__ import annotations

import ctypes
import os
import socket
from pathlib import Path

# linux/sched.h
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

# linux/mount.h
MS_RDONLY = 0x1
MS_REC = 0x4000
MS_SLAVE = 0x80000
MNT_DETACH = 0x2

#: A file that says: this /etc is a lab's.
MARK = "lab"

#: What a command needs to be in the lab, as /proc/PID/ns names it. Not the process namespace: a command that
#: stays in the caller's keeps its signals, its job control and a /proc that fits.
ENTERED = {"net": CLONE_NEWNET, "uts": CLONE_NEWUTS, "mnt": CLONE_NEWNS}

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, attempted: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{attempted}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Give the calling process new namespaces; a new process namespace holds for its children."""
    _checked(_libc.unshare(ctypes.c_int(flags)), f"unshare 0x{flags:x}")


def enter(pid: int) -> None:
    """Join the namespaces of a process, and its root, but stay in the same directory, by name."""
    here = Path.cwd()
    handles = [(os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC), flag) for name, flag in ENTERED.items()]
    root = os.open(f"/proc/{pid}/root", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for handle, flag in handles:
        _checked(_libc.setns(ctypes.c_int(handle), ctypes.c_int(flag)), f"enter the namespaces of process {pid}")
        os.close(handle)
    # A mount namespace is entered at its root, which is not that of the process if that lives in a chroot.
    os.fchdir(root)
    os.chroot(".")
    os.close(root)
    os.chdir(here)


def network_namespace(process: str = "self") -> int:
    """The number of the network namespace that a process is in; OSError if it has gone."""
    return Path(f"/proc/{process}/ns/net").stat().st_ino


def own_mounts() -> None:
    """Let mounts of this mount namespace stay in it, and those made outside later still come in."""
    _checked(_libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_REC | MS_SLAVE), None), "make the mounts private")


def overlay_etc(directory: Path) -> None:
    """Lay the files of a directory over /etc, read-only, for this mount namespace alone.

    An overlay and not a mount per file: /etc/resolv.conf is replaced by rename when a lease is renewed, and the
    kernel drops a mount whose file goes away. The overlay of the lab in which this may run is taken away first: the
    kernel stacks no more than two.
    """
    if Path("/etc", MARK).exists():
        _checked(_libc.umount2(b"/etc", ctypes.c_int(MNT_DETACH)), "unmount the /etc of another lab")
    (directory / MARK).write_text(f"{directory}\n")
    here = Path.cwd()
    os.chdir(directory)  # a relative name needs no escaping in the options
    try:
        _checked(
            _libc.mount(b"overlay", b"/etc", b"overlay", ctypes.c_ulong(MS_RDONLY), b"lowerdir=.:/etc"),
            "mount an overlay on /etc",
        )
    finally:
        os.chdir(here)


def set_host_name(name: str) -> None:
    """Name the host in the current UTS namespace."""
    socket.sethostname(name)
