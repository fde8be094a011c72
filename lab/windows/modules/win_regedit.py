# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_regedit: keys and values of the registry."""

from __future__ import annotations

import re
from typing import Any

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.registry import InvalidPath, InvalidValue, Value
from lab.windows.parts.registry.paths import long_form, resolve
from lab.windows.support import registry_data

_PATH = re.compile(r"^HK(CC|CR|CU|LM|U):\\", re.IGNORECASE)
#: Rights that opening a key asks for (winnt.h): KEY_READ with KEY_WRITE, and KEY_CREATE_SUB_KEY.
READ_AND_WRITE = 0x2001F
CREATE = 0x4
_DEFAULT_IS_TEXT = (
    "the data type when name is not specified can only be 'string', the type has automatically been converted"
)
#: Names of .NET's RegistryValueKind, which the diff shows.
DOTNET = {
    "REG_SZ": "String",
    "REG_EXPAND_SZ": "ExpandString",
    "REG_BINARY": "Binary",
    "REG_DWORD": "DWord",
    "REG_MULTI_SZ": "MultiString",
    "REG_QWORD": "QWord",
    "REG_NONE": "None",
}


@upstream(
    "ansible.windows.win_regedit",
    mirrors="plugins/modules/win_regedit.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_regedit.yml",),
    limits="loading a hive from a file; keys beside the hives; a float or a structure as data of a string",
)
def run(call: Call) -> Result:
    wanted = call.arguments
    result: Result = {
        "changed": False,
        "data_changed": False,
        "data_type_changed": False,
        "diff": {"before": "", "after": ""},
    }
    kind = wanted["type"]
    if wanted["name"] is None and kind != "string":
        result["warnings"] = [_DEFAULT_IS_TEXT]
        kind = "string"
    if not _PATH.match(wanted["path"]):
        raise ModuleFailure(
            f"path: {wanted['path']} is not a valid powershell path, see module documentation for examples.", **result
        )
    try:
        data = registry_data.convert(kind, wanted["data"], named=bool(wanted["name"]))
    except ModuleFailure as failure:
        if not isinstance(failure, Unhandled):
            failure.result = result
        raise
    if wanted["hive"]:
        raise NotModelled("the registry hive of a file (hive)")
    try:
        if wanted["state"] == "present":
            _present(call, result, kind, data)
        else:
            _absent(call, result)
    except InvalidPath as error:
        raise NotModelled(f"a key where Windows has no place for one: {error}") from error
    return result


def _present(call: Call, result: Result, kind: str, data: Any) -> None:
    registry, user, path = call.host.registry, call.user.sid, call.arguments["path"]
    name = call.arguments["name"] or ""
    exists = _opened(call)
    before: dict[str, Any] = {path: {}} if exists else {}
    after: dict[str, Any] = {path: {}}
    result["diff"] = {"before": before, "after": after}
    result["changed"] = not exists
    if not exists and not call.check_mode:
        _check_creation(call, result)
        registry.create_key(path, user=user)
    if data is None or (not exists and call.check_mode):
        return
    existing = registry.get(path, name, user=user)
    wanted = _value(result, "create" if existing is None else "change", name, path, kind, data)
    if existing is None:
        after[path][name] = shown(wanted, data)
    else:
        result["data_type_changed"] = existing.kind != wanted.kind
        result["data_changed"] = registry_data.differs(existing.data, data)
        before[path][name] = shown(existing)
        if not (result["data_type_changed"] or result["data_changed"]):
            after[path][name] = shown(existing)
            return
        after[path][name] = shown(wanted, data)
    result["changed"] = True
    if not call.check_mode:
        registry.set(path, name, wanted.kind, wanted.data, user=user)


def _value(result: Result, verb: str, name: str, path: str, kind: str, data: Any) -> Value:
    try:
        return registry_data.value(kind, data)
    except registry_data.Mismatch:
        reason = method_failed("SetValue", 3, registry_data.MISMATCH)
        raise ModuleFailure(f"failed to {verb} registry property '{name}' at {path}: {reason}", **result) from None
    except InvalidValue as error:
        raise NotModelled(str(error)) from error


def _absent(call: Call, result: Result) -> None:
    registry, user, path = call.host.registry, call.user.sid, call.arguments["path"]
    name = call.arguments["name"] or ""
    if not _opened(call):
        return
    if call.arguments["delete_key"] and not name:
        if not path.rstrip("\\").partition("\\")[2]:
            reason = method_failed("DeleteSubKeyTree", 2, "Cannot delete a registry hive's subtree.")
            raise ModuleFailure(f"failed to delete registry key at {path}: {reason}", **result)
        if not call.check_mode:
            registry.delete_key(path, user=user)
        result["diff"] = {"before": {path: {}}, "after": {}}
    else:
        existing = registry.get(path, name, user=user)
        if existing is None:
            return
        if not call.check_mode:
            registry.delete_value(path, name, user=user)
        result["diff"] = {"before": {path: {name: shown(existing)}}, "after": {path: {}}}
    result["changed"] = True


def _opened(call: Call) -> bool:
    """Whether there is the key. Opened to be written, it must be the caller's to write."""
    real = call.host.registry.key_path(call.arguments["path"], user=call.user.sid)
    if real is not None and not call.host.security.allows(call.user, "registry", real, READ_AND_WRITE):
        raise Unhandled(method_failed("OpenSubKey", 2, "Requested registry access is not allowed."))
    return real is not None


def _check_creation(call: Call, result: Result) -> None:
    """Fail unless the caller may make keys in the nearest key that there is."""
    path = call.arguments["path"]
    names = resolve(path, user=call.user.sid)
    for length in range(len(names) - 1, 0, -1):
        above = "\\".join(names[:length])
        if call.host.registry.key_exists(above):
            if not call.host.security.allows(call.user, "registry", above, CREATE):
                denied = f"Access to the registry key '{long_form(names)}' is denied."
                reason = method_failed("CreateSubKey", 1, denied)
                raise ModuleFailure(
                    f"failed to create registry key at {path}: {reason}", **{**result, "changed": False}
                )
            return


def shown(value: Value, data: Any = None) -> dict[str, Any]:
    """A value as the diff has it: numbers and bytes in hexadecimal digits, texts as they were given."""
    told: Any = value.data if data is None else data
    if isinstance(value.data, bytes):
        told = [f"0x{byte:02x}" for byte in value.data]
    elif value.kind == "REG_DWORD":
        told = f"0x{value.data:08x}"
    elif value.kind == "REG_QWORD":
        told = f"0x{value.data:016x}"
    elif isinstance(value.data, tuple):
        told = list(value.data)
    return {"type": DOTNET[value.kind], "value": told}
