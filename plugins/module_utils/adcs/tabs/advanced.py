# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no tab of the console shows: whole flag words and single attributes, exactly.

An export names them only where the tabs alone would not give the same object; a person hardly ever needs them.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..fields import Field, OptionError, Vocabulary, number, word_of
from ..flags import EnrollmentFlag, GeneralFlag, NameFlag, PrivateKeyFlag
from ..template import Template

TAB = "advanced"

#: Attributes of Template in the order of the options below, with the option's name. schema_version is not among them.
EXACT: dict[str, str] = {
    "general_flags": "general_flags",
    "name_flags": "name_flags",
    "enrollment_flags": "enrollment_flags",
    "private_key_flags": "private_key_flags",
    "key_spec": "key_spec",
    "maximum_issuing_depth": "maximum_issuing_depth",
    "ra_application_policies": "ra_application_policies",
}


def _put_version(template: Template, version: int) -> Template:
    raise OptionError(
        f"{TAB}.schema_version",
        f"is fixed when a template is created; '{template.name}' has {template.schema_version}, not {version}",
    )


def _texts(texts: t.Sequence[str], _vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(texts)


FIELDS: tuple[Field, ...] = (
    Field(TAB, "schema_version", lambda template: template.schema_version, _put_version),
    word_of(TAB, "general_flags", "general_flags", GeneralFlag),
    word_of(TAB, "name_flags", "name_flags", NameFlag),
    word_of(TAB, "enrollment_flags", "enrollment_flags", EnrollmentFlag),
    word_of(TAB, "private_key_flags", "private_key_flags", PrivateKeyFlag),
    number(TAB, "key_spec", "key_spec", 1, 2),
    number(TAB, "maximum_issuing_depth", "maximum_issuing_depth", -1, 0x7FFFFFFF),
    Field(
        TAB,
        "ra_application_policies",
        lambda template: template.ra_application_policies,
        lambda template, texts: replace(template, ra_application_policies=texts),
        parse=_texts,
        show=lambda texts, _vocabulary: list(texts),
    ),
)
