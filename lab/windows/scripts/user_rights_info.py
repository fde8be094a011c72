# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""user_rights_info.ps1: who holds the rights of the local security policy, and the SIDs behind names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals

from . import ScriptCall, ScriptError, script

#: What Get-LocalGroupMember says of a group with a member that nobody knows: .NET's Array.Sort, on which it stumbles.
#: Not verified in other languages than English.
UNSORTABLE = "Failed to compare two elements in the array."


@script(
    "user_rights_info.ps1",
    checked_against=("tests/contract/cases/user_rights_info.json",),
    limits="users who are no administrators; rights that secedit.exe does not know",
)
def user_rights_info(call: ScriptCall) -> list[Any]:
    """What the script puts out."""
    host = call.host
    if not call.user.is_administrator:
        raise NotModelled("secedit.exe /export of a user who is no administrator")
    lines = exported(host)
    asked = [*(call.parameters.get("Account") or []), *named(lines)]
    return [
        {
            "lines": lines,
            "accounts": [account(host, name) for name in dict.fromkeys(asked)],
            "groups": [group(host, sid) for sid in call.parameters.get("Group") or []],
        }
    ]


def exported(host: Host) -> list[str]:
    """The file that secedit.exe writes. Rights that nobody holds are left out.

    Accounts of the server itself are named, all others told by SID with an asterisk; where from: exports that were
    published (`SeDenyInteractiveLogonRight = Guest`). Not verified.
    """
    rights = [(right, host.rights.holders(right)) for right in host.rights.names()]
    return [
        "[Unicode]",
        "Unicode=yes",
        "[Privilege Rights]",
        *(f"{right} = {','.join(holder(host, sid) for sid in held)}" for right, held in rights if held),
        "[Version]",
        'signature="$CHICAGO$"',
        "Revision=1",
    ]


def holder(host: Host, sid: str) -> str:
    local = principals.by_sid(host, sid) if sid.startswith(f"{host.identity.machine_sid}-") else None
    return f"*{sid}" if local is None else local.name


def named(lines: Sequence[str]) -> list[str]:
    """Those that a file names instead of telling their SID."""
    entries = [entry for line in lines if line.startswith("Se") for entry in line.partition(" = ")[2].split(",")]
    return [entry for entry in entries if entry and not entry.startswith("*")]


def account(host: Host, name: str) -> Mapping[str, str | None]:
    try:
        return {"name": name, "sid": principals.translate(host, name).sid, "error": None}
    except principals.NoMapping as error:
        return {"name": name, "sid": None, "error": str(error)}


def group(host: Host, sid: str) -> Mapping[str, Any]:
    found = host.accounts.group(sid)
    if found is None:
        raise ScriptError(
            f"Group {sid} was not found.",
            category="ObjectNotFound",
            activity="Get-LocalGroup",
            exception="Microsoft.PowerShell.Commands.GroupNotFoundException",
            error_id="GroupNotFound,Microsoft.PowerShell.Commands.GetLocalGroupCommand",
            target=(sid, "SecurityIdentifier"),
        )
    if any(principals.by_sid(host, member) is None for member in found.members):
        return {"sid": sid, "name": found.name, "members": None, "error": UNSORTABLE}
    return {"sid": sid, "name": found.name, "members": list(found.members), "error": None}
