# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service account in words: as options for a diff, and its state in sentences.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from . import account as accounts
from .account import GROUP_MANAGED, Account, encryption_names
from .plan import FLAG_OPTIONS, TEXT_OPTIONS
from .readers import readers_of
from .times import show

if t.TYPE_CHECKING:
    from ..directory.principals import Principals

#: What stands for a password, which is never shown; the words are those of Ansible.
HIDDEN: t.Final = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def describe(account: Account, principals: Principals) -> dict[str, t.Any]:
    """O(account) in the words of the module's options. Raises DirectoryError when names have to be searched for."""
    readers = readers_of(account.readers)
    named = principals.names({*account.groups, *readers})
    shown: dict[str, t.Any] = {
        "type": account.kind,
        **{option: account.texts.get(attribute, "") for option, attribute in TEXT_OPTIONS.items()},
        **{option: bool(account.control & bit) != contrary for option, (bit, contrary) in FLAG_OPTIONS.items()},
        "unlocked": not account.locked,
        "account_expires": show(account.expires) or "never",
        "kerberos_encryption_types": list(encryption_names(account.encryption_types)),
        "groups": sorted(named[sid] for sid in account.groups),
    }
    if account.kind == GROUP_MANAGED:
        shown["allowed_to_retrieve_password"] = sorted(named[sid] for sid in readers)
        shown["managed_password_interval"] = account.managed_password_interval
        del shown["password_never_expires"]
    else:
        del shown["dns_host_name"]
    return shown


def difference(
    before: Account | None, after: Account | None, principals: Principals, *, password: bool
) -> tuple[dict[str, t.Any], dict[str, t.Any]]:
    """What differs, as options: all there is of an account that comes or goes, else only what changes."""
    old = describe(before, principals) if before else {}
    new = describe(after, principals) if after else {}
    if before and after:
        old, new = (
            {key: value for key, value in old.items() if new.get(key) != value},
            {key: value for key, value in new.items() if old.get(key) != value},
        )
    if password:
        new["password"] = HIDDEN
    return old, new


def words(account: Account, now: int, *, may_be_disabled: bool = False) -> tuple[str, ...]:
    """What keeps a service from running under O(account), as sentences without a full stop.

    Args:
        now: the time, as intervals since 1601.
        may_be_disabled: nothing is said of an account that is disabled, since it was asked for.
    """
    states = (
        (account.locked, "is locked out", "unlock it (unlocked: true), and find out who uses a wrong password"),
        (account.password_expired, "has an expired password", "set a new one (update_password: always)"),
        (account.has_expired(now), f"has expired on {show(account.expires)}", "set account_expires"),
        (not account.enabled and not may_be_disabled, "is disabled", "set enabled: true"),
    )
    told = [
        f"{account.name} {state}; NDES answers with HTTP 500 or 503 while it runs under it. To change that, {remedy}"
        for holds, state, remedy in states
        if holds
    ]
    if account.control & accounts.PASSWORD_NOT_REQUIRED:
        told.append(f"{account.name} may have an empty password (PASSWD_NOTREQD in userAccountControl)")
    return tuple(told)
