# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of the domain for a service account: the account, its groups, its place, and who has its names.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from ..directory import dn as names
from ..directory import filters
from ..directory.edits import OptionError
from ..directory.entry import Entry
from ..directory.session import Session
from ..directory.sid import Sid
from . import privileged
from .account import ATTRIBUTES, GROUP_MANAGED, USER, PasswordPolicy, kind_of

#: GUIDs in wellKnownObjects and otherWellKnownObjects (MS-ADTS 6.1.1.4): the containers may be renamed or redirected.
_CONTAINERS: t.Final[t.Mapping[str, str]] = {
    USER: "A9D1CA15768811D1ADED00C04FD8D5CD",
    GROUP_MANAGED: "1EB93889E40C45DF9F0C64D23BBB6237",
}
_WELL_KNOWN = re.compile(r"B:32:([0-9A-Fa-f]{32}):(.+)\Z", re.DOTALL)
_WELL_KNOWN_LISTS = ("wellKnownObjects", "otherWellKnownObjects")
_POLICY = ("minPwdLength", "pwdProperties", "maxPwdAge", "lockoutDuration")
_PASSWORD_COMPLEX = 1
_PLACES = frozenset({"organizationalunit", "container", "domaindns"})
_GROUP_ATTRIBUTES = ("objectSid", "sAMAccountName", "adminCount")
#: LDAP_MATCHING_RULE_TRANSITIVE_EVAL (MS-ADTS 3.1.1.3.4.4.3)
_IN_CHAIN = "member:1.2.840.113556.1.4.1941:"


@dataclass(frozen=True)
class Domain:
    """The head of the domain that is connected to.

    Attributes:
        policy: the rules of the domain; single accounts and groups may have others.
        containers: DN by GUID in capitals.
    """

    policy: PasswordPolicy
    containers: t.Mapping[str, str] = field(default_factory=dict)

    def default_place(self, kind: str) -> str:
        """Where accounts of O(kind) lie that are not put elsewhere. Raises OptionError when the domain does not say."""
        found = self.containers.get(_CONTAINERS[kind])
        if found is None:
            raise OptionError("path", f"is needed: the domain names no container for accounts of type {kind}")
        return found


class Group(t.NamedTuple):
    """A group of the domain; O(admin_count) is the attribute adminCount."""

    dn: str
    sid: Sid
    name: str
    admin_count: int | None


def read_domain(session: Session) -> Domain:
    """Raises DirectoryError."""
    root = session.root_dse.default_naming_context
    entry = session.read(root, (*_POLICY, *_WELL_KNOWN_LISTS)) or Entry(root, {})
    return decode_domain(entry)


def decode_domain(entry: Entry) -> Domain:
    """The domain of O(entry), its head."""
    found = [_WELL_KNOWN.match(text) for name in _WELL_KNOWN_LISTS for text in entry.texts(name)]
    policy = PasswordPolicy(
        minimum_length=entry.integer("minPwdLength") or 0,
        complex=bool((entry.integer("pwdProperties") or 0) & _PASSWORD_COMPLEX),
        maximum_age=entry.integer("maxPwdAge") or 0,
        lockout_duration=entry.integer("lockoutDuration") or 0,
    )
    return Domain(policy, {match[1].upper(): match[2] for match in found if match})


def find(session: Session, name: str) -> Entry | None:
    """The object of the domain with the sAMAccountName O(name), with everything that is computed. Two searches.

    Raises OptionError when there is none, but one whose name differs only in the dollar sign at the end: a computer or
    a managed account, or a user or group. Whoever names one of two such accounts may mean the other.
    """
    plain = name.removesuffix("$")
    wanted = filters.any_of(filters.equals("sAMAccountName", plain), filters.equals("sAMAccountName", f"{plain}$"))
    found = session.search(session.root_dse.default_naming_context, wanted, ("sAMAccountName", "objectClass"))
    for entry in found:
        if (entry.text("sAMAccountName") or "").casefold() == name.casefold():
            return session.read(entry.dn, ATTRIBUTES)
    for entry in found:
        raise OptionError(
            "name",
            f"'{name}' does not exist, but {entry.text('sAMAccountName')} does: {kind_in_words(entry)} ({entry.dn})",
        )
    return None


def kind_in_words(entry: Entry) -> str:
    """What O(entry) is, with an article."""
    kind = kind_of(entry.texts("objectClass"))
    return f"an account of type {kind}" if kind in (USER, GROUP_MANAGED) else f"a {kind}"


def place_of(session: Session, path: str | None, domain: Domain, kind: str) -> str:
    """The DN of the container of a new account. Raises OptionError when O(path) is none."""
    if path is None:
        return domain.default_place(kind)
    root = session.root_dse.default_naming_context
    try:
        lies_in_domain = names.equal(names.domain_dn(path), root)
    except ValueError as exc:
        raise OptionError("path", str(exc)) from exc
    if not lies_in_domain:
        raise OptionError("path", f"'{path}' does not lie in the domain that is connected to, {root}")
    entry = session.read(path, ("objectClass",))
    if entry is None:
        raise OptionError("path", f"'{path}' does not exist, or the account may not see it")
    classes = entry.texts("objectClass")
    if not _PLACES & {name.casefold() for name in classes}:
        raise OptionError("path", f"'{path}' is a {classes[-1]}; accounts lie in an organizational unit or a container")
    return entry.dn


def refuse_taken_place(session: Session, dn: str) -> None:
    """Raises OptionError when another object has the DN of a new account."""
    entry = session.read(dn, ("objectClass", "sAMAccountName"))
    if entry is not None:
        kind = (entry.texts("objectClass") or ("object",))[-1]
        other = f" with the account name {entry.text('sAMAccountName')}" if "sAMAccountName" in entry.attributes else ""
        raise OptionError("name", f"{entry.dn} exists already, a {kind}{other}; choose another name or path")


def refuse_taken_names(session: Session, own_dn: str, upn: str | None, account_name: str | None) -> None:
    """Raises OptionError when somebody else in the forest logs on as the account would.

    Args:
        session: with the account's domain.
        own_dn: the account, which does not count.
        upn: its new user principal name; None when it gets none.
        account_name: the sAMAccountName of a new account; None for one that exists.
    """
    suffix = names.dns_name(session.root_dse.default_naming_context)
    implicit = f"{account_name}@{suffix}" if account_name else None
    wanted = [name for name in (upn, implicit) if name]
    if not wanted:
        return
    terms = [filters.equals("userPrincipalName", name) for name in wanted]
    if upn:
        terms.append(filters.equals("sAMAccountName", upn.rpartition("@")[0]))
    attributes = ("userPrincipalName", "sAMAccountName")
    for entry in session.global_catalog().search("", filters.any_of(*terms), attributes):
        if entry.dn.casefold() == own_dn.casefold():
            continue
        explicit = (entry.text("userPrincipalName") or "").casefold()
        logon = f"{entry.text('sAMAccountName')}@{names.dns_name(entry.dn)}".casefold()
        if upn and upn.casefold() in (explicit, logon):
            raise OptionError("user_principal_name", f"'{upn}' is what {entry.dn} logs on as; choose another one")
        if implicit and implicit.casefold() == explicit:
            raise OptionError("name", f"'{implicit}' is the user principal name of {entry.dn}; choose another name")


def groups_of(session: Session, dn: str) -> list[Group]:
    """The groups of the domain that name O(dn) as a member."""
    wanted = filters.all_of(filters.equals("objectClass", "group"), filters.equals("member", dn))
    return _groups(session, wanted)


def groups_by_sid(session: Session, sids: t.Mapping[Sid, str]) -> list[Group]:
    """The groups of the domain with O(sids), each with how it was named. Raises OptionError for what is none."""
    if not sids:
        return []
    terms = filters.any_of(*(filters.equals("objectSid", sid.to_bytes()) for sid in sorted(sids)))
    found = _groups(session, filters.all_of(filters.equals("objectClass", "group"), terms))
    known = {group.sid for group in found}
    for sid, name in sids.items():
        if sid not in known:
            raise OptionError("groups", f"'{name}' is not a group of the domain that is connected to")
    return found


def refuse_powerful(session: Session, groups: t.Iterable[Group]) -> None:
    """Raises OptionError for a group that would make the account an administrator, itself or through another one."""
    for group in groups:
        around = [outer.sid for outer in _groups(session, filters.equals(_IN_CHAIN, group.dn))]
        why = privileged.reason(group.sid, around, group.admin_count)
        if why:
            raise OptionError("groups", f"'{group.name}' {why}; no service account is made a member of it here")


def children(session: Session, dn: str) -> list[str]:
    """The DNs of the objects that lie in O(dn)."""
    return [entry.dn for entry in session.search(dn, "(objectClass=*)", ("objectClass",), scope="onelevel")]


def _groups(session: Session, wanted: str) -> list[Group]:
    entries = session.search(session.root_dse.default_naming_context, wanted, _GROUP_ATTRIBUTES)
    return [
        Group(entry.dn, Sid.from_bytes(octets), entry.text("sAMAccountName") or entry.dn, entry.integer("adminCount"))
        for entry in entries
        if (octets := entry.raw("objectSid"))
    ]
