# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run killed at every moment at which the directory can be half way, and run again."""

from __future__ import annotations

import signal
import typing as t
from dataclasses import replace

from .conftest import WISHES
from .forest import Dump, Forest, differences, half_made
from .runs import Call, Fault, killed, run

if t.TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Recorded
    from .runs import Playbooks

#: Wishes beside those of the first run.
OTHER: dict[str, t.Any] = {"general": {"validity_period": "2 years", "publish_to_active_directory": False}}


class Walk:
    """Goes along the calls of a play; each is killed after each of its writes, and then made again."""

    def __init__(self, forest: Forest, home: Path, fresh: Dump) -> None:
        self.forest = forest
        self.home = home
        self.fresh = fresh
        self.points = 0
        #: What was half made right after a kill: proof that the moments are those that matter.
        self.halves: list[str] = []
        self.found: list[str] = []

    def along(self, calls: t.Iterable[Call]) -> None:
        for call in calls:
            before = self.forest.dump()
            done = run(call, self.home)
            assert not done.failed, f"{call}: {done.message}"
            after = self.forest.dump()
            for number in range(1, len(done.writes) + 1):
                self.forest.restore(before)
                self.point(call, number, after)

    def point(self, call: Call, number: int, after: Dump) -> None:
        self.points += 1
        place = f"{call}, killed after write {number}"
        ended = run(call, self.home, Fault(number, "after", killed))
        if ended.result is not None or len(ended.writes) != number:
            self.found.append(f"{place}: was not killed there: {ended}")
        self.halves += half_made(self.forest.dump(), self.fresh)
        again = run(call, self.home)
        if again.failed:
            self.found.append(f"{place}: the next run fails: {again.message}")
        now = self.forest.dump()
        self.found += [f"{place}: {line}" for line in (*differences(after, now), *half_made(now, self.fresh))]
        third = run(call, self.home)
        if third.failed or third.changed or third.writes:
            self.found.append(f"{place}: the third run is not quiet: {third}")


def test_every_write_of_site(forest: Forest, fresh: Dump, home: Path, recorded: Recorded) -> None:
    walk = Walk(forest, home, fresh)
    walk.along(recorded.site)
    assert not walk.found, "\n".join(walk.found)
    assert walk.points >= 6
    assert any("OID object without template" in half for half in walk.halves)
    assert differences(recorded.made, forest.dump()) == []


def test_every_write_of_a_site_with_other_wishes(forest: Forest, fresh: Dump, home: Path, recorded: Recorded) -> None:
    """Templates under other display names and with other periods: the OID objects are renamed with them."""
    for call in recorded.site:
        assert not run(call, home).failed
    changed = [
        replace(call, arguments={**call.arguments, **OTHER, "display_name": f"{call.arguments['display_name']} 2"})
        for call in recorded.site
        if call.module == "certificate_template"
    ]
    walk = Walk(forest, home, fresh)
    walk.along(changed[:1])
    assert not walk.found, "\n".join(walk.found)
    assert walk.points == 2
    assert any("OID object under another name" in half for half in walk.halves)


def test_every_write_of_remove(forest: Forest, fresh: Dump, home: Path, recorded: Recorded) -> None:
    for call in recorded.site:
        assert not run(call, home).failed
    walk = Walk(forest, home, fresh)
    walk.along(recorded.remove)
    assert not walk.found, "\n".join(walk.found)
    assert walk.points >= 6
    assert differences(recorded.removed, forest.dump()) == []


def test_every_write_of_delegate(forest: Forest, fresh: Dump, home: Path, recorded: Recorded) -> None:
    walk = Walk(forest, home, fresh)
    walk.along(recorded.delegate)
    assert not walk.found, "\n".join(walk.found)
    assert walk.points >= 3
    assert differences(recorded.delegated, forest.dump()) == []


def test_after_every_task_that_changes_something(
    forest: Forest, fresh: Dump, playbooks: Playbooks, recorded: Recorded
) -> None:
    """site.yml as people run it, killed with all its processes after one task, the next time after the one that then
    is the first to change something, and so on to the end.
    """
    ended_after = []
    while True:
        done = playbooks.run("playbooks/site.yml", wishes=WISHES, kill_after_change=True)
        if done.status == 0:
            break
        assert done.status == -signal.SIGKILL, done.output
        ended_after.append(done.tasks[-1])
    assert len(ended_after) == len(set(ended_after))
    assert len(ended_after) >= 4
    assert differences(recorded.made, forest.dump()) == []
    assert half_made(forest.dump(), fresh) == []
    assert done.changed == 0
