# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the triplets of msPKI-RA-Application-Policies."""

from __future__ import annotations

import re

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs import triplets
from hypothesis import given, settings
from hypothesis import strategies as st

# OCSPResponseSigning of a fresh enterprise CA.
OCSP = (
    "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA1`msPKI-Key-Security-Descriptor`PZPWSTR`"
    "D:P(A;;FA;;;BA)(A;;FA;;;SY)(A;;GR;;;S-1-5-80-3804348527-3718992918-2141599610-3686422417-2726379419)`"
    "msPKI-Key-Usage`DWORD`2`"
)
# A console-made template of version 4 with everything the console writes.
CONSOLE = (
    "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-Key-Usage`DWORD`16777215`"
    "msPKI-RA-Application-Policies`PZPWSTR`1.3.6.1.4.1.311.20.2.1,1.3.6.1.5.5.7.3.2`"
    "msPKI-Symmetric-Algorithm`PZPWSTR`3DES`msPKI-Symmetric-Key-Length`DWORD`168`"
)


@pytest.mark.parametrize("text", [OCSP, CONSOLE, "", "a`b`c`", "a`b```b`d`"])
def test_text_survives_byte_for_byte(text: str) -> None:
    assert triplets.format_triplets(triplets.parse_triplets(text)) == text


def test_closing_separator_may_be_missing_and_is_then_written() -> None:
    assert triplets.format_triplets(triplets.parse_triplets(CONSOLE.removesuffix("`"))) == CONSOLE


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (triplets.ASYMMETRIC_ALGORITHM, "RSA"),
        (triplets.HASH_ALGORITHM, "SHA1"),
        (triplets.KEY_USAGE, "2"),
        ("MSPKI-KEY-USAGE", "2"),
        (triplets.SYMMETRIC_ALGORITHM, None),
    ],
)
def test_reading(name: str, value: str | None) -> None:
    assert triplets.get(triplets.parse_triplets(OCSP), name) == value


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        pytest.param("", triplets.HASH_ALGORITHM, "SHA256", "msPKI-Hash-Algorithm`PZPWSTR`SHA256`", id="first of all"),
        pytest.param("", triplets.KEY_USAGE, "2", "msPKI-Key-Usage`DWORD`2`", id="number"),
        pytest.param(
            CONSOLE, triplets.HASH_ALGORITHM, "SHA512", CONSOLE.replace("SHA256", "SHA512"), id="where it stands"
        ),
        pytest.param(
            CONSOLE.replace("msPKI-Hash", "MSPKI-HASH"),
            triplets.HASH_ALGORITHM,
            "SHA512",
            CONSOLE.replace("SHA256", "SHA512"),
            id="whatever its letter case",
        ),
        pytest.param(
            CONSOLE.replace("msPKI-RA-Application-Policies`PZPWSTR`1.3.6.1.4.1.311.20.2.1,1.3.6.1.5.5.7.3.2`", ""),
            triplets.RA_APPLICATION_POLICIES,
            "1.3.6.1.4.1.311.20.2.1,1.3.6.1.5.5.7.3.2",
            CONSOLE,
            id="at its alphabetical place",
        ),
        pytest.param(
            CONSOLE.replace("msPKI-Symmetric-Key-Length`DWORD`168`", ""),
            triplets.SYMMETRIC_KEY_LENGTH,
            "168",
            CONSOLE,
            id="at the end",
        ),
        pytest.param(
            CONSOLE.replace("msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`", ""),
            triplets.ASYMMETRIC_ALGORITHM,
            "RSA",
            CONSOLE,
            id="at the beginning",
        ),
        pytest.param(
            OCSP,
            triplets.KEY_SECURITY_DESCRIPTOR,
            None,
            "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA1`msPKI-Key-Usage`DWORD`2`",
            id="taken out",
        ),
        pytest.param(OCSP, triplets.SYMMETRIC_ALGORITHM, None, OCSP, id="was not there"),
        pytest.param(
            "msPKI-Future`BLOB`xyz`msPKI-Key-Usage`DWORD`2`",
            triplets.HASH_ALGORITHM,
            "SHA256",
            "msPKI-Future`BLOB`xyz`msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-Key-Usage`DWORD`2`",
            id="unknown names and types stay",
        ),
    ],
)
def test_writing(before: str, name: str, value: str | None, after: str) -> None:
    changed = triplets.put(triplets.parse_triplets(before), name, value)
    assert triplets.format_triplets(changed) == after
    assert triplets.get(changed, name) == value


@pytest.mark.parametrize("text", ["a", "`", "a`b", "a`b`", "a`b`c`d", "a`b`c`d`", "a`b`c`d`e`", "a`b`c``"])
def test_incomplete_triplets_are_refused(text: str) -> None:
    message = re.escape(f"'{text}' is not a sequence of name`type`value`")
    with pytest.raises(ValueError, match=f"^{message}$"):
        triplets.parse_triplets(text)


_part = st.text(st.characters(exclude_characters="`", codec="utf-8"), max_size=12)
_triplets = st.lists(st.builds(triplets.Triplet, _part, _part, _part), max_size=6).map(tuple)


@settings(deadline=None)
@given(_triplets)
def test_triplets_survive_their_text(given_triplets: tuple[triplets.Triplet, ...]) -> None:
    assert triplets.parse_triplets(triplets.format_triplets(given_triplets)) == given_triplets


@settings(deadline=None)
@given(_triplets, _part, _part | st.none())
def test_writing_one_leaves_the_others(
    given_triplets: tuple[triplets.Triplet, ...], name: str, value: str | None
) -> None:
    changed = triplets.put(given_triplets, name, value)
    assert triplets.get(changed, name) == value

    def others(found: tuple[triplets.Triplet, ...]) -> list[triplets.Triplet]:
        return [triplet for triplet in found if triplet.name.casefold() != name.casefold()]

    assert others(changed) == others(given_triplets)
