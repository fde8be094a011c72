# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.virtual_directory and virtual_directory_info"""

from __future__ import annotations

from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.iis import ConfigurationError
from lab.windows.parts.iis.sites import Directory
from lab.windows.support.web_administration import applications, directories, known_path, missing, require, same


@upstream(
    "microsoft.iis.virtual_directory",
    mirrors="plugins/modules/virtual_directory.ps1 of microsoft.iis 1.3.0",
    checked_against=("tests/cases/microsoft.iis.virtual_directory.yml", "tests/unit/lab/windows/test_iis_modules.py"),
    limits="a directory in a site or application that is not there; removing what is a plain folder of the site",
)
def virtual_directory(call: Call) -> Result:
    arguments = call.arguments
    if arguments["connect_as"] == "specific_user":
        user, password = arguments["username"], arguments["password"]
        if not user and not password:
            raise ModuleFailure("Both username and password are required.", changed=False)
        if not user or not password:
            raise ModuleFailure(f"{'Password' if user else 'Username'} is required.", changed=False)
    require(call)
    try:
        return {"changed": _present(call) if arguments["state"] == "present" else _absent(call)}
    except ConfigurationError as error:
        raise ModuleFailure(error.framework, changed=False) from error


def _present(call: Call) -> bool:
    arguments, host = call.arguments, call.host
    site, name, path = arguments["site"], arguments["name"], arguments["physical_path"]
    if not path:
        raise ModuleFailure("missing required arguments: physical_path", changed=False)
    if not host.files.exists(path):
        raise ModuleFailure(f"specified folder must already exist: '{path}'", changed=False)
    found = directories(host, site, arguments["application"] or "", name)
    if found:
        return _update(call, found[0][2])
    if not call.check_mode:
        holder = host.iis.sites.get(site)
        application = holder.application(f"/{(arguments['application'] or '').strip('/')}") if holder else None
        if application is None:
            raise NotModelled("a virtual directory in a site or application that is not there")
        host.iis.sites.add_directory(application, f"/{name.strip('/')}", path)
    return True


def _update(call: Call, directory: Directory) -> bool:
    arguments = call.arguments
    wanted = {"physicalPath": arguments["physical_path"]}
    if arguments["connect_as"] == "specific_user":
        wanted |= {"userName": arguments["username"], "password": arguments["password"]}
    elif arguments["connect_as"] == "pass_through":
        wanted |= {"userName": "", "password": ""}
    present = {"physicalPath": directory.physical_path, "userName": directory.user, "password": directory.password}
    changes = {name: value for name, value in wanted.items() if not same(present[name], value)}
    if not call.check_mode:
        for name, value in changes.items():
            if value:
                directory.element.set(name, value)
            else:
                directory.element.values.pop(name, None)
    return bool(changes)


def _absent(call: Call) -> bool:
    host, site, name = call.host, call.arguments["site"], call.arguments["name"]
    application = (call.arguments["application"] or "").strip("/")
    path = f"{application}/{name.strip('/')}".strip("/")
    holder = host.iis.sites.get(site)
    if holder is None or not known_path(host, holder, path):
        return False
    parent = holder.application(f"/{application}")
    directory = parent.directory(f"/{name.strip('/')}") if parent else None
    if directory is None and not applications(host, site, path):
        raise NotModelled(f"Remove-Item of the folder {path} of a site")
    if not call.check_mode:
        if parent is not None and directory is not None:
            host.iis.sites.remove_directory(parent, directory)
        else:
            host.iis.sites.remove_application(site, f"/{path}")
    return True


@upstream(
    "microsoft.iis.virtual_directory_info",
    mirrors="plugins/modules/virtual_directory_info.ps1 of microsoft.iis 1.3.0",
    checked_against=(
        "tests/cases/microsoft.iis.virtual_directory_info.yml",
        "tests/unit/lab/windows/test_iis_modules.py",
    ),
)
def virtual_directory_info(call: Call) -> Result:
    said = missing(call.host)
    if said:
        raise ModuleFailure(f"Failed to ensure WebAdministration module is loaded: {said}")
    wanted = {option: call.arguments[option] or "" for option in ("site", "application", "name")}
    found = [
        {
            "name": directory.path.strip("/"),
            "site": site.name,
            "physical_path": directory.physical_path,
            "application": application.path.lstrip("/"),
            "username": directory.user,
            "connect_as": "specific_user" if directory.user else "pass_through",
        }
        for site, application, directory in directories(call.host, **wanted)
    ]
    return {"changed": False, "exists": bool(found), "directories": found}
