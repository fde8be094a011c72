# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of ndes_settings: what is read, asked, kept and written in which order, and failures told."""

from __future__ import annotations

import contextlib
import json
import stat
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.certops.intune.plugins.action.ndes_settings import ActionModule
from ansible_collections.certops.intune.plugins.module_utils.adcs import store
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.plugin_utils.windows_script.runner import source

from lab.windows.parts.registry import Value, regfile
from tests.unit.plugins.action.surroundings import surroundings
from tests.unit.plugins.module_utils.windows.ndes_settings.servers import CA, Registry, configured, output
from tools.tree import TOP

if t.TYPE_CHECKING:
    from pathlib import Path

NOTED = "2026-11-21T20:00:01.0000000+01:00"
HTTP = {"max_field_length": 65534, "max_request_bytes": 65534}
SCEP = Template("IntuneSCEP", "Intune SCEP", schema_version=2, key_usage=b"\xa0")
SNAPSHOT = store.Snapshot(
    (store.StoredTemplate("CN=IntuneSCEP", Entry("CN=IntuneSCEP", {}), SCEP),),
    (),
    (store.StoredAuthority("CN=x", CA.partition("\\")[2], CA.partition("\\")[0], ("IntuneSCEP",)),),
    None,
)
NOTHING: dict[str, t.Any] = {"changed": True, "failed": False, "error": [], "output": []}


class Plugin(ActionModule):
    """The plugin with what it needs of Ansible around it, a server and a directory."""

    def __init__(self, arguments: dict[str, t.Any], registry: Registry, check_mode: bool = False) -> None:
        super().__init__(*surroundings("ndes_settings", arguments, check_mode))
        self.registry = registry
        self.written: dict[str, t.Any] = {**NOTHING, "output": [{"noted": NOTED}]}
        self.calls: list[tuple[str, dict[str, t.Any]]] = []
        self.asked = 0

    def _execute_module(self, *arguments: t.Any, **named: t.Any) -> dict[str, t.Any]:
        assert arguments == ()
        assert named["module_name"] == "ansible.windows.win_powershell"
        given = named["module_args"]
        name = "read" if given["script"] == source("ndes_settings_read") else "write"
        self.calls.append((name, given["parameters"]))
        return {**NOTHING, "output": [output(self.registry)]} if name == "read" else self.written

    @contextlib.contextmanager
    def directory(self, arguments: dict[str, t.Any]) -> t.Iterator[t.Any]:
        self.asked += 1
        yield None


@pytest.fixture(autouse=True)
def snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "read", lambda _session, _names: SNAPSHOT)


def run(plugin: Plugin) -> dict[str, t.Any]:
    result = plugin.run(task_vars={"inventory_hostname": "ndes1"})
    json.dumps(result)
    return result


def test_a_look_is_one_script() -> None:
    plugin = Plugin({}, configured())
    result = run(plugin)
    assert (result["changed"], result["reboot_required"], result["restart_required"]) == (False, False, False)
    assert result["settings"]["certification_authority"] == CA
    assert result["settings"]["passwords"] == {
        "enforce": True, "use_single": False, "length": 8, "max": 5, "validity": 60,
    }  # fmt: skip
    assert result["settings"]["http"] == {"max_field_length": None, "max_request_bytes": None}
    assert result["diff"]["before"] == result["diff"]["after"]
    assert result["last_boot_time"] == "2026-11-20T06:15:00+00:00"
    assert (result["waiting"], plugin.asked) == ([], 0)
    assert not {"backup_file", "warnings"} & set(result)
    [(name, parameters)] = plugin.calls
    assert (name, parameters["Tree"]) == ("read", [mscep.MSCEP])
    assert set(parameters["Key"]) == {mscep.WAITING, mscep.HTTP_PARAMETERS, mscep.ROLE}


def test_templates_are_spelled_as_the_directory_does(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    plugin = Plugin({"templates": {"general_purpose": "intunescep"}, "backup_dir": str(folder)}, configured())
    result = run(plugin)
    assert (result["changed"], result["restart_required"], result["reboot_required"]) == (True, True, False)
    assert result["settings"]["templates"]["general_purpose"] == "IntuneSCEP"
    assert result["waiting"] == [{"reason": mscep.RESTART_OF_POOL, "since": "2026-11-21T19:00:01+00:00"}]
    assert (plugin.asked, [name for name, _given in plugin.calls]) == (1, ["read", "write"])
    assert plugin.calls[1][1] == {
        "Waiting": mscep.WAITING,
        "Reason": [mscep.RESTART_OF_POOL],
        "Value": [
            {"path": mscep.MSCEP, "name": "GeneralPurposeTemplate", "kind": "String", "data": "IntuneSCEP"},
        ],
        "Obsolete": [],
    }
    [file] = folder.iterdir()
    assert result["backup_file"] == str(file)
    assert file.name.endswith("Z-ndes_settings_ndes1.reg")
    assert (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)
    octets = file.read_bytes()
    assert octets.startswith(b"\xff\xfe")
    assert octets.count(b"\n\0") == octets.count(b"\r\0\n\0") > 10
    kept = {section.path: section.values for section in regfile.read(octets.decode("utf-16"))}
    long = mscep.MSCEP.replace("HKLM:", "HKEY_LOCAL_MACHINE")
    assert kept[long]["GeneralPurposeTemplate"] == Value("REG_SZ", mscep.DEFAULT_TEMPLATE)
    assert kept[long + r"\PasswordMax"] == {"PasswordMax": Value("REG_DWORD", 5)}


def test_lists_and_what_is_removed_go_to_the_writer(tmp_path: Path) -> None:
    hash_place = mscep.VALUES["hash_algorithm"]
    registry = configured(**{
        hash_place.path: {hash_place.name: ("String", "SHA1")},
        mscep.WAITING: {mscep.REBOOT_FOR_RIGHTS: ("String", "2026-11-20T01:00:00Z")},
    })  # fmt: skip
    arguments = {"hash_algorithm": "default", "ca_capabilities": {"set": ["AES"]}, "http": HTTP}
    plugin = Plugin({**arguments, "backup_dir": str(tmp_path)}, registry)
    result = run(plugin)
    sent = plugin.calls[1][1]
    assert sent["Reason"] == [mscep.REBOOT_FOR_HTTP, mscep.RESTART_OF_POOL]
    assert [value["data"] for value in sent["Value"]] == [65534, 65534, ["AES"]]
    assert sent["Obsolete"] == [
        {"path": hash_place.path, "name": "HashAlgorithm"},
        {"path": mscep.WAITING, "name": mscep.REBOOT_FOR_RIGHTS},
    ]
    assert result["settings"]["ca_capabilities"] == ["AES"]
    assert (result["reboot_required"], result["restart_required"]) == (True, True)


def test_check_mode_writes_nothing(tmp_path: Path) -> None:
    plugin = Plugin({"http": HTTP, "passwords": {"max": 6}, "backup_dir": str(tmp_path / "x")}, configured(), True)
    result = run(plugin)
    assert (result["changed"], result["reboot_required"], result["restart_required"]) == (True, True, True)
    assert [name for name, _given in plugin.calls] == ["read"]
    assert not (tmp_path / "x").exists()
    assert "backup_file" not in result
    assert result["waiting"][0]["since"] == "2026-11-21T19:00:00.500000+00:00"


def test_expected_templates_count_in_check_mode_only() -> None:
    arguments = {"templates": {"general_purpose": "Planned"}, "expected_templates": ["Planned"]}
    rehearsed = run(Plugin(arguments, {}, check_mode=True))
    assert rehearsed["settings"]["templates"]["general_purpose"] == "Planned"
    assert len(rehearsed["warnings"]) == 1
    told = run(Plugin(arguments, configured()))
    assert told["msg"] == "templates.general_purpose: 'Planned' is not a template of this forest"


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"http": {"max_field_length": 1}}, "http.max_field_length: 1 is not from 64 to 65534"),
        ({"state": "absent", "http": HTTP}, "http: is for state=present"),
    ],
)
def test_what_can_be_right_nowhere_is_refused_before_anything_is_run(arguments: dict[str, t.Any], message: str) -> None:
    plugin = Plugin(arguments, configured())
    result = run(plugin)
    assert (result["failed"], plugin.calls) == (True, [])
    assert result["msg"].startswith(message)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"hash_algorithm": "MD5"}, "hash_algorithm must be one of: default, SHA1"),
        ({"templates": {"general": "x"}}, "templates.general"),
        ({"passwords": {"max": "many"}}, "max"),
        ({"domain_auth": "simple"}, "domain_username"),
    ],
)
def test_wrong_arguments(arguments: dict[str, t.Any], message: str) -> None:
    plugin = Plugin(arguments, configured())
    with pytest.raises(AnsibleActionFail, match=message):
        run(plugin)
    assert plugin.calls == []


def test_without_a_place_for_the_backup_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    plugin = Plugin({"passwords": {"max": 6}, "backup_dir": str(tmp_path / "file")}, configured())
    result = run(plugin)
    assert result["failed"]
    assert result["msg"].startswith(f"backup_dir: the backup could not be written to {tmp_path}/file: ")
    assert [name for name, _given in plugin.calls] == ["read"]


def test_a_refusal_of_windows_is_told(tmp_path: Path) -> None:
    plugin = Plugin({"http": HTTP, "backup_dir": str(tmp_path)}, configured())
    exception = {
        "message": "Requested registry access is not allowed.",
        "type": "System.Security.SecurityException",
        "hresult": -2146233078,
        "inner_exception": None,
    }
    record = {"output": "", "exception": exception, "fully_qualified_error_id": "System.Security.SecurityException,X"}
    plugin.written = {**NOTHING, "failed": True, "error": [record]}
    result = run(plugin)
    assert result["failed"]
    assert result["msg"] == (
        "Failed to write MaxFieldLength, MaxRequestBytes into the registry on ndes1: Requested registry access is not "
        "allowed."
    )
    assert result["error"]["exception_type"] == "System.Security.SecurityException"


@pytest.mark.parametrize("written", [[], [{}], [{"noted": "now"}]])
def test_another_output_of_the_writer(written: list[t.Any], tmp_path: Path) -> None:
    plugin = Plugin({"http": HTTP, "backup_dir": str(tmp_path)}, configured())
    plugin.written = {**NOTHING, "output": written}
    assert run(plugin)["msg"].startswith("ndes1 answered with something unexpected: ")


def documented(options: dict[str, t.Any]) -> dict[str, t.Any]:
    """The specification that a documentation stands for."""
    made: dict[str, t.Any] = {}
    for name, option in options.items():
        made[name] = {key: option[key] for key in ("type", "elements", "choices", "default") if key in option}
        if "suboptions" in option:
            made[name]["options"] = documented(option["suboptions"])
    return made


def test_options_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "ndes_settings.yml").read_text(encoding="utf-8")
    spec = {
        name: {key: value for key, value in option.items() if key != "no_log"}
        for name, option in ActionModule.SPEC.items()
    }
    assert documented(yaml.safe_load(text)["DOCUMENTATION"]["options"]) == spec
