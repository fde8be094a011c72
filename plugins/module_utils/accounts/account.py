# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service account as a value: what is read of it, and what can be decided from that alone.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..directory.entry import Entry
from ..directory.sid import Sid
from .times import NEVER, is_never

USER = "user"
GROUP_MANAGED = "group_managed"

#: Bits of userAccountControl (MS-ADTS 2.2.16).
DISABLED = 0x2
LOCKED = 0x10
PASSWORD_NOT_REQUIRED = 0x20
NORMAL_ACCOUNT = 0x200
WORKSTATION_TRUST_ACCOUNT = 0x1000
PASSWORD_NEVER_EXPIRES = 0x10000
NOT_DELEGATED = 0x100000
PASSWORD_EXPIRED = 0x800000

#: Bits of msDS-SupportedEncryptionTypes (MS-KILE 2.2.7) by the names that microsoft.ad gives them. A name of several
#: bits is there with any of them.
ENCRYPTION_TYPES: t.Final[t.Mapping[str, int]] = {"des": 0x3, "rc4": 0x4, "aes128": 0x8, "aes256": 0x10}

#: What is read. The last four are computed and come only from a read of one object.
ATTRIBUTES: t.Final = (
    "objectClass",
    "objectSid",
    "sAMAccountName",
    "userAccountControl",
    "displayName",
    "description",
    "userPrincipalName",
    "dNSHostName",
    "accountExpires",
    "lockoutTime",
    "pwdLastSet",
    "msDS-SupportedEncryptionTypes",
    "msDS-ManagedPasswordInterval",
    "msDS-GroupMSAMembership",
    "servicePrincipalName",
    "primaryGroupID",
    "adminCount",
    "msDS-User-Account-Control-Computed",
    "msDS-UserPasswordExpiryTimeComputed",
    "msDS-ResultantPSO",
    "tokenGroups",
)


@dataclass(frozen=True)
class PasswordPolicy:
    """The domain's rules for passwords and lockout (MS-ADA1, MS-ADA2, MS-ADA3; times are negative intervals).

    Attributes:
        minimum_length: characters.
        complex: whether several kinds of characters are demanded.
        maximum_age: how long a password lasts; zero or the least number for ever.
        lockout_duration: how long a lockout lasts; zero or the least number until somebody unlocks.
    """

    minimum_length: int = 0
    complex: bool = False
    maximum_age: int = 0
    lockout_duration: int = 0


@dataclass(frozen=True)
class Account:
    """One account. None and empty values stand for attributes that it does not have.

    Attributes:
        kind: V(USER), V(GROUP_MANAGED), or the class of an object that is neither.
        control: userAccountControl.
        texts: values of the attributes that hold plain text, by attribute.
        expires: accountExpires.
        locked: whether it is locked out at the time of reading.
        password_expired: whether its password has expired, or must be changed at the next logon.
        password_expires: moment, V(NEVER) or zero when unknown.
        password_last_set: moment; zero when none was set, or when it must be changed.
        encryption_types: msDS-SupportedEncryptionTypes; zero for none.
        managed_password_interval: days.
        readers: msDS-GroupMSAMembership as it is.
        groups: the SIDs of the groups that name it as a member; the primary group is not among them.
        primary_group: the group of primaryGroupID.
        token: all groups, nested ones and the primary one included; empty when the server does not say.
        has_own_policy: whether a password settings object counts for it in place of the domain's rules.
    """

    dn: str
    sid: Sid | None
    name: str
    kind: str
    control: int = 0
    texts: t.Mapping[str, str] = field(default_factory=dict)
    expires: int = NEVER
    locked: bool = False
    lockout_time: int = 0
    password_expired: bool = False
    password_expires: int = 0
    password_last_set: int = 0
    encryption_types: int = 0
    managed_password_interval: int | None = None
    readers: bytes | None = None
    groups: frozenset[Sid] = frozenset()
    service_principal_names: tuple[str, ...] = ()
    primary_group: Sid | None = None
    admin_count: int | None = None
    token: frozenset[Sid] = frozenset()
    has_own_policy: bool = False

    @property
    def enabled(self) -> bool:
        return not self.control & DISABLED

    def has_expired(self, now: int) -> bool:
        """Whether the account has ended by O(now)."""
        return not is_never(self.expires) and self.expires <= now


TEXTS: t.Final = ("displayName", "description", "userPrincipalName", "dNSHostName")


def kind_of(classes: t.Sequence[str]) -> str:
    """What an object with these classes, the most special one last, is."""
    folded = [name.casefold() for name in classes]
    if "msds-groupmanagedserviceaccount" in folded:
        return GROUP_MANAGED
    if "user" in folded and "computer" not in folded:
        return USER
    return classes[-1] if classes else "object"


def decode(entry: Entry, *, policy: PasswordPolicy | None = None, now: int = 0) -> Account:
    """The account that O(entry) shows. Raises ValueError for values that are not of their syntax.

    Args:
        entry: read with V(ATTRIBUTES).
        policy: what locked and password_expired are computed from when the server does not compute them.
        now: for the same.
    """
    number = entry.integer
    control = number("userAccountControl") or 0
    last_set = number("pwdLastSet") or 0
    lockout = number("lockoutTime") or 0
    computed = number("msDS-User-Account-Control-Computed")
    expires = number("msDS-UserPasswordExpiryTimeComputed")
    rules = policy or PasswordPolicy()
    if expires is None:
        expires = password_end(control, last_set, rules)
    if computed is None:
        locked, expired = is_locked(lockout, rules, now), not is_never(expires) and expires <= now
    else:
        locked, expired = bool(computed & LOCKED), bool(computed & PASSWORD_EXPIRED)
    octets = entry.raw("objectSid")
    sid = Sid.from_bytes(octets) if octets else None
    primary = number("primaryGroupID")
    return Account(
        dn=entry.dn,
        sid=sid,
        name=entry.text("sAMAccountName") or "",
        kind=kind_of(entry.texts("objectClass")),
        control=control,
        texts={name: entry.text(name) or "" for name in TEXTS if name in entry.attributes},
        expires=NEVER if number("accountExpires") is None else number("accountExpires") or 0,
        locked=locked,
        lockout_time=lockout,
        password_expired=expired or must_change(control, last_set),
        password_expires=expires,
        password_last_set=last_set,
        encryption_types=number("msDS-SupportedEncryptionTypes") or 0,
        managed_password_interval=number("msDS-ManagedPasswordInterval"),
        readers=entry.raw("msDS-GroupMSAMembership"),
        service_principal_names=entry.texts("servicePrincipalName"),
        primary_group=sid.domain.child(primary) if sid and sid.domain and primary is not None else None,
        admin_count=number("adminCount"),
        token=frozenset(Sid.from_bytes(value) for value in entry.attributes.find("tokenGroups")),
        has_own_policy="msDS-ResultantPSO" in entry.attributes,
    )


def must_change(control: int, password_last_set: int) -> bool:
    """Whether the password has to be changed at the next logon, or was never set."""
    return password_last_set == 0 and not control & (PASSWORD_NEVER_EXPIRES | WORKSTATION_TRUST_ACCOUNT)


def password_end(control: int, password_last_set: int, policy: PasswordPolicy) -> int:
    """When a password expires (MS-ADTS 3.1.1.4.5.35): V(NEVER), or a moment; zero for one that must be changed."""
    if control & (PASSWORD_NEVER_EXPIRES | WORKSTATION_TRUST_ACCOUNT):
        return NEVER
    if password_last_set == 0:
        return 0
    return password_last_set - policy.maximum_age if -NEVER < policy.maximum_age < 0 else NEVER


def is_locked(lockout_time: int, policy: PasswordPolicy, now: int) -> bool:
    """Whether an account that was locked out at O(lockout_time) is still (MS-ADTS 3.1.1.4.5.17)."""
    if lockout_time <= 0:
        return False
    for_ever = not -NEVER < policy.lockout_duration < 0
    return for_ever or lockout_time - policy.lockout_duration > now


def encryption_names(word: int) -> tuple[str, ...]:
    """The names of the encryption types in O(word), weakest first."""
    return tuple(name for name, bits in ENCRYPTION_TYPES.items() if word & bits)


def with_encryption_types(word: int, names: t.Iterable[str]) -> int:
    """O(word) with exactly these types; bits that have no name stay."""
    wanted = set(names)
    for name, bits in ENCRYPTION_TYPES.items():
        if name not in wanted:
            word &= ~bits
        elif not word & bits:
            word |= bits
    return word
