# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logons with a password on a host, as LogonUser does them: `become: runas`, scheduled tasks, checks of a password."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lab.windows import win32
from lab.windows.parts.accounts import nt_hash
from lab.windows.people import principals
from lab.windows.people.directory import Principal
from lab.windows.people.token import NetworkIdentity

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.parts.accounts import User
    from lab.windows.people.principals import LogonType
    from lab.windows.people.token import Token

#: Error codes by what Logon.refused says.
REFUSED = {
    "disabled": win32.ACCOUNT_DISABLED,
    "expired": win32.ACCOUNT_EXPIRED,
    "locked": win32.ACCOUNT_LOCKED_OUT,
    "password_expired": win32.PASSWORD_EXPIRED,
    "password_must_change": win32.PASSWORD_MUST_CHANGE,
}


class LogonFailure(Exception):  # noqa: N818
    """LogonUser failed; `code` is the Win32 error code."""

    def __init__(self, code: int, language: str) -> None:
        super().__init__(win32.text(code, language))
        self.code = code


def log_on(host: Host, name: str, password: str, logon_type: LogonType) -> Token:
    """Log on an account, local or of the domain, with its password.

    Args:
        host: Where.
        name: As `principals.find` takes it.
        password: Of the account. Accounts of the system have none and are refused.
        logon_type: Which kind of logon; the account needs the right to it.

    Returns:
        The token. It delegates: whoever has the password can prove itself elsewhere.

    Raises:
        LogonFailure: Nobody has the name, the password is wrong, the state of the account forbids it, or the right is
            missing, in this order of precedence.
    """
    language = host.identity.language
    try:
        principal = principals.find(host, name)
    except principals.NoMapping:
        raise LogonFailure(win32.LOGON_FAILURE, language) from None
    code = _check(host, principal, password)
    if code:
        raise LogonFailure(code, language)
    token = principals.token_for(host, principal, logon_type, delegates=True)
    if host.accounts.by_sid(principal.sid) is None:
        token = replace(token, network=NetworkIdentity(principal.account, password))
    if not host.rights.allows(logon_type, {token.sid, *token.groups}):
        raise LogonFailure(win32.LOGON_TYPE_NOT_GRANTED, language)
    return token


def _check(host: Host, principal: Principal, password: str) -> int:
    """The error code for an account and a password, 0 for none."""
    user = host.accounts.by_sid(principal.sid)
    if user is not None:
        return check_local(host, user, password)
    logon = host.directory.logon(principal.account) if principal.sid.startswith("S-1-5-21-") else None
    if logon is None or logon.nt_hash != nt_hash(password):
        return win32.LOGON_FAILURE
    return REFUSED[logon.refused] if logon.refused else 0


def check_local(host: Host, user: User, password: str) -> int:
    """The error code of a logon of a local user with a password, 0 for none. Its rights are not looked at."""
    if user.locked:
        return win32.ACCOUNT_LOCKED_OUT
    if user.nt_hash is None or not host.accounts.matches(user.rid, password):
        return win32.LOGON_FAILURE
    if user.disabled:
        return win32.ACCOUNT_DISABLED
    if user.expires is not None and datetime.fromisoformat(user.expires) <= host.clock.now():
        return win32.ACCOUNT_EXPIRED
    return win32.PASSWORD_MUST_CHANGE if user.password_expired else 0
