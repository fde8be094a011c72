# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real Ansible.Basic answered to 104 sets of arguments, recorded with PowerShell 7 on Linux."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from lab.windows.arguments import basic
from lab.windows.arguments.checked import Ended
from lab.windows.arguments.dotnet import POWERSHELL_7, WINDOWS_POWERSHELL, Words
from lab.windows.arguments.specification import Specification, known, read
from lab.windows.arguments.surroundings import Surroundings
from tools.tree import TOP

RECORDED = TOP.parent / "shared" / "data" / "ansible" / "argument_vectors.json"
WORDS = {"PowerShell 7": POWERSHELL_7, "Windows PowerShell 5.1": WINDOWS_POWERSHELL}

BAD_FORMAT = "Input string was not in a correct format."
BAD_BOOLEAN = (
    "The value '2' is not a valid boolean. Valid booleans include:"
    " y, yes, on, 1, true, t, 1.0, n, no, off, 0, false, f, 0.0"
)
HIDDEN = "Exception has been thrown by the target of an invocation."

#: Vectors whose answer is another one on Windows PowerShell 5.1: what the lab says there, and why.
DIFFERENT: Mapping[str, tuple[str | None, str]] = {
    **{
        name: (
            f"argument for {option} is of type {kind} and we were unable to convert to {wanted}: {BAD_FORMAT}",
            reason,
        )
        for name, option, kind, wanted, reason in (
            ("int '0x1F'", "number", "System.String", "int", ".NET Framework does not name the input"),
            ("int '1.5'", "number", "System.String", "int", ".NET Framework does not name the input"),
            ("int 'abc'", "number", "System.String", "int", ".NET Framework does not name the input"),
            ("int ''", "number", "System.String", "int", ".NET Framework does not name the input"),
            ("int 1.5", "number", "System.Decimal", "int", "a fraction in JSON is a Decimal, and the words differ"),
            ("int True", "number", "System.Boolean", "int", ".NET Framework does not name the input"),
            ("float 'abc'", "real", "System.String", "float", ".NET Framework does not name the input"),
        )
    },
    "bool 2": (
        f"argument for flag is of type System.Int32 and we were unable to convert to bool: {BAD_BOOLEAN}",
        "a small number in JSON is an Int32",
    ),
    "list of int [1, 2.5]": (
        f"argument for list entry numbers is of type System.Decimal and we were unable to convert to int: {HIDDEN}",
        "a fraction in JSON is a Decimal",
    ),
    "list 5": (None, "an Int32 becomes a list of one, and a small number in JSON is an Int32"),
}


def load() -> dict[str, Any]:
    if not RECORDED.exists():
        return {"head": {"specs": {}}, "vectors": []}
    content: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return content


RECORD = load()


def specification(name: str) -> Specification:
    given = RECORD["head"]["specs"].get(name)
    return read({**given, "style": "basic"}) if given else known()[name]


def answer(vector: Mapping[str, Any], words: Words) -> tuple[int, dict[str, Any]]:
    """Exit status and output of the lab's twin for a vector."""
    spec = specification(vector["spec"])
    try:
        checked = basic.check(spec, vector["args"], Surroundings(), vector["spec"], words)
    except Ended as ended:
        return int(ended.result.get("failed", False)), ended.result
    result = {"changed": False, "invocation": checked.invocation, **vector.get("result_set_by_module", {})}
    if checked.deprecations:
        result["deprecations"] = list(checked.deprecations)
    return 0, result


def comparable(output: Mapping[str, Any], within: bool) -> dict[str, Any]:
    """An output without what the order of a hash table decides.

    The order of names in the lists of messages; and where an inner option is wrong, which outer options were already
    set to null at that point.
    """
    found = dict(output)
    arguments = dict(found["invocation"]["module_args"])
    if found.get("failed") and within:
        arguments = {name: value for name, value in arguments.items() if value is not None}
    if isinstance(arguments.get("js"), str):
        arguments["js"] = json.loads(arguments["js"])
    found["invocation"] = {"module_args": arguments}
    message = found.get("msg", "")
    lists = re.search(
        r"^(Unsupported parameters .* module: )(.*?)( found in .*)?\. Supported parameters include: (.*)$", message
    )
    if lists:
        found["msg"] = (lists[1], sorted(lists[2].split(", ")), lists[3], sorted(lists[4].split(", ")))
    return found


@pytest.mark.skipif(
    not RECORDED.exists(), reason="the recorded answers of Ansible.Basic do not lie beside the checkout"
)
def test_all_were_found() -> None:
    assert len(RECORD["vectors"]) == 104


@pytest.mark.parametrize("vector", RECORD["vectors"], ids=lambda vector: str(vector["name"]))
def test_recorded(vector: dict[str, Any]) -> None:
    status, output = answer(vector, POWERSHELL_7)
    assert status == vector["exit_status"]
    within = vector["spec"] == "every_type"
    assert comparable(output, within) == comparable(vector["output"], within)


@pytest.mark.parametrize("vector", RECORD["vectors"], ids=lambda vector: str(vector["name"]))
def test_windows_powershell(vector: dict[str, Any]) -> None:
    status, output = answer(vector, WINDOWS_POWERSHELL)
    if vector["name"] not in DIFFERENT:
        within = vector["spec"] == "every_type"
        assert (status, comparable(output, within)) == (
            vector["exit_status"],
            comparable(vector["output"], within),
        )
        return
    message, reason = DIFFERENT[vector["name"]]
    assert reason
    assert output.get("msg") == message
    assert (status, output.get("msg")) != (vector["exit_status"], vector["output"].get("msg"))


@pytest.mark.skipif(
    not RECORDED.exists(), reason="the recorded answers of Ansible.Basic do not lie beside the checkout"
)
def test_listed_differences_are_recorded() -> None:
    assert set(DIFFERENT) <= {vector["name"] for vector in RECORD["vectors"]}
