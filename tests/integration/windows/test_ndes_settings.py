# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ndes_settings as a user runs it, on a server with NDES configured and on blank ones, read back with other means."""

from __future__ import annotations

import json
import re
import time
import typing as t
from pathlib import Path

import pytest
import yaml
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep

from lab.windows.parts.registry import regfile
from tools.tree import TOP

from .conftest import PROGRAMS, AdHoc

if t.TYPE_CHECKING:
    from .conftest import Windows

HOST = "ndes1"
MODULE = "certops.intune.ndes_settings"
SITE = TOP / "playbooks" / "site.yml"
MSCEP = r"/registry/HKLM\SOFTWARE\Microsoft\Cryptography\MSCEP"
HTTP = r"/registry/HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters/values"
WAITING = r"/registry/HKLM\SOFTWARE\certops.intune\Waiting/values"
LIMITS = {"max_field_length": 65534, "max_request_bytes": 65534}
TEMPLATES = {
    "signature": "IntuneSCEPSignature",
    "encryption": "IntuneSCEPEncryption",
    "general_purpose": "IntuneSCEP",
}
THUMBPRINT = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"

#: How the connection to the directory is given in the lab's inventory.
DIRECTORY = {name: f"{{{{ {name} }}}}" for name in ("domain", "domain_username", "domain_password")}

#: NDES configured with the cmdlet of Windows.
CONFIGURE = r"""
$ErrorActionPreference = 'Stop'
$password = ConvertTo-SecureString '{service}' -AsPlainText -Force
$secret = ConvertTo-SecureString '{installer}' -AsPlainText -Force
$credential = New-Object System.Management.Automation.PSCredential ('CORP\pkiadmin', $secret)
Install-AdcsNetworkDeviceEnrollmentService -ServiceAccountName 'CORP\svc-ndes' -ServiceAccountPassword $password `
  -CAConfig 'ca1.corp.example\CORP Issuing CA 1' -Credential $credential -Force
"""


@pytest.fixture(scope="module")
def templates(lab: t.Any) -> None:
    """The templates that site.yml makes and publishes."""
    program: list[str | Path] = [PROGRAMS / "ansible-playbook", "-i", lab.inventory, SITE]
    done = lab.ansible([*program, "--tags", "accounts,templates"])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def blank(windows: Windows) -> Windows:
    windows.reset(HOST)
    # The first logon makes a profile, here as on Windows.
    assert windows.adhoc(HOST, "ansible.windows.win_ping").word == "SUCCESS"
    return windows


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where backups go: a folder that is not there yet."""
    return tmp_path / "kept"


@pytest.fixture
def configured(blank: Windows, templates: None) -> Windows:
    """A server on which NDES was configured, by Windows' own cmdlet."""
    accounts = blank.lab.credentials["accounts"]
    text = CONFIGURE.format(service=accounts["svc-ndes"]["password"], installer=accounts["pkiadmin"]["password"])
    blank.play([{"hosts": HOST, "gather_facts": False, "tasks": [
        {"ansible.windows.win_feature": {"name": "ADCS-Device-Enrollment"}},
        {"ansible.windows.win_group_membership": {"name": "IIS_IUSRS", "members": [r"CORP\svc-ndes"]}},
        {"ansible.windows.win_powershell": {"script": text}},
    ]}])  # fmt: skip
    return blank


def run(windows: Windows, *options: str, folder: Path | None = None, **arguments: t.Any) -> AdHoc:
    """One task, with the options of ansible such as --check."""
    if "templates" in arguments:
        arguments = {**DIRECTORY, **arguments}
    if folder is not None:
        arguments["backup_dir"] = str(folder)
    program: list[str | Path] = [PROGRAMS / "ansible", "-i", windows.lab.inventory, HOST, "-m", MODULE, *options]
    if arguments:
        program += ["-a", json.dumps(arguments)]
    return AdHoc.read(windows.lab.ansible(program))


def difference(windows: Windows, *options: str, folder: Path, **arguments: t.Any) -> t.Any:
    """The diff of one task that changes something, which `ansible` keeps to itself."""
    task = {MODULE: {**DIRECTORY, "backup_dir": str(folder), **arguments}}
    played = windows.play([{"hosts": HOST, "gather_facts": False, "tasks": [task]}], "--diff", *options)
    assert played.changed == 1
    return played.outcomes[0].diff


def regedit(windows: Windows, **arguments: t.Any) -> None:
    assert windows.adhoc(HOST, "ansible.windows.win_regedit", arguments).word == "CHANGED"


def stat(windows: Windows, path: str, name: str) -> tuple[str, t.Any]:
    """A value as ansible.windows.win_reg_stat tells it."""
    told = windows.adhoc(HOST, "ansible.windows.win_reg_stat", {"path": path, "name": name}).result
    return told["type"], told["value"]


def commands(windows: Windows) -> int:
    counted: int = windows.traffic(HOST)["operations"]["Command"]
    return counted


def policy_module(windows: Windows, thumbprint: str = "00" * 20) -> None:
    """What the connector leaves of its policy module."""
    regedit(windows, path=mscep.POLICY_MODULE, name=mscep.POLICY_THUMBPRINT, data=thumbprint)


@pytest.mark.requirement("SCEP-060", "SCEP-061", "SCEP-062", "SCEP-063", "SCEP-064")
def test_the_three_templates(configured: Windows, kept: Path) -> None:
    asked: dict[str, t.Any] = {"templates": {**TEMPLATES, "general_purpose": "INTUNESCEP"}}
    before = configured.state(HOST)
    rehearsed = difference(configured, "--check", folder=kept, **asked)
    assert configured.changed_since(HOST, before) == []
    assert not kept.exists()
    made = difference(configured, folder=kept, **asked)
    assert made == rehearsed
    assert made["before"]["templates"] == dict.fromkeys(TEMPLATES, mscep.DEFAULT_TEMPLATE)
    assert made["after"]["templates"] == TEMPLATES
    for slot, name in (("signature", "Signature"), ("encryption", "Encryption"), ("general_purpose", "GeneralPurpose")):
        assert stat(configured, mscep.MSCEP, f"{name}Template") == ("REG_SZ", TEMPLATES[slot])
    assert configured.changed_since(HOST, before) == ["registry"]
    now = configured.state(HOST)
    again = run(configured, **asked)
    assert again.word == "SUCCESS", again.output
    assert (again.result["restart_required"], again.result["reboot_required"]) == (True, False)
    assert again.result["settings"]["templates"] == TEMPLATES
    assert configured.changed_since(HOST, now) == []


@pytest.mark.requirement("SCEP-066", "SCEP-067", "SCEP-068", "SCEP-071", "TRBL-056")
def test_the_limits_of_http_act_after_a_reboot(blank: Windows, kept: Path) -> None:
    before = blank.state(HOST)
    rehearsed = run(blank, "--check", http=LIMITS)
    assert (rehearsed.word, rehearsed.result["reboot_required"]) == ("CHANGED", True)
    assert blank.changed_since(HOST, before) == []
    made = run(blank, http=LIMITS, folder=kept)
    assert (made.word, made.result["reboot_required"], made.result["restart_required"]) == ("CHANGED", True, False)
    for name in ("MaxFieldLength", "MaxRequestBytes"):
        assert stat(blank, mscep.HTTP_PARAMETERS, name) == ("REG_DWORD", 65534)
    effective = "/power/effective/http"
    assert blank.state(HOST, effective)["MaxFieldLength"] == 16384
    again = run(blank, http=LIMITS)
    assert (again.word, again.result["reboot_required"]) == ("SUCCESS", True)
    assert [one["reason"] for one in again.result["waiting"]] == [mscep.REBOOT_FOR_HTTP]
    assert blank.adhoc(HOST, "ansible.windows.win_reboot").word == "CHANGED"
    assert {blank.state(HOST, effective)[name] for name in ("MaxFieldLength", "MaxRequestBytes")} == {65534}
    booted = run(blank, http=LIMITS)
    assert (booted.word, booted.result["reboot_required"], booted.result["waiting"]) == ("SUCCESS", False, [])
    assert set(blank.state(HOST, WAITING)) == {mscep.REBOOT_FOR_HTTP}


def test_notes_of_others_count_and_stale_ones_go_with_the_next_change(blank: Windows, kept: Path) -> None:
    stale = {"path": mscep.WAITING, "name": mscep.REBOOT_FOR_RIGHTS, "data": "2026-01-01T00:00:00Z"}
    regedit(blank, **stale)
    assert not run(blank).result["reboot_required"]
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 1))
    regedit(blank, **{**stale, "data": moment})
    assert run(blank).result["reboot_required"]
    regedit(blank, **stale)
    assert run(blank, http=LIMITS, folder=kept).word == "CHANGED"
    assert set(blank.state(HOST, WAITING)) == {mscep.REBOOT_FOR_HTTP}


@pytest.mark.requirement("TRBL-048", "TRBL-049")
def test_the_thumbprint_of_the_policy_module(configured: Windows, kept: Path) -> None:
    spaced = " ".join(THUMBPRINT.upper()[at : at + 2] for at in range(0, 40, 2))
    refused = run(configured, policy_module_thumbprint=spaced)
    assert refused.word == "FAILED!"
    assert refused.message.startswith("policy_module_thumbprint: there is no policy module on this server")
    policy_module(configured)
    made = run(configured, policy_module_thumbprint=f"\u200e{spaced}", folder=kept)
    assert (made.word, made.result["restart_required"]) == ("CHANGED", True)
    assert stat(configured, mscep.POLICY_MODULE, mscep.POLICY_THUMBPRINT) == ("REG_SZ", THUMBPRINT)
    [file] = kept.iterdir()
    assert made.result["backup_file"] == str(file)
    sections = {section.path: section.values for section in regfile.read(file.read_bytes().decode("utf-16"))}
    key = mscep.POLICY_MODULE.replace("HKLM:", "HKEY_LOCAL_MACHINE")
    before = sections[key][mscep.POLICY_THUMBPRINT]
    assert before is not None
    assert (before.kind, before.data) == ("REG_SZ", "00" * 20)
    assert run(configured, policy_module_thumbprint=THUMBPRINT).word == "SUCCESS"


def test_all_settings_and_back(configured: Windows, kept: Path) -> None:
    policy_module(configured, THUMBPRINT)
    began = configured.state(HOST, MSCEP)
    began_below = below(configured)
    asked: dict[str, t.Any] = {
        "templates": TEMPLATES,
        "passwords": {"enforce": False, "use_single": True, "length": 16, "max": 100, "validity": 10},
        "hash_algorithm": "SHA256",
        "ca_capabilities": {"add": ["SHA-256", "AES"]},
        "http": LIMITS,
    }
    counted = commands(configured)
    made = run(configured, folder=kept, **asked)
    assert made.word == "CHANGED", made.output
    assert commands(configured) - counted == 2
    assert re.findall(r"passwords\.\w+(?=: )", made.output) == ["passwords.enforce", "passwords.use_single"]
    capabilities = mscep.VALUES["ca_capabilities"]
    assert stat(configured, capabilities.path, capabilities.name) == ("REG_MULTI_SZ", ["SHA-256", "AES"])
    assert stat(configured, mscep.MSCEP + r"\PasswordMax", "PasswordMax") == ("REG_DWORD", 100)
    counted = commands(configured)
    again = run(configured, **asked)
    assert again.word == "SUCCESS"
    assert commands(configured) - counted == 1, "a look is one round trip"
    assert again.result["settings"] == made.result["settings"]
    rehearsed = run(configured, "--check", state="absent")
    removed = run(configured, state="absent", folder=kept)
    assert (rehearsed.word, removed.word) == ("CHANGED", "CHANGED")
    assert rehearsed.result["settings"] == removed.result["settings"]
    assert configured.state(HOST, MSCEP) == began
    left = below(configured)
    assert {key: values for key, values in left.items() if values} == began_below
    assert configured.state(HOST, HTTP) == {}
    assert run(configured, state="absent").word == "SUCCESS"


def below(windows: Windows) -> dict[str, t.Any]:
    """What is below MSCEP, by key, as the host has it."""
    top = MSCEP.removeprefix("/registry/") + "\\"
    found: dict[str, t.Any] = windows.state(HOST, "/registry")
    return {key: content["values"] for key, content in found.items() if key.startswith(top) and content["values"]}


BAD: list[tuple[dict[str, t.Any], str]] = [
    ({"templates": {"signature": "NoSuchTemplate"}}, "templates.signature: 'NoSuchTemplate' is not a template of this"),
    (
        {"templates": {"signature": "Intune SCEP Signature"}},
        "templates.signature: 'Intune SCEP Signature' is the",
    ),
    ({"templates": {"signature": "IntuneSCEP"}}, "templates.signature: 'IntuneSCEP' has the key usage digital"),
    ({"templates": {"encryption": "IntuneSCEP"}}, "templates.encryption: 'IntuneSCEP' has the key usage digital"),
    ({"templates": {"encryption": "IntuneSCEPSignature"}}, "templates.encryption: 'IntuneSCEPSignature' has the key"),
    ({"templates": {"general_purpose": "IntuneSCEPEncryption"}}, "templates.general_purpose: 'IntuneSCEPEncryption'"),
    ({"templates": {"general_purpose": "Workstation"}}, "templates.general_purpose: 'Workstation' is not issued by"),
    ({"templates": {"general_purpose": ""}}, "templates.general_purpose: a template has a name"),
    (
        {"templates": {"general_purpose": "IntuneSCEP"}, "certification_authority": "No Such CA"},
        "certification_authority: 'No Such CA' is not an enterprise certification authority",
    ),
    ({"policy_module_thumbprint": "CN=ndes1"}, "policy_module_thumbprint: 'CN=ndes1' is no thumbprint"),
    ({"policy_module_thumbprint": THUMBPRINT[1:]}, "policy_module_thumbprint: "),
    ({"policy_module_thumbprint": THUMBPRINT}, "policy_module_thumbprint: there is no policy module"),
    ({"passwords": {"length": 0}}, "passwords.length: 0 is not from 1"),
    ({"passwords": {"validity": -1}}, "passwords.validity: -1 is not from 1"),
    ({"passwords": {"max": "many"}}, "argument 'max' is of type"),
    ({"hash_algorithm": "MD5"}, "value of hash_algorithm must be one of"),
    ({"ca_capabilities": {"add": ["SHA 256"]}}, "ca_capabilities.add: 'SHA 256' is no capability"),
    ({"ca_capabilities": {"add": ["AES"], "remove": ["aes"]}}, "ca_capabilities: AES is in add and in remove"),
    ({"http": {"max_field_length": 65535}}, "http.max_field_length: 65535 is not from 64 to 65534"),
    ({"http": {"max_request_bytes": 0}}, "http.max_request_bytes: 0 is not from 256 to 16777216"),
    ({"state": "absent", "http": LIMITS}, "http: is for state=present"),
    ({"state": "gone"}, "value of state must be one of"),
    ({"template": {}}, "Unsupported parameters for (certops.intune.ndes_settings) module: template."),
]


def test_bad_input_is_refused_before_anything_is_written(configured: Windows, kept: Path) -> None:
    before = configured.state(HOST)
    # What is right beside it is not written either.
    beside = {"hash_algorithm": "SHA256", "backup_dir": str(kept)}
    tasks = [
        {"name": message, MODULE: {**DIRECTORY, **({} if "state" in asked else beside), **asked}, "ignore_errors": True}
        for asked, message in BAD
    ]
    played = configured.play([{"hosts": HOST, "gather_facts": False, "tasks": tasks}])
    assert len(played.outcomes) == len(BAD)
    for outcome in played.outcomes:
        said = re.sub(r"^Task failed: (Action failed: )?", "", outcome.message)
        assert outcome.outcome != "ok", outcome.task
        assert outcome.task in said, (outcome.task, outcome.message)
    assert configured.changed_since(HOST, before) == []
    assert not kept.exists()


def test_templates_without_a_directory_to_ask(blank: Windows) -> None:
    before = blank.state(HOST)
    said = run(blank, templates=TEMPLATES, domain=None, domain_username=None, domain_password=None)
    assert said.word == "FAILED!"
    assert "domain" in said.message
    assert blank.changed_since(HOST, before) == []


def test_a_blank_server_is_rehearsed_and_refuses_what_ndes_reads(blank: Windows, templates: None) -> None:
    before = blank.state(HOST)
    asked: dict[str, t.Any] = {
        "templates": {"general_purpose": "NotMadeYet", "signature": "IntuneSCEPSignature"},
        "expected_templates": ["NotMadeYet"],
        "certification_authority": "CORP Issuing CA 1",
        "http": LIMITS,
    }
    rehearsed = run(blank, "--check", **asked)
    assert rehearsed.word == "CHANGED", rehearsed.output
    wanted = {"signature": "IntuneSCEPSignature", "encryption": None, "general_purpose": "NotMadeYet"}
    assert rehearsed.result["settings"]["templates"] == wanted
    unchecked = "whether they are published was not checked"
    assert unchecked not in " ".join(rehearsed.output.split())
    del asked["certification_authority"]
    assert unchecked in " ".join(run(blank, "--check", **asked).output.split())
    refused = run(blank, templates={"general_purpose": "IntuneSCEP"})
    assert refused.message.startswith("templates.general_purpose: NDES is not configured on this server")
    assert blank.changed_since(HOST, before) == []


def test_a_value_of_another_type_is_replaced(blank: Windows, kept: Path) -> None:
    regedit(blank, path=mscep.HTTP_PARAMETERS, name="MaxFieldLength", data="65534", type="string")
    shown = run(blank).result["settings"]["http"]
    assert shown == {"max_field_length": "REG_SZ 65534", "max_request_bytes": None}
    made = run(blank, http=LIMITS, folder=kept)
    assert (made.word, made.result["reboot_required"]) == ("CHANGED", True)
    assert stat(blank, mscep.HTTP_PARAMETERS, "MaxFieldLength") == ("REG_DWORD", 65534)


def test_a_writing_that_fails_in_the_middle_is_finished_by_the_next_run(configured: Windows, kept: Path) -> None:
    key = mscep.MSCEP + r"\PasswordMax"
    rule = {"path": key, "user": "Administrators", "rights": "SetValue", "type": "deny", "inherit": "None"}
    denied = configured.adhoc(HOST, "ansible.windows.win_acl", {**rule, "propagation": "None"})
    assert denied.word == "CHANGED", denied.output
    asked: dict[str, t.Any] = {"passwords": {"length": 10, "max": 9}, "templates": TEMPLATES}
    failed = run(configured, folder=kept, **asked)
    assert failed.word == "FAILED!"
    assert failed.message.startswith("Failed to write PasswordLength, PasswordMax, SignatureTemplate")
    assert "Requested registry access is not allowed." in failed.message
    assert set(configured.state(HOST, WAITING)) == {mscep.RESTART_OF_POOL}
    assert stat(configured, mscep.MSCEP + r"\PasswordLength", "PasswordLength") == ("REG_DWORD", 10)
    assert stat(configured, mscep.MSCEP, "SignatureTemplate") == ("REG_SZ", mscep.DEFAULT_TEMPLATE)
    allowed = configured.adhoc(HOST, "ansible.windows.win_acl", {**rule, "propagation": "None", "state": "absent"})
    assert allowed.word == "CHANGED"
    made = run(configured, folder=kept, **asked)
    assert (made.word, made.result["restart_required"]) == ("CHANGED", True)
    assert made.result["settings"]["templates"] == TEMPLATES
    assert run(configured, **asked).word == "SUCCESS"


def test_a_swedish_server_of_another_release(windows: Windows, kept: Path) -> None:
    windows.reset(HOST, release="2019", language="sv-SE")
    made = run(windows, http=LIMITS, folder=kept)
    assert (made.word, made.result["reboot_required"]) == ("CHANGED", True), made.output
    assert run(windows, http=LIMITS).word == "SUCCESS"


def examples() -> list[dict[str, t.Any]]:
    text = (TOP / "plugins" / "modules" / "ndes_settings.yml").read_text(encoding="utf-8")
    tasks: list[dict[str, t.Any]] = yaml.safe_load(yaml.safe_load(text)["EXAMPLES"])
    return tasks


def test_the_examples(configured: Windows, kept: Path) -> None:
    policy_module(configured)
    defaults = {"group/certops.intune.directory": "{{ intune_directory }}", MODULE: {"backup_dir": str(kept)}}
    play = [{"hosts": HOST, "gather_facts": False, "module_defaults": defaults, "tasks": examples()}]
    before = configured.state(HOST)
    rehearsed = configured.play(play, "--check", "--diff")
    assert rehearsed.failed == 0
    assert configured.changed_since(HOST, before) == []
    played = configured.play(play)
    assert (played.failed, played.changed) == (0, 7)
    assert mscep.RESTART_OF_POOL in configured.state(HOST, WAITING)
    assert configured.state(HOST, "/power/effective/http")["MaxFieldLength"] == 65534
    told = configured.adhoc(HOST, "ansible.windows.win_reg_stat", {"path": mscep.MSCEP})
    assert {value["value"] for value in told.result["properties"].values()} == {mscep.DEFAULT_TEMPLATE}
