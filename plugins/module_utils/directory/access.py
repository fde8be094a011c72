# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access rights on directory objects: the bits of a mask (MS-ADTS 5.1.3.2). Data, and the one conversion it needs.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

CREATE_CHILD, DELETE_CHILD, LIST_CONTENTS, SELF = 0x1, 0x2, 0x4, 0x8
READ_PROPERTY, WRITE_PROPERTY, DELETE_TREE, LIST_OBJECT = 0x10, 0x20, 0x40, 0x80
CONTROL_ACCESS, DELETE, READ_CONTROL, WRITE_DAC, WRITE_OWNER = 0x100, 0x10000, 0x20000, 0x40000, 0x80000

READ = LIST_CONTENTS | READ_PROPERTY | READ_CONTROL
GENERIC_READ = READ | LIST_OBJECT
#: Everything but the extended rights: what the built-in templates give to the administrators.
MANAGE = 0xF00FF
FULL = MANAGE | CONTROL_ACCESS

#: The generic rights and what they stand for on an object of the directory.
GENERIC: dict[int, int] = {
    0x80000000: GENERIC_READ,
    0x40000000: READ_CONTROL | WRITE_PROPERTY | SELF,
    0x20000000: READ_CONTROL | LIST_CONTENTS,
    0x10000000: FULL,
}


def mapped(mask: int) -> int:
    """O(mask) with its generic rights spelled out."""
    for generic, specific in GENERIC.items():
        if mask & generic:
            mask = mask & ~generic | specific
    return mask
