# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_environment: environment variables of the machine or of the caller."""

from __future__ import annotations

from typing import Any

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.running import environment

#: Longest name of a variable of the machine or a user ([Environment]::SetEnvironmentVariable).
NAME_LENGTH = 255


@upstream(
    "ansible.windows.win_environment",
    mirrors="plugins/modules/win_environment.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_environment.yml",),
    limits="a value that is neither text nor number nor boolean",
)
def run(call: Call) -> Result:
    given, level, state = call.arguments, call.arguments["level"], call.arguments["state"]
    result: Result = {"changed": False, "values": {}, "env_values": {}}
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    result["diff"] = {"before": {level: before}, "after": {level: after}}
    warnings: list[str] = []
    wanted = given["variables"] if given["variables"] is not None else {given["name"]: given["value"]}
    for name, value in wanted.items():
        text = _text(value)
        if state == "absent" and text:
            warnings.append(f"When removing environment variable '{name}' it should not have a value '{text}' set")
        elif state == "present" and not text:
            raise ModuleFailure(
                "When state=present, value must be defined and not an empty string, if you wish to remove the envvar, "
                "set state=absent",
                **result,
            )
        status = _set(call, level, str(name), text, state or ("present" if text else "absent"))
        if status["before"]:
            before[name] = status["before"]
        if status["after"]:
            after[name] = status["after"]
        result["values"][name] = result["env_values"][name] = status
        result["changed"] = result["changed"] or status["changed"]
        result |= {"before_value": status["before"], "value": status["after"]}
    if warnings:
        result["warnings"] = warnings
    return result


def _set(call: Call, level: str, name: str, value: str, state: str) -> dict[str, Any]:
    existing = _get(call, level, name)
    # PowerShell compares texts without regard to case.
    differs = existing is None or existing.casefold() != value.casefold()
    changed = differs if state == "present" else existing is not None
    if changed and not call.check_mode:
        _check(name, level)
        _write(call, level, name, value if state == "present" else None)
    return {"changed": changed, "after": value, "before": existing}


def _get(call: Call, level: str, name: str) -> str | None:
    if level == "process":
        return environment.variables(call.host, call.user).find(name)
    value = call.host.registry.get(_key(call, level), name)
    if value is None or not isinstance(value.data, str):
        return None
    return environment.expand(call.host, call.user, value.data) if value.kind == "REG_EXPAND_SZ" else value.data


def _write(call: Call, level: str, name: str, value: str | None) -> None:
    """What a process sets for itself is gone with it."""
    if level == "process":
        return
    if value is None:
        call.host.registry.delete_value(_key(call, level), name)
    else:
        call.host.registry.set(_key(call, level), name, "REG_SZ", value)


def _check(name: str, level: str) -> None:
    reason = ""
    if "=" in name:
        reason = "Environment variable name cannot contain equal character.\r\nParameter name: variable"
    elif level != "process" and len(name) > NAME_LENGTH:
        reason = "Environment variable name or value is too long."
    elif not name:
        reason = "String cannot be of zero length.\r\nParameter name: variable"
    if reason:
        raise Unhandled(method_failed("SetEnvironmentVariable", 3, reason))


def _key(call: Call, level: str) -> str:
    return environment.MACHINE if level == "machine" else f"HKU\\{call.user.sid}\\Environment"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise NotModelled(f"a {type(value).__name__} as the value of an environment variable")
    return str(value)
