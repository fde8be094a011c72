# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Thumbprints of certificates as people write them.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import unicodedata

#: SHA-1 in hexadecimal digits.
DIGITS = 40


def normal(text: str) -> str:
    """A thumbprint in upper case, without what comes along when it is copied.

    Windows' dialog of a certificate puts blanks between the octets, and a mark that nobody sees (U+200E) before the
    first one; other programs put colons there.

    Raises:
        ValueError: It is no thumbprint.
    """
    seen = "".join(one for one in text if one != ":" and not unicodedata.category(one).startswith(("Z", "C")))
    if not re.fullmatch(rf"[0-9A-Fa-f]{{{DIGITS}}}", seen):
        has = f"this has {len(seen)} characters"
        raise ValueError(f"'{seen}' is no thumbprint, which has {DIGITS} hexadecimal digits ({has})")
    return seen.upper()
