# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a person waits before the work begins."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator

from tools.bench import Lab, Row
from tools.tree import TOP


def bench_setup(lab: Lab) -> Iterator[Row]:
    """`make setup` where everything is there already: the best of three, as the work is the same each time."""
    seconds = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run(["make", "setup"], cwd=TOP, check=True, capture_output=True)
        seconds.append(time.monotonic() - began)
    yield Row("make setup, nothing to do", min(seconds), "s", target="value <= 1")


def bench_lab(lab: Lab) -> Iterator[Row]:
    """`bin/lab up` from nothing, again while it runs, and `bin/lab down`."""
    if lab.started:
        lab.down()
    yield Row("lab up, from nothing", lab.up(), "s", target="value <= 10")
    yield Row("lab up, running already", lab.up(), "s")
    began = time.monotonic()
    lab.down()
    yield Row("lab down", time.monotonic() - began, "s")
