# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is too powerful, who may read a managed password, which root keys count, and what is said of an account."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import account as accounts
from ansible_collections.certops.intune.plugins.module_utils.accounts import kds, store
from ansible_collections.certops.intune.plugins.module_utils.accounts.account import GROUP_MANAGED, USER, Account
from ansible_collections.certops.intune.plugins.module_utils.accounts.describe import difference, words
from ansible_collections.certops.intune.plugins.module_utils.accounts.privileged import reason
from ansible_collections.certops.intune.plugins.module_utils.accounts.readers import readers_of, with_readers
from ansible_collections.certops.intune.plugins.module_utils.accounts.times import HOUR
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    Acl,
    Control,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from ansible_collections.certops.intune.plugins.module_utils.directory.principals import Principals
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.plugins.module_utils.directory.tiers import owns_the_forest
from hypothesis import given
from hypothesis import strategies as st

from .strategies import DN, DOMAIN, GROUPS, HOSTS

NOW = 140_000_000_000_000_000


@pytest.mark.parametrize(
    ("sid", "privileged"),
    [
        (DOMAIN.child(500), True),
        (DOMAIN.child(512), True),
        (Sid.parse("S-1-5-21-9-9-9-519"), True),
        (DOMAIN.child(513), False),
        (DOMAIN.child(1104), False),
        (Sid.parse("S-1-5-32-544"), True),
        (Sid.parse("S-1-5-32-551"), True),
        (Sid.parse("S-1-5-32-545"), False),
        (Sid.parse("S-1-5-9"), True),
        (Sid.parse("S-1-5-11"), False),
        # The same numbers elsewhere mean other things.
        (Sid.parse("S-1-5-80-512"), False),
        (Sid.parse("S-1-5-21-512"), False),
        (DOMAIN.child(544), False),
    ],
)
def test_privileged(sid: Sid, privileged: bool) -> None:
    assert owns_the_forest(sid) is privileged


@pytest.mark.parametrize(
    ("sid", "groups", "count", "why"),
    [
        (DOMAIN.child(1104), [DOMAIN.child(513)], None, None),
        (DOMAIN.child(1104), [DOMAIN.child(513)], 0, None),
        (DOMAIN.child(1104), [], 1, "has adminCount 1, so it is or was a member of a protected group"),
        (DOMAIN.child(502), [], None, "is privileged (krbtgt)"),
        (
            DOMAIN.child(1104),
            [DOMAIN.child(519), Sid.parse("S-1-5-32-544"), DOMAIN.child(513)],
            None,
            "is a member of Administrators, Enterprise Admins",
        ),
    ],
)
def test_reasons(sid: Sid, groups: list[Sid], count: int | None, why: str | None) -> None:
    assert reason(sid, groups, count) == why


someone = st.frozensets(st.sampled_from([*HOSTS, *GROUPS]))


@given(someone, someone)
def test_readers(before: frozenset[Sid], after: frozenset[Sid]) -> None:
    stored = with_readers(None, before)
    changed = with_readers(stored, after)
    assert readers_of(changed) == after
    assert with_readers(changed, after) == changed
    if before == after:
        assert changed == stored


def test_what_else_is_in_the_list_of_readers_stays() -> None:
    others = (
        Ace(1, 0, 0xF01FF, HOSTS[1]),  # a denial
        Ace(0, 0, 0x20000, GROUPS[1]),  # the right to read the descriptor, no property
        Ace(0, 0, 0x10, GROUPS[0]),  # Read Property alone is enough
    )
    stored = SecurityDescriptor(Control.SELF_RELATIVE, None, None, Acl(others), None).to_bytes()
    assert readers_of(stored) == {GROUPS[0]}
    changed = SecurityDescriptor.from_bytes(with_readers(stored, frozenset({HOSTS[0]})) or b"")
    assert changed.dacl is not None
    assert changed.dacl.aces == (*others[:2], Ace(0, 0, 0xF01FF, HOSTS[0]))
    emptied = SecurityDescriptor.from_bytes(with_readers(stored, frozenset()) or b"")
    assert emptied.dacl is not None
    assert emptied.dacl.aces == others[:2]


def test_nobody_reads_without_a_list() -> None:
    assert readers_of(None) == frozenset()
    assert with_readers(None, frozenset()) is None
    assert with_readers(with_readers(None, frozenset(HOSTS)), frozenset()) is None


@given(st.binary(max_size=80))
def test_readers_of_any_bytes(data: bytes) -> None:
    try:
        assert isinstance(readers_of(data), frozenset)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("starts", "problem"),
    [
        ([], "the forest has no KDS root key, so no managed account can get a password"),
        ([NOW - 10 * HOUR], ""),
        ([NOW - 10 * HOUR + 1], "the KDS root key counts only from 2044-08-23T"),
        ([NOW + HOUR, NOW - 20 * HOUR], ""),
        ([None], ""),
        ([NOW, None], ""),
    ],
)
def test_root_keys(starts: list[int | None], problem: str) -> None:
    found = kds.missing(starts, NOW)
    assert found.startswith(problem) if problem else not found


class Directory:
    """A session with a container of root keys."""

    class root_dse:  # noqa: N801 - an attribute of sessions
        configuration_naming_context = "CN=Configuration,DC=corp"

    def __init__(self, keys: list[int | None] | None) -> None:
        self.keys = keys

    def read(self, dn: str, _attributes: t.Any) -> Entry | None:
        return None if self.keys is None else Entry(dn, {})

    def search(self, dn: str, _filter: str, _attributes: t.Any, *, scope: str) -> list[Entry]:
        assert scope == "onelevel"
        return [
            Entry(f"CN={index},{dn}", {} if start is None else {kds.START: [str(start).encode()]})
            for index, start in enumerate(self.keys or [])
        ]


@pytest.mark.parametrize("keys", [None, [], [NOW]])
def test_no_managed_account_without_a_root_key(keys: list[int | None] | None) -> None:
    with pytest.raises(
        DirectoryError, match=r"KDS root key.* Remedy: run Add-KdsRootKey .*, or use microsoft.ad.kds_root_key"
    ):
        kds.check(t.cast(Session, Directory(keys)), NOW)


def test_root_keys_that_nobody_shows() -> None:
    assert kds.check(t.cast(Session, Directory([NOW - 11 * HOUR])), NOW) is None
    assert "may not read the root keys" in (kds.check(t.cast(Session, Directory([None])), NOW) or "")


def test_containers_are_found_by_their_number() -> None:
    domain = store.decode_domain(
        Entry(
            "DC=corp",
            {
                "wellKnownObjects": [b"B:32:A9D1CA15768811D1ADED00C04FD8D5CD:OU=Personal,DC=corp", b"broken"],
                "otherWellKnownObjects": ["B:32:1eb93889e40c45df9f0c64d23bbb6237:CN=Förvaltade,DC=corp".encode()],
                "minPwdLength": [b"12"],
                "pwdProperties": [b"17"],
                "maxPwdAge": [b"-36288000000000"],
            },
        )
    )
    assert domain.default_place(USER) == "OU=Personal,DC=corp"
    assert domain.default_place(GROUP_MANAGED) == "CN=Förvaltade,DC=corp"
    assert (domain.policy.minimum_length, domain.policy.complex, domain.policy.maximum_age) == (
        12,
        True,
        -36288000000000,
    )
    with pytest.raises(OptionError, match="path: is needed: the domain names no container for accounts of type user"):
        store.decode_domain(Entry("DC=corp", {})).default_place(USER)


ACCOUNT = Account(DN, DOMAIN.child(1104), "svc", USER, 0x200)


@pytest.mark.requirement("TRBL-059", "TRBL-060")
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"locked": True}, ["svc is locked out; NDES answers with HTTP 500 or 503"]),
        ({"password_expired": True}, ["svc has an expired password; NDES answers with HTTP 500 or 503"]),
        ({"expires": NOW}, ["svc has expired on 2044-08-23T"]),
        ({"control": 0x202}, ["svc is disabled; NDES answers"]),
        ({"control": 0x220}, ["svc may have an empty password (PASSWD_NOTREQD in userAccountControl)"]),
        ({"locked": True, "control": 0x202}, ["svc is locked out", "svc is disabled"]),
    ],
)
def test_what_is_said_of_an_account(change: dict[str, t.Any], told: list[str]) -> None:
    found = words(replace(ACCOUNT, **change), NOW)
    assert len(found) == len(told)
    assert all(text.startswith(start) for text, start in zip(found, told, strict=True))


def test_nothing_is_said_of_what_was_asked_for() -> None:
    assert words(replace(ACCOUNT, control=0x202), NOW, may_be_disabled=True) == ()


class Named:
    """Names for all SIDs."""

    def names(self, sids: t.Iterable[Sid]) -> dict[Sid, str]:
        return {sid: f"CORP\\{sid.rid}" for sid in sids}


def test_differences() -> None:
    named = t.cast(Principals, Named())
    other = replace(ACCOUNT, control=0x200 | accounts.NOT_DELEGATED, groups=frozenset(GROUPS[:1]))
    assert difference(ACCOUNT, other, named, password=True) == (
        {"sensitive": False, "groups": []},
        {"sensitive": True, "groups": ["CORP\\1201"], "password": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"},
    )
    assert difference(ACCOUNT, ACCOUNT, named, password=False) == ({}, {})
    old, new = difference(None, ACCOUNT, named, password=False)
    assert old == {}
    assert (new["type"], new["enabled"], new["account_expires"]) == (USER, True, "never")
    assert "managed_password_interval" not in new
    managed = replace(
        ACCOUNT, kind=GROUP_MANAGED, managed_password_interval=30, readers=with_readers(None, frozenset(HOSTS))
    )
    gone, _nothing = difference(managed, None, named, password=False)
    assert gone["allowed_to_retrieve_password"] == ["CORP\\1301", "CORP\\1302"]
    assert "password_never_expires" not in gone
