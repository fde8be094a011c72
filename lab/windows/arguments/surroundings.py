# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What checking arguments needs of the host: its environment variables, and who is behind a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_SID = re.compile(r"^S-1-\d+(-\d+)*$", re.IGNORECASE)
_VARIABLE = re.compile(r"%([^%]*)%")

#: What a conversion to a SID says that finds nobody.
NO_MAPPING = "Some or all identity references could not be translated."


def expander(variables: dict[str, str]) -> Callable[[str], str]:
    """ExpandEnvironmentVariables over some variables: what is not among them stays as it is."""
    known = {name.lower(): value for name, value in variables.items()}

    def expand(text: str) -> str:
        return _VARIABLE.sub(lambda found: known.get(found[1].lower(), found[0]), text)

    return expand


def only_sids(name: str) -> str:
    """The SID of what is one already; LookupError for every name."""
    if _SID.match(name):
        return name.upper()
    raise LookupError(name)


@dataclass(frozen=True)
class Surroundings:
    """Attributes:
    expand: A text with its %variables% replaced.
    sid: SID of a name; raises LookupError.
    drives: Letters of the host's drives.
    """

    expand: Callable[[str], str] = field(default=expander({}))
    sid: Callable[[str], str] = only_sids
    drives: str = "C"
