# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as the transport sees it: who may log on, and what a process writes."""

from __future__ import annotations

from collections.abc import Callable

from lab.windows.host import Host
from lab.windows.people import principals
from lab.windows.people.token import REMOTE_MANAGEMENT_USERS, Token
from lab.windows.running import processes
from lab.windows.watch import watched
from lab.winrm.machine import AccessDenied, LogonRefused, Outcome, ShellOptions

#: User rights that decide about a logon over the network (MS-LSAD 3.1.1.2.2).
NETWORK_LOGON = "SeNetworkLogonRight"
DENY_NETWORK_LOGON = "SeDenyNetworkLogonRight"


class SimulatedMachine:
    """Implements lab.winrm.machine.Machine over the model of a host."""

    def __init__(self, host: Host, saved: Callable[[Host], None]) -> None:
        """Serve a host.

        Args:
            host: The model.
            saved: Called after every process, to keep what it changed.
        """
        self.host = host
        self.fqdn = host.identity.fqdn
        self._saved = saved

    def nt_hash(self, domain: str, user: str) -> bytes | None:
        if self._is_local(domain, user):
            with self.host.lock:
                return self.host.accounts.nt_hash(user, self.host.clock.now())
        logon = self.host.directory.logon(user if "@" in user or not domain else f"{domain}\\{user}")
        return None if logon is None or logon.refused else logon.nt_hash

    def logon_basic(self, user: str, password: str) -> Token:
        domain, _, name = user.rpartition("\\")
        if not self._is_local(domain, name):
            raise LogonRefused(f"{user} is no account of this host, and basic authentication knows no others")
        with self.host.lock:
            if not self.host.accounts.check_password(name, password, self.host.clock.now()):
                raise LogonRefused(f"wrong password for {user}, or the account may not log on")
        return self.logon(f"{self.host.identity.computer}\\{name}")

    def logon(self, user: str) -> Token:
        with self.host.lock:
            try:
                principal = principals.find(self.host, user)
            except principals.NoMapping as error:
                raise LogonRefused(str(error)) from error
            token = principals.token_for(self.host, principal, "network")
            allowed, denied = (self.host.rights.holders(right) for right in (NETWORK_LOGON, DENY_NETWORK_LOGON))
        mine = {token.sid, *token.groups}
        if not mine.intersection(allowed) or mine.intersection(denied):
            raise LogonRefused(f"{user} may not log on over the network")
        if not token.is_administrator and REMOTE_MANAGEMENT_USERS not in token.groups:
            raise AccessDenied(f"{user} is neither an administrator nor in Remote Management Users")
        return token

    def run(self, token: Token, options: ShellOptions, command_line: str, stdin: bytes) -> Outcome:
        try:
            with watched(self.host):
                return processes.run(self.host, token, options, command_line, stdin)
        finally:
            self._saved(self.host)

    def _is_local(self, domain: str, user: str) -> bool:
        """Whether a name means an account of this host: it says so, or says nothing and there is such an account."""
        if "@" in user:
            return False
        if domain in ("", "."):
            return domain == "." or self.host.accounts.nt_hash(user) is not None
        return domain.casefold() == self.host.identity.name.casefold()
