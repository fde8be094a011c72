# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the recorded runs of Ansible.Basic do not show."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.arguments import basic
from lab.windows.arguments.checked import Ended
from lab.windows.arguments.specification import known, read
from lab.windows.arguments.surroundings import Surroundings, expander
from lab.windows.not_modelled import NotModelled
from tools.tree import TOP

AROUND = Surroundings(expand=expander({"SystemRoot": r"C:\Windows", "Temp": r"C:\Temp"}))


def check(specification: dict[str, Any], **sent: Any) -> Any:
    return basic.check(read({"style": "basic", **specification}), sent, AROUND)


def option(value: Any, **specification: Any) -> Any:
    """What becomes of one value, or the message that refuses it."""
    try:
        return check({"options": {"x": specification}}, x=value).arguments["x"]
    except Ended as ended:
        return ended.result["msg"]


@pytest.mark.parametrize(
    "kind, value, expected",
    [
        ("path", r"%systemroot%\x", r"C:\Windows\x"),
        ("path", r"%nothing%\x", r"%nothing%\x"),
        ("path", r"\\?\%systemroot%", r"\\?\%systemroot%"),
        ("path", r"\\server\share", r"\\server\share"),
        ("path", "relative/x", "relative/x"),
        ("path", 5, "5"),
        ("path", "a<b", "~invalid path characters, cannot convert to path$"),
        ("path", "a\tb", "~invalid path characters, cannot convert to path$"),
        ("path", "", "~The path is not of a legal form.$"),
        ("path", r"Cert:\LocalMachine", "~The given path's format is not supported.$"),
        ("path", r"C:\a:b", "~The given path's format is not supported.$"),
        ("path", "C:\\" + "x" * 260, "~must be less than 260 characters"),
        ("int", " +7 ", 7),
        ("int", "2147483648", "~Value was either too large or too small for an Int32.$"),
        ("int", "1_000", "~Input string was not in a correct format.$"),
        ("float", "1e39", "~Value was either too large or too small for a Single.$"),
        ("float", 0.1, 0.1),
        ("float", "16777217", 16777216.0),
        ("list", 5, [5]),
        ("list", 2**31, "~of type System.Int64 and .*: System.Int64 cannot be converted to a list$"),
        ("list", [], []),
        ("dict", r"a=\'x b='c d',e", {"a": "'x", "b": "c d", "e": None}),
        ("dict", "a=1 a=2", "~An item with the same key has already been added.$"),
        ("json", {"a": "<&>'å"}, '{"a":"\\u003c\\u0026\\u003e\\u0027å"}'),
        ("json", [1], "~System.Object.* cannot be converted to json$"),
        ("sid", "s-1-5-18", "S-1-5-18"),
        ("sid", "nobody", "~Some or all identity references could not be translated.$"),
        ("str", {"a": 1}, "System.Collections.Hashtable"),
        ("custom:uint32", "5", 5),
        ("custom:uint32", "0x10", 16),
        ("custom:uint32", "1kb", 1024),
        ("custom:uint32", 2.5, 2),
        ("custom:uint32", True, 1),
        ("custom:uint32", "", 0),
        ("custom:uint32", -1, '~convert to delegate: Cannot convert value "-1" to type "System.UInt32". Error: '),
        ("custom:uint32", "x", '~Error: "Input string was not in a correct format."$'),
        ("custom:uint32", [1], '~Cannot convert "System.Object.." value of type'),
    ],
)
def test_conversion(kind: str, value: Any, expected: Any) -> None:
    found = option(value, type=kind)
    if isinstance(expected, str) and expected.startswith("~"):
        assert re.search(expected[1:], found), found
    else:
        assert found == expected
        assert type(found) is type(expected)


def test_wrong_json_is_not_modelled() -> None:
    with pytest.raises(NotModelled):
        option("{a: 1}", type="dict")


@pytest.mark.parametrize("kind", ["list", "raw"])
def test_null_in_a_list(kind: str) -> None:
    specification = {"type": "list", "elements": "str"} if kind == "list" else {"type": "raw"}
    found = option([None], **specification)
    assert found == (basic.NULL if kind == "list" else [None])


def test_apply_defaults() -> None:
    inner = {"type": "dict", "apply_defaults": True, "options": {"y": {"default": 1, "type": "int"}}}
    assert check({"options": {"x": inner}}).arguments == {"x": {"y": 1}}


def test_inner_names_tell_cases_apart_for_aliases() -> None:
    inner = {"type": "dict", "options": {"y": {"aliases": ["z"]}}}
    assert check({"options": {"x": inner}}, x={"Z": "1"}).arguments == {"x": {"z": "1", "y": None}}
    assert check({"options": {"y": {"aliases": ["z"]}}}, Z="1").arguments == {"z": "1", "y": "1"}


def test_required_if_any() -> None:
    rule = {"options": {"s": {}, "p": {}, "q": {}}, "required_if": [["s", "on", ["p", "q"], True]]}
    assert check(rule, s="on", q="1").arguments["q"] == "1"
    with pytest.raises(Ended, match=r"^s is on but any of the following are missing: p, q$"):
        check(rule, s="on")


def test_secret_of_an_inner_option_is_masked() -> None:
    inner = {"type": "list", "elements": "dict", "options": {"p": {"no_log": True}, "n": {}}}
    checked = check({"options": {"x": inner, "y": {}}}, x=[{"p": "Hunter2!", "n": "is Hunter2!"}], y=2)
    assert checked.invocation["module_args"]["x"] == [{"p": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "n": "is ********"}]
    assert checked.arguments["x"][0]["p"] == "Hunter2!"


def test_numbers_that_hold_a_secret_are_masked() -> None:
    checked = check(
        {"options": {"p": {"no_log": True}, "n": {"type": "int"}, "m": {"type": "int"}}}, p="12", n=3124, m=7
    )
    assert checked.invocation["module_args"] == {
        "p": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "n": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER",
        "m": 7,
    }


@pytest.mark.parametrize("sent, there", [({}, True), ({"wanted": True}, True), ({"wanted": False}, False)])
def test_invocation_is_left_out_where_the_controller_says_so(sent: dict[str, bool], there: bool) -> None:
    internal = {"_ansible_inject_invocation": sent["wanted"]} if sent else {}
    assert (check({"options": {"x": {}}}, x="1", **internal).invocation is not None) == there
    with pytest.raises(Ended) as caught:
        check({"options": {"x": {}}}, y="1", **internal)
    assert ("invocation" in caught.value.result) == there


def test_what_takes_everything() -> None:
    checked = basic.check(known()["ansible.windows.setup"], {"filter": ["x"], "_ansible_verbosity": 1}, AROUND)
    assert checked.arguments["filter"] == ["x"]
    assert checked.internal == {"_ansible_verbosity": 1}


@pytest.mark.parametrize(
    "path",
    sorted(TOP.glob(".venv/lib/python*/site-packages/ansible/module_utils/csharp/Ansible.Basic.cs"))
    + sorted(TOP.glob("build/cores/*/lib/python*/site-packages/ansible/module_utils/csharp/Ansible.Basic.cs")),
    ids=lambda path: str(path.relative_to(TOP)),
)
def test_what_controllers_send_is_known(path: Any) -> None:
    text = path.read_text(encoding="utf-8")
    table = text[text.index("passVars =") : text.index("passBools")]
    names = {f"_ansible_{name}" for name in re.findall(r'\{ "(\w+)",', table)}
    flags = re.search(r"passBools = .*\{(.*)\};", text)
    assert flags is not None
    assert names <= set(basic.INTERNAL)
    booleans = {f"_ansible_{name}" for name in re.findall(r'"(\w+)"', flags[1])}
    assert {name for name in names if basic.INTERNAL[name]} == booleans


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(module=st.sampled_from(sorted(known())), data=st.data())
def test_anything_may_be_sent(module: str, data: st.DataObject) -> None:
    """Whatever is sent, the module goes on with all its options or ends with a message."""
    specification = known()[module]
    names = st.sampled_from(sorted(specification.options) or ["x"]) | st.text(max_size=5)
    sent = data.draw(st.dictionaries(names, JSON_VALUES, max_size=6))
    if specification.legacy:
        return
    try:
        checked = basic.check(specification, sent, AROUND, module)
    except Ended as ended:
        result = ended.result
    except NotModelled as reason:
        result = {"failed": True, "msg": str(reason)}
    else:
        result = {"failed": True, "msg": "nothing is wrong"}
        assert set(specification.options) <= set(checked.arguments)
        assert not [name for name in checked.arguments if name.startswith("_ansible_")]
    assert result["failed"]
    assert result["msg"]


@given(
    sent=st.dictionaries(st.sampled_from(sorted(known()["ansible.windows.win_service"].options)), st.text(), max_size=4)
)
def test_checking_twice_is_checking_once(sent: dict[str, Any]) -> None:
    specification = known()["ansible.windows.win_service"]
    try:
        once = basic.check(specification, sent, AROUND)
    except Ended:
        return
    values = {name: value for name, value in once.arguments.items() if value is not None}
    assert basic.check(specification, values, AROUND).arguments == once.arguments
