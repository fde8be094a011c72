# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that an audit of a forest wants from its directory, in a dozen searches however large the forest is.

What cannot be read is noted and does not end the audit.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from ..accounts import spn_search
from ..adcs import authority as authorities
from ..adcs import store
from ..adcs.hazards import Hazard, read_forest_hazards
from ..adcs.hazards.access import access_list
from ..adcs.hazards.assessment import TEMPLATE_RIGHTS
from ..adcs.hazards.reading import Known, read_known, static_membership, wanted
from ..directory.caller import caller
from ..directory.descriptor import Ace
from ..directory.dn import dns_name
from ..directory.errors import DirectoryError, NoSuchObject
from ..directory.principals import Principals
from ..directory.session import Session
from ..directory.sid import Sid
from .document import ENROLLMENT, Found, NotRead, compose

_T = t.TypeVar("_T")


def read_audit(session: Session, now: dt.datetime) -> dict[str, t.Any]:
    """The audit of the forest that O(session) is connected to, read at O(now). Raises DirectoryError."""
    missed: list[NotRead] = []
    root = session.root_dse
    snapshot = _snapshot(session, missed)
    account = caller(session)
    known = _known(session, snapshot, account)
    return compose(
        Found(
            forest=dns_name(root.root_domain_naming_context),
            read_at=now,
            server=session.server,
            account=known.name(account) if account is not None else None,
            snapshot=snapshot,
            authorities=tuple(_authorities(session, now, missed)),
            known=known,
            names=_names(session, snapshot, known),
            forest_hazards=tuple(_forest_hazards(session, missed)),
            duplicates=tuple(_duplicates(session, missed)),
            missed=tuple(missed),
        )
    )


def _snapshot(session: Session, missed: list[NotRead]) -> store.Snapshot:
    try:
        return store.read(session, None, policies=True)
    except NoSuchObject as exc:
        missed.append(NotRead("public key services", store.services_dn(session), str(exc)))
        return store.Snapshot((), (), (), None)


def _known(session: Session, snapshot: store.Snapshot, account: Sid | None) -> Known:
    static = static_membership(session)
    lists = [
        (access_list(stored.template.security, static.is_privileged), (*ENROLLMENT, *TEMPLATE_RIGHTS))
        for stored in snapshot.templates
        if stored.template.security is not None
    ]
    return read_known(session, wanted(lists, static) | ({account} if account is not None else set()))


def _names(session: Session, snapshot: store.Snapshot, known: Known) -> dict[Sid, str]:
    """The names of all who stand in a list, in one search for those who do not matter to hazards."""
    sids: set[Sid] = set()
    for stored in snapshot.templates:
        security = stored.template.security
        if security is None:
            continue
        if security.owner is not None:
            sids.add(security.owner)
        if security.dacl is not None:
            sids.update(ace.sid for ace in security.dacl.aces if isinstance(ace, Ace))
    names = {sid: known.name(sid) for sid in sids}
    nameless = [sid for sid, name in names.items() if name == str(sid)]
    return {**names, **(Principals(session).names(nameless) if nameless else {})}


def _authorities(session: Session, now: dt.datetime, missed: list[NotRead]) -> list[authorities.Authority]:
    if authorities.CRYPTOGRAPHY_IMPORT_ERROR is not None:
        reason = "the Python library cryptography is not installed where the module ran"
        missed.append(NotRead("certificates of the authorities", store.services_dn(session), reason))
        return []
    try:
        return authorities.read_authorities(session, now)
    except NoSuchObject:
        # Said of the templates already.
        return []


def _forest_hazards(session: Session, missed: list[NotRead]) -> list[Hazard]:
    attempt = "rights on the objects of the public key services"
    return _or_note(lambda: read_forest_hazards(session), attempt, store.services_dn(session), missed)


def _duplicates(session: Session, missed: list[NotRead]) -> list[spn_search.Duplicate]:
    return _or_note(lambda: spn_search.duplicates(session), "service principal names", "global catalog", missed)


def _or_note(read: t.Callable[[], list[_T]], what: str, place: str, missed: list[NotRead]) -> list[_T]:
    try:
        return read()
    except DirectoryError as exc:
        missed.append(NotRead(what, place, str(exc)))
        return []
