# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is sent to win_powershell, and what is made of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.plugin_utils.windows_script.errors import ScriptError, from_record
from ansible_collections.certops.intune.plugins.plugin_utils.windows_script.runner import (
    SCRIPTS,
    Runner,
    Secret,
    source,
)
from hypothesis import given
from hypothesis import strategies as st

ERROR_ID = "HRESULT 0x80070005,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"

#: An error record as ansible.windows.win_powershell 3.8.0 documents and makes it (Format-Exception in its source).
DENIED: dict[str, Any] = {
    "output": "Get-CimInstance : Access denied \r\n",
    "error_details": None,
    "exception": {
        "message": "Access denied ",
        "type": "Microsoft.Management.Infrastructure.CimException",
        "help_link": None,
        "source": "Microsoft.Management.Infrastructure",
        "hresult": -2147024891,
        "inner_exception": None,
    },
    "target_object": None,
    "category_info": {"category": "PermissionDenied", "category_id": 18},
    "fully_qualified_error_id": ERROR_ID,
    "script_stack_trace": "at <ScriptBlock>, <No file>: line 8",
    "pipeline_iteration_info": [0, 1],
}


def answered(**values: Any) -> dict[str, Any]:
    """A whole answer of win_powershell with some values of it replaced."""
    nothing: dict[str, list[Any]] = {
        name: [] for name in ("output", "error", "warning", "verbose", "debug", "information")
    }
    return {"changed": True, "failed": False, "result": {}, "host_out": "", "host_err": "", **nothing, **values}


class Recorder:
    """Stands where ActionBase._execute_module does."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((name, arguments))
        return self.answer


def test_what_is_sent() -> None:
    recorder = Recorder(answered(output=[{"a": 1}]))
    runner = Runner(recorder, "ndes1")
    assert runner.read("server_info", "look", Feature=["Web-Server"]) == [{"a": 1}]
    [(name, arguments)] = recorder.calls
    assert name == "ansible.windows.win_powershell"
    assert arguments == {
        "script": (SCRIPTS / "server_info.ps1").read_text(encoding="ascii"),
        "error_action": "stop",
        "depth": 6,
        "parameters": {"Feature": ["Web-Server"]},
    }


def test_secrets_are_sent_as_secrets_only() -> None:
    recorder = Recorder(answered())
    secrets = {"Password": Secret("canary-1"), "Credential": Secret("canary-2", "CORP\\svc-ndes")}
    Runner(recorder, "ndes1").write("server_info", "try it", Name="x", **secrets)
    [(_name, arguments)] = recorder.calls
    assert arguments["parameters"] == {"Name": "x"}
    assert arguments["sensitive_parameters"] == [
        {"name": "Password", "value": "canary-1"},
        {"name": "Credential", "username": "CORP\\svc-ndes", "password": "canary-2"},
    ]
    assert "canary" not in repr(secrets)


def test_no_parameters_are_no_empty_ones() -> None:
    recorder = Recorder(answered())
    Runner(recorder, "ndes1").read("server_info", "look")
    assert set(recorder.calls[0][1]) == {"script", "error_action", "depth"}


def test_a_writer_never_runs_in_check_mode() -> None:
    recorder = Recorder(answered())
    with pytest.raises(ValueError, match=r"server_info\.ps1 changes the host and was called in check mode"):
        Runner(recorder, "ndes1", check_mode=True).write("server_info", "change it")
    assert recorder.calls == []


@pytest.mark.parametrize("name", ["../secrets", "server_info.ps1", "a/b", ""])
def test_only_own_scripts(name: str) -> None:
    with pytest.raises(ValueError, match="is no name of a script"):
        source(name)


@pytest.mark.parametrize(
    "answer, message",
    [
        (
            answered(failed=True, error=[DENIED]),
            "Failed to look at it on ndes1: Access denied (0x80070005)",
        ),
        (
            answered(failed=True, msg="Unsupported parameters for (win_powershell) module: depth"),
            "Failed to look at it on ndes1: Unsupported parameters for (win_powershell) module: depth",
        ),
        ({"failed": True, "msg": "MODULE FAILURE"}, "Failed to look at it on ndes1: MODULE FAILURE"),
        ({}, "Failed to look at it on ndes1: ansible.windows.win_powershell returned no output"),
        (answered(failed=True), "Failed to look at it on ndes1: ansible.windows.win_powershell returned no output"),
    ],
)
def test_failures(answer: dict[str, Any], message: str) -> None:
    with pytest.raises(ScriptError) as caught:
        Runner(Recorder(answer), "ndes1").read("server_info", "look at it")
    assert str(caught.value) == message


def test_a_reader_that_check_mode_skipped_is_an_error() -> None:
    skipped = answered(msg="skipped, running in check mode")
    with pytest.raises(ScriptError, match=r"server_info\.ps1 was not run: skipped, running in check mode"):
        Runner(Recorder(skipped), "ndes1", check_mode=True).read("server_info", "look at it")


def test_errors_that_did_not_end_the_script_are_none() -> None:
    assert Runner(Recorder(answered(error=[DENIED], output=[1])), "ndes1").read("server_info", "look") == [1]


def wrapped(message: str, kind: str, hresult: int, inner: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"message": message, "type": kind, "hresult": hresult, "inner_exception": inner}


WRAPPER = "System.Management.Automation.MethodInvocationException"


@pytest.mark.parametrize(
    "exception, text, hresult, win32",
    [
        (DENIED["exception"], "Access denied", 0x80070005, 5),
        (wrapped('Exception calling "X"', WRAPPER, -2146233087, DENIED["exception"]), "Access denied", 0x80070005, 5),
        (wrapped("outer", WRAPPER, -2146233087), "outer", None, None),
        (wrapped("plain", "System.Exception", -2146233088), "plain", None, None),
        (
            wrapped("whoami.exe ended", "System.Management.Automation.RuntimeException", -2146233087),
            "whoami.exe ended",
            None,
            None,
        ),
        (
            wrapped("no template", "System.Runtime.InteropServices.COMException", -2146875391),
            "no template",
            0x80094801,
            None,
        ),
        (wrapped("text", "System.ComponentModel.Win32Exception", -2147467259), "text", None, None),
    ],
)
def test_what_an_exception_tells(exception: dict[str, Any], text: str, hresult: int | None, win32: int | None) -> None:
    error = from_record("look", "ndes1", {**DENIED, "exception": exception})
    assert (error.text, error.hresult, error.win32_code) == (text, hresult, win32)
    assert error.error_id == ERROR_ID


def test_the_result_of_a_failed_task() -> None:
    assert from_record("look", "ndes1", DENIED).as_result() == {
        "failed": True,
        "msg": "Failed to look on ndes1: Access denied (0x80070005)",
        "error": {
            "text": "Access denied",
            "hresult": "0x80070005",
            "win32_code": 5,
            "error_id": ERROR_ID,
            "exception_type": "Microsoft.Management.Infrastructure.CimException",
        },
    }


def test_a_record_without_an_exception() -> None:
    assert str(from_record("look", "ndes1", {"output": "odd\r\n"})) == "Failed to look on ndes1: odd"


EXCEPTIONS = st.recursive(
    st.none(),
    lambda inner: st.fixed_dictionaries(
        {"inner_exception": inner},
        optional={
            "message": st.none() | st.text(),
            "type": st.none() | st.sampled_from([WRAPPER, "System.Exception"]),
            "hresult": st.none() | st.integers(-(2**31), 2**31 - 1),
        },
    ),
)


@given(EXCEPTIONS)
def test_any_chain_is_told(exception: dict[str, Any] | None) -> None:
    result = from_record("look", "ndes1", {"exception": exception, "output": "o"}).as_result()
    assert json.loads(json.dumps(result))["msg"].startswith("Failed to look on ndes1: ")
