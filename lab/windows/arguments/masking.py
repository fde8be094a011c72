# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets out of what is told: mirrors RemoveNoLogValues of Ansible.Basic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .dotnet import text

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def masked(value: Any, secrets: Iterable[str]) -> Any:
    """A value without the secrets. The names in a table are kept as they are, which is what the real one does."""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return {str(key): masked(inner, secrets) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner, secrets) for inner in value]
    shown = text(value)
    if shown in secrets:
        return HIDDEN
    for secret in secrets:
        if secret in shown:
            # Only the first secret that is found is replaced.
            return shown.replace(secret, "********") if isinstance(value, str) else HIDDEN
    return value
