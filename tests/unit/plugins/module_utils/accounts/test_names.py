# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and passwords of accounts."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts.account import PasswordPolicy
from ansible_collections.certops.intune.plugins.module_utils.accounts.names import (
    account_name,
    check_password,
    check_texts,
    encoded_password,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from hypothesis import given
from hypothesis import strategies as st

STRICT = PasswordPolicy(minimum_length=7, complex=True)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("svc-ndes", "user", "svc-ndes"),
        ("x" * 20, "user", "x" * 20),
        ("Tjänst (NDES)", "user", "Tjänst (NDES)"),
        ("a b", "user", "a b"),
        ("gmsa", "group_managed", "gmsa$"),
        ("gmsa$", "group_managed", "gmsa$"),
        ("x" * 15 + "$", "group_managed", "x" * 15 + "$"),
    ],
)
def test_names(text: str, kind: str, name: str) -> None:
    assert account_name(text, kind) == name


@given(st.text(max_size=24), st.sampled_from(["user", "group_managed"]))
def test_any_text_is_a_name_or_refused(text: str, kind: str) -> None:
    try:
        name = account_name(text, kind)
    except OptionError as exc:
        reason = str(exc)
    else:
        assert name.removesuffix("$") == text.removesuffix("$")
        assert not set('"/\\[]:;|=,+*?<>@') & set(name)
        assert account_name(name, kind) == name
        return
    assert reason.startswith("name: ")


@pytest.mark.parametrize("text", ["$", "", " ", "a\n", "a\u200b", "😀" * 11, "."])
@pytest.mark.parametrize("kind", ["user", "group_managed"])
def test_what_is_no_name(text: str, kind: str) -> None:
    with pytest.raises(OptionError, match=r"^name: "):
        account_name(text, kind)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("aB1!xyz", None),
        ("abcDEF123", None),
        ("жфцЖФЦ123", None),
        ("漢字漢字漢字aB", None),
        ("aB1!xy", "is shorter than the 7 characters that the domain's policy asks for"),
        ("", "is empty"),
        ("abcdefg1", "needs characters of 3 kinds by the domain's policy"),
        ("ABCDEFG!", "needs characters of 3 kinds by the domain's policy"),
        ("x-SVC-ndes-1", "holds the account's name or a part of its display name"),
        ("x-Connector-1", "holds the account's name or a part of its display name"),
        # Parts of fewer than three characters do not count.
        ("x-My-7-tool", None),
    ],
)
def test_passwords(password: str, problem: str | None) -> None:
    if problem is None:
        check_password(password, STRICT, "svc-ndes", "My Connector,_#x")
        return
    with pytest.raises(OptionError, match=f"^password: {re.escape(problem)}") as caught:
        check_password(password, STRICT, "svc-ndes", "My Connector,_#x")
    assert not password or password not in str(caught.value)


def test_a_policy_that_asks_for_nothing() -> None:
    check_password("a", PasswordPolicy(), "svc", "svc")
    check_password("svc", PasswordPolicy(minimum_length=3), "svc", "svc")


def test_short_names_may_stand_in_passwords() -> None:
    check_password("xy-xy-XY-1", STRICT, "xy", "")


def test_the_form_of_a_password() -> None:
    assert encoded_password("aé") == b'"\x00a\x00\xe9\x00"\x00'


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"display_name": "x" * 257}, "display_name: has 257 characters; 256 are allowed"),
        ({"description": "x" * 1025}, "description: has 1025 characters; 1024 are allowed"),
        ({"display_name": " x"}, "display_name: ' x' begins or ends with a blank"),
        ({"description": "a\x00b"}, "description: holds a control character"),
        ({"user_principal_name": "a@b@c"}, "user_principal_name: 'a@b@c' is not written as name@domain"),
        ({"user_principal_name": "a b@c"}, "user_principal_name: 'a b@c' is not written as name@domain"),
        ({"user_principal_name": "*@c"}, "user_principal_name: '*@c' is not written as name@domain"),
        ({"dns_host_name": "-a.b"}, "dns_host_name: '-a.b' is not the full DNS name of a host"),
        ({"dns_host_name": "a" * 64 + ".b"}, "is not the full DNS name of a host"),
        ({"dns_host_name": ".".join(["a" * 60] * 5)}, "is not the full DNS name of a host"),
    ],
)
def test_texts(texts: dict[str, str], message: str) -> None:
    with pytest.raises(OptionError, match=re.escape(message)):
        check_texts(texts)


def test_texts_that_are_right() -> None:
    check_texts({"display_name": "", "description": "", "user_principal_name": "", "dns_host_name": ""})
    check_texts({"user_principal_name": "svc-ndes.x@corp.example", "dns_host_name": "a-1.corp.example"})
