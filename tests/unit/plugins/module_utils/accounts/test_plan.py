# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans for a service account, and what is written of them."""

from __future__ import annotations

import re
import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import account as accounts
from ansible_collections.certops.intune.plugins.module_utils.accounts.account import GROUP_MANAGED, USER, Account
from ansible_collections.certops.intune.plugins.module_utils.accounts.plan import (
    FLAG_OPTIONS,
    Edit,
    Wish,
    parse_edit,
    plan_change,
    plan_new,
    refuse_meaningless,
    resets_password,
)
from ansible_collections.certops.intune.plugins.module_utils.accounts.readers import readers_of
from ansible_collections.certops.intune.plugins.module_utils.accounts.times import NEVER
from ansible_collections.certops.intune.plugins.module_utils.accounts.writes import (
    change,
    creation,
    deletion,
    encode,
    memberships,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Change, Entry
from hypothesis import given
from hypothesis import strategies as st

from .strategies import DN, DOMAIN, GROUPS, HOSTS, USERS, accounts_of, wishes

STORED = Account(DN, DOMAIN.child(1104), "svc", USER, 0x200, password_last_set=5, primary_group=USERS)
KNOWN = 0
for _bit, _contrary in FLAG_OPTIONS.values():
    KNOWN |= _bit


def planned(current: Account, wish: Wish) -> Account | None:
    try:
        return plan_change(current, wish)
    except OptionError:
        return None


@given(st.data(), st.sampled_from([USER, GROUP_MANAGED]))
def test_planning_again_changes_nothing(data: st.DataObject, kind: str) -> None:
    current, wish = data.draw(accounts_of(kind)), data.draw(wishes(kind))
    after = planned(current, wish)
    if after is not None:
        again = replace(wish, has_password=False)
        assert plan_change(after, again) is after
        assert change(Entry(DN, {}), after, plan_change(after, again), None) is None


@given(st.data(), st.sampled_from([USER, GROUP_MANAGED]))
def test_what_no_option_names_survives(data: st.DataObject, kind: str) -> None:
    current, wish = data.draw(accounts_of(kind)), data.draw(wishes(kind))
    after = planned(current, wish)
    if after is None:
        return
    assert after.control & ~KNOWN == current.control & ~KNOWN
    for option, (bit, contrary) in FLAG_OPTIONS.items():
        if option in wish.flags:
            assert (bool(after.control & bit) != contrary) is wish.flags[option]
        else:
            assert after.control & bit == current.control & bit
    assert after.encryption_types & ~0x1F == current.encryption_types & ~0x1F
    if wish.groups is None:
        assert after.groups == current.groups
    assert (after.sid, after.name, after.dn, after.kind) == (current.sid, current.name, current.dn, current.kind)


@given(st.data())
def test_a_wish_for_nothing_is_no_change(data: st.DataObject) -> None:
    current = data.draw(accounts_of(USER))
    assert plan_change(current, Wish("svc")) is current


@given(st.data(), st.sampled_from([USER, GROUP_MANAGED]))
def test_a_new_account_is_what_was_asked_for(data: st.DataObject, kind: str) -> None:
    wish = data.draw(wishes(kind))
    try:
        made = plan_new(wish, DN, "corp.example", DOMAIN)
    except OptionError:
        assert kind == USER
        assert not wish.has_password
        assert wish.flags.get("enabled", True)
        return
    assert made.enabled is wish.flags.get("enabled", True)
    assert kind == GROUP_MANAGED or wish.has_password or not made.enabled
    assert plan_change(replace(made, sid=DOMAIN.child(1104)), replace(wish, has_password=False)).control == made.control
    added = creation(made, "Canary1!" if wish.has_password else None)
    assert added.attributes["userAccountControl"] == [str(made.control).encode()]
    assert ("unicodePwd" in added.attributes) is wish.has_password
    assert all(values and all(values) for values in added.attributes.values())


def test_a_new_user_is_one_add() -> None:
    wish = Wish(
        "svc", texts={"display_name": "Svc", "description": ""}, has_password=True, expires=140_000_000_000_000_000,
        flags={"sensitive": True, "password_never_expires": True},
    )  # fmt: skip
    added = creation(plan_new(wish, DN, "corp.example", DOMAIN), "pässword")
    assert added.dn == DN
    assert added.attributes == {
        "objectClass": [b"top", b"person", b"organizationalPerson", b"user"],
        "sAMAccountName": [b"svc"],
        "displayName": [b"Svc"],
        "userAccountControl": [b"1114624"],
        "accountExpires": [b"140000000000000000"],
        "unicodePwd": ['"pässword"'.encode("utf-16-le")],
    }


def test_a_new_managed_account_is_one_add() -> None:
    wish = Wish("g$", GROUP_MANAGED, readers=Edit(set=frozenset(HOSTS)), interval=7)
    made = plan_new(wish, DN, "corp.example", DOMAIN)
    attributes = creation(made, None).attributes
    assert attributes["objectClass"][-1] == b"msDS-GroupManagedServiceAccount"
    assert attributes["userAccountControl"] == [b"4096"]
    assert attributes["dNSHostName"] == [b"g.corp.example"]
    assert attributes["msDS-ManagedPasswordInterval"] == [b"7"]
    assert readers_of(attributes["msDS-GroupMSAMembership"][0]) == set(HOSTS)
    assert "accountExpires" not in attributes
    assert not made.password_expired


@pytest.mark.parametrize("interval", [0, -1, 2**31])
def test_intervals_that_cannot_be(interval: int) -> None:
    with pytest.raises(
        OptionError, match=f"managed_password_interval: {interval} is not between 1 and 2147483647 days"
    ):
        plan_new(Wish("g$", GROUP_MANAGED, interval=interval), DN, "corp.example", DOMAIN)


@pytest.mark.parametrize(
    ("current", "wish", "message"),
    [
        (replace(STORED, kind=GROUP_MANAGED, managed_password_interval=30), {"interval": 7},
         "managed_password_interval: is fixed when an account is created; 'svc' has 30 days"),
        (replace(STORED, control=0x202, password_last_set=0), {"flags": {"enabled": True}},
         "enabled: 'svc' has no password, or one that must be changed at the next logon; give password with "),
        (replace(STORED, control=0x202, password_last_set=0), {"flags": {"enabled": True}, "has_password": True},
         "enabled: 'svc' has no password"),
        (STORED, {"groups": Edit(remove=frozenset({USERS}))},
         "groups.remove: names the account's primary group, which it cannot leave; give it another one first"),
    ],
)  # fmt: skip
def test_changes_that_cannot_be(current: Account, wish: dict[str, t.Any], message: str) -> None:
    with pytest.raises(OptionError, match=f"^{re.escape(message)}"):
        plan_change(current, Wish("svc", current.kind, **wish))


def test_an_account_without_password_is_enabled_with_one() -> None:
    wish = Wish("svc", flags={"enabled": True}, has_password=True, update_password=True)
    assert plan_change(replace(STORED, control=0x202, password_last_set=0), wish).enabled


def test_the_primary_group_is_there_already() -> None:
    assert plan_change(STORED, Wish("svc", groups=Edit(add=frozenset({USERS})))) is STORED
    assert plan_change(STORED, Wish("svc", groups=Edit(set=frozenset({USERS})))) is STORED
    joined = plan_change(STORED, Wish("svc", groups=Edit(set=frozenset({USERS, GROUPS[0]}))))
    assert joined.groups == {GROUPS[0]}


@pytest.mark.parametrize(("stored", "wanted"), [(0, NEVER), (NEVER, 0), (NEVER, NEVER)])
def test_one_number_for_never_is_as_good_as_the_other(stored: int, wanted: int) -> None:
    current = replace(STORED, expires=stored)
    assert plan_change(current, Wish("svc", expires=wanted)) is current


def test_only_what_is_locked_is_unlocked() -> None:
    assert plan_change(STORED, Wish("svc", unlocked=True)) is STORED
    locked = replace(STORED, locked=True, lockout_time=9)
    after = plan_change(locked, Wish("svc", unlocked=True))
    modify = change(Entry(DN, {"lockoutTime": [b"9"]}), locked, after, None)
    assert modify is not None
    assert modify.changes == (Change("delete", "lockoutTime", (b"9",)), Change("add", "lockoutTime", (b"0",)))


def test_everything_about_an_account_is_one_modification_that_expects_what_was_read() -> None:
    entry = Entry(
        DN, {"userAccountControl": [b"514"], "displayName": [b"Old"], "description": [b"x"], "adminCount": [b"0"],
             "sAMAccountName": [b"svc"]}
    )  # fmt: skip
    current = replace(STORED, control=514, texts={"displayName": "Old", "description": "x"})
    wish = Wish(
        "svc", texts={"display_name": "New", "description": "", "user_principal_name": "svc@corp.example"},
        flags={"enabled": True, "sensitive": True}, has_password=True, update_password=True,
    )  # fmt: skip
    modify = change(entry, current, plan_change(current, wish), "secret")
    assert modify is not None
    assert modify.changes == (
        Change("replace", "unicodePwd", ('"secret"'.encode("utf-16-le"),)),
        Change("delete", "displayName", (b"Old",)),
        Change("add", "displayName", (b"New",)),
        Change("delete", "description", (b"x",)),
        Change("add", "userPrincipalName", (b"svc@corp.example",)),
        Change("delete", "userAccountControl", (b"514",)),
        Change("add", "userAccountControl", (b"1049088",)),
    )
    assert modify.expected == {"adminCount": (b"0",), "sAMAccountName": (b"svc",)}


def test_memberships_are_single_values_of_the_groups() -> None:
    known = {sid: f"CN={sid.rid}" for sid in GROUPS}
    steps = memberships(DN, frozenset(GROUPS[:2]), frozenset(GROUPS[1:]), known)
    assert [(step.operation.dn, step.operation.changes) for step in steps] == [  # type: ignore[union-attr]
        ("CN=1203", (Change("add", "member", (DN.encode(),)),)),
        ("CN=1201", (Change("delete", "member", (DN.encode(),)),)),
    ]


def test_a_deletion_expects_what_was_read() -> None:
    found = deletion(Entry(DN, {"userAccountControl": [b"512"]}))
    assert found.expected["userAccountControl"] == (b"512",)
    assert found.expected["adminCount"] == ()


def test_no_password_is_shown() -> None:
    assert "unicodePwd" not in encode(STORED)


@pytest.mark.parametrize(
    ("kind", "given", "option"),
    [
        (USER, {"dns_host_name"}, "dns_host_name"),
        (USER, {"name", "allowed_to_retrieve_password"}, "allowed_to_retrieve_password"),
        (USER, {"managed_password_interval"}, "managed_password_interval"),
        (GROUP_MANAGED, {"password"}, "password"),
        (GROUP_MANAGED, {"password_never_expires"}, "password_never_expires"),
    ],
)
def test_options_without_meaning(kind: str, given: set[str], option: str) -> None:
    with pytest.raises(OptionError, match=f"^{option}: has no meaning for an account of type {kind}$"):
        refuse_meaningless(kind, given)
    refuse_meaningless(GROUP_MANAGED if kind == USER else USER, given)


def test_edits() -> None:
    assert parse_edit("x", None, str) is None
    assert parse_edit("x", {"add": None}, str) is None
    assert parse_edit("x", {"set": []}, str) == Edit(set=frozenset())
    assert Edit(add=frozenset("a"), remove=frozenset("b")).of(frozenset("bc")) == frozenset("ac")
    assert Edit(add=frozenset("a"), set=frozenset("b")).of(frozenset("c")) == frozenset("ab")
    with pytest.raises(OptionError, match="x: A is in add and in remove"):
        parse_edit("x", {"add": ["A"], "remove": ["a"]}, str.casefold)
    with pytest.raises(OptionError, match="x: set and remove exclude each other"):
        parse_edit("x", {"set": [], "remove": ["a"]}, str)


def test_resets() -> None:
    assert resets_password(Wish("svc", has_password=True, update_password=True))
    assert not resets_password(Wish("svc", has_password=True))
    assert not resets_password(Wish("svc", update_password=True))
    expired = replace(STORED, password_expired=True)
    assert not plan_change(expired, Wish("svc", has_password=True, update_password=True)).password_expired
    assert not plan_change(expired, Wish("svc", flags={"password_never_expires": True})).password_expired
    assert plan_change(expired, Wish("svc", flags={"sensitive": True})).password_expired
    assert accounts.must_change(0x200, 0)
