# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook with the upstream action plugins, unchanged, against the model of a host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.payload import decode
from lab.payload.invocation import MakeTemporary, PathExists, PipedFile, RemovePath
from lab.windows import commands, modules, scripts
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.people import principals
from lab.windows.running import processes
from lab.winrm.machine import Outcome, ShellOptions
from tests.unit.lab.payload.stage import Played, play
from tests.unit.lab.payload.stage.damage import damaged

PASSWORD = "Not-a-secret-1"
OPTIONS = ShellOptions(codepage=65001)
BECOME = {"become": True, "become_method": "ansible.builtin.runas"}
TEMPORARY = "C:\\Users\\ansible\\AppData\\Local\\Temp"


def as_account(user: str, password: str | None = None, **flags: str) -> dict[str, Any]:
    variables = {} if password is None else {"vars": {"ansible_become_password": password}}
    return {**BECOME, "become_user": user, **variables, **flags}


WHOAMI: dict[str, Any] = {"ansible.windows.win_command": "whoami"}
REBOOT = {"ansible.windows.win_reboot": {"pre_reboot_delay": 2, "msg": "it's time"}}

TASKS: list[dict[str, Any]] = [
    {"name": "ping", "ansible.windows.win_ping": {"data": "åäö"}},
    {"name": "facts", "ansible.builtin.setup": {"gather_subset": "min"}},
    {"name": "write", "ansible.windows.win_copy": {"content": "åäö\n", "dest": "C:\\Windows\\Temp\\a.txt"}},
    {"name": "write again", "ansible.windows.win_copy": {"content": "åäö\n", "dest": "C:\\Windows\\Temp\\a.txt"}},
    {"name": "tree", "ansible.windows.win_copy": {"src": "{{ folder }}/tree/", "dest": "C:\\Windows\\Temp\\tree\\"}},
    {
        "name": "template",
        "ansible.windows.win_template": {"src": "{{ folder }}/t.j2", "dest": "C:\\Windows\\Temp\\t.txt"},
    },
    {
        "name": "fetch",
        "ansible.builtin.fetch": {"src": "C:\\Windows\\Temp\\t.txt", "dest": "{{ folder }}/", "flat": True},
    },
    {"name": "fetch nothing", "ansible.builtin.fetch": {"src": "C:\\none.txt", "dest": "{{ folder }}/", "flat": True}},
    {"name": "slurp", "ansible.builtin.slurp": {"src": "C:\\Windows\\Temp\\a.txt"}},
    {"name": "raw", "ansible.builtin.raw": "hostname; 'åäö'"},
    {"name": "raw fails", "ansible.builtin.raw": "throw 'åh nej'"},
    {"name": "raw status", "ansible.builtin.raw": "exit 7"},
    {"name": "raw unknown", "ansible.builtin.raw": "Get-Process | Sort-Object CPU"},
    {"name": "script", "ansible.builtin.script": {"cmd": "{{ folder }}/own.ps1"}},
    {"name": "script fails", "ansible.builtin.script": {"cmd": "{{ folder }}/bad.ps1"}},
    {"name": "script of system", "ansible.builtin.script": {"cmd": "{{ folder }}/who.ps1"}, **as_account("SYSTEM")},
    {"name": "script not wanted", "ansible.builtin.script": {"cmd": "{{ folder }}/bad.ps1", "creates": "C:\\Windows"}},
    {"name": "environment", "ansible.windows.win_shell": "$env:COLOUR", "environment": {"COLOUR": "röd"}},
    {"name": "system", **WHOAMI, **as_account("SYSTEM")},
    {"name": "account", **WHOAMI, **as_account("bob", PASSWORD)},
    {"name": "account of the host", **WHOAMI, **as_account(".\\bob", PASSWORD)},
    {"name": "without password", **WHOAMI, **as_account("bob", become_flags="logon_type=batch")},
    {"name": "wrong password", **WHOAMI, **as_account("bob", "wrong")},
    {"name": "nobody", **WHOAMI, **as_account("CORP\\nobody", "wrong")},
    {"name": "no right", **WHOAMI, **as_account("bob", PASSWORD, become_flags="logon_type=service")},
    {"name": "job", "ansible.windows.win_command": "hostname", "async": 30, "poll": 1},
    # Each look at a polled job costs a second.
    {"name": "start of system", **WHOAMI, **as_account("SYSTEM"), "async": 30, "poll": 0, "register": "of_system"},
    {
        "name": "job of system",
        "ansible.builtin.async_status": {"jid": "{{ of_system.ansible_job_id }}"},
        **as_account("SYSTEM"),
    },
    {
        "name": "start that fails",
        "ansible.windows.win_command": "cmd /c exit 5",
        "async": 30,
        "poll": 0,
        "register": "failing",
    },
    {"name": "failing job", "ansible.builtin.async_status": {"jid": "{{ failing.ansible_job_id }}"}},
    {"name": "forgotten job", "ansible.windows.win_ping": {}, "async": 30, "poll": 0, "register": "forgotten"},
    {"name": "look for it", "ansible.builtin.async_status": {"jid": "{{ forgotten.ansible_job_id }}"}},
    {"name": "clean up", "ansible.builtin.async_status": {"jid": "{{ forgotten.ansible_job_id }}", "mode": "cleanup"}},
    {"name": "look again", "ansible.builtin.async_status": {"jid": "{{ forgotten.ansible_job_id }}"}},
    {"name": "powershell", "ansible.windows.win_powershell": {"path": "{{ folder }}/own.ps1"}},
    {"name": "reboot", **REBOOT},
    {"name": "boot reported", "ansible.windows.win_shell": "Test-Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT'"},
    {"name": "updates", "ansible.windows.win_updates": {}},
    {"name": "unknown module", "community.windows.win_toast": {"msg": "x"}},
]


def machine() -> tuple[Host, Any]:
    """A host with two local accounts, and how the administrator's processes run on it."""
    modules.load()
    commands.load()
    identity = Identity(
        "ndes1", "corp.example", "CORP", "192.0.2.21", "S-1-5-21-1001-1002-1003", "S-1-5-21-2001-2002-2003"
    )
    host = Host(identity)
    host.accounts.add_administrator("ansible", PASSWORD)
    host.accounts.add_administrator("bob", PASSWORD)
    token = principals.token_for(host, principals.find(host, "ansible"), "network")

    def answer(line: str, stdin: bytes) -> Outcome:
        return processes.run(host, token, OPTIONS, line, stdin)

    return host, answer


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Host, Played, Path]:
    folder = tmp_path_factory.mktemp("actions")
    (folder / "tree" / "inner").mkdir(parents=True)
    (folder / "tree" / "one.txt").write_text("one", encoding="utf-8")
    (folder / "tree" / "inner" / "två.txt").write_text("två", encoding="utf-8")
    (folder / "t.j2").write_text("{{ word }}\n", encoding="utf-8")
    (folder / "own.ps1").write_text("Write-Output 'från skriptet'\nhostname\n", encoding="utf-8")
    (folder / "who.ps1").write_text("whoami.exe", encoding="utf-8")
    (folder / "bad.ps1").write_text("'before'\nexit 9\n", encoding="utf-8")
    host, answer = machine()
    return host, play(folder, answer, TASKS, variables={"folder": str(folder), "word": "ordet"}), folder


@pytest.fixture(scope="module")
def broken() -> Any:
    """A host for what is damaged."""
    return machine()[1]


@pytest.fixture(scope="module")
def played(stage: tuple[Host, Played, Path]) -> Played:
    return stage[1]


@pytest.mark.parametrize(
    "task, expected",
    [
        ("ping", {"ping": "åäö", "changed": False}),
        ("write", {"changed": True, "dest": "C:\\Windows\\Temp\\a.txt"}),
        ("write again", {"changed": False}),
        ("tree", {"changed": True}),
        ("template", {"changed": True}),
        ("fetch", {"changed": True}),
        ("slurp", {"content": "w6XDpMO2Cg=="}),
        ("raw", {"stdout": "NDES1\r\nåäö\r\n", "rc": 0}),
        ("raw status", {"rc": 7, "msg": "non-zero return code"}),
        ("script", {"stdout_lines": ["från skriptet", "NDES1"], "rc": 0}),
        ("script fails", {"rc": 9, "stdout_lines": ["before"]}),
        ("script of system", {"stdout_lines": ["nt authority\\system"]}),
        ("environment", {"stdout": "röd\r\n"}),
        ("system", {"stdout": "nt authority\\system\r\n"}),
        ("account", {"stdout": "ndes1\\bob\r\n"}),
        ("account of the host", {"stdout": "ndes1\\bob\r\n"}),
        ("without password", {"stdout": "ndes1\\bob\r\n"}),
        ("job", {"stdout": "NDES1\r\n", "changed": True, "rc": 0}),
        ("job of system", {"stdout": "nt authority\\system\r\n"}),
        ("failing job", {"rc": 5, "msg": "non-zero return code"}),
        ("look for it", {"ping": "pong"}),
        ("powershell", {"output": ["från skriptet", "NDES1"], "error": []}),
        ("reboot", {"rebooted": True, "changed": True}),
        ("boot reported", {"stdout": "True\r\n"}),
    ],
)
def test_results(played: Played, task: str, expected: Mapping[str, Any]) -> None:
    result = played[task]
    assert {key: result.get(key) for key in expected} == expected, result


@pytest.mark.parametrize(
    "task, message",
    [
        ("fetch nothing", "does not exist"),
        ("wrong password", "The user name or password is incorrect, Win32ErrorCode 1326"),
        ("nobody", "could not be translated"),
        ("no right", "Win32ErrorCode 1385"),
        ("look again", "could not find job at"),
        ("updates", "does not model"),
        ("unknown module", "The lab does not model the module community.windows.win_toast"),
        ("raw unknown", "The lab does not model the PowerShell text"),
        ("raw fails", "åh nej"),
    ],
)
def test_failures_are_loud(played: Played, task: str, message: str) -> None:
    assert played.outcomes[task] == "failed"
    result = played[task]
    assert message in " ".join(str(result.get(key, "")) for key in ("msg", "stderr", "exception")), result


def test_passwords_appear_nowhere(played: Played) -> None:
    assert PASSWORD not in json.dumps(dict(played.results))
    for exchange in played.exchanges:
        assert PASSWORD.encode() not in exchange.outcome.stdout + exchange.outcome.stderr


def test_what_was_not_wanted_is_skipped(played: Played) -> None:
    assert played.outcomes["script not wanted"] == "skipped"


def test_files_arrive(stage: tuple[Host, Played, Path]) -> None:
    host, _, folder = stage
    files = host.files
    assert files.read("C:\\Windows\\Temp\\a.txt").decode() == "åäö\n"
    assert files.read("C:\\Windows\\Temp\\tree\\inner\\två.txt").decode() == "två"
    assert files.read("C:\\Windows\\Temp\\t.txt").decode() == "ordet\r\n"
    assert (folder / "t.txt").read_bytes() == b"ordet\r\n"


def test_nothing_temporary_is_left_but_what_nobody_removed(stage: tuple[Host, Played, Path]) -> None:
    host, played, _ = stage
    wanted = [decode(exchange.line, exchange.stdin) for exchange in played.exchanges]
    made = {one.name for one in wanted if isinstance(one, MakeTemporary)}
    removed = {one.path.removesuffix("\\.").rpartition("\\")[2] for one in wanted if isinstance(one, RemovePath)}
    assert len(made) > 5
    # win_template makes a second folder and forgets the first.
    assert len(made - removed) == 1
    assert {entry.name for entry in host.files.children(TEMPORARY)} == made - removed


def test_a_reboot_boots(stage: tuple[Host, Played, Path]) -> None:
    host, played, _ = stage
    assert host.registry.key_exists(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon\AutoLogonChecked")
    assert played.outcomes["reboot"] == "ok"


def test_modules_that_are_put_on_the_host_first(tmp_path: Path) -> None:
    _, answer = machine()
    (tmp_path / "own.ps1").write_text("hostname\n", encoding="utf-8")
    tasks = [task for task in TASKS if task["name"] in ("ping", "environment", "script", "system")]
    kept = {"ANSIBLE_KEEP_REMOTE_FILES": "1"}
    played = play(tmp_path, answer, tasks, variables={"folder": str(tmp_path)}, environment=kept)
    assert set(played.outcomes.values()) == {"ok"}, played.output
    assert played["ping"]["ping"] == "åäö"
    assert played["environment"]["stdout"] == "röd\r\n"
    assert played["system"]["stdout"] == "nt authority\\system\r\n"
    assert any(isinstance(decode(one.line, one.stdin), PipedFile) for one in played.exchanges)


@given(seed=st.integers(0, 2**32), which=st.integers(0, 10_000), at_line=st.booleans())
@settings(max_examples=40)
def test_damaged_payloads_break_no_host(
    stage: tuple[Host, Played, Path], broken: Any, seed: int, which: int, at_line: bool
) -> None:
    exchanges = stage[1].exchanges
    exchange = exchanges[which % len(exchanges)]
    line, stdin = exchange.line, exchange.stdin
    if at_line or not stdin:
        line = damaged(line.encode(), seed).decode("utf-8", "replace")
    else:
        stdin = damaged(stdin, seed)
    outcome = broken(line, stdin)
    assert b"unhandled exception in the lab" not in outcome.stdout + outcome.stderr
    if outcome.status and not outcome.stdout + outcome.stderr:
        # 2.21 asks for the exit status alone.
        assert isinstance(decode(line, stdin), PathExists)


def without_times(host: Host) -> dict[str, Any]:
    """The state without the times of folders, which temporary folders change."""
    state = host.export()
    times = ("accessed", "created", "modified")
    files = {path: {key: row[key] for key in row if key not in times} for path, row in state["files"].items()}
    return {**state, "files": files}


def test_check_mode_changes_nothing(tmp_path: Path) -> None:
    host, answer = machine()
    tasks = [task for task in TASKS if task["name"] in ("ping", "write", "script", "raw", "powershell", "reboot")]
    (tmp_path / "own.ps1").write_text("hostname\n", encoding="utf-8")
    answer("whoami", b"")  # The first logon makes the profile.
    before = without_times(host)
    played = play(tmp_path, answer, tasks, "--check", "--diff", variables={"folder": str(tmp_path)})
    assert len(played.results) == len(tasks), played.output
    assert "failed" not in played.outcomes.values(), played.output
    assert without_times(host) == before


def test_own_scripts_have_twins() -> None:
    scripts.load()
