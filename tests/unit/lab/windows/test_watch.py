# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeing what changes on a host, and taking it back."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from lab.windows import host as host_module
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.watch import keep, watched

IDENTITY = Identity("ndes1", "corp.example", "CORP", "192.0.2.1", "S-1-5-21-1-2-3", "S-1-5-21-4-5-6")


@dataclass
class Notes:
    """A part that counts how often it was exported."""

    content: dict[str, Any] = field(default_factory=dict)
    exports: int = 0

    @classmethod
    def blank(cls, _identity: Identity) -> Notes:
        return cls({"inner": {"value": 1}})

    @classmethod
    def restore(cls, _identity: Identity, state: Any) -> Notes:
        return cls(state)

    def export(self) -> Any:
        self.exports += 1
        return self.content


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    for name in ("packages", "services", "tasks"):
        monkeypatch.setitem(host_module.PARTS, name, Notes)
    return Host(IDENTITY)


def notes(part: object) -> Notes:
    assert isinstance(part, Notes)
    return part


def test_what_is_not_reached_for_costs_nothing(host: Host) -> None:
    with watched(host) as watch:
        notes(host.packages).content["inner"]["value"] = 2
    assert watch.changed() == {"packages"}
    assert notes(host.parts["tasks"]).exports == 0
    assert host.revision == 1


def test_reading_is_no_change(host: Host) -> None:
    with watched(host) as watch:
        assert notes(host.packages).content["inner"]["value"] == 1
    assert watch.changed() == set()
    assert host.revision == 0


def test_undo_takes_back_what_changed_and_nothing_else(host: Host) -> None:
    untouched = host.parts["services"]
    read = host.parts["tasks"]
    with watched(host) as watch:
        notes(host.packages).content["inner"]["value"] = 2
        notes(host.tasks)
        watch.undo()
    assert notes(host.packages).content == {"inner": {"value": 1}}
    assert host.parts["services"] is untouched
    assert host.parts["tasks"] is read
    assert host.revision == 0


def test_watches_within_one_another(host: Host) -> None:
    with watched(host) as outer:
        notes(host.packages).content["outer"] = True
        with watched(host) as inner:
            notes(host.packages).content["inner"] = True
            inner.undo()
        assert inner.changed() == set()
        assert outer.changed() == {"packages"}
        assert "outer" in notes(host.packages).content
        outer.undo()
    assert notes(host.packages).content == {"inner": {"value": 1}}


def test_an_exception_ends_a_watch(host: Host) -> None:
    with pytest.raises(ValueError, match="x"), watched(host):
        raise ValueError("x")
    before = notes(host.packages).exports
    assert notes(host.packages).exports == before


def test_a_watch_sees_its_own_thread_only(host: Host) -> None:
    with watched(host) as watch:
        other = threading.Thread(target=lambda: notes(host.packages).content.update(value=2))
        other.start()
        other.join()
    assert watch.before == {}


def test_a_part_may_be_replaced(host: Host) -> None:
    with watched(host) as watch:
        notes(host.packages)
        host.packages = Notes({})  # type: ignore[assignment]
    assert watch.changed() == {"packages"}
    assert host.export()["packages"] == {}


def test_what_was_kept_outlives_an_undo(host: Host) -> None:
    with watched(host) as watch:
        notes(host.packages).content["inner"]["value"] = 2
        keep(host)
        notes(host.packages).content["inner"]["value"] = 3
        notes(host.tasks).content["inner"]["value"] = 3
        watch.undo()
    assert notes(host.packages).content == {"inner": {"value": 2}}
    assert notes(host.tasks).content == {"inner": {"value": 1}}
    assert watch.changed() == {"packages"}


def test_keeping_without_a_watch_does_nothing(host: Host) -> None:
    keep(host)
    assert notes(host.packages).content == {"inner": {"value": 1}}
