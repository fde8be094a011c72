# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a whole NDES server costs over WinRM, from blank to configured and with nothing to do.

The peer is tests/bench/naive/ndes_server.yml: the same end state with upstream modules alone, one task for each
setting. tests/integration/windows/ndes_role/test_naive.py holds the two end states together.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.bench import Lab, Row

HOST = "ndes1"
FOLDER = "build/lab-bench-ndes"
PLAYBOOK = "playbooks/site.yml"
NAIVE = "tests/bench/naive/ndes_server.yml"

#: What each answer of the host waits, in seconds, and how many runs with nothing to do are made then. The wait is the
#: same each time, so that one run is enough; without it the run is short, and what else the machine does shows.
LATENCIES = {0.0: 3, 0.3: 1}

#: How long the host is away while it boots, in seconds.
BOOT = 1
REBOOT = "ansible.windows.win_reboot"

PROGRAMS = Path(sys.executable).parent
CALLBACKS = {
    "ANSIBLE_CALLBACK_PLUGINS": "tests/bench/inside/callbacks",
    "ANSIBLE_CALLBACKS_ENABLED": "task_seconds",
}


class Cost(NamedTuple):
    """What a run of a playbook on the host cost.

    Attributes:
        executions: Commands that were started over WinRM: each run of a module is one, each look of win_reboot another.
        requests: Requests of WinRM.
        seconds: From the start of the first play to the end of the last, without the reboots. How long a server boots is
            not the role's, nor how long Python loads Ansible.
        process: From start to end of ansible-playbook, without the reboots.
        changed: Tasks that changed something.
        reboots: Tasks that rebooted the host.
    """

    executions: int
    requests: int
    seconds: float
    process: float
    changed: int
    reboots: int


def bench_ndes_server(lab: Lab) -> Iterator[Row]:
    """playbooks/site.yml on one NDES server: the first run, and one with nothing to do, without and with latency."""
    own = Lab(FOLDER)
    try:
        own.up()
        # Accounts and templates, on which both build.
        run(own, PLAYBOOK, limit="localhost")
        for latency, turns in LATENCIES.items():
            yield from _rows(own, latency, turns)
    finally:
        own.down()


def _rows(lab: Lab, latency: float, turns: int) -> Iterator[Row]:
    where = f", {latency * 1000:.0f} ms" if latency else ""
    first, idle = measure(lab, PLAYBOOK, latency, turns)
    naive_first, naive_idle = measure(lab, NAIVE, latency, turns)
    if first.reboots != naive_first.reboots:
        raise RuntimeError(f"the role rebooted {first.reboots} times, the naive one {naive_first.reboots} times")
    name, peer = f"NDES server{where}", "one task a setting"
    yield Row(f"{name}, first run", first.executions, "executions", peer, naive_first.executions, "ratio <= 1")
    yield Row(f"{name}, first run", first.seconds, "s", peer, naive_first.seconds, "ratio <= 1")
    yield Row(f"{name}, nothing to do", idle.executions, "executions", peer, naive_idle.executions, "value <= 14")
    yield Row(f"{name}, nothing to do", idle.requests, "requests", peer, naive_idle.requests)
    yield Row(f"{name}, nothing to do", idle.seconds, "s", peer, naive_idle.seconds, "ratio <= 0.35")
    yield Row(f"{name}, nothing to do, with Ansible's start", idle.process, "s", peer, naive_idle.process)


def measure(lab: Lab, playbook: str, latency: float, turns: int) -> tuple[Cost, Cost]:
    """The first run of a playbook on the blank host, and the median of runs with nothing to do."""
    lab.call("reset", HOST)
    trouble: dict[str, object] = {"boot": {"seconds": BOOT}}
    if latency:
        trouble["delay"] = {"operation": "any", "times": None, "seconds": latency}
    lab.call("trouble", HOST, json.dumps(trouble))
    try:
        first = run(lab, playbook)
        idle = [run(lab, playbook) for _ in range(turns)]
    finally:
        lab.call("trouble", HOST, "{}")
    if not first.changed or any(one.changed for one in idle):
        changed = [first.changed, *(one.changed for one in idle)]
        raise RuntimeError(f"tasks of {playbook} that changed something in the first run and the ones after: {changed}")
    if len({one.executions for one in idle}) != 1:
        raise RuntimeError(f"{playbook} with nothing to do: executions {[one.executions for one in idle]}")
    return first, sorted(idle, key=lambda one: one.seconds)[len(idle) // 2]


def run(lab: Lab, playbook: str, limit: str = HOST) -> Cost:
    """Run a playbook to its end."""
    before = operations(lab)
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "seconds"
        environment = [f"{name}={value}" for name, value in {**CALLBACKS, "CERTOPS_TASK_SECONDS": record}.items()]
        program = [str(PROGRAMS / "ansible-playbook"), "-i", f"{lab.folder}/inventory/hosts.yml", "--limit", limit]
        began = time.monotonic()
        lab.run(["env", *environment, *program, playbook])
        process = time.monotonic() - began
        *tasks, whole = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    after = operations(lab)
    reboots = [task["seconds"] for task in tasks if task["action"] == REBOOT and task["outcome"] == "ok"]
    return Cost(
        executions=after.get("Command", 0) - before.get("Command", 0),
        requests=sum(after.values()) - sum(before.values()),
        seconds=whole["whole"] - sum(reboots),
        process=process - sum(reboots),
        changed=sum(task["changed"] for task in tasks),
        reboots=len(reboots),
    )


def operations(lab: Lab) -> dict[str, int]:
    """How often the host was asked for each kind of operation of WinRM."""
    counted: dict[str, int] = json.loads(lab.call("traffic", HOST))["operations"]
    return counted
