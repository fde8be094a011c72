# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said where the lab does not know Windows."""

from __future__ import annotations


class NotModelled(Exception):  # noqa: N818
    """The lab does not know what Windows would do here, and says so instead of answering something."""
