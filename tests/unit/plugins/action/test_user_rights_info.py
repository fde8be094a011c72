# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of user_rights_info: arguments, the one call, the result, and how failures are told."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.certops.intune.plugins.action.user_rights_info import ActionModule

from tools.tree import TOP

from .surroundings import surroundings

OUTPUT: dict[str, Any] = {
    "lines": ["[Privilege Rights]", "SeServiceLogonRight = *S-1-5-80-0"],
    "accounts": [{"name": "CORP\\svc", "sid": "S-1-5-21-4-5-6-1107", "error": None}],
    "groups": [{"sid": "S-1-5-32-568", "name": "IIS_IUSRS", "members": [], "error": None}],
}


def answer(**values: Any) -> dict[str, Any]:
    return {"changed": True, "failed": False, "output": [copy.deepcopy(OUTPUT)], "error": [], **values}


class Plugin(ActionModule):
    """The plugin with what it needs of Ansible around it, and the module's answers given."""

    def __init__(self, arguments: dict[str, Any], given: dict[str, Any], check_mode: bool = False) -> None:
        super().__init__(*surroundings("user_rights_info", arguments, check_mode))
        self.given = given
        self.calls: list[dict[str, Any]] = []

    def _execute_module(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        assert arguments == ()
        self.calls.append(named)
        return self.given


def run(plugin: Plugin) -> dict[str, Any]:
    return plugin.run(task_vars={"inventory_hostname": "ndes1"})


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_run(check_mode: bool) -> None:
    arguments = {"rights": ["SeServiceLogonRight"], "accounts": ["CORP\\svc"], "groups": ["S-1-5-32-568"]}
    plugin = Plugin(arguments, answer(), check_mode)
    result = run(plugin)
    assert not result["changed"]
    assert not result.get("failed", False)
    assert result["rights"] == {"SeServiceLogonRight": ["S-1-5-80-0"]}
    assert result["accounts"] == {"CORP\\svc": "S-1-5-21-4-5-6-1107"}
    assert result["groups"] == {"S-1-5-32-568": []}
    [call] = plugin.calls
    assert call["module_name"] == "ansible.windows.win_powershell"
    assert call["module_args"]["parameters"] == {"Account": ["CORP\\svc"], "Group": ["S-1-5-32-568"]}


def test_everything_may_be_omitted() -> None:
    plugin = Plugin({}, answer())
    assert run(plugin)["rights"] == {"SeServiceLogonRight": ["S-1-5-80-0"]}
    assert plugin.calls[0]["module_args"]["parameters"] == {"Account": [], "Group": []}


@pytest.mark.parametrize("arguments, message", [
    ({"rights": ["Log on"]}, "rights: 'Log on' is no name of a user right such as SeServiceLogonRight"),
    ({"groups": ["IIS_IUSRS"]}, "groups: 'IIS_IUSRS' is no SID such as S-1-5-32-568"),
])  # fmt: skip
def test_bad_values_are_refused_before_anything_is_run(arguments: dict[str, Any], message: str) -> None:
    plugin = Plugin(arguments, answer())
    result = run(plugin)
    assert (result["failed"], result["msg"]) == (True, message)
    assert plugin.calls == []


def test_unknown_options_are_refused_before_anything_is_run() -> None:
    plugin = Plugin({"right": ["SeServiceLogonRight"]}, answer())
    with pytest.raises(AnsibleActionFail, match=r"for \(certops.intune.user_rights_info\) module: right"):
        run(plugin)
    assert plugin.calls == []


def test_a_failure_is_told() -> None:
    text = "secedit.exe /export ended with exit status 1 (Access is denied.)"
    record = {
        "output": "",
        "exception": {"message": text, "type": "System.Management.Automation.RuntimeException", "hresult": -2146233087},
        "fully_qualified_error_id": text,
    }
    result = run(Plugin({}, answer(failed=True, error=[record], output=[])))
    assert result["failed"]
    assert result["msg"] == f"Failed to read who holds user rights on ndes1: {text}"


@pytest.mark.parametrize("output, message", [
    ([], "'the output of user_rights_info.ps1' is [] and not one object"),
    ([{}], "'lines' is None and not there at all"),
])  # fmt: skip
def test_an_answer_of_another_shape_is_a_failure(output: list[Any], message: str) -> None:
    result = run(Plugin({}, answer(output=output)))
    assert (result["failed"], result["msg"]) == (True, f"ndes1 answered with something unexpected: {message}")


def test_options_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "user_rights_info.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["DOCUMENTATION"]["options"]
    kept = {name: {key: option[key] for key in ("type", "elements", "default")} for name, option in documented.items()}
    assert kept == ActionModule.SPEC
