# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The yardstick of the benchmark of NDES servers does what the role does: both bring a blank server to one state."""

from __future__ import annotations

import json
import re
import typing as t

import pytest

from tools.tree import TOP

from .states import differences

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ...faults.forest import Dump
    from .servers import Servers

PLAYBOOK = TOP / "playbooks" / "site.yml"
NAIVE = TOP / "tests" / "bench" / "naive" / "ndes_server.yml"
OURS, THEIRS = "ndes1", "ndes2"

#: Where the two may differ, by the path of what differs, and why.
JUSTIFIED = {
    r"/registry/HKLM\\SOFTWARE\\certops\.intune": "the role notes what waits for a reboot: a killed run has a next one",
    r"/files/.*\\certops-intune-before\\applicationHost\.config/sha256": "the backup has each host's own keys in it",
}

#: What IIS adds with its features stands in the order in which they are installed: the role installs all at once.
IN_ANY_ORDER = ("system.applicationHost/applicationPools", "system.webServer/security/isapiCgiRestriction")


@pytest.fixture
def blank(servers: Servers, directory: Dump) -> Iterator[None]:
    """Two blank servers, and afterwards what they were before."""
    kept = {host: servers.keep(host) for host in (OURS, THEIRS)}
    servers.blank(*kept)
    yield
    servers.put(**kept)


def state(servers: Servers, host: str) -> dict[str, t.Any]:
    """The state of a host, with such entries in the order of their text."""
    found: dict[str, t.Any] = servers.state(host)
    for section in IN_ANY_ORDER:
        found["iis"]["sections"][section]["items"].sort(key=json.dumps)
    return found


@pytest.mark.usefixtures("blank")
def test_the_same_end_state(servers: Servers) -> None:
    runs = {OURS: PLAYBOOK, THEIRS: NAIVE}
    for host, playbook in runs.items():
        done = servers.site(limit=host, playbook=playbook)
        assert done.status == 0, done.output
    found = differences(state(servers, OURS), state(servers, THEIRS))
    assert [one for one in found if not any(re.match(path, one) for path in JUSTIFIED)] == []
    # Both are at their end.
    for host, playbook in runs.items():
        assert servers.site(limit=host, playbook=playbook).changed == []
