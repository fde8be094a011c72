# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text from a directory made fit to be shown: nothing invisible, nothing that turns its surroundings around.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
import unicodedata

#: Control, format (the marks of writing direction among them), surrogate, private and unassigned characters, and the
#: separators of lines and paragraphs.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """O(text) with each character that cannot be seen, or moves others, written as its code point."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        f"[U+{ord(character):04X}]" if unicodedata.category(character) in _HIDDEN else character for character in text
    )


def all_visible(value: t.Any) -> t.Any:
    """A document of dictionaries, lists and scalars with every string in it made visible, keys left alone."""
    if isinstance(value, str):
        # Not as the subclass that Ansible may hand over.
        return visible(str(value))
    if isinstance(value, dict):
        return {str(key): all_visible(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [all_visible(each) for each in value]
    return value


def width(text: str) -> float:
    """About how wide O(text) is in a proportional face, in ems."""
    return sum(_em(character) for character in text)


def shortened(text: str, ems: float) -> str:
    """O(text), with its middle left out where it is wider than O(ems). Ends tell names apart more than middles."""
    if width(text) <= ems:
        return text
    ems -= 1
    head: list[str] = []
    tail: list[str] = []
    used, front, back = 0.0, 0, len(text) - 1
    while front <= back:
        take_head = sum(map(_em, head)) <= 1.4 * sum(map(_em, tail))
        character = text[front] if take_head else text[back]
        used += _em(character)
        if used > ems:
            break
        if take_head:
            head.append(character)
            front += 1
        else:
            tail.append(character)
            back -= 1
    return "".join(head).rstrip() + "\u2026" + "".join(reversed(tail)).lstrip()


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if unicodedata.combining(character):
        return 0.0
    if character in "mwMW@%":
        return 0.86
    if character in " iljtfrI.,:;'|!()[]-":
        return 0.35
    return 0.68 if character.isupper() or character.isdigit() else 0.56
