# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the numbers and of who is meant by whom: principals that nearly everybody is, and those who own a forest."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.plugins.module_utils.directory.tiers import (
    owns_the_forest,
    stands_for_everybody,
)

DOMAIN = "S-1-5-21-1004336348-1177238915-682003330"
EVERYBODY = [
    "S-1-1-0",
    "S-1-5-2",
    "S-1-5-4",
    "S-1-5-7",
    "S-1-5-11",
    "S-1-5-15",
    "S-1-5-32-545",
    "S-1-5-32-546",
    "S-1-5-32-554",
    f"{DOMAIN}-501",
    f"{DOMAIN}-513",
    f"{DOMAIN}-514",
    f"{DOMAIN}-515",
]
OWNERS = ["S-1-5-9", "S-1-5-18", *(f"S-1-5-32-{rid}" for rid in (544, 548, 549, 550, 551, 552))]
OWNERS += [f"{DOMAIN}-{rid}" for rid in (498, 500, 502, 512, 516, 517, 518, 519, 520, 521, 526, 527)]
NEITHER = ["S-1-5-32-568", f"{DOMAIN}-1103", f"{DOMAIN}-553", "S-1-5-10", "S-1-3-0", "S-1-5-32-513", "S-1-5-512"]


@pytest.mark.parametrize("text", [*EVERYBODY, *OWNERS, *NEITHER])
def test_who_is_who(text: str) -> None:
    sid = Sid.parse(text)
    assert (stands_for_everybody(sid), owns_the_forest(sid)) == (text in EVERYBODY, text in OWNERS)
