# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damage to what was sent."""

from __future__ import annotations

import random


def damaged(data: bytes, seed: int) -> bytes:
    """A payload with a few bytes lost, doubled or changed, or cut."""
    chance = random.Random(seed)
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(5):
            case 0:
                del out[at:]
            case 1:
                del out[at : at + chance.randint(1, 200)]
            case 2:
                out[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 9)))
            case 3 if at < len(out):
                out[at] = chance.randrange(256)
            case _:
                out[at:at] = chance.choice(
                    [b"\0\0\0\0", b"\n\0\0\0\0\n", b"{" * 300, b"[" * 100_000, b'"', b"}", b"null"]
                )
    return bytes(out)
