# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_group_membership: members of a local group. A legacy module."""

from __future__ import annotations

from lab.windows.exceptions import method_failed
from lab.windows.host import Host
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.accounts import MemberRefused
from lab.windows.people import principals


@upstream(
    "ansible.windows.win_group_membership",
    mirrors="plugins/modules/win_group_membership.ps1 of ansible.windows 3.8.0, Ansible.ModuleUtils.SID",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_group_membership.yml"),
    limits="",
)
def run(call: Call) -> Result:
    host = call.host
    name, state = call.arguments["name"], call.arguments["state"]
    result: Result = {"changed": False, "name": name}
    if state in ("present", "pure"):
        result["added"] = []
    if state in ("absent", "pure"):
        result["removed"] = []
    group = host.accounts.group_by_name(name)
    if group is None:
        raise ModuleFailure(f"Could not find local group {name}", **result)
    # Every name is translated before the first member is touched.
    wanted = _members(host, call.arguments["members"])
    before = list(group.members)
    after = list(before)
    for sid, account in wanted.items():
        if state != "absent" and sid not in before:
            if not call.check_mode:
                _must_be_possible(host, sid)
            after.append(sid)
            result["added"].append(account)
        elif state == "absent" and sid in before:
            after.remove(sid)
            result["removed"].append(account)
    if state == "pure":
        for sid in [each for each in after if each not in wanted]:
            after.remove(sid)
            result["removed"].append(principals.name_of(host, sid))
    result["changed"] = after != before
    result["members"] = [principals.name_of(host, sid) for sid in after]
    if not call.check_mode:
        group.members = after
    elif result.get("removed"):
        # In check mode PowerShell unrolls what is left: one member is no list, none is null.
        left = result["members"]
        result["members"] = left if len(left) > 1 else (left[0] if left else None)
    return result


def _must_be_possible(host: Host, sid: str) -> None:
    try:
        principals.must_be_possible_member(host, sid)
    except MemberRefused as error:
        raise ModuleFailure(method_failed("Add", 1, str(error))) from error


def _members(host: Host, names: list[str]) -> dict[str, str]:
    """The accounts by SID, each once. A SID that nobody has is no member to name, though it may be one."""
    found = {}
    for name in names:
        try:
            principal = principals.find(host, str(name))
        except principals.NoMapping as error:
            raise ModuleFailure(
                f"account_name {name} is not a valid account, cannot get SID: {error.in_powershell}", changed=False
            ) from error
        if principal.kind == "unknown":
            text = principals.NoMapping(principal.sid).in_powershell
            raise ModuleFailure(f"failed to convert sid '{principal.sid}' to a logon name: {text}", changed=False)
        found[principal.sid] = principal.account
    return found
