# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assess the hazards of many templates once, with everything known, and print the seconds of processor time it took.

`python -m tests.bench.inside.assessing COUNT`. No two templates have the same list of rights. Their entries are for 200
groups, which are nested ten deep in twenty chains and hold 5,000 accounts, some of the entries deny, and some are for
everybody. Half of the templates take their subject from the request. The time is that of building the groups and of
assessing all; making up the forest lies before it. A process assesses once, so that nothing is remembered.
"""

from __future__ import annotations

import json
import random
import sys
import time

from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards import Case, Membership, Subject, assess
from ansible_collections.certops.intune.plugins.module_utils.adcs.rights import ENROLL
from ansible_collections.certops.intune.plugins.module_utils.adcs.template import Template
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Ace,
    Acl,
    Control,
    SecurityDescriptor,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

GROUPS, DEPTH, ACCOUNTS = 200, 10, 5000
DOMAIN = Sid.parse("S-1-5-21-1004336348-1177238915-682003330")
AUTHENTICATED_USERS = Sid.parse("S-1-5-11")
CLIENT, SERVER, MAIL = "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.4"
_ALLOW, _DENY = 0, 1
_READ, _ENROLL, _MANAGE, _WRITE = 0x20094, 0x130, 0xF00FF, 0x20
#: Rights of entries for groups, in the proportion in which they are made.
_MASKS = (_READ, _READ, _ENROLL, _ENROLL, _ENROLL, _WRITE)


def group(number: int) -> Sid:
    return DOMAIN.child(2000 + number)


def forest() -> list[Subject]:
    """Groups in chains, each in the one above it, and accounts in any of them."""
    chosen = random.Random(20261121)
    domain_users = DOMAIN.child(513)
    groups = [
        Subject(group(number), f"G{number}", "group", frozenset({group(number - 1)} if number % DEPTH else ()))
        for number in range(GROUPS)
    ]
    accounts = [
        Subject(
            DOMAIN.child(10000 + number),
            f"A{number}",
            "machine" if number % 3 else "person",
            frozenset({domain_users, *(group(chosen.randrange(GROUPS)) for _ in range(chosen.randrange(4)))}),
        )
        for number in range(ACCOUNTS)
    ]
    return [*groups, *accounts]


def entry(mask: int, sid: Sid, kind: int = _ALLOW) -> Ace:
    about = ENROLL if mask == _ENROLL else None
    return Ace(kind + 5 if about else kind, 0, mask, sid, about)


def template(number: int) -> Template:
    """A template with entries of administrators, of everybody to read, and of six to ten groups."""
    chosen = random.Random(number)
    some = chosen.sample(range(GROUPS), chosen.randint(6, 10))
    denied = [entry(_ENROLL, group(chosen.randrange(GROUPS)), _DENY)] if number % 4 == 0 else []
    everybody = [entry(_ENROLL, AUTHENTICATED_USERS)] if number % 10 == 0 else []
    entries = [
        *denied,
        *everybody,
        *(entry(chosen.choice(_MASKS), group(one)) for one in some),
        *(entry(_MANAGE, DOMAIN.child(rid)) for rid in (512, 519)),
        entry(_READ, AUTHENTICATED_USERS),
    ]
    purposes = ((CLIENT,), (SERVER, CLIENT), (MAIL,), ())[number % 4]
    return Template(
        f"T{number:05}",
        schema_version=1 + number % 4,
        name_flags=number % 2,
        extended_key_usage=purposes,
        application_policies=purposes,
        security=SecurityDescriptor(
            control=int(Control.DACL_PRESENT | Control.DACL_PROTECTED),
            owner=DOMAIN.child(519),
            dacl=Acl(tuple(entries)),
        ),
    )


def main(count: int) -> dict[str, float]:
    subjects = forest()
    templates = [template(number) for number in range(count)]
    lists = {made.security.dacl for made in templates if made.security}
    if len(lists) != count:
        raise RuntimeError(f"{count} templates have only {len(lists)} different lists of rights")
    listed = {ace.sid for acl in lists if acl for ace in acl.aces if isinstance(ace, Ace)}
    names = {subject.sid: subject.name for subject in subjects}

    def name(sid: Sid) -> str:
        return names.get(sid, str(sid))

    began = time.process_time()
    membership = Membership(subjects, [DOMAIN], listed)
    hazards = 0
    for made in templates:
        hazards += len(assess(Case(made, False), {}, membership, name))
    return {"seconds": time.process_time() - began, "templates": count, "hazards": hazards}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
