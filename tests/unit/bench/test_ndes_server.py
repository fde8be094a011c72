# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark of NDES servers: what it counts, what it refuses to count, and that its peer is a fair one."""

from __future__ import annotations

import json
import typing as t
from collections import Counter
from pathlib import Path

import pytest
import yaml

from tools.bench import Lab, load
from tools.tree import TOP

bench: t.Any = load(TOP / "tests" / "bench" / "bench_ndes_server.py")


class Fake(Lab):
    """A lab whose host counts what is asked for, and whose runs do what was planned for them."""

    def __init__(self, runs: list[list[dict[str, t.Any]]]) -> None:
        super().__init__("none")
        self.planned = runs
        self.operations: Counter[str] = Counter()
        self.calls: list[tuple[str, ...]] = []

    def call(self, verb: str, *arguments: str) -> str:
        self.calls.append((verb, *arguments))
        if verb == "reset":
            self.operations.clear()
        if verb == "traffic":
            return json.dumps({"operations": dict(self.operations)})
        if verb == "exec":
            self.play(dict(one.split("=", 1) for one in arguments if "=" in one))
        return ""

    def run(self, command: t.Sequence[str]) -> str:
        return self.call("exec", "--", *command)

    def play(self, environment: dict[str, str]) -> None:
        tasks = self.planned.pop(0)
        self.operations.update({"Create": len(tasks), "Command": len(tasks)})
        common = {"host": "ndes1", "task": "", "action": "ansible.windows.win_ping", "outcome": "ok", "changed": False}
        lines = [json.dumps({**common, "seconds": 0.0, **task}) for task in tasks]
        lines.append(json.dumps({"whole": 1001.0 if any("action" in task for task in tasks) else 1.0}))
        Path(environment["CERTOPS_TASK_SECONDS"]).write_text("\n".join(lines), encoding="utf-8")


CHANGED, IDLE = {"changed": True}, {"changed": False}


def test_executions_and_changes_are_those_of_the_run() -> None:
    lab = Fake([[CHANGED, IDLE, IDLE], [IDLE, IDLE]])
    first, idle = bench.first_run(lab, "a.yml", 0.0), bench.idle_run(lab, "a.yml", 0.0)
    assert (first.executions, first.requests, first.changed) == (3, 6, 1)
    assert (idle.executions, idle.requests, idle.changed) == (2, 4, 0)


def test_reboots_are_kept_out_of_the_time() -> None:
    reboot = {"action": "ansible.windows.win_reboot", "changed": True, "seconds": 1000.0}
    lab = Fake([[CHANGED, reboot], [{**reboot, "outcome": "skipped", "changed": False}]])
    first, idle = bench.first_run(lab, "a.yml", 0.0), bench.idle_run(lab, "a.yml", 0.0)
    assert (first.reboots, idle.reboots) == (1, 0)
    assert (first.seconds, idle.seconds) == (1.0, 1001.0)
    assert first.process < 0 < idle.process


def test_the_latency_is_ordered_after_the_reset_and_taken_back() -> None:
    lab = Fake([[CHANGED]])
    bench.first_run(lab, "a.yml", 0.3)
    told = [call for call in lab.calls if call[0] in ("reset", "trouble")]
    assert [call[0] for call in told] == ["reset", "trouble", "trouble"]
    assert json.loads(told[1][2])["delay"] == {"operation": "any", "times": None, "seconds": 0.3}
    assert told[2][2] == "{}"


def test_a_first_run_changes_something() -> None:
    with pytest.raises(RuntimeError, match=r"a\.yml changed nothing on a blank host"):
        bench.first_run(Fake([[IDLE]]), "a.yml", 0.0)


def test_a_run_with_nothing_to_do_changes_nothing() -> None:
    lab = Fake([[CHANGED, CHANGED]])
    with pytest.raises(RuntimeError, match=r"a\.yml changed something in 2 tasks"):
        bench.idle_run(lab, "a.yml", 0.0)
    assert lab.calls[-1] == ("trouble", "ndes1", "{}")


def test_of_runs_with_nothing_to_do_the_median_counts() -> None:
    lab = Fake([[IDLE]] * 3)
    costs = [bench.idle_run(lab, "a.yml", 0.0)._replace(seconds=seconds) for seconds in (5.0, 2.0, 9.0)]
    assert bench.middle(costs).seconds == 5.0
    with pytest.raises(RuntimeError, match=r"had these executions: \[1, 1, 2\]"):
        bench.middle([*costs[:2], costs[2]._replace(executions=2)])


def naive() -> list[dict[str, t.Any]]:
    (play,) = yaml.safe_load((TOP / bench.NAIVE).read_text(encoding="utf-8"))
    found: list[dict[str, t.Any]] = [*play["tasks"], *play["handlers"]]
    return found


def module(task: dict[str, t.Any]) -> tuple[str, t.Any]:
    (name,) = [key for key in task if "." in key]
    return name, task[name]


def test_the_peer_uses_upstream_modules_alone() -> None:
    assert {module(task)[0].rpartition(".")[0] for task in naive()} <= {"ansible.windows", "microsoft.iis"}


def test_the_peer_says_nothing_twice() -> None:
    """One task a setting, and no setting in two tasks."""
    said = [json.dumps(module(task), sort_keys=True) for task in naive()]
    assert [one for one, times in Counter(said).items() if times > 1] == []
    settings = [
        (task["path"].lower(), task["name"].lower())
        for name, task in map(module, naive())
        if name == "ansible.windows.win_regedit"
    ]
    assert len(set(settings)) == len(settings)
    assert not any("loop" in task for task in naive())
