# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the directory knows about the wish: the authority, the account of the pool, who configures, the server itself.

Reads only. What it decides is whether names exist and are of the right kind; whether an account can be used is told as
facts, and judged by C(preflight).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import dataclass, replace

from ...accounts import account as accounts
from ...accounts import privileged
from ...accounts.account import Account as DirectoryAccount
from ...accounts.readers import readers_of
from ...accounts.store import read_domain
from ...accounts.times import to_filetime
from ...adcs import store
from ...adcs.authority import read_authorities, thumbprint
from ...adcs.authority_names import find_authority
from ...directory import dn as names
from ...directory.edits import OptionError
from ...directory.principals import PrincipalError, Principals
from ...directory.session import Session
from ...directory.sid import Sid
from .. import mscep
from . import plan, sids
from .wish import Wish


@dataclass(frozen=True)
class Authority:
    """The authority of the wish.

    Attributes:
        root: Thumbprint of the root of its chain; None when the directory does not hold it.
        unpublished: Built-in templates of NDES that it does not issue yet.
    """

    config: str
    host: str
    root: str | None = None
    unpublished: tuple[str, ...] = ()


@dataclass(frozen=True)
class AccountFacts:
    """An account.

    Attributes:
        name: As it is shown, C(DOMAIN\\name).
        logon_name: What it logs on to the domain that was asked as, C(name@domain); None for one of another domain.
        expected: Whether it does not exist yet, and an earlier task of a rehearsal would have made it.
        problems: Why nobody can log on as it, as clauses; None when the directory that was asked does not hold it.
        power: Why it is too powerful, as a clause.
        groups: SIDs of all its groups; None when they are not told.
    """

    name: str
    logon_name: str | None = None
    expected: bool = False
    problems: tuple[str, ...] | None = None
    power: str | None = None
    groups: frozenset[str] | None = None


@dataclass(frozen=True)
class Forest:
    """What the directory knows.

    Attributes:
        bound: DNS name of the domain that was asked.
        domains: DNS names of all domains.
        domain_sid: Of the domain that was asked.
        enterprise_admins: SID of that group; None when the SID of the root domain is not told.
        account: The account of the wish; None for the identity of the pool.
        identity_sid: SID of whom the pool runs as now.
        installer: Who configures; None when that is who runs the task.
        missing_templates: Built-in templates of NDES that do not exist.
    """

    authority: Authority
    wanted: plan.Account
    bound: str = ""
    domains: tuple[str, ...] = ()
    domain_sid: str | None = None
    enterprise_admins: str | None = None
    account: AccountFacts | None = None
    identity_sid: str | None = None
    installer: AccountFacts | None = None
    missing_templates: tuple[str, ...] = ()


def look(
    session: Session,
    wish: Wish,
    *,
    identity: str | None,
    computer_sid: str | None,
    now: dt.datetime,
    expected: t.Sequence[str] = (),
) -> Forest:
    """Ask the directory. Raises OptionError, PrincipalError and DirectoryError.

    Args:
        identity: Name of the user as whom the pool runs now; None for nobody or the pool itself.
        computer_sid: SID of the server's account.
        expected: Accounts that count as existing, in check mode only.
    """
    authority = _authority(session, wish.certification_authority, now)
    principals = Principals(session, expected=expected)
    given = [text for text in (wish.account, wish.installer[0] if wish.installer else None) if text]
    also = [Sid.parse(computer_sid)] if computer_sid else []
    known = _resolved(principals, given, also)
    ticks, root = to_filetime(now), session.root_dse
    wanted, account = _wanted(session, wish, principals, known, computer_sid, ticks)
    installer = None
    if wish.installer:
        installer = _facts(session, principals, known[wish.installer[0]], ticks)[0]
    templates = store.read(session, mscep.BUILT_IN_TEMPLATES, authorities=False)
    return Forest(
        authority=authority,
        wanted=wanted,
        bound=names.dns_name(root.default_naming_context),
        domains=tuple(domain.dns for domain in principals.forest.domains),
        domain_sid=str(root.domain_sid) if root.domain_sid else None,
        enterprise_admins=str(root.root_domain_sid.child(sids.ENTERPRISE_ADMINS)) if root.root_domain_sid else None,
        account=account,
        identity_sid=_identity(principals, identity),
        installer=installer,
        missing_templates=tuple(name for name in mscep.BUILT_IN_TEMPLATES if templates.template(name) is None),
    )


def _authority(session: Session, name: str, now: dt.datetime) -> Authority:
    found = read_authorities(session, now)
    stored = find_authority([one.stored for one in found], name)
    authority = next(one for one in found if one.stored is stored)
    if not authority.issues_by_templates:
        raise OptionError(
            "certification_authority", f"'{authority.config}' does not issue by templates, which NDES needs"
        )
    issued = {one.casefold() for one in stored.published}
    return Authority(
        config=authority.config,
        host=stored.host,
        root=thumbprint(authority.root) if authority.root else None,
        unpublished=tuple(one for one in mscep.BUILT_IN_TEMPLATES if one.casefold() not in issued),
    )


def _resolved(principals: Principals, given: t.Sequence[str], also: t.Sequence[Sid]) -> dict[str, Sid]:
    """SIDs by name, found in one search with the names of the domains of the forest."""
    found = principals.resolve(given, also=also)
    if not principals.forest.domains:
        principals.objects([principals.forest.domain_sid] if principals.forest.domain_sid else [])
    return found


def _wanted(
    session: Session,
    wish: Wish,
    principals: Principals,
    known: t.Mapping[str, Sid],
    computer_sid: str | None,
    now: int,
) -> tuple[plan.Account, AccountFacts | None]:
    if wish.account is None:
        return plan.Account.of_pool(), None
    sid = known[wish.account]
    shown, kind = principals.called(sid), plan.GROUP_MANAGED if wish.is_group_managed else plan.USER
    if principals.is_expected(sid):
        return plan.Account(kind, shown, None), AccountFacts(shown, expected=True)
    entry = principals.objects([sid]).get(sid)
    found = accounts.kind_of(entry.texts("objectClass")) if entry else ""
    if found not in (accounts.USER, accounts.GROUP_MANAGED):
        what = f"a {found}" if found else "a principal that every Windows has"
        raise OptionError(
            "service_account", f"'{wish.account}' is {what}, and neither a user nor a group managed service account"
        )
    facts, stored = _facts(session, principals, sid, now)
    if found == accounts.GROUP_MANAGED and facts.problems is not None and stored is not None:
        facts = replace(facts, problems=(*facts.problems, *_unreadable(session, principals, stored, computer_sid)))
    return plan.Account(kind, shown, str(sid)), facts


def _facts(
    session: Session, principals: Principals, sid: Sid, now: int
) -> tuple[AccountFacts, DirectoryAccount | None]:
    """An account with what is computed about it, which only a domain controller of its own domain tells."""
    name = principals.called(sid)
    if principals.is_expected(sid):
        return AccountFacts(name, expected=True), None
    entry = principals.objects([sid]).get(sid)
    own = session.read(entry.dn, accounts.ATTRIBUTES) if entry else None
    if own is None:
        return AccountFacts(name), None
    computed = "msDS-User-Account-Control-Computed" in own.attributes
    found = accounts.decode(own, policy=None if computed else read_domain(session).policy, now=now)
    groups = frozenset(str(group) for group in found.token) if found.token else None
    around = {*found.token, *([found.primary_group] if found.primary_group else [])}
    power = privileged.reason(sid, around, found.admin_count)
    bound = session.root_dse.default_naming_context
    domain = names.dns_name(bound) if names.equal(names.domain_dn(own.dn), bound) else None
    logon = f"{found.name}@{domain}" if domain else None
    return AccountFacts(name, logon, problems=_problems(found, now), power=power, groups=groups), found


def _problems(found: DirectoryAccount, now: int) -> tuple[str, ...]:
    checks = (
        (not found.enabled, "is disabled"),
        (found.has_expired(now), "has expired"),
        (found.locked, "is locked"),
        (found.kind == accounts.USER and found.password_expired, "has a password that expired or must be changed"),
    )
    return tuple(text for wrong, text in checks if wrong)


def _unreadable(
    session: Session, principals: Principals, account: DirectoryAccount, computer_sid: str | None
) -> tuple[str, ...]:
    """Why the server cannot read the password of a managed account; nothing where that is not known."""
    computer = Sid.parse(computer_sid) if computer_sid else None
    entry = principals.objects([computer]).get(computer) if computer else None
    own = session.read(entry.dn, ("tokenGroups",)) if entry else None
    if computer is None or own is None:
        return ()
    groups = {Sid.from_bytes(value) for value in own.attributes.find("tokenGroups")}
    if readers_of(account.readers) & {computer, *groups}:
        return ()
    return (f"does not let {principals.called(computer)} read its password",)


def _identity(principals: Principals, name: str | None) -> str | None:
    """The SID of whom the pool runs as; None where nobody has that name any more."""
    if not name:
        return None
    try:
        return str(principals.resolve([name])[name])
    except PrincipalError:
        return None
