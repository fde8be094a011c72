# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running one of the collection's own scripts on a Windows host, through ansible.windows.win_powershell.

Parameters are values, never text in the script; secrets travel as SecureString or PSCredential and are masked by the
module. In check mode win_powershell runs a script only if it declares SupportsShouldProcess: readers do, writers do
not, and `write` does not even send them.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t
from pathlib import Path

from ...module_utils.windows.values import UnexpectedValue
from .errors import ScriptError, from_record

MODULE = "ansible.windows.win_powershell"
SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"

#: How deep objects may be nested. win_powershell turns into text what is deeper.
DEPTH = 6

#: Runs a module with arguments, such as ActionBase._execute_module with the task's variables bound.
Execute: t.TypeAlias = t.Callable[[str, dict[str, t.Any]], dict[str, t.Any]]


@dataclasses.dataclass(frozen=True)
class Secret:
    """A secret parameter: a SecureString, or with O(username) a PSCredential."""

    value: str = dataclasses.field(repr=False)
    username: str | None = None

    def sensitive(self, name: str) -> dict[str, str]:
        """As win_powershell takes it."""
        if self.username is None:
            return {"name": name, "value": self.value}
        return {"name": name, "username": self.username, "password": self.value}


@dataclasses.dataclass(frozen=True)
class Runner:
    """Runs scripts on one host.

    Attributes:
        execute: Runs a module on the host.
        host: The inventory's name of the host, for messages.
        check_mode: Whether the task runs in check mode.
        execute_unlogged: The same as execute, without the host's event log hearing of the arguments.
    """

    execute: Execute
    host: str
    check_mode: bool = False
    execute_unlogged: Execute | None = None

    def read(self, script: str, attempted: str, **parameters: t.Any) -> list[t.Any]:
        """The objects that a reader gives; it runs in check mode too.

        Args:
            script: Its name in the folder of scripts, without `.ps1`.
            attempted: What it is to do, as a phrase for messages: `read what the server is`.
            parameters: Values by the names of the script's parameters; a Secret becomes a SecureString or PSCredential.

        Raises:
            ScriptError: The script failed, or was not run.
        """
        return self._run(script, attempted, parameters)

    def read_one(self, script: str, attempted: str, **parameters: t.Any) -> t.Any:
        """The object that a reader gives, the only one. Raises UnexpectedValue, and what `read` raises."""
        return _only(script, self.read(script, attempted, **parameters))

    def write(self, script: str, attempted: str, **parameters: t.Any) -> list[t.Any]:
        """Run a script that changes the host, and give its objects. Arguments and errors are those of `read`."""
        if self.check_mode:
            raise ValueError(f"{script}.ps1 changes the host and was called in check mode")
        return self._run(script, attempted, parameters)

    def write_one(self, script: str, attempted: str, **parameters: t.Any) -> t.Any:
        """Run a script that changes the host, and give its only object. Raises what `read_one` raises."""
        return _only(script, self.write(script, attempted, **parameters))

    def module(
        self, name: str, attempted: str, arguments: dict[str, t.Any], *, secret: bool = False, rehearse: bool = False
    ) -> dict[str, t.Any]:
        """Let an upstream module change the host, and give its result.

        Args:
            name: Its full name: `ansible.windows.win_acl`.
            attempted: What it is to do, as a phrase for messages.
            arguments: Those of the module.
            secret: Whether there is a secret in the arguments that the module itself does not know for one.
            rehearse: Whether the module is run in check mode too, where it tells what it would do.

        Raises:
            ScriptError: The module failed.
        """
        if self.check_mode and not rehearse:
            raise ValueError(f"{name} changes the host and was called in check mode")
        execute = (self.execute_unlogged if secret else None) or self.execute
        result = execute(name, arguments)
        if result.get("failed"):
            raise ScriptError(attempted, self.host, str(result.get("msg") or f"{name} gave no reason"))
        return result

    def _run(self, script: str, attempted: str, parameters: dict[str, t.Any]) -> list[t.Any]:
        secrets = {name: value for name, value in parameters.items() if isinstance(value, Secret)}
        arguments: dict[str, t.Any] = {"script": source(script), "error_action": "stop", "depth": DEPTH}
        if len(secrets) < len(parameters):
            arguments["parameters"] = {name: value for name, value in parameters.items() if name not in secrets}
        if secrets:
            arguments["sensitive_parameters"] = [secret.sensitive(name) for name, secret in secrets.items()]
        return self._objects(script, attempted, self.execute(MODULE, arguments))

    def _objects(self, script: str, attempted: str, result: dict[str, t.Any]) -> list[t.Any]:
        records = result.get("error") or []
        if records and result.get("failed"):
            # The last record is the one that ended the script; those before it did not.
            raise from_record(attempted, self.host, records[-1])
        if result.get("failed") or "output" not in result:
            raise ScriptError(attempted, self.host, str(result.get("msg") or f"{MODULE} returned no output"))
        if self.check_mode and "skipped" in str(result.get("msg", "")):
            raise ScriptError(attempted, self.host, f"{script}.ps1 was not run: {result['msg']}")
        output = result["output"]
        return output if isinstance(output, list) else [output]


def _only(script: str, objects: list[t.Any]) -> t.Any:
    if len(objects) != 1:
        raise UnexpectedValue(f"the output of {script}.ps1", "one object", objects)
    return objects[0]


@functools.cache
def source(script: str) -> str:
    """The text of one of the collection's own scripts."""
    if not script.isidentifier():
        raise ValueError(f"'{script}' is no name of a script")
    return (SCRIPTS / f"{script}.ps1").read_text(encoding="ascii")
