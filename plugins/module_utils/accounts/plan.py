# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a service account: the wish, and the account that it makes of the one that is there. Pure.

A plan is an account again, so planning on the outcome of a plan changes nothing, and bits and attributes that no option
names survive.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ..directory.edits import OptionError, refuse_set_with_remove
from ..directory.sid import Sid
from . import account as accounts
from .account import GROUP_MANAGED, USER, Account
from .readers import readers_of, with_readers
from .times import is_never

#: Option to attribute, for those that hold plain text.
TEXT_OPTIONS: t.Final[t.Mapping[str, str]] = {
    "display_name": "displayName",
    "description": "description",
    "user_principal_name": "userPrincipalName",
    "dns_host_name": "dNSHostName",
}
#: Option to bit of userAccountControl, and whether the option is the bit's contrary.
FLAG_OPTIONS: t.Final[t.Mapping[str, tuple[int, bool]]] = {
    "enabled": (accounts.DISABLED, True),
    "password_never_expires": (accounts.PASSWORD_NEVER_EXPIRES, False),
    "sensitive": (accounts.NOT_DELEGATED, False),
}
#: What has no meaning for the other kind of account.
ONLY_FOR: t.Final[t.Mapping[str, tuple[str, ...]]] = {
    USER: ("password", "password_never_expires"),
    GROUP_MANAGED: ("dns_host_name", "allowed_to_retrieve_password", "managed_password_interval"),
}
DEFAULT_INTERVAL: t.Final = 30
_LONGEST_INTERVAL = 0x7FFFFFFF
_DOMAIN_USERS, _DOMAIN_COMPUTERS = 513, 515

_Value = t.TypeVar("_Value")


@dataclass(frozen=True)
class Edit(t.Generic[_Value]):
    """A list that others may edit too. None is "not given"."""

    add: frozenset[_Value] | None = None
    remove: frozenset[_Value] | None = None
    set: frozenset[_Value] | None = None

    def of(self, current: frozenset[_Value]) -> frozenset[_Value]:
        start = current if self.set is None else self.set
        return (start - (self.remove or frozenset())) | (self.add or frozenset())


def parse_edit(
    option: str, raw: t.Mapping[str, t.Sequence[str] | None] | None, value_of: t.Callable[[str], _Value]
) -> Edit[_Value] | None:
    """The edit that O(raw) asks for; None when nothing was given. Raises OptionError."""
    if raw is None or all(raw.get(key) is None for key in ("add", "remove", "set")):
        return None
    refuse_set_with_remove(option, raw)
    lists = {
        key: None if raw.get(key) is None else frozenset(value_of(text) for text in raw[key] or ())
        for key in ("add", "remove", "set")
    }
    both = (lists["add"] or frozenset()) & (lists["remove"] or frozenset())
    if both:
        names = sorted(text for text in raw["add"] or () if value_of(text) in both)
        raise OptionError(option, f"{', '.join(names)} is in add and in remove")
    return Edit(**lists)


@dataclass(frozen=True)
class Wish:
    """The options of the module service_account, checked. None is "not given".

    Attributes:
        name: sAMAccountName, with the dollar sign of a managed account.
        texts: by option; an empty text takes the value away.
        flags: by option.
        has_password: whether a password was given.
        update_password: whether one that exists is replaced.
        expires: accountExpires.
        unlocked: whether a lockout is ended.
        interval: days.
    """

    name: str
    kind: str = USER
    texts: t.Mapping[str, str] = field(default_factory=dict)
    flags: t.Mapping[str, bool] = field(default_factory=dict)
    has_password: bool = False
    update_password: bool = False
    expires: int | None = None
    unlocked: bool = False
    encryption_types: Edit[str] | None = None
    groups: Edit[Sid] | None = None
    readers: Edit[Sid] | None = None
    interval: int | None = None


def refuse_meaningless(kind: str, given: t.Iterable[str]) -> None:
    """Raises OptionError for an option of O(given) that accounts of O(kind) do not have."""
    options = set(given)
    for owner, names in ONLY_FOR.items():
        for name in names:
            if owner != kind and name in options:
                raise OptionError(name, f"has no meaning for an account of type {kind}")


def plan_new(wish: Wish, dn: str, dns_domain: str, domain_sid: Sid | None) -> Account:
    """The account that O(wish) makes where there is none. Raises OptionError.

    Args:
        wish: what is asked for.
        dn: where it will be.
        dns_domain: for the host name of a managed account that is given none.
        domain_sid: of the domain, whose users or computers are the primary group.
    """
    if wish.kind == GROUP_MANAGED:
        control, primary_group = accounts.WORKSTATION_TRUST_ACCOUNT, _DOMAIN_COMPUTERS
        texts = {"dNSHostName": f"{wish.name.removesuffix('$')}.{dns_domain}"}
        interval = DEFAULT_INTERVAL if wish.interval is None else wish.interval
        if not 1 <= interval <= _LONGEST_INTERVAL:
            raise OptionError("managed_password_interval", f"{interval} is not between 1 and {_LONGEST_INTERVAL} days")
        start = Account(dn, None, wish.name, GROUP_MANAGED, control, texts, managed_password_interval=interval)
    else:
        if not wish.has_password and wish.flags.get("enabled", True):
            raise OptionError("password", "is required for a new account, or enabled: false; none is enabled without")
        primary_group = _DOMAIN_USERS
        start = Account(dn, None, wish.name, USER, accounts.NORMAL_ACCOUNT, password_last_set=int(wish.has_password))
    start = replace(start, primary_group=domain_sid.child(primary_group) if domain_sid else None)
    # A new account has the password it was made with; update_password is about one that is there already.
    made = _changed(start, replace(wish, has_password=False, interval=None))
    return replace(made, password_expired=accounts.must_change(made.control, made.password_last_set))


def plan_change(current: Account, wish: Wish) -> Account:
    """O(current) as O(wish) wants it; the same object when nothing changes. Raises OptionError."""
    if wish.interval is not None and wish.interval != current.managed_password_interval:
        raise OptionError(
            "managed_password_interval",
            f"is fixed when an account is created; '{current.name}' has {current.managed_password_interval} days",
        )
    after = _changed(current, wish)
    without = current.kind == USER and current.password_last_set == 0 and not resets_password(wish)
    if after.enabled and not current.enabled and without:
        raise OptionError(
            "enabled",
            f"'{current.name}' has no password, or one that must be changed at the next logon; give password with "
            "update_password: always",
        )
    return current if after == current else after


def resets_password(wish: Wish) -> bool:
    """Whether an account that exists gets the password of O(wish)."""
    return wish.has_password and wish.update_password


def _changed(current: Account, wish: Wish) -> Account:
    texts = dict(current.texts)
    for option, value in wish.texts.items():
        texts[TEXT_OPTIONS[option]] = value
    control = current.control
    for option, on in wish.flags.items():
        bit, contrary = FLAG_OPTIONS[option]
        control = control | bit if on != contrary else control & ~bit
    after = replace(
        current,
        texts={name: value for name, value in texts.items() if value},
        control=control,
        expires=current.expires if wish.expires is None or _same_end(current, wish.expires) else wish.expires,
        groups=_groups(current, wish.groups),
    )
    if wish.encryption_types is not None:
        names = frozenset(accounts.encryption_names(current.encryption_types))
        word = accounts.with_encryption_types(current.encryption_types, wish.encryption_types.of(names))
        after = replace(after, encryption_types=word)
    if wish.readers is not None:
        after = replace(after, readers=with_readers(current.readers, wish.readers.of(readers_of(current.readers))))
    if wish.unlocked and current.locked:
        after = replace(after, locked=False, lockout_time=0)
    never = bool(control & ~current.control & accounts.PASSWORD_NEVER_EXPIRES)
    return replace(after, password_expired=False) if resets_password(wish) or never else after


def _same_end(current: Account, wanted: int) -> bool:
    """Whether the account ends then: of the two numbers for never one is as good as the other."""
    return current.expires == wanted or (is_never(current.expires) and is_never(wanted))


def _groups(current: Account, edit: Edit[Sid] | None) -> frozenset[Sid]:
    """The groups that name the account. The primary group does not, and every account is in it."""
    if edit is None:
        return current.groups
    if current.primary_group in (edit.remove or ()):
        raise OptionError(
            "groups.remove", "names the account's primary group, which it cannot leave; give it another one first"
        )
    return edit.of(current.groups) - {current.primary_group}
