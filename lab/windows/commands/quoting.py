# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines as Windows reads and writes them (CommandLineToArgvW and its inverse)."""

from __future__ import annotations

import re


def split(line: str) -> list[str]:
    """The words of a command line, the program first.

    The program ends at a blank, or at the second quote if it begins with one; backslashes mean nothing in it. In the
    rest 2n backslashes before a quote are n backslashes and a quote that opens or closes, 2n + 1 are n backslashes and
    a quote; two quotes in a quoted part are one (as since Windows Vista) and close it.
    """
    if not line.strip():
        return []
    line = line.lstrip(" \t") if line[0] in " \t" else line
    if line.startswith('"'):
        end = line.find('"', 1)
        first, rest = (line[1:], "") if end < 0 else (line[1:end], line[end + 1 :])
    else:
        found = re.match(r"[^ \t]*", line)
        first = found[0] if found else ""
        rest = line[len(first) :]
    return [first, *_arguments(rest)]


def _arguments(text: str) -> list[str]:
    words: list[str] = []
    at = 0
    while True:
        while at < len(text) and text[at] in " \t":
            at += 1
        if at >= len(text):
            return words
        word, quoted = "", False
        while at < len(text) and (quoted or text[at] not in " \t"):
            slashes = len(text[at:]) - len(text[at:].lstrip("\\"))
            at += slashes
            if at < len(text) and text[at] == '"':
                word += "\\" * (slashes // 2)
                if slashes % 2:
                    word += '"'
                elif quoted and text[at + 1 : at + 2] == '"':
                    word += '"'
                    at += 1
                    quoted = False
                else:
                    quoted = not quoted
                at += 1
            else:
                word += "\\" * slashes
                if at < len(text) and (quoted or text[at] not in " \t"):
                    word += text[at]
                    at += 1
        words.append(word)


def quote(argument: str) -> str:
    """An argument so that `split` gives it back (ConvertTo-EscapedArgument of ansible.windows)."""
    if not argument:
        return '""'
    if not re.search(r'[\s"]', argument):
        return argument
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', argument)
    escaped = re.sub(r"(\\+)\Z", r"\1\1", escaped)
    return f'"{escaped}"'
