# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text made fit to be shown."""

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.certops.intune.plugins.plugin_utils.report.text import all_visible, shortened, visible, width
from hypothesis import given
from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    "given_, shown",
    [
        ("CORP\\svc-ndes", "CORP\\svc-ndes"),
        ("Göteborg Østfold 東京", "Göteborg Østfold 東京"),
        ("a\u202etxt\u202c", "a[U+202E]txt[U+202C]"),
        ("\u2066a\u2069\u200f\u061c", "[U+2066]a[U+2069][U+200F][U+061C]"),
        ("tab\tline\nnull\x00", "tab[U+0009]line[U+000A]null[U+0000]"),
        ("\ud800\ue000\u2028", "[U+D800][U+E000][U+2028]"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_what_cannot_be_seen_is_written_out(given_: str, shown: str) -> None:
    assert visible(given_) == shown


@given(ANY_TEXT)
def test_what_is_shown_can_be_seen_and_encoded(text: str) -> None:
    shown = visible(text)
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert shown.encode().decode() == shown
    assert visible(shown) == shown


def test_a_document_is_made_visible_as_a_whole() -> None:
    class Tagged(str):
        """As Ansible hands text over."""

    made = all_visible({"a": [Tagged("x\x07"), 1, None, {"b": ("y\x07", True)}]})
    assert made == {"a": ["x[U+0007]", 1, None, {"b": ["y[U+0007]", True]}]}
    assert type(made["a"][0]) is str


@given(ANY_TEXT, st.floats(2, 30))
def test_shortened_text_fits_and_keeps_its_ends(text: str, ems: float) -> None:
    short = shortened(text, ems)
    if width(text) <= ems:
        assert short == text
        return
    assert width(short) <= ems
    head, mark, tail = short.partition("\u2026")
    assert mark
    assert text.startswith(head)
    assert text.endswith(tail)


def test_the_middle_is_left_out() -> None:
    assert shortened("Domain Controller Authentication", 14) == "Domain Control\u2026hentication"
