# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key containers with the permissions that new ones get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.parts.certificates import Key

KIND = "key_container"


def protect(host: Host, key: Key) -> None:
    """Give a container the owner and permissions of a new one: SYSTEM and Administrators, or SYSTEM and its user."""
    told = tables.load("security")[KIND]
    text = told["machine"] if key.machine else told["user"].format(sid=key.owner)
    host.security.apply(KIND, key.name, text)


def protect_all(host: Host) -> None:
    """Do so for every container that has no permissions yet."""
    for key in host.certificates.containers():
        if not host.security.explicit(KIND, key.name):
            protect(host, key)
