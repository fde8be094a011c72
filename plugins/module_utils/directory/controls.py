# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls that Active Directory wants with some requests (MS-ADTS 3.1.1.3.4.1).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from . import native

SD_FLAGS = "1.2.840.113556.1.4.801"
PERMISSIVE_MODIFY = "1.2.840.113556.1.4.1413"
EXTENDED_DN = "1.2.840.113556.1.4.529"
SEARCH_OPTIONS = "1.2.840.113556.1.4.1340"


def read_controls(
    *, sd_flags: int | None = None, extended_dn: bool = False, all_partitions: bool = False
) -> list[native.Control]:
    """The controls of a search, besides that of its pages."""
    controls: list[native.Control] = []
    if sd_flags is not None:
        controls.append(native.control(SD_FLAGS, sd_flags_value(sd_flags)))
    if extended_dn:
        # 1: SIDs as text. Not critical, a server without it sends plain names.
        controls.append(native.control(EXTENDED_DN, _sequence(1), critical=False))
    if all_partitions:
        # 2: SERVER_SEARCH_FLAG_PHANTOM_ROOT, all partitions below the base, whether or not the base exists here.
        controls.append(native.control(SEARCH_OPTIONS, _sequence(2)))
    return controls


def write_controls(*, sd_flags: int | None = None, permissive: bool = False) -> list[native.Control]:
    """The controls of a modify."""
    controls: list[native.Control] = []
    if sd_flags is not None:
        controls.append(native.control(SD_FLAGS, sd_flags_value(sd_flags)))
    if permissive:
        controls.append(native.control(PERMISSIVE_MODIFY))
    return controls


def sd_flags_value(flags: int) -> bytes:
    """The value of the control SD_FLAGS: which parts of a security descriptor are meant."""
    return _sequence(flags)


def _sequence(number: int) -> bytes:
    """The BER of a SEQUENCE of one INTEGER from 0 to 127."""
    if not 0 <= number < 128:
        raise ValueError(f"{number} is not a small number")
    return bytes((0x30, 3, 2, 1, number))
