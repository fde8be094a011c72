# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIDs as text and in binary, and those that follow from names."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.people import sids

TEXTS = {
    "S-1-1-0": "S-1-1-0",
    "s-1-5-32-544": "S-1-5-32-544",
    "S-1-5-21-0001-2-3-500": "S-1-5-21-1-2-3-500",
    "S-1-0x000000000005-18": "S-1-5-18",
    "S-1-5": None,
    "S-1-5-": None,
    "S-2-5-18": None,
    "S-1-5-4294967296": None,
    "S-1-281474976710656-1": None,
    "SYSTEM": None,
    "S-1-5-" + "-".join(["1"] * 16): None,
    "": None,
}

# The SIDs are known from whoami /all of such processes and from Microsoft's documentation.
NAMES = [
    (sids.of_service, "WdiServiceHost", "S-1-5-80-3139157870-2983391045-3678747466-658725712-1809340420"),
    (sids.of_service, "TrustedInstaller", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"),
    (sids.of_service, "mssql$sqlexpress", "S-1-5-80-3880006512-4290199581-1648723128-3569869737-3631323133"),
    (sids.of_application_pool, "DefaultAppPool", "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"),
    (sids.of_application_pool, "WEB", "S-1-5-82-2971860261-2701350812-2118117159-340795515-2183480550"),
]


@pytest.mark.parametrize("text, sid", TEXTS.items())
def test_a_text_is_a_sid_or_not(text: str, sid: str | None) -> None:
    assert sids.parsed(text) == sid


@pytest.mark.parametrize("made, name, sid", NAMES)
def test_names_of_services_and_pools_have_sids(made: object, name: str, sid: str) -> None:
    assert callable(made)
    assert made(name) == sid


numbers = st.integers(0, 2**32 - 1)


@given(st.integers(0, 2**48 - 1), st.lists(numbers, min_size=1, max_size=15))
def test_binary_and_text_agree(authority: int, parts: list[int]) -> None:
    data = bytes([1, len(parts)]) + authority.to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)
    text = sids.from_bytes(data)
    canonical = sids.parsed(text)
    assert canonical is not None
    assert sids.parsed(canonical) == canonical
    assert sids.relative(text) == parts[-1]


@given(st.binary(max_size=80))
def test_octets_that_are_no_sid_are_refused(data: bytes) -> None:
    if len(data) >= 8 and data[0] == 1 and len(data) == 8 + 4 * data[1]:
        return
    with pytest.raises(ValueError, match="no SID"):
        sids.from_bytes(data)


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    found = sids.parsed(text)
    assert found is None or sids.parsed(found) == found
