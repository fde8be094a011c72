# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a template keeps what only key storage providers know, and the policies its RA signatures must have.

Both share msPKI-RA-Application-Policies: plain OIDs while the provider category is legacy, one string of triplets
otherwise (MS-CRTD 2.23). Triplets stay behind when the category goes back to legacy; the category decides which of the
two is read.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from . import triplets
from .flags import PrivateKeyFlag
from .template import Template

#: What the console writes beside the algorithm when a template first gets a key storage provider, archival or not.
_DEFAULTS: tuple[tuple[str, str], ...] = (
    (triplets.ASYMMETRIC_ALGORITHM, "RSA"),
    (triplets.HASH_ALGORITHM, "SHA256"),
    (triplets.KEY_USAGE, "16777215"),
    (triplets.SYMMETRIC_ALGORITHM, "3DES"),
    (triplets.SYMMETRIC_KEY_LENGTH, "168"),
)


def _string(template: Template) -> str:
    return next((value for value in template.ra_application_policies if triplets.is_triplets(value)), "")


def get(template: Template, name: str) -> str | None:
    """The triplet O(name); None for a legacy provider, and for a triplet that is absent or unreadable."""
    if template.legacy_provider:
        return None
    try:
        return triplets.get(triplets.parse_triplets(_string(template)), name)
    except ValueError:
        return None


def put(template: Template, name: str, value: str | None) -> Template:
    """O(template) with the triplet O(name); ValueError when the triplets that are there cannot be read."""
    parsed = triplets.put(triplets.parse_triplets(_string(template)), name, value)
    text = triplets.format_triplets(parsed)
    plain = tuple(item for item in template.ra_application_policies if not triplets.is_triplets(item))
    return replace(template, ra_application_policies=(*plain, text) if text else plain)


def get_policies(template: Template) -> tuple[str, ...]:
    """The application policies that an RA certificate must have."""
    if template.legacy_provider:
        return tuple(item for item in template.ra_application_policies if not triplets.is_triplets(item))
    text = get(template, triplets.RA_APPLICATION_POLICIES)
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else ()


def put_policies(template: Template, oids: t.Sequence[str]) -> Template:
    if template.legacy_provider:
        kept = tuple(item for item in template.ra_application_policies if triplets.is_triplets(item))
        return replace(template, ra_application_policies=(*oids, *kept))
    return put(template, triplets.RA_APPLICATION_POLICIES, ",".join(oids) or None)


def with_category(template: Template, legacy: bool) -> Template:
    """A template of schema version 4 moved to the other provider category, its RA policies with it."""
    policies = get_policies(template)
    flag = PrivateKeyFlag.USE_LEGACY_PROVIDER
    flags = template.private_key_flags | flag if legacy else template.private_key_flags & ~flag
    moved = replace(template, private_key_flags=flags)
    return put_policies(moved if legacy else with_defaults(_without_plain(moved)), policies)


def with_defaults(template: Template) -> Template:
    """O(template) with the triplets that the console always writes, where they are missing."""
    for name, value in _DEFAULTS:
        if get(template, name) is None:
            template = put(template, name, value)
    return template


def _without_plain(template: Template) -> Template:
    return replace(
        template, ra_application_policies=tuple(filter(triplets.is_triplets, template.ra_application_policies))
    )
