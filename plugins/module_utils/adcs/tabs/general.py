# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab General: names, periods and publication of the certificates in Active Directory.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from ..fields import Field, OptionError, Vocabulary, bit, with_value
from ..flags import EnrollmentFlag
from ..period import format_period, parse_period

TAB = "general"


def _period(option: str, attribute: str) -> Field:
    def parse(text: str, _vocabulary: Vocabulary) -> int:
        try:
            return parse_period(text)
        except ValueError as exc:
            raise OptionError(f"{TAB}.{option}", str(exc)) from exc

    return Field(
        TAB,
        option,
        get=lambda template: getattr(template, attribute),
        put=lambda template, ticks: with_value(template, attribute, ticks),
        parse=parse,
        show=lambda ticks, _vocabulary: format_period(ticks),
    )


FIELDS: tuple[Field, ...] = (
    _period("validity_period", "validity_period"),
    _period("renewal_period", "renewal_period"),
    bit(TAB, "publish_to_active_directory", "enrollment_flags", EnrollmentFlag.PUBLISH_TO_DS),
    bit(
        TAB,
        "do_not_reenroll_if_published",
        "enrollment_flags",
        EnrollmentFlag.AUTO_ENROLLMENT_CHECK_USER_DS_CERTIFICATE,
    ),
)
