# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of .NET: a Hashtable of PowerShell does not tell upper from lower case in its keys, a Dictionary does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Table:
    """Attributes:
    content: The entries; keys keep the case that they were first given.
    """

    def __init__(self, content: Mapping[str, Any], *, insensitive: bool) -> None:
        self.content = dict(content)
        self._insensitive = insensitive

    def _key(self, name: str) -> str | None:
        if name in self.content:
            return name
        if self._insensitive:
            return next((key for key in self.content if key.lower() == name.lower()), None)
        return None

    def __contains__(self, name: str) -> bool:
        return self._key(name) is not None

    def __getitem__(self, name: str) -> Any:
        """The value, None where there is none."""
        key = self._key(name)
        return None if key is None else self.content[key]

    def __setitem__(self, name: str, value: Any) -> None:
        self.content[self._key(name) or name] = value

    def remove(self, name: str) -> Any:
        return self.content.pop(name)
