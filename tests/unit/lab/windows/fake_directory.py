# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory out of a table, for tests of the model alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.parts.accounts import nt_hash
from lab.windows.people.directory import Logon, NoDomainController, Principal

DOMAIN = "S-1-5-21-4-5-6"
MACHINE = "S-1-5-21-1-2-3"


@dataclass
class Account:
    """An account of the table: its RID, kind, groups (RIDs, or SIDs as they are), password and state."""

    rid: int
    kind: str = "user"
    groups: tuple[int | str, ...] = (513,)
    password: str = "Passw0rd!"
    refused: str = ""


@dataclass
class FakeDirectory:
    """Implements lab.windows.people.directory.Directory. Where `answers` is false, no domain controller does."""

    accounts: dict[str, Account] = field(
        default_factory=lambda: {
            "Domain Admins": Account(512, "group", ()),
            "Domain Users": Account(513, "group", ()),
            "Administrator": Account(500, groups=(512, 513)),
            # Of the domain controllers' own BUILTIN groups nobody elsewhere is a member.
            "pkiadmin": Account(1105, groups=(512, 513, "S-1-5-32-544")),
            "alice": Account(1108),
            "NDES1$": Account(1111, "computer", (515,)),
        }
    )
    answers: bool = True

    def by_name(self, name: str) -> Principal | None:
        self._must_answer()
        domain, _, account = name.rpartition("\\")
        account, _, suffix = account.partition("@")
        if domain.casefold() not in ("", "corp", "corp.example") or suffix.casefold() not in ("", "corp.example"):
            return None
        return next((self._principal(each) for each in self.accounts if each.casefold() == account.casefold()), None)

    def by_sid(self, sid: str) -> Principal | None:
        known = {f"{DOMAIN}-{account.rid}": name for name, account in self.accounts.items()}
        return self._principal(known[sid]) if self.answers and sid in known else None

    def groups(self, sid: str) -> tuple[str, ...]:
        self._must_answer()
        account = next((each for each in self.accounts.values() if f"{DOMAIN}-{each.rid}" == sid), None)
        groups = () if account is None else account.groups
        return tuple(group if isinstance(group, str) else f"{DOMAIN}-{group}" for group in groups)

    def logon(self, name: str) -> Logon | None:
        principal = self.by_name(name) if self.answers else None
        if principal is None:
            return None
        account = self.accounts[principal.name]
        return Logon(principal, nt_hash(account.password), account.refused, self.groups(principal.sid))

    def _principal(self, name: str) -> Principal:
        account = self.accounts[name]
        return Principal(f"{DOMAIN}-{account.rid}", "CORP", name, account.kind, f"{name}@corp.example")

    def _must_answer(self) -> None:
        if not self.answers:
            raise NoDomainController


def identified(language: str = "en-US", release: str = "2022") -> Identity:
    return Identity("ndes1", "corp.example", "CORP", "192.0.2.1", MACHINE, DOMAIN, release=release, language=language)


def member(language: str = "en-US", release: str = "2022") -> Host:
    """A blank member server of the table's domain."""
    return Host(identified(language, release), FakeDirectory())
