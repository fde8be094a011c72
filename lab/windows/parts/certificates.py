# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate stores with real X.509, and the key containers of those with a private key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class CertificateStores:
    """Certificate stores with real X.509, and the key containers of those with a private key."""

    @classmethod
    def blank(cls, identity: Identity) -> CertificateStores:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> CertificateStores:
        return cls()

    def export(self) -> Json:
        return {}
