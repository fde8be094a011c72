# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_owner: to whom files and folders belong."""

from __future__ import annotations

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.people import principals, sids
from lab.windows.security.securables import is_certificate, is_registry
from lab.windows.support import file_access


@upstream(
    "ansible.windows.win_owner",
    mirrors="plugins/modules/win_owner.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_owner.yml",),
    limits="paths outside of the file system",
)
def run(call: Call) -> Result:
    given, host = call.arguments, call.host
    if is_registry(given["path"]) or is_certificate(given["path"]):
        raise NotModelled(f"the owner of what is no file: {given['path']}")
    path = file_access.full(host, call.user, given["path"])
    entry = host.files.get(path)
    if entry is None:
        raise ModuleFailure(f"{given['path']} file or directory does not exist on the host", changed=False)
    sid = _sid(call)
    touched = [entry]
    if given["recurse"] and entry.is_folder:
        touched += host.files.tree(path)
    differing = [found.path for found in touched if host.security.owner("file", found.path) != sid]
    if not call.check_mode:
        for name in differing:
            host.security.set_owner("file", name, sid)
    return {"changed": bool(differing)}


def _sid(call: Call) -> str:
    """ConvertTo-AnsibleWindowsSecurityIdentifier of ansible.windows."""
    host, name = call.host, call.arguments["user"]
    domain, separator, _account = name.partition("\\")
    here = separator and domain.casefold() in (".", host.identity.name.casefold())
    try:
        return (principals.find if here or sids.parsed(name) else principals.translate)(host, name).sid
    except principals.NoMapping as error:
        message = f"Failed to translate '{name}' to a SecurityIdentifier: {error.in_powershell}"
        raise ModuleFailure(message, changed=False) from error
