# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iis_request_limits_read.ps1 and iis_request_limits_write.ps1: the limits of request filtering."""

from __future__ import annotations

from typing import Any

from lab.windows.parts.iis import ConfigurationError
from lab.windows.support.web_administration import applications, same

from . import ScriptCall, script
from .web_cmdlets import failed, require_administrator, require_module

SECTION, ELEMENT = "system.webServer/security/requestFiltering", "requestLimits"
NAMES = ("maxUrl", "maxQueryString", "maxAllowedContentLength")
SERVER = "MACHINE/WEBROOT/APPHOST"
CASES = "tests/contract/cases"


@script(
    "iis_request_limits_read.ps1",
    checked_against=(f"{CASES}/iis_request_limits_read.json",),
    limits="a <location> that the text of applicationHost.config has twice",
)
def read(call: ScriptCall) -> list[Any]:
    iis, wanted = call.host.iis, str(call.parameters.get("Site") or "")
    if not iis.installed:
        return [{"installed": False, "sites": [], "places": [], "own": []}]
    require_administrator(call, "Get-Website")
    sites = [site.name for site in iis.sites.all()]
    paths = [""]
    for name in sites:
        if not wanted or same(name, wanted):
            paths += [name, *(name + application.path for _site, application in applications(call.host, name))]
    places = []
    for path in paths:
        limits = iis.section(SECTION, path).at(ELEMENT)
        places.append({"path": f"{SERVER}/{path}".rstrip("/"), **{name: limits.get(name) for name in NAMES}})
    own = []
    for location, place in sorted(iis.configuration.locations.items()):
        element = place.get(SECTION)
        if element is not None and ELEMENT in element.elements and not element.elements[ELEMENT].empty:
            # The file has text, and the script gives what the file has.
            said = {name: element.elements[ELEMENT].values.get(name) for name in NAMES}
            texts = {name: None if value is None else str(value) for name, value in said.items()}
            own.append({"location": location, **texts})
    return [{"installed": True, "sites": sites, "places": places, "own": own}]


@script("iis_request_limits_write.ps1", checked_against=(f"{CASES}/iis_request_limits_write.json",))
def write(call: ScriptCall) -> list[Any]:
    configuration, site = call.host.iis.configuration, str(call.parameters.get("Site") or "")
    wanted, cleared = call.parameters.get("Set") or {}, call.parameters.get("Clear") or []
    if wanted or cleared:
        cmdlet = "Set-WebConfigurationProperty" if wanted else "Clear-WebConfiguration"
        require_module(call, cmdlet)
        require_administrator(call, cmdlet)
    try:
        for name, value in wanted.items():
            configuration.set(SECTION, ELEMENT, name, value, site)
    except ConfigurationError as error:
        raise failed(error, "Set-WebConfigurationProperty") from error
    for name in NAMES:
        if any(same(name, one) for one in cleared):
            configuration.clear(SECTION, ELEMENT, name, site)
    return []
