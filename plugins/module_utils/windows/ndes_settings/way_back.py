# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state before a change as a registry file: what was there comes back with an import, what was made goes.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t

from .. import mscep
from ..registry import long_form
from ..registry_file import Section
from .plan import Change
from .state import State


def way_back(state: State, changes: t.Sequence[Change]) -> list[Section]:
    """The sections of the file; none when nothing that exists is changed.

    MSCEP is kept whole, with all that is below it, so that the file also tells what else stood there.
    """
    if not any(change.before is not None for change in changes):
        return []
    own = [change for change in changes if change.place.of_mscep]
    made = {long_form(change.place.path) for change in own if state.keys.key(change.place.path) is None}
    sections = [Section(path, delete=True) for path in sorted(made)]
    kept = state.keys.tree(mscep.MSCEP) if own else ()
    sections.extend(Section(key.path, {**_gone(key.path, own), **key.values}) for key in kept)
    # HTTP.sys has more in its key than is managed here, so that it is never deleted.
    others = {change.place.name: change.before for change in changes if not change.place.of_mscep}
    if others:
        sections.append(Section(long_form(mscep.HTTP_PARAMETERS), others))
    return sections


def _gone(path: str, changes: t.Iterable[Change]) -> dict[str, None]:
    """Values that a change makes in a key that is there."""
    return {
        change.place.name: None
        for change in changes
        if change.before is None and long_form(change.place.path).casefold() == path.casefold()
    }
