# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes of files (winnt.h FILE_ATTRIBUTE_*), with the names that .NET writes them by."""

from __future__ import annotations

import enum
from collections.abc import Iterable


class Attributes(enum.IntFlag):
    READ_ONLY = 0x1
    HIDDEN = 0x2
    SYSTEM = 0x4
    DIRECTORY = 0x10
    ARCHIVE = 0x20
    NORMAL = 0x80
    REPARSE_POINT = 0x400
    NOT_CONTENT_INDEXED = 0x2000

    @property
    def names(self) -> list[str]:
        """`["Hidden", "System", "Directory"]`, in the order of the numbers."""
        return [_NAMES[flag] for flag in _NAMES if flag in self]

    def __str__(self) -> str:
        """As .NET writes them: `Hidden, System, Directory`."""
        return ", ".join(self.names) or "0"

    @classmethod
    def named(cls, names: Iterable[str]) -> Attributes:
        """The opposite of `names`; KeyError for a name that is not modelled."""
        found = cls(0)
        for name in names:
            found |= _FLAGS[name]
        return found


_NAMES = {
    Attributes.READ_ONLY: "ReadOnly",
    Attributes.HIDDEN: "Hidden",
    Attributes.SYSTEM: "System",
    Attributes.DIRECTORY: "Directory",
    Attributes.ARCHIVE: "Archive",
    Attributes.NORMAL: "Normal",
    Attributes.REPARSE_POINT: "ReparsePoint",
    Attributes.NOT_CONTENT_INDEXED: "NotContentIndexed",
}
_FLAGS = {name: flag for flag, name in _NAMES.items()}
