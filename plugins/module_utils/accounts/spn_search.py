# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds which service principal name, in the whole forest.

The global catalog has the attribute servicePrincipalName of every object, so one search answers for all domains.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..directory import filters
from ..directory.entry import Entry
from ..directory.session import Session
from .spn import DEFAULT_MAPPINGS, parse_mappings

SPN = "servicePrincipalName"
_MAPPINGS = "sPNMappings"
# A filter of thousands of terms is refused.
_AT_ONCE = 200
# The account krbtgt of each domain has it, by design: no client asks for it across domains.
_IN_EVERY_DOMAIN = frozenset({"kadmin/changepw"})


class Holder(t.NamedTuple):
    """An object with service principal names.

    Attributes:
        dn: its distinguished name.
        name: its sAMAccountName; its DN when it has none.
        names: its service principal names as stored.
    """

    dn: str
    name: str
    names: tuple[str, ...]


class Duplicate(t.NamedTuple):
    """A service principal name that more than one object has.

    Attributes:
        service_principal_name: as the first of the holders spells it.
        holders: the DNs of all that have it, sorted.
    """

    service_principal_name: str
    holders: tuple[str, ...]


def duplicates(session: Session) -> list[Duplicate]:
    """Every service principal name that more than one object of the forest has, sorted; one paged search.

    Raises DirectoryError.
    """
    found = session.global_catalog().search("", filters.present(SPN), (SPN,))
    return plan_duplicates((entry.dn, entry.texts(SPN)) for entry in found)


def plan_duplicates(objects: t.Iterable[tuple[str, t.Iterable[str]]]) -> list[Duplicate]:
    """The names that occur on more than one of O(objects), each a DN and its names, in any letter case."""
    spelled: dict[str, str] = {}
    holders: dict[str, set[str]] = {}
    for dn, names in sorted((dn, tuple(names)) for dn, names in objects):
        for name in names:
            key = name.casefold()
            spelled.setdefault(key, name)
            holders.setdefault(key, set()).add(dn)
    return [
        Duplicate(spelled[key], tuple(sorted(dns)))
        for key, dns in sorted(holders.items())
        if len(dns) > 1 and key not in _IN_EVERY_DOMAIN
    ]


def holders(session: Session, names: t.Iterable[str]) -> list[Holder]:
    """The objects of the forest that have any of O(names), in any letter case. Raises DirectoryError."""
    wanted = sorted({name.casefold(): name for name in names}.values())
    found: dict[str, Holder] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        terms = [filters.equals(SPN, name) for name in wanted[start : start + _AT_ONCE]]
        for entry in session.global_catalog().search("", filters.any_of(*terms), (SPN, "sAMAccountName")):
            found[entry.dn] = _holder(entry)
    return [found[dn] for dn in sorted(found)]


def _holder(entry: Entry) -> Holder:
    return Holder(entry.dn, entry.text("sAMAccountName") or entry.dn, entry.texts(SPN))


def mappings(session: Session) -> dict[str, frozenset[str]]:
    """Which classes of service stand for which others in this forest (sPNMappings). Raises DirectoryError."""
    base = f"CN=Directory Service,CN=Windows NT,CN=Services,{session.root_dse.configuration_naming_context}"
    entry = session.read(base, (_MAPPINGS,))
    return parse_mappings(entry.texts(_MAPPINGS) if entry and _MAPPINGS in entry.attributes else [DEFAULT_MAPPINGS])
