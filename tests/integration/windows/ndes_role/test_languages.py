# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml on every release in both languages, the answer to one execution lost on each host, each time another one:
the next run brings all to the same end.
"""

from __future__ import annotations

import itertools
import typing as t

import pytest

from . import states
from .conftest import PAIR, wishes

if t.TYPE_CHECKING:
    from .conftest import Configured
    from .servers import Played, Servers
    from .states import State

RELEASES = ("2016", "2019", "2022", "2025")
ENGLISH, SWEDISH = "en-US", "sv-SE"
SHAPES = list(itertools.product(RELEASES, (ENGLISH, SWEDISH)))
HOSTS = {shape: f"srv{number:03}" for number, shape in enumerate(SHAPES, 1)}
EVERY = ",".join(HOSTS.values())

#: The answers that are lost, counted from the first execution of the run, spread over its whole length.
LOST = {host: 2 + 3 * number for number, host in enumerate(HOSTS.values())}


class Brought(t.NamedTuple):
    """What became of the hosts."""

    before: dict[str, State]
    after: dict[str, State]
    disturbed: Played
    next: Played
    third: Played


@pytest.fixture(scope="module")
def brought(servers: Servers, configured: Configured) -> Brought:
    for (release, language), host in HOSTS.items():
        servers.reset(host, release=release, language=language)
    servers.log_on(*HOSTS.values())
    wished = wishes(servers, *HOSTS.values())
    before = {host: servers.state(host) for host in HOSTS.values()}
    for host, number in LOST.items():
        servers.trouble(host, drop={"operation": "Receive", "when": "after", "at": number})
    disturbed = servers.site("--forks", "4", limit=EVERY, **wished)
    for host in HOSTS.values():
        servers.trouble(host)
    again = servers.site("--forks", "4", limit=EVERY, **wished)
    third = servers.site("--forks", "4", limit=EVERY, **wished)
    return Brought(before, {host: servers.state(host) for host in HOSTS.values()}, disturbed, again, third)


def test_a_lost_answer_is_told(brought: Brought) -> None:
    lost = [outcome for outcome in brought.disturbed.run.outcomes if outcome.outcome in {"unreachable", "failed"}]
    assert {outcome.host for outcome in lost} == set(HOSTS.values())
    assert [one.message for one in lost if "Connection aborted" not in one.message] == []
    assert len({outcome.task for outcome in lost}) >= 5


def test_the_next_run_comes_to_the_end(brought: Brought) -> None:
    assert brought.next.status == 0, brought.next.messages
    assert brought.third.changed == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_language_comes_to_the_same(brought: Brought, release: str) -> None:
    first, second = (HOSTS[release, language] for language in (ENGLISH, SWEDISH))
    english, swedish = (states.changes(brought.before[host], brought.after[host]) for host in (first, second))
    assert len(english) > 100
    assert english == swedish


def test_a_lost_answer_leaves_no_trace(brought: Brought, configured: Configured) -> None:
    """A host of the release of the undisturbed one has become what that is."""
    found = brought.after[HOSTS["2022", ENGLISH]]
    assert states.differences(configured.done.states[PAIR[0]], found) == []
