# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The PowerShell module WebAdministration and its drive `IIS:`, as far as upstream modules use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure
from lab.windows.parts.iis import ConfigurationError
from lab.windows.parts.iis.sites import Application, Directory, Site

if TYPE_CHECKING:
    from lab.windows.host import Host

MODULE = "WebAdministration"


def missing(host: Host) -> str:
    """What Import-Module says where IIS is not installed; "" where it is."""
    return "" if host.iis.installed else ConfigurationError("no_module", name=MODULE).text


def require(call: Call) -> None:
    """Import the module outside of any try, as most modules of microsoft.iis do."""
    said = missing(call.host)
    if said:
        raise ModuleFailure(f"Unhandled exception while executing module: {said}")


def same(one: str | None, other: str | None) -> bool:
    """PowerShell's -eq on text."""
    return (one or "").lower() == (other or "").lower()


def full_name(path: str) -> str:
    """FullName of an item that Get-Item found."""
    return path.replace("/", "\\")


def applications(host: Host, site: str = "", name: str = "") -> list[tuple[Site, Application]]:
    """What Get-WebApplication lists: not the application of a site itself."""
    return [
        (one, application)
        for one in host.iis.sites.all()
        if not site or same(one.name, site)
        for application in one.applications
        if application.path != "/" and (not name or same(application.path, f"/{name.strip('/')}"))
    ]


def directories(
    host: Host, site: str = "", application: str = "", name: str = ""
) -> list[tuple[Site, Application, Directory]]:
    """What Get-WebVirtualDirectory lists: of all applications if none is named, and never their own directory `/`."""
    return [
        (one, app, directory)
        for one in host.iis.sites.all()
        if not site or same(one.name, site)
        for app in one.applications
        if not application or same(app.path, f"/{application.strip('/')}")
        for directory in app.directories
        if directory.path != "/" and (not name or same(directory.path, f"/{name.strip('/')}"))
    ]


def known_path(host: Host, site: Site, path: str) -> bool:
    """Test-Path of `IIS:\\Sites\\SITE\\PATH`: an application, a virtual directory, or a folder or file of the site."""
    wanted = "/" + path.replace("\\", "/").strip("/")
    if any(same(application.path, wanted) for application in site.applications):
        return True
    for application in site.applications:
        for directory in application.directories:
            if same((application.path.rstrip("/") + directory.path).rstrip("/") or "/", wanted):
                return True
    root = site.physical_path.replace("%SystemDrive%", "C:").rstrip("\\")
    if "%" in root:
        raise NotModelled(f"files of a site whose physical path is {site.physical_path}")
    return host.files.exists(root + wanted.replace("/", "\\"))


def has_private_key(host: Host, store: str, thumbprint: str) -> bool | None:
    """Whether a certificate of LocalMachine has its private key; None if there is no such certificate."""
    known = host.certificates.store("LocalMachine", store)
    entry = known.get(thumbprint) if known else None
    return None if entry is None else host.certificates.key(entry.key) is not None
