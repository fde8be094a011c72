# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is behind a principal: groups in groups, denials to some of them, and how far that reaches."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import Hazard, Membership, Subject
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template

from .people import DOMAIN, MEMBERSHIP, OTHER_FOREST, SIDS, hazards, security, subjects

CLIENT = "1.3.6.1.5.5.7.3.2"


def esc1(*entries: str, owner: str | None = "enterprise admins", membership: Membership = MEMBERSHIP) -> Hazard | None:
    """The hazard of a template with subject from the request and these rights."""
    template = Template(
        "T",
        schema_version=2,
        name_flags=1,
        extended_key_usage=(CLIENT,),
        application_policies=(CLIENT,),
        security=security(*entries, owner=owner),
    )
    return hazards(template, membership=membership).get("ESC1")


def reach(*entries: str, membership: Membership = MEMBERSHIP) -> str | None:
    found = esc1(*entries, membership=membership)
    return found.reach if found else None


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("everyone", "broad"),
        ("authenticated", "broad"),
        ("anonymous", "broad"),
        ("network", "broad"),
        ("users", "broad"),
        ("guests", "broad"),
        ("guest", "broad"),
        ("domain users", "broad"),
        ("domain guests", "broad"),
        ("domain computers", "broad"),
        ("foreign users", "broad"),
        ("pre-2000", "broad"),
        ("holds all", "broad"),
        ("computers of all", "broad"),
        ("staff", "people"),
        ("interns", "people"),
        ("outer", "people"),
        ("admins of templates", "people"),
        ("visitors", "people"),
        ("foreign group", "people"),
        ("foreign admins", "people"),
        ("foreign user", "people"),
        ("loop a", "people"),
        ("loop b", "people"),
        ("loop c", "people"),
        ("services", "service"),
        ("servers", "service"),
        ("empty", "service"),
        ("operators", "service"),
        ("only admins", "service"),
        ("alice", "account"),
        ("svc", "account"),
        ("ndes1", "account"),
        ("ca1", "account"),
        ("gone", "account"),
        ("administrator", None),
        ("admin", None),
        ("domain admins", None),
        ("inner admins", None),
        ("enterprise admins", None),
        ("schema admins", None),
        ("domain controllers", None),
        ("key admins", None),
        ("dc1", None),
        ("controllers", None),
        ("enterprise rodcs", None),
        ("cert publishers", None),
        ("administrators", None),
        ("system", None),
        ("creator owner", None),
        ("self", None),
        ("owner rights", None),
    ],
)
def test_reach(who: str, expected: str | None) -> None:
    assert reach(f"allow enroll {who}") == expected


@pytest.mark.parametrize(
    ("expected", "entries"),
    [
        # Everybody and a denial.
        ("broad", ["deny enroll alice", "allow enroll authenticated"]),
        ("broad", ["deny enroll staff", "allow enroll authenticated"]),
        ("broad", ["deny enroll domain users", "allow enroll authenticated"]),
        ("broad", ["deny enroll domain computers", "allow enroll authenticated"]),
        (None, ["deny enroll domain computers", "deny enroll domain users", "allow enroll authenticated"]),
        (None, ["deny enroll authenticated", "allow enroll domain users", "allow enroll domain computers"]),
        (None, ["deny enroll users", "allow enroll authenticated"]),
        (None, ["deny enroll holds all", "allow enroll authenticated"]),
        (None, ["deny enroll pre-2000", "allow enroll domain users"]),
        ("broad", ["deny enroll network", "allow enroll authenticated"]),
        ("broad", ["deny enroll guests", "allow enroll everyone"]),
        ("broad", ["callback-deny enroll authenticated", "allow enroll authenticated"]),
        ("broad", ["allow enroll authenticated", "deny enroll authenticated"]),
        # A group and denials to those in it.
        ("people", ["deny enroll alice", "allow enroll staff"]),
        ("people", ["deny enroll alice", "deny enroll bob", "allow enroll staff"]),
        (None, ["deny enroll alice", "deny enroll interns", "deny enroll carol", "allow enroll staff"]),
        (None, ["deny enroll staff", "allow enroll outer"]),
        (None, ["deny enroll outer", "allow enroll staff"]),
        ("people", ["deny enroll interns", "allow enroll staff"]),
        # Carol is not in Domain Users.
        ("people", ["deny enroll domain users", "allow enroll staff"]),
        (None, ["deny enroll domain users", "allow enroll admins of templates"]),
        (None, ["deny enroll domain users", "allow enroll interns"]),
        (None, ["deny enroll authenticated", "allow enroll staff"]),
        (None, ["deny enroll everyone", "allow enroll empty"]),
        ("service", ["deny enroll domain users", "allow enroll services"]),
        (None, ["deny enroll domain users", "deny enroll servers", "allow enroll services"]),
        # One account.
        (None, ["deny enroll staff", "allow enroll alice"]),
        (None, ["deny enroll outer", "allow enroll bob"]),
        ("account", ["deny enroll servers", "allow enroll svc"]),
        # Denials to administrators are nobody's.
        ("people", ["deny enroll domain admins", "allow enroll staff"]),
        # The worst of several.
        ("people", ["allow enroll svc", "allow enroll services", "allow enroll staff"]),
        ("broad", ["allow enroll staff", "allow enroll everyone"]),
    ],
)
def test_denials_count_for_the_tokens_of_those_behind_a_principal(expected: str | None, entries: list[str]) -> None:
    assert reach(*entries) == expected


def test_principals_are_told_with_the_groups_between() -> None:
    hazard = esc1("allow enroll outer", "allow enroll svc", "allow enroll holds all", "allow enroll domain admins")
    assert hazard
    told = [(each.name, each.reach, each.members, each.via) for each in hazard.principals]
    assert told == [
        ("holds all", "broad", None, ("authenticated",)),
        ("outer", "people", 3, ("everybody here", "staff")),
        ("svc", "account", None, ()),
    ]
    assert hazard.sentence.startswith(
        "holds all (through authenticated), outer (through everybody here, staff) and svc may ask"
    )
    facts = hazard.as_facts()
    assert facts["principals"][0] == {
        "name": "holds all",
        "sid": str(SIDS["holds all"]),
        "reach": "broad",
        "members": None,
        "via": ["authenticated"],
        "rights": ["enroll"],
    }
    assert set(facts) == {
        "id",
        "template",
        "title",
        "refused",
        "active",
        "reach",
        "principals",
        "sentence",
        "remedy",
    }


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("staff", 3),
        ("services", 2),
        ("empty", 0),
        ("only admins", 0),
        ("loop a", 1),
        ("holds all", None),
        ("visitors", None),
        ("alice", None),
    ],
)
def test_members(group: str, members: int | None) -> None:
    assert MEMBERSHIP.members(SIDS[group]) == members


def test_a_right_by_ownership_reaches_as_far_as_one_by_an_entry() -> None:
    for owner, expected in (("staff", "people"), ("alice", "account"), ("users", "broad"), ("admin", None)):
        template = Template("T", extended_key_usage=("1.2.3",), security=security(owner=owner))
        found = hazards(template).get("ESC4")
        assert (found.reach if found else None) == expected
        if found:
            assert found.principals[0].rights == ("own it", "change its rights")


def test_everybody_in_an_administrative_group_is_still_everybody() -> None:
    """The worst a forest can do must not make it look harmless."""
    members = {SIDS["authenticated"]: "stranger", SIDS["holds all"]: "group"}
    wrong = Membership(
        [
            *subjects(),
            *(Subject(sid, "x", kind, frozenset({SIDS["administrators"]})) for sid, kind in members.items()),
        ],
        [DOMAIN],
    )
    for who in ("authenticated", "holds all"):
        assert reach(f"allow enroll {who}", membership=wrong) == "broad"


def test_a_group_that_cannot_be_looked_into_counts_as_people() -> None:
    group, inside = DOMAIN.child(5000), OTHER_FOREST.child(5001)
    known = [
        Subject(SIDS["services"], "services", "group"),
        Subject(inside, "inside", "group", frozenset({SIDS["services"]}), complete=False),
        Subject(SIDS["empty"], "empty", "group", complete=False),
    ]
    membership = Membership(known, [DOMAIN])
    assert reach("allow enroll services", membership=membership) == "people"
    assert reach("allow enroll empty", membership=membership) == "people"
    assert membership.members(SIDS["services"]) is None
    assert membership.members(group) is None


def test_hosts_of_other_domains_do_not_see_local_groups() -> None:
    """A denial to a domain local group stops nobody on an authority of another domain."""
    local = [
        Subject(SIDS["staff"], "staff", "group", local=True),
        Subject(SIDS["alice"], "alice", "person", frozenset({SIDS["staff"]})),
    ]
    entries = ("deny enroll staff", "allow enroll alice")
    assert reach(*entries, membership=Membership(local, [DOMAIN])) is None
    assert reach(*entries, membership=Membership(local, [DOMAIN, OTHER_FOREST])) == "account"
    assert reach("allow enroll staff", membership=Membership(local, [DOMAIN, OTHER_FOREST])) == "people"


def test_users_of_domains_that_were_not_seen_are_in_no_group_of_the_others() -> None:
    entries = ("deny enroll domain users", "deny enroll domain computers", "allow enroll authenticated")
    assert reach(*entries, membership=Membership(subjects(), [DOMAIN])) is None
    assert reach(*entries, membership=Membership(subjects(), [DOMAIN], unseen=True)) == "broad"
    assert reach(*entries, membership=Membership(subjects(), [DOMAIN, OTHER_FOREST])) == "broad"


def test_accounts_that_no_list_names_are_alike() -> None:
    """What makes a group of thousands cheap changes nothing for the lists that were announced."""
    many = [
        Subject(DOMAIN.child(20000 + number), f"u{number}", "person", frozenset({SIDS["staff"], SIDS["domain users"]}))
        for number in range(500)
    ]
    listed = {SIDS[name] for name in ("staff", "alice", "interns", "outer")}
    for entries in (("allow enroll staff",), ("deny enroll alice", "allow enroll outer")):
        one = esc1(*entries, membership=Membership([*subjects(), *many], [DOMAIN], listed))
        other = esc1(*entries, membership=Membership([*subjects(), *many], [DOMAIN]))
        assert one == other
        assert one
        assert one.principals[0].members == 503
    assert len(Membership([*subjects(), *many], [DOMAIN], listed).bearers(SIDS["staff"])) < 6
