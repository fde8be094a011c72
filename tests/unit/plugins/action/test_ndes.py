# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of ndes with stand-ins for server and directory: what is run in which order, and what is told."""

from __future__ import annotations

import contextlib
import copy
import json
from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock

import pytest
import yaml
from ansible.errors import AnsibleActionFail
from ansible_collections.certops.intune.plugins.action import ndes as action
from ansible_collections.certops.intune.plugins.action.ndes import ActionModule
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import passwords, plan, sids
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.forest import AccountFacts, Authority, Forest
from ansible_collections.certops.intune.plugins.plugin_utils.ndes.steps import Steps
from ansible_collections.certops.intune.plugins.plugin_utils.windows_script.runner import source

from tests.unit.plugins.action.surroundings import surroundings
from tests.unit.plugins.action.test_server_info import OUTPUT
from tests.unit.plugins.module_utils.windows.ndes.samples import (
    AGENT,
    CONFIG,
    CSP,
    ITSELF,
    MANAGED,
    USER,
    der,
    entry,
    template_name,
    usage,
)
from tools.tree import TOP

ROOT = "AB" * 20
POOL_SID = sids.of_pool(mscep.POOL)
ACCOUNT = AccountFacts(USER.name, "svc-ndes@corp.example", problems=())
INSTALLER = AccountFacts(r"CORP\ea", "ea@corp.example", problems=(), groups=frozenset({"S-1-5-21-4-5-6-519"}))
FOREST = Forest(
    authority=Authority(CONFIG, "ca1.corp.example", ROOT),
    wanted=USER,
    bound="corp.example",
    domains=("corp.example",),
    domain_sid="S-1-5-21-4-5-6",
    enterprise_admins="S-1-5-21-4-5-6-519",
    account=ACCOUNT,
    installer=INSTALLER,
)
#: What the connection is like; nothing is contacted here.
DOMAIN = {"domain": "corp.example"}
WISH = {"certification_authority": "CORP Issuing CA 1", "service_account": USER.name}
PASSWORD = {"service_account_password": "canary-one"}
EA = {"installer_username": r"CORP\ea", "installer_password": "canary-two"}
DONE = {"error_id": 0, "error_text": ""}
AGENTS = (
    der(AGENT, usage(signs=True, decrypts=False), template_name("EnrollmentAgentOffline")),
    der(AGENT, usage(signs=False, decrypts=True), template_name("CEPEncryption")),
)


def applied(*names: str) -> str:
    """applicationHost.config with these applications."""
    inner = "".join(f'<application path="/{name}" applicationPool="SCEP" />' for name in names)
    return (
        '<system.applicationHost><applicationPools><add name="SCEP"><processModel {identity} /></add>'
        '</applicationPools><sites><site name="Default Web Site" id="1"><application path="/">'
        f'<virtualDirectory path="/" physicalPath="x" /></application>{inner}</site></sites></system.applicationHost>'
    )


BLANK_IIS = (
    '<system.applicationHost><sites><site name="Default Web Site" id="1"><application path="/">'
    '<virtualDirectory path="/" physicalPath="x" /></application></site></sites></system.applicationHost>'
)


class Machine:
    """A server as the scripts see it, and as modules and cmdlets change it."""

    def __init__(self) -> None:
        self.feature = True
        self.registry = False
        self.status = 1
        self.certificates: list[dict[str, Any]] = []
        self.members = ["S-1-5-17"]
        self.user: str | None = None
        self.pool = False
        self.failure: dict[str, Any] | None = None
        self.told: dict[str, Any] = DONE
        self.providers: list[str] = []

    def configure(self, sid: str, user: str | None) -> None:
        self.registry, self.status, self.pool, self.user = True, 2, True, user
        rights = f"D:P(A;;FA;;;SY)(A;;0x80120089;;;{sid})"
        self.certificates = [entry(octets, provider=CSP, access=rights) for octets in AGENTS]

    def unconfigure(self) -> None:
        self.registry, self.status, self.pool, self.user = False, 1, False, None

    def info(self) -> dict[str, Any]:
        state = "Installed" if self.feature else "Available"
        return {**copy.deepcopy(OUTPUT), "features": [{"name": "ADCS-Device-Enrollment", "state": state}]}

    def state(self) -> dict[str, Any]:
        identity = (
            f'identityType="SpecificUser" userName="{self.user}"'
            if self.user
            else 'identityType="ApplicationPoolIdentity"'
        )
        configured = applied(mscep.APPLICATION, mscep.ADMIN_APPLICATION).replace("{identity}", identity)
        keys = [
            {"path": mscep.MSCEP, "authority": None, "status": None},
            {"path": rf"{mscep.MSCEP}\CAInfo", "authority": CONFIG, "status": None},
        ]
        return {
            "registry": [
                *(keys if self.registry else []),
                {"path": mscep.ROLE, "authority": None, "status": self.status},
            ],
            "iis": [configured if self.pool else BLANK_IIS],
            "services": [{"State": "Running", "StartMode": "Auto"}],
            "path": r"C:\inetpub\wwwroot",
            "path_exists": True,
            "pool_state": "Started" if self.pool else None,
            "pool_error": None,
            "backups": [],
            "members": list(self.members),
            "roots": [ROOT],
            "certificates": copy.deepcopy(self.certificates),
        }


class Plugin(ActionModule):
    """The plugin with what it needs of Ansible around it, a server and a directory."""

    def __init__(
        self, arguments: dict[str, Any], machine: Machine, forest: Forest = FOREST, check_mode: bool = False
    ) -> None:
        super().__init__(*surroundings("ndes", {**DOMAIN, **arguments}, check_mode))
        self.machine = machine
        self.forest = forest
        self.calls: list[str] = []
        self.arguments: list[dict[str, Any]] = []
        self.variables: list[dict[str, Any]] = []
        self.asked = 0

    @contextlib.contextmanager
    def directory(self, arguments: dict[str, Any]) -> Any:
        self.asked += 1
        yield self.forest

    def _execute_module(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        assert arguments == ()
        module, given = named["module_name"], named["module_args"]
        self.variables.append(named["task_vars"])
        self.arguments.append(given)
        if module != "ansible.windows.win_powershell":
            self.calls.append(module.rpartition(".")[2])
            return self.upstream(module, given)
        for name in ("server_info", "ndes_state", "ndes_install", "ndes_uninstall"):
            if given["script"] == source(name):
                self.calls.append(name)
                return self.script(name, given)
        raise AssertionError(given["script"])

    def script(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        machine = self.machine
        if name in ("ndes_install", "ndes_uninstall") and machine.failure:
            return {"failed": True, "error": [machine.failure], "output": []}
        if name == "ndes_install" and machine.told is DONE:
            account = given["parameters"].get("AccountName")
            machine.configure(str(USER.sid) if account else POOL_SID, account)
        if name == "ndes_uninstall" and machine.told is DONE:
            machine.unconfigure()
        output = {"server_info": machine.info, "ndes_state": machine.state}.get(name, lambda: machine.told)()
        return {"changed": True, "failed": False, "error": [], "output": [output]}

    def upstream(self, module: str, given: dict[str, Any]) -> dict[str, Any]:
        machine = self.machine
        if module.endswith("win_reg_stat"):
            return {"changed": False, "exists": given["path"].rpartition("\\")[2] in machine.providers}
        if module.endswith("win_group_membership"):
            machine.members += given["members"]
        elif module.endswith("win_acl"):
            for one in machine.certificates:
                ace = f"(A;;0x80120089;;;{given['user']})"
                one["access"] = one["access"].replace(ace, "") + (ace if given["state"] == "present" else "")
        elif module.endswith("web_app_pool") and given.get("state") != "absent":
            attributes = given["attributes"]
            if "processModel.identityType" in attributes:
                machine.user = attributes.get("processModel.userName")
        elif module.endswith("web_app_pool"):
            machine.pool = False
        elif module.endswith("win_regedit") and given.get("name"):
            machine.status = given["data"]
        elif module.endswith("win_regedit"):
            machine.registry = False
        elif module.endswith("win_certificate_store"):
            machine.certificates = []
        return {"changed": True}


@pytest.fixture(autouse=True)
def looked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory says what the stand-in has; passwords that hold `wrong` are refused."""
    monkeypatch.setattr(action, "look", lambda forest, *_arguments, **_named: forest)
    monkeypatch.setattr(
        passwords, "refusal", lambda _settings, _name, password: "wrong" if "wrong" in password else None
    )


def run(plugin: Plugin) -> dict[str, Any]:
    result = plugin.run(task_vars={"inventory_hostname": "ndes1"})
    assert "canary" not in json.dumps(result)
    return result


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_provider_that_is_not_there_is_refused_before_the_first_change(check_mode: bool) -> None:
    wish = {**WISH, **PASSWORD, **EA, "signing_provider": "HSM", "encryption_provider": "HSM"}
    plugin = Plugin(wish, Machine(), check_mode=check_mode)
    result = run(plugin)
    assert result["failed"]
    assert "providers_present: the server has no cryptographic service provider 'HSM'" in result["msg"]
    assert plugin.calls == ["server_info", "ndes_state", "win_reg_stat"]
    path = plugin.arguments[2]["path"]
    assert path == r"HKLM:\SOFTWARE\Microsoft\Cryptography\Defaults\Provider\HSM"


def test_a_provider_that_is_there_is_taken() -> None:
    machine = Machine()
    machine.providers.append("HSM")
    plugin = Plugin({**WISH, **PASSWORD, **EA, "signing_provider": "HSM"}, machine)
    result = run(plugin)
    assert result["changed"], result
    assert plugin.calls.count("win_reg_stat") == 1
    # Of a configured server nobody asks.
    assert "win_reg_stat" not in run_again(machine, "HSM")


def run_again(machine: Machine, provider: str) -> list[str]:
    plugin = Plugin({**WISH, **PASSWORD, **EA, "signing_provider": provider}, machine)
    run(plugin)
    return plugin.calls


def managed() -> Forest:
    return replace(FOREST, wanted=MANAGED, account=replace(ACCOUNT, name=MANAGED.name))


def test_a_user_is_a_member_before_the_set_up() -> None:
    plugin = Plugin({**WISH, **PASSWORD, **EA, "registration_authority": {"country": "SE"}}, Machine())
    result = run(plugin)
    assert (result["changed"], result["ndes"]["state"]) == (True, "configured")
    assert plugin.calls == ["server_info", "ndes_state", "win_group_membership", "ndes_install", "ndes_state"]
    assert plugin.arguments[2] == {"name": "IIS_IUSRS", "members": [USER.sid], "state": "present"}
    install = plugin.arguments[3]
    assert install["parameters"] == {
        "CAConfig": CONFIG,
        "AccountName": USER.name,
        "SigningProvider": CSP,
        "SigningLength": 2048,
        "EncryptionProvider": CSP,
        "EncryptionLength": 2048,
        "Subject": {"country": "SE"},
    }
    assert install["sensitive_parameters"] == [
        {"name": "AccountPassword", "value": "canary-one"},
        {"name": "InstallerCredential", "username": r"CORP\ea", "password": "canary-two"},
    ]
    assert result["diff"]["after"]["service_account"] == USER.name
    assert result["ndes"]["account"]["sid"] == USER.sid
    assert plugin.asked == 1


def test_a_managed_account_follows_the_set_up() -> None:
    machine = Machine()
    plugin = Plugin({**WISH, "service_account": MANAGED.name, **EA}, machine, managed())
    result = run(plugin)
    assert result["changed"]
    assert plugin.calls[2:] == [
        "ndes_install", "ndes_state", "win_group_membership", "win_acl", "win_acl", "win_acl", "win_acl",
        "web_app_pool", "ndes_state",
    ]  # fmt: skip
    assert "AccountName" not in plugin.arguments[2]["parameters"]
    assert machine.user == MANAGED.name
    assert plugin.arguments[-2]["attributes"] == {
        "processModel.identityType": "SpecificUser",
        "processModel.userName": MANAGED.name,
        "processModel.password": "",
    }
    assert result["ndes"]["account"]["sid"] == MANAGED.sid
    again = Plugin({**WISH, "service_account": MANAGED.name}, machine, replace(managed(), identity_sid=MANAGED.sid))
    assert not run(again)["changed"]
    assert again.calls == ["server_info", "ndes_state"]


def test_what_a_killed_run_left_is_completed() -> None:
    machine = Machine()
    machine.configure(POOL_SID, None)
    plugin = Plugin({**WISH, "service_account": MANAGED.name}, machine, managed())
    assert run(plugin)["changed"]
    assert "ndes_install" not in plugin.calls
    assert machine.user == MANAGED.name


def test_another_account_with_its_password_out_of_the_event_log() -> None:
    machine = Machine()
    machine.configure(POOL_SID, None)
    plugin = Plugin({**WISH, **PASSWORD}, machine)
    assert run(plugin)["diff"]["before"]["application_pool_identity"] is True
    number = plugin.calls.index("web_app_pool")
    assert plugin.arguments[number]["attributes"]["processModel.password"] == "canary-one"
    assert plugin.variables[number]["ansible_no_target_syslog"] is True
    assert all("ansible_no_target_syslog" not in one for one in plugin.variables[:number])


def test_nothing_to_do() -> None:
    machine = Machine()
    machine.configure(str(USER.sid), USER.name)
    machine.members.append(str(USER.sid))
    plugin = Plugin(WISH, machine, replace(FOREST, identity_sid=USER.sid))
    result = run(plugin)
    assert (result["changed"], result["diff"]) == (False, {"before": {}, "after": {}})
    assert plugin.calls == ["server_info", "ndes_state"]
    assert "warnings" not in result
    drifted = run(Plugin({**WISH, "signing_key_length": 4096}, machine, replace(FOREST, identity_sid=USER.sid)))
    assert not drifted["changed"]
    assert drifted["ndes"]["drift"] == [{"option": "signing_key_length", "current": 2048, "wanted": 4096}]
    assert len(drifted["warnings"]) == 1


@pytest.mark.parametrize("feature", [True, False])
def test_check_mode_predicts_and_writes_nothing(feature: bool) -> None:
    machine = Machine()
    machine.feature = feature
    plugin = Plugin({**WISH, **PASSWORD, **EA}, machine, check_mode=True)
    result = run(plugin)
    assert result["changed"]
    assert plugin.calls == ["server_info", "ndes_state"]
    assert {one["id"]: one["status"] for one in result["preflight"]}["account_password"] == "later"


def test_a_password_again_is_asked_of_iis_in_check_mode_too() -> None:
    machine = Machine()
    machine.configure(str(USER.sid), USER.name)
    machine.members.append(str(USER.sid))
    forest = replace(FOREST, identity_sid=USER.sid)
    plugin = Plugin({**WISH, **PASSWORD, "update_password": "always"}, machine, forest, check_mode=True)
    assert run(plugin)["changed"]
    assert plugin.calls == ["server_info", "ndes_state", "web_app_pool"]


def test_what_stands_against_it_refuses_before_the_first_write() -> None:
    forest = replace(FOREST, authority=Authority(CONFIG, "ca1.corp.example", "CD" * 20))
    plugin = Plugin({**WISH, **PASSWORD, **EA}, Machine(), forest)
    result = run(plugin)
    assert result["failed"]
    assert "chain_trusted: " in result["msg"]
    assert plugin.calls == ["server_info", "ndes_state"]
    allowed = Plugin({**WISH, **PASSWORD, **EA, "allow": ["chain_trusted"]}, Machine(), forest)
    accepted = run(allowed)
    assert accepted["changed"]
    assert accepted["warnings"][0].startswith("chain_trusted was accepted")


@pytest.mark.parametrize("wrong", [{"service_account_password": "wrong-1"}, {"installer_password": "wrong-2"}])
def test_a_wrong_password_refuses_before_the_first_write(wrong: dict[str, str]) -> None:
    plugin = Plugin({**WISH, **PASSWORD, **EA, **wrong}, Machine())
    result = run(plugin)
    assert "account_password: " in result["msg"]
    assert "wrong-" not in json.dumps(result)
    assert plugin.calls == ["server_info", "ndes_state"]
    # A rehearsal tries it where it is asked to.
    rehearsed = {**WISH, **PASSWORD, **EA, **wrong}
    assert run(Plugin(rehearsed, Machine(), check_mode=True))["changed"]
    tried = run(Plugin({**rehearsed, "try_passwords": "always"}, Machine(), check_mode=True))
    assert "account_password: " in tried["msg"]


def test_a_half_configured_server() -> None:
    machine = Machine()
    machine.configure(str(USER.sid), USER.name)
    machine.certificates = machine.certificates[:1]
    plugin = Plugin({**WISH, **PASSWORD, **EA}, machine)
    result = run(plugin)
    assert result["failed"]
    assert result["msg"].startswith("NDES is half-configured: ")
    assert result["ndes"]["state"] == "half_configured"
    assert plugin.calls == ["server_info", "ndes_state"]
    repairing = Plugin({**WISH, **PASSWORD, **EA, "repair": True}, machine)
    assert run(repairing)["ndes"]["state"] == "configured"
    assert repairing.calls[2:9] == [
        "win_certificate_store", "ndes_uninstall", "web_application", "web_application", "web_app_pool", "win_regedit",
        "win_regedit",
    ]  # fmt: skip


def test_a_set_up_that_says_it_is_well_and_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    whole = machine.configure

    def half(sid: str, user: str | None) -> None:
        whole(sid, user)
        machine.certificates = []

    monkeypatch.setattr(machine, "configure", half)
    result = run(Plugin({**WISH, **PASSWORD, **EA}, machine))
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith("After the set-up: NDES is half-configured: ")


def test_a_repair_goes_on_without_windows() -> None:
    machine = Machine()
    machine.configure(str(USER.sid), USER.name)
    machine.certificates = []
    machine.failure = {"exception": {"message": "Nothing to remove", "type": "X", "hresult": -2147024894}}
    plugin = Plugin({"state": "absent", "repair": True}, machine)
    result = run(plugin)
    assert result["changed"]
    assert any("Nothing to remove" in text for text in result["warnings"])
    assert plugin.asked == 0


def test_absent() -> None:
    machine = Machine()
    machine.configure(str(USER.sid), USER.name)
    plugin = Plugin({"state": "absent"}, machine)
    result = run(plugin)
    assert (result["changed"], result["ndes"]["state"], result["preflight"]) == (True, "not_configured", [])
    assert plugin.calls == ["server_info", "ndes_state", "ndes_uninstall", "ndes_state"]
    assert "Certificates of the registration authority stay" in result["warnings"][0]
    again = Plugin({"state": "absent"}, machine)
    assert not run(again)["changed"]
    assert again.calls == ["server_info", "ndes_state"]
    assert not run(Plugin({"state": "absent"}, machine, check_mode=True))["changed"]


@pytest.mark.parametrize("message, hresult, told", [
    ("Element not found. 0x80070490 (WIN32: 1168)", -2146233088, "gpupdate /force"),
    ("Zugriff verweigert", -2147024891, "give a member of Enterprise Admins"),
    ("Something else", -2146233088, None),
])  # fmt: skip
def test_a_failure_of_the_set_up_is_told_with_its_cause(message: str, hresult: int, told: str | None) -> None:
    machine = Machine()
    machine.failure = {"exception": {"message": message, "type": "X", "hresult": hresult}}
    result = run(Plugin({**WISH, **PASSWORD, **EA}, machine))
    assert result["failed"]
    assert result["msg"].startswith(f"Failed to configure NDES for '{CONFIG}' on ndes1: {message}")
    assert ("Remedy: " in result["msg"]) == (told is not None)
    assert (told or "") in result["msg"]


@pytest.mark.parametrize("told, message", [
    ({"error_id": 398, "error_text": "Partially complete."}, "Partially complete."),
    ({"error_id": 5, "error_text": None}, "the cmdlet ended with 5"),
])  # fmt: skip
def test_a_failure_that_the_result_tells(told: dict[str, Any], message: str) -> None:
    machine = Machine()
    machine.told = told
    result = run(Plugin({**WISH, **PASSWORD, **EA}, machine))
    assert (result["failed"], result["msg"]) == (True, f"Failed to configure NDES for '{CONFIG}' on ndes1: {message}")


@pytest.mark.parametrize("output", [[], [{}, {}]])
def test_an_answer_of_another_shape(output: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = Plugin(WISH, Machine())
    monkeypatch.setattr(plugin, "script", lambda _name, _given: {"failed": False, "error": [], "output": output})
    assert "answered with something unexpected" in run(plugin)["msg"]


@pytest.mark.parametrize("arguments, message", [
    ({"name": "x"}, r"Unsupported parameters for \(certops.intune.ndes\) module: name"),
    ({"state": "gone"}, "value of state must be one of: present, absent"),
    ({"registration_authority": {"street": "x"}}, "street"),
])  # fmt: skip
def test_wrong_arguments(arguments: dict[str, Any], message: str) -> None:
    plugin = Plugin(arguments, Machine())
    with pytest.raises(AnsibleActionFail, match=message):
        run(plugin)
    assert plugin.calls == []


def test_what_the_directory_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: Any, **_named: Any) -> Forest:
        raise OptionError("certification_authority", "'x' is not an authority")

    monkeypatch.setattr(action, "look", refused)
    plugin = Plugin(WISH, Machine())
    assert run(plugin)["msg"] == "certification_authority: 'x' is not an authority"
    assert plugin.calls == ["server_info", "ndes_state"]


def test_bad_options_are_refused_before_the_server_is_looked_at() -> None:
    plugin = Plugin({**WISH, "application_pool_identity": True}, Machine())
    assert "both are given" in run(plugin)["msg"]
    assert (plugin.calls, plugin.asked) == ([], 0)


def test_options_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "ndes.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["DOCUMENTATION"]["options"]
    assert set(documented) == set(ActionModule.SPEC)
    for name, option in documented.items():
        known = ActionModule.SPEC[name]
        for key in ("type", "elements", "default", "choices"):
            assert option.get(key) == known.get(key), f"{name}: {key}"
        assert set(option.get("suboptions", {})) == set(known.get("options", {}))


def test_every_step_has_somebody_who_makes_it() -> None:
    made = {one.__name__ for one in vars(Steps)["make"].dispatcher.registry if one is not object}
    assert made == {one.__name__ for one in plan.Step.__args__}
    with pytest.raises(TypeError):
        Steps(MagicMock()).make("no step")
    assert ITSELF.kind == plan.POOL


def test_a_right_that_cannot_be_taken_away_is_told() -> None:
    runner = MagicMock()
    runner.module.return_value = {"changed": False}
    steps = Steps(runner)
    assert not steps.make(plan.Revoke("AB", "S-1-5-82-1"))
    assert steps.warnings[0].startswith("S-1-5-82-1 keeps its rights on the private key of AB")
    assert steps.make(plan.Revoke("AB", "S-1-5-82-1", whole=True)) is False
    assert [call.args[2]["rights"] for call in runner.module.call_args_list] == ["Read", "FullControl"]
