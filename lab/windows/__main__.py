# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m lab.windows DIRECTORY`: what the lab's supervisor runs."""

import sys

from lab.windows.serving.service import main

main(sys.argv[1])
