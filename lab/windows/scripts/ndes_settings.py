# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ndes_settings_read.ps1 and ndes_settings_write.ps1: keys of the registry as they are, and values that are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab.windows.modules.win_regedit import CREATE, DOTNET, READ_AND_WRITE
from lab.windows.not_modelled import NotModelled
from lab.windows.parts.registry import Value
from lab.windows.parts.registry.paths import long_form, resolve

from . import ScriptCall, ScriptError, script
from .server_info import denied, moment

#: KEY_READ (winnt.h).
READ = 0x20019

#: Kinds that New-ItemProperty -PropertyType is given, as the registry names them.
KINDS = {name: kind for kind, name in DOTNET.items()}

#: COR_E_SECURITY, of System.Security.SecurityException (corerror.h).
COR_E_SECURITY = 0x8013150A


@script(
    "ndes_settings_read.ps1",
    checked_against=("tests/contract/cases/ndes_settings_read.json",),
    limits="values of kinds that the lab's registry does not have",
)
def ndes_settings_read(call: ScriptCall) -> list[Any]:
    """What the script puts out."""
    host, user = call.host, call.user
    if not user.is_administrator:
        raise denied(host)
    trees = call.parameters.get("Tree") or []
    asked = [*(call.parameters.get("Key") or []), *trees]
    wanted = [path for path in asked if host.registry.key_exists(path, user=user.sid)]
    folded = {path.casefold() for path in trees}
    paths = [found for path in wanted for found in below(call, path, path.casefold() in folded)]
    return [
        {
            "system": {
                "LocalDateTime": moment(host, host.clock.now()),
                "LastBootUpTime": moment(host, host.power.boot_time),
            },
            "keys": [{"path": long_form(resolve(path)), "values": values(call, path)} for path in paths],
        }
    ]


def below(call: ScriptCall, path: str, whole: bool) -> Iterator[str]:
    """A key, and all below it if asked for, as they are spelled."""
    registry, user = call.host.registry, call.user
    real = registry.key_path(path, user=user.sid)
    if real is None:
        return
    if not call.host.security.allows(user, "registry", real, READ):
        raise refused("Get-Item", real)
    yield real
    for name in registry.subkeys(real) if whole else ():
        yield from below(call, f"{real}\\{name}", whole)


def values(call: ScriptCall, path: str) -> list[dict[str, Any]]:
    found = call.host.registry.values(path)
    return [{"name": name, "kind": DOTNET[value.kind], "data": data(value)} for name, value in found.items()]


def data(value: Value) -> Any:
    """What RegistryKey.GetValue gives, as JSON has it: numbers with their sign, bytes and texts as lists."""
    if isinstance(value.data, int):
        bits = 32 if value.kind == "REG_DWORD" else 64
        return value.data - 2**bits if value.data >= 2 ** (bits - 1) else value.data
    return list(value.data) if isinstance(value.data, tuple | bytes) else value.data


@script(
    "ndes_settings_write.ps1",
    checked_against=("tests/contract/cases/ndes_settings_write.json",),
    limits="a value that is to be removed and is not there",
)
def ndes_settings_write(call: ScriptCall) -> list[Any]:
    """What the script does and puts out."""
    now = moment(call.host, call.host.clock.now())
    waiting = call.parameters["Waiting"]
    notes = [
        {"path": waiting, "name": reason, "kind": "String", "data": now}
        for reason in call.parameters.get("Reason") or []
    ]
    for one in [*notes, *(call.parameters.get("Value") or [])]:
        make_key(call, one["path"])
        check(call, "New-ItemProperty", one["path"])
        given = tuple(one["data"]) if isinstance(one["data"], list) else one["data"]
        call.host.registry.set(one["path"], one["name"], KINDS[one["kind"]], given, user=call.user.sid)
    for one in call.parameters.get("Obsolete") or []:
        check(call, "Remove-ItemProperty", one["path"])
        if not call.host.registry.delete_value(one["path"], one["name"], user=call.user.sid):
            raise NotModelled("Remove-ItemProperty of a value that is not there")
    return [{"noted": now}]


def make_key(call: ScriptCall, path: str) -> None:
    """Make a key with those above it, if it is not there."""
    registry, user = call.host.registry, call.user
    if registry.key_exists(path, user=user.sid):
        return
    names = resolve(path, user=user.sid)
    above = next(
        found
        for length in range(len(names) - 1, 0, -1)
        if (found := registry.key_path("\\".join(names[:length]))) is not None
    )
    if not call.host.security.allows(user, "registry", above, CREATE):
        raise refused("New-Item", path)
    registry.create_key(path, user=user.sid)


def check(call: ScriptCall, cmdlet: str, path: str) -> None:
    """Fail unless the caller may write into a key."""
    real = call.host.registry.key_path(path, user=call.user.sid) or path
    if not call.host.security.allows(call.user, "registry", real, READ_AND_WRITE):
        raise refused(cmdlet, real)


def refused(cmdlet: str, path: str) -> ScriptError:
    """What the provider of the registry says of a key that it may not open as it must."""
    kind = cmdlet.replace("-", "")
    return ScriptError(
        "Requested registry access is not allowed.",
        COR_E_SECURITY,
        "PermissionDenied",
        activity=cmdlet,
        exception="System.Security.SecurityException",
        error_id=f"System.Security.SecurityException,Microsoft.PowerShell.Commands.{kind}Command",
        target=(long_form(resolve(path)), "String"),
    )
