# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes answer to Ansible: JSON of modules, failures of its wrappers, refusals of the lab."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lab.payload.invocation import Generation
from lab.winrm.machine import Outcome

#: How every refusal of the lab itself begins.
PREFIX = "The lab does not model "


def module(result: Mapping[str, Any]) -> Outcome:
    """A module's result; its exit status is what Ansible.Basic gives."""
    return Outcome(f"{_json(result)}\r\n".encode(), status=1 if result.get("failed") else 0)


def wrapper_failure(generation: Generation, message: str, *, during: str = "") -> Outcome:
    """A failure of the wrapper around a module (Write-AnsibleErrorJson, Write-AnsibleError).

    Args:
        generation: Of the wrapper.
        message: Of the exception; or the whole message if `during` is empty.
        during: What 2.18 says before it.
    """
    if during:
        message = f"{during}: {message}" if generation == "2.18" else f"failure during exec_wrapper: {message}"
    elif generation == "2.18":
        message = f"internal error: {message}"
    return Outcome(f"{_json({'failed': True, 'msg': message})}\r\n".encode(), status=1)


def refusal(reason: str, *, as_json: bool) -> Outcome:
    """Something that the lab does not model, said in a way that nobody takes for an answer of Windows.

    Args:
        reason: What it is.
        as_json: Whether a module's result is expected, in which the message is read by people.
    """
    return _loud(reason if reason.startswith(PREFIX) else PREFIX + reason, as_json)


def broken(kind: str, error: Exception, *, as_json: bool) -> Outcome:
    """A fault of the lab itself."""
    reason = f"unhandled exception in the lab while it answered a {kind}: {type(error).__name__}"
    return _loud(f"{reason}. The log of the Windows hosts has more.", as_json)


def _loud(message: str, as_json: bool) -> Outcome:
    stdout = f"{_json({'changed': False, 'failed': True, 'msg': message})}\r\n".encode() if as_json else b""
    return Outcome(stdout, f"{message}\r\n".encode(), 1)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
