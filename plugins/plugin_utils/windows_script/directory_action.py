# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action plugins for Windows hosts have in common that ask a directory, too.

A file of its own: what speaks LDAP and Kerberos takes longer to load than a look at a host, and the other plugins do
without.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import abc
import contextlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import missing_required_lib

from ...module_utils.directory import options
from ...module_utils.directory.errors import DirectoryError
from ...module_utils.directory.principals import PrincipalError
from ...module_utils.directory.session import Session, connect
from ...module_utils.module import warnings_of
from .action import WindowsAction


class DirectoryAction(WindowsAction, abc.ABC):
    """An action plugin that takes the options of the connection to a domain as well.

    Whether they must be given is up to the plugin: `directory` says what is missing.
    """

    def specification(self) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
        spec, own = super().specification()
        rules = dict(own)
        for name, rule in options.SPEC_RULES.items():
            if name == "required_one_of":
                continue
            rules[name] = {**rules.get(name, {}), **rule} if isinstance(rule, dict) else [*rules.get(name, ()), *rule]
        return {**spec, **options.argument_spec()}, rules

    @contextlib.contextmanager
    def directory(self, arguments: dict[str, t.Any]) -> t.Iterator[Session]:
        """A connection to the domain, from the controller, as the options say. Raises DirectoryError and ValueError."""
        settings = options.settings_from(arguments)
        missing = options.missing_library(arguments)
        if missing is not None:
            raise AnsibleActionFail(f"{missing_required_lib(missing[0])} {missing[1]}")
        with connect(settings) as session:
            try:
                yield session
            finally:
                self._directory_warnings += warnings_of(session)

    def told(self, error: Exception, host: str) -> dict[str, t.Any] | None:
        told = super().told(error, host)
        if told is None and isinstance(error, DirectoryError):
            notes = getattr(error, "__notes__", [])
            return {"failed": True, "msg": " ".join([str(error), *notes]), "cause": error.code}
        if told is None and isinstance(error, PrincipalError):
            return {"failed": True, "msg": str(error)}
        return told

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the task."""
        self._directory_warnings: list[str] = []
        result = super().run(tmp, task_vars)
        if self._directory_warnings:
            result["warnings"] = [*result.get("warnings", ()), *self._directory_warnings]
        return result
