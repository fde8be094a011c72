# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-core sends to a Windows host, taken apart. Knows neither the transport nor the host."""

from .decode import decode, decode_input
from .invocation import DamagedPayload, Invocation, UnknownPayload

__all__ = ["DamagedPayload", "Invocation", "UnknownPayload", "decode", "decode_input"]
