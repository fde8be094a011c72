# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the WinRM service, and the faults to order, which may replace them for a while."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.winrm import faults, names
from lab.winrm.settings import InForce, InvalidSetting, Settings
from lab.winrm.trouble import InvalidTrouble, Trouble


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MaxEnvelopeSizekb", 500),
        ("MaxTimeoutms", 60000),
        ("MaxShellsPerUser", 30),
        ("MaxProcessesPerShell", 25),
        ("MaxConcurrentOperationsPerUser", 1500),
        ("IdleTimeout", 7200000),
        ("AllowUnencrypted", False),
        ("CbtHardeningLevel", "Relaxed"),
    ],
)
def test_defaults(name: str, value: t.Any) -> None:
    assert Settings().export()[name] == value


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"MaxEnvelopeSize": 1}, "Unknown WinRM setting 'MaxEnvelopeSize'"),
        ({"MaxEnvelopeSizekb": "500"}, "it must be a int"),
        ({"MaxEnvelopeSizekb": True}, "it must be a int"),
        ({"MaxEnvelopeSizekb": 31}, "the least is 32"),
        ({"AllowUnencrypted": 1}, "it must be a bool"),
        ({"CbtHardeningLevel": "Strict"}, "Valid values: None, Relaxed"),
    ],
)
def test_refused_settings_change_nothing(values: dict[str, t.Any], message: str) -> None:
    settings = Settings()
    before = settings.export()
    with pytest.raises(InvalidSetting, match=message):
        settings.change({"MaxTimeoutms": 1000, **values})
    assert settings.export() == before


def test_ordered_settings_hold_until_they_are_taken_back() -> None:
    settings, trouble = Settings(), Trouble()
    force = InForce(settings, lambda: trouble.settings)
    trouble.order({"settings": {"MaxEnvelopeSizekb": 32, "Basic": False, "CbtHardeningLevel": "None"}})
    assert (force.number("MaxEnvelopeSizekb"), force.flag("Basic"), force.text("CbtHardeningLevel")) == (
        32,
        False,
        "None",
    )
    settings.change({"MaxEnvelopeSizekb": 200})
    assert force.number("MaxEnvelopeSizekb") == 32
    trouble.order({})
    assert (force.number("MaxEnvelopeSizekb"), force.flag("Basic")) == (200, True)


@pytest.mark.parametrize(
    ("order", "operations", "hit"),
    [
        ({"operation": "Receive"}, "Create Receive Receive", [1]),
        ({"operation": "Receive", "at": 2}, "Receive Send Receive Receive", [2]),
        ({"operation": "Receive", "times": 2}, "Receive Receive Receive", [0, 1]),
        ({"operation": "Receive", "at": 2, "times": None}, "Receive Receive Receive", [1, 2]),
        ({"operation": "any", "at": 2}, "Create Send Receive", [1]),
    ],
)
def test_which_operations_are_hit(order: dict[str, t.Any], operations: str, hit: list[int]) -> None:
    trouble = Trouble.from_json({"drop": order})
    assert [number for number, kind in enumerate(operations.split()) if trouble.meet(kind)] == hit


def test_connections_are_counted_apart() -> None:
    trouble = Trouble.from_json({"refuse": {"at": 2, "times": 1}})
    assert not trouble.meet("Create")
    assert [trouble.refuses() for _ in range(3)] == [False, True, False]


def test_disk() -> None:
    assert Trouble.from_json({"disk": {"full": True}}).disk_full
    assert not Trouble.from_json({"disk": {"full": False}}).disk_full
    assert not Trouble().disk_full


def test_boot() -> None:
    assert Trouble.from_json({"boot": {"seconds": 30}}).boot_seconds == 30
    assert Trouble().boot_seconds is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "Trouble is a JSON object"),
        ({"dorp": {}}, "Unknown trouble: dorp"),
        ({"drop": {}}, "drop needs operation"),
        ({"drop": 1}, "drop is a JSON object"),
        ({"drop": {"operation": "Receive", "after": 1}}, "Unknown key of drop: after"),
        ({"drop": {"operation": "Recieve"}}, "Unknown operation 'Recieve'"),
        ({"drop": {"operation": []}}, "Unknown operation"),
        ({"drop": {"operation": "Send", "at": 0}}, "at and times of drop are numbers from 1"),
        ({"drop": {"operation": "Send", "times": True}}, "at and times of drop are numbers from 1"),
        ({"drop": {"operation": "Send", "when": "later"}}, "when is before or after"),
        ({"fault": {"name": "nothing"}}, "Unknown fault 'nothing'"),
        ({"fault": [{"name": "busy"}, {"name": {}}]}, "Unknown fault"),
        ({"delay": {"seconds": -1}}, "seconds is a number from 0 to 3600"),
        ({"delay": {"seconds": "1"}}, "seconds is a number from 0 to 3600"),
        ({"status": {"status": 200}}, "status is a number from 400 to 599"),
        ({"refuse": {"operation": "Send"}}, "Unknown key of refuse: operation"),
        ({"settings": {"MaxEnvelopeSizekb": 1}}, "the least is 32"),
        ({"boot": {}}, "boot is a JSON object with seconds"),
        ({"disk": {"full": 1}}, "disk is a JSON object with full"),
    ],
)
def test_unknown_trouble_is_refused_and_changes_nothing(value: t.Any, message: str) -> None:
    trouble = Trouble.from_json({"drop": {"operation": "Send"}, "boot": {"seconds": 1}})
    with pytest.raises(InvalidTrouble, match=message):
        trouble.order(value)
    assert trouble.boot_seconds == 1
    assert trouble.meet("Send")


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["drop", "delay", "fault", "settings", "operation", "at", "times", "when", "seconds", "name"]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=8,
)


@given(JSON)
def test_an_order_is_taken_or_refused(value: t.Any) -> None:
    try:
        trouble = Trouble.from_json(json.loads(json.dumps(value)))
    except InvalidTrouble:
        return
    assert all(trouble.meet(kind) is not None for kind in names.KINDS)


@pytest.mark.parametrize("name", sorted(faults.NAMES))
def test_every_fault_can_be_written(name: str) -> None:
    fault = faults.fault(name)
    assert "{" not in fault.text
    assert str(fault.code) in faults.body(fault, "host")
