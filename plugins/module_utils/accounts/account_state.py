# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service account brought to the wished state: read, planned, applied.

Everything that can be known to be wrong is refused before the first write. The account itself is written in one
operation. What a run was killed before, a membership, the next run finds missing and writes.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field, replace

from ..directory import dn as names
from ..directory.backup import Backup
from ..directory.edits import OptionError
from ..directory.entry import Entry
from ..directory.operations import Step
from ..directory.principals import Principals
from ..directory.session import Session
from ..directory.sid import Sid
from ..directory.writing import apply
from . import kds, privileged, store
from .account import ENCRYPTION_TYPES, GROUP_MANAGED, USER, Account, decode
from .describe import difference, words
from .names import account_name, check_password, check_texts
from .plan import (
    FLAG_OPTIONS,
    TEXT_OPTIONS,
    Wish,
    parse_edit,
    plan_change,
    plan_new,
    refuse_meaningless,
    resets_password,
)
from .readers import readers_of
from .times import parse_expiry
from .writes import change, creation, deletion, memberships

RawEdit: t.TypeAlias = t.Mapping[str, t.Sequence[str] | None] | None


@dataclass(frozen=True)
class Request:
    """The options of the module service_account; None is "not given".

    Attributes:
        options: those of single values, by name; those that were not given are left out.
        expected_principals: groups, and readers of the password, that count as existing in check mode.
    """

    name: str
    kind: str = USER
    path: str | None = None
    options: t.Mapping[str, t.Any] = field(default_factory=dict)
    password: str | None = field(default=None, repr=False)
    update_password: str = "on_create"
    kerberos_encryption_types: RawEdit = None
    groups: RawEdit = None
    allowed_to_retrieve_password: RawEdit = None
    expected_principals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be done in check mode.

    Attributes:
        account: the account afterwards; None when there is none.
        before, after: what changed, as options; empty where there is no account.
        groups, readers: names of the account's groups and of those who may read its password.
    """

    changed: bool
    account: Account | None
    before: dict[str, t.Any]
    after: dict[str, t.Any]
    groups: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    warnings: tuple[str, ...] = ()


def present(session: Session, request: Request, now: int, *, write: bool, backup: Backup | None = None) -> Outcome:
    """Create or change the account. Raises OptionError, PrincipalError and DirectoryError.

    Args:
        now: the time, as intervals since 1601.
    """
    name = account_name(request.name, request.kind)
    check_texts(request.options)
    given = {option for option, value in vars(request).items() if value is not None} | set(request.options)
    refuse_meaningless(request.kind, given)
    if request.password == "":
        raise OptionError("password", "is empty")
    principals = Principals(session, expected=() if write else request.expected_principals)
    wish = _wish(request, name, principals)
    entry = store.find(session, name)
    if entry is None:
        return _create(session, request, wish, principals, now, write=write)
    current, domain = _read(session, entry, now)
    _refuse_other_kind(current, request.kind)
    _refuse_powerful(current)
    _refuse_other_place(current, request.path)
    after = plan_change(current, wish)
    password = request.password if resets_password(wish) else None
    # Rules of the account's own may be laxer; the directory knows them.
    if password is not None and not current.has_own_policy:
        policy = (domain or store.read_domain(session)).policy
        check_password(password, policy, name, after.texts.get("displayName", ""))
    upn = after.texts.get("userPrincipalName")
    if upn != current.texts.get("userPrincipalName"):
        store.refuse_taken_names(session, current.dn, upn, None)
    groups = _groups(session, principals, current.groups, after.groups, request)
    modify = change(entry, current, after, password)
    steps = [Step(modify)] if modify else []
    steps += memberships(current.dn, current.groups, after.groups, groups) if write else []
    changed = bool(modify) or current.groups != after.groups
    old, new = difference(current, after, principals, password=password is not None)
    if changed and write:
        apply(session, steps, backup=backup)
        after = _verified(session, name, after, now)
    return _outcome(changed, after, old, new, principals, now, request)


def _create(
    session: Session, request: Request, wish: Wish, principals: Principals, now: int, *, write: bool
) -> Outcome:
    root = session.root_dse
    domain = store.read_domain(session)
    place = store.place_of(session, request.path, domain, wish.kind)
    dn = names.join(f"CN={names.escape_rdn(wish.name.removesuffix('$'))}", place)
    account = plan_new(wish, dn, names.dns_name(root.default_naming_context), root.domain_sid)
    if request.password is not None:
        check_password(request.password, domain.policy, wish.name, account.texts.get("displayName", ""))
    store.refuse_taken_place(session, dn)
    store.refuse_taken_names(session, dn, account.texts.get("userPrincipalName"), wish.name)
    warning = kds.check(session, now) if wish.kind == GROUP_MANAGED else None
    groups = _groups(session, principals, frozenset(), account.groups, request)
    _old, new = difference(None, account, principals, password=request.password is not None)
    if write:
        steps = [Step(creation(account, request.password))]
        apply(session, [*steps, *memberships(dn, frozenset(), account.groups, groups)])
        account = _verified(session, wish.name, account, now)
    done = _outcome(True, account, {}, new, principals, now, request)
    return replace(done, warnings=(*([warning] if warning else []), *done.warnings))


def absent(session: Session, name: str, kind: str, now: int, *, write: bool, backup: Backup | None = None) -> Outcome:
    """Delete the account. Raises OptionError and DirectoryError."""
    entry = store.find(session, account_name(name, kind))
    if entry is None:
        return Outcome(False, None, {}, {})
    current, _domain = _read(session, entry, now)
    _refuse_other_kind(current, kind)
    _refuse_powerful(current)
    inside = store.children(session, current.dn)
    if inside:
        raise OptionError("name", f"'{current.name}' has objects in it, which would go with it: {'; '.join(inside)}")
    old, _new = difference(current, None, Principals(session), password=False)
    if write:
        apply(session, [Step(deletion(entry))], backup=backup)
    return Outcome(True, None, old, {})


def _wish(request: Request, name: str, principals: Principals) -> Wish:
    options = request.options
    texts = {option: options[option] for option in TEXT_OPTIONS if option in options}
    flags = {option: options[option] for option in FLAG_OPTIONS if option in options}
    _refuse_des(request.kerberos_encryption_types or {})
    lists = (request.groups or {}, request.allowed_to_retrieve_password or {})
    named = [text for edit in lists for values in edit.values() for text in values or ()]
    sids = principals.resolve(named) if named else {}
    expires = options.get("account_expires")
    try:
        end = None if expires is None else parse_expiry(expires)
    except ValueError as exc:
        raise OptionError("account_expires", f"'{expires}' {exc}") from exc
    return Wish(
        name=name,
        kind=request.kind,
        texts=texts,
        flags=flags,
        has_password=request.password is not None,
        update_password=request.update_password == "always",
        expires=end,
        unlocked=bool(options.get("unlocked")),
        encryption_types=parse_edit("kerberos_encryption_types", request.kerberos_encryption_types, _encryption_type),
        groups=parse_edit("groups", request.groups, sids.__getitem__),
        readers=parse_edit("allowed_to_retrieve_password", request.allowed_to_retrieve_password, sids.__getitem__),
        interval=options.get("managed_password_interval"),
    )


def _refuse_des(edit: t.Mapping[str, t.Sequence[str] | None]) -> None:
    """DES may be taken away where it still is, and not given: its keys are found in hours."""
    if any(name == "des" for key in ("add", "set") for name in edit.get(key) or ()):
        raise OptionError("kerberos_encryption_types", "'des' is broken and can only be removed")


def _encryption_type(name: str) -> str:
    if name not in ENCRYPTION_TYPES:
        raise OptionError("kerberos_encryption_types", f"'{name}' is none of {', '.join(ENCRYPTION_TYPES)}")
    return name


def _read(session: Session, entry: Entry, now: int) -> tuple[Account, store.Domain | None]:
    """The account; and the domain, where its rules had to be read because the server computes no state."""
    domain = None if "msDS-User-Account-Control-Computed" in entry.attributes else store.read_domain(session)
    account = decode(entry, policy=domain.policy if domain else None, now=now)
    return replace(account, groups=frozenset(group.sid for group in store.groups_of(session, entry.dn))), domain


def _refuse_other_kind(current: Account, kind: str) -> None:
    if current.kind != kind:
        what = f"an account of type {current.kind}" if current.kind in (USER, GROUP_MANAGED) else f"a {current.kind}"
        raise OptionError("name", f"'{current.name}' is {what} ({current.dn}), not one of type {kind}")


def _refuse_powerful(current: Account) -> None:
    # Not every caller is shown the token; memberships and the primary group are there for all to see.
    groups = {*current.token, *current.groups, *([current.primary_group] if current.primary_group else [])}
    why = privileged.reason(current.sid, groups, current.admin_count) if current.sid else None
    if why:
        raise OptionError(
            "name", f"'{current.name}' {why}; no such account is changed or deleted here, and none should run a service"
        )


def _refuse_other_place(current: Account, path: str | None) -> None:
    if path is None:
        return
    try:
        same = names.equal(names.parent(current.dn), path)
    except ValueError as exc:
        raise OptionError("path", str(exc)) from exc
    if not same:
        raise OptionError(
            "path", f"'{current.name}' lies in {names.parent(current.dn)} and is not moved; leave path out, or move it"
        )


def _groups(
    session: Session, principals: Principals, before: frozenset[Sid], after: frozenset[Sid], request: Request
) -> dict[Sid, str]:
    """The DNs of the groups that are joined or left. Raises OptionError for one that must not be joined."""
    moved = {sid for sid in before ^ after if not principals.is_expected(sid)}
    if not moved:
        return {}
    given = [text for values in (request.groups or {}).values() for text in values or ()]
    called = {sid: text for text, sid in principals.resolve(given).items()}
    found = store.groups_by_sid(session, {sid: called.get(sid, str(sid)) for sid in moved})
    store.refuse_powerful(session, [group for group in found if group.sid in after])
    return {group.sid: group.dn for group in found}


def _verified(session: Session, name: str, wanted: Account, now: int) -> Account:
    """The account as it was written; what the directory shows of it counts."""
    entry = store.find(session, name)
    return _read(session, entry, now)[0] if entry is not None else wanted


def _outcome(
    changed: bool,
    account: Account,
    before: dict[str, t.Any],
    after: dict[str, t.Any],
    principals: Principals,
    now: int,
    request: Request,
) -> Outcome:
    shown = principals.names({*account.groups, *readers_of(account.readers)})
    return Outcome(
        changed,
        account,
        before,
        after,
        sorted(shown[sid] for sid in account.groups),
        sorted(shown[sid] for sid in readers_of(account.readers)),
        words(account, now, may_be_disabled=request.options.get("enabled") is False),
    )
