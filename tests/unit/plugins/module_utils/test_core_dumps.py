# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that may leave no core file, asked of the kernel, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from tools.tree import TOP

PROGRAM = """
import ctypes, resource
from ansible_collections.certops.intune.plugins.module_utils import core_dumps
core_dumps.forbid()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)[0])
"""


def test_no_core_is_left() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"PYTHONPATH": str(TOP / "build" / "collections")},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "0 0\n"
