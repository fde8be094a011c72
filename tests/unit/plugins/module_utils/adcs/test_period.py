# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of validity and renewal periods."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.period import (
    decode_period,
    encode_period,
    format_period,
    parse_period,
)
from hypothesis import given, settings
from hypothesis import strategies as st

# From directories of real forests.
OCTETS = [
    ("1 year", "004039872ee1feff"),
    ("2 years", "0080720e5dc2fdff"),
    ("5 years", "00401ea4e865faff"),
    ("6 weeks", "0080a60affdeffff"),
    ("2 weeks", "008037aefff4ffff"),
    ("1 week", "00c01bd77ffaffff"),
    ("2 days", "00802cab6dfeffff"),
    ("1 day", "004096d536ffffff"),
]


@pytest.mark.parametrize(("text", "octets"), OCTETS)
def test_octets_of_real_periods(text: str, octets: str) -> None:
    assert encode_period(parse_period(text)).hex() == octets
    assert format_period(decode_period(bytes.fromhex(octets))) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("365 days", "1 year"),
        ("52 weeks", "52 weeks"),
        ("24 months", "24 months"),  # 720 days, which are not two years of 365
        ("12 months", "12 months"),
        ("30 days", "1 month"),
        ("7 days", "1 week"),
        ("14 days", "2 weeks"),
        ("42 days", "6 weeks"),
        ("8760 hours", "1 year"),
        ("48 hours", "2 days"),
        ("36 hours", "36 hours"),
        ("90 minutes", "90 minutes"),
        ("61 seconds", "61 seconds"),
        ("10000001 ticks", "10000001 ticks"),
        ("1 tick", "1 tick"),
        ("  1   Year ", "1 year"),
        ("2YEARS", "2 years"),
        ("1000 years", "1000 years"),
        ("0 years", "0 days"),
        ("9223372036854775808 ticks", "9223372036854775808 ticks"),  # the longest: what Windows means by "never"
    ],
)
def test_largest_unit_that_divides_evenly(text: str, same: str) -> None:
    assert format_period(parse_period(text)) == same


@pytest.mark.parametrize(
    "text",
    ["", "year", "1", "-1 year", "+1 year", "1.5 years", "1 fortnight", "one year", "1 year 2 days", "1 s", "٢ years"],
)
def test_what_is_no_period_is_refused_with_the_units(text: str) -> None:
    message = (
        f"'{text}' is not a period such as '1 year' or '6 weeks' "
        "(units: years, months, weeks, days, hours, minutes, seconds, ticks)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        parse_period(text)


@pytest.mark.parametrize("text", ["29248 years", "9223372036854775809 ticks", "9999999999999999999 days"])
def test_what_64_bits_do_not_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^'{text}' is longer than the directory can hold$"):
        parse_period(text)


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        ("", "a period has 8 octets, not 0"),
        ("004039872ee1fe", "a period has 8 octets, not 7"),
        ("004039872ee1feffff", "a period has 8 octets, not 9"),
        ("00c0c678d11e0100", "the period 00c0c678d11e0100 is an absolute time, not a duration"),
        ("0100000000000000", "the period 0100000000000000 is an absolute time, not a duration"),
    ],
)
def test_broken_octets_are_refused(octets: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        decode_period(bytes.fromhex(octets))


@settings(deadline=None)
@given(st.integers(-(1 << 63), 0))
def test_every_duration_survives(value: int) -> None:
    octets = value.to_bytes(8, "little", signed=True)
    ticks = decode_period(octets)
    assert encode_period(ticks) == octets
    assert parse_period(format_period(ticks)) == ticks
