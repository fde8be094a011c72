# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract cases of own scripts: the simulated host's twins answer as they say, and they fit their scripts."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lab.windows import consequences, scripts
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.people.directory import NoDirectory, Principal
from lab.windows.people.token import Token
from lab.windows.scripts import Credential, ScriptCall, ScriptError, SecureString
from tests.unit.lab.windows import contract_iis
from tools.powershell.findings import reads_only
from tools.powershell.reference import Rules, own_reference
from tools.powershell.script import Script, literal, own_scripts, text, within
from tools.tree import TOP

CASES = TOP / "tests" / "contract" / "cases"
DOCUMENTS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(CASES.glob("*.json"))
}
ALL = [(name, number) for name, document in DOCUMENTS.items() for number in range(len(document["cases"]))]
MODELLED = [(name, number) for name, number in ALL if DOCUMENTS[name]["cases"][number].get("model", {}) is not None]

#: The scripts that check mode runs.
READERS = {path.name for path in own_scripts() if reads_only(Script(path.name, path.read_bytes()))}

#: Every case that the model can be put into, as a task runs its script, and as one in check mode does if it does.
RUNS = [
    (where, what_if)
    for where in MODELLED
    for what_if in (False, True)
    if not what_if or DOCUMENTS[where[0]]["script"] in READERS
]

#: How win_powershell writes a DateTime.
ROUND_TRIP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}(?:Z|[+-]\d\d:\d\d)")

#: Keys of a document and of a case; the runner reads no others.
DOCUMENT_KEYS = {"script", "answers", "model", "cases"}
CASE_KEYS = {"name", "parameters", "secrets", "answers", "model", "output", "error", "calls", "state"}
ANSWER_KEYS = {"command", "when", "objects", "error", "exit_status"}


def label(where: tuple[str, int]) -> str:
    return f"{where[0]}: {DOCUMENTS[where[0]]['cases'][where[1]]['name']}"


class Named(NoDirectory):
    """A domain with the accounts of a case."""

    def __init__(self, accounts: Mapping[str, str]) -> None:
        self._accounts = {name.casefold(): (name, sid) for name, sid in accounts.items()}

    def by_name(self, name: str) -> Principal | None:
        found = self._accounts.get(name.casefold())
        return None if found is None else Principal(found[1], "CORP", found[0].rpartition("\\")[2], "computer")


def host_of(model: dict[str, Any]) -> Host:
    """The host that a case describes."""
    identity = Identity(
        "ndes1",
        "corp.example",
        "CORP",
        "10.99.0.20",
        "S-1-5-21-1004336348-1177238915-682003330",
        "S-1-5-21-3623811015-3361044348-30300820",
        **model["identity"],
    )
    host = Host(identity, Named(model["directory"]))
    now = dt.datetime.fromisoformat(model["now"])
    host.clock.real = lambda: now
    host.power.boot_time = dt.datetime.fromisoformat(model["boot_time"])
    for right in host.rights.names() if "rights" in model else ():
        host.rights.set(right, model["rights"].get(right, []))
    for group, members in model.get("members", {}).items():
        found = host.accounts.group(group)
        assert found is not None
        found.members = list(members)
    if model.get("install"):
        consequences.install_features(host, model["install"])
    contract_iis.prepare(host, model)
    for entry in model.get("registry", []):
        path, name = entry["path"], entry.get("name")
        if entry.get("delete"):
            assert host.registry.delete_value(path, name) if name else host.registry.delete_key(path)
        elif name:
            host.registry.set(path, name, entry["kind"], entry["data"])
        else:
            host.registry.create_key(path)
    for entry in model.get("access", []):
        host.security.apply("registry", entry["path"], entry["sddl"])
    return host


def prepared(where: tuple[str, int], what_if: bool = False) -> ScriptCall:
    """A case's script, about to be run on the host that the case describes."""
    document = DOCUMENTS[where[0]]
    case = document["cases"][where[1]]
    model = {**document["model"], **case.get("model", {})}
    host, user = host_of(model), model["user"]
    parameters: dict[str, Any] = dict(case["parameters"])
    for secret in case.get("secrets", []):
        username = secret.get("username")
        parameters[secret["name"]] = (
            SecureString(secret["value"]) if username is None else Credential(username, secret["value"])
        )
    token = Token(user["sid"], user["account"], tuple(user["groups"]))
    return ScriptCall(host, token, document["script"], parameters, what_if)


def run(call: ScriptCall) -> list[Any]:
    return scripts.twin(call.name)(call)


def at(state: Any, pointer: str) -> Any:
    """What stands at a JSON pointer (RFC 6901); None where nothing does."""
    for step in pointer.split("/")[1:]:
        state = state.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(state, dict) else None
    return state


def differences(expected: Any, actual: Any, place: str = "output") -> Iterator[str]:
    """What run.ps1's Compare-Value compares, compared here."""
    if isinstance(expected, dict) and "$datetime" in expected:
        wanted = dt.datetime.fromisoformat(expected["$datetime"])
        given = isinstance(actual, str) and ROUND_TRIP.fullmatch(actual) and dt.datetime.fromisoformat(actual)
        if given != wanted:
            yield f"{place} is {actual!r} and not the time {wanted}"
    elif isinstance(expected, dict):
        for name, value in expected.items():
            if not isinstance(actual, dict) or name not in actual:
                yield f"{place}.{name} is not there"
            else:
                yield from differences(value, actual[name], f"{place}.{name}")
    elif isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            yield f"{place} is {actual!r} and not a list of {len(expected)}"
            return
        for number, (value, other) in enumerate(zip(expected, actual, strict=True)):
            yield from differences(value, other, f"{place}[{number}]")
    elif isinstance(expected, str) and expected.startswith("~"):
        if not isinstance(actual, str) or not re.search(expected[1:], actual):
            yield f"{place} is {actual!r}, which {expected} does not fit"
    elif type(expected) is not type(actual) or expected != actual:
        yield f"{place} is {actual!r} and not {expected!r}"


@pytest.fixture(autouse=True, scope="module")
def loaded() -> None:
    scripts.load()


@pytest.mark.parametrize("where, what_if", RUNS, ids=lambda value: "" if isinstance(value, bool) else label(value))
def test_the_twin_answers_as_the_contract_says(where: tuple[str, int], what_if: bool) -> None:
    call, case = prepared(where, what_if), DOCUMENTS[where[0]]["cases"][where[1]]
    before = call.host.export()
    if "error" in case:
        with pytest.raises(ScriptError) as caught:
            run(call)
        record, expected = caught.value.record, case["error"]
        assert record.error_id.split(",")[0] == expected["id"]
        assert record.message == expected["message"]
        assert expected.get("hresult", record.hresult) == record.hresult
    else:
        output = run(call)
        assert list(differences(case["output"], output)) == []
        assert json.loads(json.dumps(output)) == output
    after = call.host.export()
    for pointer, value in case.get("state", {}).items():
        assert at(after, pointer) == value
    assert "state" in case or after == before


@pytest.mark.parametrize("path", own_scripts(), ids=lambda path: path.name)
def test_every_script_has_cases(path: Any) -> None:
    document = DOCUMENTS[path.stem]
    assert document["script"] == path.name
    assert any("error" in case for case in document["cases"])
    assert any("output" in case for case in document["cases"])
    assert any("calls" in case for case in document["cases"])
    assert path.name in READERS or any("state" in case for case in document["cases"])


def test_no_cases_without_a_script() -> None:
    assert set(DOCUMENTS) == {path.stem for path in own_scripts()}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_shape_of_the_cases(name: str) -> None:
    document = DOCUMENTS[name]
    assert set(document) <= DOCUMENT_KEYS
    names = [case["name"] for case in document["cases"]]
    assert len(set(names)) == len(names)
    for case in document["cases"]:
        assert set(case) <= CASE_KEYS, case["name"]
        assert ("output" in case) != ("error" in case), case["name"]
    for answer in answers(name):
        assert set(answer) <= ANSWER_KEYS
        assert ("error" in answer) != ("objects" in answer)


def answers(name: str) -> list[dict[str, Any]]:
    document = DOCUMENTS[name]
    return [*document["answers"], *(answer for case in document["cases"] for answer in case.get("answers", []))]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_answers_are_for_commands_and_parameters_that_there_are(name: str) -> None:
    for answer in answers(name):
        cmdlet = own_reference().cmdlet(answer["command"])
        if cmdlet is None:
            assert answer["command"] in Rules().programs
            continue
        assert answer["command"] == cmdlet.name
        for parameter in answer.get("when", {}):
            assert cmdlet.parameter(parameter) is not None, f"{cmdlet.name} -{parameter}"


def calls(script: Script) -> Iterator[tuple[str, dict[str, str]]]:
    """Every call of a script that changes or looks at the host, with its literal parameters."""
    for command in script.of("command"):
        name = next(text(node) for node in command.children if node.type == "command_name")
        cmdlet = own_reference().cmdlet(name)
        pure = cmdlet is not None and cmdlet.module in ("Microsoft.PowerShell.Core", "Microsoft.PowerShell.Utility")
        if pure and name != "New-Object":
            continue
        elements = [
            node for child in command.children if child.type == "command_elements" for node in child.named_children
        ]
        values = [node for node in elements if node.type != "command_argument_sep"]
        given = {
            text(values[at])[1:]: literal(values[at + 1])
            for at in range(len(values) - 1)
            if values[at].type == "command_parameter"
        }
        yield name, {parameter: value for parameter, value in given.items() if value is not None}


@pytest.mark.parametrize("path", own_scripts(), ids=lambda path: path.name)
def test_every_call_has_an_answer(path: Any) -> None:
    for name, given in calls(Script(path.name, path.read_bytes())):
        fitting = [
            answer
            for answer in answers(path.stem)
            if answer["command"] == name
            and all(
                str(answer.get("when", {}).get(key, value)).casefold() == value.casefold()
                for key, value in given.items()
            )
        ]
        assert fitting, f"no case answers {name} {given}"


@pytest.mark.parametrize("path", own_scripts(), ids=lambda path: path.name)
def test_expected_calls_stand_in_the_script_in_their_order(path: Any) -> None:
    script = Script(path.name, path.read_bytes())
    # What stands in a loop or in a block that a cmdlet runs may be called again.
    again = {
        text(name)
        for loop in script.of("foreach_statement", "script_block_expression")
        for name in within(loop, "command_name")
    }
    for case in DOCUMENTS[path.stem]["cases"]:
        names = [name for name, _given in calls(script)]
        written = iter(names)
        for call in case.get("calls", []):
            known = names if call["command"] in again else written
            assert call["command"] in known, f"{case['name']}: {call['command']}"


def test_the_runner_is_short() -> None:
    assert len((CASES.parent / "run.ps1").read_text(encoding="ascii").splitlines()) < 320


def test_the_first_case_of_server_info_names_every_property() -> None:
    [output] = run(prepared(("server_info", 0)))
    [expected] = DOCUMENTS["server_info"]["cases"][0]["output"]
    assert set(output) == set(expected)
    assert {name for name in expected if isinstance(expected[name], dict)} == {"version", "system", "computer"}
    for name in ("version", "system", "computer"):
        assert set(output[name]) == set(expected[name])


@pytest.mark.parametrize(
    "expected, actual, same",
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 2}, False),
        ([1], [1, 2], False),
        (None, None, True),
        (None, 0, False),
        (True, 1, False),
        (1, True, False),
        ("a", "A", False),
        ("~^a", "abc", True),
        ("~^a", "bc", False),
        ({"$datetime": "2026-11-21T19:00:00.5000000Z"}, "2026-11-21T20:00:00.5000000+01:00", True),
        ({"$datetime": "2026-11-21T19:00:00.5000000Z"}, "2026-11-21T19:00:00", False),
    ],
)
def test_how_output_is_compared(expected: Any, actual: Any, same: bool) -> None:
    assert (list(differences(expected, actual)) == []) is same
