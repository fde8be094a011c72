# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles of users: the folder and the hive that come into being with the first logon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.windows import tables
from lab.windows.parts.files import Attributes
from lab.windows.parts.registry import Value
from lab.windows.people.token import SYSTEM_SID

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token

LIST = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
#: Accounts of the system, whose profiles setup made.
SYSTEM = {
    SYSTEM_SID: r"C:\Windows\System32\config\systemprofile",
    "S-1-5-19": r"C:\Windows\ServiceProfiles\LocalService",
    "S-1-5-20": r"C:\Windows\ServiceProfiles\NetworkService",
}
_TEMPORARY = r"%USERPROFILE%\AppData\Local\Temp"


def load(host: Host, token: Token) -> str:
    """Load the profile of a user at a logon, made from the default one if it is the first; its folder.

    Made are the folder with the usual ones in it, HKU\\SID, and the entry of the list of profiles.
    """
    path = folder(host, token)
    if token.sid in SYSTEM or not host.registry.load_hive(token.sid):
        return path
    hive = f"HKU\\{token.sid}"
    for name, value in environment().items():
        host.registry.set(f"{hive}\\Environment", name, value.kind, value.data)
    host.registry.create_key(f"{hive}\\Software\\Microsoft")
    host.registry.create_key(f"{hive}\\Software\\Classes")
    host.registry.create_key(f"{hive}\\Volatile Environment")
    entry = f"{LIST}\\{token.sid}"
    host.registry.set(entry, "ProfileImagePath", "REG_EXPAND_SZ", path)
    host.registry.set(entry, "State", "REG_DWORD", 0)
    if host.files.make_folder(path):
        for told in tables.load("files")["profile"]:
            below = f"{path}\\{told['path']}"
            host.files.make_folder(below)
            host.files.set_attributes(below, Attributes.named(told.get("attributes", [])))
    security = tables.load("security")["profile"]
    host.security.apply("file", path, security["file"].replace("{sid}", token.sid))
    host.security.apply("registry", hive, security["registry"].replace("{sid}", token.sid))
    return path


def folder(host: Host, token: Token) -> str:
    """The folder of a user's profile, or the one that it would get: with the domain's name behind if it is taken."""
    if token.sid in SYSTEM:
        return SYSTEM[token.sid]
    entry = host.registry.get(f"{LIST}\\{token.sid}", "ProfileImagePath")
    if entry is not None and isinstance(entry.data, str):
        return entry.data
    name = account_name(token)
    plain = f"C:\\Users\\{name}"
    return plain if not host.files.exists(plain) else f"{plain}.{account_domain(host, token)}"


def environment_key(token: Token) -> str | None:
    """The key of a user's own variables; None for SYSTEM, whose processes have those of the machine alone."""
    return None if token.sid in SYSTEM else f"HKU\\{token.sid}\\Environment"


def environment() -> dict[str, Value]:
    """The variables that a new profile has."""
    return {name: Value("REG_EXPAND_SZ", _TEMPORARY) for name in ("TEMP", "TMP")}


def account_name(token: Token) -> str:
    """The name without its domain."""
    return token.account.rpartition("\\")[2].partition("@")[0]


def account_domain(host: Host, token: Token) -> str:
    """The domain of an account in capitals; that of the machine if its name says none."""
    return (token.account.rpartition("\\")[0] or host.identity.computer).upper()
