# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of the Network Device Enrollment Service and of HTTP.sys that stand in the registry.

serves: SCEP-060..SCEP-064, SCEP-066, SCEP-067, SCEP-068, SCEP-071, TRBL-048, TRBL-049, TRBL-056

This module is private to the collection and may change in any release.
"""

from __future__ import annotations
