# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugins run against the model of a host: what they let modules do is answered as the lab's hosts answer."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from unittest.mock import MagicMock

from ansible.plugins.action import ActionBase

from lab.windows import commands, modules, scripts
from lab.windows.host import Host
from lab.windows.people.token import ADMINISTRATORS, Token
from lab.windows.runner import run_module

MACHINE = "S-1-5-21-1001-1002-1003"
ADMINISTRATOR = Token(f"{MACHINE}-500", "NDES1\\Administrator", (ADMINISTRATORS,))
USER = Token(f"{MACHINE}-1001", "NDES1\\alice")


@cache
def _load() -> None:
    modules.load()
    scripts.load()
    commands.load()


class OnHost:
    """One task of an action plugin on a host.

    Attributes:
        calls: The modules that it ran, with the arguments.
        replaced: Answers given in the place of the host's, by the number of the call.
    """

    def __init__(
        self,
        plugin: type[ActionBase],
        host: Host,
        arguments: dict[str, Any],
        *,
        check_mode: bool = False,
        user: Token = ADMINISTRATOR,
        replaced: dict[int, dict[str, Any]] | None = None,
    ) -> None:
        _load()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        name = f"certops.intune.{plugin.__module__.rpartition('.')[2]}"
        task = MagicMock(args=arguments, check_mode=check_mode, async_val=0, resolved_action=name)
        task.diff = True
        context = MagicMock(check_mode=check_mode, diff=True)
        self._plugin = plugin(task, MagicMock(), context, MagicMock(), MagicMock(), MagicMock())
        vars(self._plugin)["_execute_module"] = self._execute
        self._host, self._user, self._check_mode = host, user, check_mode
        self._replaced = replaced or {}

    def _execute(self, *, module_name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        assert task_vars == {"inventory_hostname": "ndes1"}
        self.calls.append((module_name, module_args))
        if len(self.calls) in self._replaced:
            return self._replaced[len(self.calls)]
        sent = {**json.loads(json.dumps(module_args)), "_ansible_check_mode": self._check_mode}
        answer: dict[str, Any] = json.loads(json.dumps(run_module(self._host, self._user, module_name, sent)))
        return answer

    def run(self) -> dict[str, Any]:
        """The task's result, which is as JSON takes it."""
        result: dict[str, Any] = self._plugin.run(task_vars={"inventory_hostname": "ndes1"})
        return dict(json.loads(json.dumps(result)))
