# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hundred simulated Windows hosts cost, and who limits a run over them: Ansible or the lab."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from tools.bench import Lab, Row
from tools.tree import TOP

SERVERS = 100
FORKS = 20
MEGABYTE = 1024 * 1024


def bench_hundred_hosts(lab: Lab) -> Iterator[Row]:
    """A lab of a hundred member servers beside its four, and `win_ping` over them with 20 forks.

    The split compares processor time, as wall time on a machine without a free processor belongs to nobody: that of
    the process that simulates the hosts with that of ansible and all its children, kinit among them.
    """
    own = Lab("build/lab-bench-hosts")
    try:
        began = time.monotonic()
        own.call("up", "--hosts", str(SERVERS))
        own.started = True
        yield Row(f"lab up, {SERVERS} member servers", time.monotonic() - began, "s", target="value <= 30")
        hosts = len(json.loads((TOP / own.folder / "lab.json").read_text())["hosts"]) - 2
        process = _simulation(own.folder)
        yield Row("memory of a simulated host", _memory(process) / hosts / MEGABYTE, "MB", target="value <= 20")

        ansible = ["ansible", "-i", f"{own.folder}/inventory/hosts.yml", "servers", "-m", "ansible.windows.win_ping"]
        spent, children, began = _processor(process), _children(), time.monotonic()
        answered = own.run([*ansible, "-f", str(FORKS)]).count('"ping": "pong"')
        seconds = time.monotonic() - began
        lab_time, ansible_time = _processor(process) - spent, _children() - children
        if answered != SERVERS:
            raise RuntimeError(f"{answered} of {SERVERS} hosts answered win_ping")
        yield Row(f"win_ping over {SERVERS} hosts, {FORKS} forks", seconds, "s")
        yield Row("  processor time of Ansible", ansible_time, "s")
        yield Row("  processor time of the lab", lab_time, "s", "that of Ansible", ansible_time, target="ratio <= 0.5")
        yield Row("memory of a host that was used", _memory(process) / hosts / MEGABYTE, "MB", target="value <= 20")
    finally:
        own.down()


def _simulation(folder: str) -> Path:
    """The process that simulates the hosts of a lab, below /proc."""
    wanted = f"lab.windows\0{TOP / folder}\0".encode()
    return next(path for path in Path("/proc").glob("[0-9]*") if (path / "cmdline").read_bytes().endswith(wanted))


def _memory(process: Path) -> float:
    """Bytes that a process has in memory."""
    return int((process / "statm").read_text().split()[1]) * resource.getpagesize()


def _processor(process: Path) -> float:
    """Seconds of processor time that a process has used."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    ticks = 100  # USER_HZ of Linux
    return (int(fields[11]) + int(fields[12])) / ticks


def _children() -> float:
    """Seconds of processor time of the commands that this process waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
