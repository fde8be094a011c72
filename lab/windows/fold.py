# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparing names as Windows does: letter by letter in capitals, never longer than before."""

from __future__ import annotations


def fold(text: str) -> str:
    """What two names have in common that differ only in case.

    Windows maps each UTF-16 unit to one other (the file system's $UpCase, the registry's RtlUpcaseUnicodeChar). What
    becomes several letters in capitals (ß), or lies outside of the basic plane, therefore stays as it is.
    """
    if text.isascii():
        return text.upper()
    return "".join(_upper(letter) for letter in text)


def _upper(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 and ord(letter) <= 0xFFFF else letter
