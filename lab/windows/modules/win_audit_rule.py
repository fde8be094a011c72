# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_audit_rule: of which use of a file, a folder or a registry key a record is kept.

As upstream: a rule is looked for by the names that .NET gives to its rights, so that `SetValue` is not found in an
entry whose rights are called `WriteKey`, and is reported as added again; a user is found by SID or by name, but a new
rule takes a name alone, which check mode does not tell.
"""

from __future__ import annotations

import re
from typing import Any

from lab.windows.commands.auditpol import PRIVILEGE, may_manage
from lab.windows.exceptions import method_failed
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.people import principals
from lab.windows.security import access_rights, audit, securables
from lab.windows.security.acl import CONTAINER_INHERIT, INHERIT_ONLY, NO_PROPAGATE, OBJECT_INHERIT, Ace
from lab.windows.security.securables import Securable

#: The drives of the registry that PowerShell has unless somebody makes others.
_DRIVES = re.compile(r"^HK(LM|CU):", re.IGNORECASE)
_INHERIT = {"ContainerInherit": CONTAINER_INHERIT, "ObjectInherit": OBJECT_INHERIT}
_PROPAGATE = {"NoPropagateInherit": NO_PROPAGATE, "InheritOnly": INHERIT_ONLY}
_RECORDED = {"Success": audit.SUCCESS, "Failure": audit.FAILURE}
_NO_PRIVILEGE = f"The process does not possess the '{PRIVILEGE}' privilege which is required for this operation."
#: SID.psm1 tells of a name that nobody has through a function of Legacy.psm1, which this module does not load.
_NO_FUNCTION = (
    "The term 'Fail-Json' is not recognized as the name of a cmdlet, function, script file, or operable program. Check "
    "the spelling of the name, or if a path was included, verify that the path is correct and try again."
)


@upstream(
    "ansible.windows.win_audit_rule",
    mirrors="plugins/modules/win_audit_rule.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_audit_rule.yml", "tests/unit/lab/windows/test_audit.py"),
    limits="paths with wildcards, of other providers than file system and registry; the order of the rules",
)
def run(call: Call) -> Result:
    given = call.arguments
    thing = _thing(call, given["path"])
    sid = _sid(call)
    result: Result = {"changed": False, "path_type": "directory" if thing.container else "file"}
    if thing.kind == "registry":
        result["path_type"] = "registry"
    if not may_manage(call.host, call.user):
        raise ModuleFailure(f"Unable to retrieve the ACL on {given['path']}: {_NO_PRIVILEGE}", **result)
    own = call.host.security.audited(thing.kind, thing.name)
    if given["state"] == "absent":
        wanted = audit.purge(own, sid)
        result["changed"] = wanted != own
    else:
        rule = _rule(call, thing, sid, result)
        result["changed"] = not any(_says(thing, ace, rule) for ace in own)
        wanted = audit.add(own, _named(call, rule, result)) if result["changed"] and not call.check_mode else own
    if result["changed"] and not call.check_mode:
        call.host.security.set_audit(thing.kind, thing.name, wanted)
    return {**result, "current_audit_rules": _told(call, thing)}


def _thing(call: Call, path: str) -> Securable:
    if "::" in path or securables.is_certificate(path):
        raise NotModelled(f"what is recorded of {path}")
    missing = securables.is_registry(path) and not _DRIVES.match(path)
    thing = None if missing else securables.find(call.host, call.user, path)
    if thing is None:
        raise ModuleFailure(f"defined path ({path}) is not found/invalid")
    if set(path) & set("[]"):
        raise NotModelled(f"the wildcards that Get-Acl finds in {path}")
    return thing


def _sid(call: Call) -> str:
    name = call.arguments["user"]
    try:
        return principals.find(call.host, name).sid
    except principals.NoMapping as error:
        raise ModuleFailure(f"Failed to lookup the identity ({name}): {_NO_FUNCTION}") from error


def _rule(call: Call, thing: Securable, sid: str, result: Result) -> Ace:
    given = call.arguments
    flags = sum({_INHERIT.get(name, 0) for name in given["inheritance_flags"]})
    names = access_rights.names(thing.kind)
    mask = 0
    for right in given["rights"]:
        if right.lower() not in names:
            what = "REGISTRY" if thing.kind == "registry" else "FILE SYSTEM"
            raise ModuleFailure(f"{right} does not seem to be a valid {what} right", **result)
        mask |= names[right.lower()]
    if result["path_type"] == "file" and any(name != "None" for name in given["inheritance_flags"]):
        raise ModuleFailure("The target type is a file. inheritance_flags must be changed to 'none'", **result)
    flags |= _PROPAGATE.get(given["propagation_flags"], 0) if flags else 0
    recorded = sum({_RECORDED[name.capitalize()] for name in given["audit_flags"]})
    return Ace(sid, mask, flags=flags | recorded)


def _named(call: Call, rule: Ace, result: Result) -> Ace:
    """The rule of whoever the name means to Windows; a SID is the name of nobody (not verified on Windows)."""
    try:
        sid = principals.translate(call.host, call.arguments["user"]).sid
    except principals.NoMapping as error:
        reason = method_failed("AddAuditRule", 1, str(error))
        raise ModuleFailure(f"Failed to set the audit rule: {reason}", **{**result, "changed": False}) from error
    return Ace(sid, rule.mask, flags=rule.flags)


def _says(thing: Securable, ace: Ace, rule: Ace) -> bool:
    """Whether an entry says all that a rule says, as far as the names of both tell (Confirm-AuditRule)."""
    if ace.sid != rule.sid:
        return False
    there, wanted = _described(thing, ace), _described(thing, rule)
    contained = all(
        set(wanted[key].split(", ")) <= set(there[key].split(", "))
        for key in ("audit_flags", "rights", "inheritance_flags")
    )
    return contained and there["propagation_flags"] == wanted["propagation_flags"]


def _described(thing: Securable, ace: Ace) -> dict[str, str]:
    return {
        "rights": access_rights.shown(thing.kind, ace.mask),
        "audit_flags": _flags(_RECORDED, ace.flags),
        "is_inherited": str(ace.inherited),
        "inheritance_flags": _flags(_INHERIT, ace.flags),
        "propagation_flags": _flags(_PROPAGATE, ace.flags),
    }


def _flags(names: dict[str, int], flags: int) -> str:
    return ", ".join(name for name, flag in names.items() if flags & flag) or "None"


def _told(call: Call, thing: Securable) -> Any:
    """A table for one rule and for none, a list for more, as PowerShell's pipeline makes of them."""
    rules = [
        {"user": principals.name_of(call.host, ace.sid), **_described(thing, ace)}
        for ace in call.host.security.audit(thing.kind, thing.name, container=thing.container)
    ]
    return rules if len(rules) > 1 else rules[0] if rules else {}
