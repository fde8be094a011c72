# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the configuration of IIS: folders, as appcmd.exe makes and finds them."""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING

from lab.windows import tables
from lab.windows.support import service_control

if TYPE_CHECKING:
    from lab.windows.host import Host


def folder(name: str = "") -> str:
    """Where a backup lies; without a name where all do."""
    return ntpath.join(str(tables.load("appcmd")["folder"]), name).rstrip("\\")


def names(host: Host) -> list[str]:
    """The backups of a host: folders that hold a configuration."""
    if not host.files.is_folder(folder()):
        return []
    return [one.name for one in host.files.children(folder()) if one.is_folder and host.files.is_file(_file(one.name))]


def add(host: Host, name: str) -> None:
    """Save the configuration. KeyError for a name that is taken."""
    if host.files.exists(folder(name)):
        raise KeyError(name)
    host.files.make_folder(folder(name))
    host.files.write(_file(name), host.iis.to_xml().encode())


def restore(host: Host, name: str) -> None:
    """Go back to a saved configuration; what of the web server runs is stopped for it. KeyError for an unknown name."""
    if not host.files.is_file(_file(name)):
        raise KeyError(name)
    services = [host.services.get(one) for one in tables.load("appcmd")["restarted"]]
    running = [one for one in services if one is not None and one.state != "stopped"]
    for one in reversed(running):
        host.services.stop(one.name)
    host.iis.from_xml(host.files.read(_file(name)).decode())
    for one in running:
        host.services.start(one.name, service_control.obstacle(host))
    if running:
        host.iis.started()


def delete(host: Host, name: str) -> None:
    """Remove a backup. KeyError for an unknown name."""
    if not host.files.is_file(_file(name)):
        raise KeyError(name)
    host.files.remove(folder(name))


def _file(name: str) -> str:
    return ntpath.join(folder(name), str(tables.load("appcmd")["file"]))
