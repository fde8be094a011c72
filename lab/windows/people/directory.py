# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host asks its domain: who is behind a name or a SID, and in which groups. Answered by the real directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class NoDomainController(Exception):  # noqa: N818
    """No domain controller of the domain answers."""


@dataclass(frozen=True)
class Principal:
    """An account or group.

    Attributes:
        sid: `S-1-5-21-...`.
        domain: What stands before the backslash; "" for those that have nothing there (Everyone).
        name: What stands behind it.
        kind: `user`, `group`, `alias` (local or domain-local group), `computer`, `well_known`, `service`, `label`;
            `unknown` for a SID that nobody has.
        principal_name: User principal name, "" if there is none.
    """

    sid: str
    domain: str
    name: str
    kind: str = "user"
    principal_name: str = ""

    @property
    def account(self) -> str:
        return f"{self.domain}\\{self.name}" if self.domain else self.name


@dataclass(frozen=True)
class Logon:
    """What a domain account looks like to who checks a logon.

    Attributes:
        principal: The account.
        nt_hash: NT hash of its password; never leaves the process.
        refused: Why it may not log on ("" if it may): `disabled`, `expired`, `locked`, `password_expired`,
            `password_must_change`.
        groups: SIDs of all its groups in the domain, nested ones too.
    """

    principal: Principal
    nt_hash: bytes = field(repr=False)
    refused: str
    groups: tuple[str, ...]


class Directory(Protocol):
    """The domain as a member server sees it. `by_name` and `groups` raise NoDomainController if none answers."""

    def by_name(self, name: str) -> Principal | None:
        """Find `CORP\\alice`, `alice@corp.example`, `corp.example\\alice` or `alice`; None if there is none."""
        ...

    def by_sid(self, sid: str) -> Principal | None:
        """Find an account by its SID; None if there is none, or no domain controller answers."""
        ...

    def groups(self, sid: str) -> tuple[str, ...]:
        """SIDs of all groups that an account is in, nested ones too (tokenGroups)."""
        ...

    def logon(self, name: str) -> Logon | None:
        """The account for a logon; None if there is none, or no domain controller answers."""
        ...


class NoDirectory:
    """A host that reaches no domain controller: nobody is found. For tests of the model alone."""

    def by_name(self, name: str) -> Principal | None:
        return None

    def by_sid(self, sid: str) -> Principal | None:
        return None

    def groups(self, sid: str) -> tuple[str, ...]:
        return ()

    def logon(self, name: str) -> Logon | None:
        return None
