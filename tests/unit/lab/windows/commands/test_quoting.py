# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines: Microsoft's examples, and everything that is quoted is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.commands.quoting import quote, split


@pytest.mark.parametrize(
    "line, words",
    [
        ("", []),
        ("   ", []),
        ("whoami", ["whoami"]),
        ("whoami  /user\t/fo list", ["whoami", "/user", "/fo", "list"]),
        (r'"C:\Program Files\x.exe" /a', [r"C:\Program Files\x.exe", "/a"]),
        (r'"C:\x\"y z', ["C:\\x\\", "y", "z"]),
        # Parsing C++ command-line arguments (Microsoft Learn).
        ('p "abc" d e', ["p", "abc", "d", "e"]),
        (r'p a\\b d"e f"g h', ["p", r"a\\b", "de fg", "h"]),
        (r"p a\\\"b c d", ["p", r"a\"b", "c", "d"]),
        (r'p a\\\\"b c" d e', ["p", r"a\\b c", "d", "e"]),
        ('p "a""b" c', ["p", 'a"b c']),
        ('p "" x', ["p", "", "x"]),
    ],
)
def test_words_of_a_line(line: str, words: list[str]) -> None:
    assert split(line) == words


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)))
def test_quoted_arguments_are_read_back(arguments: list[str]) -> None:
    # PowerShell's \s is wider than what separates words, so that more is quoted than needed.
    assert split(" ".join(["p", *map(quote, arguments)])) == ["p", *arguments]


@given(st.text())
def test_every_text_has_words(line: str) -> None:
    assert all(isinstance(word, str) for word in split(line))
