# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_feature: installs and removes roles and features (Install-WindowsFeature)."""

from __future__ import annotations

import re

from lab.windows import consequences, tables
from lab.windows.arguments.basic import UNHANDLED
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.features import REMOVED, Change, UnknownFeature

#: Characters of a name that PowerShell would take as a pattern.
PATTERN = re.compile(r"[*?\[\]]")


@upstream(
    "ansible.windows.win_feature",
    mirrors="plugins/modules/win_feature.ps1 of ansible.windows 3.8.0",
    checked_against=(
        "data/ansible/windows_module_specs.json",
        "data/windows/features.json",
        "tests/cases/ansible.windows.win_feature.yml",
    ),
    limits="names with wildcards; only the features of data/features.yml exist; a source is a folder that exists, "
    "whatever is in it; what a removal needs a restart for is gone at once; messages are English on every host",
)
def run(call: Call) -> Result:
    host, arguments = call.host, call.arguments
    result: Result = {
        "changed": False,
        "exitcode": "NoChangeNeeded",
        "feature_result": [],
        "reboot_required": False,
        "success": True,
        "failed": False,
    }
    source = arguments["source"]
    if source and not host.files.exists(source):
        message = f"Failed to find source path {source} for feature install"
        raise ModuleFailure(message, **{key: value for key, value in result.items() if key != "failed"})
    if not call.user.is_administrator:
        raise ModuleFailure(UNHANDLED + _text("rights"))
    change = _plan(call)
    if not change.features:
        # Server Manager says that a restart is due whoever asks.
        result["reboot_required"] = _restart_pending(host)
        return result
    installs = arguments["state"] == "present"
    if not call.check_mode:
        if installs:
            _install(host, change, source)
        _carry_out(call)
    restart = change.restart and not call.check_mode
    result["feature_result"] = [
        {
            "id": feature.number,
            "display_name": feature.display_name,
            "message": [],
            "reboot_required": restart,
            "skip_reason": "NotSkipped",
            "success": True,
        }
        for feature in change.features
    ]
    result["changed"] = True
    # With -WhatIf the cmdlet answers Success, and Maybe to whether a restart is needed.
    result["exitcode"] = "SuccessRestartRequired" if restart else "Success"
    result["reboot_required"] = restart
    return result


def _plan(call: Call) -> Change:
    features, arguments = call.host.features, call.arguments
    names, tools = arguments["name"], arguments["include_management_tools"]
    for name in names:
        if PATTERN.search(name):
            raise NotModelled(f"wildcards in the name of a feature: {name}")
    try:
        if arguments["state"] == "absent":
            return features.plan_uninstall(names, management_tools=tools)
        return features.plan_install(names, sub_features=arguments["include_sub_features"], management_tools=tools)
    except UnknownFeature as unknown:
        raise ModuleFailure(UNHANDLED + _text("not_found", name=unknown.name)) from unknown


def _install(host: Host, change: Change, source: str | None) -> None:
    """Refuse what the cmdlet refuses once it begins."""
    if consequences.SERVICING in host.power.pending:
        raise ModuleFailure(UNHANDLED + "\r\n".join((_text("failed"), _text("restart"))))
    if host.disk_full:
        raise ModuleFailure(UNHANDLED + "\r\n".join(map(_text, ("failed", "installation", "disk_full"))))
    if not any(host.features.state(name) == REMOVED for name in change.names):
        return
    payload = tables.load("features")["payload"]
    if source is None or not host.files.is_folder(source):
        policy = host.registry.get(payload["policy_key"], payload["policy_value"])
        if policy is not None and isinstance(policy.data, str) and host.files.is_folder(policy.data):
            return
        old = host.identity.release == "2012r2" and source is None and policy is None
        reason = payload["unreachable_2012r2" if old else "unreachable"]
        lines = (
            _text("failed"),
            _text("installation"),
            _text(reason["message"]),
            _text("source_hint", code=reason["code"]),
        )
        raise ModuleFailure(UNHANDLED + "\r\n".join(lines))


def _carry_out(call: Call) -> None:
    arguments = call.arguments
    names, tools = arguments["name"], arguments["include_management_tools"]
    if arguments["state"] == "absent":
        consequences.uninstall_features(call.host, names, management_tools=tools)
    else:
        # Where a payload was missing, _install has found a source.
        source = arguments["source"] or "policy"
        sub_features = arguments["include_sub_features"]
        consequences.install_features(call.host, names, source, sub_features=sub_features, management_tools=tools)


def _restart_pending(host: Host) -> bool:
    return consequences.SERVICING in host.power.pending


def _text(message: str, **fields: str) -> str:
    text: str = tables.load("features")["messages"][message]
    return text.format(**fields)
