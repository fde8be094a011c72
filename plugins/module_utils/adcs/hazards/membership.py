# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who stands behind a SID: groups in groups, primary groups, stand-ins for well-known principals, and the tokens they
make.

A right is judged by the tokens of those who really have it, so that a denial to a subgroup counts. What cannot be read
(groups of other domains, principals of other forests) counts as people.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from collections import deque
from dataclasses import dataclass
from functools import cached_property

from ...directory.sid import Sid
from . import known
from .access import Token
from .catalogue import ACCOUNT, BROAD, PEOPLE, REACHES, SERVICE

#: What a subject is. A stranger stands for a principal of another forest.
PERSON, MACHINE, GROUP, STRANGER = "person", "machine", "group", "stranger"

_USER_SESSION = known.SESSION_SIDS | {known.BUILTIN_USERS}


@dataclass(frozen=True)
class Subject:
    """An account, a group, or what stands for a principal of another forest or a well-known one.

    Attributes:
        kind: person, machine (computers, managed service accounts, users with a service principal name), group or
            stranger.
        groups: the groups that it is a direct member of, the primary one included, as far as they matter.
        complete: of a group, whether all its members were read.
        local: of a group, whether only hosts of its own domain put it into tokens.
    """

    sid: Sid
    name: str
    kind: str
    groups: frozenset[Sid] = frozenset()
    complete: bool = True
    local: bool = False


class Bearer(t.NamedTuple):
    """A token, and whose it is: the reach that a right of this token has, and one of those who have it."""

    token: Token
    reach: str
    sid: Sid


class Membership:
    """The groups of a forest, as far as they were read. Pure; the order of O(subjects) does not matter.

    Args:
        subjects: accounts and groups. One SID twice is one subject with the groups of both.
        domains: SIDs of the forest's domains; the administrators of others are strangers.
        listed: the SIDs that occur in the lists to be judged, all when None. Accounts that are in none of them and
            have the same groups are alike.
        unseen: whether the forest has domains beside O(domains), whose users and computers have groups of their own.
    """

    def __init__(
        self,
        subjects: t.Iterable[Subject] = (),
        domains: t.Iterable[Sid] = (),
        listed: t.Collection[Sid] | None = None,
        *,
        unseen: bool = False,
    ) -> None:
        self.domains = tuple(sorted(set(domains)))
        self._unseen = unseen or not self.domains
        self._listed = None if listed is None else frozenset(listed)
        self._alike: dict[frozenset[Sid], Token] = {}
        self._subjects: dict[Sid, Subject] = {}
        for subject in subjects:
            self._subjects[subject.sid] = _merged(self._subjects.get(subject.sid), subject)
        self._children: dict[Sid, list[Sid]] = {}
        for sid in sorted(self._subjects):
            for group in self._subjects[sid].groups:
                self._children.setdefault(group, []).append(sid)
        self._closures: dict[Sid, frozenset[Sid]] = {}
        self._below: dict[Sid, dict[Sid, Sid]] = {}
        self._bearers: dict[Sid, tuple[Bearer, ...]] = {}
        self._privileged: dict[Sid, bool] = {}
        self._members: dict[Sid, int | None] = {}
        #: For whoever describes principals: what has been worked out, for as long as this object lives.
        self.described: dict[t.Any, t.Any] = {}

    def name(self, sid: Sid) -> str | None:
        subject = self._subjects.get(sid)
        return subject.name if subject else None

    def is_privileged(self, sid: Sid) -> bool:
        """Whether O(sid) administers the forest anyway, by itself or through a group, or is nobody's."""
        found = self._privileged.get(sid)
        if found is None:
            found = self._privileged[sid] = self._is_privileged(sid)
        return found

    def _is_privileged(self, sid: Sid) -> bool:
        if sid in known.NOBODY or sid in known.PRIVILEGED:
            return True
        if self._has_rid(sid, known.ADMINISTRATIVE_RIDS | known.TOLERATED_RIDS):
            return True
        if self.is_everybody(sid):
            # Somebody has made everybody an administrator: all the more reason to report what everybody may do.
            return False
        return any(self.administers(group) for group in self.closure(sid)) and not self._holds_everybody(sid)

    def administers(self, sid: Sid) -> bool:
        """Whether whoever has O(sid) in the token administers the forest."""
        return sid in known.PRIVILEGED or self._has_rid(sid, known.ADMINISTRATIVE_GROUP_RIDS)

    def _has_rid(self, sid: Sid, rids: frozenset[int]) -> bool:
        # Compared by parts: a property that makes a SID is called for every entry of a forest.
        parts = sid.sub_authorities
        return len(parts) == 5 and parts[4] in rids and sid.domain in self.domains

    def is_everybody(self, sid: Sid) -> bool:
        """Whether O(sid) is a well-known principal that any ordinary user or computer can be."""
        if sid in known.LOW_PRIVILEGED:
            return True
        parts = sid.sub_authorities
        return len(parts) == 5 and parts[0] == 21 and sid.authority == 5 and parts[4] in known.LOW_PRIVILEGED_RIDS

    def _holds_everybody(self, sid: Sid) -> bool:
        return any(self.is_everybody(found) for found in self._reached(sid))

    def closure(self, sid: Sid) -> frozenset[Sid]:
        """O(sid) and all groups that contain it. Cycles end."""
        found = self._closures.get(sid)
        if found is None:
            seen = {sid}
            waiting = [sid]
            while waiting:
                subject = self._subjects.get(waiting.pop())
                for group in subject.groups if subject else ():
                    if group not in seen:
                        seen.add(group)
                        waiting.append(group)
            found = self._closures[sid] = frozenset(seen)
        return found

    def _reached(self, sid: Sid) -> dict[Sid, Sid]:
        """Everything below O(sid), nearest first, each with what it is a member of on the way."""
        found = self._below.get(sid)
        if found is None:
            found = {}
            waiting = deque([sid])
            while waiting:
                above = waiting.popleft()
                for below in self._children.get(above, ()):
                    if below not in found and below != sid:
                        found[below] = above
                        waiting.append(below)
            self._below[sid] = found
        return found

    def way(self, sid: Sid, to: Sid) -> tuple[Sid, ...]:
        """The groups between O(sid) and O(to), which lies below it."""
        reached = self._reached(sid)
        steps: list[Sid] = []
        at = reached.get(to, sid)
        while at != sid:
            steps.append(at)
            at = reached[at]
        return tuple(reversed(steps))

    def way_to_everybody(self, sid: Sid) -> tuple[Sid, ...]:
        """The groups between O(sid) and the nearest well-known principal below it that everybody is, and that one."""
        found = next((below for below in self._reached(sid) if self.is_everybody(below)), None)
        return () if found is None else (*self.way(sid, found), found)

    def token(self, certain: t.Iterable[Sid], possible: t.Iterable[Sid] = ()) -> Token:
        """The token of somebody with these SIDs and the groups that contain them."""
        sure: set[Sid] = set()
        maybe: set[Sid] = set()
        for sid in certain:
            sure |= self.closure(sid)
        for sid in possible:
            maybe |= self.closure(sid)
        if len(self.domains) > 1:
            # A host of another domain does not see them.
            local = {sid for sid in sure if sid in self._subjects and self._subjects[sid].local}
            sure -= local
            maybe |= local
        return Token(frozenset(sure), frozenset(maybe - sure))

    @cached_property
    def everybody(self) -> tuple[Bearer, ...]:
        """The tokens of any user, any computer and the guest of each domain, and of nobody who has logged on."""
        bearers = [Bearer(self.token([known.ANONYMOUS], [known.EVERYONE, *known.SESSION_SIDS]), BROAD, known.ANONYMOUS)]
        signed_in = (known.EVERYONE, known.AUTHENTICATED_USERS)
        for domain in self.domains:
            for rid in (known.DOMAIN_USERS_RID, known.DOMAIN_COMPUTERS_RID):
                token = self.token([*signed_in, domain.child(rid)], _USER_SESSION)
                bearers.append(Bearer(token, BROAD, domain.child(rid)))
            guests = [domain.child(known.GUEST_RID), domain.child(known.DOMAIN_GUESTS_RID), known.BUILTIN_GUESTS]
            bearers.append(Bearer(self.token([known.EVERYONE], [*guests, *known.SESSION_SIDS]), BROAD, guests[0]))
        if self._unseen:
            bearers.append(Bearer(self.token(signed_in, _USER_SESSION), BROAD, known.AUTHENTICATED_USERS))
        return tuple(bearers)

    def bearers(self, sid: Sid) -> tuple[Bearer, ...]:
        """The tokens that have O(sid), the worst reach first; one of each kind, since a forest has many accounts with
        the same groups.
        """
        found = self._bearers.get(sid)
        if found is None:
            ordered = sorted(_distinct(self._all_bearers(sid)), key=lambda bearer: REACHES.index(bearer.reach))
            found = self._bearers[sid] = tuple(ordered)
        return found

    def _all_bearers(self, sid: Sid) -> t.Iterator[Bearer]:
        everybody = [bearer for bearer in self.everybody if sid in bearer.token]
        yield from everybody
        if self.is_everybody(sid) and not everybody:
            # Of a domain that is not the forest's own.
            yield Bearer(self._person(sid), BROAD, sid)
        subject = self._subjects.get(sid)
        if subject is None or subject.kind != GROUP:
            if not everybody:
                yield Bearer(self._person(sid), self._named(sid, subject), sid)
            return
        ordinary = False
        for member in self._reached(sid):
            found = self._subjects[member]
            if found.kind == GROUP:
                if not found.complete:
                    ordinary = True
                    yield Bearer(self._person(member), PEOPLE, member)
            elif not self.is_everybody(member) and not self.is_privileged(member):
                ordinary = True
                yield Bearer(self._member(found), SERVICE if found.kind == MACHINE else PEOPLE, member)
        if not subject.complete:
            yield Bearer(self._person(sid), PEOPLE, sid)
        elif not ordinary and not everybody:
            # Nobody yet: what a member would get.
            yield Bearer(self._person(sid), SERVICE, sid)

    def _member(self, subject: Subject) -> Token:
        """The token of a member of a group."""
        if self._listed is None or subject.sid in self._listed:
            return self._person(subject.sid)
        found = self._alike.get(subject.groups)
        if found is None:
            found = self.token([*subject.groups, known.EVERYONE, known.AUTHENTICATED_USERS], _USER_SESSION)
            self._alike[subject.groups] = found
        return found

    def _person(self, sid: Sid) -> Token:
        return self.token([sid, known.EVERYONE, known.AUTHENTICATED_USERS], _USER_SESSION)

    def _named(self, sid: Sid, subject: Subject | None) -> str:
        """The reach of a principal that is no group, or of which nothing is known."""
        if subject is not None:
            return PEOPLE if subject.kind == STRANGER else ACCOUNT
        # An account of the own forest that is gone is nobody; what another forest has under the SID may be a group.
        return PEOPLE if sid.domain is not None and sid.domain not in self.domains else ACCOUNT

    def members(self, sid: Sid) -> int | None:
        """The number of accounts in a group, administrators left out; None where nobody can say."""
        if sid not in self._members:
            self._members[sid] = self._count(sid)
        return self._members[sid]

    def _count(self, sid: Sid) -> int | None:
        subject = self._subjects.get(sid)
        if subject is None or subject.kind != GROUP or not subject.complete or self.is_everybody(sid):
            return None
        count = 0
        for member in self._reached(sid):
            found = self._subjects[member]
            if self.is_everybody(member) or found.kind == STRANGER or not found.complete:
                return None
            count += found.kind != GROUP and not self.is_privileged(member)
        return count


def worst(reaches: t.Iterable[str]) -> str:
    """The reach that comes first in REACHES."""
    return min(reaches, key=REACHES.index)


def _merged(one: Subject | None, other: Subject) -> Subject:
    if one is None:
        return other
    # The same whichever came first.
    first, second = sorted((one, other), key=lambda subject: (subject.kind, subject.name))
    return Subject(
        first.sid,
        first.name,
        first.kind,
        first.groups | second.groups,
        first.complete and second.complete,
        first.local and second.local,
    )


def _distinct(bearers: t.Iterable[Bearer]) -> t.Iterator[Bearer]:
    """One bearer of each token and reach."""
    seen: set[tuple[Token, str]] = set()
    for bearer in bearers:
        key = (bearer.token, bearer.reach)
        if key not in seen:
            seen.add(key)
            yield bearer
