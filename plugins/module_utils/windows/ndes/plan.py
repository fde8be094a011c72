# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the NDES that there is to the NDES that is wished: the steps, in their order. Pure.

A configured server is changed only where Windows lets it be: in the account of the pool with what belongs to that. What
the set-up writes once is reported by C(drift). A half-configured server is not touched unless that is wished.

Some steps need what an earlier one brings, such as the keys of the certificates. So the steps are made, the server is
read again, and the plan for what is then there says what is left. Every step may be made again, and a run that was
ended between two of them is followed by one that plans the rest.

serves: SCEP-054, SCEP-056, SCEP-057, SCEP-058

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...directory.edits import OptionError
from .. import mscep
from . import sids
from .current import CONFIGURED, FEATURE_MISSING, HALF_CONFIGURED, Current
from .wish import Key

USER, GROUP_MANAGED, POOL = "user", "group_managed", "pool"


@dataclass(frozen=True)
class Account:
    """As whom the pool is to run.

    Attributes:
        kind: V(user), V(group_managed), or V(pool) for the pool itself.
        name: C(DOMAIN\\name); empty for the pool itself.
        sid: Its SID; None for an account that an earlier task of a rehearsal would have made.
    """

    kind: str
    name: str = ""
    sid: str | None = None

    @classmethod
    def of_pool(cls) -> Account:
        return cls(POOL, "", sids.of_pool(mscep.POOL))


@dataclass(frozen=True)
class Wanted:
    """The wish with what the directory knows about it."""

    ca_config: str
    account: Account
    subject: t.Mapping[str, str]
    keys: t.Mapping[str, Key]
    has_password: bool = False
    update_password: bool = False
    repair: bool = False


@dataclass(frozen=True)
class Uninstall:
    """Let Windows take the configuration away; O(tolerated) when there may be too little left of it for that."""

    tolerated: bool = False


@dataclass(frozen=True)
class RemoveCertificate:
    thumbprint: str


@dataclass(frozen=True)
class RemoveApplication:
    site: str
    name: str


@dataclass(frozen=True)
class RemovePool:
    name: str


@dataclass(frozen=True)
class RemoveKey:
    """Remove the registry key of NDES with all that is in it."""

    path: str = mscep.MSCEP


@dataclass(frozen=True)
class ResetStatus:
    """Let the registry say that the role service is not configured, where Windows itself did not come to that."""

    path: str = mscep.ROLE
    value: int = mscep.CONFIGURED - 1


@dataclass(frozen=True)
class Join:
    """Make the account a member of IIS_IUSRS."""

    sid: str | None


@dataclass(frozen=True)
class Configure:
    """Let the cmdlet configure the role service; with O(account) empty as the identity of the pool."""

    account: str = ""


@dataclass(frozen=True)
class Grant:
    """Let somebody read the private key of a certificate."""

    thumbprint: str
    sid: str


@dataclass(frozen=True)
class Revoke:
    """Take from somebody what Grant or the cmdlet gave; O(whole) when it is more than reading."""

    thumbprint: str
    sid: str
    whole: bool = False


@dataclass(frozen=True)
class Run:
    """Let the pool run as an account; the password comes from the wish."""

    account: Account


@dataclass(frozen=True)
class SetPassword:
    """Give the pool the password of its account again; IIS itself knows whether that is another one."""


Step: t.TypeAlias = (
    Uninstall
    | RemoveCertificate
    | RemoveApplication
    | RemovePool
    | RemoveKey
    | ResetStatus
    | Join
    | Configure
    | Grant
    | Revoke
    | Run
    | SetPassword
)


class HalfConfigured(Exception):  # noqa: N818
    """A half-configured server without the wish to repair it. str() says why and what repairing does."""

    def __init__(self, reasons: t.Sequence[str]) -> None:
        super().__init__(
            "NDES is half-configured: " + " ".join(reasons) + " It is left as it is. With repair: true the rest is "
            "taken away (the certificates of the registration authority that belong to it, then as far as Windows can "
            "by Windows, its applications and pool, and its registry key with the settings), and with state: present "
            "the role service is configured anew."
        )


def present(current: Current, wanted: Wanted) -> tuple[Step, ...]:
    """The steps to a configured server. Raises HalfConfigured, and OptionError for a password that is missing."""
    state = current.state
    if state == CONFIGURED:
        return tuple(_account(current, wanted))
    steps: list[Step] = []
    if state == HALF_CONFIGURED:
        steps += _cleared(current, wanted.repair)
    account = wanted.account
    if account.kind == USER:
        _require_password(wanted, "configure the role service")
        steps += _joined(current, account)
        return (*steps, Configure(account.name))
    return (*steps, Configure())


def absent(current: Current, *, repair: bool) -> tuple[Step, ...]:
    """The steps to a server without a configuration. Raises HalfConfigured."""
    state = current.state
    if state == CONFIGURED:
        return (Uninstall(),)
    if state == HALF_CONFIGURED:
        # Nothing of it works any more: this is what an earlier removal was ended before.
        gone = not current.application and not current.admin_application and current.status != mscep.CONFIGURED
        return (RemoveKey(),) if gone and not current.pool else tuple(_cleared(current, repair))
    if state == FEATURE_MISSING and current.key:
        return (RemoveKey(),)
    return ()


def configures(steps: t.Iterable[Step]) -> bool:
    """Whether O(steps) configure the role service."""
    return any(isinstance(step, Configure) for step in steps)


def changes_account(steps: t.Iterable[Step]) -> bool:
    """Whether O(steps) let the pool run as somebody else."""
    return any(isinstance(step, Run) for step in steps)


def _cleared(current: Current, repair: bool) -> t.Iterator[Step]:
    if not repair:
        raise HalfConfigured(current.half)
    # Before Windows takes the registry key, by which a run that goes on later would know of them.
    for certificate in current.own:
        if certificate.built_in:
            yield RemoveCertificate(certificate.thumbprint)
    yield Uninstall(tolerated=True)
    site = current.iis.site.name if current.iis and current.iis.site else ""
    if current.application:
        yield RemoveApplication(site, mscep.APPLICATION)
    if current.admin_application:
        yield RemoveApplication(site, mscep.ADMIN_APPLICATION)
    if current.pool:
        yield RemovePool(current.pool.name)
    # The last: while they are there the next run knows that there is something to repair.
    if current.key:
        yield RemoveKey()
    if current.status == mscep.CONFIGURED:
        yield ResetStatus()


def _account(current: Current, wanted: Wanted) -> t.Iterator[Step]:
    """What is left to do for the account of a configured server.

    The new account may read the keys before the pool runs as it; the old one loses them before that, too, since later
    nobody would know who it was.
    """
    account = wanted.account
    if account.kind != POOL:
        yield from _joined(current, account)
    for certificate in current.pair:
        if certificate.rights is None:
            continue
        if account.sid and not certificate.readable_by(account.sid):
            yield Grant(certificate.thumbprint, account.sid)
        former = {sids.of_pool(mscep.POOL), current.identity_sid} - {account.sid, None}
        for sid in sorted(sid for sid in former if sid and sid.startswith(_ACCOUNTS) and sid in certificate.rights):
            yield Revoke(certificate.thumbprint, sid, whole=certificate.writable_by(sid))
    if not is_run_by(current, account):
        if account.kind == USER:
            _require_password(wanted, f"let the pool run as {account.name}")
        yield Run(account)
    elif account.kind == USER and wanted.update_password and wanted.has_password:
        yield SetPassword()


#: Accounts that lose their rights on the keys: of a domain, and those of pools. Never SYSTEM or a group of Windows.
_ACCOUNTS = ("S-1-5-21-", "S-1-5-82-")


def is_run_by(current: Current, account: Account) -> bool:
    """Whether the pool runs as O(account); by SID where it is known, else by name."""
    if current.identity is None:
        return False
    if account.kind == POOL or current.identity == "":
        return account.kind == POOL and current.identity == ""
    if account.sid and current.identity_sid:
        return account.sid == current.identity_sid
    return account.name.casefold() == current.identity.casefold()


def _joined(current: Current, account: Account) -> t.Iterator[Step]:
    # Where the group cannot be listed, joining again does no harm.
    if account.sid is None or current.members is None or account.sid not in current.members:
        yield Join(account.sid)


def _require_password(wanted: Wanted, purpose: str) -> None:
    if not wanted.has_password:
        raise OptionError("service_account_password", f"is needed to {purpose}")
