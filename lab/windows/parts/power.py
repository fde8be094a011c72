# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boots: when the last was, what waits for the next, and what took effect at the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class Power:
    """Boots: when the last was, what waits for the next, and what took effect at the last."""

    @classmethod
    def blank(cls, identity: Identity) -> Power:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Power:
        return cls()

    def export(self) -> Json:
        return {}
