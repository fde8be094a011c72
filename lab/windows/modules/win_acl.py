# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_acl: who may do what with a file, a registry key, or the private key of a certificate."""

from __future__ import annotations

from lab.windows.exceptions import Unhandled, method_failed
from lab.windows.modules.win_stat import absolute
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.security import WRITE_DAC
from lab.windows.people import principals
from lab.windows.security import access_rights, acl, securables
from lab.windows.security.acl import Ace
from lab.windows.security.securables import NoKey, Securable

_BOTH = "ContainerInherit, ObjectInherit"


@upstream(
    "ansible.windows.win_acl",
    mirrors="plugins/modules/win_acl.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_acl.yml", "tests/unit/lab/windows/test_acl.py"),
    limits="stores of certificates; names of rights that are abbreviated ambiguously; taking away a part of an entry "
    "that no single entry can say",
)
def run(call: Call) -> Result:
    given = call.arguments
    path = _followed(call)
    try:
        thing = securables.find(call.host, call.user, path)
    except NoKey as error:
        _sid(call)
        raise _error(call, path, method_failed(".ctor", 1, str(error))) from error
    if thing is None:
        raise ModuleFailure(f"{path} file or directory does not exist on the host")
    sid = _sid(call)
    try:
        rule = _rule(call, thing, sid)
    except access_rights.InvalidName as error:
        raise _error(call, path, str(error)) from error
    entries = securables.entries(call.host, thing)
    exists = rule in entries
    if exists == (given["state"] == "present"):
        return {"changed": False}
    if not call.check_mode:
        _write(call, thing, entries, rule)
    return {"changed": True}


def _write(call: Call, thing: Securable, entries: tuple[Ace, ...], rule: Ace) -> None:
    if not call.user.is_administrator and not call.host.security.allows(
        call.user, thing.kind, thing.name, WRITE_DAC, container=thing.container
    ):
        verb = "adding" if call.arguments["state"] == "present" else "removing"
        reason = "Attempted to perform an unauthorized operation."
        raise ModuleFailure(f"an exception occurred when {verb} the specified rule - {reason}")
    own = [ace for ace in entries if not ace.inherited]
    try:
        changed = acl.add(own, rule) if call.arguments["state"] == "present" else acl.remove(own, rule)
    except acl.Unrepresentable as error:
        raise NotModelled(f"what is left of {error}") from error
    securables.set_entries(call.host, thing, changed)


def _rule(call: Call, thing: Securable, sid: str) -> Ace:
    given = call.arguments
    allow = given["type"].lower() == "allow"
    mask = access_rights.mask(thing.kind, given["rights"], allow=allow)
    inherit = "None" if not thing.container else _BOTH if given["inherit"] is None else given["inherit"]
    return Ace(sid, mask, allow, access_rights.inheritance(inherit, given["propagation"]))


def _followed(call: Call) -> str:
    """The path, or where the links lead that it names."""
    path: str = call.arguments["path"]
    while call.arguments["follow"] and not securables.is_registry(path) and not securables.is_certificate(path):
        entry = call.host.files.get(path)
        if entry is None or entry.link is None:
            break
        path = absolute(entry)
    return path


def _sid(call: Call) -> str:
    host, name = call.host, call.arguments["user"]
    domain, _, account = name.partition("\\")
    if domain.upper() == "IIS APPPOOL" and account:
        if not host.iis.installed:
            raise Unhandled(
                "The specified module 'WebAdministration' was not loaded because no valid module file was found in any "
                "module directory."
            )
        if host.iis.pools.get(account) is None:
            raise Unhandled(f"Cannot find path 'IIS:\\AppPools\\{account}' because it does not exist.")
    try:
        return principals.find(host, name).sid
    except principals.NoMapping as error:
        message = f"account_name {name} is not a valid account, cannot get SID: {error.in_powershell}"
        raise ModuleFailure(message) from error


def _error(call: Call, path: str, reason: str) -> ModuleFailure:
    given = call.arguments
    attempted = f"{given['state']} {given['rights']} permission(s) on {path} for {given['user']}"
    return ModuleFailure(f"an error occurred when attempting to {attempted} - {reason}")
