# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's service has done, and where its time went."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Counters:
    """Numbers since the service was made; a reboot of the host does not set them back.

    `export()` is {"operations": {kind: count}, "faults": {name: count}, "connections", "refused_logons",
    "bytes": {"in", "out"}, "seconds": {...}, "processor_seconds": {...}}. The seconds by what was done:
    `transport` (TLS, HTTP, authentication, XML, shells), `host` (Machine.run), `client` (waiting for the next
    request), `output` (a Receive that waits for its process). `processor_seconds` has only the first two, and is what
    to compare on a machine that is busy: there `seconds` also count the waiting for a processor.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operations: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._plain: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._processor: defaultdict[str, float] = defaultdict(float)

    def operation(self, kind: str) -> None:
        with self._lock:
            self._operations[kind] += 1

    def fault(self, name: str) -> None:
        with self._lock:
            self._faults[name] += 1

    def event(self, name: str) -> None:
        """One more of `connections` or `refused_logons`."""
        with self._lock:
            self._plain[name] += 1

    def bytes(self, direction: str, count: int) -> None:
        with self._lock:
            self._bytes[direction] += count

    def seconds(self, what: str, wall: float, processor: float | None = None) -> None:
        with self._lock:
            self._seconds[what] += wall
            if processor is not None:
                self._processor[what] += processor

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Count the wall and processor time of a block in this thread."""
        wall, processor = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            self.seconds(what, time.perf_counter() - wall, time.thread_time() - processor)

    def export(self) -> dict[str, Any]:
        with self._lock:
            return {
                "operations": dict(self._operations),
                "faults": dict(self._faults),
                "connections": self._plain["connections"],
                "refused_logons": self._plain["refused_logons"],
                "bytes": {"in": self._bytes["in"], "out": self._bytes["out"]},
                "seconds": {key: self._seconds[key] for key in ("transport", "host", "client", "output")},
                "processor_seconds": {key: self._processor[key] for key in ("transport", "host")},
            }
