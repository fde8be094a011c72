# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords stand in the memory of a module. A crash must not write that memory to a disk.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import contextlib
import ctypes
import resource

# linux/prctl.h
_PR_SET_DUMPABLE = 4


def forbid() -> None:
    """Let this process leave no core file, neither as a file nor for a program that collects them.

    The limit says so on every system. Linux hands a core to a collecting program all the same, unless the process is
    marked; the mark also keeps the memory from other processes of the same user.
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
