# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of principals: how they are written, which object of a directory each means, and how a SID is shown.

Pure: what the directory has is handed in. C(principals) asks for it.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from . import dn as names
from . import filters
from .entry import Entry
from .sid import Sid
from .well_known import PRINCIPALS, Principal, Relative, absolute

#: What is read of an account, and of the cross references that name the domains of the forest.
ATTRIBUTES: t.Final[tuple[str, ...]] = (
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "displayName",
    "name",
    "groupType",
    "nCName",
    "nETBIOSName",
    "dnsRoot",
    # What groups an account is in, and what kind of account it is, for whoever looks further (see objects()).
    "objectClass",
    "memberOf",
    "primaryGroupID",
    "servicePrincipalName",
)
DOMAINS = filters.all_of(filters.equals("objectCategory", "crossRef"), filters.present("nETBIOSName"))

_SECURITY_ENABLED = -0x80000000
_BY_NAME = {row.name.casefold(): row for row in PRINCIPALS}
_BY_SID = {row.sid: row for row in PRINCIPALS}


class Domain(t.NamedTuple):
    """One domain of the forest."""

    dn: str
    netbios: str
    dns: str


@dataclass(frozen=True)
class Account:
    """A user, computer or group."""

    dn: str
    sid: Sid
    sam_account_name: str | None
    user_principal_name: str | None
    shown_names: frozenset[str]
    is_distribution_group: bool

    @classmethod
    def from_entry(cls, entry: Entry) -> t.Self | None:
        """The account; None for an object that is none."""
        sid = entry.raw("objectSid")
        if sid is None:
            return None
        group_type = entry.integer("groupType")
        return cls(
            dn=entry.dn,
            sid=Sid.from_bytes(sid),
            sam_account_name=entry.text("sAMAccountName"),
            user_principal_name=entry.text("userPrincipalName"),
            shown_names=frozenset(value.casefold() for name in ("displayName", "name") for value in entry.texts(name)),
            is_distribution_group=group_type is not None and not group_type & _SECURITY_ENABLED,
        )


@dataclass(frozen=True)
class Forest:
    """What is known of the forest when names are matched.

    Attributes:
        bound: DN of the domain that is connected to: its names need no domain before them.
        root: DN of the forest's root domain.
        domain_sid: the SID of the domain that is connected to, if the server says.
        root_domain_sid: the SID of the forest's root domain, if the server says.
        domains: all domains.
    """

    bound: str
    root: str
    domain_sid: Sid | None
    root_domain_sid: Sid | None
    domains: tuple[Domain, ...] = ()

    def named(self, text: str) -> Domain | None:
        """The domain of that NetBIOS or DNS name."""
        wanted = text.casefold()
        return next(
            (domain for domain in self.domains if wanted in (domain.netbios.casefold(), domain.dns.casefold())), None
        )

    def of(self, dn: str) -> Domain | None:
        """The domain in which an object lies."""
        lies_in = names.normalised(names.domain_dn(dn))
        return next((domain for domain in self.domains if names.normalised(domain.dn) == lies_in), None)

    def is_bound(self, domain: Domain) -> bool:
        """Whether it is the domain that is connected to."""
        return names.equal(domain.dn, self.bound)

    def sid_of(self, domain: Domain) -> Sid | None:
        """The SID of a domain, where it is known without asking."""
        if self.is_bound(domain):
            return self.domain_sid
        return self.root_domain_sid if names.equal(domain.dn, self.root) else None

    def qualified(self, account: Account) -> str:
        """How the account is shown: DOMAIN\\name."""
        domain = self.of(account.dn)
        name = account.sam_account_name or account.dn
        return f"{domain.netbios}\\{name}" if domain and account.sam_account_name else name


class Wanted(t.NamedTuple):
    """A name taken apart.

    Attributes:
        text: as it was written.
        name: the account's own name, or a DN.
        domain: what was written before a backslash or after an at sign; None for neither.
        form: plain, down_level (DOMAIN\\name), principal (name@domain) or dn.
    """

    text: str
    name: str
    domain: str | None
    form: t.Literal["plain", "down_level", "principal", "dn"]


def parse(text: str) -> Wanted:
    """O(text) taken apart. Raises ValueError with the reason when it is no way to write a name."""
    stripped = text.strip()
    if not stripped:
        raise ValueError("is empty")
    if "=" in stripped:
        try:
            names.split(stripped)
        except ValueError:
            pass
        else:
            return Wanted(text, stripped, None, "dn")
    domain, backslash, name = stripped.partition("\\")
    if backslash:
        if not domain or not name:
            raise ValueError("is not written as DOMAIN\\name")
        return Wanted(text, name, domain, "down_level")
    name, at, domain = stripped.rpartition("@")
    if at:
        if not domain or not name:
            raise ValueError("is not written as name@domain")
        return Wanted(text, name, domain, "principal")
    return Wanted(text, stripped, None, "plain")


def well_known(wanted: Wanted, forest: Forest) -> Sid | None:
    """The SID of a principal that every forest has, by its English name; None for any other name.

    The names of these are translated with Windows, their numbers are not. So a Swedish forest knows Domain Admins too.
    """
    row = _BY_NAME.get(wanted.name.casefold())
    if row is None or wanted.form == "dn":
        return None
    if wanted.domain is None:
        return absolute(row.sid, forest.domain_sid, forest.root_domain_sid)
    if isinstance(row.sid, Sid):
        return row.sid if row.authority.casefold() == wanted.domain.casefold() else None
    domain = forest.named(wanted.domain)
    return _relative(row.sid, forest, domain) if domain else None


def _relative(sid: Relative, forest: Forest, domain: Domain) -> Sid | None:
    issuer = forest.sid_of(domain)
    if issuer is None or (sid.scope == "root_domain" and issuer != forest.root_domain_sid):
        return None
    return issuer.child(sid.rid)


def well_known_name(sid: Sid, forest: Forest) -> str | None:
    """The English name of a principal that every forest has; None for any other, and for those of other domains."""
    row: Principal | None = _BY_SID.get(sid)
    if row is None and sid.domain is not None and sid.rid is not None:
        if sid.domain == forest.domain_sid:
            row = _BY_SID.get(Relative("domain", sid.rid))
        if row is None and sid.domain == forest.root_domain_sid:
            row = _BY_SID.get(Relative("root_domain", sid.rid))
    return row.name if row else None


def lookup_filter(wanted: Wanted) -> str:
    """What finds the object that O(wanted) means, and those that it is likely mistaken for."""
    if wanted.form == "dn":
        return filters.equals("distinguishedName", wanted.name)
    terms = [filters.equals("sAMAccountName", wanted.name), filters.equals("sAMAccountName", f"{wanted.name}$")]
    terms.extend(filters.equals(attribute, wanted.name) for attribute in ("displayName", "name"))
    if wanted.form == "principal":
        terms.append(filters.equals("userPrincipalName", wanted.text.strip()))
    return filters.any_of(*terms)


class Match(t.NamedTuple):
    """What a name came to.

    Attributes:
        account: the object; None when there is none or more than one.
        problem: why there is none, as a clause with the name as its subject; empty with an account.
        elsewhere: the problem may go away when the whole forest is asked.
        missing: nothing has the name, right or not.
    """

    account: Account | None
    problem: str = ""
    elsewhere: bool = False
    missing: bool = False


def match(wanted: Wanted, accounts: t.Iterable[Account], forest: Forest) -> Match:
    """The one of O(accounts) that O(wanted) means."""
    everyone = list({account.sid: account for account in accounts}.values())
    domain = forest.named(wanted.domain) if wanted.domain else None
    if wanted.form == "down_level" and domain is None:
        known = ", ".join(f"{known.netbios} ({known.dns})" for known in forest.domains)
        return Match(None, f"is of a domain that the forest does not have; its domains are {known}")
    found = _candidates(wanted, everyone, forest, domain)
    if len(found) > 1:
        return Match(None, f"is ambiguous: write {' or '.join(sorted(map(forest.qualified, found)))}")
    if found:
        if found[0].is_distribution_group:
            return Match(None, "is a distribution group, which cannot have rights")
        return Match(found[0])
    elsewhere = not (wanted.form == "down_level" and domain and forest.is_bound(domain))
    return Match(None, _hint(wanted, everyone, forest) or "is not a principal of the forest", elsewhere, missing=True)


def shown_as(wanted: Wanted, forest: Forest) -> str | None:
    """How an account that does not exist yet will be shown; None when O(wanted) does not say where it will be.

    It needs a name of its own and a domain: the one that is connected to when none is written.
    """
    if wanted.form == "dn":
        return None
    if wanted.domain is None:
        domain = next((known for known in forest.domains if forest.is_bound(known)), None)
    else:
        domain = forest.named(wanted.domain)
    return f"{domain.netbios}\\{wanted.name}" if domain else None


def _candidates(wanted: Wanted, accounts: list[Account], forest: Forest, domain: Domain | None) -> list[Account]:
    if wanted.form == "dn":
        key = names.normalised(wanted.name)
        return [account for account in accounts if names.normalised(account.dn) == key]
    name = wanted.name.casefold()
    same = [account for account in accounts if (account.sam_account_name or "").casefold() == name]
    if wanted.form == "principal":
        whole = wanted.text.strip().casefold()
        explicit = [account for account in accounts if (account.user_principal_name or "").casefold() == whole]
        if explicit:
            return explicit
    if wanted.form != "plain":
        return [account for account in same if domain and forest.of(account.dn) == domain]
    own = [account for account in same if names.equal(names.domain_dn(account.dn), forest.bound)]
    return own or same


def _hint(wanted: Wanted, accounts: list[Account], forest: Forest) -> str:
    if wanted.form == "dn":
        return ""
    name = wanted.name.casefold()
    for account in accounts:
        own = (account.sam_account_name or "").casefold()
        if own == f"{name}$":
            return f"is a computer: write {forest.qualified(account)}"
        if name in account.shown_names and own != name and account.sam_account_name:
            return f"is the display name of {forest.qualified(account)}: write that"
    return ""
