# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans for the service principal names of an account."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn import DEFAULT_MAPPINGS, parse_mappings
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_plan import (
    SpnPlan,
    examine,
    interesting,
    plan_edit,
    warnings,
)
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_search import (
    Duplicate,
    Holder,
    plan_duplicates,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from hypothesis import given
from hypothesis import strategies as st

MAPPINGS = parse_mappings([DEFAULT_MAPPINGS])
OWN = "CN=svc,DC=corp,DC=example"
NDES1 = Holder("CN=NDES1,DC=corp,DC=example", "NDES1$", ("HOST/ndes1", "HOST/ndes1.corp.example"))
OLD = Holder("CN=Old,DC=corp,DC=example", "svc-old", ("HTTP/Scep.corp.example", "http/other.example"))


@pytest.mark.requirement("SCEP-055")
@pytest.mark.parametrize(
    ("current", "edit", "removed", "after"),
    [
        ([], {"add": ["http/a"]}, (), ["http/a"]),
        (["HTTP/a"], {"add": ["http/A"]}, (), ["HTTP/a"]),
        (["HTTP/a"], {"set": ["http/A"]}, (), ["HTTP/a"]),
        (["http/a", "http/b"], {"set": ["http/b", "http/c"]}, ("http/a",), ["http/b", "http/c"]),
        (["HTTP/A", "http/b"], {"remove": ["http/a"]}, ("HTTP/A",), ["http/b"]),
        # A server that tells letter cases apart may hold both: both go, or both stay.
        (["HTTP/a", "http/a"], {"remove": ["hTTp/a"]}, ("HTTP/a", "http/a"), []),
        (["HTTP/a", "http/a"], {"add": ["http/b"]}, (), ["HTTP/a", "http/a", "http/b"]),
        (["http/a"], {"remove": ["http/gone"]}, (), ["http/a"]),
        (["http/a"], {"set": []}, ("http/a",), []),
        (["http/a"], {"set": ["http/b"], "add": ["http/c"]}, ("http/a",), ["http/b", "http/c"]),
        (["http/a"], {}, (), ["http/a"]),
        (["http/a"], {"add": None, "remove": None, "set": None}, (), ["http/a"]),
        # What is stored may be wrong, and can go all the same.
        (["not a name \u2013"], {"remove": ["NOT A NAME \u2013 "]}, ("not a name \u2013",), []),
        # Clients ask for http.
        ([], {"add": ["https/a"]}, (), ["http/a"]),
        (["http/a"], {"add": ["HTTPS/a"]}, (), ["http/a"]),
        (["http/a", "https/a"], {"remove": ["https/a"]}, ("https/a",), ["http/a"]),
    ],
)
def test_edit(
    current: list[str], edit: dict[str, list[str] | None], removed: tuple[str, ...], after: list[str]
) -> None:
    plan = plan_edit(current, edit)
    assert (plan.removed, plan.after) == (removed, after)
    assert plan.before == sorted(current, key=lambda name: (name.casefold(), name))
    assert plan.changed is bool(set(current) ^ set(after))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"set": [], "remove": ["http/a"]}, "service_principal_names: set and remove exclude each other"),
        ({"add": ["http/a"], "remove": ["HTTP/A"]}, "service_principal_names: http/a is in add and in remove"),
        ({"add": ["nonsense"]}, "service_principal_names.add: 'nonsense' is not written as class/host"),
        ({"set": ["http/a b"]}, "service_principal_names.set: 'http/a b' is empty or holds a blank"),
    ],
)
def test_wrong_edits(edit: dict[str, list[str]], message: str) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        plan_edit(["http/a"], edit)


names = st.sampled_from([f"{kind}/{host}" for kind in ("http", "HTTP", "https", "HOST", "cifs") for host in "abAB"])
lists = st.none() | st.lists(names, max_size=4)


@given(st.lists(names, max_size=5, unique=True), lists, lists, lists)
def test_planning_again_changes_nothing(
    current: list[str], add: list[str] | None, remove: list[str] | None, set_: list[str] | None
) -> None:
    edit = {"add": add, "remove": remove, "set": set_}
    try:
        plan = plan_edit(current, edit)
    except OptionError:
        return
    again = plan_edit(plan.after, edit)
    assert not again.changed
    assert again.after == plan.after
    if set_ is None:
        untouched = {name for name in current if name.casefold() not in {text.casefold() for text in remove or ()}}
        assert untouched <= set(plan.after)


def test_a_name_that_another_account_has_is_refused_with_that_account() -> None:
    plan = plan_edit([], {"add": ["http/scep.corp.example", "http/new.example"]})
    message = (
        "service_principal_names.add: http/scep.corp.example is held by svc-old (CN=Old,DC=corp,DC=example). Kerberos "
        "works with a name only while one account has it: take it from the other account first, if it is the wrong one "
        "(setspn -D, or this module with remove)"
    )
    with pytest.raises(OptionError, match=f"^{re.escape(message)}$"):
        examine(plan, OWN, [OLD, NDES1], MAPPINGS)


def test_all_collisions_are_told_at_once() -> None:
    plan = plan_edit([], {"set": ["http/scep.corp.example", "http/OTHER.example"]})
    with pytest.raises(
        OptionError, match=r"^service_principal_names.set: http/scep.* is held .*; http/OTHER.* is held "
    ):
        examine(plan, OWN, [OLD], MAPPINGS)


def test_the_account_itself_is_no_other() -> None:
    plan = plan_edit(["http/a"], {"add": ["http/b"]})
    found = examine(plan, OWN, [Holder(OWN.upper(), "svc", ("http/a", "http/b", "HOST/a"))], MAPPINGS)
    assert (found.aliased_by, found.duplicated) == ({}, {})


def test_a_name_that_host_stands_for_is_allowed_and_told() -> None:
    plan = plan_edit([], {"add": ["http/ndes1.corp.example", "http/scep.corp.example"]})
    found = examine(plan, OWN, [NDES1], MAPPINGS)
    assert found.aliased_by == {"http/ndes1.corp.example": ("HOST/ndes1.corp.example of NDES1$",)}
    (warning,) = warnings(plan, found)
    assert "kernel-mode authentication" in warning
    assert warnings(plan_edit(plan.after, {"add": plan.after}), found) == []


def test_host_is_refused_where_another_account_has_what_it_stands_for() -> None:
    plan = plan_edit([], {"add": ["HOST/scep.corp.example"]})
    with pytest.raises(
        OptionError, match=r"HOST/scep.corp.example would also stand for HTTP/Scep.corp.example, which svc-old"
    ):
        examine(plan, OWN, [OLD], MAPPINGS)


def test_a_duplicate_that_was_there_before_is_warned_of() -> None:
    plan = plan_edit(["http/scep.corp.example"], {"add": []})
    found = examine(plan, OWN, [OLD], MAPPINGS)
    (warning,) = warnings(plan, found)
    assert warning.startswith(
        "http/scep.corp.example is on svc-old (CN=Old,DC=corp,DC=example) as well; Kerberos fails "
    )


def test_the_end_of_a_duplicate_is_known() -> None:
    current = ["http/scep.corp.example", "http/own.example"]
    assert examine(plan_edit(current, {"remove": ["http/SCEP.corp.example"]}), OWN, [OLD], MAPPINGS).ends_duplicates
    assert not examine(plan_edit(current, {"remove": ["http/own.example"]}), OWN, [OLD], MAPPINGS).ends_duplicates


def test_what_is_looked_for() -> None:
    plan = SpnPlan(("HOST/kept", "http/kept"), ("http/gone",), {"http/new": "x", "HOST/new": "x"})
    found = interesting(plan, MAPPINGS)
    assert {"http/gone", "HOST/kept", "http/kept", "host/kept", "http/new", "host/new", "HOST/new", "cifs/new"} <= found
    assert "cifs/kept" not in found


def test_duplicates() -> None:
    objects = [
        ("CN=b", ["HTTP/x", "http/y"]),
        ("CN=a", ["http/X", "http/z", "HTTP/z"]),
        ("CN=krbtgt,DC=a", ["kadmin/changepw"]),
        ("CN=krbtgt,DC=b", ["kadmin/changepw"]),
    ]
    assert plan_duplicates(objects) == [Duplicate("http/X", ("CN=a", "CN=b"))]
