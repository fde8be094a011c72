# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the result of every task as a line of JSON into the file that RESULTS names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: lines
type: aggregate
short_description: Results as lines of JSON
description: [Results as lines of JSON.]
"""


class CallbackModule(CallbackBase):  # type: ignore[misc, unused-ignore]
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "lines"

    def write(self, given: Any, outcome: str) -> None:
        result = given.result if hasattr(given, "result") else given._result
        task = given.task if hasattr(given, "task") else given._task
        line = json.dumps({"task": task.name, "outcome": outcome, "result": json.loads(self._dump_results(result))})
        with Path(os.environ["RESULTS"]).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self.write(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self.write(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self.write(result, "skipped")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self.write(result, "unreachable")
