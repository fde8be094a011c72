# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.ad.membership: only that the host is a member already."""

from __future__ import annotations

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream


@upstream(
    "microsoft.ad.membership",
    mirrors="plugins/modules/membership.ps1 of microsoft.ad 1.12.1",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/microsoft.ad.membership.yml"),
    limits="joining, leaving and renaming: hosts of the lab are members of its domain for good",
)
def run(call: Call) -> Result:
    identity, arguments = call.host.identity, call.arguments
    # What GetHostName and GetComputerDomain give.
    hostname, domain = identity.name, identity.dns_domain
    result: Result = {"changed": False, "reboot_required": False}
    diff = {
        "before": {"dns_domain_name": domain, "hostname": hostname, "state": "domain", "workgroup_name": None},
        "after": {},
    }
    wanted_name = arguments["hostname"] or hostname
    if arguments["state"] == "workgroup":
        raise NotModelled("leaving the domain")
    if arguments["offline_join_blob"] is None:
        wanted_domain = arguments["dns_domain_name"] or ""
        if wanted_domain.casefold() != domain.casefold():
            message = f"Host is already joined to '{domain}', switching domains is not implemented"
            raise ModuleFailure(message, **result, diff=diff)
    if wanted_name.casefold() != hostname.casefold():
        raise NotModelled("renaming the computer")
    diff["after"] = {
        "dns_domain_name": arguments["dns_domain_name"],
        "hostname": wanted_name,
        "state": "domain",
        "workgroup_name": arguments["workgroup_name"],
    }
    return {**result, "diff": diff}
