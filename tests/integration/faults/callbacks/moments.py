# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback of ansible-playbook that notes tasks, and can end the run after one as a power cut would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from ansible.plugins.callback import CallbackBase

if TYPE_CHECKING:
    from ansible.executor.task_result import CallbackTaskResult

DOCUMENTATION = r"""
name: moments
type: notification
short_description: Notes the tasks of a run, and kills it after one of them
description:
  - E(MOMENTS_RECORD) names a file that gets the name of each task that ended.
  - With E(MOMENTS_KILL) the process and all below it are killed after the first task that changed something, as by a
    power cut.
  - E(MOMENTS_SEEN) names a file with the names of tasks, one a line. The run is killed after the first task, or item of
    its loop, that did something beyond the controller and is not in it, and the file gets its name. Run after run so
    until one gets to its end, a kill has come after every task.
  - E(MOMENTS_RUN) is a command in JSON that is run and waited for after that task.
"""

#: What a task does with these, it does in the process of ansible-playbook alone.
OF_THE_CONTROLLER = frozenset(
    """assert debug fail group_by import_role import_tasks include_role include_tasks include_vars meta set_fact
    set_stats validate_argument_spec""".split()
)


def descendants(pid: int) -> list[int]:
    """All processes below one, however they have named their sessions."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            child, _, rest = path.read_text().partition(" (")
        except OSError:
            continue
        children.setdefault(int(rest.rpartition(")")[2].split()[1]), []).append(int(child))
    found, todo = [], [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


class CallbackModule(CallbackBase):
    """The plugin."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "moments"
    CALLBACK_NEEDS_ENABLED = True

    def kill(self) -> None:
        for pid in [*descendants(os.getpid()), os.getpid()]:
            os.kill(pid, signal.SIGKILL)

    def look(self, result: CallbackTaskResult) -> None:
        """Kill the run after a task that no run before was killed after."""
        if "MOMENTS_SEEN" not in os.environ or result.task.action.rpartition(".")[2] in OF_THE_CONTROLLER:
            return
        place = " ".join(f"{result.task.get_name()} {result.result.get('_ansible_item_label') or ''}".split())
        seen = Path(os.environ["MOMENTS_SEEN"])
        if place not in seen.read_text(encoding="utf-8").splitlines():
            with seen.open("a", encoding="utf-8") as file:
                file.write(f"{place}\n")
            self.kill()

    def note(self, result: CallbackTaskResult) -> None:
        with Path(os.environ["MOMENTS_RECORD"]).open("a", encoding="utf-8") as file:
            file.write(f"{result.task.get_name()}\n")
        if not result.result.get("changed"):
            return
        if "MOMENTS_RUN" in os.environ:
            subprocess.run(json.loads(os.environ.pop("MOMENTS_RUN")), check=True, stdout=subprocess.DEVNULL)
        if "MOMENTS_KILL" in os.environ:
            self.kill()

    def v2_runner_item_on_ok(self, result: CallbackTaskResult) -> None:
        self.look(result)

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        self.note(result)
        # A loop was looked at item by item.
        if not (result.task.loop or result.task.loop_with):
            self.look(result)

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        self.note(result)

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:
        self.note(result)
