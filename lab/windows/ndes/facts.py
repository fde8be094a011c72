# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ndes.yml."""

from __future__ import annotations

from typing import Any

from lab.windows import tables


def facts() -> dict[str, Any]:
    """The table. Nobody may change what they get."""
    found: dict[str, Any] = tables.load("ndes")
    return found
