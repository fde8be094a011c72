# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installers that the lab knows: which one a file is, and what it does to a host. Facts in data/packages.yml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.windows import consequences, tables
from lab.windows.not_modelled import NotModelled
from lab.windows.parts.packages import Product
from lab.windows.service_table import Service
from lab.windows.support import service_control

if TYPE_CHECKING:
    from lab.windows.host import Host

MARKER = b"lab-package: "
UNINSTALL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
RESTART_WANTED = 3010
#: ERROR_UNKNOWN_PRODUCT
UNKNOWN_PRODUCT = 1605
RESTART_REASON = "pending_file_rename"
#: A program that the lab puts down has its version on its second line.
VERSION = b"lab-version: "


@dataclass(frozen=True)
class Installer:
    """A package of the catalogue: its name, and what data/packages.yml says of it."""

    name: str
    facts: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.facts["kind"])

    @property
    def entry(self) -> str:
        return str(self.facts["entry"])

    @property
    def files(self) -> list[str]:
        """Full paths of the files that it brings."""
        return [f"{self.facts['folder']}\\{name}" for name in self.facts.get("files", ())]

    @property
    def rc(self) -> int:
        return int(self.facts["rc"])


def catalogue() -> dict[str, Installer]:
    return {name: Installer(name, facts) for name, facts in tables.load("packages")["packages"].items()}


def installer_of(host: Host, path: str) -> Installer:
    """The package that a file is.

    Raises:
        NotModelled: The lab does not know it.
    """
    content = host.files.read(path)
    known = catalogue()
    if content.startswith(MARKER):
        name = content.splitlines()[0][len(MARKER) :].decode(errors="replace").strip()
        if name in known:
            return known[name]
    leaf = path.replace("/", "\\").rsplit("\\", 1)[-1].lower()
    for installer in known.values():
        if str(installer.facts.get("file", "")).lower() == leaf:
            return installer
    raise NotModelled(f"the installer {path}: it is none of data/packages.yml")


def install(host: Host, installer: Installer) -> int:
    """Install a package and return the exit status; one that fails does nothing."""
    facts = installer.facts
    if installer.rc not in (0, RESTART_WANTED):
        return installer.rc
    product = Product(installer.name, facts.get("installs", installer.kind), facts["name"], facts["version"])
    host.packages.add_product(installer.entry, product)
    key = rf"{UNINSTALL}\{installer.entry}"
    command = facts.get("uninstaller", f"MsiExec.exe /X{installer.entry}")
    values = {"DisplayName": "name", "DisplayVersion": "version", "Publisher": "publisher"}
    for value, fact in values.items():
        host.registry.set(key, value, "REG_SZ", facts[fact])
    host.registry.set(key, "UninstallString", "REG_SZ", command)
    if installer.kind == "msi":
        host.registry.set(key, "WindowsInstaller", "REG_DWORD", 1)
    for path in installer.files:
        host.files.make_folder(path.rsplit("\\", 1)[0])
        host.files.write(path, MARKER + installer.name.encode() + b"\n" + VERSION + facts["version"].encode() + b"\n")
    for path, settings in facts.get("registry", {}).items():
        host.registry.create_key(path)
        for name, value in settings.items():
            host.registry.set(path, name, "REG_SZ", value)
    for name, display in facts.get("services", {}).items():
        if host.services.get(name) is None:
            host.services.add(Service(name, display, f'"{installer.files[0]}"'))
    for name, size in facts.get("logs", {}).items():
        if host.event_logs.get(name) is None:
            host.event_logs.create(
                name, classic=False, maximum_size=size, overflow="OverwriteAsNeeded", retention_days=0
            )
    return _finish(host, installer)


def uninstall(host: Host, installer: Installer) -> int:
    """Remove a package and return the exit status."""
    if not host.packages.remove_product(installer.entry):
        return UNKNOWN_PRODUCT
    facts = installer.facts
    host.registry.delete_key(rf"{UNINSTALL}\{installer.entry}")
    for name in facts.get("services", {}):
        service = host.services.get(name)
        if service is not None:
            if service.state != "stopped":
                service_control.stop(host, name)
            host.services.remove(name)
    for path in installer.files:
        host.files.remove(path)
    for path in facts.get("registry", {}):
        host.registry.delete_key(path)
    for name in facts.get("logs", {}):
        host.event_logs.remove(name)
    return _finish(host, installer)


def run(host: Host, installer: Installer, arguments: str) -> int:
    """Run an executable installer.

    Raises:
        NotModelled: Without one of its silent switches: it would wait for somebody at the screen.
    """
    words = {word.lower() for word in arguments.split()}
    if not words & {word.lower() for word in installer.facts["silent"]}:
        switches = " or ".join(installer.facts["silent"])
        raise NotModelled(f"an installer that waits for somebody at the screen: {installer.name} without {switches}")
    return install(host, installer)


def removed_by(command: str) -> Installer | None:
    """The package whose uninstaller a command line is, or None."""
    wanted = command.replace('"', "").lower()
    for installer in catalogue().values():
        line = str(installer.facts.get("uninstaller", f"MsiExec.exe /X{installer.entry}")).replace('"', "").lower()
        if wanted.startswith(line):
            return installer
    return None


def version_of(content: bytes) -> str:
    """The version of a file as FileVersionInfo gives it; one that has none has 0.0.0.0."""
    lines = content.splitlines()
    if len(lines) > 1 and lines[1].startswith(VERSION):
        parts = lines[1][len(VERSION) :].decode(errors="replace").strip().split(".")
        return ".".join([*parts, "0", "0", "0"][:4])
    if content.startswith(b"MZ"):
        raise NotModelled("the version of a real program")
    return "0.0.0.0"


def _finish(host: Host, installer: Installer) -> int:
    if installer.rc == RESTART_WANTED:
        consequences.request_restart(host, RESTART_REASON)
    return installer.rc
