# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins for Windows hosts have in common: arguments checked, one call into a plan, errors told.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import abc
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase

from ...module_utils.windows.values import UnexpectedValue
from .errors import ScriptError
from .runner import Runner


class WindowsAction(ActionBase, abc.ABC):
    """An action plugin that runs scripts on a Windows host and decides in Python."""

    #: The specification of the arguments, as AnsibleModule takes it, and its rules (`required_if` and the like).
    SPEC: t.ClassVar[dict[str, t.Any]] = {}
    RULES: t.ClassVar[dict[str, t.Any]] = {}

    _supports_check_mode = True
    _supports_async = False

    @abc.abstractmethod
    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        """Do what the task asks, and give the task's result. Raises ScriptError and UnexpectedValue."""

    def specification(self) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        """The specification of the arguments, and its rules."""
        return self.SPEC, self.RULES

    def told(self, error: Exception, host: str) -> dict[str, t.Any] | None:
        """What the task returns for an error on O(host); None for one that nobody expects."""
        if isinstance(error, ScriptError):
            return error.as_result()
        if isinstance(error, UnexpectedValue):
            return {"failed": True, "msg": f"{host} answered with something unexpected: {error}"}
        return {"failed": True, "msg": str(error)} if isinstance(error, ValueError) else None

    def _arguments(self) -> dict[str, t.Any]:
        """The task's arguments with defaults, checked and told as AnsibleModule does it.

        ActionBase.validate_argument_spec names the plugin by its place in Python and not by what the user wrote.
        """
        spec, rules = self.specification()
        checked = ArgumentSpecValidator(spec, **rules).validate(self._task.args)
        if checked.error_messages:
            name = self._task.resolved_action or self._task.action
            unsupported = isinstance(checked.errors[0], UnsupportedError)
            before = f"Unsupported parameters for ({name}) module: " if unsupported else ""
            raise AnsibleActionFail(before + checked.errors.msg)
        arguments: dict[str, t.Any] = checked.validated_parameters
        return arguments

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task."""
        variables = task_vars or {}
        result: dict[str, t.Any] = super().run(tmp, variables)
        arguments = self._arguments()
        # What modules write of their arguments into the event log is what no_log of their own options leaves.
        unlogged = {**variables, "ansible_no_target_syslog": True}
        runner = Runner(
            execute=lambda name, given: self._execute_module(module_name=name, module_args=given, task_vars=variables),
            host=str(variables.get("inventory_hostname", self._task.action)),
            check_mode=bool(self._task.check_mode),
            execute_unlogged=lambda name, given: self._execute_module(
                module_name=name, module_args=given, task_vars=unlogged
            ),
        )
        try:
            result.update(self.bring_about(runner, arguments))
        except Exception as error:
            told = self.told(error, runner.host)
            if told is None:
                raise
            result.update(told)
        return result
