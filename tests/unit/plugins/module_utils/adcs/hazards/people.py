# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small forest for the tests of hazards: who is in it, and lists of rights written in a short form."""

from __future__ import annotations

import typing as t
from uuid import UUID

from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import (
    Case,
    Hazard,
    Membership,
    Subject,
    assess,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import ENROLL
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    Acl,
    Control,
    RawAce,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
OTHER_FOREST = Sid.parse("S-1-5-21-7-7-7")

WELL_KNOWN = {
    "everyone": Sid.parse("S-1-1-0"),
    "anonymous": Sid.parse("S-1-5-7"),
    "authenticated": Sid.parse("S-1-5-11"),
    "network": Sid.parse("S-1-5-2"),
    "owner rights": Sid.parse("S-1-3-4"),
    "creator owner": Sid.parse("S-1-3-0"),
    "self": Sid.parse("S-1-5-10"),
    "system": Sid.parse("S-1-5-18"),
    "controllers": Sid.parse("S-1-5-9"),
    "administrators": Sid.parse("S-1-5-32-544"),
    "users": Sid.parse("S-1-5-32-545"),
    "guests": Sid.parse("S-1-5-32-546"),
    "operators": Sid.parse("S-1-5-32-548"),
    "pre-2000": Sid.parse("S-1-5-32-554"),
    "foreign users": OTHER_FOREST.child(513),
    "foreign admins": OTHER_FOREST.child(512),
    "foreign group": OTHER_FOREST.child(4711),
    "gone": DOMAIN.child(9999),
}
RIDS = {
    "administrator": 500,
    "guest": 501,
    "domain admins": 512,
    "domain users": 513,
    "domain guests": 514,
    "domain computers": 515,
    "domain controllers": 516,
    "cert publishers": 517,
    "schema admins": 518,
    "enterprise admins": 519,
    "key admins": 526,
    "enterprise rodcs": 498,
}
#: Name, kind, groups it is in.
FOREST: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("alice", "person", ("domain users", "staff")),
    ("bob", "person", ("domain users", "admins of templates", "interns")),
    ("carol", "person", ("staff",)),
    ("admin", "person", ("domain users", "domain admins")),
    ("svc", "machine", ("domain users", "services")),
    ("ndes1", "machine", ("domain computers", "servers")),
    ("ca1", "machine", ("domain computers", "cert publishers")),
    ("dc1", "machine", ("domain controllers",)),
    ("staff", "group", ("everybody here",)),
    ("interns", "group", ("staff",)),
    ("services", "group", ()),
    ("servers", "group", ("services",)),
    ("empty", "group", ()),
    ("everybody here", "group", ("outer",)),
    ("outer", "group", ()),
    ("admins of templates", "group", ()),
    ("inner admins", "group", ("domain admins",)),
    ("only admins", "group", ()),
    ("admin", "person", ("only admins",)),
    ("loop a", "group", ("loop b",)),
    ("loop b", "group", ("loop c",)),
    ("loop c", "group", ("loop a",)),
    ("dave", "person", ("domain users", "loop b")),
    ("holds all", "group", ()),
    ("authenticated", "stranger", ("holds all", "pre-2000", "users")),
    ("pre-2000", "group", ()),
    ("users", "group", ()),
    ("domain users", "group", ("users",)),
    ("domain computers", "group", ("computers of all",)),
    ("computers of all", "group", ()),
    ("foreign user", "stranger", ("visitors",)),
    ("visitors", "group", ()),
    ("operators", "group", ()),
)
SIDS: dict[str, Sid] = {**WELL_KNOWN, **{name: DOMAIN.child(rid) for name, rid in RIDS.items()}}
for _name, _kind, _groups in FOREST:
    SIDS.setdefault(_name, DOMAIN.child(1100 + len(SIDS)))
SIDS["foreign user"] = OTHER_FOREST.child(1200)
NAMES = {sid: name for name, sid in SIDS.items()}


def subjects() -> list[Subject]:
    return [
        Subject(SIDS[name], name, kind, frozenset(SIDS[group] for group in groups)) for name, kind, groups in FOREST
    ]


MEMBERSHIP = Membership(subjects(), [DOMAIN])


def name_of(sid: Sid) -> str:
    return NAMES.get(sid, str(sid))


def ace(text: str) -> Ace | RawAce:
    """C(allow enroll alice): kind, rights joined by plus signs, and who. C(deny), C(callback) and C(inherit-only) allow
    and deny as their names say. A right may be a number, or C(write:<GUID>) and the like for one about an object.
    """
    kind, rights, who = text.split(" ", 2)
    mask, object_type = 0, None
    for right in rights.split("+"):
        word, colon, about = right.partition(":")
        mask |= MASKS[word] if word in MASKS else int(word, 16)
        if word == "enroll" and not colon:
            object_type = ENROLL
        elif colon:
            object_type = UUID(about)
    plain, with_object = TYPES[kind.removeprefix("inherit-only-")]
    flags = 0x0A if kind.startswith("inherit-only-") else 0
    return Ace(plain if object_type is None else with_object, flags, mask, SIDS[who], object_type)


TYPES = {"allow": (0x00, 0x05), "deny": (0x01, 0x06), "callback-allow": (0x09, 0x0B), "callback-deny": (0x0A, 0x0C)}
MASKS = {
    "enroll": 0x100,
    "extended": 0x100,
    "write": 0x20,
    "read": 0x20094,
    "dac": 0x40000,
    "own": 0x80000,
    "manage": 0xF00FF,
    "full": 0xF01FF,
    "all": 0x10000000,
    "generic-write": 0x40000000,
    "delete": 0x10000,
    "child": 0x1,
    "self-write": 0x8,
}


def security(*entries: str, owner: str | None = "enterprise admins") -> SecurityDescriptor:
    return SecurityDescriptor(
        control=int(Control.DACL_PRESENT | Control.DACL_PROTECTED),
        owner=SIDS[owner] if owner else None,
        dacl=Acl(tuple(map(ace, entries))),
    )


def hazards(
    template: Template,
    *,
    membership: Membership = MEMBERSHIP,
    links: t.Mapping[str, str] | None = None,
    active: bool = False,
) -> dict[str, Hazard]:
    found = assess(Case(template, active), links or {}, membership, name_of)
    return {hazard.id: hazard for hazard in found}
