# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""User rights: what they begin with, and who may log on in which way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.identity import RELEASES
from lab.windows.parts.rights import UnknownRight, UserRights

from .fake_directory import identified, member

ADMINISTRATORS, USERS = "S-1-5-32-544", "S-1-5-32-545"


@pytest.mark.parametrize("release", RELEASES)
def test_nobody_but_services_logs_on_as_a_service(release: str) -> None:
    rights = member(release=release).rights
    assert rights.holders("SeServiceLogonRight") == ("S-1-5-80-0",)
    assert rights.holders("SeDenyBatchLogonRight") == ()
    assert rights.holders("SeImpersonatePrivilege") == ("S-1-5-19", "S-1-5-20", ADMINISTRATORS, "S-1-5-6")


def test_releases_differ() -> None:
    assert "SeDelegateSessionUserImpersonatePrivilege" not in member(release="2012r2").rights.names()
    assert "S-1-5-90-0" in member(release="2022").rights.holders("SeIncreaseBasePriorityPrivilege")
    assert "S-1-5-90-0" not in member(release="2016").rights.holders("SeIncreaseBasePriorityPrivilege")


def test_names_are_taken_in_any_case_and_others_refused() -> None:
    rights = member().rights
    assert rights.holders("sebatchlogonright") == rights.holders("SeBatchLogonRight")
    for ask in (rights.holders, lambda right: rights.grant(right, USERS), lambda right: rights.set(right, [])):
        with pytest.raises(UnknownRight):
            ask("SeNoSuchRight")


def test_granting_twice_is_granting_once() -> None:
    rights = member().rights
    assert rights.grant("SeServiceLogonRight", USERS)
    assert not rights.grant("SeServiceLogonRight", USERS)
    assert rights.revoke("SeServiceLogonRight", USERS)
    assert not rights.revoke("SeServiceLogonRight", USERS)


@pytest.mark.parametrize("logon_type", ["network", "interactive", "batch", "service"])
def test_a_denial_outweighs_a_grant(logon_type: str) -> None:
    rights = member().rights
    right = {"network": "Network", "interactive": "Interactive", "batch": "Batch", "service": "Service"}[logon_type]
    rights.grant(f"Se{right}LogonRight", "S-1-5-21-9-9-9-1")
    assert rights.allows(logon_type, ["S-1-5-21-9-9-9-1"])
    rights.grant(f"SeDeny{right}LogonRight", "S-1-5-21-9-9-9-2")
    assert not rights.allows(logon_type, ["S-1-5-21-9-9-9-1", "S-1-5-21-9-9-9-2"])
    assert not rights.allows(logon_type, [])


def test_privileges_over_the_network_are_all_enabled() -> None:
    rights = member().rights
    assert set(rights.privileges([ADMINISTRATORS], "network").values()) == {"enabled-by-default"}
    interactive = rights.privileges([ADMINISTRATORS], "interactive")
    assert (interactive["SeDebugPrivilege"], interactive["SeImpersonatePrivilege"]) == (
        "disabled",
        "enabled-by-default",
    )
    assert not any("Logon" in name for name in interactive)


@given(
    st.sampled_from(RELEASES),
    st.lists(st.tuples(st.sampled_from(["grant", "revoke"]), st.integers(0, 30), st.integers(0, 3))),
)
def test_every_state_is_read_as_it_was_written(release: str, changes: list[tuple[str, int, int]]) -> None:
    identity = identified(release=release)
    rights = UserRights.blank(identity)
    names = rights.names()
    for kind, right, holder in changes:
        getattr(rights, kind)(names[right % len(names)], f"S-1-5-21-7-7-7-{holder}")
    state = rights.export()
    assert UserRights.restore(identity, state).export() == state
    assert all(len(holders) == len(set(holders)) for holders in state.values())
