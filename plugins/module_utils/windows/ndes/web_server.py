# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What applicationHost.config says of the site, the pool and the applications of NDES. Pure.

What takes effect at an application is read as IIS does: the schema's default, the section of the server, then each
location on the way to it. Sections of authentication are locked on a fresh server, so web.config files have no say in
them; where somebody unlocked them, what a web.config says is not seen.

Provenance: Microsoft's IIS configuration reference (sites, applicationPools, authentication).

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as Tree
from dataclasses import dataclass

from .. import mscep
from ..iis.bindings import split
from ..values import UnexpectedValue

#: Characters of a part of the configuration; the whole file of a server with a thousand sites is smaller.
LARGEST = 8 * 1024 * 1024

#: Defaults of the schema.
POOL_DEFAULTS: t.Final[t.Mapping[str, str]] = {
    "managedPipelineMode": "Integrated",
    "processModel.identityType": "ApplicationPoolIdentity",
    "processModel.userName": "",
    "processModel.idleTimeout": "00:20:00",
    "recycling.disallowOverlappingRotation": "false",
    "recycling.periodicRestart.time": "1.05:00:00",
}
AUTHENTICATION_DEFAULTS: t.Final[t.Mapping[tuple[str, str], str]] = {
    ("anonymousAuthentication", "enabled"): "true",
    ("windowsAuthentication", "enabled"): "false",
    ("windowsAuthentication", "useKernelMode"): "true",
}
POOL_IDENTITY = "ApplicationPoolIdentity"
SPECIFIC_USER = "SpecificUser"

_TIME = re.compile(r"(?:(\d{1,8})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?\Z")


@dataclass(frozen=True)
class Application:
    """An application of the site, that of the site itself with the path V(/)."""

    path: str
    pool: str
    anonymous: bool
    windows: bool
    kernel_mode: bool


@dataclass(frozen=True)
class Site:
    """The site with the number that NDES asks for; bindings as the module returns them."""

    id: int
    name: str
    physical_path: str
    bindings: tuple[dict[str, t.Any], ...] = ()


@dataclass(frozen=True)
class Pool:
    """The pool of NDES; times are seconds, and zero means never."""

    name: str
    identity_type: str
    username: str | None
    idle_timeout: int
    periodic_restart: int
    disallow_overlapping_rotation: bool
    managed_pipeline_mode: str


@dataclass(frozen=True)
class WebServer:
    """What there is of NDES in IIS."""

    site: Site | None = None
    pool: Pool | None = None
    applications: tuple[Application, ...] = ()

    def has(self, application: str) -> bool:
        """Whether the site has the application V(CertSrv/mscep), in any letter case."""
        wanted = f"/{application.strip('/')}".casefold()
        return any(one.path.casefold() == wanted for one in self.applications)


def read(parts: t.Sequence[str]) -> WebServer | None:
    """The web server of O(parts), pieces of applicationHost.config; None for none. Raises UnexpectedValue."""
    if not parts:
        return None
    elements = [_parsed(part) for part in parts]
    hosts = [element for element in elements if element.tag == "system.applicationHost"]
    places = [element for element in elements if element.tag in ("authentication", "location")]
    pools = [pools for host in hosts for pools in host.findall("applicationPools")]
    sites = [sites for host in hosts for sites in host.findall("sites")]
    site = next(
        (one for holder in sites for one in holder.findall("site") if one.get("id") == str(mscep.SITE_ID)), None
    )
    return WebServer(
        site=None if site is None else _site(site),
        pool=next((_pool(one, holder) for holder in pools for one in holder.findall("add") if _is_pool(one)), None),
        applications=()
        if site is None
        else tuple(_application(one, site, sites, places) for one in site.findall("application")),
    )


def seconds(text: str) -> int:
    """A span of time as IIS writes it, C([days.]hours:minutes:seconds). Raises UnexpectedValue."""
    found = _TIME.match(text)
    if found is None:
        raise UnexpectedValue("applicationHost.config", "a span of time", text)
    days, hours, minutes, rest = (int(group or 0) for group in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def _parsed(text: str) -> Tree.Element:
    # Neither of both stands in a piece of a configuration; an entity could grow without bounds.
    if len(text) > LARGEST or "<!" in text.replace("<!--", ""):
        raise UnexpectedValue("applicationHost.config", "a part of a configuration", text[:40])
    try:
        return Tree.fromstring(text)
    except Tree.ParseError as error:
        raise UnexpectedValue("applicationHost.config", f"XML ({error})", text[:40]) from error


def _is_pool(element: Tree.Element) -> bool:
    return (element.get("name") or "").casefold() == mscep.POOL.casefold()


def _pool(element: Tree.Element, holder: Tree.Element) -> Pool:
    defaults = holder.find("applicationPoolDefaults")

    def value(path: str) -> str:
        *parents, name = path.split(".")
        for place in (element, defaults):
            found = None if place is None else place.find("/".join(parents) or ".")
            text = None if found is None else found.get(name)
            if text is not None:
                return text
        return POOL_DEFAULTS[path]

    identity = value("processModel.identityType")
    return Pool(
        name=element.get("name") or "",
        identity_type=identity,
        username=(value("processModel.userName") or None) if identity.casefold() == SPECIFIC_USER.casefold() else None,
        idle_timeout=seconds(value("processModel.idleTimeout")),
        periodic_restart=seconds(value("recycling.periodicRestart.time")),
        disallow_overlapping_rotation=_flag(value("recycling.disallowOverlappingRotation")),
        managed_pipeline_mode=value("managedPipelineMode"),
    )


def _flag(text: str) -> bool:
    return text.casefold() == "true"


def _site(element: Tree.Element) -> Site:
    root = element.find("application[@path='/']/virtualDirectory[@path='/']")
    return Site(
        id=mscep.SITE_ID,
        name=element.get("name") or "",
        physical_path="" if root is None else root.get("physicalPath") or "",
        bindings=tuple(_binding(one) for one in element.findall("bindings/binding")),
    )


def _binding(element: Tree.Element) -> dict[str, t.Any]:
    protocol, information = element.get("protocol") or "", element.get("bindingInformation") or ""
    address, port, host = split(information)
    flags = element.get("sslFlags") or "0"
    return {
        "protocol": protocol,
        "information": information,
        "ip": address or None,
        "port": int(port) if port.isdecimal() else None,
        "host_header": host if port.isdecimal() else None,
        "ssl_flags": int(flags) if flags.isdecimal() else 0,
    }


def _application(
    element: Tree.Element, site: Tree.Element, sites: t.Sequence[Tree.Element], places: t.Sequence[Tree.Element]
) -> Application:
    path = element.get("path") or "/"
    holders = [site, *sites]
    defaults = [one.find("applicationDefaults") for one in holders]
    pools = [element.get("applicationPool"), *(one.get("applicationPool") for one in defaults if one is not None)]
    steps = _steps(f"{site.get('name') or ''}{path}")

    def value(section: str, name: str) -> bool:
        found = AUTHENTICATION_DEFAULTS[section, name]
        for step in steps:
            for place in places:
                if _location(place) == step:
                    found = _said(place, section, name) or found
        return _flag(found)

    return Application(
        path=path,
        pool=next((pool for pool in pools if pool), "DefaultAppPool"),
        anonymous=value("anonymousAuthentication", "enabled"),
        windows=value("windowsAuthentication", "enabled"),
        kernel_mode=value("windowsAuthentication", "useKernelMode"),
    )


def _steps(location: str) -> list[str]:
    """V(Site/app) as the server, the site, the application, in lower case."""
    parts = [part for part in location.casefold().split("/") if part]
    return ["/".join(parts[:count]) for count in range(len(parts) + 1)]


def _location(place: Tree.Element) -> str:
    path = (place.get("path") or "").strip("/") if place.tag == "location" else ""
    return "" if path == "." else path.casefold()


def _said(place: Tree.Element, section: str, name: str) -> str | None:
    prefix = "system.webServer/security/authentication/" if place.tag == "location" else ""
    found = place.find(f"{prefix}{section}")
    return None if found is None else found.get(name)
