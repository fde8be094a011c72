# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that cannot be right, for the role and its modules: refused before the first change, with a message that is
pinned in bad_input.py.
"""

from __future__ import annotations

import typing as t

import pytest

from ...faults.forest import differences as forest_differences
from .bad_input import ROWS, Row

if t.TYPE_CHECKING:
    from ...faults.forest import Forest
    from .conftest import Configured
    from .servers import Servers

HOST = "ndes2"

#: What a task says that failed, or the items of its loop.
FAILURE = (
    "ansible_failed_result.results | default([ansible_failed_result]) | map(attribute='msg', default='') | join(' ')"
)


class Refused(t.NamedTuple):
    """By kind, how the task ended and its message; and what was written meanwhile."""

    said: dict[str, tuple[str, str]]
    written: list[str]


def task(row: Row) -> dict[str, t.Any]:
    """A task that is to fail, or a role with its failure caught."""
    if row.module != "role":
        return {"name": row.kind, row.module: row.options, "ignore_errors": True}
    include = {"name": row.kind, "ansible.builtin.include_role": {"name": "certops.intune.ndes_server"}}
    noted = {"name": row.kind, "ansible.builtin.debug": {"msg": f"{{{{ {FAILURE} }}}}"}}
    passed = {"name": row.kind, "ansible.builtin.debug": {"msg": "not refused"}}
    return {"block": [{**include, "vars": row.options}, passed], "rescue": [noted]}


@pytest.fixture(scope="module")
def refused(servers: Servers, forest: Forest, configured: Configured) -> Refused:
    """All rows in one play, on a server with the features that is not configured."""
    servers.put(**{HOST: configured.blank.kept[HOST]})
    servers.features(HOST, **configured.wishes)
    before, forest_before = servers.state(HOST), forest.dump()
    play = {
        "hosts": HOST,
        "gather_facts": False,
        "module_defaults": {"group/certops.intune.directory": "{{ intune_directory }}"},
        "tasks": [task(row) for row in ROWS],
    }
    run = servers.play([play], own=configured.thumbprints[HOST])
    said = {one.task: (one.outcome, one.message) for one in run.outcomes}
    written = servers.changed_since(HOST, before) + forest_differences(forest_before, forest.dump())
    servers.put(**{HOST: configured.done.kept[HOST]})
    return Refused(said, written)


def test_there_are_enough_of_them() -> None:
    assert len(ROWS) >= 40
    assert len({row.kind for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.kind for row in ROWS])
def test_refused(refused: Refused, row: Row) -> None:
    outcome, message = refused.said[row.kind]
    assert outcome == ("ok" if row.module == "role" else "ignored"), message
    assert row.message in message


def test_nothing_was_written(refused: Refused) -> None:
    assert refused.written == []
