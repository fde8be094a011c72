# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logons with a password: what LogonUser refuses, and with which code."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lab.windows import win32
from lab.windows.host import Host
from lab.windows.parts.accounts import DISABLED
from lab.windows.people.logons import LogonFailure, log_on
from lab.windows.people.token import NetworkIdentity

from .fake_directory import MACHINE, FakeDirectory, member

PASSWORD = "Passw0rd!"


@pytest.fixture
def host() -> Host:
    made = member()
    made.accounts.add_user("bo", PASSWORD)
    return made


REFUSED = [
    ("alice", "wrong", win32.LOGON_FAILURE),
    ("nobody", PASSWORD, win32.LOGON_FAILURE),
    ("SYSTEM", "", win32.LOGON_FAILURE),
    ("Domain Admins", "", win32.LOGON_FAILURE),
    (".\\bo", "wrong", win32.LOGON_FAILURE),
    (".\\Guest", "", win32.LOGON_FAILURE),
]

STATES = {
    "disabled": win32.ACCOUNT_DISABLED,
    "expired": win32.ACCOUNT_EXPIRED,
    "locked": win32.ACCOUNT_LOCKED_OUT,
    "password_expired": win32.PASSWORD_EXPIRED,
    "password_must_change": win32.PASSWORD_MUST_CHANGE,
}


@pytest.mark.parametrize("name, password, code", REFUSED)
def test_wrong_names_and_passwords(host: Host, name: str, password: str, code: int) -> None:
    with pytest.raises(LogonFailure) as refused:
        log_on(host, name, password, "network")
    assert refused.value.code == code


@pytest.mark.parametrize("state, code", STATES.items())
def test_the_state_of_a_domain_account(host: Host, state: str, code: int) -> None:
    assert isinstance(host.directory, FakeDirectory)
    host.directory.accounts["alice"].refused = state
    with pytest.raises(LogonFailure) as refused:
        log_on(host, "CORP\\alice", PASSWORD, "network")
    assert refused.value.code == code


def test_the_state_of_a_local_account(host: Host) -> None:
    user = host.accounts.by_name("bo")
    assert user is not None
    host.accounts.add_member("S-1-5-32-545", f"{MACHINE}-{user.rid}")
    yesterday = (host.clock.now() - timedelta(days=1)).isoformat()
    for attribute, value, code in [
        ("locked", True, win32.ACCOUNT_LOCKED_OUT),
        ("flags", user.flags | DISABLED, win32.ACCOUNT_DISABLED),
        ("expires", yesterday, win32.ACCOUNT_EXPIRED),
        ("password_expired", True, win32.PASSWORD_MUST_CHANGE),
    ]:
        before = getattr(user, attribute)
        setattr(user, attribute, value)
        with pytest.raises(LogonFailure) as refused:
            log_on(host, "bo", PASSWORD, "network")
        assert refused.value.code == code
        setattr(user, attribute, before)
    assert log_on(host, "bo", PASSWORD, "network").account == "NDES1\\bo"


def test_a_right_is_needed(host: Host) -> None:
    assert log_on(host, "CORP\\alice", PASSWORD, "network").delegates
    with pytest.raises(LogonFailure, match="not been granted the requested logon type") as refused:
        log_on(host, "CORP\\alice", PASSWORD, "service")
    assert refused.value.code == win32.LOGON_TYPE_NOT_GRANTED
    host.rights.grant("SeServiceLogonRight", log_on(host, "CORP\\alice", PASSWORD, "network").sid)
    assert log_on(host, "CORP\\alice", PASSWORD, "service").logon_type == "service"


def test_as_whom_a_logon_proves_itself_elsewhere(host: Host) -> None:
    """Whoever has the password of an account of the domain; accounts of the host are nobody elsewhere."""
    assert log_on(host, "alice@corp.example", PASSWORD, "network").network == NetworkIdentity("CORP\\alice", PASSWORD)
    assert log_on(host, "bo", PASSWORD, "network").network is None
    assert PASSWORD not in repr(log_on(host, "CORP\\alice", PASSWORD, "network"))


def test_codes_have_texts_in_both_languages() -> None:
    for code in (*STATES.values(), win32.LOGON_FAILURE, win32.FILE_NOT_FOUND, win32.ACCESS_DENIED):
        assert win32.text(code, "en-US") != win32.text(code, "sv-SE")
    assert win32.in_ansible("LogonUser failed", 1326, "en-US") == (
        "LogonUser failed (The user name or password is incorrect, Win32ErrorCode 1326 - 0x0000052E)"
    )
