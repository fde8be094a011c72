# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of ansible-playbook did, as tools/callbacks/run_record.py wrote it, and how two runs differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Set for ansible-playbook, these switch the record on. The file is named by RECORD.
CALLBACK = {"ANSIBLE_CALLBACK_PLUGINS": "tools/callbacks", "ANSIBLE_CALLBACKS_ENABLED": "run_record"}
RECORD = "CERTOPS_RUN_RECORD"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task on one host, or of one item of its loop."""

    host: str
    task: str
    item: str | None
    outcome: str
    changed: bool
    diff: object
    message: str

    @property
    def place(self) -> str:
        """Host, task and item, for people."""
        return f"{self.host}: {self.task}" + (f" ({self.item})" if self.item is not None else "")


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of a run in their order, and the sums that Ansible prints at its end."""

    outcomes: Sequence[Outcome]
    sums: Mapping[str, Mapping[str, int]]

    @property
    def changed(self) -> int:
        """The sum of `changed` over all hosts, as in the PLAY RECAP."""
        return sum(counts["changed"] for counts in self.sums.values())

    @property
    def failed(self) -> int:
        """Failed tasks and unreachable hosts."""
        return sum(counts["failures"] + counts["unreachable"] for counts in self.sums.values())


def read_run(path: Path) -> Run:
    """Read a record. Raises ValueError when the run did not get to its end."""
    outcomes, sums = [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "sums" in entry:
            sums = entry["sums"]
        else:
            outcomes.append(Outcome(**entry))
    if sums is None:
        raise ValueError(f"{path}: the run did not get to its end")
    return Run(outcomes, sums)


def numbered(outcomes: Sequence[Outcome]) -> dict[tuple[str, int], Outcome]:
    """Outcomes by place, and by which time it is that the place occurs. What was skipped did not occur: a role may have
    two tasks of one name, of which a check run takes one and a real run the other.
    """
    seen: Counter[str] = Counter()
    found = {}
    for outcome in outcomes:
        if outcome.outcome == "skipped":
            continue
        found[outcome.place, seen[outcome.place]] = outcome
        seen[outcome.place] += 1
    return found


def foretold(said: object, did: object) -> bool:
    """Whether what was said came true: nothing that was said is otherwise, and there may be more."""
    if said is None or did is None:
        return True
    if isinstance(said, Mapping) and isinstance(did, Mapping):
        return all(foretold(value, did.get(name)) for name, value in said.items())
    if isinstance(said, list) and isinstance(did, list):
        return all(any(foretold(one, other) for other in did) for one in said)
    return said == did


def _after(diff: object) -> object:
    """How it is to be, of each part of a diff; None for none."""
    if isinstance(diff, Mapping):
        return diff.get("after", diff)
    return [_after(part) for part in diff] if isinstance(diff, list) else None


def differences(predicted: Run, done: Run, told_in_words: Collection[str] = ()) -> list[str]:
    """Where a run did something else than its check run said: one line for each place.

    Skipped in one and unchanged in the other is no difference. What changed in both is compared by its diff too.

    Args:
        predicted: The check run.
        done: The real one.
        told_in_words: Hosts that are configured from nothing. A rehearsal there may have to tell a change without any
            diff, and does not know what an earlier step of the real run brings. What it tells has to come true.
    """
    before, after = numbered(predicted.outcomes), numbered(done.outcomes)
    found = []
    for place in [*before, *(place for place in after if place not in before)]:
        said, did = before.get(place), after.get(place)
        if bool(said and said.changed) != bool(did and did.changed):
            words = {True: "changed", False: "no change"}
            found.append(
                f"{place[0]}: predicted {words[bool(said and said.changed)]}, was {words[bool(did and did.changed)]}"
            )
        elif said and did and said.changed and said.diff != did.diff:
            if did.host in told_in_words and foretold(_after(said.diff), _after(did.diff)):
                continue
            found.append(f"{place[0]}: the diff that was predicted is not the one that was made")
    return found
