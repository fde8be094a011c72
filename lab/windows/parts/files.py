# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives, folders and files with attributes, times and owners. Contents lie outside of the model, by SHA-256."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json


class Files:
    """Drives, folders and files with attributes, times and owners. Contents lie outside of the model, by SHA-256."""

    @classmethod
    def blank(cls, identity: Identity) -> Files:
        return cls()

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Files:
        return cls()

    def export(self) -> Json:
        return {}
