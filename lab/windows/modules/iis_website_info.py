# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.website_info"""

from __future__ import annotations

from typing import Any

from lab.windows.operation import Call, Result, upstream
from lab.windows.parts.iis.http_sys import CENTRAL_STORE, SNI
from lab.windows.parts.iis.sites import Binding, Site
from lab.windows.support.web_administration import require


@upstream(
    "microsoft.iis.website_info",
    mirrors="plugins/modules/website_info.ps1 of microsoft.iis 1.3.0",
    checked_against=("tests/cases/microsoft.iis.website_info.yml", "tests/unit/lab/windows/test_iis_modules.py"),
)
def website_info(call: Call) -> Result:
    require(call)
    name = call.arguments["name"]
    known = call.host.iis.sites
    one = known.get(name) if name is not None else None
    sites = known.all() if name is None else [one] if one else []
    return {"changed": False, "exists": bool(sites), "site": [_site(site) for site in sites]}


def _site(site: Site) -> dict[str, Any]:
    return {
        "name": site.name,
        "site_id": site.id,
        "state": site.state,
        "physical_path": site.physical_path,
        "application_pool": site.pool,
        "bindings": [_binding(binding) for binding in site.bindings],
    }


def _binding(binding: Binding) -> dict[str, Any]:
    # Split at every colon, so an IPv6 address comes out as upstream gives it: in pieces.
    address, port, host = [*binding.information.split(":"), "", ""][:3]
    return {
        "ip": address,
        "port": int(port) if port.isdigit() else port,
        "hostname": host,
        "protocol": binding.protocol,
        "use_ccs": bool(binding.flags & CENTRAL_STORE),
        "use_sni": bool(binding.flags & SNI),
        "certificate_hash": binding.thumbprint,
        "certificate_store_name": binding.store,
    }
