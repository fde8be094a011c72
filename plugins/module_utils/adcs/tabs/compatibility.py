# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Compatibility: the oldest certification authority and the oldest recipient (MS-CRTD 2.27).

The schema version is chosen once, when the template is created (creation.py); the two nibbles move freely afterwards.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..fields import Field, OptionError
from ..flags import CLIENT_VERSION_SHIFT, SERVER_VERSION_SHIFT, VERSION_MASK
from ..template import Template

TAB = "compatibility"

#: The word for each value of a nibble: the server release of the pair that the console shows
#: (recipient 2003 = Windows XP / Server 2003, 2008 = Vista, 2008r2 = 7, 2012 = 8, 2012r2 = 8.1, 2016 = 10).
RELEASES: dict[int, str] = {1: "2003", 2: "2008", 3: "2008r2", 4: "2012", 5: "2012r2", 6: "2016"}
NUMBERS: dict[str, int] = {word: number for number, word in RELEASES.items()}
#: What a nibble of zero means: the oldest release that knows the schema version.
_UNTOUCHED: dict[int, str] = {2: "2003", 3: "2008", 4: "2012"}


def nibble(template: Template, shift: int) -> int:
    return template.private_key_flags >> shift & VERSION_MASK


def with_nibble(template: Template, shift: int, number: int) -> Template:
    return replace(template, private_key_flags=template.private_key_flags & ~(VERSION_MASK << shift) | number << shift)


def _get(shift: int) -> t.Callable[[Template], str | None]:
    return lambda template: (
        RELEASES.get(nibble(template, shift)) if nibble(template, shift) else _UNTOUCHED.get(template.schema_version)
    )


def _put(option: str, shift: int) -> t.Callable[[Template, str], Template]:
    def put(template: Template, release: str) -> Template:
        if template.schema_version < 2:
            raise OptionError(
                f"{TAB}.{option}", "a template of schema version 1 has no compatibility settings; duplicate it instead"
            )
        return with_nibble(template, shift, NUMBERS[release])

    return put


def _field(option: str, shift: int) -> Field:
    return Field(
        TAB,
        option,
        get=_get(shift),
        put=_put(option, shift),
        exported=lambda template: template.schema_version > 1 and nibble(template, shift) in RELEASES,
    )


FIELDS: tuple[Field, ...] = (
    _field("certification_authority", SERVER_VERSION_SHIFT),
    _field("certificate_recipient", CLIENT_VERSION_SHIFT),
)
