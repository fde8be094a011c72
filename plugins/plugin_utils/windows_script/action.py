# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins for Windows hosts have in common: arguments checked, one call into a plan, errors told.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import abc
import contextlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import missing_required_lib
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase

from ...module_utils.windows.values import UnexpectedValue
from .errors import ScriptError
from .runner import Runner

if t.TYPE_CHECKING:
    from ...module_utils.directory.session import Session

# What speaks to a directory is imported where it is used: Ansible loads a plugin anew for each task, and that of LDAP,
# Kerberos and certificates takes longer than a look at the host.


class WindowsAction(ActionBase, abc.ABC):
    """An action plugin that runs scripts on a Windows host and decides in Python."""

    #: The specification of the arguments, as AnsibleModule takes it, and its rules (`required_if` and the like).
    SPEC: t.ClassVar[dict[str, t.Any]] = {}
    RULES: t.ClassVar[dict[str, t.Any]] = {}

    #: Whether the options of the connection to a domain are taken as well. Whether they must be given is up to the
    #: plugin: `directory` says what is missing.
    DIRECTORY: t.ClassVar[bool] = False

    _supports_check_mode = True
    _supports_async = False

    @abc.abstractmethod
    def bring_about(self, runner: Runner, arguments: dict[str, t.Any]) -> dict[str, t.Any]:
        """Do what the task asks, and give the task's result. Raises ScriptError and UnexpectedValue."""

    def _arguments(self) -> dict[str, t.Any]:
        """The task's arguments with defaults, checked and told as AnsibleModule does it.

        ActionBase.validate_argument_spec names the plugin by its place in Python and not by what the user wrote.
        """
        spec, rules = dict(self.SPEC), dict(self.RULES)
        if self.DIRECTORY:
            from ...module_utils.directory import options  # noqa: PLC0415  # see above

            spec |= options.argument_spec()
            for name, rule in options.SPEC_RULES.items():
                if name == "required_one_of":
                    continue
                own = rules.get(name)
                rules[name] = {**(own or {}), **rule} if isinstance(rule, dict) else [*(own or ()), *rule]
        checked = ArgumentSpecValidator(spec, **rules).validate(self._task.args)
        if checked.error_messages:
            name = self._task.resolved_action or self._task.action
            unsupported = isinstance(checked.errors[0], UnsupportedError)
            before = f"Unsupported parameters for ({name}) module: " if unsupported else ""
            raise AnsibleActionFail(before + checked.errors.msg)
        arguments: dict[str, t.Any] = checked.validated_parameters
        return arguments

    @contextlib.contextmanager
    def directory(self, arguments: dict[str, t.Any]) -> t.Iterator[Session]:
        """A connection to the domain, from the controller, as the options say. Raises DirectoryError and ValueError."""
        from ...module_utils.directory import options  # noqa: PLC0415  # see above
        from ...module_utils.directory.session import connect  # noqa: PLC0415
        from ...module_utils.module import warnings_of  # noqa: PLC0415

        settings = options.settings_from(arguments)
        missing = options.missing_library(arguments)
        if missing is not None:
            raise AnsibleActionFail(f"{missing_required_lib(missing[0])} {missing[1]}")
        with connect(settings) as session:
            try:
                yield session
            finally:
                self._directory_warnings += warnings_of(session)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task."""
        variables = task_vars or {}
        result: dict[str, t.Any] = super().run(tmp, variables)
        self._directory_warnings: list[str] = []
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
        except ScriptError as error:
            result.update(error.as_result())
        except UnexpectedValue as error:
            result.update({"failed": True, "msg": f"{runner.host} answered with something unexpected: {error}"})
        except ValueError as error:
            result.update({"failed": True, "msg": str(error)})
        except Exception as error:
            told = _of_directory(error) if self.DIRECTORY else None
            if told is None:
                raise
            result.update(told)
        if self._directory_warnings:
            result["warnings"] = [*result.get("warnings", ()), *self._directory_warnings]
        return result


def _of_directory(error: Exception) -> dict[str, t.Any] | None:
    """What a task returns for an error of the directory; None for another one."""
    from ...module_utils.directory.errors import DirectoryError  # noqa: PLC0415  # see above
    from ...module_utils.directory.principals import PrincipalError  # noqa: PLC0415

    if isinstance(error, DirectoryError):
        notes = getattr(error, "__notes__", [])
        return {"failed": True, "msg": " ".join([str(error), *notes]), "cause": error.code}
    return {"failed": True, "msg": str(error)} if isinstance(error, PrincipalError) else None
