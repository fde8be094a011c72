# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of request limits: a table, and properties over any configuration."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.edits import OptionError
from ansible_collections.certops.intune.plugins.module_utils.windows.iis import request_limits as limits
from ansible_collections.certops.intune.plugins.module_utils.windows.iis.request_limits import Place, State
from ansible_collections.certops.intune.plugins.module_utils.windows.values import UnexpectedValue
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.parts.iis.schema import sections

DEFAULTS = {option: limit.default for option, limit in limits.LIMITS.items()}
PLACES = ("", "Site", "Site/app", "Site/app/deep", "Other", "Other/app")


def state(own: dict[str, dict[str, int]], web: dict[str, dict[str, int]] | None = None) -> State:
    """A configuration as IIS makes it take effect."""
    effective = []
    for path in PLACES:
        values = dict(DEFAULTS)
        for step in limits._steps(path):
            values |= own.get(step, {}) | (web or {}).get(step, {})
        effective.append(Place(path, values))
    said = tuple(Place(path, values) for path, values in own.items())
    return State(True, ("Site", "Other"), tuple(effective), said)


VALUES = st.dictionaries(st.sampled_from(list(limits.LIMITS)), st.sampled_from([1, 512, 4096, 65534, 2**32 - 1]))
OWN = st.dictionaries(st.sampled_from(PLACES), VALUES)
WISH = VALUES.filter(bool)


def applied(own: dict[str, dict[str, int]], site: str, plan: limits.Plan) -> dict[str, dict[str, int]]:
    """What applicationHost.config says after a plan."""
    names = {limit.attribute: option for option, limit in limits.LIMITS.items()}
    here = {
        option: value
        for option, value in own.get(site, {}).items()
        if limits.LIMITS[option].attribute not in plan.clear
    }
    return {**own, site: here | {names[name]: value for name, value in plan.write.items()}}


def test_the_defaults_are_those_of_the_schema() -> None:
    element = sections("10")["system.webServer/security/requestFiltering"].element("requestLimits")
    assert {limit.attribute: limit.default for limit in limits.LIMITS.values()} == {
        name: element.attributes[name].default for name in ("maxUrl", "maxQueryString", "maxAllowedContentLength")
    }
    assert {element.attributes[limit.attribute].type for limit in limits.LIMITS.values()} == {"uint"}


@given(OWN, st.sampled_from(["", "Site"]), WISH)
def test_a_plan_makes_the_limits_hold_and_then_has_nothing_to_do(
    own: dict[str, dict[str, int]], site: str, wish: dict[str, int]
) -> None:
    plan = limits.plan(site, wish, state(own))
    after = state(applied(own, site, plan))
    effective = dict(limits._at(after.effective, site))
    assert {option: effective[option] for option in wish} == wish
    assert plan.after == effective
    assert plan.before == dict(limits._at(state(own).effective, site))
    again = limits.plan(site, wish, after)
    assert not again.changed
    assert again.before == again.after


@given(OWN, st.sampled_from(["", "Site"]), VALUES)
def test_taking_back_leaves_what_is_inherited(own: dict[str, dict[str, int]], site: str, wish: dict[str, int]) -> None:
    plan = limits.plan(site, wish, state(own), absent=True)
    left = applied(own, site, plan)
    for option in wish or limits.LIMITS:
        assert option not in left[site]
        assert plan.after[option] == plan.inherited[option]
    assert plan.after == dict(limits._at(state(left).effective, site))
    assert not limits.plan(site, wish, state(left), absent=True).changed


@given(OWN, OWN, st.sampled_from(["", "Site"]), WISH)
def test_every_smaller_limit_below_is_told(
    own: dict[str, dict[str, int]], web: dict[str, dict[str, int]], site: str, wish: dict[str, int]
) -> None:
    """Asked again, after the limits were written: whoever has less than was asked for is told, and nobody else."""
    web.pop("", None)
    plan = limits.plan(site, wish, state(own, web))
    now = state(applied(own, site, plan), web)
    told = {(one.path, one.option): one.value for one in limits.plan(site, wish, now).overridden_by}
    for place in now.effective:
        if place.path != site and not limits._is_below(place.path, site):
            continue
        for option, asked in wish.items():
            if place.limits[option] < asked:
                assert any(option == one and place.path.startswith(path) for path, one in told), (place.path, option)
    assert all(value < wish[option] for (_, option), value in told.items())


def test_another_spelling_of_a_site_is_the_same_site() -> None:
    plan = limits.plan("sITE", {"max_url": 1}, state({"Site": {"max_url": 1}}))
    assert not plan.changed


def test_the_place_of_a_dot_is_the_server() -> None:
    output: dict[str, Any] = {
        "installed": True,
        "sites": ["Site"],
        "places": [{"path": limits.SERVER, "maxUrl": 9, "maxQueryString": 2048, "maxAllowedContentLength": 30000000}],
        "own": [{"location": ".", "maxUrl": "9", "maxQueryString": None, "maxAllowedContentLength": None}],
    }
    found = limits.read(output)
    assert found.own == (Place("", {"max_url": 9}),)
    assert limits.plan("", {}, found, absent=True).clear == ["maxUrl"]
    output["places"][0]["path"] = "IIS:\\Sites"
    with pytest.raises(UnexpectedValue, match="and not a path below MACHINE/WEBROOT/APPHOST"):
        limits.read(output)


def test_a_script_that_forgot_the_server() -> None:
    broken = dataclasses.replace(state({}), effective=())
    with pytest.raises(UnexpectedValue, match="with the place"):
        limits.plan("Site", {"max_url": 1}, broken)


def test_a_site_that_is_not_there() -> None:
    with pytest.raises(OptionError, match="site: there is no site 'X'; there are none"):
        limits.plan("X", {"max_url": 1}, State(True, (), (Place("", DEFAULTS),)))
