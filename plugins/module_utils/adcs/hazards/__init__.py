# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hazards of certificate templates: whom they endanger, by their settings, their rights, and who is behind these.

    hazards = read_hazards(session, snapshot)             # cn -> tuple[Hazard, ...], of all templates of a snapshot
    hazards = read_hazards(session, snapshot, [planned])  # of templates as they will be
    forest = read_forest_hazards(session)                 # list[Hazard]: ESC5, C(object) in the place of C(template)
    hazards = judge(session, snapshot, planned, before, allowed)   # of one; raises HazardError
    assess(case, links, membership, name)                 # pure: one template, who is behind its principals given

C(Hazard.as_facts()) is what modules return. None in the place of a template's hazards means that its security may not
be read.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from .assessment import Case, Endangered, Hazard, assess
from .catalogue import IDS
from .forest import read_forest_hazards
from .gate import HazardError, concerned, judge, refuse, warnings
from .membership import Membership, Subject
from .templates import read_hazards

__all__ = [
    "IDS",
    "Case",
    "Endangered",
    "Hazard",
    "HazardError",
    "Membership",
    "Subject",
    "assess",
    "concerned",
    "judge",
    "read_forest_hazards",
    "read_hazards",
    "refuse",
    "warnings",
]
