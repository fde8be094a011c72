# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers with something wrong, and a directory with something wrong: a clear message, nothing half made, and the next
run comes to the end.
"""

from __future__ import annotations

import json
import typing as t

import pytest

from . import states
from .conftest import PAIR, wishes
from .disturbances import (
    OTHER_NAME,
    Disturbance,
    disturbed,
    folder_is_gone,
    half_configured,
    mended,
    root_is_gone,
    site_is_renamed,
    waits_for_a_reboot,
)

if t.TYPE_CHECKING:
    from .conftest import Configured
    from .servers import Played, Servers
    from .states import State

REFUSED = "The server cannot be made an NDES server as it is, and nothing was changed. "

#: By the host that has it.
DISTURBANCES: dict[str, Disturbance] = {
    "srv001": Disturbance(
        "pending reboot", waits_for_a_reboot, "A restart is pending on srv001 (component_based_servicing)"
    ),
    "srv002": Disturbance("root certificate removed", root_is_gone, f"{REFUSED}chain_trusted: "),
    "srv003": Disturbance("folder of the site gone", folder_is_gone, f"{REFUSED}site_present: "),
    "srv004": Disturbance("half configured", half_configured, "NDES is half-configured: "),
}
#: What is there on other hosts does not keep a run from its end: a site with another name, a half-configured server
#: that may be repaired.
RENAMED, REPAIRED = "srv005", "srv006"
HARMLESS = {RENAMED: Disturbance("", site_is_renamed, ""), REPAIRED: Disturbance("", half_configured, "")}
EVERY = ",".join([*DISTURBANCES, *HARMLESS])


class Seen(t.NamedTuple):
    """States of the hosts before, after the run that fails, at the end; and the runs."""

    before: dict[str, State]
    failed: dict[str, State]
    done: dict[str, State]
    disturbed: Played
    next: Played


@pytest.fixture(scope="module")
def seen(servers: Servers, prepared: dict[str, bytes]) -> Seen:
    servers.put(**{host: disturbed(prepared[host], one) for host, one in {**DISTURBANCES, **HARMLESS}.items()})
    asked = {
        **wishes(servers, *EVERY.split(",")),
        "ndes_server_repair": f"{{{{ inventory_hostname == '{REPAIRED}' }}}}",
        "ndes_server_reboot": False,
    }
    hosts = EVERY.split(",")
    before = {host: servers.state(host) for host in hosts}
    first = servers.site("--forks", "4", limit=EVERY, **asked)
    failed = {host: servers.state(host) for host in hosts}
    servers.put(**{host: mended(servers.keep(host), prepared[host], one) for host, one in DISTURBANCES.items()})
    again = servers.site("--forks", "4", limit=EVERY, **{**asked, "ndes_server_reboot": True})
    return Seen(before, failed, {host: servers.state(host) for host in hosts}, first, again)


def said(played: Played, host: str) -> str:
    """What the task said that failed on a host."""
    messages = [one.message for one in played.run.outcomes if one.host == host and one.outcome == "failed"]
    return messages[-1] if messages else ""


@pytest.mark.parametrize("host", DISTURBANCES, ids=[one.kind for one in DISTURBANCES.values()])
def test_what_is_wrong_with_a_server_is_told(seen: Seen, host: str) -> None:
    assert DISTURBANCES[host].message in said(seen.disturbed, host)


@pytest.mark.parametrize("host", DISTURBANCES, ids=[one.kind for one in DISTURBANCES.values()])
def test_nothing_is_half_made(seen: Seen, host: str) -> None:
    assert "\n".join(states.differences(seen.before[host], seen.failed[host])) == ""


@pytest.mark.parametrize("host", [*DISTURBANCES, REPAIRED])
def test_the_next_run_comes_to_the_end(seen: Seen, configured: Configured, host: str) -> None:
    assert said(seen.next, host) == ""
    assert "\n".join(states.differences(configured.done.states[PAIR[0]], seen.done[host])) == ""


def test_a_site_with_another_name(seen: Seen, configured: Configured) -> None:
    """The site is known by its number. Nothing is made for a name."""
    assert [said(played, RENAMED) for played in (seen.disturbed, seen.next)] == ["", ""]
    named = json.loads(json.dumps(seen.done[RENAMED]).replace(OTHER_NAME, "Default Web Site"))
    assert "\n".join(states.differences(configured.done.states[PAIR[0]], named)) == ""
