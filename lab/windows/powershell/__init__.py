# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PowerShell texts on a host: own scripts by their twins, and a small part of the language for the rest.

Read are statements one after the other: literals and simple variables, `$env:X`, programs of lab/windows/commands,
and the cmdlets of cmdlets.py. A text with anything else in it is refused as not modelled before its first statement
does something.
"""

from .engine import run
from .state import Ran, Run

__all__ = ["Ran", "Run", "run"]
