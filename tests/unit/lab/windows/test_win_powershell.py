# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""win_powershell with the collection's own scripts: parameters, secrets, errors, -WhatIf, depth of the output."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows import modules, scripts
from lab.windows.host import Host
from lab.windows.modules.win_powershell import converted
from lab.windows.operation import OPERATIONS
from lab.windows.people import principals
from lab.windows.powershell.parameters import parameters, supports_should_process
from lab.windows.runner import run_module
from lab.windows.scripts import Credential, ScriptCall, ScriptError, SecureString
from tests.unit.lab.windows.fake_directory import member

TEXT = """# One operation.
[CmdletBinding(SupportsShouldProcess = $true)]
param (
    [Parameter(Mandatory)] [ValidateSet('red', 'blue')] [string] $Colour,
    [string[]] $Names = @('a', 'b'),
    [SecureString] $Secret,
    [Parameter(Mandatory = $false)][pscredential]$Account
)
'anything'
"""


@pytest.fixture
def host() -> Host:
    modules.load()
    host = member()
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    return host


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ScriptCall]]:
    """An own script whose twin keeps what it was called with, and fails for `Colour: blue`."""
    (tmp_path / "own.ps1").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(scripts, "FOLDER", tmp_path)
    scripts.names.cache_clear()
    seen: list[ScriptCall] = []

    @scripts.script("own.ps1")
    def twin(call: ScriptCall) -> list[Any]:
        seen.append(call)
        if call.parameters["Colour"] == "blue":
            raise ScriptError("Åtkomst nekad", 5, "PermissionDenied", activity="Set-Thing")
        call.ansible.changed = False
        call.ansible.result = {"colour": call.parameters["Colour"]}
        call.warnings.append("careful")
        return ["text", {"deep": {"er": {"est": [1]}}}]

    yield seen
    del OPERATIONS["script", "own.ps1"]
    scripts.names.cache_clear()


def run(host: Host, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
    user = principals.token_for(host, principals.find(host, "ansible"), "network")
    return run_module(host, user, "ansible.windows.win_powershell", {**arguments, "_ansible_check_mode": check_mode})


def test_the_twin_gets_the_parameters_and_its_output_is_flattened(host: Host, calls: list[ScriptCall]) -> None:
    result = run(
        host,
        # However the lines end, and whatever a template takes from the end.
        script=TEXT.replace("\n", "\r\n").rstrip(),
        parameters={"colour": "RED", "Names": ["x"]},
        sensitive_parameters=[
            {"name": "Secret", "value": "s3cret"},
            {"name": "Account", "username": "CORP\\svc", "password": "pass"},
        ],
    )
    assert dict(calls[0].parameters) == {
        "Colour": "RED",
        "Names": ["x"],
        "Secret": SecureString("s3cret"),
        "Account": Credential("CORP\\svc", "pass"),
    }
    assert "s3cret" not in repr(calls[0])
    assert not calls[0].what_if
    # Depth 2: the list, the object, its property; what is deeper becomes text.
    assert result["output"] == ["text", {"deep": {"er": "@{est=System.Object[]}"}}]
    assert result["result"] == {"colour": "RED"}
    assert (result["changed"], result["failed"], result["warning"]) == (False, False, ["careful"])
    assert "s3cret" not in str(result)


def test_check_mode_asks_what_if(host: Host, calls: list[ScriptCall]) -> None:
    run(host, True, script=TEXT, parameters={"Colour": "red"})
    assert calls[0].what_if


def test_a_failing_twin_is_an_error_record(host: Host, calls: list[ScriptCall]) -> None:
    result = run(host, script=TEXT, parameters={"Colour": "blue"})
    assert result["failed"]
    error = result["error"][0]
    assert error["exception"]["message"] == "Åtkomst nekad"
    assert error["exception"]["hresult"] == -2147024891  # E_ACCESSDENIED
    assert error["category_info"]["category_id"] == 18
    assert error["output"].startswith("Set-Thing : Åtkomst nekad\r\n")


@pytest.mark.parametrize(
    "given_parameters, message",
    [
        ({}, "missing mandatory parameters: Colour."),
        ({"Colour": "red", "Nonsense": 1}, "A parameter cannot be found that matches parameter name 'Nonsense'."),
        ({"Colour": "green"}, 'The argument "green" does not belong to the set "red,blue"'),
    ],
)
def test_parameters_are_bound_as_powershell_binds_them(
    host: Host, calls: list[ScriptCall], given_parameters: dict[str, Any], message: str
) -> None:
    result = run(host, script=TEXT, parameters=given_parameters)
    assert result["failed"]
    assert message in result["error"][0]["exception"]["message"]
    assert not calls


def test_a_changed_script_is_none_of_ours(host: Host, calls: list[ScriptCall]) -> None:
    result = run(host, script=TEXT + "\n'more'", parameters={"Colour": "red"})
    assert result["failed"]
    assert "does not model" in result["msg"]
    assert not calls


def test_parameters_of_a_script() -> None:
    found = {one.name: one for one in parameters(TEXT)}
    assert list(found) == ["Colour", "Names", "Secret", "Account"]
    assert found["Colour"].mandatory
    assert found["Colour"].accepted == ("red", "blue")
    assert found["Names"].type == "string[]"
    assert not found["Account"].mandatory


@pytest.mark.parametrize(
    "text, supports",
    [
        (TEXT, True),
        ("[CmdletBinding(SupportsShouldProcess)]\nparam()", True),
        ("[CmdletBinding()]\nparam()", False),
        ("[CmdletBinding(SupportsShouldProcess = $false)]\nparam()", False),
        ("# [CmdletBinding(SupportsShouldProcess)]\nparam()", False),
        ("param()", False),
    ],
)
def test_which_scripts_support_what_if(text: str, supports: bool) -> None:
    assert supports_should_process(text) is supports


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    """How many lists and objects a value has inside of one another."""
    if isinstance(value, list | dict):
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(depth_of, inner), default=0)
    return 0


@given(VALUES, st.integers(0, 4))
def test_output_is_never_deeper_than_asked_for(value: Any, depth: int) -> None:
    flat = converted(value, depth)
    assert depth_of(flat) <= depth + 1
    if depth_of(value) <= depth + 1:
        assert flat == value


@pytest.mark.parametrize(
    "code, signed",
    [(5, -2147024891), (0x80070005, -2147024891), (-2147024891, -2147024891), (0, 0), (1326, -2147023570)],
)
def test_codes_of_errors_are_those_of_exceptions(code: int, signed: int) -> None:
    assert scripts.signed(code) == signed
