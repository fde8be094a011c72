# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Search filters (RFC 4515) built from values, so that no value is ever read as syntax.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

_ESCAPED = str.maketrans({char: f"\\{ord(char):02x}" for char in "\\*()\0"})


def escape(text: str) -> str:
    """O(text) as an assertion value that matches exactly itself."""
    return text.translate(_ESCAPED)


def equals(attribute: str, value: str | bytes) -> str:
    """C((attribute=value)); bytes (a SID, a GUID) are written out byte by byte."""
    text = escape(value) if isinstance(value, str) else "".join(f"\\{byte:02x}" for byte in value)
    return f"({attribute}={text})"


def present(attribute: str) -> str:
    """The objects that have O(attribute) at all."""
    return f"({attribute}=*)"


def any_of(*filters: str) -> str:
    """At least one of O(filters), of which there must be one."""
    return _joined("|", filters)


def all_of(*filters: str) -> str:
    """Every one of O(filters), of which there must be one."""
    return _joined("&", filters)


def _joined(operator: str, filters: tuple[str, ...]) -> str:
    if not filters:
        raise ValueError("a filter of no filters would match nothing or everything")
    return filters[0] if len(filters) == 1 else f"({operator}{''.join(filters)})"
