# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the hazards of a large forest cost to assess."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator

from tools.bench import Lab, Row
from tools.tree import COLLECTIONS, TOP

TEMPLATES = 5000
TURNS = 3


def bench_hazards(_lab: Lab) -> Iterator[Row]:
    """5,000 templates with different rights for 200 groups nested ten deep, everything read already: processor time."""
    command = ["env", f"PYTHONPATH={COLLECTIONS}", sys.executable, "-m", "tests.bench.inside.assessing", str(TEMPLATES)]
    runs = []
    for _ in range(TURNS):
        done = subprocess.run(command, cwd=TOP, check=True, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        runs.append(json.loads(done.stdout))
    if {run["templates"] for run in runs} != {TEMPLATES} or len({run["hazards"] for run in runs}) != 1:
        raise RuntimeError(f"the runs did not assess the same: {runs}")
    seconds = statistics.median(run["seconds"] for run in runs)
    yield Row(f"hazards of {TEMPLATES} templates, 200 nested groups", seconds, "s of one core", target="value <= 2")
