# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of an account."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import account as accounts
from ansible_collections.certops.intune.plugins.module_utils.accounts.account import (
    GROUP_MANAGED,
    USER,
    PasswordPolicy,
    decode,
    encryption_names,
    is_locked,
    kind_of,
    must_change,
    password_end,
    with_encryption_types,
)
from ansible_collections.certops.intune.plugins.module_utils.accounts.times import NEVER
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Entry
from hypothesis import given
from hypothesis import strategies as st

from .strategies import DN, DOMAIN, words

DAY = 864_000_000_000
NOW = 140_000_000_000_000_000
USER_CLASSES = ["top", "person", "organizationalPerson", "user"]
LEAST = -(2**63)


def entry(**attributes: str | list[str]) -> Entry:
    values: dict[str, list[bytes]] = {
        name.replace("_", "-"): [text.encode() for text in ([value] if isinstance(value, str) else value)]
        for name, value in {"objectClass": USER_CLASSES, "sAMAccountName": "svc", **attributes}.items()
    }
    return Entry(DN, {"objectSid": [DOMAIN.child(1104).to_bytes()], **values})


@pytest.mark.parametrize(
    ("classes", "kind"),
    [
        (USER_CLASSES, USER),
        ([*USER_CLASSES, "inetOrgPerson"], USER),
        ([*USER_CLASSES, "computer"], "computer"),
        ([*USER_CLASSES, "computer", "msDS-GroupManagedServiceAccount"], GROUP_MANAGED),
        ([*USER_CLASSES, "computer", "msDS-ManagedServiceAccount"], "msDS-ManagedServiceAccount"),
        (["top", "group"], "group"),
        (["top", "person", "organizationalPerson", "contact"], "contact"),
        ([], "object"),
    ],
)
def test_kinds(classes: list[str], kind: str) -> None:
    assert kind_of(classes) == kind


@pytest.mark.requirement("TRBL-059", "TRBL-060")
@pytest.mark.parametrize(
    ("attributes", "locked", "expired"),
    [
        ({}, False, True),
        ({"pwdLastSet": str(NOW - DAY)}, False, False),
        ({"pwdLastSet": str(NOW - 43 * DAY)}, False, True),
        ({"pwdLastSet": "0"}, False, True),
        ({"pwdLastSet": "0", "userAccountControl": "66048"}, False, False),
        ({"pwdLastSet": str(NOW - 43 * DAY), "userAccountControl": "66048"}, False, False),
        ({"pwdLastSet": str(NOW - DAY), "lockoutTime": "0"}, False, False),
        ({"pwdLastSet": str(NOW - DAY), "lockoutTime": str(NOW - DAY // 48)}, True, False),
        ({"pwdLastSet": str(NOW - DAY), "lockoutTime": str(NOW - DAY)}, False, False),
        # What the server computes counts, whatever the rest looks like.
        ({"msDS_User_Account_Control_Computed": "16", "pwdLastSet": str(NOW)}, True, False),
        ({"msDS_User_Account_Control_Computed": "8388608", "pwdLastSet": str(NOW)}, False, True),
        ({"msDS_User_Account_Control_Computed": "0", "pwdLastSet": str(NOW), "lockoutTime": str(NOW)}, False, False),
    ],
)
def test_state(attributes: dict[str, t.Any], locked: bool, expired: bool) -> None:
    policy = PasswordPolicy(maximum_age=-42 * DAY, lockout_duration=-DAY // 24)
    found = decode(entry(**attributes), policy=policy, now=NOW)
    assert (found.locked, found.password_expired) == (locked, expired)


@pytest.mark.parametrize(
    ("lockout", "duration", "locked"),
    [(0, 0, False), (NOW, 0, True), (NOW - DAY, 0, True), (NOW - DAY, LEAST, True), (NOW - DAY, -DAY, False)],
)
def test_lockout_without_end(lockout: int, duration: int, locked: bool) -> None:
    assert is_locked(lockout, PasswordPolicy(lockout_duration=duration), NOW) is locked


@pytest.mark.parametrize("age", [0, LEAST])
def test_passwords_that_last_for_ever(age: int) -> None:
    assert password_end(512, NOW, PasswordPolicy(maximum_age=age)) == NEVER


def test_password_ends() -> None:
    policy = PasswordPolicy(maximum_age=-42 * DAY)
    assert password_end(512, NOW, policy) == NOW + 42 * DAY
    assert password_end(512, 0, policy) == 0
    assert password_end(66048, 0, policy) == password_end(4096, NOW, policy) == NEVER
    assert must_change(512, 0)
    assert not must_change(4096, 0)


def test_what_is_read() -> None:
    found = decode(
        entry(
            userAccountControl="1114626",
            displayName="NDES",
            accountExpires=str(NOW),
            msDS_SupportedEncryptionTypes="28",
            servicePrincipalName=["http/a", "http/b"],
            primaryGroupID="513",
            adminCount="1",
        )
    )
    assert (found.dn, found.sid, found.name, found.kind) == (DN, DOMAIN.child(1104), "svc", USER)
    assert (found.enabled, found.expires, found.encryption_types) == (False, NOW, 28)
    assert found.texts == {"displayName": "NDES"}
    assert found.service_principal_names == ("http/a", "http/b")
    assert (found.primary_group, found.admin_count) == (DOMAIN.child(513), 1)
    assert found.has_expired(NOW)
    assert not found.has_expired(NOW - 1)
    assert not decode(entry(accountExpires="0")).has_expired(NOW)
    assert decode(entry()).expires == NEVER


@given(words, st.sets(st.sampled_from(list(accounts.ENCRYPTION_TYPES))))
def test_encryption_types(word: int, names: set[str]) -> None:
    made = with_encryption_types(word, names)
    assert set(encryption_names(made)) == names
    assert made & ~0x1F == word & ~0x1F
    assert with_encryption_types(made, names) == made
    assert with_encryption_types(word, encryption_names(word)) == word
