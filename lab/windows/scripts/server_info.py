# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""server_info.ps1: what a server is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lab.windows import tables
from lab.windows.host import Host
from lab.windows.modules.win_whoami import LABELS
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals
from lab.windows.people.token import SYSTEM_SID, Token

from . import ScriptCall, ScriptError, script

CONTROL = r"HKLM\SYSTEM\CurrentControlSet\Control"
MICROSOFT = r"HKLM\SOFTWARE\Microsoft"

ACTIVE_SETUP = rf"{MICROSOFT}\Active Setup\Installed Components"
ENHANCED_SECURITY = ("{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}", "{A509B1A8-37EF-4b3f-8CFC-4F3A74704073}")

#: Last part of the SID of a machine's own administrator (well-known SIDs: DOMAIN_USER_RID_ADMIN).
ADMINISTRATOR_RID = 500


@script(
    "server_info.ps1",
    checked_against=("tests/contract/cases/server_info.json",),
    limits="features named by a pattern; sizes of drives and the domain role do not vary",
)
def server_info(call: ScriptCall) -> list[Any]:
    """What the script puts out."""
    host, user = call.host, call.user
    if not user.is_administrator:
        raise denied(host)
    release = tables.release(host.identity)
    account_sid, account_error = account(host)
    return [
        {
            "version": registry_values(
                host,
                rf"{MICROSOFT}\Windows NT\CurrentVersion",
                ("CurrentBuildNumber", "UBR", "InstallationType", "EditionID"),
            ),
            "system": {
                "Version": f"{release['major']}.{release['minor']}.{release['build']}",
                "ProductType": release["product_type"],
                "OSLanguage": release["lcid"],
                "Locale": f"{release['lcid']:04x}",
                "SystemDrive": release["system_root"][:2],
                "LocalDateTime": moment(host, host.clock.now()),
                "LastBootUpTime": moment(host, host.power.boot_time),
            },
            "computer": {
                "DNSHostName": host.identity.name,
                "Domain": host.identity.dns_domain,
                "PartOfDomain": True,
                "DomainRole": tables.load("cim")["domain_role"],
            },
            "drives": [dict(drive) for drive in tables.load("cim")["drives"]],
            "framework": registry_value(host, rf"{MICROSOFT}\NET Framework Setup\NDP\v4\Full", "Release"),
            "powershell": release["powershell"],
            "name": registry_value(host, rf"{CONTROL}\ComputerName\ActiveComputerName", "ComputerName"),
            "next_name": registry_value(host, rf"{CONTROL}\ComputerName\ComputerName", "ComputerName"),
            "files_to_move": is_true(
                registry_value(host, rf"{CONTROL}\Session Manager", "PendingFileRenameOperations")
            ),
            "servicing": host.registry.key_exists(
                rf"{MICROSOFT}\Windows\CurrentVersion\Component Based Servicing\RebootPending"
            ),
            "updates": host.registry.key_exists(
                rf"{MICROSOFT}\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired"
            ),
            "enhanced_security": enhanced_security(host),
            "local_sid": f"{host.identity.machine_sid}-{ADMINISTRATOR_RID}",
            "account_sid": account_sid,
            "account_error": account_error,
            "groups": groups(user),
            "features": features(host, call.parameters.get("Feature") or []),
        }
    ]


def denied(host: Host) -> ScriptError:
    """What Get-CimInstance says to who is no administrator."""
    row = tables.load("cim")["denied"]
    return ScriptError(
        row["text"][host.identity.language],
        row["code"],
        row["category"],
        activity="Get-CimInstance",
        exception=row["exception"],
        error_id=row["error_id"],
    )


def registry_values(host: Host, key: str, names: tuple[str, ...]) -> dict[str, Any]:
    """Values of a key as Get-ItemProperty and Select-Object give them: None for those that are not there."""
    path = key.replace("HKLM\\", "HKLM:\\", 1)
    if not host.registry.key_exists(key):
        raise ScriptError(
            f"Cannot find path '{path}' because it does not exist.",
            category="ObjectNotFound",
            activity="Get-ItemProperty",
            exception="System.Management.Automation.ItemNotFoundException",
            error_id="PathNotFound,Microsoft.PowerShell.Commands.GetItemPropertyCommand",
            target=(path, "String"),
        )
    values = {name: host.registry.get(key, name) for name in names}
    return {name: None if value is None else value.data for name, value in values.items()}


def registry_value(host: Host, key: str, name: str) -> Any:
    return registry_values(host, key, (name,))[name]


def enhanced_security(host: Host) -> list[dict[str, Any]]:
    """What the keys of the Enhanced Security Configuration of Internet Explorer have, one for each group of users."""
    keys = (rf"{ACTIVE_SETUP}\{key}" for key in ENHANCED_SECURITY)
    return [
        {"PSChildName": key.rpartition("\\")[2], **registry_values(host, key, ("IsInstalled",))}
        for key in keys
        if host.registry.key_exists(key)
    ]


def is_true(data: Any) -> bool:
    """What [bool] makes of a value: an array of one is what is in it."""
    return is_true(data[0]) if isinstance(data, tuple) and len(data) == 1 else bool(data)


def account(host: Host) -> tuple[str | None, str | None]:
    """The SID of the computer's account in the domain, or why it could not be told."""
    name = f"{host.identity.dns_domain}\\{host.identity.computer}$"
    try:
        return principals.translate(host, name).sid, None
    except principals.NoMapping as error:
        return None, str(error)


def groups(user: Token) -> list[str]:
    """SIDs that `whoami /groups` shows: those of the groups, and the integrity level as the last."""
    level = "system" if user.sid == SYSTEM_SID else "high" if user.is_administrator else "medium"
    return [*(sid for sid in user.groups if sid != user.sid), LABELS[level]]


def features(host: Host, names: list[str]) -> list[dict[str, str]]:
    """The features of those names, in the order of the tree; a name that nobody has gives none."""
    if any(set(name) & set("*?[") for name in names):
        raise NotModelled("Get-WindowsFeature -Name with a pattern")
    wanted = {name.casefold() for name in names}
    found = (feature.name for feature in host.features.catalogue.all() if feature.name.casefold() in wanted)
    return [{"name": name, "state": host.features.state(name)} for name in found]


def moment(host: Host, when: datetime) -> str:
    """A DateTime of the host's own zone as win_powershell writes it (format "o")."""
    text = host.clock.local(when).isoformat(timespec="microseconds")
    return f"{text[:26]}0{text[26:]}"
