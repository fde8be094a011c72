# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The access check: which entries count for whom, and what they grant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.access import (
    CHANGE_RIGHTS,
    ENROLL,
    TAKE_OWNERSHIP,
    Right,
    Token,
    access_list,
    write_rights,
)
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.assessment import TEMPLATE_RIGHTS, holders
from ansible_collections.certops.intune.plugins.module_utils.adcs.hazards.known import (
    COMPUTER_ATTRIBUTES,
    COMPUTER_CLASS,
    TEMPLATE_ATTRIBUTES,
    TEMPLATE_CLASS,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import (
    Acl,
    Control,
    RawAce,
    SecurityDescriptor,
)

from .people import MEMBERSHIP, SIDS, security

ENROLL_GUID = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
AUTOENROLL = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"
NAME_FLAG = str(TEMPLATE_ATTRIBUTES["msPKI-Certificate-Name-Flag"])
DISPLAY_NAME = "bf967953-0de6-11d0-a285-00aa003049e2"
CLASS = str(TEMPLATE_CLASS)
ZEROS = "00000000-0000-0000-0000-000000000000"
WRITE_NAME_FLAG = next(right for right in TEMPLATE_RIGHTS if right.name == "write msPKI-Certificate-Name-Flag")
WRITE_USAGE = next(right for right in TEMPLATE_RIGHTS if right.name == "write pKIExtendedKeyUsage")


def granted(right: Right, *entries: str, who: str = "alice", owner: str | None = "bob") -> bool:
    token = Token(frozenset({SIDS[who], SIDS["authenticated"], SIDS["everyone"]}))
    return access_list(security(*entries, owner=owner), lambda _sid: False).granted(token, right)


@pytest.mark.parametrize(
    ("expected", "entries"),
    [
        (True, ["allow enroll alice"]),
        (True, ["allow enroll authenticated"]),
        (False, ["allow enroll bob"]),
        (False, []),
        (True, ["allow extended alice"]),
        (True, ["allow full alice"]),
        (True, ["allow all alice"]),
        (False, ["allow manage alice"]),
        (False, ["allow generic-write alice"]),
        (False, [f"allow extended:{AUTOENROLL} alice"]),
        (True, [f"allow extended:{ZEROS} alice"]),
        (True, [f"allow 130:{ENROLL_GUID} alice"]),
        (False, [f"allow write:{ENROLL_GUID} alice"]),
        (False, ["deny enroll alice", "allow enroll authenticated"]),
        (False, ["deny full everyone", "allow enroll alice"]),
        (False, ["deny all everyone", "allow enroll alice"]),
        (False, ["deny extended alice", "allow enroll alice"]),
        (True, [f"deny extended:{AUTOENROLL} alice", "allow enroll alice"]),
        (True, [f"deny extended:{ZEROS} alice", "allow enroll alice"]),
        (True, ["deny read alice", "allow enroll alice"]),
        (True, ["deny manage alice", "allow enroll alice"]),
        (True, ["deny enroll bob", "allow enroll alice"]),
        (True, ["allow enroll alice", "deny enroll alice"]),
        (True, ["callback-allow enroll alice"]),
        (True, ["callback-deny enroll alice", "allow enroll alice"]),
        (False, ["inherit-only-allow enroll alice"]),
        (True, ["inherit-only-deny enroll alice", "allow enroll alice"]),
        (False, ["inherit-only-allow full alice", "allow read alice"]),
    ],
)
def test_enroll(expected: bool, entries: list[str]) -> None:
    assert granted(ENROLL, *entries) is expected


@pytest.mark.parametrize(
    ("expected", "right", "entries"),
    [
        (True, CHANGE_RIGHTS, ["allow dac alice"]),
        (True, CHANGE_RIGHTS, ["allow manage alice"]),
        (True, CHANGE_RIGHTS, [f"allow dac:{NAME_FLAG} alice"]),
        (True, CHANGE_RIGHTS, [f"deny dac:{NAME_FLAG} alice", "allow dac alice"]),
        (False, CHANGE_RIGHTS, ["deny dac alice", f"allow dac:{NAME_FLAG} alice"]),
        (False, CHANGE_RIGHTS, ["allow own alice"]),
        (False, CHANGE_RIGHTS, ["allow generic-write alice"]),
        (True, TAKE_OWNERSHIP, ["allow own alice"]),
        (False, TAKE_OWNERSHIP, ["allow dac alice"]),
        (True, WRITE_NAME_FLAG, ["allow write alice"]),
        (True, WRITE_NAME_FLAG, ["allow generic-write alice"]),
        (True, WRITE_NAME_FLAG, [f"allow write:{NAME_FLAG} alice"]),
        (True, WRITE_NAME_FLAG, [f"allow write:{CLASS} alice"]),
        (True, WRITE_NAME_FLAG, [f"allow write:{ZEROS} alice"]),
        (False, WRITE_NAME_FLAG, [f"allow write:{DISPLAY_NAME} alice"]),
        (False, WRITE_NAME_FLAG, [f"allow write:{ENROLL_GUID} alice"]),
        (False, WRITE_NAME_FLAG, ["allow self-write alice"]),
        (False, WRITE_NAME_FLAG, [f"deny write:{NAME_FLAG} alice", "allow write alice"]),
        (True, WRITE_USAGE, [f"deny write:{NAME_FLAG} alice", "allow write alice"]),
        (False, WRITE_USAGE, [f"deny write:{CLASS} alice", "allow write alice"]),
    ],
)
def test_rights_that_rewrite_a_template(expected: bool, right: Right, entries: list[str]) -> None:
    assert granted(right, *entries) is expected


@pytest.mark.parametrize(
    ("expected", "right", "entries"),
    [
        (True, CHANGE_RIGHTS, []),
        (True, CHANGE_RIGHTS, ["deny dac alice"]),
        (False, TAKE_OWNERSHIP, []),
        (False, ENROLL, []),
        (False, CHANGE_RIGHTS, ["allow read owner rights"]),
        (True, CHANGE_RIGHTS, ["allow dac owner rights"]),
        (False, CHANGE_RIGHTS, ["deny dac owner rights"]),
        (True, CHANGE_RIGHTS, ["inherit-only-allow read owner rights"]),
        (True, CHANGE_RIGHTS, ["callback-allow read owner rights"]),
        (True, ENROLL, ["allow enroll owner rights"]),
        (True, CHANGE_RIGHTS, ["allow read owner rights", "allow dac alice"]),
        (False, CHANGE_RIGHTS, ["deny dac alice", "allow dac owner rights"]),
    ],
)
def test_owner(expected: bool, right: Right, entries: list[str]) -> None:
    assert granted(right, *entries, owner="alice") is expected
    if not any("alice" in entry for entry in entries):
        assert granted(right, *entries, owner="bob") is False
        assert granted(right, *entries, owner=None) is False


def test_a_property_set_is_all_of_its_properties() -> None:
    restrictions = "4c164200-20c0-11d0-a768-00aa006e0529"
    rights = {right.name: right for right in write_rights(COMPUTER_ATTRIBUTES, COMPUTER_CLASS)}
    acting = rights["write msDS-AllowedToActOnBehalfOfOtherIdentity"]
    assert granted(acting, f"allow write:{restrictions} alice")
    assert not granted(acting, f"deny write:{restrictions} alice", "allow write alice")
    assert not granted(rights["write msDS-KeyCredentialLink"], f"allow write:{restrictions} alice")


def test_without_a_list_everybody_has_everything() -> None:
    null = SecurityDescriptor(control=int(Control.DACL_PRESENT), owner=SIDS["bob"])
    access = access_list(null, MEMBERSHIP.is_privileged)
    assert access.granted(Token(frozenset()), ENROLL)
    (holder,) = holders(access, (ENROLL,), MEMBERSHIP)
    assert (holder.sid, holder.reach) == (SIDS["everyone"], "broad")
    assert not granted(ENROLL)


def test_entries_of_unknown_shape_are_passed_over() -> None:
    unknown = [RawAce(0x04, 0, b"\x01" * 20), RawAce(0x05, 0, b"")]
    descriptor = security("allow enroll alice")
    assert descriptor.dacl
    mixed = replace(descriptor, dacl=Acl((*unknown, *descriptor.dacl.aces, *unknown)))
    plain, other = (access_list(each, lambda _sid: False) for each in (descriptor, mixed))
    assert plain == other


def test_possible_sids_allow_and_do_not_deny() -> None:
    token = Token(frozenset({SIDS["authenticated"]}), frozenset({SIDS["network"]}))
    allowing = access_list(security("allow enroll network"), lambda _sid: False)
    denying = access_list(security("deny enroll network", "allow enroll authenticated"), lambda _sid: False)
    assert allowing.granted(token, ENROLL)
    assert denying.granted(token, ENROLL)
    assert not denying.granted(Token(token.certain | token.possible), ENROLL)


def test_one_attribute_that_no_entry_names_stands_for_the_rest() -> None:
    access = access_list(security(f"deny write:{NAME_FLAG} staff", "allow write staff"), MEMBERSHIP.is_privileged)
    (holder,) = holders(access, TEMPLATE_RIGHTS, MEMBERSHIP)
    assert holder.rights == ("write it",)
    access = access_list(security(f"allow write:{NAME_FLAG} staff"), MEMBERSHIP.is_privileged)
    (holder,) = holders(access, TEMPLATE_RIGHTS, MEMBERSHIP)
    assert holder.rights == ("write msPKI-Certificate-Name-Flag",)
