# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How modules are run: what comes back, and that what fails leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.windows import runner
from lab.windows.arguments.specification import Specification, read
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import OPERATIONS, Call, ModuleFailure, Operation
from lab.windows.people.token import ADMINISTRATORS, Token
from lab.windows.runner import run_module

IDENTITY = Identity("ndes1", "corp.example", "CORP", "192.0.2.1", "S-1-5-21-1-2-3", "S-1-5-21-4-5-6")
ADMINISTRATOR = Token("S-1-5-21-1-2-3-500", r"NDES1\Administrator", (ADMINISTRATORS,))
USER = Token("S-1-5-21-1-2-3-1001", r"NDES1\anna")
UNHANDLED = "unhandled exception in the lab while it answered"
KEY = r"HKLM\SOFTWARE\Sample"

BASIC = read(
    {
        "style": "basic",
        "supports_check_mode": True,
        "options": {
            "name": {"type": "str", "required": True},
            "secret": {"type": "str", "no_log": True},
            "old": {"removed_in_version": "9.0.0"},
            "sid": {"type": "sid"},
            "path": {"type": "path"},
        },
    }
)
LEGACY = read({"style": "legacy", "supports_check_mode": True, "options": {"name": {"type": "str", "required": True}}})


@pytest.fixture
def host() -> Host:
    return Host(IDENTITY)


Sample = Callable[..., dict[str, Any]]


@pytest.fixture
def sample(host: Host, monkeypatch: pytest.MonkeyPatch) -> Sample:
    """Run a function as the body of a module."""

    def run(
        body: Callable[[Call], dict[str, Any]],
        sent: dict[str, Any] | None = None,
        *,
        user: Token = ADMINISTRATOR,
        specification: Specification = BASIC,
    ) -> dict[str, Any]:
        operation = Operation("test.sample.module", "module", body, mirrors="nothing")
        monkeypatch.setitem(OPERATIONS, ("module", "test.sample.module"), operation)
        monkeypatch.setattr(runner, "known", lambda: {"test.sample.module": specification})
        return run_module(host, user, "test.sample.module", {"name": "x"} if sent is None else sent)

    return run


def write(call: Call) -> dict[str, Any]:
    call.host.registry.set(KEY, "Value", "REG_DWORD", 1)
    return {"changed": True}


def write_then(error: Exception) -> Callable[[Call], dict[str, Any]]:
    def body(call: Call) -> dict[str, Any]:
        write(call)
        raise error

    return body


def test_result(host: Host, sample: Sample) -> None:
    assert sample(lambda call: {"value": call.arguments["name"]}) == {
        "changed": False,
        "value": "x",
        "invocation": {"module_args": {"name": "x", "secret": None, "old": None, "sid": None, "path": None}},
    }


def test_result_of_a_legacy_module(sample: Sample) -> None:
    assert sample(lambda _call: {}, {"name": "x", "unknown": 1}, specification=LEGACY) == {"changed": False}


def test_wrong_arguments_run_nothing(host: Host, sample: Sample) -> None:
    before = host.export()
    result = sample(write, {"name": "x", "unknown": 1})
    assert result["msg"].startswith("Unsupported parameters for (test.sample.module) module: unknown. Supported")
    assert host.export() == before


@pytest.mark.parametrize(
    "error, message",
    [
        (ModuleFailure("it failed"), "it failed"),
        (NotModelled("cluster disks"), "The lab does not model cluster disks"),
        (NotModelled("The lab does not model this."), "The lab does not model this."),
        (
            ValueError("Hunter2!"),
            f"{UNHANDLED} test.sample.module: ValueError. The log of the Windows hosts has more.",
        ),
    ],
)
def test_a_failure_leaves_nothing_behind(host: Host, sample: Sample, error: Exception, message: str) -> None:
    before = host.export()
    result = sample(write_then(error))
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, message)
    assert host.export() == before
    assert host.revision == 0


def test_a_failure_may_say_that_it_changed_something(host: Host, sample: Sample) -> None:
    result = sample(write_then(ModuleFailure("non-zero return code", changed=True, rc=1)))
    assert (result["failed"], result["changed"], result["rc"]) == (True, True, 1)
    assert host.registry.key_exists(KEY)
    assert host.revision == 1


def test_a_change_counts_up(host: Host, sample: Sample) -> None:
    assert sample(write)["changed"]
    assert host.revision == 1
    sample(lambda call: {"changed": call.host.registry.key_exists(KEY) is False})
    assert host.revision == 1


def test_a_module_that_changes_in_check_mode_is_caught(host: Host, sample: Sample) -> None:
    before = host.export()
    result = sample(write, {"name": "x", "_ansible_check_mode": True})
    assert result["failed"]
    assert "check mode" in result["msg"]
    assert host.export() == before


def test_unknown_modules_are_refused(host: Host) -> None:
    result = run_module(host, ADMINISTRATOR, "ansible.windows.win_nonesuch", {})
    assert result == {
        "changed": False,
        "failed": True,
        "msg": "The lab does not model the module ansible.windows.win_nonesuch",
    }


def test_who_is_no_administrator_changes_nothing(host: Host, sample: Sample) -> None:
    before = host.export()
    result = sample(write, user=USER)
    assert (result["failed"], result["msg"]) == (True, "Access is denied.")
    assert host.export() == before


def test_who_is_no_administrator_may_read(sample: Sample) -> None:
    assert sample(lambda call: {"keys": call.host.registry.key_exists(KEY)}, user=USER)["keys"] is False


def test_access_is_denied_in_swedish() -> None:
    host = Host(Identity(**{**IDENTITY.as_json(), "language": "sv-SE"}))
    assert runner.access_denied(host) == "Åtkomst nekad."


def test_secrets_are_masked(sample: Sample) -> None:
    def body(call: Call) -> dict[str, Any]:
        raise ModuleFailure(f"wrong password {call.arguments['secret']}")

    result = sample(body, {"name": "x", "secret": "Hunter2!"})
    assert result["invocation"]["module_args"]["secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert result["msg"] == "wrong password ********"


def test_warnings_and_deprecations(sample: Sample) -> None:
    sent = {"name": "x", "old": "y", "_ansible_exec_wrapper_warnings": ["first"]}
    result = sample(lambda _call: {"warnings": ["second"], "deprecations": []}, sent)
    assert result["warnings"] == ["first", "second"]
    assert result["deprecations"] == [
        {
            "msg": "Param 'old' is deprecated. See the module docs for more information",
            "version": "9.0.0",
            "collection_name": None,
        }
    ]


@pytest.mark.parametrize("asked", [True, False])
def test_a_diff_only_where_it_was_asked_for(sample: Sample, asked: bool) -> None:
    result = sample(lambda _call: {"diff": {"prepared": "+x"}}, {"name": "x", "_ansible_diff": asked})
    assert result.get("diff") == ({"prepared": "+x"} if asked else None)


@pytest.mark.parametrize("verbosity", [0, 3])
def test_an_exception_is_told_to_who_wants_to_know(sample: Sample, verbosity: int) -> None:
    def body(call: Call) -> dict[str, Any]:
        raise ModuleFailure("it failed", exception="at line 1")

    result = sample(body, {"name": "x", "_ansible_verbosity": verbosity})
    assert ("exception" in result) == (verbosity >= 3)


def test_names_become_sids(sample: Sample) -> None:
    result = sample(lambda call: {"sid": call.arguments["sid"]}, {"name": "x", "sid": r"BUILTIN\Administrators"})
    assert result["sid"] == "S-1-5-32-544"
    result = sample(lambda _call: {}, {"name": "x", "sid": "nobody at all"})
    assert result["msg"].endswith("to sid: Some or all identity references could not be translated.")
