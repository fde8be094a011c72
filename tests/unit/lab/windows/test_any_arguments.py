# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a module is told, it answers, and the model keeps its invariants."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows import commands, modules
from lab.windows.arguments.specification import Option, Specification, known
from lab.windows.host import PARTS, Host
from lab.windows.identity import Identity
from lab.windows.operation import OPERATIONS
from lab.windows.people import principals
from lab.windows.people.token import Token
from lab.windows.runner import run_module
from lab.windows.watch import watched
from tools.windows_cases import SILENT

IDENTITY = Identity("ndes1", "corp.example", "CORP", "192.0.2.1", "S-1-5-21-1-2-3", "S-1-5-21-4-5-6")

#: What hosts have, what they have not, and what no host can have.
WORDS = st.sampled_from(
    (
        *("Administrators", r"BUILTIN\Users", "S-1-5-18", r"NDES1\ansible", "nobody", ".", "", "*"),
        *(
            "C:\\",
            r"C:\Windows",
            r"C:\Users\Public",
            r"C:\Case\x.txt",
            r"C:\Case",
            r"Q:\none",
            r"\\server\share",
            "a|b",
        ),
        *(r"HKLM:\SOFTWARE\Microsoft", r"HKLM:\SOFTWARE\Case", r"HKCU:\Software", "HKXX:\\", r"Cert:\LocalMachine\My"),
        *("W32Time", "Spooler", "SeServiceLogonRight", "Web-Server", "NET-Framework-Core", "Default Web Site", "My"),
        *("Read", "FullControl", "ReadAndExecute,Write", "ContainerInherit", "present", "PATH", "TEMP", "%TEMP%"),
        *(
            "whoami",
            "ipconfig /all",
            "hex:01,02",
            "0x10",
            "65534",
            "-1",
            "1.5",
            "yes",
            "åäö",
            "2026-01-01",
            "/x",
            "//x",
        ),
    )
)


@cache
def names() -> list[str]:
    modules.load()
    commands.load()
    return sorted(name for kind, name in OPERATIONS if kind == "module" and name in known())


def values(option: Option) -> st.SearchStrategy[Any]:
    """Mostly what the option takes, and sometimes something else."""
    numbers = st.integers(-2, 70000) | st.sampled_from([2**31, 2**63])
    right: dict[str, st.SearchStrategy[Any]] = {
        "bool": st.booleans(),
        "int": numbers,
        "custom:uint32": numbers,
        "float": st.floats(-10, 10),
        "dict": arguments(option.own) if option.own.options else st.dictionaries(WORDS, WORDS | numbers, max_size=2),
        "list": st.lists(arguments(option.own) if option.elements == "dict" else WORDS, max_size=3),
        "raw": WORDS | numbers | st.lists(WORDS, max_size=2),
        "": WORDS | st.lists(WORDS, max_size=2),
    }
    fitting = right.get(option.kind, WORDS)
    if option.choices:
        choices = st.sampled_from(option.choices)
        fitting = choices | (st.lists(choices, max_size=2) if option.kind == "list" else choices)
    return fitting if option.kind != "str" else fitting | numbers


def arguments(specification: Specification) -> st.SearchStrategy[dict[str, Any]]:
    """What is required, and some of the rest."""
    options = specification.options.values()
    needed = {option.name: values(option) for option in options if option.required or option.required_when}
    rest = {option.name: values(option) for option in options if option.name not in needed}
    return st.fixed_dictionaries(needed, optional=rest)


@pytest.fixture(scope="module")
def host() -> Host:
    host = Host(IDENTITY)
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    return host


@pytest.mark.parametrize("module", names())
def test_any_arguments(host: Host, module: str) -> None:
    user = principals.token_for(host, principals.find(host, r"NDES1\ansible"), "network")
    blank = json.dumps(host.export())

    @settings(max_examples=6)
    @given(steps=st.lists(st.tuples(arguments(known()[module]), st.booleans()), min_size=2, max_size=2))
    def run(steps: list[tuple[dict[str, Any], bool]]) -> None:
        with watched(host) as whole:
            try:
                for given_arguments, check_mode in steps:
                    step(host, user, module, given_arguments, check_mode)
            finally:
                whole.undo()

    run()
    assert json.dumps(host.export()) == blank


def step(host: Host, user: Token, module: str, given_arguments: dict[str, Any], check_mode: bool) -> None:
    sent = {**given_arguments, "_ansible_check_mode": check_mode, "_ansible_diff": True}
    with watched(host) as watch:
        result = run_module(host, user, module, sent)
        changed = watch.changed()
    json.dumps(result)
    assert not str(result.get("msg", "")).startswith("unhandled exception in the lab"), result["msg"]
    silent = any(module == name for name, _shows in SILENT)
    if not silent and ((check_mode and not OPERATIONS["module", module].check_mode_leaks) or not result.get("changed")):
        assert not changed
    for name in changed:
        state = host.parts[name].export()
        assert PARTS[name].restore(IDENTITY, json.loads(json.dumps(state))).export() == state
