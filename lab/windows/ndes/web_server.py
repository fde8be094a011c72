# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the set-up makes in IIS: pool, applications, what they may run, who may call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lab.windows.ndes.facts import facts
from lab.windows.ndes.failures import failure
from lab.windows.not_modelled import NotModelled
from lab.windows.parts.iis import ConfigurationError

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.ndes.checks import Account
    from lab.windows.parts.iis.sites import Site

_AUTHENTICATION = "system.webServer/security/authentication"
_RESTRICTION = "system.webServer/security/isapiCgiRestriction"


def site(host: Host) -> Site | None:
    """The site that NDES is made in: the one with the number, whatever it is called."""
    return next((one for one in host.iis.sites.all() if one.id == facts()["iis"]["site"]), None)


def configure(host: Host, account: Account) -> None:
    """Make the pool and both applications."""
    where = site(host)
    if where is None or not host.files.is_folder(_expanded(where.physical_path)):
        raise failure(host, "no_site")
    _pool(host, account)
    _restriction(host)
    for application in facts()["iis"]["applications"]:
        if where.application(application["path"]) is None:
            host.iis.sites.add_application(
                where.name, application["path"], facts()["iis"]["folder"], facts()["iis"]["pool"]
            )
        location = f"{where.name}{application['path']}"
        configuration = host.iis.configuration
        configuration.set("system.webServer/handlers", "", "accessPolicy", facts()["iis"]["access_policy"], location)
        for kind in ("anonymous", "windows"):
            configuration.set(f"{_AUTHENTICATION}/{kind}Authentication", "", "enabled", application[kind], location)


def limit_requests(host: Host) -> None:
    """Let both applications take long queries."""
    where = site(host)
    for application in facts()["iis"]["applications"] if where else ():
        for section, element, attribute, value in facts()["iis"]["filtering"]:
            location = f"{where.name}{application['path']}" if where else ""
            host.iis.configuration.set(section, element, attribute, value, location)


def remove(host: Host) -> None:
    """Take away the applications with what is said of them, the restriction and the pool."""
    if not host.iis.installed:
        return
    where = site(host)
    for application in facts()["iis"]["applications"] if where else ():
        if where and where.application(application["path"]) is not None:
            host.iis.sites.remove_application(where.name, application["path"])
        if where:
            host.iis.configuration.forget(f"{where.name}{application['path']}")
    if host.iis.pools.get(facts()["iis"]["pool"]) is not None:
        host.iis.pools.remove(facts()["iis"]["pool"])
    try:
        host.iis.configuration.remove(_RESTRICTION, "", {"path": facts()["iis"]["restriction"]["path"]})
    except ConfigurationError as error:
        if error.kind not in ("not_found", "undeclared"):
            raise


def _pool(host: Host, account: Account) -> None:
    name = facts()["iis"]["pool"]
    pool = host.iis.pools.get(name) or host.iis.pools.create(name)
    pool.element.set("managedPipelineMode", "Classic")
    model = pool.element.at("processModel")
    values: dict[str, Any] = {"identityType": "ApplicationPoolIdentity"}
    if account.name:
        values = {"identityType": "SpecificUser", "userName": account.name, "password": account.password}
    for attribute, value in {**values, "idleTimeout": "00:00:00"}.items():
        model.set(attribute, value)
    pool.element.at("recycling/periodicRestart").set("time", "00:00:00")


def _restriction(host: Host) -> None:
    try:
        host.iis.configuration.add(_RESTRICTION, "", facts()["iis"]["restriction"])
    except ConfigurationError as error:
        if error.kind not in ("duplicate", "duplicate_combined"):
            raise


def _expanded(path: str) -> str:
    for name, value in (("%systemdrive%", "C:"), ("%windir%", "C:\\Windows"), ("%systemroot%", "C:\\Windows")):
        if path.lower().startswith(name):
            path = value + path[len(name) :]
    if "%" in path:
        raise NotModelled(f"files of a site whose physical path is {path}")
    return path
