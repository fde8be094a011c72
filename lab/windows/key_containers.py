# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key containers with the permissions that new ones get, and the certificates by which they are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import tables
from .parts.certificates import CURRENT_USER, LOCAL_MACHINE, MACHINE

if TYPE_CHECKING:
    from .host import Host
    from .parts.certificates import Entry, Key

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


def certificate_at(host: Host, path: str, owner: str) -> Entry | None:
    """The certificate that a path of PowerShell's certificate drive names, `Cert:\\LocalMachine\\My\\THUMBPRINT`.

    Args:
        host: Where.
        path: The path; the drive may be left out.
        owner: SID of the user, for CurrentUser.
    """
    parts = path.replace("/", "\\").split(":", 1)[-1].strip("\\").split("\\")
    if len(parts) != 3:
        return None
    location = next((each for each in (LOCAL_MACHINE, CURRENT_USER) if each.casefold() == parts[0].casefold()), None)
    if location is None:
        return None
    entries = host.certificates.visible(location, parts[1], owner if location == CURRENT_USER else MACHINE)
    return next((entry for entry in entries if entry.thumbprint == parts[2].upper()), None)
