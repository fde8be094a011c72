# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an action plugin needs of Ansible around it."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock


def surroundings(module: str, arguments: dict[str, Any], check_mode: bool = False) -> tuple[MagicMock, ...]:
    """What the constructor of a plugin takes: a task with these arguments, and all the rest."""
    task = MagicMock(args=arguments, check_mode=check_mode, async_val=0, resolved_action=f"certops.intune.{module}")
    task.diff = False
    play_context = MagicMock(check_mode=check_mode, diff=False)
    return task, MagicMock(), play_context, MagicMock(), MagicMock(), MagicMock()
