# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of a certificate template, one module for each tab of the console.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from ..fields import Field
from . import (
    advanced,
    compatibility,
    cryptography,
    extensions,
    general,
    issuance_requirements,
    key_attestation,
    request_handling,
    server,
    subject_name,
)

#: In the order in which they are applied: what a later one writes may depend on an earlier one (the provider category
#: decides
#: where the issuance requirements are kept), and C(advanced) has the last word.
FIELDS: tuple[Field, ...] = (
    *compatibility.FIELDS,
    *general.FIELDS,
    *cryptography.FIELDS,
    *request_handling.FIELDS,
    *key_attestation.FIELDS,
    *subject_name.FIELDS,
    *server.FIELDS,
    *issuance_requirements.FIELDS,
    *extensions.FIELDS,
    *advanced.FIELDS,
)
BY_PATH: dict[str, Field] = {field.path: field for field in FIELDS}
