# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of Windows for its error codes, in the language of the host."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("data") / "win32_messages.yml"

FILE_NOT_FOUND = 2
ACCESS_DENIED = 5
LOGON_FAILURE = 1326
PASSWORD_EXPIRED = 1330
ACCOUNT_DISABLED = 1331
LOGON_TYPE_NOT_GRANTED = 1385
ACCOUNT_EXPIRED = 1793
PASSWORD_MUST_CHANGE = 1907
ACCOUNT_LOCKED_OUT = 1909


@functools.cache
def _data() -> dict[int, dict[str, str]]:
    with DATA.open("rb") as file:
        content: dict[str, Any] = yaml.safe_load(file)
    messages: dict[int, dict[str, str]] = content["messages"]
    return messages


def text(code: int, language: str) -> str:
    """The text of an error code, without full stop. KeyError for one that the data does not have."""
    return _data()[code][language]


def in_ansible(attempted: str, code: int, language: str) -> str:
    """The message of the Win32Exception that Ansible's C# code throws."""
    return f"{attempted} ({text(code, language)}, Win32ErrorCode {code} - 0x{code:08X})"
