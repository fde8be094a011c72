# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The system audit policy: of which kinds of events success and failure are recorded.

Policies of users are not modelled. Exported layout: {GUID of the subcategory: 0 nothing, 1 success, 2 failure, 3 both},
in the order of auditpol /list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.windows import tables

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

SUCCESS = 1
FAILURE = 2


@dataclass(frozen=True)
class Subcategory:
    """A subcategory: its GUID with braces and its English name, and those of its category."""

    guid: str
    name: str
    category: str
    category_guid: str


def data() -> dict[str, Any]:
    """data/audit_policy.yml."""
    found: dict[str, Any] = tables.load("audit_policy")
    return found


def subcategories(identity: Identity) -> tuple[Subcategory, ...]:
    """What the release of a host knows, category by category."""
    told = data()
    return tuple(
        Subcategory(
            f"{{{entry['guid']}-{told['subcategory_tail']}}}",
            entry["name"],
            category["name"],
            f"{{{category['guid']}-{told['category_tail']}}}",
        )
        for category in told["categories"]
        for entry in category["subcategories"]
        if _known(entry, identity)
    )


def _known(entry: dict[str, Any], identity: Identity) -> bool:
    since: int = entry.get("since", 0)
    return int(identity.release[:4]) >= since


class AuditPolicy:
    """What is recorded. A GUID is taken in any case."""

    def __init__(self, settings: dict[str, int]) -> None:
        self._settings = settings

    @classmethod
    def blank(cls, identity: Identity) -> AuditPolicy:
        told = data()
        defaults = {
            entry["name"]: entry.get("default", 0)
            for category in told["categories"]
            for entry in category["subcategories"]
        }
        return cls({each.guid: defaults[each.name] for each in subcategories(identity)})

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> AuditPolicy:
        return cls(dict(state))

    def export(self) -> Json:
        return dict(self._settings)

    def get(self, guid: str) -> int:
        """What is recorded of a subcategory. KeyError if there is no such."""
        return self._settings[guid.upper()]

    def set(self, guids: Iterable[str], *, success: bool | None, failure: bool | None) -> None:
        """Switch recording on or off, or leave it (None). KeyError if there is no such subcategory."""
        for guid in guids:
            setting = self.get(guid)
            for bit, wanted in ((SUCCESS, success), (FAILURE, failure)):
                if wanted is not None:
                    setting = setting | bit if wanted else setting & ~bit
            self._settings[guid.upper()] = setting
