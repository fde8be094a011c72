# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Windows server is, out of the one object of server_info.ps1. Pure: no I/O, no clock but those passed in.

serves: SCEP-001, SCEP-004, SCEP-085, SCEP-087, SCEP-092, PKCS-002, PKCS-033, DIGI-022

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

from . import numbers
from .values import SID, Fields, UnexpectedValue


@dataclasses.dataclass(frozen=True)
class Server:
    """A server as one look found it. The attributes are the keys of the module's result; RETURN explains them."""

    computer_name: str
    pending_computer_name: str | None
    host_name: str
    fqdn: str
    domain_member: bool
    domain: str | None
    domain_role: int
    machine_sid: str | None
    domain_sid: str | None
    domain_sid_error: str | None
    version: str
    build: int
    revision: int | None
    release: str | None
    edition: str
    product_type: int
    installation_type: str
    desktop_experience: bool | None
    ui_language: int
    system_locale: int
    time: str
    time_difference: float
    last_boot_time: str
    reboot_pending: bool
    reboot_reasons: list[str]
    caller_is_administrator: bool
    enhanced_security: dict[str, bool | None]
    dotnet_release: int | None
    powershell_version: str
    system_drive: str
    system_drive_free: int
    features: dict[str, str | None]


def time_difference(host: dt.datetime, before: dt.datetime, after: dt.datetime) -> float:
    """Seconds that the host's clock is ahead for sure, negative where it is behind.

    The host read its clock at some moment between O(before) and O(after), the controller's: a time within says nothing.
    """
    if host < before:
        return (host - before).total_seconds()
    if host > after:
        return (host - after).total_seconds()
    return 0.0


def is_administrator(groups: list[str]) -> bool:
    """Whether a token with these groups acts as an administrator: in the group, and elevated."""
    levels = [group.removeprefix(numbers.INTEGRITY_PREFIX) for group in groups if _is_level(group)]
    elevated = any(int(level) >= numbers.HIGH_INTEGRITY for level in levels)
    return numbers.ADMINISTRATORS in groups and elevated


def _is_level(group: str) -> bool:
    return group.startswith(numbers.INTEGRITY_PREFIX) and group.removeprefix(numbers.INTEGRITY_PREFIX).isdecimal()


def snake_case(name: str) -> str:
    """`InstallPending` as `install_pending`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def feature_states(fields: list[Fields], asked: list[str]) -> dict[str, str | None]:
    """The state of each feature that was asked for, None where the server has no feature of that name."""
    found = {item.text("name").casefold(): snake_case(item.text("state")) for item in fields}
    return {name: found.get(name.casefold()) for name in asked}


def enhanced_security(fields: list[Fields]) -> dict[str, bool | None]:
    """Whether the browser is locked down for administrators and for users; None where the server does not say."""
    found = {item.text("PSChildName").casefold(): item.optional_integer("IsInstalled") for item in fields}
    values = {who: found.get(key.casefold()) for who, key in numbers.ENHANCED_SECURITY.items()}
    return {who: None if value is None else value != 0 for who, value in values.items()}


def describe(value: object, features: list[str], before: dt.datetime, after: dt.datetime) -> Server:
    """The server that O(value), the object of server_info.ps1, tells of.

    Raises:
        UnexpectedValue: The object is not what the script promises.
    """
    found = Fields(value)
    version, system, computer = found.fields("version"), found.fields("system"), found.fields("computer")
    name, next_name, groups = found.text("name"), found.text("next_name"), found.texts("groups")
    for group in groups:
        if not SID.fullmatch(group):
            raise UnexpectedValue("groups", "a list of SIDs", groups)
    member, domain = computer.flag("PartOfDomain"), computer.text("Domain")
    account_error = found.optional_text("account_error")
    host_name = computer.optional_text("DNSHostName") or name
    renamed = name.casefold() != next_name.casefold()
    reasons = [reason for flag, reason in numbers.REBOOT_REASONS.items() if found.flag(flag)]
    if renamed:
        reasons.append(numbers.PENDING_COMPUTER_RENAME)
    host_time, build, drive = (
        system.moment("LocalDateTime"),
        version.integer("CurrentBuildNumber"),
        system.text("SystemDrive"),
    )
    free = {item.text("DeviceID").casefold(): item.integer("FreeSpace") for item in found.objects("drives")}
    if drive.casefold() not in free:
        raise UnexpectedValue("drives", f"a list with the system drive {drive}", sorted(free))
    installation_type = version.text("InstallationType")
    return Server(
        computer_name=name,
        pending_computer_name=next_name if renamed else None,
        host_name=host_name,
        fqdn=f"{host_name}.{domain}" if member else host_name,
        domain_member=member,
        domain=domain if member else None,
        domain_role=computer.integer("DomainRole"),
        machine_sid=found.authority_of("local_sid"),
        domain_sid=found.authority_of("account_sid"),
        domain_sid_error=account_error.strip() if account_error else None,
        version=system.text("Version"),
        build=build,
        revision=version.optional_integer("UBR"),
        release=numbers.RELEASES.get(build) if system.integer("ProductType") != numbers.WORKSTATION else None,
        edition=version.text("EditionID"),
        product_type=system.integer("ProductType"),
        installation_type=installation_type,
        desktop_experience=numbers.DESKTOPS.get(installation_type),
        ui_language=system.integer("OSLanguage"),
        system_locale=system.integer("Locale", base=16),
        time=host_time.isoformat(),
        time_difference=time_difference(host_time, before, after),
        last_boot_time=system.moment("LastBootUpTime").isoformat(),
        reboot_pending=bool(reasons),
        reboot_reasons=reasons,
        caller_is_administrator=is_administrator(groups),
        enhanced_security=enhanced_security(found.objects("enhanced_security")),
        dotnet_release=found.optional_integer("framework"),
        powershell_version=found.text("powershell"),
        system_drive=drive,
        system_drive_free=free[drive.casefold()],
        features=feature_states(found.objects("features"), features),
    )
