# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry: hives of keys and typed values, without regard to case, in a 64-bit and a 32-bit view."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class Registry:
    """The registry: hives of keys and typed values, without regard to case, in a 64-bit and a 32-bit view."""

    @classmethod
    def blank(cls, identity: Identity) -> Registry:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Registry:
        return cls()

    def export(self) -> Json:
        return {}
