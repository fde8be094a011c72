# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of Windows for its error codes, in the language of the host."""

from __future__ import annotations

from . import tables

FILE_NOT_FOUND = 2
ACCESS_DENIED = 5
SERVICE_NOT_ACTIVE = 1062
LOGON_FAILURE = 1326
PASSWORD_EXPIRED = 1330
ACCOUNT_DISABLED = 1331
LOGON_TYPE_NOT_GRANTED = 1385
ACCOUNT_EXPIRED = 1793
PASSWORD_MUST_CHANGE = 1907
ACCOUNT_LOCKED_OUT = 1909


def _messages() -> dict[int, dict[str, str]]:
    messages: dict[int, dict[str, str]] = tables.load("win32_messages")["messages"]
    return messages


def text(code: int, language: str) -> str:
    """The text of an error code, without full stop. KeyError for one that the data does not have."""
    return _messages()[code][language]


def in_ansible(attempted: str, code: int, language: str) -> str:
    """The message of the Win32Exception that Ansible's C# code throws."""
    return f"{attempted} ({text(code, language)}, Win32ErrorCode {code} - 0x{code:08X})"
