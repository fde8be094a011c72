# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter rights_entries."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ..module_utils.adcs.rights import WORDS


def rights_entries(principals: str | t.Sequence[str], *rights: str) -> list[dict[str, t.Any]]:
    """One entry of the option rights for each of O(principals), all with the same O(rights)."""
    unknown = [word for word in rights if word not in WORDS]
    if unknown or not rights:
        given = ", ".join(f"'{word}'" for word in unknown) or "nothing"
        raise AnsibleFilterError(f"rights_entries: {given} is no right; valid: {', '.join(WORDS)}")
    names = [principals] if isinstance(principals, str) else list(principals)
    return [{"principal": name, "rights": list(rights)} for name in names if name]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"rights_entries": rights_entries}
