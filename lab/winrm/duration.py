# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations as XML Schema writes them, `PT60.000S`: what stands in OperationTimeout and IdleTimeOut."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]{1,9})?)S)?)?", re.ASCII
)

_IN_SECONDS = (86400, 3600, 60, 1)


class InvalidDuration(ValueError):  # noqa: N818
    """A text that is no duration, or has years or months, whose length nobody can tell."""


def parse(text: str) -> float:
    """The seconds of a duration. InvalidDuration if it is none, or negative."""
    text = text.strip()
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise InvalidDuration(f"Invalid duration {text[:64]!r}")
    return sum(float(value) * unit for value, unit in zip(match.groups(), _IN_SECONDS, strict=True) if value)


def write(seconds: float) -> str:
    """A duration of seconds, as Windows writes it: `PT7200.000S`."""
    return f"PT{seconds:.3f}S"
