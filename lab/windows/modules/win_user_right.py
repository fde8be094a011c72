# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_user_right: who holds a right of the local security policy."""

from __future__ import annotations

from lab.windows.host import Host
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.rights import UnknownRight
from lab.windows.people import principals, sids


@upstream(
    "ansible.windows.win_user_right",
    mirrors="plugins/modules/win_user_right.ps1 of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_user_right.yml"),
    limits="",
)
def run(call: Call) -> Result:
    host = call.host
    right, action = call.arguments["name"], call.arguments["action"]
    wanted = list(dict.fromkeys(_sid(host, name) for name in call.arguments["users"]))
    result: Result = {"changed": False, "added": [], "removed": []}
    try:
        existing = host.rights.holders(right)
    except UnknownRight as error:
        raise ModuleFailure(f"the specified right {right} is not a valid right", **result) from error
    added = [] if action == "remove" else [sid for sid in wanted if sid not in existing]
    removed = {
        "add": [],
        "remove": [sid for sid in wanted if sid in existing],
        "set": [sid for sid in existing if sid not in wanted],
    }[action]
    before = [principals.name_of(host, sid) for sid in existing]
    result["added"] = [principals.name_of(host, sid) for sid in added]
    result["removed"] = [principals.name_of(host, sid) for sid in removed]
    result["changed"] = bool(added or removed)
    after = [*before, *result["added"]]
    for name in result["removed"]:
        after.remove(name)
    result["diff"] = {"before": {right: before}, "after": {right: after}}
    if not call.check_mode:
        host.rights.set(right, [*(sid for sid in existing if sid not in removed), *added])
    return result


def _sid(host: Host, name: str) -> str:
    """The SID of an account. A local user does not come before others here, other than in Convert-ToSID."""
    if sids.parsed(name) is not None:
        return principals.find(host, name).sid
    domain, separator, _account = name.partition("\\")
    here = separator and domain.casefold() in (".", host.identity.name.casefold())
    try:
        return (principals.find if here else principals.translate)(host, name).sid
    except principals.NoMapping as error:
        raise ModuleFailure(
            f"Failed to translate the account '{name}' to a SID", changed=False, added=[], removed=[]
        ) from error
