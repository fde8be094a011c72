# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words of PowerShell as far as the lab reads it: literals, variables, the pieces of a statement."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Characters that PowerShell takes for single and for double quotes.
SINGLE = "'\u2018\u2019\u201a\u201b"
DOUBLE = '"\u201c\u201d\u201e'

_WORD = re.compile(
    rf"""\s*(?:
        (?P<single>[{SINGLE}](?:[^{SINGLE}]|[{SINGLE}]{{2}})*[{SINGLE}])
      | (?P<double>[{DOUBLE}](?:[^{DOUBLE}`]|`.|[{DOUBLE}]{{2}})*[{DOUBLE}])
      | (?P<bare>[^\s{SINGLE}{DOUBLE}|<>(){{}};&]+)
    )(?=\s|\Z)""",
    re.VERBOSE | re.DOTALL,
)
_SPECIAL = re.compile(r"[$@`,*?\[\]]")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "e"}


@dataclass(frozen=True)
class Word:
    """A word of a statement: its text with quotes taken away, whether it was quoted, and what was written."""

    text: str
    quoted: bool
    written: str
    #: Whether variables in it are still to be replaced.
    expands: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it means just its text."""
        return not self.expands and (self.quoted or not _SPECIAL.search(self.text))


class NotRead(Exception):  # noqa: N818
    """A statement with something in it that the lab does not read."""


def words(statement: str) -> list[Word]:
    """The words of a simple command.

    Raises:
        NotRead: There are pipes, parentheses, blocks or redirections in it.
    """
    found: list[Word] = []
    at = 0
    text = statement.strip()
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            raise NotRead(statement)
        found.append(_word(match))
        at = match.end()
        at += len(text[at:]) - len(text[at:].lstrip())
    return found


def _word(match: re.Match[str]) -> Word:
    written = match[0].strip()
    if match["single"]:
        return Word(re.sub(f"([{SINGLE}])[{SINGLE}]", r"\1", written[1:-1]), True, written)
    if match["double"]:
        inner = re.sub(f"([{DOUBLE}])[{DOUBLE}]", r"\1", written[1:-1])
        expands = "$" in re.sub("`.", "", inner, flags=re.DOTALL)
        if expands and "`" in inner:
            raise NotRead(written)
        plain = re.sub("`(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), inner, flags=re.DOTALL)
        return Word(plain, True, written, expands)
    return Word(written, False, written, written.startswith("$"))


def statements(text: str) -> list[str]:
    """The statements of a text: parts between semicolons and line ends outside of quotes, comments left out.

    Raises:
        NotRead: Quotes, parentheses or blocks do not close.
    """
    found: list[str] = []
    current = ""
    depth = 0
    quote = ""
    at = 0
    while at < len(text):
        letter = text[at]
        if quote:
            current += letter
            if letter == "`" and quote in DOUBLE and at + 1 < len(text):
                at += 1
                current += text[at]
            elif letter in quote:
                quote = ""
        elif letter in SINGLE or letter in DOUBLE:
            quote = SINGLE if letter in SINGLE else DOUBLE
            current += letter
        elif letter == "#" and (not current or current[-1].isspace() or current.strip() == ""):
            while at + 1 < len(text) and text[at + 1] != "\n":
                at += 1
        elif letter == "`" and text[at + 1 : at + 2] in ("\n", "\r"):
            at += 2 if text[at + 1 : at + 3] == "\r\n" else 1
            current += " "
        elif letter in ";\n\r" and depth == 0:
            found.append(current)
            current = ""
        else:
            depth += (letter in "({[") - (letter in ")}]")
            current += letter
        at += 1
    if quote or depth > 0:
        raise NotRead(text)
    return [one.strip() for one in [*found, current] if one.strip()]
