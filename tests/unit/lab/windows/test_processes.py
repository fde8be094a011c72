# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes on a host: who runs them, what the wrapper refuses, files, jobs, and what nobody knows."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from typing import Any

import pytest

from lab.payload.invocation import (
    Asynchronous,
    Become,
    Checksum,
    ExpandUser,
    FetchFile,
    Generation,
    Invocation,
    MakeTemporary,
    Module,
    PathExists,
    PipedFile,
    Program,
    PutFile,
    Raw,
    RemovePath,
    Script,
    Wrapping,
)
from lab.windows import modules
from lab.windows.host import Host
from lab.windows.people import principals
from lab.windows.running import processes
from lab.winrm.machine import Outcome, ShellOptions
from tests.unit.lab.windows.fake_directory import FakeDirectory, identified

PASSWORD = "Not-a-secret-1"
UTF_8 = ShellOptions(codepage=65001)
PROFILE = "C:\\Users\\ansible"


@pytest.fixture
def host() -> Host:
    modules.load()
    host = Host(identified(), FakeDirectory())
    host.accounts.add_administrator("ansible", PASSWORD)
    host.accounts.add_user("plain", PASSWORD)
    return host


def perform(host: Host, wanted: Invocation, name: str = "ansible", options: ShellOptions = UTF_8) -> Outcome:
    return processes.perform(host, principals.token_for(host, principals.find(host, name), "network"), options, wanted)


def whoami(wrapping: Wrapping) -> Module:
    return Module("ansible.windows.win_command", {"cmd": "whoami"}, "", wrapping)


def result(outcome: Outcome) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(outcome.stdout)
    return found


# Other accounts


@pytest.mark.parametrize(
    "become, account",
    [
        (Become("SYSTEM", None), "nt authority\\system"),
        (Become("NT AUTHORITY\\NetworkService", None), "nt authority\\network service"),
        (Become("alice", "Passw0rd!"), "corp\\alice"),
        (Become("CORP\\alice", "Passw0rd!", "network_cleartext"), "corp\\alice"),
        (Become(".\\plain", PASSWORD), "ndes1\\plain"),
        (Become("NDES1\\ansible", None), "ndes1\\ansible"),
        (Become("whoever", "whatever", "new_credentials", ("netcredentials_only",)), "ndes1\\ansible"),
    ],
)
def test_become(host: Host, become: Become, account: str) -> None:
    assert result(perform(host, whoami(Wrapping(become=become))))["stdout"] == f"{account}\r\n"


WRONG = 'Exception calling "CreateProcessAsUser" with "9" argument(s): "Failed to logon CORP\\alice (The user name or'
WRONG += ' password is incorrect, Win32ErrorCode 1326 - 0x0000052E)"'


@pytest.mark.parametrize(
    "become, message",
    [
        (Become("CORP\\alice", "wrong"), WRONG),
        (Become("CORP\\nobody", "x"), "Some or all identity references could not be translated."),
        (Become("alice", "Passw0rd!", "batch"), "Win32ErrorCode 1385 - 0x00000569"),
        (Become("alice", None), "LsaLogonUser() failed with substatus 0 (Logon failure: "),
    ],
)
@pytest.mark.parametrize(
    "generation, during",
    [("2.18", "internal error: failed to become user '"), ("2.19", "failure during exec_wrapper: ")],
)
def test_become_fails_as_windows_fails(
    host: Host, become: Become, message: str, generation: Generation, during: str
) -> None:
    outcome = perform(host, whoami(Wrapping(generation, become=become)))
    assert outcome.status == 1
    assert message in result(outcome)["msg"]
    assert result(outcome)["msg"].startswith(during)


@pytest.mark.parametrize("user, password", [("SYSTEM", None), ("ansible", None)])
def test_only_administrators_do_without_a_password(host: Host, user: str, password: str | None) -> None:
    outcome = perform(host, whoami(Wrapping(become=Become(user, password))), "plain")
    assert "Failed to get token for NT AUTHORITY\\SYSTEM" in result(outcome)["msg"]


def test_flags_that_the_old_wrapper_cannot_read(host: Host) -> None:
    become = Become("alice", "x", invalid="become_flags key 'a' is not valid")
    assert "become_flags key 'a'" in result(perform(host, whoami(Wrapping("2.18", become=become))))["msg"]


# The wrapper


@pytest.mark.parametrize(
    "wrapping, message",
    [
        (Wrapping(minimum_windows="99.0"), "it requires a minimum version of 99.0, actual was 10.0.20348."),
        (Wrapping("2.18", minimum_windows="99.0"), "internal error: This module cannot run on this OS"),
        (Wrapping(minimum_powershell="7.4"), 'minimum PowerShell version of 7.4, actual was "5.1.'),
        (Wrapping(interpreter="C:\\none\\pwsh.exe"), "Could not find the specified PowerShell interpreter"),
    ],
)
def test_what_the_wrapper_refuses(host: Host, wrapping: Wrapping, message: str) -> None:
    outcome = perform(host, whoami(wrapping))
    assert outcome.status == 1
    assert message in result(outcome)["msg"]


def test_what_the_wrapper_takes(host: Host) -> None:
    wrapping = Wrapping(minimum_windows="10.0.17763", minimum_powershell="5.1", interpreter="powershell")
    assert result(perform(host, whoami(wrapping)))["rc"] == 0


def test_variables_of_the_task_come_over_those_of_the_shell(host: Host) -> None:
    options = ShellOptions(codepage=65001, environment={"A": "shell", "B": "shell"})
    module = Module("ansible.windows.win_shell", {"cmd": "$env:a; $env:B"}, "", Wrapping(environment={"A": "task"}))
    assert result(perform(host, module, options=options))["stdout"] == "task\r\nshell\r\n"


@pytest.mark.parametrize("generation, yes", [("2.18", 1), ("2.19", True)])
def test_a_job_leaves_its_result(host: Host, generation: Generation, yes: Any) -> None:
    host.accounts.add_user("åke", PASSWORD)
    wanted = Asynchronous("j1", 10, "%USERPROFILE%\\.ansible_async")
    started = result(
        perform(
            host, Module("ansible.windows.win_ping", {"data": "åäö"}, "", Wrapping(generation, asynchronous=wanted))
        )
    )
    assert (started["started"], started["finished"]) == (yes, 0)
    assert started["results_file"].startswith(f"{PROFILE}\\.ansible_async\\j1.")
    arguments = {"jid": started["ansible_job_id"], "_async_dir": f"{PROFILE}\\.ansible_async"}
    done = result(perform(host, Module("ansible.windows.async_status", arguments, "")))
    assert (done["ping"], done["finished"]) == ("åäö", yes)


# Files


def test_files_are_put_and_fetched(host: Host) -> None:
    content = bytes(range(256)) * 10
    path = "C:\\Windows\\Temp\\x y.bin"
    said = result(perform(host, PutFile(path, content)))
    assert said == {"sha1": hashlib.sha1(content).hexdigest()}
    assert base64.b64decode(perform(host, FetchFile(path, 10, 100)).stdout) == content[10:110]
    assert perform(host, FetchFile(path, len(content), 100)).stdout == b""
    assert perform(host, FetchFile("C:\\Windows", 0, 1)).stdout == b"[DIR]\r\n"
    assert perform(host, Checksum(path)).stdout.decode().strip() == said["sha1"]
    assert perform(host, PathExists(path, "")).status == 0
    assert perform(host, RemovePath(path, False)) == Outcome()
    assert perform(host, PathExists(path, "")).status == 1
    assert perform(host, Checksum(path)).stdout == b"1\r\n"
    assert perform(host, Checksum("C:\\Windows")).stdout == b"3\r\n"


@pytest.mark.parametrize(
    "wanted, name, message",
    [
        (PutFile("C:\\none\\x", b""), "ansible", "Could not find a part of the path 'C:\\none\\x'."),
        (PutFile("C:\\none\\x", b"", "2.18"), "ansible", "Could not find a part of the path 'C:\\none\\x'."),
        (PutFile("C:\\Windows\\x", b""), "plain", "Access to the path 'C:\\Windows\\x' is denied."),
        (FetchFile("C:\\none", 0, 1), "ansible", "C:\\none does not exist"),
        (FetchFile("C:\\none", 0, 1, "2.18"), "ansible", "C:\\none does not exist"),
        (MakeTemporary("C:\\Windows\\Temp", "x"), "plain", "Access to the path 'C:\\Windows\\Temp\\x' is denied."),
        (MakeTemporary("C:\\", "Windows"), "ansible", "specified name C:\\Windows already exists"),
        (RemovePath("C:\\none", True), "ansible", "Cannot find path 'C:\\none' because it does not exist."),
        (RemovePath("C:\\Windows", False), "ansible", "NonInteractive mode"),
        (RemovePath("C:\\Users\\*", True), "ansible", "The lab does not model Remove-Item with a wildcard"),
    ],
)
def test_files_that_cannot_be_had(host: Host, wanted: Invocation, name: str, message: str) -> None:
    perform(host, ExpandUser("~"), name)  # makes the profile
    before = host.export()
    outcome = perform(host, wanted, name)
    assert outcome.status == 1
    said = outcome.stdout + outcome.stderr
    assert message in said.decode().replace("\\\\", "\\")
    assert host.export() == before


def test_temporary_folders(host: Host) -> None:
    said = perform(host, MakeTemporary("%TEMP%", "ansible-tmp-1"), "plain").stdout.decode().strip()
    assert said == "C:\\Users\\plain\\AppData\\Local\\Temp\\ansible-tmp-1"
    assert host.files.is_folder(said)
    assert perform(host, RemovePath(f"{said}\\.", True), "plain").status == 0
    assert not host.files.exists(said)


@pytest.mark.parametrize(
    "path, expanded", [("~", PROFILE), ("~\\x\\y", f"{PROFILE}\\x\\y"), ("C:\\z", "C:\\z"), ("~x", "~x")]
)
def test_the_home_of_a_user(host: Host, path: str, expanded: str) -> None:
    assert perform(host, ExpandUser(path)).stdout.decode() == f"{expanded}\r\n"


# Texts, programs, the unknown


def test_texts_come_in_the_code_page_of_the_console(host: Host) -> None:
    assert perform(host, Raw("'å'")).stdout == "å\r\n".encode()
    assert perform(host, Raw("'å'"), options=ShellOptions()).stdout == "å\r\n".encode("cp437")
    assert perform(host, Program("echo å"), options=ShellOptions(codepage=850)).stdout == "å\r\n".encode("cp850")


@pytest.mark.parametrize(
    "text, exits, status", [("cmd /c exit 3", True, 3), ("cmd /c exit 3", False, 1), ("exit 4", True, 4)]
)
def test_exit_status_of_texts(host: Host, text: str, exits: bool, status: int) -> None:
    assert perform(host, Raw(text, exits)).status == status


def test_waiting_does_not_keep_others_from_the_host(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    free: list[bool] = []

    def look() -> None:
        free.append(host.lock.acquire(blocking=False))
        if free[-1]:
            host.lock.release()

    def sleep(_seconds: float) -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    monkeypatch.setattr("lab.windows.running.processes.time.sleep", sleep)
    perform(host, Raw("Start-Sleep 5"))
    assert free == [True]


def test_scripts_take_named_parameters_of_own_scripts_only(host: Host) -> None:
    host.files.write("C:\\Windows\\Temp\\a.ps1", "\ufeff'x'\nexit 3".encode())
    outcome = perform(host, Script("&  C:\\Windows\\Temp\\a.ps1; exit $LASTEXITCODE"))
    assert (outcome.stdout, outcome.status) == (b"x\r\n", 3)
    assert b"does not model" in perform(host, Script("& C:\\Windows\\Temp\\a.ps1 -A 1; exit $LASTEXITCODE")).stderr
    assert b"does not model" in perform(host, Script("& cmd.exe /c a.bat; exit $LASTEXITCODE")).stderr


@pytest.mark.parametrize(
    "line, stdin, kind",
    [
        ("PowerShell -EncodedCommand %%%", b"", "-EncodedCommand is not base64"),
        ("PowerShell -EncodedCommand QQ==", b"", "-EncodedCommand is not UTF-16"),
        ("", b"", "an empty command line"),
        ("x" * 40_000, b"", "the command line is longer than"),
        ("PowerShell -EncodedCommand QQA= -EncodedArguments QQA=", b"", "-EncodedArguments are not XML"),
        ("PowerShell -EncodedCommand QQA= -EncodedArguments PABTAD4AeAA8AC8AUwA+AA==", b"", "with -EncodedArguments"),
    ],
)
def test_what_nobody_knows_is_refused_loudly(host: Host, line: str, stdin: bytes, kind: str) -> None:
    token = principals.token_for(host, principals.find(host, "ansible"), "network")
    outcome = processes.run(host, token, UTF_8, line, stdin)
    assert outcome.status == 1
    assert "The lab does not model a payload: " in outcome.stderr.decode()
    assert kind in outcome.stderr.decode()


def test_a_fault_of_the_lab_is_said_to_be_one(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> None:
        raise ZeroDivisionError("s3cret")

    monkeypatch.setattr("lab.windows.runner.run_module", fail)
    outcome = perform(host, whoami(Wrapping()))
    assert outcome.status == 1
    assert "unhandled exception in the lab while it answered a Module: ZeroDivisionError" in result(outcome)["msg"]
    assert b"s3cret" not in outcome.stdout + outcome.stderr


def test_a_module_that_lies_on_the_host(host: Host) -> None:
    wanted = PipedFile("C:\\Windows\\Temp\\module.ps1")
    assert b"not there" in perform(host, wanted).stderr
    host.files.write(wanted.path, b"no wrapper")
    outcome = perform(host, wanted)
    assert b"no four zero bytes" in outcome.stderr
    assert result(outcome)["failed"]
