# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The flag words of a certificate template, by their names in MS-CRTD.

Data only. The names are those of MS-CRTD without the prefix CT_FLAG_; comments say where they differ or matter.
They are numbers and no enum.IntFlag, whose complement knows only the named bits: C(word & ~FLAG) must keep the others.
Directory syntax of all four words is a signed 32-bit integer; in Python they are unsigned (see int32).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from enum import IntEnum


class GeneralFlag(IntEnum):
    """flags (MS-CRTD 2.4)."""

    # Reserved or ignored by MS-CRTD, but present on built-in templates.
    ENROLLEE_SUPPLIES_SUBJECT = 0x1
    ADD_EMAIL = 0x2
    ADD_OBJ_GUID = 0x4
    PUBLISH_TO_DS = 0x8
    EXPORTABLE_KEY = 0x10
    AUTO_ENROLLMENT = 0x20
    MACHINE_TYPE = 0x40
    IS_CA = 0x80
    ADD_DIRECTORY_PATH = 0x100
    ADD_TEMPLATE_NAME = 0x200
    IS_CROSS_CA = 0x800
    DONOTPERSISTINDB = 0x1000
    IS_DEFAULT = 0x10000
    IS_MODIFIED = 0x20000


class EnrollmentFlag(IntEnum):
    """msPKI-Enrollment-Flag (MS-CRTD 2.26)."""

    INCLUDE_SYMMETRIC_ALGORITHMS = 0x1
    PEND_ALL_REQUESTS = 0x2
    PUBLISH_TO_KRA_CONTAINER = 0x4
    PUBLISH_TO_DS = 0x8
    AUTO_ENROLLMENT_CHECK_USER_DS_CERTIFICATE = 0x10
    AUTO_ENROLLMENT = 0x20
    PREVIOUS_APPROVAL_VALIDATE_REENROLLMENT = 0x40
    DOMAIN_AUTHENTICATION_NOT_REQUIRED = 0x80
    USER_INTERACTION_REQUIRED = 0x100
    ADD_TEMPLATE_NAME = 0x200
    REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE = 0x400
    ALLOW_ENROLL_ON_BEHALF_OF = 0x800
    ADD_OCSP_NOCHECK = 0x1000
    ENABLE_KEY_REUSE_ON_NT_TOKEN_KEYSET_STORAGE_FULL = 0x2000
    NOREVOCATIONINFOINISSUEDCERTS = 0x4000
    INCLUDE_BASIC_CONSTRAINTS_FOR_EE_CERTS = 0x8000
    ALLOW_PREVIOUS_APPROVAL_KEYBASEDRENEWAL_VALIDATE_REENROLLMENT = 0x10000
    ISSUANCE_POLICIES_FROM_REQUEST = 0x20000
    SKIP_AUTO_RENEWAL = 0x40000
    NO_SECURITY_EXTENSION = 0x80000


class NameFlag(IntEnum):
    """msPKI-Certificate-Name-Flag (MS-CRTD 2.28)."""

    ENROLLEE_SUPPLIES_SUBJECT = 0x1
    ADD_EMAIL = 0x2
    ADD_OBJ_GUID = 0x4
    OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME = 0x8
    ADD_DIRECTORY_PATH = 0x100
    ENROLLEE_SUPPLIES_SUBJECT_ALT_NAME = 0x10000
    SUBJECT_ALT_REQUIRE_DOMAIN_DNS = 0x400000
    SUBJECT_ALT_REQUIRE_SPN = 0x800000
    SUBJECT_ALT_REQUIRE_DIRECTORY_GUID = 0x1000000
    SUBJECT_ALT_REQUIRE_UPN = 0x2000000
    SUBJECT_ALT_REQUIRE_EMAIL = 0x4000000
    SUBJECT_ALT_REQUIRE_DNS = 0x8000000
    SUBJECT_REQUIRE_DNS_AS_CN = 0x10000000
    SUBJECT_REQUIRE_EMAIL = 0x20000000
    SUBJECT_REQUIRE_COMMON_NAME = 0x40000000
    SUBJECT_REQUIRE_DIRECTORY_PATH = 0x80000000


class PrivateKeyFlag(IntEnum):
    """msPKI-Private-Key-Flag (MS-CRTD 2.27), without the two compatibility nibbles."""

    REQUIRE_PRIVATE_KEY_ARCHIVAL = 0x1
    EXPORTABLE_KEY = 0x10
    STRONG_KEY_PROTECTION_REQUIRED = 0x20
    REQUIRE_ALTERNATE_SIGNATURE_ALGORITHM = 0x40
    REQUIRE_SAME_KEY_RENEWAL = 0x80
    USE_LEGACY_PROVIDER = 0x100
    EK_TRUST_ON_USE = 0x200
    EK_VALIDATE_CERT = 0x400
    EK_VALIDATE_KEY = 0x800
    ATTEST_PREFERRED = 0x1000
    ATTEST_REQUIRED = 0x2000
    ATTESTATION_WITHOUT_POLICY = 0x4000
    HELLO_KSP_KEY = 0x100000
    HELLO_LOGON_KEY = 0x200000


#: The nibbles of msPKI-Private-Key-Flag that the console's tab Compatibility writes (MS-CRTD 2.27:
#: TEMPLATE_SERVER_VER_*
#: and TEMPLATE_CLIENT_VER_*). 0 means that no console of Windows Server 2012 or later has saved the template.
SERVER_VERSION_SHIFT = 16
CLIENT_VERSION_SHIFT = 24
VERSION_MASK = 0xF

_HEX = re.compile(r"0x[0-9a-fA-F]{1,8}\Z")


def to_int32(value: int) -> int:
    """The signed number that the directory stores for the flag word O(value)."""
    return value - (1 << 32) if value >= 1 << 31 else value


def from_int32(value: int) -> int:
    """The unsigned flag word that the directory's signed number O(value) stands for."""
    return value & 0xFFFFFFFF


def flag_names(kind: type[IntEnum], value: int) -> list[str]:
    """The names of the bits of O(value), lowest first; bits without a name as one hexadecimal number at the end."""
    names = [str(flag.name) for flag in kind if value & flag]
    rest = value & ~sum(kind) & 0xFFFFFFFF
    return [*names, f"0x{rest:x}"] if rest else names


def flag_value(kind: type[IntEnum], names: t.Iterable[str]) -> int:
    """The word whose bits are O(names): names of MS-CRTD in any case, or hexadecimal numbers.

    Raises ValueError that lists the valid names.
    """
    value = 0
    for name in names:
        if _HEX.match(name):
            value |= int(name, 16)
        elif name.upper() in kind.__members__:
            value |= kind[name.upper()]
        else:
            raise ValueError(
                f"'{name}' is none of {', '.join(kind.__members__)} and no hexadecimal number such as 0x80"
            )
    return value
