# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab knows of IIS without a host: lab/windows/data/iis.yml."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parents[2] / "data"


class ConfigurationError(Exception):
    """What IIS refuses: HRESULT and the system's text.

    Attributes:
        code: The HRESULT.
        text: The text alone.
    """

    def __init__(self, kind: str, **values: Any) -> None:
        message = facts()["messages"][kind]
        self.kind = kind
        self.code: int = message["code"]
        self.text: str = message["text"].format(**values)
        super().__init__(self.text)

    @property
    def framework(self) -> str:
        """As the cmdlets of WebAdministration word an error of the configuration itself."""
        return f"Filename: \r\nError: {self.text}\r\n"


@cache
def facts() -> dict[str, Any]:
    """The facts of iis.yml: shared, not to be changed."""
    found: dict[str, Any] = yaml.safe_load((DATA / "iis.yml").read_text(encoding="utf-8"))
    return found
