# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run killed at every moment at which the directory can be half way, and run again."""

from __future__ import annotations

import typing as t

from .forest import Dump, Forest, differences, half_made
from .runs import Call, Fault, killed, run

if t.TYPE_CHECKING:
    from pathlib import Path


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
            if done.writes:
                self.forest.restore(before)
                assert not run(call, self.home).failed

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


def test_every_write_of_site(forest: Forest, fresh: Dump, home: Path, site_calls: list[Call]) -> None:
    walk = Walk(forest, home, fresh)
    walk.along(site_calls)
    assert not walk.found, "\n".join(walk.found)
    assert walk.points >= 5
    assert any("OID object without template" in half for half in walk.halves)
