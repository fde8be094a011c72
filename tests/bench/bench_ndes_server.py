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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
        seconds: From the start of the first play to the end of the last, without the reboots. How long a server boots
            is not the role's, nor how long Python loads Ansible.
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
    naive_first = first_run(lab, NAIVE, latency)
    first = first_run(lab, PLAYBOOK, latency)
    if first.reboots != naive_first.reboots:
        raise RuntimeError(f"the role rebooted {first.reboots} times, the naive one {naive_first.reboots} times")
    # The host is as either would leave it, so that the two take turns: what else the machine does meets both.
    taken = [(idle_run(lab, PLAYBOOK, latency), idle_run(lab, NAIVE, latency)) for _ in range(turns)]
    idle, naive_idle = (middle([turn[place] for turn in taken]) for place in (0, 1))
    name, peer = f"NDES server{where}", "one task a setting"
    yield Row(f"{name}, first run", first.executions, "executions", peer, naive_first.executions, "ratio <= 1")
    yield Row(f"{name}, first run", first.seconds, "s", peer, naive_first.seconds, "ratio <= 1")
    yield Row(f"{name}, nothing to do", idle.executions, "executions", peer, naive_idle.executions, "value <= 14")
    yield Row(f"{name}, nothing to do", idle.requests, "requests", peer, naive_idle.requests)
    yield Row(f"{name}, nothing to do", idle.seconds, "s", peer, naive_idle.seconds, "ratio <= 0.35")
    yield Row(f"{name}, nothing to do, with Ansible's start", idle.process, "s", peer, naive_idle.process)


def first_run(lab: Lab, playbook: str, latency: float) -> Cost:
    """A run on the blank host."""
    lab.call("reset", HOST)
    with troubled(lab, latency):
        cost = run(lab, playbook)
    if not cost.changed:
        raise RuntimeError(f"{playbook} changed nothing on a blank host")
    return cost


def idle_run(lab: Lab, playbook: str, latency: float) -> Cost:
    """A run with nothing to do."""
    with troubled(lab, latency):
        cost = run(lab, playbook)
    if cost.changed:
        raise RuntimeError(f"{playbook} changed something in {cost.changed} tasks, and nothing was to be done")
    return cost


def middle(costs: Sequence[Cost]) -> Cost:
    """The one with the median of the times. All must have had the same to do."""
    if len({one.executions for one in costs}) != 1:
        raise RuntimeError(f"runs with nothing to do had these executions: {[one.executions for one in costs]}")
    return sorted(costs, key=lambda one: one.seconds)[len(costs) // 2]


@contextmanager
def troubled(lab: Lab, latency: float) -> Iterator[None]:
    """Let each answer of the host wait, and its boots take one time."""
    trouble: dict[str, object] = {"boot": {"seconds": BOOT}}
    if latency:
        trouble["delay"] = {"operation": "any", "times": None, "seconds": latency}
    lab.call("trouble", HOST, json.dumps(trouble))
    try:
        yield
    finally:
        lab.call("trouble", HOST, "{}")


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
