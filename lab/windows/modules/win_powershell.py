# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_powershell: runs own scripts by their twins, and what lab/windows/powershell reads."""

from __future__ import annotations

import ntpath
from typing import Any

from lab.payload.records import CATEGORIES, ErrorRecord
from lab.windows import scripts
from lab.windows.commands.results import exists
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.powershell import Run
from lab.windows.powershell import run as run_powershell
from lab.windows.powershell.parameters import supports_should_process
from lab.windows.running import session


@upstream(
    "ansible.windows.win_powershell",
    mirrors="plugins/modules/win_powershell.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_powershell.yml", "tests/unit/lab/windows/test_win_powershell.py"),
    limits="texts that the lab does not read; another executable; Write-Host; dates and enumerations as objects",
)
def win_powershell(call: Call) -> Result:
    arguments = call.arguments
    result: Result = {
        "result": {},
        "host_out": "",
        "host_err": "",
        "output": [],
        "error": [],
        "warning": [],
        "verbose": [],
        "debug": [],
        "information": [],
    }
    for path, there in ((arguments["creates"], True), (arguments["removes"], False)):
        if path and exists(call.host, call.user, path) is there:
            said = f"skipped, since {path} {'exists' if there else 'does not exist'}"
            return {**result, "msg": said}
    text = _text(call, result)
    if call.check_mode and not supports_should_process(text):
        return {**result, "changed": True, "msg": "skipped, running in check mode"}
    if arguments["executable"]:
        raise NotModelled(f"win_powershell with the executable {arguments['executable']}")
    if arguments["chdir"] and not call.host.files.is_folder(arguments["chdir"]):
        raise NotModelled("win_powershell in a folder that is not there")
    state = Run(
        session.around(call.host, call.user, directory=arguments["chdir"] or None),
        stops=arguments["error_action"] == "stop",
        what_if=call.check_mode,
    )
    ran = run_powershell(state, text, _given(arguments))
    if ran.host:
        raise NotModelled("what Write-Host leaves in the information stream of win_powershell")
    depth = arguments["depth"]
    silent = arguments["error_action"] == "silently_continue" and not ran.terminated
    result |= {
        "result": converted(ran.ansible.result, depth),
        "changed": ran.ansible.changed,
        "failed": ran.terminated or ran.ansible.failed,
        "output": converted(ran.output, depth),
        "error": [] if silent else [_error(one) for one in ran.errors],
        "warning": list(ran.warnings),
    }
    if call.diff and ran.ansible.diff:
        result["diff"] = {name: converted(value, depth) for name, value in ran.ansible.diff.items()}
    return result


def _text(call: Call, result: Result) -> str:
    """The script: sent along, or a file on the host."""
    path = call.arguments["path"]
    if not path:
        text: str = call.arguments["script"]
        return text
    full = ntpath.join(session.around(call.host, call.user).directory, path)
    if not call.host.files.is_file(full):
        raise ModuleFailure(f"Could not find or access '{path}' on Windows host", **result)
    return call.host.files.read(full).decode("utf-8-sig", "replace")


def _given(arguments: Any) -> dict[str, Any]:
    """The parameters of the script, secrets as what PowerShell makes of them."""
    given = dict(arguments["parameters"] or {})
    for one in arguments["sensitive_parameters"] or ():
        if one.get("username"):
            given[one["name"]] = scripts.Credential(one["username"], one.get("password") or "")
        elif one.get("value") is not None:
            given[one["name"]] = scripts.SecureString(one["value"])
    return given


def converted(value: Any, depth: int) -> Any:
    """An object as Convert-OutputObject gives it: flattened to text where it is nested deeper than `depth`."""
    if value is None or isinstance(value, str | int | float):
        return value
    if depth < 0:
        return _as_text(value)
    if isinstance(value, list | tuple):
        return [converted(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {name: converted(one, depth - 1) for name, one in value.items()}
    raise TypeError(f"no object that PowerShell would give: {type(value).__name__}")


def _as_text(value: Any) -> str:
    """[string] of an object: of a list its parts, of an object its properties."""
    if isinstance(value, dict):
        return "@{" + "; ".join(f"{name}={_inner(one)}" for name, one in value.items()) + "}"
    return " ".join(_as_text(one) if isinstance(one, list | dict) else _inner(one) for one in value)


def _inner(value: Any) -> str:
    if isinstance(value, list):
        return "System.Object[]"
    if isinstance(value, dict):
        return ""
    return "" if value is None else str(value)


def _error(record: ErrorRecord) -> dict[str, Any]:
    return {
        "output": record.text(),
        "error_details": None,
        "exception": {
            "message": record.message,
            "type": record.exception,
            "help_link": None,
            "source": None,
            "hresult": record.hresult,
            "inner_exception": None,
        },
        "target_object": record.target_name or None,
        "category_info": {
            "category": record.category,
            "category_id": CATEGORIES.index(record.category),
            "activity": record.activity,
            "reason": record.reason,
            "target_name": record.target_name,
            "target_type": record.target_type,
        },
        "fully_qualified_error_id": record.error_id,
        "script_stack_trace": f"at <ScriptBlock>, <No file>: line {record.number}",
        "pipeline_iteration_info": [],
    }
