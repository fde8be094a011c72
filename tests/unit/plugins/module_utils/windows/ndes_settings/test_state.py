# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the output of ndes_settings_read.ps1, and that the lab and the module name the same things."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.places import PLACES, SHOWN
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes_settings.state import read_state
from ansible_collections.certops.intune.plugins.module_utils.windows.registry import Value
from ansible_collections.certops.intune.plugins.module_utils.windows.values import UnexpectedValue

from lab.windows import tables

from .servers import CA, configured, output, state, with_policy_module


def test_a_configured_server() -> None:
    found = state()
    assert (found.configured, found.ca_config, found.has_policy_module) == (True, CA, False)
    assert (found.now.isoformat(), found.booted.isoformat()) == (
        "2026-11-21T19:00:00.500000+00:00",
        "2026-11-20T06:15:00+00:00",
    )
    assert found.notes == ()


def test_a_blank_server() -> None:
    found = state({})
    assert (found.configured, found.ca_config, found.has_policy_module) == (False, None, False)
    assert set(found.values.values()) == {None}


def test_a_policy_module_is_one_also_without_its_thumbprint() -> None:
    registry = with_policy_module()
    registry[mscep.POLICY_MODULE] = {}
    assert state(registry).has_policy_module


@pytest.mark.parametrize("data", [("DWord", 1), ("MultiString", ["a"]), ("String", "")])
def test_an_authority_that_is_no_text(data: t.Any) -> None:
    assert state(configured(**{mscep.MSCEP + r"\CAInfo": {"Configuration": data}})).ca_config is None


def test_names_in_any_letter_case() -> None:
    registry = {path.upper(): {name.lower(): data for name, data in values.items()}
                for path, values in with_policy_module().items()}  # fmt: skip
    found = state(registry)
    assert (found.configured, found.has_policy_module) == (True, True)
    assert found.values["templates.signature"] == Value("String", mscep.DEFAULT_TEMPLATE)


@pytest.mark.parametrize(
    "kind, data, message",
    [
        ("String", 1, "keys.0..values.0..data' is 1 and not a text"),
        ("DWord", "x", "keys.0..values.0..data' is 'x' and not an integer"),
        ("MultiString", "x", "keys.0..values.0..data' is 'x' and not a list of texts"),
        ("Binary", [256], "data' is .256. and not a list of octets"),
        ("Binary", ["x"], "data' is .'x'. and not a list of octets"),
    ],
)
def test_data_that_is_not_of_its_type(kind: str, data: t.Any, message: str) -> None:
    with pytest.raises(UnexpectedValue, match=message):
        read_state(output({mscep.MSCEP: {"X": (kind, data)}}))


@pytest.mark.parametrize("value", [None, 1, [], {}])
def test_another_output(value: object) -> None:
    with pytest.raises(UnexpectedValue):
        read_state(value)


def test_every_option_has_one_place() -> None:
    assert len({(place.path.casefold(), place.name.casefold()) for place in PLACES}) == len(PLACES)
    assert sorted(PLACES, key=str) == sorted(SHOWN, key=str)
    assert len({place.option for place in PLACES}) == len(PLACES)


def test_the_lab_reads_the_same_limits_of_http_at_boot() -> None:
    http = tables.load("power")["effective"]["http"]
    assert http["key"].replace("HKLM", "HKLM:") == mscep.HTTP_PARAMETERS
    for name, (default, least, most) in mscep.HTTP_LIMITS.items():
        assert (http["defaults"][name], http["limits"][name]) == (default, [least, most])
