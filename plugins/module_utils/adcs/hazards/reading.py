# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be known of principals before lists of rights can be judged, read in at most three searches.

Nothing is read when every principal that matters is known by its SID. One search finds the principals. Where groups are
among them a second one finds everything that is in these groups, however deep, and in those of the administrators; a
third one the accounts that have a nested group as their primary one, which no list of members shows.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...directory import dn as names
from ...directory import filters
from ...directory.entry import Entry
from ...directory.principal_names import ATTRIBUTES, Account, Forest, well_known_name
from ...directory.principals import Principals, search_everywhere
from ...directory.sid import Sid
from . import known
from .access import AccessList, Right
from .assessment import asked, candidates
from .membership import GROUP, MACHINE, PERSON, STRANGER, Membership, Subject

if t.TYPE_CHECKING:
    from ...directory.session import Session

#: LDAP_MATCHING_RULE_IN_CHAIN (MS-ADTS 3.1.1.3.4.4.3): members of members, or groups of groups.
_IN_CHAIN = "1.2.840.113556.1.4.1941"
# What can be a member and have a SID. Without this Samba walks from every object of the forest, the schema included.
_MEMBERS = filters.any_of(
    *(filters.equals("objectClass", name) for name in ("user", "group", "foreignSecurityPrincipal"))
)
# Each of these makes the server walk; a filter of hundreds is refused or times out.
_CHAINS_AT_ONCE = 50
_TERMS_AT_ONCE = 200
_DOMAIN_LOCAL, _UNIVERSAL, _SECURITY_ENABLED = 0x4, 0x8, 0x80000000
# Groups that are the primary one of all accounts of a kind: who is in them is known by what they are.
_USUAL_PRIMARY = frozenset({513, 514, 515, 516, 521})
_MACHINE_CLASSES = frozenset({b"computer", b"msDS-ManagedServiceAccount", b"msDS-GroupManagedServiceAccount"})


@dataclass(frozen=True)
class Known:
    """Who is behind the principals, and how they are called."""

    membership: Membership
    names: t.Mapping[Sid, str]
    forest: Forest

    def name(self, sid: Sid) -> str:
        """The English name of a well-known principal, DOMAIN\\name, or the SID of one that is not known."""
        return well_known_name(sid, self.forest) or self.names.get(sid) or str(sid)


def wanted(lists: t.Iterable[tuple[AccessList, t.Sequence[Right]]], static: Membership) -> set[Sid]:
    """The SIDs that must be looked up to judge O(lists).

    Those that may have one of the rights, and those that have it denied, unless they are everybody's: a denial to a
    group that everybody is in must be known to hold everybody.
    """
    found: set[Sid] = set()
    for access, rights in lists:
        for right in asked(access, rights):
            may = candidates(access, right)
            if not may:
                continue
            found.update(sid for sid in may if not static.is_everybody(sid))
            found.update(sid for sid, allows in access.decisions(right) if not allows)
    return {sid for sid in found if sid not in known.SESSION_SIDS and sid not in _WITHOUT_OBJECT}


_WITHOUT_OBJECT = frozenset({known.EVERYONE, known.ANONYMOUS, known.AUTHENTICATED_USERS, known.OWNER_RIGHTS})


def static_membership(session: Session) -> Membership:
    """What is known without a search."""
    root = session.root_dse
    return Membership((), [sid for sid in (root.domain_sid, root.root_domain_sid) if sid is not None])


def read_known(session: Session, sids: t.Collection[Sid], principals: Principals | None = None) -> Known:
    """Everything about O(sids) and who is behind them. Raises DirectoryError.

    Args:
        session: asked for what is in the groups.
        sids: the principals.
        principals: what was looked up by it is not searched for again.
    """
    static = static_membership(session)
    root = session.root_dse
    principals = principals or Principals(session)
    if not sids:
        return Known(static, {}, principals.forest)
    found = principals.objects({*sids, *administrators(static)})
    if any(_is_open(found[sid]) for sid in sids if sid in found):
        reader = _Reader(session)
        looked_into = {sid: entry for sid, entry in found.items() if _is_group(entry)}
        for entry in reader.below(list(looked_into.values())):
            _add(found, entry)
        nested = [sid for sid, entry in found.items() if sid not in looked_into and _is_group(entry)]
        for entry in reader.primary_members(nested, root.domain_sid):
            _add(found, entry)
    forest = principals.forest
    domains = {sid for sid in (root.domain_sid, root.root_domain_sid) if sid is not None}
    subjects = _subjects(found, forest, root.is_global_catalog)
    membership = Membership(subjects, domains, sids, unseen=len(forest.domains) > len(domains))
    shown = {**{sid: principals.called(sid) for sid in sids}, **{subject.sid: subject.name for subject in subjects}}
    return Known(membership, shown, forest)


def administrators(static: Membership) -> list[Sid]:
    """The groups whose members are no hazard."""
    groups = [domain.child(rid) for domain in static.domains for rid in sorted(known.ADMINISTRATIVE_GROUP_RIDS)]
    return [known.ADMINISTRATORS, *groups]


class _Reader:
    def __init__(self, session: Session) -> None:
        self._session = session

    def below(self, groups: t.Sequence[Entry]) -> t.Iterator[Entry]:
        """What is in O(groups), by a list of members at any depth or by its primary group."""
        terms = [
            *(filters.equals(f"memberOf:{_IN_CHAIN}:", group.dn) for group in groups),
            *self._primary(group.sid() for group in groups),
        ]
        for start in range(0, len(terms), _CHAINS_AT_ONCE):
            some = filters.all_of(_MEMBERS, filters.any_of(*terms[start : start + _CHAINS_AT_ONCE]))
            yield from search_everywhere(self._session, some, ATTRIBUTES)

    def primary_members(self, groups: t.Iterable[Sid], domain: Sid | None) -> t.Iterator[Entry]:
        """The accounts whose primary group is one of O(groups)."""
        terms = self._primary(sid for sid in groups if sid.domain == domain)
        for start in range(0, len(terms), _TERMS_AT_ONCE):
            some = filters.any_of(*terms[start : start + _TERMS_AT_ONCE])
            yield from search_everywhere(self._session, some, ATTRIBUTES)

    def _primary(self, groups: t.Iterable[Sid | None]) -> list[str]:
        rids = {sid.rid for sid in groups if sid is not None and sid.domain is not None}
        return [filters.equals("primaryGroupID", str(rid)) for rid in sorted(_numbers(rids) - _USUAL_PRIMARY)]


def _numbers(rids: t.Iterable[int | None]) -> set[int]:
    return {rid for rid in rids if rid is not None}


def _add(found: dict[Sid, Entry], entry: Entry) -> None:
    sid = entry.sid()
    if sid is not None:
        found[sid] = entry


def _classes(entry: Entry) -> frozenset[bytes]:
    return frozenset(entry.attributes.find("objectClass"))


def _is_group(entry: Entry) -> bool:
    return b"group" in _classes(entry)


def _makes_tokens(entry: Entry) -> bool:
    """Whether tokens of members have the SID: a distribution group is in none, nor what is above it."""
    return not _is_group(entry) or bool((entry.integer("groupType") or 0) & _SECURITY_ENABLED)


def _is_open(entry: Entry) -> bool:
    """Whether more has to be read to know whose rights the object has or gives: a group, or an account in groups."""
    return _is_group(entry) or "memberOf" in entry.attributes or _primary_rid(entry) not in (None, *_USUAL_PRIMARY)


def _primary_rid(entry: Entry) -> int | None:
    return entry.integer("primaryGroupID")


def _subjects(found: t.Mapping[Sid, Entry], forest: Forest, catalog: bool) -> list[Subject]:
    by_dn = {names.normalised(entry.dn): sid for sid, entry in found.items()}
    sids_of: dict[str, Sid | None] = {}
    subjects: list[Subject] = []
    for sid, entry in found.items():
        groups: set[Sid] = set()
        for dn in entry.texts("memberOf"):
            if dn not in sids_of:
                sids_of[dn] = by_dn.get(names.normalised(dn))
            group = sids_of[dn]
            if group is not None and _makes_tokens(found[group]):
                groups.add(group)
        rid = _primary_rid(entry)
        if rid is not None and sid.domain is not None:
            groups.add(sid.domain.child(rid))
        account = Account.from_entry(entry)
        name = forest.qualified(account) if account and account.sam_account_name else names.rdn_value(entry.dn)
        group_type = entry.integer("groupType") or 0
        own = sid.domain is None or sid.domain == forest.domain_sid
        subjects.append(
            Subject(
                sid,
                name,
                _kind(entry),
                frozenset(groups - {sid}),
                complete=own or not _is_group(entry) or (catalog and bool(group_type & _UNIVERSAL)),
                local=bool(group_type & _DOMAIN_LOCAL),
            )
        )
    return subjects


def _kind(entry: Entry) -> str:
    classes = _classes(entry)
    if b"group" in classes:
        return GROUP
    if b"foreignSecurityPrincipal" in classes:
        return STRANGER
    if classes & _MACHINE_CLASSES or "servicePrincipalName" in entry.attributes:
        return MACHINE
    return PERSON
