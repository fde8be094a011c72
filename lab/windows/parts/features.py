# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles and features: the tree, what is installed, whose payload is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class Features:
    """Roles and features: the tree, what is installed, whose payload is removed."""

    @classmethod
    def blank(cls, identity: Identity) -> Features:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Features:
        return cls()

    def export(self) -> Json:
        return {}
