# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The firewall and the event logs of a host: what they keep, and what they refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.parts.event_logs import EVENT_SIZE, EventLogs
from lab.windows.parts.firewall import Firewall, InvalidRuleError, Property, Rule

from .iis_samples import identity

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("protocol", "name", "given_value", "kept"),
    [
        (256, "RemoteAddresses", "192.0.2.1", "192.0.2.1/255.255.255.255"),
        (256, "RemoteAddresses", "192.0.2.0/24, LocalSubnet", "192.0.2.0/255.255.255.0,LocalSubnet"),
        (256, "LocalAddresses", "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9"),
        (256, "LocalAddresses", "2001:db8::1", "2001:db8::1/128"),
        (6, "LocalPorts", "80, 443,5000-5010", "80,443,5000-5010"),
        (6, "LocalPorts", "RPC", "RPC"),
        (1, "IcmpTypesAndCodes", "8:*", "8:*"),
    ],
)
def test_properties_are_kept_as_the_firewall_keeps_them(
    protocol: int, name: str, given_value: Property, kept: Property
) -> None:
    rule = Rule()
    rule.set("Protocol", protocol)
    rule.set(name, given_value)
    assert rule[name] == kept


@pytest.mark.parametrize(
    ("protocol", "name", "value"),
    [
        (256, "LocalPorts", "80"),
        (1, "LocalPorts", "80"),
        (6, "LocalPorts", "70000"),
        (6, "LocalPorts", "80,"),
        (6, "IcmpTypesAndCodes", "8:*"),
        (256, "RemoteAddresses", "example.org"),
        (256, "RemoteAddresses", "192.0.2.9-192.0.2.1"),
        (256, "RemoteAddresses", "192.0.2.1-2001:db8::1"),
    ],
)
def test_what_the_firewall_does_not_take(protocol: int, name: str, value: Property) -> None:
    rule = Rule()
    rule.set("Protocol", protocol)
    before = dict(rule.values)
    with pytest.raises(InvalidRuleError, match="Value does not fall within the expected range"):
        rule.set(name, value)
    assert rule.values == before


@given(st.lists(st.sampled_from(["a", "A", "b"])), st.lists(st.sampled_from(["a", "b", "c"])))
def test_rules_of_one_name_go_one_by_one(added: list[str], removed: list[str]) -> None:
    firewall = Firewall.blank(identity())
    for name in added:
        firewall.add(Rule({"Name": name}))
    for name in removed:
        count = len(firewall.named(name))
        assert firewall.remove(name) == (count > 0)
        assert len(firewall.named(name)) == max(count - 1, 0)
    state = json.loads(json.dumps(firewall.export()))
    assert Firewall.restore(identity(), state).export() == state


@given(st.lists(st.integers(0, 65535), max_size=20), st.integers(1, 8))
def test_a_full_log_forgets_the_oldest(numbers: list[int], room: int) -> None:
    logs = EventLogs.blank(identity())
    channel = logs.create("Case", maximum_size=room * EVENT_SIZE)
    for number in numbers:
        event = logs.write("case", MOMENT, "Provider", number, Reason="x")
        assert event is not None
    assert [event.id for event in channel.events] == numbers[-room:]
    assert channel.next_record == len(numbers) + 1
    state = json.loads(json.dumps(logs.export()))
    assert EventLogs.restore(identity(), state).export() == state
    logs.clear("CASE")
    assert channel.events == []


def test_a_disabled_or_full_log_takes_nothing() -> None:
    logs = EventLogs.blank(identity())
    assert logs.write("Microsoft-Windows-CAPI2/Operational", MOMENT, "Microsoft-Windows-CAPI2", 11) is None
    logs.create("Case", maximum_size=EVENT_SIZE, overflow="DoNotOverwrite")
    assert logs.write("Case", MOMENT, "Provider", 1) is not None
    assert logs.write("Case", MOMENT, "Provider", 2) is None
    with pytest.raises(KeyError):
        logs.write("None such", MOMENT, "Provider", 1)
    with pytest.raises(KeyError):
        logs.create("case")
    assert logs.remove("Case")
    assert not logs.remove("Case")
