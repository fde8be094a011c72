# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of server_info: arguments, the one call, the result, and how failures are told."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible_collections.certops.intune.plugins.action.server_info import ActionModule

from tools.tree import TOP

from .surroundings import surroundings

OUTPUT: dict[str, Any] = {
    "version": {"CurrentBuildNumber": "20348", "UBR": 1, "InstallationType": "Server", "EditionID": "ServerStandard"},
    "system": {
        "Version": "10.0.20348",
        "ProductType": 3,
        "OSLanguage": 1033,
        "Locale": "0409",
        "SystemDrive": "C:",
        "LocalDateTime": "2026-11-21T19:00:00.5000000Z",
        "LastBootUpTime": "2026-11-20T06:15:00.0000000Z",
    },
    "computer": {"DNSHostName": "ndes1", "Domain": "corp.example", "PartOfDomain": True, "DomainRole": 3},
    "drives": [{"DeviceID": "C:", "FreeSpace": 1}],
    "framework": 528449,
    "powershell": "5.1.20348.2849",
    "name": "NDES1",
    "next_name": "NDES1",
    "files_to_move": False,
    "servicing": False,
    "updates": False,
    "enhanced_security": [{"PSChildName": "{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}", "IsInstalled": 1}],
    "local_sid": "S-1-5-21-1-2-3-500",
    "account_sid": "S-1-5-21-4-5-6-1105",
    "account_error": None,
    "groups": ["S-1-5-32-544", "S-1-16-12288"],
    "features": [{"name": "Web-Server", "state": "Installed"}],
}


def answer(**values: Any) -> dict[str, Any]:
    return {"changed": True, "failed": False, "output": [copy.deepcopy(OUTPUT)], "error": [], **values}


class Plugin(ActionModule):
    """The plugin with what it needs of Ansible around it, and the module's answers given."""

    def __init__(self, arguments: dict[str, Any], given: Any, check_mode: bool = False) -> None:
        super().__init__(*surroundings("server_info", arguments, check_mode))
        self.given = given
        self.calls: list[dict[str, Any]] = []

    def _execute_module(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        assert arguments == ()
        self.calls.append(named)
        if isinstance(self.given, Exception):
            raise self.given
        assert isinstance(self.given, dict)
        return self.given


def run(plugin: Plugin) -> dict[str, Any]:
    return plugin.run(task_vars={"inventory_hostname": "ndes1"})


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_run(check_mode: bool) -> None:
    plugin = Plugin({"features": ["Web-Server", "No-Such"]}, answer(), check_mode)
    result = run(plugin)
    assert not result["changed"]
    assert not result.get("failed", False)
    assert result["server"]["release"] == "2022"
    assert result["server"]["features"] == {"Web-Server": "installed", "No-Such": None}
    [call] = plugin.calls
    assert call["module_name"] == "ansible.windows.win_powershell"
    assert call["task_vars"] == {"inventory_hostname": "ndes1"}
    assert call["module_args"]["parameters"] == {"Feature": ["Web-Server", "No-Such"]}
    json.dumps(result)


def test_features_may_be_omitted() -> None:
    plugin = Plugin({}, answer())
    assert run(plugin)["server"]["features"] == {}
    assert plugin.calls[0]["module_args"]["parameters"] == {"Feature": []}


def test_a_text_is_a_list_as_everywhere_in_ansible() -> None:
    assert run(Plugin({"features": "Web-Server,Web-WMI"}, answer()))["server"]["features"] == {
        "Web-Server": "installed",
        "Web-WMI": None,
    }


@pytest.mark.parametrize("arguments, message", [
    ({"feature": ["x"]}, r"Unsupported parameters for \(certops.intune.server_info\) module: feature"),
    ({"features": {"a": 1}}, "features"),
])  # fmt: skip
def test_wrong_arguments_are_refused_before_anything_is_run(arguments: dict[str, Any], message: str) -> None:
    plugin = Plugin(arguments, answer())
    with pytest.raises(AnsibleActionFail, match=message):
        run(plugin)
    assert plugin.calls == []


def test_a_failure_is_told() -> None:
    record = {
        "output": "",
        "exception": {"message": "Access denied ", "type": "X", "hresult": -2147024891, "inner_exception": None},
        "fully_qualified_error_id": "HRESULT 0x80070005,X",
    }
    result = run(Plugin({}, answer(failed=True, error=[record], output=[])))
    assert result["failed"]
    assert result["msg"] == "Failed to read what the server is on ndes1: Access denied (0x80070005)"
    assert result["error"]["win32_code"] == 5
    assert "server" not in result


def test_a_host_that_does_not_answer_is_unreachable() -> None:
    with pytest.raises(AnsibleConnectionFailure):
        run(Plugin({}, AnsibleConnectionFailure("no route")))


@pytest.mark.parametrize("output, message", [
    ([], "ndes1 answered with something unexpected: 'the output of server_info.ps1' is [] and not one object"),
    ([{}], "ndes1 answered with something unexpected: 'version' is None and not there at all"),
    ([1], "ndes1 answered with something unexpected: 'the object' is 1 and not an object"),
])  # fmt: skip
def test_an_answer_of_another_shape_is_a_failure(output: list[Any], message: str) -> None:
    result = run(Plugin({}, answer(output=output)))
    assert (result["failed"], result["msg"]) == (True, message)


def test_options_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "server_info.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["DOCUMENTATION"]["options"]
    kept = {name: {key: option[key] for key in ("type", "elements", "default")} for name, option in documented.items()}
    assert kept == ActionModule.SPEC
