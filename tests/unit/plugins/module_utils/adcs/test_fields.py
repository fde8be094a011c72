# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of edits of the form {add, remove, set}."""

from __future__ import annotations

import pytest
from ansible_collections.certops.intune.plugins.module_utils.adcs.fields import edited, unique
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("", ""),
        ("a b c", "a b c"),
        ("a b A", "a b"),
        ("B a b A c", "B a c"),
        ("ß SS ss", "ß"),  # letter case in the sense of Unicode, not of ASCII
    ],
)
def test_repetitions_go_and_the_first_stays_where_it_is(values: str, expected: str) -> None:
    assert unique(values.split()) == tuple(expected.split())


@pytest.mark.parametrize(
    ("current", "add", "remove", "set_", "expected"),
    [
        pytest.param("a b", None, None, None, "a b", id="nothing asked"),
        pytest.param("a b", "", "", None, "a b", id="nothing to add or remove"),
        pytest.param("a b", "c", None, None, "a b c", id="added at the end"),
        pytest.param("a b", "B", None, None, "a b", id="added what is there in another spelling"),
        pytest.param("a b", None, "A", None, "b", id="removed in another spelling"),
        pytest.param("a b", None, "c", None, "a b", id="removed what is not there"),
        pytest.param("a b", "c", "a", None, "b c", id="added and removed"),
        pytest.param("a b", None, None, "", "", id="set to nothing"),
        pytest.param("a b", None, None, "B A", "a b", id="set to what is there keeps order and spelling"),
        pytest.param("a b", None, None, "c B", "b c", id="set to another list keeps what stays in place"),
        pytest.param("a b", "d", None, "c", "c d", id="set and add"),
        pytest.param("", "x X", None, None, "x", id="added twice"),
    ],
)
def test_edited(current: str, add: str | None, remove: str | None, set_: str | None, expected: str) -> None:
    def words(text: str | None) -> list[str] | None:
        return None if text is None else text.split()

    assert edited(current.split(), words(add), words(remove), words(set_)) == tuple(expected.split())


_lists = st.lists(st.sampled_from("aAbBcCß"), max_size=5)


@settings(deadline=None)
@given(_lists, st.none() | _lists, st.none() | _lists, st.none() | _lists)
def test_edits_mean_what_they_say_and_are_done_once(
    current: list[str], add: list[str] | None, remove: list[str] | None, set_: list[str] | None
) -> None:
    def folded(values: list[str] | tuple[str, ...] | None) -> set[str]:
        return {value.casefold() for value in values or ()}

    # What is in add and in remove is refused before.
    remove = None if remove is None else [value for value in remove if value.casefold() not in folded(add)]
    result = edited(current, add, remove, set_)
    if set_ is not None:
        assert folded(result) == folded(set_) | folded(add)
    else:
        assert folded(result) == folded(current) - folded(remove) | folded(add)
    assert len(result) == len(folded(result))
    assert edited(result, add, None if set_ is not None else remove, set_) == result
