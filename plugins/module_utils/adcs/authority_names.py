# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How people name a certification authority, and how Windows does.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from .fields import OptionError
from .store import StoredAuthority


def find_authority(
    authorities: t.Sequence[StoredAuthority], name: str, option: str = "certification_authority"
) -> StoredAuthority:
    """The authority named by its name, its host, or its configuration string C(host\\name).

    Raises OptionError of O(option) that lists them all.
    """
    wanted = name.casefold()
    found = [
        ca for ca in authorities if wanted in (ca.name.casefold(), ca.host.casefold(), config_string(ca).casefold())
    ]
    if len(found) == 1:
        return found[0]
    known = (
        ", ".join(f"'{config_string(ca)}'" for ca in sorted(authorities, key=lambda ca: ca.name.casefold())) or "none"
    )
    if found:
        raise OptionError(
            option,
            f"'{name}' names {len(found)} authorities; use the name or the configuration string. Known: {known}",
        )
    raise OptionError(
        option,
        f"'{name}' is not an enterprise certification authority of this forest. Known: {known}",
    )


def config_string(authority: StoredAuthority) -> str:
    return f"{authority.host}\\{authority.name}"
