# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback of ansible-playbook that writes what each task did to a file, for programs to compare runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ansible.plugins.callback import CallbackBase

if TYPE_CHECKING:
    from ansible.executor.stats import AggregateStats
    from ansible.executor.task_result import CallbackTaskResult

DOCUMENTATION = r"""
name: run_record
type: notification
short_description: Writes one line of JSON for each result of a task
description:
  - Each line has C(host), C(task), C(item) (the label of the loop item, or null), C(outcome), C(changed), C(diff) as
    the module returned it, and C(message).
  - The last line has C(sums), the numbers of the PLAY RECAP by host.
  - The outcome is V(ok), V(failed), V(ignored), V(skipped) or V(unreachable).
  - The environment variable C(CERTOPS_RUN_RECORD) names the file, which each run replaces.
  - What C(no_log) hides is hidden here too: Ansible censors the results before it hands them out.
"""


class CallbackModule(CallbackBase):
    """The plugin."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "run_record"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, _playbook: object) -> None:
        Path(os.environ["CERTOPS_RUN_RECORD"]).write_text("", encoding="utf-8")

    def append(self, line: dict[str, object]) -> None:
        with Path(os.environ["CERTOPS_RUN_RECORD"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_playbook_on_stats(self, stats: AggregateStats) -> None:
        self.append({"sums": {host: stats.summarize(host) for host in stats.processed}})

    def write(self, result: CallbackTaskResult, outcome: str, item: str | None = None) -> None:
        """Append the line of a result."""
        line = {
            "host": result.host.get_name(),
            "task": result.task.get_name(),
            "item": item,
            "outcome": outcome,
            "changed": bool(result.result.get("changed")),
            "diff": result.result.get("diff"),
            "message": str(result.result.get("msg", "")),
        }
        self.append(line)

    def write_task(self, result: CallbackTaskResult, outcome: str) -> None:
        """A task without a loop; one with a loop is written item by item, unless it ended before it had items."""
        loops = result.task.loop or result.task.loop_with
        if not loops or (outcome not in {"ok", "skipped"} and "results" not in result.result):
            self.write(result, outcome)

    def write_item(self, result: CallbackTaskResult, outcome: str) -> None:
        self.write(result, outcome, str(self._get_item_label(result.result)))

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        self.write_task(result, "ok")

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        self.write_task(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        self.write_task(result, "skipped")

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        self.write_task(result, "unreachable")

    def v2_runner_item_on_ok(self, result: CallbackTaskResult) -> None:
        self.write_item(result, "ok")

    def v2_runner_item_on_failed(self, result: CallbackTaskResult) -> None:
        self.write_item(result, "failed")

    def v2_runner_item_on_skipped(self, result: CallbackTaskResult) -> None:
        self.write_item(result, "skipped")
