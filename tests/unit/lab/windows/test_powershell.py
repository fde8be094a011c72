# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PowerShell texts: what is read, what is refused, and that nothing of a refused text is done."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows import commands
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals
from lab.windows.powershell import Ran, Run
from lab.windows.powershell import run as run_powershell
from lab.windows.powershell.values import NotRead, statements, words
from lab.windows.running import session
from tests.unit.lab.windows.fake_directory import member

commands.load()
HOST = member()
HOST.accounts.add_administrator("ansible", "Not-a-secret-1")


def run(text: str, host: Host = HOST, **settings: Any) -> Ran:
    user = principals.token_for(host, principals.find(host, "ansible"), "network")
    return run_powershell(Run(session.around(host, user), **settings), text)


@pytest.mark.parametrize(
    "text, output",
    [
        ("'a'", ["a"]),
        ("'it''s'", ["it's"]),
        ("\u2018typographic\u2019", ["typographic"]),
        ('"tab`tend"', ["tab\tend"]),
        ('"$env:COMPUTERNAME and ${env:SystemRoot}"', ["NDES1 and C:\\Windows"]),
        ("$env:NOTHING", [None]),
        ("5; -7", [5, -7]),
        ("$true, 1", None),
        ("$x = 'y'; $x; \"<$x>\"", ["y", "<y>"]),
        ("Write-Output -InputObject 'x'", ["x"]),
        ("echo x # comment\n# another\n'z'", ["x", "z"]),
        ("hostname.exe", ["NDES1"]),
        ("& 'hostname'", ["NDES1"]),
        ("& C:\\Windows\\System32\\HOSTNAME.EXE", ["NDES1"]),
        ('cmd /c "exit 3"; $LASTEXITCODE', [3]),
        ("Test-Path HKLM:\\SOFTWARE; Test-Path -LiteralPath 'C:\\none'", [True, False]),
        ("$PSVersionTable.PSVersion.ToString()", ["5.1.20348.2849"]),
        ("Get-ChildItem", None),
        ("Get-Item C:\\ | Remove-Item", None),
        ("if ($true) { 'x' }", None),
        ("'x' > C:\\file", None),
        ("$(whoami)", None),
        ("whoami $unknown", None),
        ("'unclosed", None),
        ("schtasks /query", None),
        ("[int]5", None),
        ("Write-Output *", None),
        ("Write-Output x -Nonsense y", None),
        ("Start-Sleep 1", None),
    ],
)
def test_texts(text: str, output: list[Any] | None) -> None:
    if output is None:
        with pytest.raises(NotModelled):
            run(text)
    else:
        assert run(text).output == output


@pytest.mark.parametrize(
    "text, status",
    [
        ("'x'", 0),
        ("exit 7", 7),
        ("exit", 0),
        ("exit -1", 0xFFFFFFFF),
        ("throw 'x'", 1),
        ("cmd /c exit 5", 1),
        ("cmd /c exit 5; 'x'", 0),
        ("Write-Error 'x'; 'on'", 0),
        ("Write-Error 'x'", 1),
        ("$ErrorActionPreference = 'Stop'; Write-Error 'x'; 'never'", 1),
        ("nonsense.exe", 1),
    ],
)
def test_exit_status_of_a_powershell_that_runs_the_text(text: str, status: int) -> None:
    ran = run(text)
    assert ran.status == status
    assert "never" not in ran.output


def test_errors_tell_their_place() -> None:
    error = run("'first'\n  'second'; throw 'third'").errors[0]
    assert (error.message, error.line, error.number, error.character) == ("third", "throw 'third'", 2, 13)
    assert run("nonsense.exe").errors[0].error_id == "CommandNotFoundException"


def test_nothing_of_a_text_is_done_if_part_of_it_is_not_known() -> None:
    host = member()
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    before = host.export()
    with pytest.raises(NotModelled):
        run("net stop W32Time\nshutdown /r /t 0\nGet-Service | Stop-Service", host)
    assert host.export() == before


def test_waiting_is_done_by_who_may_wait() -> None:
    waited: list[float] = []
    run("Start-Sleep -Seconds 2; Start-Sleep -Milliseconds 500", wait=waited.append)
    assert waited == [2.0, 0.5]


@given(st.text(st.sampled_from("ab1$'\"`;{}()|&\n -#/\u2018\u2019\u201c"), max_size=40))
def test_every_text_is_read_or_refused(text: str) -> None:
    try:
        found = statements(text)
        for one in found:
            words(one)
    except NotRead:
        return
    assert all(one == one.strip() and one for one in found)


@given(st.text(max_size=60))
def test_every_text_runs_or_is_refused(text: str) -> None:
    try:
        ran = run(text)
    except NotModelled:
        return
    assert ran.status in (0, 1) or ran.exited is not None


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=10), max_size=4))
def test_literals_come_back_as_they_were_written(texts: list[str]) -> None:
    quotes = "'\u2018\u2019\u201a\u201b"
    written = "; ".join(
        "'" + "".join(letter * 2 if letter in quotes else letter for letter in text) + "'" for text in texts
    )
    assert run(written).output == texts
