# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments of the older modules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.arguments import legacy
from lab.windows.arguments.checked import Ended
from lab.windows.arguments.specification import known, read
from lab.windows.arguments.surroundings import Surroundings, expander

AROUND = Surroundings(expand=expander({"TMP": r"C:\Temp"}))


def option(sent: dict[str, Any], **specification: Any) -> Any:
    """What becomes of the option x, or the message that refuses it."""
    spec = read({"style": "legacy", "supports_check_mode": True, "options": {"x": specification}})
    try:
        return legacy.check(spec, sent, AROUND).arguments["x"]
    except Ended as ended:
        result = ended.result
    assert (result["failed"], result["changed"]) == (True, False)
    return result["msg"]


@pytest.mark.parametrize(
    "specification, sent, expected",
    [
        ({}, {"x": [1]}, [1]),
        ({}, {"unknown": 1}, None),
        ({"required": True}, {}, "Get-AnsibleParam: Missing required argument: x"),
        ({"required": True}, {"x": None}, None),
        ({"aliases": ["y"], "required": True}, {"y": "1"}, "1"),
        ({"aliases": ["y"]}, {"y": "1", "x": "2"}, "2"),
        ({}, {"X": "1"}, "1"),
        ({"default": "d"}, {}, "d"),
        ({"default": "d"}, {"x": None}, None),
        ({"default": "false", "type": "bool"}, {}, False),
        ({"default": {"environment": "TMP"}, "type": "path"}, {}, r"C:\Temp"),
        ({"default": {"environment": "NONE"}, "type": "path"}, {}, None),
        ({"choices": ["a", "b"]}, {"x": "A"}, "A"),
        ({"choices": ["a", "b"]}, {"x": "c"}, "Get-AnsibleParam: Argument x needs to be one of a,b but was c."),
        ({"choices": ["a", "b"]}, {"x": None}, "Get-AnsibleParam: Argument x needs to be one of a,b but was ."),
        (
            {"choices": ["a"], "aliases": ["y"]},
            {"y": "c"},
            "Get-AnsibleParam: Argument y needs to be one of a but was c.",
        ),
        ({"type": "str"}, {"x": True}, "True"),
        ({"type": "str"}, {"x": ["a"]}, "System.Object[]"),
        ({"type": "bool"}, {"x": "Yes"}, True),
        ({"type": "bool"}, {"x": 1}, True),
        ({"type": "bool"}, {"x": "y"}, False),
        ({"type": "bool"}, {"x": "nonsense"}, False),
        ({"type": "int"}, {"x": "12"}, 12),
        ({"type": "int"}, {"x": "2.5"}, 2),
        ({"type": "int"}, {"x": "3.5"}, 4),
        ({"type": "int"}, {"x": "abc"}, None),
        ({"type": "int"}, {"x": ""}, 0),
        ({"type": "int"}, {"x": [1]}, None),
        ({"type": "float"}, {"x": "1.5"}, 1.5),
        ({"type": "float"}, {"x": "abc"}, None),
        ({"type": "list"}, {"x": "a, b"}, ["a", "b"]),
        ({"type": "list"}, {"x": 5}, [5]),
        ({"type": "list"}, {"x": ["a"]}, ["a"]),
        ({"type": "list"}, {"x": True}, "Get-AnsibleParam: Parameter 'x' is not a YAML list."),
        ({"type": "list"}, {"x": {"a": 1}}, "Get-AnsibleParam: Parameter 'x' is not a YAML list."),
        ({"type": "path"}, {"x": r"%tmp%\y"}, r"C:\Temp\y"),
        ({"type": "path"}, {"x": r"Q:\y"}, r"Q:\y"),
        ({"type": "path"}, {"x": r"Cert:\LocalMachine\My"}, r"Cert:\LocalMachine\My"),
        ({"type": "path"}, {"x": "a|b"}, "Get-AnsibleParam: Parameter 'x' has an invalid path 'a|b' specified."),
        ({"type": "path"}, {"x": ["a", "b"]}, "a b"),
        ({"type": "state"}, {"x": 5}, 5),
    ],
)
def test_option(specification: dict[str, Any], sent: dict[str, Any], expected: Any) -> None:
    found = option(sent, **specification)
    assert found == expected
    assert type(found) is type(expected)


def test_check_mode_unsupported() -> None:
    spec = read({"style": "legacy", "options": {"x": {"required": True}}})
    with pytest.raises(Ended) as caught:
        legacy.check(spec, {"_ansible_check_mode": True}, AROUND)
    assert caught.value.result == {
        "skipped": True,
        "changed": False,
        "msg": "remote module does not support check mode",
    }


@pytest.mark.parametrize(
    "sent, wrong",
    [
        ({"dest": "C:\\x", "_copy_mode": "query"}, None),
        ({"dest": "C:\\x"}, "Get-AnsibleParam: Missing required argument: src"),
        ({"src": "C:\\y"}, "Get-AnsibleParam: Missing required argument: dest"),
    ],
)
def test_required_by_another_option(sent: dict[str, Any], wrong: str | None) -> None:
    specification = known()["ansible.windows.win_copy"]
    if wrong is None:
        assert legacy.check(specification, sent, AROUND).arguments["force"] is True
        return
    with pytest.raises(Ended, match=wrong):
        legacy.check(specification, sent, AROUND)


def test_internal() -> None:
    specification = known()["community.windows.win_xml"]
    sent = {"path": "x", "xpath": "/", "_ansible_diff": True, "_ansible_check_mode": "yes", "_ansible_verbosity": 3}
    checked = legacy.check(specification, sent, AROUND)
    assert (checked.check_mode, checked.diff, checked.verbosity, checked.invocation) == (True, True, 3, None)


LEGACY = sorted(name for name, specification in known().items() if specification.legacy)
VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text() | st.none(), max_size=3)


@given(module=st.sampled_from(LEGACY), data=st.data())
def test_anything_may_be_sent(module: str, data: st.DataObject) -> None:
    specification = known()[module]
    sent = data.draw(st.dictionaries(st.sampled_from(sorted(specification.options)), VALUES, max_size=6))
    try:
        checked = legacy.check(specification, sent, AROUND)
    except Ended as ended:
        message = str(ended)
    else:
        message = "Get-AnsibleParam: nothing is wrong"
        assert set(checked.arguments) == set(specification.options)
    assert message.startswith("Get-AnsibleParam: ")
