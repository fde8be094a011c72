# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The account database of a host: what it begins with, and that changes keep it sound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.identity import LANGUAGES, RELEASES
from lab.windows.parts.accounts import DISABLED, AccountError, Accounts, NameTaken, PasswordRefused, acceptable

from .fake_directory import DOMAIN, MACHINE, identified, member

RIDS = {"2012r2": {500, 501}, "2016": {500, 501, 503}, "2022": {500, 501, 503, 504}, "2025": {500, 501, 503, 504}}

PASSWORDS = {
    "Passw0rd!": True,
    "Aa1aaaa": True,
    "aaaa1111": False,
    "Aa1aaa": False,
    "åÄ1aaaaa": True,
    "Alice-2026": False,
    "": False,
}


@pytest.mark.parametrize("release, rids", RIDS.items())
def test_a_release_has_its_users(release: str, rids: set[int]) -> None:
    assert {user.rid for user in member(release=release).accounts.users()} == rids


@pytest.mark.parametrize("language, name", [("en-US", "Guest"), ("sv-SE", "Gäst")])
def test_names_are_in_the_language_of_the_host(language: str, name: str) -> None:
    guest = member(language).accounts.user(501)
    assert guest is not None
    assert (guest.name, guest.disabled) == (name, True)


def test_who_is_in_which_group_to_begin_with() -> None:
    accounts = member().accounts
    assert accounts.members("S-1-5-32-544") == (f"{MACHINE}-500", f"{DOMAIN}-512")
    assert accounts.members("S-1-5-32-545") == ("S-1-5-4", "S-1-5-11", f"{DOMAIN}-513")
    assert accounts.members("S-1-5-32-568") == ("S-1-5-17",)
    assert accounts.members("S-1-5-32-999") == ()


def test_newer_groups_are_on_newer_releases_only() -> None:
    assert member(release="2012r2").accounts.group("S-1-5-32-581") is None
    assert member(release="2016").accounts.group("S-1-5-32-581") is not None


@pytest.mark.parametrize("password, taken", PASSWORDS.items())
def test_passwords_are_held_against_the_policy(password: str, taken: bool) -> None:
    assert acceptable(password, "alice") is taken


def test_an_account_logs_on_with_its_password_only() -> None:
    accounts = member().accounts
    user = accounts.add_user("Åke", "Passw0rd!")
    assert accounts.check_password("åke", "Passw0rd!")
    assert not accounts.check_password("Åke", "passw0rd!")
    assert not accounts.check_password("Guest", "")
    assert not accounts.check_password("nobody", "Passw0rd!")
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    user.expires = moment.isoformat()
    assert [accounts.check_password("Åke", "Passw0rd!", now) for now in (moment - timedelta(1), moment)] == [
        True,
        False,
    ]
    user.expires = None
    user.flag(DISABLED, wanted=True)
    assert not accounts.check_password("Åke", "Passw0rd!")


def test_what_is_refused_changes_nothing() -> None:
    accounts = member().accounts
    accounts.add_group("Own")
    before = accounts.export()
    with pytest.raises(NameTaken, match="account already exists"):
        accounts.add_user("ADMINISTRATOR", "Passw0rd!")
    with pytest.raises(NameTaken, match="local group already exists"):
        accounts.add_user("own", "Passw0rd!")
    with pytest.raises(PasswordRefused):
        accounts.add_user("new", "weak")
    with pytest.raises(PasswordRefused):
        accounts.set_password(500, "weak")
    with pytest.raises(AccountError, match="built-in"):
        accounts.remove_group("S-1-5-32-544")
    assert accounts.export() == before


def test_a_removed_user_is_no_member_any_more_and_its_number_is_not_given_again() -> None:
    accounts = member().accounts
    user = accounts.add_administrator("first", "Passw0rd!")
    accounts.remove_user(user.rid)
    assert accounts.sid_of(user) not in accounts.members("S-1-5-32-544")
    assert accounts.add_user("second", "Passw0rd!").rid == user.rid + 1


names = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("user"), names),
        st.tuples(st.just("group"), names),
        st.tuples(st.just("member"), st.integers(0, 40)),
        st.tuples(st.just("remove"), st.integers(0, 40)),
    ),
    max_size=12,
)


def _change(accounts: Accounts, kind: str, value: str | int) -> None:
    groups, users = accounts.groups(), accounts.users()
    if kind == "user":
        accounts.add_user(str(value), "Xy7-zzzzzzzz")
    elif kind == "group":
        accounts.add_group(str(value))
    elif kind == "member":
        accounts.add_member(groups[int(value) % len(groups)].sid, accounts.sid_of(users[int(value) % len(users)]))
    elif int(value) % 2:
        accounts.remove_group(groups[-1 - int(value) % 3].sid)
    else:
        accounts.remove_user(users[-1].rid)


@given(st.sampled_from(RELEASES), st.sampled_from(LANGUAGES), changes)
def test_every_state_is_read_as_it_was_written(release: str, language: str, made: list[tuple[str, str | int]]) -> None:
    identity = identified(language, release)
    accounts = Accounts.blank(identity)
    for kind, value in made:
        before = accounts.export()
        try:
            _change(accounts, kind, value)
        except AccountError:
            assert accounts.export() == before
    state = accounts.export()
    assert Accounts.restore(identity, state).export() == state
    folded = [user.name.casefold() for user in accounts.users()]
    folded += [group.name.casefold() for group in accounts.groups()]
    assert len(folded) == len(set(folded))
    there = {accounts.sid_of(user) for user in accounts.users()}
    gone = {f"{MACHINE}-{rid}" for rid in range(1000, accounts.next_rid)} - there
    assert not gone.intersection(sid for group in accounts.groups() for sid in group.members)


def test_hashes_are_under_secret_only() -> None:
    accounts = member().accounts
    accounts.add_user("new", "Passw0rd!")
    exported = accounts.export()["users"]["1000"]
    secret = exported.pop("secret")["nt_hash"]
    # NT hash of this password as published in many places
    assert secret == "fc525c9683e8fe067095ba2ddc971889"
    assert secret not in repr(exported)
    assert secret not in repr(accounts.user(1000))
