# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files: the spellings of a path that mean the same, what is no path, and wildcards."""

from __future__ import annotations

import re

from .errors import InvalidPath

#: Characters that no name has (besides the control characters), and what begins a path that is taken as it is.
FORBIDDEN = '<>:"|?*'
_VERBATIM = ("\\\\?\\", "\\??\\")
_DRIVE = re.compile(r"^([A-Za-z]):(?=\\|$)")
#: Longest name of one file (NTFS).
NAME_LENGTH = 255


def normal(path: str) -> str:
    """A full path in its normal form: `C:\\Users\\x`, a drive as `C:\\`.

    `/` is `\\`, `.` and `..` are worked out, a trailing separator and the dots and blanks at the end of a name are left
    out, as Win32 does it (GetFullPathName).

    Raises:
        InvalidPath: The path is not full, is on another computer, or has a name that can be none.
    """
    drive, names = split(path)
    return drive + "\\" + "\\".join(names)


def split(path: str) -> tuple[str, tuple[str, ...]]:
    """The drive (`C:`) and the names below it, of a full path in any spelling."""
    plain = path.replace("/", "\\")
    verbatim = next((begin for begin in _VERBATIM if plain.startswith(begin)), "")
    plain = plain[len(verbatim) :]
    found = _DRIVE.match(plain)
    if not found:
        raise InvalidPath(f"{path} is no path that begins with a drive")
    names: list[str] = []
    for name in plain[2:].split("\\"):
        if name == "..":
            del names[-1:]
        elif name not in ("", "."):
            names.append(name if verbatim else name.rstrip(". ") or name)
    for name in names:
        if any(letter in FORBIDDEN or letter < " " for letter in name):
            raise InvalidPath(f"{path} has a character in it that no name has", illegal=True)
        if len(name) > NAME_LENGTH:
            raise InvalidPath(f"a name in {path} is longer than {NAME_LENGTH} characters")
    return found[1].upper() + ":", tuple(names)


def is_full(path: str) -> bool:
    """Whether a path begins with a drive and a separator, so that it depends on no current folder."""
    return bool(re.match(r"^(\\\\\?\\|\\\?\?\\)?[A-Za-z]:(\\|$)", path.replace("/", "\\")))


def join(folder: str, name: str) -> str:
    """`Join-Path`: one separator between the two, whichever they came with."""
    return folder.replace("/", "\\").rstrip("\\") + "\\" + name.replace("/", "\\").lstrip("\\")


def leaf(path: str) -> str:
    """`Split-Path -Leaf`: the last name; the drive of a drive."""
    plain = path.replace("/", "\\").rstrip("\\")
    return plain.rpartition("\\")[2]


def above(path: str) -> str:
    """`Split-Path -Parent` of a path: "" for one without a folder and for a drive."""
    plain = path.replace("/", "\\").rstrip("\\")
    head = plain.rpartition("\\")[0]
    return head + "\\" if head.endswith(":") else head


def extension(name: str) -> str:
    """`.txt`; "" if there is none or it is only a dot."""
    dot = name.rfind(".")
    return name[dot:] if 0 <= dot < len(name) - 1 else ""


def like(pattern: str, *, case: bool = False) -> re.Pattern[str]:
    """PowerShell's -like: `*`, `?`, `[a-z]`, and a backtick before what is meant literally."""
    found, place = "", 0
    while place < len(pattern):
        letter = pattern[place]
        place += 1
        if letter == "`" and place < len(pattern):
            found += re.escape(pattern[place])
            place += 1
        elif letter == "*":
            found += ".*"
        elif letter == "?":
            found += "."
        elif letter == "[" and (end := pattern.find("]", place + 1)) > 0:
            found += "[" + re.sub(r"([\\^\[&~|])", r"\\\1", pattern[place:end]) + "]"
            place = end + 1
        else:
            found += re.escape(letter)
    return re.compile(found + r"\Z", re.DOTALL if case else re.DOTALL | re.IGNORECASE)
