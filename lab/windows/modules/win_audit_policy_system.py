# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_audit_policy_system: of which kinds of events a record is kept.

As upstream, which asks auditpol.exe by name and reads its words: names are those of the host's language, GUIDs are
refused, and on a server that is not English a setting is never found to be as wanted. Somebody who may not read the
policy is told that nothing had to be changed.
"""

from __future__ import annotations

from lab.windows.commands.auditpol import PRIVILEGE_NOT_HELD, may_manage
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts import audit_policy
from lab.windows.parts.audit_policy import Subcategory


@upstream(
    "ansible.windows.win_audit_policy_system",
    mirrors="plugins/modules/win_audit_policy_system.ps1 of ansible.windows 3.8.0",
    checked_against=(
        "tests/cases/ansible.windows.win_audit_policy_system.yml",
        "tests/unit/lab/windows/test_audit.py",
        "data/ansible/windows_module_specs.json",
    ),
    limits="on a server that is not English, every name but the English ones, which are refused as it refuses them",
)
def run(call: Call) -> Result:
    chosen = _chosen(call)
    if not may_manage(call.host, call.user):
        # The error of auditpol is taken for a policy in which nothing differs.
        return {"changed": False, "current_audit_policy": _refusal(call)}
    wanted = [name.lower() for name in call.arguments["audit_type"]]
    success, failure = "success" in wanted, "failure" in wanted
    setting = success * audit_policy.SUCCESS | failure * audit_policy.FAILURE
    changed = any(call.host.audit_policy.get(each.guid) != setting for each in chosen)
    if changed and not call.check_mode:
        call.host.audit_policy.set([each.guid for each in chosen], success=success, failure=failure)
    words = audit_policy.data()["settings"][call.host.identity.language]
    told = {each.name.lower(): words[call.host.audit_policy.get(each.guid)].lower() for each in chosen}
    return {"changed": changed, "current_audit_policy": told}


def _chosen(call: Call) -> list[Subcategory]:
    given = call.arguments
    by_category = bool(given["category"])
    name: str = given["category"] if by_category else given["subcategory"]
    known = audit_policy.subcategories(call.host.identity)
    found = [each for each in known if name.lower() == (each.category if by_category else each.name).lower()]
    language = call.host.identity.language
    is_guid = name.startswith("{")
    if language != "en-US" and not is_guid and (not found or name.lower() in _THE_SAME):
        raise NotModelled(f"what {name} is called on a server whose language is {language}")
    if not found or language != "en-US":
        raise ModuleFailure(f"Invalid {'category' if by_category else 'sub category'} provided")
    return found


#: English names that may be the same in other languages.
_THE_SAME = ("system", "sam")


def _refusal(call: Call) -> str:
    told, language = audit_policy.data(), call.host.identity.language
    head = told["error_head"][language].format(code=PRIVILEGE_NOT_HELD)
    return f"{head}\r\n{told['errors'][PRIVILEGE_NOT_HELD][language]}\r\n"
