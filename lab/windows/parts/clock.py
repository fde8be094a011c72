# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What time it is on the host: the real time and an offset, and the time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class Clock:
    """What time it is on the host: the real time and an offset, and the time zone."""

    @classmethod
    def blank(cls, identity: Identity) -> Clock:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Clock:
        return cls()

    def export(self) -> Json:
        return {}
