# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The string of triplets in msPKI-RA-Application-Policies of templates that use a key storage provider.

Schema version 3, and 4 without USE_LEGACY_PROVIDER, keep their cryptography there: C(name`type`value`) repeated
(MS-CRTD 2.23).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

SEPARATOR = "`"
ASYMMETRIC_ALGORITHM = "msPKI-Asymmetric-Algorithm"
HASH_ALGORITHM = "msPKI-Hash-Algorithm"
KEY_SECURITY_DESCRIPTOR = "msPKI-Key-Security-Descriptor"
KEY_USAGE = "msPKI-Key-Usage"
RA_APPLICATION_POLICIES = "msPKI-RA-Application-Policies"
SYMMETRIC_ALGORITHM = "msPKI-Symmetric-Algorithm"
SYMMETRIC_KEY_LENGTH = "msPKI-Symmetric-Key-Length"

#: Names whose value is a number; all others are text (MS-CRTD 2.23).
_NUMBERS = frozenset({KEY_USAGE, SYMMETRIC_KEY_LENGTH})


class Triplet(t.NamedTuple):
    name: str
    type: str
    value: str


def is_triplets(text: str) -> bool:
    return SEPARATOR in text


def parse_triplets(text: str) -> tuple[Triplet, ...]:
    """The triplets of O(text) in their order, unknown names and types kept.

    Raises ValueError when one is incomplete.
    """
    parts = text.removesuffix(SEPARATOR).split(SEPARATOR) if text else []
    if len(parts) % 3:
        raise ValueError(f"'{text}' is not a sequence of name{SEPARATOR}type{SEPARATOR}value{SEPARATOR}")
    return tuple(Triplet(*parts[index : index + 3]) for index in range(0, len(parts), 3))


def format_triplets(triplets: t.Iterable[Triplet]) -> str:
    """The text of O(triplets), with the closing separator that the console writes."""
    return "".join(f"{SEPARATOR.join(triplet)}{SEPARATOR}" for triplet in triplets)


def get(triplets: t.Iterable[Triplet], name: str) -> str | None:
    return next((triplet.value for triplet in triplets if triplet.name.casefold() == name.casefold()), None)


def put(triplets: t.Sequence[Triplet], name: str, value: str | None) -> tuple[Triplet, ...]:
    """O(triplets) with O(name) set to O(value) where it stands, or at its alphabetical place; without it when None."""
    kept = [triplet for triplet in triplets if triplet.name.casefold() != name.casefold()]
    if value is None:
        return tuple(kept)
    new = Triplet(name, "DWORD" if name in _NUMBERS else "PZPWSTR", value)
    for index, triplet in enumerate(triplets):
        if triplet.name.casefold() == name.casefold():
            return (*triplets[:index], new, *triplets[index + 1 :])
    position = sum(1 for triplet in kept if triplet.name < name)
    return (*kept[:position], new, *kept[position:])
