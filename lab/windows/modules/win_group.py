# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_group: local groups and their members."""

from __future__ import annotations

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.host import Host
from lab.windows.operation import Call, Result, upstream
from lab.windows.parts.accounts import AccountError, Group
from lab.windows.people import principals, sids

#: What is returned as the SID of a group that check mode did not make.
PLACEHOLDER = "S-1-5-0000"


@upstream(
    "ansible.windows.win_group",
    mirrors="plugins/modules/win_group.ps1 of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_group.yml"),
    limits="the text of ADSI for a name that is taken or a built-in group that is removed was not verified",
)
def run(call: Call) -> Result:
    host = call.host
    name = call.arguments["name"]
    group = host.accounts.group_by_name(name)
    diff: Result = {"before": None, "after": None}
    result: Result = {"changed": False, "sid": None, "diff": diff}
    if group is not None:
        diff["before"] = _shown(host, name, group.description, group.members)
    if call.arguments["state"] == "absent":
        if group is not None:
            _remove(call, group)
            result["changed"] = True
        return result
    add, remove = _wanted(call, group)
    description = call.arguments["description"]
    if not call.check_mode:
        _must_be_possible(host, add)
    if group is None:
        result["changed"] = True
        if call.check_mode:
            result["sid"] = PLACEHOLDER
            diff["after"] = {"name": name, "description": description, "members": []}
            return result
        group = _made(call, name)
    members = [*(sid for sid in group.members if sid not in remove), *add]
    changed = bool(add or remove)
    if description is None:
        description = group.description
    elif description.casefold() != group.description.casefold():
        changed = True
    result["sid"] = group.sid
    result["changed"] = result["changed"] or changed
    diff["after"] = _shown(host, name, description, members)
    if changed and not call.check_mode:
        group.description = description
        group.members = members
    return result


def _wanted(call: Call, group: Group | None) -> tuple[list[str], list[str]]:
    """The members to add and those to remove. Not looked at, as upstream, if check mode did not make the group."""
    existing = [] if group is None else list(group.members)
    wish = call.arguments["members"] or {}
    if group is None and call.check_mode:
        return [], []
    if wish.get("set") is not None:
        wanted = [_sid(call.host, name) for name in wish["set"]]
        removed = [sid for sid in existing if sid not in wanted]
    else:
        wanted = [_sid(call.host, name) for name in wish.get("add") or ()]
        named = [_sid(call.host, name) for name in wish.get("remove") or ()]
        removed = [sid for sid in dict.fromkeys(named) if sid in existing]
    return [sid for sid in dict.fromkeys(wanted) if sid not in existing], removed


def _sid(host: Host, name: str) -> str:
    domain, separator, account = name.partition("\\")
    try:
        if sids.parsed(name) is not None:
            return principals.find(host, name).sid
        here = separator and domain == "."
        return principals.translate(host, f"{host.identity.computer}\\{account}" if here else name).sid
    except principals.NoMapping as error:
        message = f"Failed to translate '{name}' to a SecurityIdentifier: {error.in_powershell}"
        raise Unhandled(message) from error


def _must_be_possible(host: Host, members: list[str]) -> None:
    try:
        for sid in members:
            principals.must_be_possible_member(host, sid)
    except AccountError as error:
        raise Unhandled(method_failed("Add", 1, str(error))) from error


def _made(call: Call, name: str) -> Group:
    try:
        return call.host.accounts.add_group(name)
    except AccountError as error:
        raise Unhandled(method_failed("SetInfo", 0, str(error))) from error


def _remove(call: Call, group: Group) -> None:
    if call.check_mode:
        return
    try:
        call.host.accounts.remove_group(group.sid)
    except AccountError as error:
        raise Unhandled(method_failed("Delete", 2, str(error))) from error


def _shown(host: Host, name: str, description: str, members: list[str]) -> Result:
    names = sorted({principals.name_of(host, sid) for sid in members}, key=str.casefold)
    return {"name": name, "description": description, "members": names}
