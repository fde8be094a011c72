# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's tables of facts about Windows (lab/windows/data/*.yml), read once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from .identity import Identity

DATA = Path(__file__).parent / "data"


@cache
def load(name: str) -> Any:
    """Read a table by its name without suffix. All callers share it: nobody may change what they get."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with (DATA / f"{name}.yml").open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=loader)


def release(identity: Identity) -> dict[str, Any]:
    """What releases.yml says of a host: its release, with what is the same for all, its edition and its language."""
    table = load("releases")
    return {
        **table["common"],
        **table["releases"][identity.release],
        **table["editions"][identity.edition],
        **table["languages"][identity.language],
    }
