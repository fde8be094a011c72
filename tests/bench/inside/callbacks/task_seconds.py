# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback of ansible-playbook that writes how long each task took on a host."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ansible.plugins.callback import CallbackBase

if TYPE_CHECKING:
    from ansible.executor.stats import AggregateStats
    from ansible.executor.task_result import CallbackTaskResult
    from ansible.inventory.host import Host
    from ansible.playbook.play import Play
    from ansible.playbook.task import Task

DOCUMENTATION = r"""
name: task_seconds
type: notification
short_description: Writes one line of JSON for each task of each host, with its seconds
description:
  - Each line has C(host), C(task), C(action) (the name that the task uses), C(outcome) (V(ok), V(failed), V(skipped) or
    V(unreachable)), C(changed) and C(seconds) from the start of the task on the host to its result.
  - The last line has C(whole), the seconds from the start of the first play to the end of the last one.
  - The environment variable C(CERTOPS_TASK_SECONDS) names the file, which each run replaces.
"""


class CallbackModule(CallbackBase):
    """The plugin."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "task_seconds"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, _playbook: object) -> None:
        Path(os.environ["CERTOPS_TASK_SECONDS"]).write_text("", encoding="utf-8")
        self.begun: dict[tuple[str, str], float] = {}
        self.first = 0.0

    def v2_playbook_on_play_start(self, _play: Play) -> None:
        self.first = self.first or time.monotonic()

    def v2_playbook_on_stats(self, _stats: AggregateStats) -> None:
        self.append({"whole": time.monotonic() - self.first})

    def append(self, line: dict[str, object]) -> None:
        with Path(os.environ["CERTOPS_TASK_SECONDS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def v2_runner_on_start(self, host: Host, task: Task) -> None:
        self.begun[host.get_name(), task._uuid] = time.monotonic()

    def write(self, result: CallbackTaskResult, outcome: str) -> None:
        """Append the line of a task."""
        host = result.host.get_name()
        seconds = time.monotonic() - self.begun[host, result.task._uuid]
        changed = bool(result.result.get("changed"))
        line = {"host": host, "task": result.task.get_name(), "action": result.task.action, "outcome": outcome}
        self.append({**line, "changed": changed, "seconds": seconds})

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        self.write(result, "ok")

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        self.write(result, "failed")

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        self.write(result, "skipped")

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        self.write(result, "unreachable")
