# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds which right, out of the object of user_rights_info.ps1."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml
from ansible_collections.certops.intune.plugins.module_utils.windows.user_rights import (
    UserRights,
    check_options,
    describe,
    holders,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.values import UnexpectedValue
from hypothesis import given
from hypothesis import strategies as st

from tools.tree import TOP

SERVICE = "S-1-5-21-4-5-6-1107"
FOUND: dict[str, Any] = {
    "lines": [
        "[Unicode]",
        "Unicode=yes",
        "[Privilege Rights]",
        f"SeServiceLogonRight = *S-1-5-80-0,*{SERVICE}",
        "SeDenyInteractiveLogonRight = Guest, *S-1-5-32-546 ,gone",
        "[Version]",
        'signature="$CHICAGO$"',
        "Revision=1",
    ],
    "accounts": [
        {"name": r"CORP\svc", "sid": SERVICE, "error": None},
        {"name": "gone", "sid": None, "error": "Nobody.\r\n"},
        {"name": "Guest", "sid": "S-1-5-21-1-2-3-501", "error": None},
    ],
    "groups": [
        {"sid": "S-1-5-32-568", "name": "IIS_IUSRS", "members": ["S-1-5-17"], "error": None},
        {"sid": "S-1-5-32-544", "name": "Administratörer", "members": None, "error": " Failed "},
    ],
}
NOBODY: dict[str, Any] = {"accounts": [], "groups": []}


def told(
    rights: tuple[str, ...] = (),
    accounts: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    changed: dict[str, Any] | None = None,
) -> UserRights:
    return describe({**copy.deepcopy(FOUND), **(changed or {})}, list(rights), list(accounts), list(groups))


def test_rights_that_are_asked_for_in_any_case() -> None:
    found = told(("seserviceLOGONright", "SeDenyServiceLogonRight"))
    assert found.rights == {"seserviceLOGONright": ["S-1-5-80-0", SERVICE], "SeDenyServiceLogonRight": []}
    assert (found.accounts, found.groups, found.unresolved) == ({}, {}, {})


def test_every_right_when_none_is_named() -> None:
    found = told()
    assert list(found.rights) == ["SeServiceLogonRight", "SeDenyInteractiveLogonRight"]
    assert found.rights["SeDenyInteractiveLogonRight"] == ["S-1-5-21-1-2-3-501", "S-1-5-32-546"]
    assert found.unresolved == {"SeDenyInteractiveLogonRight": ["gone"]}


def test_accounts() -> None:
    found = told(accounts=(r"corp\SVC", "gone"))
    assert found.accounts == {r"corp\SVC": SERVICE, "gone": None}
    assert found.account_errors == {"gone": "Nobody."}


def test_groups() -> None:
    found = told(groups=("S-1-5-32-568", "S-1-5-32-544"))
    assert found.groups == {"S-1-5-32-568": ["S-1-5-17"], "S-1-5-32-544": None}
    assert found.group_names["S-1-5-32-544"] == "Administratörer"
    assert found.group_errors == {"S-1-5-32-544": "Failed"}


def test_a_holder_counts_once() -> None:
    lines = ["[privilege rights]", "SeX = *S-1-1-0,*S-1-1-0"]
    assert told(("SeX",), changed={"lines": lines}).rights == {"SeX": ["S-1-1-0"]}


def test_lines_of_other_sections_are_no_rights() -> None:
    assert holders(["SeA = *S-1-1-0", "[Privilege Rights]", "SeB =", "[Other]", "SeC = *S-1-1-0"]) == {"seb": []}


@pytest.mark.parametrize("changed, message", [
    ({"lines": []}, "'lines' is [] and not a security template with the section of rights"),
    ({"lines": ["[Privilege Rights]", "SeServiceLogonRight = *nobody"]},
     "'lines: SeServiceLogonRight' is '*nobody' and not a list of SIDs and names"),
    ({"accounts": [{"name": "a", "sid": "b", "error": None}]}, "'accounts' is 'b' and not a list of names with SIDs"),
    ({"groups": []}, "'groups' is None and not a list of the groups that were asked for"),
    ({"groups": None}, "'groups' is None and not a list"),
])  # fmt: skip
def test_an_answer_of_another_shape(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(UnexpectedValue) as caught:
        told(("SeServiceLogonRight",), groups=("S-1-5-32-568",), changed=changed)
    assert str(caught.value) == message


@pytest.mark.parametrize("rights, groups, message", [
    (["Log on as a service"], [], "rights: 'Log on as a service' is no name of a user right such as"),
    (["BatchLogonRight"], [], "rights: 'BatchLogonRight' is no name"),
    ([], ["IIS_IUSRS"], "groups: 'IIS_IUSRS' is no SID such as S-1-5-32-568"),
])  # fmt: skip
def test_bad_options(rights: list[str], groups: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_options(rights, groups)


RIGHTS = st.sampled_from(["SeA", "SeB", "SeC"]).map(lambda name: f"{name}Right")
SIDS = st.lists(st.sampled_from(["S-1-1-0", "S-1-5-32-544", SERVICE]), unique=True)


@given(st.dictionaries(RIGHTS, SIDS))
def test_what_a_template_says_is_read_back(held: dict[str, list[str]]) -> None:
    written = [f"{right} = {','.join(f'*{sid}' for sid in sids)}" for right, sids in held.items()]
    value = {"lines": ["[Privilege Rights]", *written], **NOBODY}
    assert describe(value, [], [], []).rights == held


@given(st.lists(st.text(max_size=30)))
def test_any_lines_are_described_or_refused(lines: list[str]) -> None:
    value = {"lines": ["[Privilege Rights]", *lines], **NOBODY}
    try:
        describe(value, ["SeServiceLogonRight"], [], [])
    except UnexpectedValue:
        return


def test_keys_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "user_rights_info.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["RETURN"]
    assert set(documented) == {*UserRights.__dataclass_fields__, "error"}
