# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SIDs that follow from a name, and groups that have the same SID everywhere. Pure.

Provenance: S-1-5-82 and its computation (SHA-1 of the name of the pool in lower case, UTF-16LE, as five numbers) from
Microsoft's "Application Pool Identities" and public descriptions of it; known from S-1-5-82-3006700770-424185619-
1745488364-794895919-4004696415, which is DefaultAppPool everywhere. IIS_IUSRS from "Well-known SIDs"; that its name is
the same in every language from Microsoft's "Understanding Built-In User and Group Accounts in IIS 7".

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import hashlib
import struct

IIS_USERS = "S-1-5-32-568"
#: For modules that find a local group by its name alone.
IIS_USERS_NAME = "IIS_IUSRS"

#: RID of Enterprise Admins in the root domain of the forest.
ENTERPRISE_ADMINS = 519


def of_pool(name: str) -> str:
    """The SID of the account that an application pool has of its own."""
    digest = hashlib.sha1(name.lower().encode("utf-16-le"), usedforsecurity=False).digest()
    return "-".join(["S-1-5-82", *map(str, struct.unpack("<5I", digest))])
