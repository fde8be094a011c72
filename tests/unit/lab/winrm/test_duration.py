# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.winrm import duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT20S", 20),
        ("PT60.000S", 60),
        ("PT0.5S", 0.5),
        ("PT1M", 60),
        ("PT2H3M4S", 7384),
        ("P1D", 86400),
        ("P1DT1S", 86401),
        (" PT20S ", 20),
        ("PT0S", 0),
    ],
)
def test_duration(text: str, seconds: float) -> None:
    assert duration.parse(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "P1DT", "20", "PT20", "PT-1S", "-PT1S", "P1Y", "P1M", "PT1S1M", "PT\u0661S", "PT.5S", "PT9e9S"],
)
def test_no_duration(text: str) -> None:
    with pytest.raises(duration.InvalidDuration):
        duration.parse(text)


@given(st.one_of(st.text(max_size=20), st.text("PTDHMS0123456789.", max_size=20)))
def test_a_text_is_a_duration_or_refused(text: str) -> None:
    with contextlib.suppress(duration.InvalidDuration):
        assert duration.parse(text) >= 0


@given(st.integers(0, 10**6))
def test_what_is_written_can_be_read(milliseconds: int) -> None:
    assert duration.parse(duration.write(milliseconds / 1000)) == pytest.approx(milliseconds / 1000)
