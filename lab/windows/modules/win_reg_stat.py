# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_reg_stat: what a key or a value of the registry holds."""

from __future__ import annotations

import re
from typing import Any

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.registry import Value
from lab.windows.running.environment import expand

_PATH = re.compile(r"^HK(CC|CR|CU|LM|U):\\", re.IGNORECASE)

#: KEY_READ (winnt.h).
READ = 0x20019


@upstream(
    "ansible.windows.win_reg_stat",
    mirrors="plugins/modules/win_reg_stat.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_reg_stat.yml",),
)
def run(call: Call) -> Result:
    path, name = call.arguments["path"], call.arguments["name"]
    if not _PATH.match(path):
        raise ModuleFailure(f"path: {path} is not a valid registry path, see module documentation for examples.")
    registry, user = call.host.registry, call.user.sid
    result: Result = {"changed": False}
    real = registry.key_path(path, user=user)
    if real is None:
        return {**result, "exists": False}
    if not call.host.security.allows(call.user, "registry", real, READ):
        raise Unhandled(method_failed("OpenSubKey", 2, "Requested registry access is not allowed."))
    if name is not None:
        value = registry.get(path, name, user=user)
        return {**result, "exists": False} if value is None else {**result, "exists": True, **_told(call, name, value)}
    properties = {found: _told(call, found, value) for found, value in registry.values(path, user=user).items()}
    return {**result, "exists": True, "properties": properties, "sub_keys": registry.subkeys(path, user=user)}


def _told(call: Call, name: str, value: Value) -> dict[str, Any]:
    data: Any = list(value.data) if isinstance(value.data, tuple | bytes) else value.data
    # The type of a default value is not asked for: it is taken for a string.
    kind = value.kind if name else "REG_SZ"
    told, raw = data, data
    if value.kind == "REG_EXPAND_SZ":
        told = expand(call.host, call.user, data)
    elif value.kind in ("REG_DWORD", "REG_QWORD") and not name:
        told = raw = _signed(data, 32 if value.kind == "REG_DWORD" else 64)
    if kind in ("REG_BINARY", "REG_NONE"):
        raw = [f"0x{byte:02x}" for byte in data]
    return {"type": kind, "value": told, "raw_value": raw}


def _signed(number: int, bits: int) -> int:
    return number - 2**bits if number >= 2 ** (bits - 1) else number
