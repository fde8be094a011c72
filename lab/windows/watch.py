# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeing what changes on a host, and taking it back.

Every part is reached through the host, so a part that nobody reached for did not change. The first reach within a
watch keeps the part's exported state; only such parts are compared in the end. A call that touches one small part costs
two exports of that part, and one that touches none costs nothing.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from .part import Part

if TYPE_CHECKING:
    from .host import Host

P = TypeVar("P", bound=Part)

#: The format of marshal that keeps no references: equal states give equal bytes.
_PLAIN = 2


def frozen(part: Part) -> bytes:
    """The exported state as bytes that later changes of the part do not reach."""
    return marshal.dumps(part.export(), _PLAIN)


class Watch:
    """What parts were like when they were first reached for."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.before: dict[str, bytes] = {}
        #: What parts were like when somebody said that what was done so far stays.
        self.kept: dict[str, bytes] = {}

    def changed(self) -> set[str]:
        """Names of the parts that are not as they were."""
        return {name for name, state in self.before.items() if frozen(self._host.parts[name]) != state}

    def state_before(self, name: str) -> Any:
        """What a part that was reached for exported before."""
        return marshal.loads(self.before[name])

    def undo(self) -> None:
        """Make every part again what it was, but for what `keep` said stays."""
        for name in self.changed():
            state = marshal.loads(self.kept.get(name, self.before[name]))
            self._host.parts[name] = type(self._host.parts[name]).restore(self._host.identity, state)
        self._host.connect()


class Slot(Generic[P]):
    """A part as an attribute of a host. Reaching for it is what a watch sees."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, host: None, owner: type) -> Slot[P]: ...
    @overload
    def __get__(self, host: Host, owner: type) -> P: ...
    def __get__(self, host: Host | None, owner: type) -> Slot[P] | P:
        if host is None:
            return self
        part: Any = host.parts[self._name]
        watches = getattr(host.watches, "active", None)
        if watches:
            reached(watches, self._name, part)
        found: P = part
        return found

    def __set__(self, host: Host, part: P) -> None:
        host.parts[self._name] = part


def reached(watches: list[Watch], name: str, part: Part) -> None:
    """Note the state of a part in every watch that did not see it yet."""
    new = [watch for watch in watches if name not in watch.before]
    if new:
        state = frozen(part)
        for watch in new:
            watch.before[name] = state


def keep(host: Host) -> None:
    """Let what this thread has done to a host so far stay, even if what runs fails and is undone.

    The rule is that whatever fails leaves nothing behind (lab/windows/runner.py). Some of Windows' own set-ups do not
    keep to it: what models one of those calls this before it fails. A watch still tells it as changed.
    """
    for watch in getattr(host.watches, "active", None) or ():
        for name in watch.before:
            watch.kept[name] = frozen(host.parts[name])


@contextmanager
def watched(host: Host) -> Iterator[Watch]:
    """Watch what this thread does to a host. Watches may stand within one another.

    `host.revision` counts up when the outermost one ends and something changed.
    """
    active: list[Watch] = host.watches.__dict__.setdefault("active", [])
    watch = Watch(host)
    active.append(watch)
    try:
        yield watch
    finally:
        active.remove(watch)
        if not active and watch.changed():
            host.revision += 1
