# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of checking arguments: a call that may go on, or a result at which the module ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Ended(Exception):  # noqa: N818  # a module that ends is no error of the lab
    """The module ends before it does anything: arguments that it refuses, or check mode that it does not support."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__(str(result.get("msg", "")))
        self.result = result


@dataclass(frozen=True)
class Checked:
    """Attributes:
    arguments: Every option under its own name, converted; None where it was not given.
    internal: What the controller sent for itself, `_ansible_verbosity` and the like.
    invocation: `invocation` of the result, secrets masked; None for modules that do not give it.
    secrets: What must not be told.
    deprecations: For the result.
    """

    arguments: Mapping[str, Any]
    internal: Mapping[str, Any]
    check_mode: bool = False
    diff: bool = False
    verbosity: int = 0
    invocation: Mapping[str, Any] | None = None
    secrets: tuple[str, ...] = ()
    deprecations: tuple[Mapping[str, Any], ...] = field(default=())
