# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_hotfix"""

from __future__ import annotations

from lab.windows import consequences
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.packages import INSTALL_PENDING, INSTALLED, NOT_PRESENT, UNINSTALL_PENDING
from lab.windows.support import installers

RESTART_REASON = "component_based_servicing"
PENDING = "what Get-HotFix says of an update that waits for a restart"


@upstream(
    "ansible.windows.win_hotfix",
    mirrors="plugins/modules/win_hotfix.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_hotfix.yml", "tests/unit/lab/windows/test_packages.py"),
    limits="updates that are not in data/packages.yml, those that Windows itself came with among them; an update that "
    "waits for a restart, where Get-HotFix would be asked for it",
)
def win_hotfix(call: Call) -> Result:
    result: Result = {"changed": False, "reboot_required": False}
    return _absent(call, result) if call.arguments["state"].lower() == "absent" else _present(call, result)


def _absent(call: Call, result: Result) -> Result:
    identifier, kb = call.arguments["hotfix_identifier"], call.arguments["hotfix_kb"]
    if identifier is None and kb is None:
        raise ModuleFailure("either hotfix_identifier or hotfix_kb needs to be set when state=absent", **result)
    boot = call.host.power.boot_time
    for name, update in call.host.packages.updates(boot).items():
        named = name.lower() == identifier.lower() if identifier is not None else update.kb.lower() == kb.lower()
        if not named:
            continue
        if update.state == UNINSTALL_PENDING and identifier is not None:
            result |= {"identifier": name, "kb": update.kb, "reboot_required": True}
        elif update.state == INSTALLED:
            result |= {"identifier": name, "kb": update.kb, "changed": True}
            if not call.check_mode:
                result["reboot_required"] = _remove(call, name, update.kb)
        elif identifier is None:
            raise NotModelled(PENDING)
    return result


def _present(call: Call, result: Result) -> Result:
    source = call.arguments["source"]
    if source is None:
        raise ModuleFailure("source must be set when state=present", **result)
    if not call.host.files.is_file(source):
        raise ModuleFailure(f"the path set for source {source} does not exist or is not a file", **result)
    installer = installers.installer_of(call.host, source)
    if installer.kind != "msu":
        raise NotModelled(f"the file {source}, which is no update")
    name, kb = installer.entry, str(installer.facts["kb"])
    for option, kind, found in (("hotfix_identifier", "identifier", name), ("hotfix_kb", "KB", kb)):
        wanted = call.arguments[option]
        if wanted is not None and wanted.lower() != found.lower():
            raise ModuleFailure(
                f"the hotfix {kind} {wanted} does not match with the source msu {kind} {found}, please omit or specify "
                f"the correct {kind} to continue",
                **result,
            )
    result |= {"identifiers": [name], "identifier": name, "kbs": [kb], "kb": kb}
    boot = call.host.power.boot_time
    update = call.host.packages.updates(boot).get(name)
    state = update.state if update else NOT_PRESENT
    if state == INSTALL_PENDING:
        # Upstream asks Get-HotFix then, and installs again what is not told there.
        raise NotModelled(PENDING)
    if state == INSTALLED:
        return result
    if not call.check_mode:
        restart = installer.rc == installers.RESTART_WANTED
        call.host.packages.set_update(name, kb, INSTALL_PENDING if restart else INSTALLED, boot)
        if restart:
            consequences.request_restart(call.host, RESTART_REASON)
        result["reboot_required"] = restart
    return result | {"changed": True}


def _remove(call: Call, name: str, kb: str) -> bool:
    """Remove an update, and say whether that waits for a restart."""
    boot = call.host.power.boot_time
    known = next((one for one in installers.catalogue().values() if one.entry == name), None)
    if known is not None and known.rc != installers.RESTART_WANTED:
        call.host.packages.remove_update(name, boot)
        return False
    call.host.packages.set_update(name, kb, UNINSTALL_PENDING, boot)
    consequences.request_restart(call.host, RESTART_REASON)
    return True
