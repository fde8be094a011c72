# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may be given the rights of an operator, and which groups an operator may fill.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..directory import dn as names
from ..directory import filters
from ..directory.edits import OptionError
from ..directory.principals import Principals
from ..directory.session import Entry, Session
from ..directory.sid import Sid
from ..directory.tiers import owns_the_forest, stands_for_everybody

#: LDAP_MATCHING_RULE_IN_CHAIN (MS-ADTS 3.1.1.3.4.4.3): groups in groups, however deep.
_IN_CHAIN = "1.2.840.113556.1.4.1941"
_ATTRIBUTES = ("objectSid", "objectClass", "adminCount", "cn")


@dataclass(frozen=True)
class Principal:
    """Who gets the rights.

    Attributes:
        sid: what stands in the entries.
        name: how it is shown.
        given: as it was written.
    """

    sid: Sid
    name: str
    given: str


def find_principal(principals: Principals, given: str) -> Principal:
    """The principal that O(given) names; a SID need not exist. Raises PrincipalError and DirectoryError."""
    sid = principals.resolve([given])[given]
    return Principal(sid, principals.names([sid])[sid], given)


def refuse_unfit(session: Session, principal: Principal) -> None:
    """Raises OptionError for a principal that nearly everybody is, that nobody is, or that contains everybody."""
    sid, who = principal.sid, principal.name
    if stands_for_everybody(sid):
        raise _unfit(f"{who} stands for nearly everybody: all of them would own the forest (ESC5)")
    if sid.domain is None:
        raise _unfit(f"{who} is no account or group of a domain")
    entry = _by_sid(session, sid)
    if entry is None:
        raise _unfit(
            f"nothing in this forest has the SID {sid}; for people of another forest make a domain local group of this "
            "one and put them into it"
        )
    if "group" not in entry.texts("objectClass"):
        return
    # The member attribute of groups that are not universal is not in a global catalog of another domain.
    inside = filters.all_of(
        f"(memberOf:{_IN_CHAIN}:={filters.escape(entry.dn)})",
        filters.any_of(
            filters.equals("objectClass", "group"), filters.equals("objectClass", "foreignSecurityPrincipal")
        ),
    )
    for member in session.global_catalog().search("", inside, _ATTRIBUTES):
        octets = member.raw("objectSid")
        if octets and stands_for_everybody(Sid.from_bytes(octets)):
            raise _unfit(
                f"{who} contains {member.text('cn') or member.dn} ({Sid.from_bytes(octets)}), which stands for nearly "
                "everybody: all of them would own the forest (ESC5)"
            )


def find_group(session: Session, principal: Principal, given: str, sid: Sid, *, present: bool) -> Entry:
    """The group O(given), whose members an operator may change.

    Raises OptionError for what is no group of the domain connected to, and, if O(present), for groups that would make
    the operator more than that.
    """
    entry = _by_sid(session, sid)
    if entry is None or "group" not in entry.texts("objectClass"):
        raise OptionError("groups", f"'{given}' is not a group")
    base = session.root_dse.default_naming_context
    if not names.equal(names.domain_dn(entry.dn), base):
        raise OptionError(
            "groups", f"'{given}' lies in another domain ({entry.dn}); run against a server of that domain"
        )
    if not present:
        return entry
    if sid == principal.sid:
        raise OptionError("groups", f"'{given}' is the principal itself: its members could let others in")
    above = session.search(base, f"(member:{_IN_CHAIN}:={filters.escape(entry.dn)})", _ATTRIBUTES)
    if any(group.sid() == principal.sid for group in above):
        raise OptionError("groups", f"'{given}' is a member of {principal.name}: its members are operators too")
    # All of them, since a server names them in no order.
    protected = sorted(group.text("cn") or group.dn for group in above if _is_protected(group))
    if _is_protected(entry) or protected:
        what = "is a protected group" if _is_protected(entry) else f"is a member of {', '.join(protected)}"
        raise OptionError("groups", f"'{given}' {what}: whoever may fill it owns the domain")
    return entry


def _is_protected(group: Entry) -> bool:
    sid = group.sid()
    return (sid is not None and owns_the_forest(sid)) or group.integer("adminCount") == 1


def _by_sid(session: Session, sid: Sid) -> Entry | None:
    wanted = filters.equals("objectSid", sid.to_bytes())
    found = session.search(session.root_dse.default_naming_context, wanted, _ATTRIBUTES)
    return next(iter(found or session.global_catalog().search("", wanted, _ATTRIBUTES)), None)


def _unfit(reason: str) -> OptionError:
    return OptionError("principal", reason)
