# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of accounts."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts.times import (
    NEVER,
    from_filetime,
    is_never,
    parse_expiry,
    show,
    to_filetime,
)
from hypothesis import given
from hypothesis import strategies as st

#: Computed by hand: days from 1601-01-01 to 2028-01-01 are 155958, times 864000000000.
NEW_YEAR_2028 = 155958 * 864_000_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("never", NEVER),
        (" Never ", NEVER),
        ("2027-12-31", NEW_YEAR_2028),
        ("2028-01-01T00:00:00Z", NEW_YEAR_2028),
        ("2028-01-01 00:00:00+00:00", NEW_YEAR_2028),
        ("2028-01-01T01:00:00+01:00", NEW_YEAR_2028),
    ],
)
def test_expiry(text: str, value: int) -> None:
    assert parse_expiry(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is neither never, nor a date"),
        ("soon", "is neither never, nor a date"),
        ("31.12.2027", "is neither never, nor a date"),
        ("2027-02-30", "is neither never, nor a date"),
        ("2027-12-31T18:00:00", "has no time zone; write Z at the end for UTC, or an offset"),
        ("1600-12-30", "is before 1601"),
        ("9999-12-31", "is later than the directory can hold; write never"),
    ],
)
def test_no_expiry(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        parse_expiry(text)


@pytest.mark.parametrize("value", [0, NEVER, NEVER - 1, -1])
def test_no_moment(value: int) -> None:
    assert from_filetime(value) is None
    assert is_never(value)
    assert show(value) is None


@given(st.datetimes(dt.datetime(1601, 1, 2), dt.datetime(9999, 12, 30), timezones=st.just(dt.UTC)))  # noqa: DTZ001
def test_what_is_shown_reads_back(moment: dt.datetime) -> None:
    value = to_filetime(moment)
    assert from_filetime(value) == moment
    assert parse_expiry(show(value) or "") == value


@given(st.text(max_size=30))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        value = parse_expiry(text)
    except ValueError:
        return
    assert 0 < value <= NEVER
