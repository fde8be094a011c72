# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.web_application and web_application_info"""

from __future__ import annotations

from typing import Any

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.iis import ConfigurationError
from lab.windows.parts.iis.sites import Directory
from lab.windows.support.web_administration import applications, full_name, missing, require, same


@upstream(
    "microsoft.iis.web_application",
    mirrors="plugins/modules/web_application.ps1 of microsoft.iis 1.3.0",
    checked_against=("tests/cases/microsoft.iis.web_application.yml", "tests/unit/lab/windows/test_iis_modules.py"),
    limits="making an application in a site that is not there; an application in the place of a virtual directory",
)
def web_application(call: Call) -> Result:
    if call.arguments["connect_as"] == "specific_user":
        for option in ("username", "password"):
            if not call.arguments[option]:
                raise ModuleFailure(f"missing required arguments: {option}")
    require(call)
    try:
        return {"changed": _Application(call).run()}
    except ConfigurationError as error:
        raise ModuleFailure(error.framework) from error


class _Application:
    def __init__(self, call: Call) -> None:
        self.host = call.host
        self.arguments = call.arguments
        self.check_mode = call.check_mode
        self.site: str = call.arguments["site"]
        self.name: str = call.arguments["name"]
        self.changed = False

    def run(self) -> bool:
        state = self.arguments["state"]
        found = applications(self.host, self.site, self.name)
        site = self.host.iis.sites.get(self.site)
        pool = self.arguments["application_pool"] or (site.pool if site else "")
        if state == "present" and not found:
            self._create(pool)
        if state == "absent" and found:
            if not self.check_mode:
                self.host.iis.sites.remove_application(self.site, found[0][1].path)
            self.changed = True
        for _site, application in applications(self.host, self.site, self.name)[:1]:
            directory = application.directory()
            if directory is None:
                raise NotModelled(f"the application {application.path}, which has no directory of its own")
            path = self.arguments["physical_path"]
            if path and not same(full_name(self._folder()), directory.physical_path):
                self._write(directory, "physicalPath", path)
            if pool and not same(pool, application.pool):
                if not self.check_mode:
                    application.element.set("applicationPool", pool)
                self.changed = True
            self._identity(directory)
        return self.changed

    def _create(self, pool: str) -> None:
        path = self._folder()
        if not self.check_mode:
            if self.host.iis.sites.get(self.site) is None:
                raise NotModelled(f"an application in the site {self.site}, which is not there")
            self.host.iis.sites.add_application(self.site, f"/{self.name.strip('/')}", path, pool)
        self.changed = True

    def _folder(self) -> str:
        path = self.arguments["physical_path"]
        if not path:
            raise ModuleFailure("missing required arguments: physical_path")
        if not self.host.files.exists(path):
            raise ModuleFailure(f"specified folder must already exist: '{path}'", changed=self.changed)
        return str(path)

    def _identity(self, directory: Directory) -> None:
        wanted: dict[str, Any] = {}
        if self.arguments["connect_as"] == "pass_through":
            wanted = {"userName": "", "password": ""}
        elif self.arguments["connect_as"] == "specific_user":
            wanted = {"userName": self.arguments["username"], "password": self.arguments["password"]}
        present = {"userName": directory.user, "password": directory.password}
        for name, value in wanted.items():
            if not same(present[name], value):
                self._write(directory, name, value)

    def _write(self, directory: Directory, name: str, value: str) -> None:
        if not self.check_mode:
            if value:
                directory.element.set(name, value)
            else:
                directory.element.values.pop(name, None)
        self.changed = True


@upstream(
    "microsoft.iis.web_application_info",
    mirrors="plugins/modules/web_application_info.ps1 of microsoft.iis 1.3.0",
    checked_against=(
        "tests/cases/microsoft.iis.web_application_info.yml",
        "tests/unit/lab/windows/test_iis_modules.py",
    ),
)
def web_application_info(call: Call) -> Result:
    said = missing(call.host)
    if said:
        message = f"Failed to load WebAdministration module, Exception: {said}"
        raise ModuleFailure(message, exists=False, applications=[])
    found = []
    for site, application in applications(call.host, call.arguments["site"] or "", call.arguments["name"] or ""):
        directory = application.directory()
        user = directory.user if directory else ""
        found.append(
            {
                "name": application.path.lstrip("/"),
                "site": site.name,
                "connect_as": "specific_user" if user else "pass_through",
                "username": user,
                "application_pool": application.pool,
                "physical_path": directory.physical_path if directory else "",
                "enabled_protocols": application.protocols,
            }
        )
    return {"changed": False, "exists": bool(found), "applications": found}
