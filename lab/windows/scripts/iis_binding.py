# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iis_binding_read.ps1 and iis_binding_remove.ps1: bindings of sites and the certificates that answer there."""

from __future__ import annotations

from typing import Any

from lab.windows.host import Host
from lab.windows.parts.certificates import LOCAL_MACHINE
from lab.windows.parts.iis.http_sys import split
from lab.windows.support.web_administration import same

from . import ScriptCall, script
from .server_info import denied, moment
from .web_cmdlets import require_administrator, require_module

CASES = "tests/contract/cases"


@script(
    "iis_binding_read.ps1",
    checked_against=(f"{CASES}/iis_binding_read.json",),
    limits="what HTTP.sys has for the central certificate store as a whole",
)
def read(call: ScriptCall) -> list[Any]:
    host = call.host
    if not call.user.is_administrator:
        raise denied(host)
    sites: list[dict[str, Any]] = []
    for site in host.iis.sites.all() if host.iis.installed else ():
        bindings = [
            {
                "protocol": one.protocol,
                "bindingInformation": one.information,
                "sslFlags": one.flags,
                "certificateHash": one.thumbprint,
                "certificateStoreName": one.store,
            }
            for one in site.bindings
        ]
        sites.append({"name": site.name, "state": site.state, "bindings": bindings})
    bound = [binding for site in sites for binding in site["bindings"]]
    stores = {str(call.parameters["Store"]), *(one["certificateStoreName"] for one in bound)} - {""}
    wanted = {str(call.parameters.get("Thumbprint") or "").upper(), *(one["certificateHash"].upper() for one in bound)}
    return [
        {
            "installed": host.iis.installed,
            "now": moment(host, host.clock.now()),
            "computer": {
                "DNSHostName": host.identity.name,
                "Domain": host.identity.dns_domain,
                "PartOfDomain": True,
            },
            "sites": sites,
            "ssl": _held(host) if host.iis.installed else [],
            "certificates": _certificates(host, stores, wanted),
        }
    ]


def _held(host: Host) -> list[dict[str, Any]]:
    """What `IIS:\\SslBindings` lists."""
    found = []
    for one in host.iis.http.all():
        rest, port, _nothing = split(f"{one.endpoint}:")
        found.append(
            {
                "address": "" if one.sni else rest.strip("[]"),
                "port": int(port),
                "host": rest if one.sni else "",
                "thumbprint": one.thumbprint,
            }
        )
    return found


def _certificates(host: Host, stores: set[str], wanted: set[str]) -> list[dict[str, Any]]:
    found, seen = [], set()
    for name in sorted(stores, key=str.lower):
        if name.lower() in seen or host.certificates.store(LOCAL_MACHINE, name) is None:
            continue
        seen.add(name.lower())
        for entry in host.certificates.visible(LOCAL_MACHINE, name):
            if entry.thumbprint in wanted:
                key = host.certificates.has_private_key(entry)
                found.append({"store": name, "private_key": key, "der": entry.der.hex().upper()})
    return found


@script("iis_binding_remove.ps1", checked_against=(f"{CASES}/iis_binding_remove.json",))
def remove(call: ScriptCall) -> list[Any]:
    require_module(call, "Get-WebBinding")
    require_administrator(call, "Get-WebBinding")
    sites, wanted = call.host.iis.sites, str(call.parameters.get("Information") or "")
    site = sites.get(str(call.parameters["Site"]))
    for binding in site.bindings if site else ():
        if binding.protocol == "https" and same(binding.information, wanted):
            sites.remove_binding(site.name if site else "", binding)
    item = str(call.parameters.get("Endpoint") or "")
    if item:
        address, port, name = (*item.split("!"), "")[:3]
        call.host.iis.http.remove(f"{name or address}:{port}")
    return []
