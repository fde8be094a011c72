# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the module ndes: the answer to one execution is lost, on each server another one; the next run brings
all to the same end, and the one after it has nothing to do.

Two ways: a group managed service account on a server with the features, and the repair of a server that lost a
certificate of its registration authority, with a user account.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from . import states
from .conftest import PREPARED
from .model import Model

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .servers import Servers
    from .states import State

EVERY = ",".join(PREPARED)
GMSA = r"CORP\gmsa-ndes$"
MODULE = "certops.intune.ndes"
CONNECTION = {name: f"{{{{ {name} }}}}" for name in ("domain", "domain_username", "domain_password")}
OPTIONS = {
    "certification_authority": "{{ certification_authority }}",
    "installer_username": "{{ domain_username }}",
    "installer_password": "{{ domain_password }}",
    **CONNECTION,
}
MANAGED = {**OPTIONS, "service_account": GMSA}
REPAIRED = {
    **OPTIONS,
    "service_account": r"CORP\svc-scep",
    "service_account_password": "{{ hostvars.localhost.service_account_passwords['svc-scep'] }}",
    "repair": True,
}

#: The first executions only look: server_info.ps1 and ndes_state.ps1.
FIRST = 3


@pytest.fixture(scope="module")
def managed_account(servers: Servers, prepared: dict[str, bytes]) -> Iterator[None]:
    """A group managed service account whose password the servers may fetch."""
    task = {
        "certops.intune.service_account": {
            "name": "gmsa-ndes",
            "type": "group_managed",
            "allowed_to_retrieve_password": {"set": [f"CORP\\{host}$" for host in PREPARED]},
            **CONNECTION,
        }
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    servers.play([play])
    yield
    task["certops.intune.service_account"] = {"name": "gmsa-ndes", "type": "group_managed", "state": "absent"}
    task["certops.intune.service_account"].update(CONNECTION)
    servers.play([play])


class Ended(t.NamedTuple):
    """What three runs of one task made of the servers."""

    lost: dict[str, tuple[str, str]]
    second: dict[str, str]
    third: int
    ends: dict[str, State]
    kept: dict[str, bytes]


def disturbed(servers: Servers, options: dict[str, t.Any], numbers: t.Iterable[int]) -> Ended:
    """Run a task three times, the first time with the answer to the O(numbers)-th execution lost."""
    play = [{"hosts": EVERY, "gather_facts": False, "tasks": [{MODULE: options}]}]
    for host, number in zip(PREPARED, numbers, strict=True):
        servers.trouble(host, drop={"operation": "Receive", "when": "after", "at": number})
    first = servers.play(play, "--forks", "4", check=False)
    for host in PREPARED:
        servers.trouble(host)
    second = servers.play(play, "--forks", "4", check=False)
    third = servers.play(play, "--forks", "4")
    return Ended(
        {one.host: (one.outcome, one.message) for one in first.outcomes if one.outcome != "ok"},
        {one.host: one.message for one in second.outcomes if one.outcome != "ok"},
        third.changed,
        {host: servers.state(host) for host in PREPARED},
        {host: servers.keep(host) for host in PREPARED},
    )


def assert_the_same(ended: Ended) -> None:
    assert len(ended.lost) >= 5
    assert ended.second == {}
    assert ended.third == 0
    first, *others = (ended.ends[host] for host in PREPARED)
    for host, state in zip(PREPARED[1:], others, strict=True):
        assert "\n".join(states.differences(first, state)) == "", host


@pytest.fixture(scope="module")
def managed(servers: Servers, prepared: dict[str, bytes], managed_account: None) -> Ended:
    servers.put(**prepared)
    return disturbed(servers, MANAGED, range(FIRST, FIRST + len(PREPARED)))


def test_every_step_to_a_managed_account(managed: Ended) -> None:
    assert_the_same(managed)
    model = Model(managed.kept[PREPARED[0]])
    pool = model.pool()
    assert (pool["identity"], pool["user"], pool["password"] or "") == ("SpecificUser", GMSA, "")


def without_a_certificate(kept: bytes) -> bytes:
    """A server that has lost the certificate with which its registration authority signs."""
    state = json.loads(kept)
    store = state["certificates"]["stores"]["LocalMachine"]["machine"]["My"]
    (lost,) = (one.thumbprint for one in Model(kept).my() if one.template == "EnrollmentAgentOffline")
    del store[lost]
    return json.dumps(state).encode()


def test_every_step_of_a_repair(servers: Servers, managed: Ended) -> None:
    servers.put(**{host: without_a_certificate(kept) for host, kept in managed.kept.items()})
    ended = disturbed(servers, REPAIRED, range(FIRST, FIRST + len(PREPARED)))
    assert_the_same(ended)
    assert Model(ended.kept[PREPARED[0]]).pool()["user"].lower() == r"corp\svc-scep"
