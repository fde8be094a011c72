# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tab Server: what the certification authority keeps and says of the certificates.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from ..fields import Field, bit
from ..flags import EnrollmentFlag, GeneralFlag

TAB = "server"

FIELDS: tuple[Field, ...] = (
    bit(TAB, "do_not_store_in_database", "general_flags", GeneralFlag.DONOTPERSISTINDB),
    bit(TAB, "do_not_include_revocation_information", "enrollment_flags", EnrollmentFlag.NOREVOCATIONINFOINISSUEDCERTS),
)
