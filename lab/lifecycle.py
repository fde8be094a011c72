# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and ending a lab: what `up` and `down` do."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import build, configuration, inventory, kernel, machine, supervisor
from .layout import FORMAT, LabError, Layout, wait_until

#: Seconds until a supervisor must have ended: it may stop its services first.
END_LIMIT = 3 * supervisor.PATIENCE

#: Seconds that a process gets to end when asked to, before it is made to.
STRAY_LIMIT = 2.0

Say = Callable[[str], None]


def up(layout: Layout, say: Say, servers: int = 0, *, quick_boots: bool = False) -> None:
    """Make sure that the lab runs and is ready.

    Args:
        servers: How many plain member servers it has; 0 for as many as it has, or none in a new one.
        quick_boots: Whether Windows hosts boot between two connections; False for what it was made with, or not.
    """
    layout.check()
    machine.require_environment()
    with layout.locked():
        state = layout.state()
        pid = layout.supervisor()
        if pid is not None and state.get("state") == "ready":
            _same_kind(layout, state, servers, quick_boots)
            say("The lab runs already.")
            return
        if pid is not None and not wait_until(lambda: layout.supervisor() is None, supervisor.PATIENCE):
            # Its `up` was killed, and it did not notice as it should.
            _end(layout, pid, signal.SIGKILL)
        _end_strays(layout, state)
        _start(layout, state, say, servers, quick_boots)


def _same_kind(layout: Layout, state: dict[str, Any], servers: int, quick_boots: bool) -> None:
    """Refuse to make a lab another than it was made; not to ask for anything is no such wish."""
    if quick_boots and not state.get("quick_boots"):
        raise LabError(
            f"The lab in {layout.directory} was made without --quick-boots. "
            f"Remove it with: bin/lab down --dir {layout.directory}",
            2,
        )
    if servers not in (0, state.get("servers", 0)):
        raise LabError(
            f"The lab in {layout.directory} was made with {state.get('servers', 0)} member servers, not {servers}. "
            f"Remove it with: bin/lab down --dir {layout.directory}",
            2,
        )


def _start(layout: Layout, state: dict[str, Any], say: Say, servers: int, quick_boots: bool) -> None:
    again = state.get("state") == "ready"
    if again and state.get("format") != FORMAT:
        raise LabError(
            f"{layout.directory} was made by another version of bin/lab. Remove it with: "
            f"bin/lab down --dir {layout.directory}",
            2,
        )
    if not again:
        layout.clear()
        layout.directory.chmod(0o700)
        layout.write_state({"state": "building", "servers": servers, "quick_boots": quick_boots})
    else:
        _same_kind(layout, state, servers, quick_boots)
    say(f"{'Starting' if again else 'Building'} the lab in {layout.directory}")
    configuration.write_all(layout)
    reader = supervisor.launch(layout, build.services(layout), build.restart if again else build.new_lab)
    ended = "the supervisor was killed"
    with os.fdopen(reader, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("+"):
                say(line[1:].rstrip("\n"))
            elif line.startswith("="):
                inventory.write_inventory(layout)
                return
            else:
                ended = line[1:].strip()
                break
    raise LabError(f"The lab did not come up: {ended}. Details: {layout.log('lab')}")


def down(layout: Layout, *, keep: bool) -> None:
    """End everything that the lab runs, and remove its directory unless it is to be kept."""
    state = layout.state()
    if not state and any(layout.directory.iterdir()):
        raise LabError(f"{layout.directory} has files in it and is no lab (it has no lab.json). Left alone.", 2)
    if state.get("network_namespace") == kernel.network_namespace() and layout.supervisor() is not None:
        raise LabError("This command runs inside the lab that it is to end. Run it outside.", 2)
    with layout.locked():
        pid = layout.supervisor()
        if pid is not None:
            _end(layout, pid, signal.SIGTERM if keep else signal.SIGKILL)
        _end_strays(layout, state)
        if not keep:
            layout.clear()
            layout.directory.rmdir()


def _end(layout: Layout, pid: int, number: int) -> None:
    for attempt in (number, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, attempt)
        if wait_until(lambda: layout.supervisor() is None, END_LIMIT):
            return
    raise LabError(f"The supervisor of {layout.directory}, process {pid}, does not end.")


def _end_strays(layout: Layout, state: dict[str, Any]) -> None:
    """End what `bin/lab exec` started and left behind: it would keep the network alive.

    A process counts if it is in the lab's network namespace and has the lab's LAB_DIR: the number of a namespace
    that is gone may have been given to another.
    """
    namespace = state.get("network_namespace")
    marker = f"LAB_DIR={layout.directory}".encode()

    def strays() -> list[int]:
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (process / "environ").read_bytes().split(b"\0")
                if marker in environment and kernel.network_namespace(process.name) == namespace:
                    found.append(int(process.name))
        return found

    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in strays():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not strays(), STRAY_LIMIT):
            return
