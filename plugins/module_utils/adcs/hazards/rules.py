# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hazards a template has for whoever may enroll: what it is, without its rights.

Each rule says what a reader has to know beside the names of the principals; None when it does not apply. Whether an
authority issues the template does not matter here: one that is not issued today may be tomorrow.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from ..flags import EnrollmentFlag, NameFlag
from ..names import APPLICATION_POLICIES, CLIENT_AUTHENTICATION, SERVER_AUTHENTICATION
from ..template import Template

#: Group that a policy makes its holders members of, by the policy's OID: msDS-OIDToGroupLink of its object.
Links: t.TypeAlias = t.Mapping[str, str]

ANY_PURPOSE = APPLICATION_POLICIES["Any Purpose"]
CERTIFICATE_REQUEST_AGENT = APPLICATION_POLICIES["Certificate Request Agent"]
LOG_ON: t.Final = frozenset(
    {
        CLIENT_AUTHENTICATION,
        APPLICATION_POLICIES["PKINIT Client Authentication"],
        APPLICATION_POLICIES["Smart Card Logon"],
    }
)


def purposes(template: Template) -> frozenset[str]:
    """All that a certificate may be used for by either of its two lists: readers follow one or the other."""
    return frozenset({*template.extended_key_usage, *template.application_policies})


def is_any_purpose(template: Template) -> bool:
    """Whether nothing limits what the certificate is for, which an absent extended key usage does not either."""
    return not template.extended_key_usage or ANY_PURPOSE in purposes(template)


def logs_on(template: Template) -> bool:
    return is_any_purpose(template) or bool(LOG_ON & purposes(template))


def is_open(template: Template) -> bool:
    """Whether a request is granted at once: nobody approves it, no agent signs it."""
    return not template.enrollment_flags & EnrollmentFlag.PEND_ALL_REQUESTS and template.ra_signatures <= 0


def supplies_subject(template: Template) -> bool:
    """ENROLLEE_SUPPLIES_SUBJECT_ALT_NAME (0x10000) is not enough: authorities ignore it (MS-WCCE
    3.2.2.6.2.1.4.5.9).
    """
    return bool(template.name_flags & NameFlag.ENROLLEE_SUPPLIES_SUBJECT)


def esc1(template: Template, _links: Links) -> str | None:
    return "" if supplies_subject(template) and logs_on(template) else None


def esc2(template: Template, _links: Links) -> str | None:
    if not is_any_purpose(template):
        return None
    return "without a list of purposes" if not template.extended_key_usage else "for any purpose"


def esc3(template: Template, _links: Links) -> str | None:
    # A certificate for any purpose is one for this purpose too.
    return "" if is_any_purpose(template) or CERTIFICATE_REQUEST_AGENT in purposes(template) else None


def esc9(template: Template, _links: Links) -> str | None:
    unmarked = template.enrollment_flags & EnrollmentFlag.NO_SECURITY_EXTENSION
    return "" if unmarked and logs_on(template) else None


def esc13(template: Template, links: Links) -> str | None:
    groups = sorted({links[oid] for oid in template.certificate_policies if oid in links})
    return ", ".join(groups) if groups and logs_on(template) else None


def esc15(template: Template, _links: Links) -> str | None:
    return "" if template.schema_version <= 1 and supplies_subject(template) else None


def esc17(template: Template, _links: Links) -> str | None:
    serves = is_any_purpose(template) or SERVER_AUTHENTICATION in purposes(template)
    return "" if supplies_subject(template) and serves else None


Rule: t.TypeAlias = t.Callable[[Template, Links], str | None]
#: Those that need the right to enroll in an open template.
RULES: t.Final[t.Mapping[str, Rule]] = {
    "ESC1": esc1,
    "ESC2": esc2,
    "ESC3": esc3,
    "ESC9": esc9,
    "ESC13": esc13,
    "ESC15": esc15,
    "ESC17": esc17,
}


def shapes(template: Template, links: Links) -> dict[str, str]:
    """The ids of the rules that hold for whoever may enroll, each with what its sentence needs."""
    if not is_open(template):
        return {}
    found = {id_: rule(template, links) for id_, rule in RULES.items()}
    return {id_: detail for id_, detail in found.items() if detail is not None}
