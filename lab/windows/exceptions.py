# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words in which PowerShell tells failures that a module does not catch."""

from __future__ import annotations

from .operation import ModuleFailure


def method_failed(method: str, count: int, reason: str) -> str:
    """The message of a MethodInvocationException: a .NET method with so many arguments threw an exception."""
    return f'Exception calling "{method}" with "{count}" argument(s): "{reason}"'


def cannot_convert(value: str, kind: str, reason: str) -> str:
    """The message of a cast that fails, `[System.Byte]"300"`."""
    return f'Cannot convert value "{value}" to type "{kind}". Error: "{reason}"'


class Unhandled(ModuleFailure):
    """The failure of a module that ends by an exception (executor/powershell/module_wrapper.ps1 of ansible-core)."""

    def __init__(self, message: str) -> None:
        super().__init__(f"Unhandled exception while executing module: {message}")
