# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs killed after every task, and answers lost after every execution: the next run ends where all runs end."""

from __future__ import annotations

import signal
import typing as t

from . import states
from .conftest import PAIR

if t.TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Configured
    from .servers import Servers

HOST = PAIR[0]


def test_killed_after_every_task(servers: Servers, configured: Configured, tmp_path: Path) -> None:
    """site.yml killed with all its processes after the first task of the host, the next time after the next, and so on
    to the end. Readers count as well as what changes something, and each item of a loop.
    """
    seen = tmp_path / "seen"
    seen.write_text("")
    servers.put(**{HOST: configured.blank.kept[HOST]})
    while True:
        done = servers.site(limit=HOST, seen=seen, **configured.wishes)
        if done.status >= 0:
            break
        assert done.status == -signal.SIGKILL, done.output
    assert done.status == 0, done.messages
    points = seen.read_text().splitlines()
    assert len(points) >= 20, points
    assert states.differences(configured.done.states[HOST], servers.state(HOST)) == []
    assert servers.site(limit=HOST, **configured.wishes).changed == []
