# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain controller that is written to ends at every write, before it and after it; then the run is made again."""

from __future__ import annotations

import typing as t

import pytest

from .forest import Dump, Forest, differences, half_made
from .replication import PARTITIONS, fetch, held, settle
from .runs import Call, Fault, run

if t.TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Controllers, Recorded

#: Modules that write to the domain; the others write to the configuration.
ACCOUNTS = ("service_account", "service_principal_name")


def lose(call: Call, home: Path, controllers: Controllers, number: int, when: t.Any) -> str:
    """Run until the write, end dc1 there, and return what the module says."""
    fault = Fault(number, when, lambda: controllers("stop", "dc1"), answer_lost=True)
    ended = run(call, home, fault)
    assert ended.failed, ended.whole
    return ended.message


def test_every_write_of_site(
    forest: Forest, fresh: Dump, home: Path, recorded: Recorded, controllers: Controllers
) -> None:
    points, found = 0, []
    for call in recorded.site:
        before = forest.dump()
        done = run(call, home)
        assert not done.failed, done.message
        after = forest.dump()
        for number in range(1, len(done.writes) + 1):
            for when in ("before", "after"):
                points += 1
                place = f"{call}, dc1 ends {when} write {number}"
                forest.restore(before)
                # What was made before and taken back must be gone from dc2, which is asked whether the write was made.
                fetch(forest, "dc2", "dc1", PARTITIONS[1:] if call.module in ACCOUNTS else PARTITIONS[:1])
                with held(forest):
                    try:
                        message = lose(call, home, controllers, number, when)
                    finally:
                        controllers("start", "dc1")
                expected = "the connection was lost before the answer came; whether the change was made is unknown"
                if expected not in message or "Remedy: run again: the first thing done is to look." not in message:
                    found.append(f"{place}: says {message}")
                again = run(call, home)
                if again.failed:
                    found.append(f"{place}: the next run fails: {again.message}")
                now = forest.dump()
                found += [f"{place}: {line}" for line in (*differences(after, now), *half_made(now, fresh))]
    assert not found, "\n".join(found)
    assert points >= 10


@pytest.mark.parametrize("number", [1, 2], ids=["OID object", "OID object and template"])
def test_the_other_one_takes_over_with_what_it_knows(
    forest: Forest, fresh: Dump, home: Path, template_call: Call, controllers: Controllers, number: int
) -> None:
    """What dc1 had alone comes back with it; the next run leaves one template with one OID object."""
    settle(forest)
    with held(forest):
        try:
            lose(template_call, home, controllers, number, "after")
            meanwhile = run(template_call, home)
        finally:
            controllers("start", "dc1")
    assert not meanwhile.failed, meanwhile.message
    warning = "A domain controller was passed over (ldap://dc1.corp.example:389): the server refuses the connection"
    assert warning in str(meanwhile.whole["warnings"])
    settle(forest)
    # The control: both made it, as nobody can prevent.
    assert half_made(forest.dump(), fresh)
    again = run(template_call, home)
    assert not again.failed, again.message
    assert half_made(forest.dump(), fresh) == []
    third = run(template_call, home)
    assert not third.changed
    assert not third.failed


def test_a_write_that_was_replicated_in_time_goes_on_with_the_other(
    forest: Forest, fresh: Dump, home: Path, template_call: Call, controllers: Controllers
) -> None:
    """The answer is lost with dc1, but dc2 has the OID object already: the template is made there, with that OID."""
    settle(forest)

    def end() -> None:
        fetch(forest, "dc2", "dc1")
        controllers("stop", "dc1")

    try:
        ended = run(template_call, home, Fault(1, "after", end, answer_lost=True))
    finally:
        controllers("start", "dc1")
    assert not ended.failed, ended.message
    assert ended.changed
    settle(forest)
    assert half_made(forest.dump(), fresh) == []
    assert not run(template_call, home).changed
