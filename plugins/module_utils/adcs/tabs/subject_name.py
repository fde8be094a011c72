# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Subject Name: who says what stands in the certificate (MS-CRTD 2.28).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import replace

from ..fields import Field, OptionError, Vocabulary, bit, with_bits
from ..flags import EnrollmentFlag, NameFlag
from ..names import OLD_SUBJECT_ALTERNATIVE_NAME
from ..template import Template

TAB = "subject_name"
SUPPLY = "supply_in_request"
DIRECTORY = "active_directory"

_FORMATS: dict[str, int] = {
    "fully_distinguished_name": NameFlag.SUBJECT_REQUIRE_DIRECTORY_PATH,
    "common_name": NameFlag.SUBJECT_REQUIRE_COMMON_NAME,
    "dns_name": NameFlag.SUBJECT_REQUIRE_DNS_AS_CN,
}
_FORMAT_MASK = sum(_FORMATS.values())
_ALTERNATE: dict[str, int] = {
    "email": NameFlag.SUBJECT_ALT_REQUIRE_EMAIL,
    "dns_name": NameFlag.SUBJECT_ALT_REQUIRE_DNS,
    "upn": NameFlag.SUBJECT_ALT_REQUIRE_UPN,
    "spn": NameFlag.SUBJECT_ALT_REQUIRE_SPN,
    # The console shows no boxes for these two; built-in templates of domain controllers have them.
    "directory_guid": NameFlag.SUBJECT_ALT_REQUIRE_DIRECTORY_GUID,
    "domain_dns_name": NameFlag.SUBJECT_ALT_REQUIRE_DOMAIN_DNS,
}
#: What the console clears when a template is switched to "Supply in the request". The two bits without a box survive.
_CONSOLE_MASK = (
    _FORMAT_MASK
    | NameFlag.SUBJECT_REQUIRE_EMAIL
    | NameFlag.SUBJECT_ALT_REQUIRE_EMAIL
    | NameFlag.SUBJECT_ALT_REQUIRE_DNS
    | NameFlag.SUBJECT_ALT_REQUIRE_UPN
    | NameFlag.SUBJECT_ALT_REQUIRE_SPN
)


def supplied(template: Template) -> bool:
    return bool(template.name_flags & NameFlag.ENROLLEE_SUPPLIES_SUBJECT)


def _get_source(template: Template) -> str:
    return SUPPLY if supplied(template) else DIRECTORY


def _put_source(template: Template, source: str) -> Template:
    name, enrollment = template.name_flags, template.enrollment_flags
    if source == SUPPLY:
        name = name & ~_CONSOLE_MASK | NameFlag.ENROLLEE_SUPPLIES_SUBJECT
    else:
        name &= ~(NameFlag.ENROLLEE_SUPPLIES_SUBJECT | NameFlag.OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME)
    # The console keeps this bit in step with the source: only names from the directory can be autoenrolled unattended.
    return replace(
        template,
        name_flags=name,
        enrollment_flags=with_bits(enrollment, EnrollmentFlag.AUTO_ENROLLMENT, source == DIRECTORY),
    )


def _get_format(template: Template) -> str | None:
    if supplied(template):
        return None
    return next((word for word, mask in _FORMATS.items() if template.name_flags & mask), "none")


def _put_format(template: Template, word: str) -> Template:
    _refuse_when_supplied(template, "format")
    changed = replace(template, name_flags=template.name_flags & ~_FORMAT_MASK | _FORMATS.get(word, 0))
    critical = changed.critical_extensions
    if word == "none" and OLD_SUBJECT_ALTERNATIVE_NAME not in critical:
        # An empty subject needs a critical alternative name (RFC 5280 4.1.2.6); the console writes the old OID for it.
        changed = replace(changed, critical_extensions=(*critical, OLD_SUBJECT_ALTERNATIVE_NAME))
    return changed


def _get_alternate(template: Template) -> tuple[str, ...]:
    # Left-over bits under "Supply in the request" mean nothing.
    return () if supplied(template) else tuple(word for word, mask in _ALTERNATE.items() if template.name_flags & mask)


def _put_alternate(template: Template, words: t.Collection[str]) -> Template:
    _refuse_when_supplied(template, "alternate_names")
    flags = template.name_flags
    for word, mask in _ALTERNATE.items():
        flags = with_bits(flags, mask, word in words)
    return replace(template, name_flags=flags)


def _get_email(template: Template) -> bool:
    return not supplied(template) and bool(template.name_flags & NameFlag.SUBJECT_REQUIRE_EMAIL)


def _put_email(template: Template, on: bool) -> Template:
    _refuse_when_supplied(template, "include_email_in_subject")
    return replace(template, name_flags=with_bits(template.name_flags, NameFlag.SUBJECT_REQUIRE_EMAIL, on))


def _refuse_when_supplied(template: Template, option: str) -> None:
    if supplied(template):
        raise OptionError(f"{TAB}.{option}", f"has no meaning while {TAB}.source is {SUPPLY}")


def _in_order(words: t.Collection[str], _vocabulary: Vocabulary) -> tuple[str, ...]:
    return tuple(word for word in _ALTERNATE if word in words)


def _from_directory(template: Template) -> bool:
    return not supplied(template)


FIELDS: tuple[Field, ...] = (
    Field(TAB, "source", _get_source, _put_source),
    bit(TAB, "use_existing_subject_for_renewal", "name_flags", NameFlag.OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME),
    Field(TAB, "format", _get_format, _put_format, exported=_from_directory),
    Field(TAB, "include_email_in_subject", _get_email, _put_email, exported=_from_directory),
    Field(
        TAB,
        "alternate_names",
        _get_alternate,
        _put_alternate,
        parse=_in_order,
        show=lambda words, _vocabulary: list(words),
        exported=_from_directory,
    ),
)
