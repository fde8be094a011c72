# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded: the entries of a SACL, the audit policy, and who may look at either."""

from __future__ import annotations

import json

import pytest

from lab.windows.host import Host
from lab.windows.identity import RELEASES
from lab.windows.parts import audit_policy
from lab.windows.parts.audit_policy import AuditPolicy
from lab.windows.parts.security import Securities
from lab.windows.people.token import Token
from lab.windows.security import access_rights, audit
from lab.windows.security.acl import CONTAINER_INHERIT, INHERITED, NO_PROPAGATE, OBJECT_INHERIT, Ace
from lab.windows.security.audit import FAILURE, SUCCESS
from tests.unit.lab.windows.hosts import ADMINISTRATOR, USER, host, identity, run

ALICE, BOB, EVERYONE = "S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002", "S-1-1-0"
KEY = r"HKLM\SOFTWARE\Microsoft\Cryptography\MSCEP"
REGISTRY = "{0CCE921E-69AE-11D9-BED3-505054503030}"


@pytest.mark.parametrize(
    ("there", "rule", "expected"),
    [
        # The same reach and the same events: the rights are joined.
        ((1, SUCCESS), (2, SUCCESS), [(3, SUCCESS)]),
        # The same rights: what is recorded is joined, or how far it reaches.
        ((1, SUCCESS), (1, FAILURE), [(1, SUCCESS | FAILURE)]),
        ((1, SUCCESS), (1, SUCCESS | CONTAINER_INHERIT), [(1, SUCCESS | CONTAINER_INHERIT)]),
        (
            (1, SUCCESS | CONTAINER_INHERIT),
            (1, SUCCESS | OBJECT_INHERIT),
            [(1, SUCCESS | CONTAINER_INHERIT | OBJECT_INHERIT)],
        ),
        # Nothing is the same, or no single entry says both.
        ((1, SUCCESS), (2, FAILURE), [(1, SUCCESS), (2, FAILURE)]),
        ((1, SUCCESS), (1, FAILURE | CONTAINER_INHERIT), [(1, SUCCESS), (1, FAILURE | CONTAINER_INHERIT)]),
        (
            (1, SUCCESS | CONTAINER_INHERIT),
            (1, SUCCESS | OBJECT_INHERIT | NO_PROPAGATE),
            [(1, SUCCESS | CONTAINER_INHERIT), (1, SUCCESS | OBJECT_INHERIT | NO_PROPAGATE)],
        ),
    ],
)
def test_rules_are_merged(there: tuple[int, int], rule: tuple[int, int], expected: list[tuple[int, int]]) -> None:
    found = audit.add([Ace(ALICE, there[0], flags=there[1])], Ace(ALICE, rule[0], flags=rule[1]))
    assert [(ace.mask, ace.flags) for ace in found] == expected


def test_rules_of_others_stay() -> None:
    of_bob = Ace(BOB, 1, flags=SUCCESS)
    both = audit.add([of_bob], Ace(ALICE, 1, flags=SUCCESS))
    assert {ace.sid for ace in both} == {ALICE, BOB}
    assert audit.purge(both, ALICE) == (of_bob,)


def test_a_key_inherits_what_is_recorded_of_the_key_above() -> None:
    security = Securities.blank(identity())
    rule = Ace(EVERYONE, 0xD0006, flags=CONTAINER_INHERIT | SUCCESS | FAILURE)
    security.set_audit("registry", KEY, [rule])
    below = security.audit("registry", f"{KEY}\\Modules")
    assert below == (Ace(EVERYONE, 0xD0006, flags=CONTAINER_INHERIT | SUCCESS | FAILURE | INHERITED),)
    security.set_audit("registry", f"{KEY}\\Modules", [*below, Ace(ALICE, 1, flags=SUCCESS)])
    assert [ace.sid for ace in security.audited("registry", f"{KEY}\\Modules")] == [ALICE]
    assert security.audit("key_container", "x") == ()


def test_what_is_recorded_is_kept_and_forgotten_with_its_key() -> None:
    security = Securities.blank(identity())
    security.set_audit("registry", KEY, [Ace(EVERYONE, 0xD0006, flags=CONTAINER_INHERIT | FAILURE)])
    security.set_dacl("registry", KEY, [Ace(ALICE, 1)], protected=True)
    state = json.loads(json.dumps(security.export()))
    assert state["registry"][KEY]["audit"] == [
        {"sid": EVERYONE, "mask": 0xD0006, "flags": ["container_inherit"], "on": ["failure"]}
    ]
    assert Securities.restore(identity(), state).export() == state
    security.forget("registry", KEY)
    assert security.audit("registry", KEY) == ()


@pytest.mark.parametrize(
    ("kind", "mask", "text"),
    [
        ("registry", 0xD0006, "SetValue, CreateSubKey, Delete, ChangePermissions, TakeOwnership"),
        ("registry", 0x20019, "ReadKey"),
        ("registry", 0xF003F, "FullControl"),
        ("file", 0x6, "CreateFiles, AppendData"),
        ("file", 0x1201BF, "Write, ReadAndExecute, Synchronize"),
        ("file", 0, "0"),
        ("file", 0x10000000, "268435456"),
        ("file", 0xA0000000, "-1610612736"),
    ],
)
def test_rights_as_text(kind: str, mask: int, text: str) -> None:
    assert access_rights.shown(kind, mask) == text


def test_rules_are_for_those_who_may_manage_auditing() -> None:
    target = host()
    arguments = {"path": r"C:\Windows", "user": "Everyone", "rights": ["Delete"]}
    refused = run(target, "ansible.windows.win_audit_rule", arguments, USER)
    assert refused["msg"].startswith(
        r"Unable to retrieve the ACL on C:\Windows: The process does not possess the 'SeSec"
    )
    target.rights.revoke("SeSecurityPrivilege", "S-1-5-32-544")
    assert run(target, "ansible.windows.win_audit_rule", arguments, ADMINISTRATOR)["failed"]
    assert target.security.audit("file", r"C:\Windows") == ()


@pytest.mark.parametrize("release", RELEASES)
def test_subcategories_have_each_a_guid(release: str) -> None:
    known = audit_policy.subcategories(identity(release=release))
    assert len({each.guid for each in known}) == len({each.name for each in known}) == len(known)
    assert len(known) == (56 if release == "2012r2" else 59)
    policy = AuditPolicy.blank(identity(release=release))
    assert set(policy.export()) == {each.guid for each in known}
    assert policy.get(REGISTRY.lower()) == 0
    assert ("{0CCE9249-69AE-11D9-BED3-505054503030}" in policy.export()) == (release != "2012r2")


def test_settings_are_switched_one_by_one() -> None:
    policy = AuditPolicy.blank(identity())
    policy.set([REGISTRY], success=True, failure=None)
    policy.set([REGISTRY], success=None, failure=True)
    assert policy.get(REGISTRY) == 3
    policy.set([REGISTRY], success=False, failure=None)
    assert policy.get(REGISTRY) == 2
    with pytest.raises(KeyError):
        policy.set(["{0CCE9200-69AE-11D9-BED3-505054503030}"], success=True, failure=None)


def test_a_host_that_was_kept_gets_the_part_that_is_new() -> None:
    state = host().export()
    del state["audit_policy"]
    assert Host(identity(), state=state).audit_policy.export() == AuditPolicy.blank(identity()).export()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # An English name is none there; a GUID is none anywhere.
        ("Registry", "Invalid sub category provided"),
        (REGISTRY, "Invalid sub category provided"),
        # What it is called there is not known, nor whether this has the same name in both languages.
        ("Register", "The lab does not model"),
        ("SAM", "The lab does not model"),
    ],
)
def test_on_a_swedish_server_names_are_swedish(name: str, said: str) -> None:
    target = host(language="sv-SE")
    arguments = {"subcategory": name, "audit_type": ["success"]}
    found = run(target, "ansible.windows.win_audit_policy_system", arguments)
    assert found["failed"]
    assert found["msg"].startswith(said)


def test_who_may_not_read_the_policy_is_told_that_it_is_as_wanted() -> None:
    target = host()
    arguments = {"subcategory": "Registry", "audit_type": ["success"]}
    found = run(target, "ansible.windows.win_audit_policy_system", arguments, Token(ALICE, "CORP\\alice"))
    assert found["changed"] is False
    assert found["current_audit_policy"] == (
        "Error 0x00000522 occurred:\r\nA required privilege is not held by the client.\r\n"
    )
    assert target.audit_policy.get(REGISTRY) == 0
