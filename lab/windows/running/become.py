# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`become: runas` on a host: which account a process gets, and why it does not (Ansible.Become of ansible-core)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lab.payload.invocation import Become
from lab.windows import win32
from lab.windows.not_modelled import NotModelled
from lab.windows.people import logons, principals
from lab.windows.people.token import SYSTEM_SID, NetworkIdentity, Token

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.directory import Principal
    from lab.windows.people.principals import LogonType

#: Accounts of the system that need no password.
SERVICES = (SYSTEM_SID, principals.LOCAL_SERVICE, principals.NETWORK_SERVICE)
_NO_SYSTEM = (
    "Failed to get token for NT AUTHORITY\\SYSTEM required for become as a service account or an account without a"
    " password"
)
#: Kinds of logon whose right is that of another.
_KINDS: dict[str, LogonType] = {
    "interactive": "interactive",
    "unlock": "interactive",
    "batch": "batch",
    "network": "network",
    "network_cleartext": "network",
    "service": "service",
}


class BecomeFailed(Exception):  # noqa: N818
    """The account cannot be become; the text is that of the exception in Ansible.Become."""


def become(host: Host, user: Token, wanted: Become) -> Token:
    """The token of the account.

    Raises:
        BecomeFailed: Nobody has the name, the password is wrong, the account or the kind of logon is not allowed, or
            the caller may not do without a password.
    """
    if wanted.logon_type == "new_credentials":
        if wanted.password is None:
            raise NotModelled("become with new_credentials and no password")
        # The same account here, somebody else on other hosts; whether the password is right shows there.
        return replace(user, delegates=True, network=NetworkIdentity(wanted.user, wanted.password))
    try:
        principal = principals.find(host, wanted.user)
    except principals.NoMapping as missing:
        raise BecomeFailed(str(missing)) from missing
    # An administrator holds SeDebugPrivilege, with which a token of SYSTEM can be had.
    privileged = bool({user.sid, *user.groups}.intersection(host.rights.holders("SeDebugPrivilege")))
    if not (privileged or user.sid == SYSTEM_SID) and (principal.sid in SERVICES or not wanted.password):
        raise BecomeFailed(_NO_SYSTEM)
    if principal.sid in SERVICES:
        return principals.token_for(host, principal, "service", delegates=True)
    kind = _KINDS[wanted.logon_type]
    if wanted.password is None:
        return _without_password(host, principal, "network" if wanted.logon_type == "network" else "batch")
    name, language = wanted.user.removeprefix(".\\"), host.identity.language
    try:
        return logons.log_on(host, wanted.user, wanted.password, kind)
    except logons.LogonFailure as failure:
        shown = name if "\\" in name or "@" in name else f".\\{name}"
        raise BecomeFailed(win32.in_ansible(f"Failed to logon {shown}", failure.code, language)) from failure


def _without_password(host: Host, principal: Principal, kind: LogonType) -> Token:
    """A logon for somebody by SYSTEM (S4U): nothing to prove oneself with elsewhere."""
    token = principals.token_for(host, principal, kind)
    code = _state(host, principal)
    if not code and not host.rights.allows(kind, {token.sid, *token.groups}):
        code = win32.LOGON_TYPE_NOT_GRANTED
    if code:
        said = win32.text(code, host.identity.language)
        # Ansible.Process words it without the hexadecimal number.
        raise BecomeFailed(f"LsaLogonUser() failed with substatus 0 ({said}, Win32ErrorCode {code})")
    return token


def _state(host: Host, principal: Principal) -> int:
    """The error code for the state of an account whose password nobody asks for; 0 for none."""
    user = host.accounts.by_sid(principal.sid)
    if user is not None:
        return win32.ACCOUNT_DISABLED if user.disabled else 0
    logon = host.directory.logon(principal.account)
    if logon is None:
        return win32.LOGON_FAILURE
    return logons.REFUSED[logon.refused] if logon.refused in ("disabled", "expired", "locked") else 0
