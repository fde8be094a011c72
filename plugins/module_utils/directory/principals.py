# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals of a forest: names to SIDs, SIDs to names, in as few searches as can be.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from . import filters
from .controls import SEARCH_OPTIONS
from .entry import Entry
from .errors import DirectoryError
from .principal_names import (
    ATTRIBUTES,
    DOMAINS,
    Account,
    Domain,
    Forest,
    Match,
    Wanted,
    lookup_filter,
    match,
    parse,
    shown_as,
    well_known,
    well_known_name,
)
from .sid import Sid

if t.TYPE_CHECKING:
    from .session import Session

# A search is one round trip, but a filter of thousands of terms is refused.
_AT_ONCE = 200
# A server that has the control and will not search from the very top: its global catalog will.
_NO_SEARCH_OF_ALL = frozenset({"unsupported_control", "no_such_object", "operation_failed", "unwilling", "referral"})


class PrincipalError(Exception):
    """Names that mean no principal, or more than one.

    Attributes:
        problems: each name as it was written, and what is wrong with it, as a clause with the name as its subject.
        searched: where the names were looked up; empty when no look-up was needed to see that they are wrong.
    """

    def __init__(self, problems: t.Mapping[str, str], searched: t.Sequence[str]) -> None:
        self.problems = dict(problems)
        self.searched = tuple(searched)
        listed = "; ".join(f"'{name}' {problem}" for name, problem in sorted(self.problems.items()))
        where = f" Searched: {', '.join(self.searched)}." if self.searched else ""
        advice = " A principal of another forest is written as its SID." if self.searched else ""
        super().__init__(f"Principals that cannot be resolved: {listed}.{where}{advice}")


# RIDs that no domain gives out before its billions are used up; later than those of all accounts, as that of a new
# account is.
_FIRST_EXPECTED = 0xFFFF0000


class Principals:
    """The principals of the forest that a session is connected to. What was found once is not searched for again.

    Args:
        session: asked for the names.
        expected: names of accounts that an earlier task of a rehearsal would have made. One that does not exist gets
            a SID that no account has, and is shown by its name, so that what is shown is what will be. For check mode
            alone: nothing may be written with such a SID.
    """

    def __init__(self, session: Session, *, expected: t.Iterable[str] = ()) -> None:
        self._session = session
        self._expected = tuple(expected)
        self._sids: dict[str, Sid] = {}
        self._names: dict[Sid, str] = {}
        self._domains: tuple[Domain, ...] | None = None
        self._entries: dict[Sid, Entry] = {}
        self._searched: set[Sid] = set()

    def resolve(
        self, names: t.Iterable[str], *, also: t.Iterable[Sid] = (), beside: t.Iterable[Sid] = ()
    ) -> dict[str, Sid]:
        """The SIDs of O(names).

        A name is written as C(DOMAIN\\name), C(name@domain), C(name) for one of the domain connected to, with a
        dollar sign at the end for a computer, as a distinguished name, as a SID, or in English for a principal that
        every forest has. Capitals do not matter. SIDs and well-known names need no search, all others one together,
        and one more in the global catalog for what the server itself does not have.

        Args:
            names: in any number.
            also: SIDs whose names will be wanted: found by the same search.
            beside: SIDs that may be wanted: looked for when there is a search anyway.

        Raises:
            PrincipalError: with everything that is wrong with any of the names.
            DirectoryError: the search failed.
        """
        given = list(names)
        problems: dict[str, str] = {}
        open_names: dict[str, Wanted] = {}
        for text in given:
            if text in self._sids:
                continue
            try:
                self._sids[text] = Sid.parse(text.strip().upper())
                continue
            except ValueError:
                pass
            try:
                wanted = parse(text)
            except ValueError as exc:
                problems[text] = str(exc)
                continue
            sid = well_known(wanted, self._forest())
            if sid is not None:
                self._sids[text] = sid
            else:
                open_names[text] = wanted
        sids = {sid for sid in also if not self._is_named(sid)}
        if open_names or sids:
            sids |= set(beside) - self._searched
        searched = self._look_up(open_names, problems, sids)
        if problems:
            raise PrincipalError(problems, searched)
        return {text: self._sids[text] for text in given}

    def names(self, sids: t.Iterable[Sid]) -> dict[Sid, str]:
        """How to show O(sids): the English name of a well-known one, DOMAIN\\name, or the SID itself when unknown."""
        wanted = list(sids)
        self._look_up({}, {}, {sid for sid in wanted if not self._is_named(sid)})
        forest = self._forest()
        return {sid: well_known_name(sid, forest) or self._names.get(sid, str(sid)) for sid in wanted}

    def objects(self, sids: t.Iterable[Sid]) -> dict[Sid, Entry]:
        """The objects of O(sids) with V(ATTRIBUTES), well-known groups too; a SID without an object is left out."""
        wanted = set(sids)
        self._look_up({}, {}, wanted - self._searched)
        return {sid: self._entries[sid] for sid in wanted if sid in self._entries}

    def called(self, sid: Sid) -> str:
        """How to show O(sid), as names() does, by what has been read already."""
        return well_known_name(sid, self._forest()) or self._names.get(sid, str(sid))

    @property
    def forest(self) -> Forest:
        """The forest; with its domains once something was searched for."""
        return self._forest()

    def _is_named(self, sid: Sid) -> bool:
        return sid in self._names or well_known_name(sid, self._forest()) is not None

    def _forest(self) -> Forest:
        root = self._session.root_dse
        return Forest(
            bound=root.default_naming_context,
            root=root.root_domain_naming_context,
            domain_sid=root.domain_sid,
            root_domain_sid=root.root_domain_sid,
            domains=self._domains or (),
        )

    def _look_up(self, wanted: dict[str, Wanted], problems: dict[str, str], sids: set[Sid]) -> list[str]:
        """Fill the caches; add what cannot be found to O(problems). Returns where was searched."""
        if not wanted and not sids:
            return []
        searched = [f"all partitions of {self._session.server}"]
        accounts = self._search(wanted.values(), sids, self._everything)
        matches = self._matches(wanted, accounts)
        unnamed = {sid for sid in sids if sid not in self._names and sid.domain != self._session.root_dse.domain_sid}
        elsewhere = {text: wanted[text] for text, found in matches.items() if found.elsewhere}
        # A forest of one domain has nothing elsewhere.
        if (elsewhere or unnamed) and len(self._domains or ()) > 1:
            catalog = self._session.global_catalog()
            searched.append(f"global catalog {catalog.server}")
            accounts += self._search(elsewhere.values(), unnamed, catalog.search)
            matches |= self._matches(elsewhere, accounts)
        matches |= self._expected_ones(
            {text: wanted[text] for text, found in matches.items() if found.missing and self._expected}
        )
        problems |= {text: found.problem for text, found in matches.items() if found.problem}
        for sid in sids:
            # Nothing has this SID: deleted, or of another forest. It is shown as it is.
            self._names.setdefault(sid, str(sid))
        return searched

    def _matches(self, wanted: t.Mapping[str, Wanted], accounts: list[Account]) -> dict[str, Match]:
        forest = self._forest()
        found = {}
        for text, name in wanted.items():
            # With its domain before it, a well-known name is known only now that the domains are.
            sid = well_known(name, forest)
            result = Match(None) if sid else match(name, accounts, forest)
            if sid or result.account:
                self._sids[text] = sid or t.cast(Account, result.account).sid
            found[text] = result
        return found

    def _expected_ones(self, missing: t.Mapping[str, Wanted]) -> dict[str, Match]:
        """Those of O(missing) that are expected, each with a SID made up for it."""
        forest = self._forest()
        shown = {name.casefold(): name for name in map(str, filter(None, map(self._expected_name, self._expected)))}
        order = {key: index for index, key in enumerate(shown)}
        found = {}
        for text, wanted in missing.items():
            key = (shown_as(wanted, forest) or "").casefold()
            if key in shown and forest.domain_sid is not None:
                sid = forest.domain_sid.child(_FIRST_EXPECTED + order[key])
                self._sids[text], self._names[sid] = sid, shown[key]
                self._searched.add(sid)
                found[text] = Match(None)
        return found

    def _expected_name(self, text: str) -> str | None:
        try:
            return shown_as(parse(text), self._forest())
        except ValueError:
            return None

    def is_expected(self, sid: Sid) -> bool:
        """Whether the SID was made up for an account that does not exist yet."""
        return sid.domain == self._session.root_dse.domain_sid and (sid.rid or 0) >= _FIRST_EXPECTED

    def _search(
        self, wanted: t.Iterable[Wanted], sids: t.Iterable[Sid], search: t.Callable[..., list[Entry]]
    ) -> list[Account]:
        terms = [lookup_filter(name) for name in wanted]
        terms += [filters.equals("objectSid", sid.to_bytes()) for sid in sorted(sids)]
        entries: list[Entry] = []
        for start in range(0, len(terms), _AT_ONCE):
            domains = [DOMAINS] if self._domains is None and start == 0 else []
            entries += search("", filters.any_of(*domains, *terms[start : start + _AT_ONCE]), ATTRIBUTES)
        if self._domains is None:
            self._domains = tuple(
                Domain(entry.text("nCName") or "", entry.text("nETBIOSName") or "", entry.text("dnsRoot") or "")
                for entry in entries
                if "nETBIOSName" in entry.attributes
            )
        accounts = [account for account in map(Account.from_entry, entries) if account]
        for entry in entries:
            octets = entry.raw("objectSid")
            if octets:
                self._entries[Sid.from_bytes(octets)] = entry
        self._searched |= {*sids, *self._entries}
        forest = self._forest()
        for account in accounts:
            # An object without an account name stands for a principal of another forest.
            self._names[account.sid] = forest.qualified(account) if account.sam_account_name else str(account.sid)
        return accounts

    def _everything(self, _base: str, filter_text: str, attributes: t.Sequence[str]) -> list[Entry]:
        return search_everywhere(self._session, filter_text, attributes)


def search_everywhere(
    session: Session, filter_text: str, attributes: t.Sequence[str], *, sd_flags: int | None = None
) -> list[Entry]:
    """What matches in all partitions that the server has, domains and configuration alike. Raises DirectoryError.

    The arguments are those of Session.search.
    """
    if SEARCH_OPTIONS in session.root_dse.supported_controls:
        try:
            return session.search("", filter_text, attributes, sd_flags=sd_flags, all_partitions=True)
        except DirectoryError as exc:
            if exc.code not in _NO_SEARCH_OF_ALL:
                raise
    return session.global_catalog().search("", filter_text, attributes, sd_flags=sd_flags)
