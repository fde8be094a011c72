# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the difference of two accounts to what is written. Pure.

Everything about an account itself is one operation, so it is never half made: it comes with its password, its flags and
its expiry, or not at all. Memberships are operations on the groups and follow; each can be repeated alone.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory.entry import Change, Entry
from ..directory.operations import Add, Delete, Modify, Step, exchange
from ..directory.sid import Sid
from .account import GROUP_MANAGED, TEXTS, Account
from .names import encoded_password
from .times import NEVER

_PASSWORD = "unicodePwd"
_MEMBER = "member"
_CLASSES: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    "user": ("top", "person", "organizationalPerson", "user"),
    GROUP_MANAGED: (
        "top",
        "person",
        "organizationalPerson",
        "user",
        "computer",
        "msDS-GroupManagedServiceAccount",
    ),
}
#: What a deletion expects to find as it was read; the rest is computed, or changes with each logon.
_GUARDS: t.Final = ("objectSid", "sAMAccountName", "userAccountControl", "adminCount", "servicePrincipalName")


def encode(account: Account) -> dict[str, bytes | None]:
    """The attributes that carry what a plan can change; None for one that the account is not to have."""
    numbers = {
        "userAccountControl": account.control,
        "accountExpires": account.expires,
        "lockoutTime": account.lockout_time,
        "msDS-SupportedEncryptionTypes": account.encryption_types or None,
    }
    return {
        **{name: account.texts[name].encode() if account.texts.get(name) else None for name in TEXTS},
        **{name: None if number is None else str(number).encode() for name, number in numbers.items()},
        "msDS-GroupMSAMembership": account.readers,
    }


def creation(account: Account, password: str | None) -> Add:
    """The one operation that makes O(account), but for its memberships."""
    values = {name: value for name, value in encode(account).items() if value is not None and name != "lockoutTime"}
    if account.expires == NEVER:
        del values["accountExpires"]
    attributes: dict[str, t.Sequence[bytes]] = {
        "objectClass": [name.encode() for name in _CLASSES[account.kind]],
        "sAMAccountName": [account.name.encode()],
        **{name: [value] for name, value in values.items()},
    }
    if account.managed_password_interval is not None:
        attributes["msDS-ManagedPasswordInterval"] = [str(account.managed_password_interval).encode()]
    if password is not None:
        attributes[_PASSWORD] = [encoded_password(password)]
    return Add(account.dn, attributes)


def change(entry: Entry, before: Account, after: Account, password: str | None) -> Modify | None:
    """The one operation that makes O(after) of O(before), which was read as O(entry), but for its memberships.

    Each attribute is exchanged for the value that was read, so a change by somebody else meanwhile is refused. A
    password comes first: an account is enabled only with it.
    """
    old, new = encode(before), encode(after)
    changes: list[Change] = []
    if password is not None:
        changes.append(Change("replace", _PASSWORD, (encoded_password(password),)))
    for name, value in new.items():
        if value != old[name]:
            changes += exchange(name, tuple(entry.attributes.find(name)), () if value is None else (value,))
    # An account that was made powerful meanwhile is not touched any more.
    guards = {name: tuple(entry.attributes.find(name)) for name in ("adminCount", "sAMAccountName")}
    return Modify(after.dn, tuple(changes), expected=guards) if changes else None


def memberships(dn: str, before: frozenset[Sid], after: frozenset[Sid], groups: t.Mapping[Sid, str]) -> list[Step]:
    """The operations on the groups; O(groups) has their DNs. Other members are left alone."""
    steps = [_member(groups[sid], "add", dn) for sid in sorted(after - before)]
    return steps + [_member(groups[sid], "delete", dn) for sid in sorted(before - after)]


def _member(group: str, operation: t.Literal["add", "delete"], dn: str) -> Step:
    return Step(Modify(group, (Change(operation, _MEMBER, (dn.encode(),)),)))


def deletion(entry: Entry) -> Delete:
    """The deletion of the account that was read as O(entry)."""
    return Delete(entry.dn, {name: tuple(entry.attributes.find(name)) for name in _GUARDS})
