# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the linter of own PowerShell lets pass, and what it refuses with which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools import cmdlets
from tools.powershell.reference import EXTRACT, Reference, Rules, own_reference
from tools.powershell.script import Script, own_scripts
from tools.powershell_lint import check, main
from tools.tree import COLLECTIONS

HEAD = "[CmdletBinding()]\nparam([string] $Name, [securestring] $Password)\n"
READER = "[CmdletBinding(SupportsShouldProcess)]\nparam([string] $Name)\n"

#: Five lines of code that nothing is wrong with, and what is put before the last.
FILL = "$one = 1\n$two = 2\n"
LAST = "[pscustomobject]@{ one = $one; two = $two }\n"

SECRET = "is a secret and neither a securestring nor a pscredential"

EVERYWHERE = ["2016", "2019", "2022", "2025"]


def entry(module: str, releases: list[str], **parameters: dict[str, Any]) -> dict[str, Any]:
    kinds = {name: [{"type": "String", **described}] for name, described in parameters.items()}
    return {"module": module, "releases": releases, "parameters": kinds}


#: Cmdlets for these tests, in the shape of the extract.
MADE_UP = {
    "cmdlets": {
        "Get-Thing": entry(
            "Things",
            EVERYWHERE,
            Name={},
            Filter={},
            Force={"type": "SwitchParameter"},
            Kind={"values": ["Big", "Small"]},
            Later={"documented_for": ["2022", "2025"]},
        ),
        "Set-Thing": entry("Things", EVERYWHERE, Name={}, Value={}),
        "Get-NewThing": entry("NewThings", ["2025"], Name={}),
        "Get-WindowsFeature": entry("ServerManager", ["2022", "2025"], Name={}),
        "Where-Object": entry(
            "Core", EVERYWHERE, Property={}, EQ={"type": "SwitchParameter"}, Value={}, FilterScript={}
        ),
        "ForEach-Object": entry("Core", EVERYWHERE, Process={}),
        "New-Object": entry("Utility", EVERYWHERE, TypeName={}, ArgumentList={}, ComObject={}),
    }
}
REFERENCE = Reference(MADE_UP, Rules())


def refused(text: str) -> list[str]:
    return [finding.message for finding in check("test.ps1", text.encode(), REFERENCE)]


def body(code: str, head: str = HEAD) -> list[str]:
    return refused(f"{head}{FILL}{code}\n{LAST}")


@pytest.mark.parametrize(
    "code",
    [
        "$a = Get-Thing -Name 'x' -Force",
        "$a = Get-Thing -Name $Name -Force:$true -Kind Small",
        "$a = Get-Thing -Name @('x', 'y') -ErrorAction Stop",
        "$a = (Get-Thing -Name \"$Name\\x\").Value",
        "$a = @(Get-Thing -Name 'x' | ForEach-Object -Process { $_.Sid })",
        "$a = Get-Thing -Filter 'Sid = 1' | Where-Object -FilterScript { $_.Kind -eq 'Big' }",
        "$a = Get-Thing | Where-Object -Property Kind -EQ -Value 'Big'",
        "Set-Thing -Name $Name -Value $Password",
        "if ($one -eq 1) { throw 'Nothing is there' }",
        "if ($Name -eq 'S-1-5-18') { $two = $null }",
        "try { $a = Get-Thing -Name 'x' } catch { $b = $_.Exception.Message }",
        "try { $a = Get-Thing -Name 'x' } catch { throw }",
        "$table = @{ Name = 'x' }\n$table.Force = $true\n$table['Kind'] = 'Big'\nGet-Thing @table",
        "$a = whoami.exe /groups /fo csv",
        "$a = New-Object -TypeName 'System.Security.Principal.NTAccount' -ArgumentList @('a', 'b')",
        "$a = [string]$Name",
        "$a = '&& || ?? ?. $a ? 1 : 2 [Math]::Pi'  # & $x ?? 1",
        "$a = \"it's ? a : text\"",
        "foreach ($a in $one) { Set-Thing -Name $a -Value 'x' }",
        "switch ($Name) { 'a-b' { $two = 3 } }",
        "$a = Get-WindowsFeature -Name 'x'",
        "$a = $env:SystemDrive",
    ],
)  # fmt: skip
def test_what_passes(code: str) -> None:
    assert body(code) == []


@pytest.mark.parametrize(
    "code, message",
    [
        ("gi -Name 'x'", "gi is no cmdlet of the extract (aliases are not used; see tools/cmdlets.py)"),
        ("$a | % { 1 }", "% is no cmdlet of the extract (aliases are not used; see tools/cmdlets.py)"),
        ("Get-Think -Name 'x'", "Get-Think is no cmdlet of the extract (aliases are not used; see tools/cmdlets.py)"),
        ("get-thing -Name 'x'", "get-thing is spelled Get-Thing"),
        ("Get-NewThing -Name 'x'", "Get-NewThing is not documented for 2016, 2019, 2022"),
        ("Get-Thing -Later 'x'", "Get-Thing -Later is not documented for 2016, 2019"),
        ("Get-Thing -Nam 'x'", "Get-Thing has no parameter -Nam"),
        ("Get-Thing -name 'x'", "-name is spelled -Name"),
        ("Get-Thing 'x'", "Get-Thing gets 'x' by position, and not by a parameter"),
        ("Get-Thing -Force 'x'", "Get-Thing gets 'x' by position, and not by a parameter"),
        ("Get-Thing -Name 'x' $one", "Get-Thing gets $one by position, and not by a parameter"),
        ("Get-Thing -Name -Force", "Get-Thing -Name has no value"),
        ("Get-Thing -Name", "Get-Thing -Name has no value"),
        ("Get-Thing -Kind Huge", "Get-Thing -Kind does not accept 'Huge' on 2016, 2019, 2022, 2025"),
        ("Get-Thing -Kind @('Big', 'Huge')", "Get-Thing -Kind does not accept 'Huge' on 2016, 2019, 2022, 2025"),
        ("Get-Thing -ErrorAction SilentlyContinue", "Get-Thing -ErrorAction is Stop or not given"),
        ("Get-Thing -ErrorAction $Name", "Get-Thing -ErrorAction is Stop or not given"),
        ("Get-Thing @one", "$one is splatted and no literal table"),
        ("Get-Thing @nothing", "@nothing is not made in the script"),
        ("$t = @{ Nope = 1 }\nGet-Thing @t", "Get-Thing has no parameter -Nope"),
        ("$t = @{ Name = 1 }\n$t.Nope = 2\nGet-Thing @t", "Get-Thing has no parameter -Nope"),
        ("$a = $one ?? 2", "?? is PowerShell 7 only"),
        ("$a = $one?.Name", "?. and ?[] are PowerShell 7 only"),
        ("$a = $one ? 1 : 2", "the ternary operator is PowerShell 7 only"),
        ("Get-Thing && Get-Thing", "&& and || are PowerShell 7 only"),
        ("Get-Thing || Get-Thing", "&& and || are PowerShell 7 only"),
        ("$a | ForEach-Object -Parallel { $_ }", "-Parallel is PowerShell 7 only"),
        ("Invoke-Expression -Command 'x'", "Invoke-Expression builds code from text"),
        ("powershell.exe -Command 'x'", "powershell.exe builds code from text"),
        ("& $Name", "'& $Name': code is called by its own name only"),
        ("& 'Get-Thing' -Name 'x'", "'& 'Get-Thing' -Name 'x'': code is called by its own name only"),
        (". ./other.ps1", "'. ./other.ps1': code is called by its own name only"),
        ("$a = [scriptblock]::Create($Name)", "the type [scriptblock] is not in rules.yml"),
        ("$a = [scriptblock]::Create($Name)", "the static member [scriptblock]::Create is not in rules.yml"),
        ("$a = { Get-Thing }", "a script block that is no argument of a cmdlet"),
        ("$a = $one.Invoke(1)", "the method Invoke is not in rules.yml"),
        ("$a = $one.$Name", "the member $Name is named by a value"),
        ("$a = [Math]::Max(1, 2)", "the static member [Math]::Max is not in rules.yml"),
        ("$a = New-Object -TypeName 'System.Net.WebClient'", "the type System.Net.WebClient is not in rules.yml"),
        ("$a = New-Object -TypeName $Name", "the type $Name is not in rules.yml"),
        ("$a = New-Object -ComObject 'x'", "New-Object -ComObject: a COM object, which no test can stand in for"),
        ("if ($one.Title -eq 'x') { throw }", "a decision by Title, which is text in the system's language"),
        ("if ($one -like 'No access*') { throw }", "a decision by the text 'No access*', which is no identifier"),
        ("switch ($one) { 'Not there' { throw } }", "a decision by the text 'Not there', which is no identifier"),
        ("switch ($one.Message) { 'a' { throw } }", "a decision by Message, which is text in the system's language"),
        (
            "$a | Where-Object -Property Description -EQ -Value 'x'",
            "a decision by description, which is text in the system's language",
        ),
        ("Get-Thing -Filter 'Caption = 1'", "a decision by caption, which is text in the system's language"),
        ("Get-Thing -Filter \"Name = '$Name'\"", "Get-Thing -Filter is built out of values"),
        ("try { Get-Thing } catch { $a = 1 }", "a catch block that neither uses $_ nor throws"),
        ("try { Get-Thing } catch { }", "a catch block that neither uses $_ nor throws"),
        ("$a = ConvertTo-SecureString -String 'x' -AsPlainText", "ConvertTo-SecureString holds a secret as text"),
        ("$a = $one.GetNetworkCredential()", "the method GetNetworkCredential is not in rules.yml"),
        ("Write-Host 'x'", "Write-Host writes for people; objects go out"),
        ("whoami.exe /groups $Name", "whoami.exe gets $Name, which is no literal text"),
        ("net.exe user", "net.exe is no cmdlet of the extract (aliases are not used; see tools/cmdlets.py)"),
        ("$global:a = 1", "the variable $global:a is not one of the script"),
        ("$a = ${function:x}", "the variable ${function:x} is not one of the script"),
        ("function f { 1 }", "a function: one script is one operation"),
        ("trap { 1 }", "a trap: one script is one operation"),
        ("class A { }", "a class: one script is one operation"),
        ("Get-Thing > 'x'", "a redirection: objects go out, errors are thrown"),
        ("$a = @\"\nx\n\"@", "a here-string: no long texts in scripts"),
        ("$a = 'x' \n", "a tab or white space at the end"),
        ("\t$a = 1", "a tab or white space at the end"),
        ("$a = 'på'", "not ASCII, which Windows PowerShell 5.1 reads by the system's code page"),
        (f"$a = '{'x' * 120}'", "longer than 120 characters"),
        ("$a = (", "does not parse near: $a = ("),
    ],
)  # fmt: skip
def test_what_is_refused(code: str, message: str) -> None:
    assert message in body(code)


@pytest.mark.parametrize(
    "head, message",
    [
        ("", "no param block"),
        ("param([string] $Name)\n", "begins with neither [CmdletBinding()] nor [CmdletBinding(SupportsShouldProcess)]"),
        (
            "[CmdletBinding(DefaultParameterSetName = 'a')]\nparam([string] $Name)\n",
            "begins with neither [CmdletBinding()] nor [CmdletBinding(SupportsShouldProcess)]",
        ),
        ("[CmdletBinding()]\nparam($Name)\n", "$Name has 0 types, and not one"),
        ("[CmdletBinding()]\nparam([string][int] $Name)\n", "$Name has 2 types, and not one"),
        ("[CmdletBinding()]\nparam([string] $Password)\n", f"$Password {SECRET}"),
        ("[CmdletBinding()]\nparam([string] $ApiKey)\n", f"$ApiKey {SECRET}"),
        ("[CmdletBinding()]\nparam([string] $A = (Get-Thing))\n", "the default of $A is no literal"),
        ("[CmdletBinding()]\nparam([string] $A = $env:X)\n", "the default of $A is no literal"),
        ("[CmdletBinding()]\nparam([uri] $A)\n", "the type [uri] is not in rules.yml"),
        ("[CmdletBinding()]\nparam([Alias('b')] [string] $A)\n", "the attribute [Alias] is not in rules.yml"),
    ],
)  # fmt: skip
def test_parameters_that_are_refused(head: str, message: str) -> None:
    assert message in body("$a = 1", head)


@pytest.mark.parametrize(
    "head",
    [
        HEAD,
        READER,
        "[CmdletBinding()]\nparam()\n",
        "[CmdletBinding()]\nparam([pscredential] $Credential, [string[]] $Names = @('a'), [bool] $Force = $true)\n",
        "[CmdletBinding()]\nparam(\n    [Parameter(Mandatory)]\n    [ValidateSet('a', 'b')]\n    [string] $Kind\n)\n",
    ],
)
def test_parameters_that_pass(head: str) -> None:
    assert body("$a = 1", head) == []


def test_a_script_of_check_mode_only_reads() -> None:
    assert body("$a = Get-Thing -Name 'x'", READER) == []
    message = "Set-Thing changes something, and check mode runs this script"
    assert body("Set-Thing -Name 'x'", READER) == [message]
    assert body("Set-Thing -Name 'x'", HEAD) == []


def test_traces_of_its_own_are_taken_away_by_the_script_that_leaves_them() -> None:
    """What one script may, no other may."""
    [content] = [path.read_bytes() for path in own_scripts() if path.stem == "user_rights_info"]
    assert check("user_rights_info.ps1", content) == []
    messages = [finding.message for finding in check("other.ps1", content)]
    assert messages == ["Remove-Item changes something, and check mode runs this script"]


@pytest.mark.parametrize(
    "text, message",
    [
        (HEAD + "1\n", "3 lines of code, and not 5 to 40"),
        (HEAD + FILL * 20, "42 lines of code, and not 5 to 40"),
        (HEAD + FILL + LAST[:-1], "lines end with LF, the last one too, and no empty line follows it"),
        (HEAD + FILL + LAST + "\n", "lines end with LF, the last one too, and no empty line follows it"),
        (
            (HEAD + FILL + LAST).replace("\n", "\r\n"),
            "lines end with LF, the last one too, and no empty line follows it",
        ),
    ],
)
def test_the_whole_text(text: str, message: str) -> None:
    assert message in refused(text)


def test_findings_have_their_line() -> None:
    [finding] = check("x.ps1", f"{HEAD}{FILL}\ngi\n{LAST}".encode(), REFERENCE)
    assert finding.line == 6


def test_own_scripts_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert [path.name for path in own_scripts()] != []
    assert main([]) == 0
    assert capsys.readouterr().out == ""


def test_what_is_wrong_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.ps1"
    path.write_text(f"{HEAD}{FILL}Write-Host 'x'\n{LAST}")
    assert main([str(path)]) == 1
    assert f"{path}:5: Write-Host writes for people" in capsys.readouterr().out


def test_the_extract_holds_what_own_scripts_use() -> None:
    names = cmdlets.used(own_scripts()) - set(Rules().programs)
    assert {name for name in names if own_reference().cmdlet(name) is None} == set()
    held = json.loads(EXTRACT.read_text(encoding="utf-8"))["cmdlets"]
    assert set(held) == names, "python -m tools.cmdlets was not run"


@pytest.mark.skipif(not cmdlets.REFERENCE.exists(), reason="the reference of cmdlets does not lie beside the checkout")
def test_the_extract_agrees_with_the_reference() -> None:
    reference = json.loads(cmdlets.REFERENCE.read_text(encoding="utf-8"))
    extract = cmdlets.extract(reference, cmdlets.used(own_scripts()), Rules().releases)
    assert EXTRACT.read_text(encoding="utf-8") == cmdlets.written(extract)


def test_upstream_scripts_do_not_crash_it() -> None:
    """Most break the rules of the house, and some do not parse here; none may stop the linter."""
    scripts = sorted(COLLECTIONS.glob("ansible_collections/*/*/plugins/modules/*.ps1"))[::6]
    assert len(scripts) > 20
    findings = [check(path.name, path.read_bytes()) for path in scripts]
    assert all(findings)
    unread = sum(any("does not parse" in finding.message for finding in found) for found in findings)
    assert unread < len(scripts) / 2


OWN = [path.read_bytes() for path in own_scripts()]
PIECES = st.sampled_from(b"|{|}|(|)|'|\"|$|@{|@(|[|]|::|-Name|&|#|<#|\0|\xff|??".split(b"|"))


@given(st.sampled_from(OWN), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), PIECES), max_size=4))
def test_mutations_do_not_crash_it(content: bytes, edits: list[tuple[int, int, bytes]]) -> None:
    for start, length, piece in edits:
        content = content[:start] + piece + content[start + length :]
    assert isinstance(check("mutated.ps1", content), list)


@given(st.binary(max_size=200))
def test_bytes_do_not_crash_it(content: bytes) -> None:
    assert check("any.ps1", content) != []


@given(st.integers(1, 200))
def test_depth_does_not_crash_it(depth: int) -> None:
    assert isinstance(check("deep.ps1", b"(" * depth + b"1" + b")" * depth), list)


def test_a_script_is_counted_without_comments() -> None:
    assert Script("x", b"# a\n\n  # b\n$a = 1  # c\n").code_lines == 1
