# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Issuance Requirements: approval, signatures of registration authorities, and what a renewal needs.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from dataclasses import replace

from .. import keystore
from ..fields import Field, bit, number
from ..flags import EnrollmentFlag
from ..template import Template
from .policies import (
    parse_application_policies,
    parse_issuance_policies,
    show_application_policies,
    show_issuance_policies,
)

TAB = "issuance_requirements"

_REENROLLMENT = {"same_criteria_as_for_enrollment": False, "valid_existing_certificate": True}
_MASK = EnrollmentFlag.PREVIOUS_APPROVAL_VALIDATE_REENROLLMENT


def _get_reenrollment(template: Template) -> str:
    valid = bool(template.enrollment_flags & _MASK)
    return next(word for word, bit_is_set in _REENROLLMENT.items() if bit_is_set == valid)


def _put_reenrollment(template: Template, word: str) -> Template:
    flags = template.enrollment_flags
    return replace(template, enrollment_flags=flags | _MASK if _REENROLLMENT[word] else flags & ~_MASK)


FIELDS: tuple[Field, ...] = (
    bit(TAB, "manager_approval", "enrollment_flags", EnrollmentFlag.PEND_ALL_REQUESTS),
    number(TAB, "authorized_signatures", "ra_signatures", 0, 0x7FFFFFFF),
    Field(
        TAB,
        "application_policies",
        keystore.get_policies,
        keystore.put_policies,
        parse=parse_application_policies(f"{TAB}.application_policies"),
        show=show_application_policies,
        editable=True,
    ),
    Field(
        TAB,
        "issuance_policies",
        lambda template: template.ra_policies,
        lambda template, oids: replace(template, ra_policies=oids),
        parse=parse_issuance_policies(f"{TAB}.issuance_policies"),
        show=show_issuance_policies,
        editable=True,
    ),
    Field(TAB, "reenrollment", _get_reenrollment, _put_reenrollment),
    bit(
        TAB,
        "allow_key_based_renewal",
        "enrollment_flags",
        EnrollmentFlag.ALLOW_PREVIOUS_APPROVAL_KEYBASEDRENEWAL_VALIDATE_REENROLLMENT,
    ),
)
