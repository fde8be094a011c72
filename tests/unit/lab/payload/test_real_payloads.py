# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installed ansible-core really sends, decoded; run under every core that the project claims."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.payload import UnknownPayload, decode
from lab.payload.invocation import (
    Asynchronous,
    Become,
    ExpandUser,
    FetchFile,
    Invocation,
    MakeTemporary,
    Module,
    PathExists,
    PutFile,
    Raw,
    RemovePath,
    Script,
)
from lab.winrm.machine import Outcome
from tests.unit.lab.payload.stage import Exchange, play
from tests.unit.lab.payload.stage.damage import damaged

CONTENT = "Räksmörgås with \u2018quotes\u2019\r\n" * 20_000
TEMPORARY = "C:\\Users\\alice\\AppData\\Local\\Temp\\ansible-tmp-1"

BECOME = {"become": True, "become_method": "ansible.builtin.runas"}
PING = {"ansible.windows.win_ping": {"data": "pong"}}
TASKS: list[dict[str, Any]] = [
    {
        "name": "module",
        "ansible.windows.win_ping": {"data": "åäö \u2019"},
        "environment": {"COLOUR": "red", "NUMBER": 5},
    },
    {"name": "redirected", "ansible.builtin.setup": {"gather_subset": "!all"}},
    {"name": "redirected slurp", "ansible.builtin.slurp": {"src": "C:\\x"}},
    {"name": "of another collection", "microsoft.iis.website_info": {"name": "Default Web Site"}},
    {"name": "system", **PING, **BECOME, "become_user": "SYSTEM"},
    {"name": "account", **PING, **BECOME, "become_user": "CORP\\bob", "vars": {"ansible_become_password": "s3cret"}},
    {
        "name": "flags",
        **PING,
        **BECOME,
        "become_user": ".\\local",
        "become_flags": "logon_type=new_credentials logon_flags=netcredentials_only",
        "vars": {"ansible_become_password": "s3cret"},
    },
    {"name": "batch", **PING, **BECOME, "become_user": "bob", "become_flags": "logon_type=batch logon_flags="},
    {"name": "asynchronous", **PING, "async": 45, "poll": 0},
    {"name": "both", **PING, **BECOME, "become_user": "SYSTEM", "async": 10, "poll": 0},
    {"name": "script", "ansible.builtin.script": {"cmd": "own.ps1 -Name 'a b' \"c d\" | out"}},
    {
        "name": "script elsewhere",
        "ansible.builtin.script": {"cmd": "own.ps1", "chdir": "C:\\Temp"},
        **BECOME,
        "become_user": "SYSTEM",
    },
    {"name": "script there", "ansible.builtin.script": {"cmd": "own.ps1", "creates": "C:\\it's here"}},
    {"name": "raw", "ansible.builtin.raw": "whoami /all; 'åäö'"},
    {"name": "raw of many lines", "ansible.builtin.raw": "$a = 1\n\n  if ($a) {\n  'x'\n}"},
    {"name": "copy", "ansible.windows.win_copy": {"content": CONTENT, "dest": "C:\\Temp\\it's \u2018here\u2019.txt"}},
    {"name": "empty copy", "ansible.windows.win_copy": {"content": "", "dest": "C:\\Temp\\empty.txt"}},
    {"name": "fetch", "ansible.builtin.fetch": {"src": "C:\\Temp\\it's.txt", "dest": "{{ folder }}/", "flat": True}},
    {
        "name": "powershell",
        "ansible.windows.win_powershell": {"script": "param($a) $a", "parameters": {"a": [1, {"b": None}]}},
    },
]


def answer(line: str, stdin: bytes) -> Outcome:
    """As much of a host as makes action plugins go on."""
    invocation = decode(line, stdin)
    match invocation:
        case Module(name="ansible.windows.win_copy", arguments={"_copy_mode": "query", "files": files}):
            return Outcome(json.dumps({"changed": True, "files": files, "directories": []}).encode())
        case Module(name="ansible.windows.win_stat"):
            stat = {"exists": True, "checksum": hashlib.sha1(b"abc").hexdigest(), "isdir": False}
            return Outcome(json.dumps({"changed": False, "stat": stat}).encode())
        case Module():
            return Outcome(json.dumps({"changed": False}).encode())
        case MakeTemporary():
            return Outcome(f"{TEMPORARY}\r\n".encode())
        case ExpandUser():
            return Outcome(b"C:\\Users\\alice\r\n")
        case PutFile(content=content):
            return Outcome(json.dumps({"sha1": hashlib.sha1(content).hexdigest()}).encode())
        case FetchFile():
            return Outcome(b"YWJj\r\n")
        case PathExists():
            return Outcome(status=1)
        case _:
            return Outcome(b"said")


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Exchange]:
    """Everything that one playbook sends."""
    folder = tmp_path_factory.mktemp("play")
    (folder / "own.ps1").write_text("'hello'", encoding="utf-8")
    played = play(folder, answer, TASKS, variables={"folder": str(folder)})
    bad = {name: played[name] for name in played.outcomes if played.outcomes[name] != "ok"}
    assert not bad, played.output
    assert set(played.results) == {task["name"] for task in TASKS}, played.output
    return played.exchanges


@pytest.fixture(scope="module")
def invocations(exchanges: Sequence[Exchange]) -> list[Invocation]:
    return [decode(exchange.line, exchange.stdin) for exchange in exchanges]


def modules(invocations: list[Invocation], name: str) -> list[Module]:
    return [one for one in invocations if isinstance(one, Module) and one.name == name]


def pings(invocations: list[Invocation]) -> list[Module]:
    """The runs of win_ping, in the order of the tasks."""
    return modules(invocations, "ansible.windows.win_ping")


def test_a_module_comes_with_its_arguments_environment_and_source(invocations: list[Invocation]) -> None:
    module = pings(invocations)[0]
    assert module.arguments["data"] == "åäö \u2019"
    assert module.arguments["_ansible_check_mode"] is False
    assert module.wrapping.environment == {"COLOUR": "red", "NUMBER": "5"}
    assert module.wrapping.become is None
    assert "$module.Result.ping = $data" in module.source


@pytest.mark.parametrize(
    "name", ["ansible.windows.setup", "ansible.windows.slurp", "microsoft.iis.website_info", "ansible.windows.win_copy"]
)
def test_modules_arrive_under_their_full_names(invocations: list[Invocation], name: str) -> None:
    assert modules(invocations, name)


@pytest.mark.parametrize(
    "index, become",
    [
        (1, Become("SYSTEM", None)),
        (2, Become("CORP\\bob", "s3cret")),
        (3, Become(".\\local", "s3cret", "new_credentials", ("netcredentials_only",))),
        (4, Become("bob", None, "batch", ())),
    ],
)
def test_become_names_account_password_and_logon(invocations: list[Invocation], index: int, become: Become) -> None:
    module = pings(invocations)[index]
    assert module.wrapping.become == become
    assert module.wrapping.asynchronous is None
    assert "s3cret" not in repr(module)


def test_async_names_job_time_and_folder(invocations: list[Invocation]) -> None:
    job, both = pings(invocations)[5:7]
    assert job.wrapping.asynchronous == Asynchronous(_job(job), 45, "%USERPROFILE%\\.ansible_async")
    assert _job(job).startswith("j")
    assert job.wrapping.become is None
    assert both.wrapping.asynchronous == Asynchronous(_job(both), 10, "%USERPROFILE%\\.ansible_async")
    assert both.wrapping.become == Become("SYSTEM", None)


def _job(module: Module) -> str:
    assert module.wrapping.asynchronous is not None
    return module.wrapping.asynchronous.job


def test_script_runs_the_file_that_was_put_with_its_arguments(invocations: list[Invocation]) -> None:
    scripts = [one for one in invocations if isinstance(one, Script)]
    said = f"& {TEMPORARY}\\own.ps1 -Name 'a b' \"c d\" | out; exit $LASTEXITCODE"
    assert " ".join(scripts[0].text.split()) == said
    assert scripts[0].wrapping.directory is None
    assert scripts[1].wrapping.directory == "C:\\Temp"
    assert scripts[1].wrapping.become == Become("SYSTEM", None)
    assert PutFile(f"{TEMPORARY}\\own.ps1", b"'hello'", scripts[0].wrapping.generation) in invocations
    assert [one.path for one in invocations if isinstance(one, PathExists)] == ["C:\\it's here"]


def test_raw_arrives_as_it_was_written(invocations: list[Invocation]) -> None:
    raws = [one.text for one in invocations if isinstance(one, Raw)]
    assert raws[0] == "whoami /all; 'åäö'"
    assert [line.strip() for line in raws[1].split("\n") if line.strip()] == ["$a = 1", "if ($a) {", "'x'", "}"]


def test_files_are_put_and_fetched_whole(invocations: list[Invocation]) -> None:
    put = [one for one in invocations if isinstance(one, PutFile)]
    assert CONTENT.encode() in [one.content for one in put]
    assert b"" in [one.content for one in put]
    fetched = [one for one in invocations if isinstance(one, FetchFile)]
    assert [(one.path, one.offset, one.size) for one in fetched] == [("C:\\Temp\\it's.txt", 0, 2**19)]


def test_temporary_folders_are_made_and_removed(invocations: list[Invocation]) -> None:
    made = [one for one in invocations if isinstance(one, MakeTemporary)]
    assert {one.base for one in made} == {"%TEMP%"}
    assert all(one.name.startswith("ansible-tmp-") for one in made)
    # The plugin joins the path with nothing before it removes it.
    assert RemovePath(f"{TEMPORARY}\\.", True) in invocations


def test_nothing_of_it_is_taken_for_something_else(invocations: list[Invocation]) -> None:
    known = {Module, Script, Raw, PutFile, FetchFile, MakeTemporary, ExpandUser, RemovePath, PathExists}
    assert {type(one) for one in invocations} <= known
    assert len([one for one in invocations if isinstance(one, Raw)]) == 2


@given(seed=st.integers(0, 2**32), which=st.integers(0, 10_000), at_line=st.booleans())
def test_damaged_payloads_are_decoded_or_refused(
    exchanges: Sequence[Exchange], seed: int, which: int, at_line: bool
) -> None:
    exchange = exchanges[which % len(exchanges)]
    line, stdin = exchange.line, exchange.stdin
    if at_line or not stdin:
        line = damaged(line.encode(), seed).decode("utf-8", "replace")
    else:
        stdin = damaged(stdin, seed)
    with contextlib.suppress(UnknownPayload):
        decode(line, stdin)
