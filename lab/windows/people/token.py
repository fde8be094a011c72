# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs something on a host."""

from __future__ import annotations

from dataclasses import dataclass, field

ADMINISTRATORS = "S-1-5-32-544"
REMOTE_MANAGEMENT_USERS = "S-1-5-32-580"
SYSTEM_SID = "S-1-5-18"


@dataclass(frozen=True)
class NetworkIdentity:
    """As whom a logon can prove itself to other hosts: the account as it was named, and its password."""

    account: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Token:
    """A logon: the account, and the SIDs of the groups that it is in on this host, domain groups among them."""

    sid: str
    account: str
    groups: tuple[str, ...] = ()
    #: `network` (WinRM), `batch`, `interactive`, `service`: how it came to be.
    logon_type: str = "network"
    #: Whether it can prove itself to other hosts: Kerberos with delegation, basic, or become with a password.
    delegates: bool = False
    #: As whom it does so, where that takes a password that is known here. Forwarded tickets are not used.
    network: NetworkIdentity | None = field(default=None, repr=False, compare=False)

    @property
    def is_administrator(self) -> bool:
        return self.sid == SYSTEM_SID or ADMINISTRATORS in self.groups
