# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback of ansible-playbook that writes each result, and what the simulated host is like after it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ansible.plugins.callback import CallbackBase

if TYPE_CHECKING:
    from ansible.executor.task_result import CallbackTaskResult

# Plugins are loaded without the checkout on the path.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from lab import control
from lab.layout import Layout

DOCUMENTATION = r"""
name: state_record
type: notification
short_description: Writes one line of JSON for each result of a task, with the state of the simulated host
description:
  - The first line has C(state), the state of the host before the first task.
  - Each other line has C(task), C(result) as Ansible got it, C(unreachable) and C(state).
  - The environment variables C(CERTOPS_STATE_RECORD), C(CERTOPS_STATE_LAB) and C(CERTOPS_STATE_HOST) name the file, the
    directory of the lab and the host.
"""


class CallbackModule(CallbackBase):
    """The plugin."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "state_record"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, _playbook: object) -> None:
        Path(os.environ["CERTOPS_STATE_RECORD"]).write_text("", encoding="utf-8")
        self.append({})

    def append(self, line: dict[str, Any]) -> None:
        layout = Layout(Path(os.environ["CERTOPS_STATE_LAB"]))
        answer = control.windows(layout, "state", host=os.environ["CERTOPS_STATE_HOST"], pointer="")
        with Path(os.environ["CERTOPS_STATE_RECORD"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps({**line, "state": answer["value"]}, default=str) + "\n")

    def write(self, result: CallbackTaskResult, unreachable: bool = False, **outcome: bool) -> None:
        content = {name: value for name, value in result.result.items() if not name.startswith("_ansible_")}
        # ansible-core tells these by which method it calls, and takes them out of the result.
        content |= {"failed": False, **outcome}
        self.append({"task": result.task.get_name(), "result": content, "unreachable": unreachable})

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        self.write(result)

    def v2_runner_on_failed(self, result: CallbackTaskResult, ignore_errors: bool = False) -> None:  # noqa: ARG002
        self.write(result, failed=True)

    def v2_runner_on_skipped(self, result: CallbackTaskResult) -> None:
        self.write(result, skipped=True)

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        self.write(result, unreachable=True)
