# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_package"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lab.windows.commands.quoting import quote
from lab.windows.exceptions import Unhandled
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.running.environment import expand
from lab.windows.support import installers
from lab.windows.support.installers import Installer

MSIX = (".appx", ".appxbundle", ".msix", ".msixbundle")
UNINSTALL = r"Microsoft\Windows\CurrentVersion\Uninstall"


@dataclass
class Status:
    """What a provider found: whether the package is there, and what its removal needs."""

    provider: str
    id: str
    installed: bool
    registry_path: str = ""
    view: int = 64


@upstream(
    "ansible.windows.win_package",
    mirrors="plugins/modules/win_package.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_package.yml", "tests/unit/lab/windows/test_packages.py"),
    limits="installers that are not in data/packages.yml; URLs that would be downloaded; msix and msp; signatures of "
    "real files; an executable without a silent switch; wait_for_children and chdir change nothing",
)
def win_package(call: Call) -> Result:
    return _Package(call).run()


class _Package:
    def __init__(self, call: Call) -> None:
        self.host = call.host
        self.user = call.user
        self.arguments = call.arguments
        self.check_mode = call.check_mode
        self.present: bool = call.arguments["state"] == "present"
        self.result: Result = {"changed": False, "reboot_required": False}

    def run(self) -> Result:
        path, product = self.arguments["path"], self.arguments["product_id"] or ""
        if path and path.lower().startswith("http"):
            status = self._status("", product) if product and self.present else None
            if status is None or not status.installed:
                raise NotModelled("the download of a package")
            path = ""
        else:
            if path and not self.host.files.exists(path) and not self.check_mode:
                self._fail(f"the file at the path '{path}' cannot be reached")
            status = self._status(path or "", product)
        changed = self.present != status.installed
        self.result["rc"] = 0
        if changed and not self.check_mode:
            self._verify(path)
            self._set(status, path)
        self.result["changed"] = changed
        return self.result

    def _fail(self, message: str) -> None:
        raise ModuleFailure(message, **self.result)

    def _status(self, path: str, product: str) -> Status:
        provider = self.arguments["provider"]
        status = self._of_file(path, product, provider) if path else self._of_product(product, provider)
        created = self.arguments["creates_path"]
        if created:
            status.installed = self.host.files.exists(created) and self._has_version(created)
        service = self.arguments["creates_service"]
        if service:
            status.installed = self.host.services.get(service) is not None
        return status

    def _has_version(self, path: str) -> bool:
        version = self.arguments["creates_version"]
        if not version:
            return True
        if self.host.files.is_folder(path):
            raise Unhandled("creates_path must be a file not a directory when creates_version is set")
        return bool(installers.version_of(self.host.files.read(path)) == version)

    def _of_file(self, path: str, product: str, provider: str) -> Status:
        if provider == "auto":
            extension = path[path.rfind(".") :].lower() if "." in path else ""
            if extension in MSIX or extension == ".msp":
                raise NotModelled(f"packages of the kind {extension}")
            # GetClassFile finds nothing out about a file that is not there.
            provider = "msi" if extension == ".msi" and self.host.files.exists(path) else "registry"
        if provider == "registry":
            return self._in_registry(product)
        if provider != "msi" or not self.host.files.exists(path):
            raise NotModelled(f"the provider {provider} for the file {path}")
        installer = installers.installer_of(self.host, path)
        if installer.kind != "msi":
            raise NotModelled(f"the file {path}, which is no package of Windows Installer")
        return self._as_msi(installer.entry)

    def _of_product(self, product: str, provider: str) -> Status:
        if provider not in ("auto", "msi", "registry"):
            raise NotModelled(f"the provider {provider}")
        found = self._as_msi(product)
        return found if found.installed or provider == "msi" else self._in_registry(product)

    def _as_msi(self, code: str) -> Status:
        known = self.host.packages.product(code)
        return Status("msi", code, known is not None and known.kind == "msi")

    def _in_registry(self, product: str) -> Status:
        if product:
            for hive, user in (("HKLM", None), ("HKCU", self.user.sid)):
                for view in (64, 32):
                    path = rf"{hive}\SOFTWARE\{UNINSTALL}\{product}"
                    if self.host.registry.key_exists(path, view, user):
                        return Status("registry", product, True, path, view)
        return Status("registry", product, False)

    def _verify(self, path: str) -> None:
        if not self.present or not path:
            return
        content = self.host.files.read(path)
        checksum = hashlib.new(self.arguments["checksum_algorithm"], content).hexdigest().upper()
        self.result["checksum"] = checksum
        wanted = self.arguments["checksum"]
        if wanted and wanted.upper() != checksum:
            self._fail(f"The checksum for {path} did not match '{wanted}', it was '{checksum}'")
        if self.arguments["verify_signature"]:
            if not content.startswith(installers.MARKER):
                raise NotModelled(f"the signature of {path}")
            said = f"File '{path}': signature status is 'NotSigned', expected 'Valid'"
            self._fail(f"Authenticode check failed: {said}")

    def _set(self, status: Status, path: str | None) -> None:
        arguments = self._words()
        if status.provider == "msi":
            self._msiexec(status, path, arguments)
        elif path:
            self._execute(quote(path) + (f" {arguments}" if arguments else ""), path, arguments)
        else:
            command = self._uninstall_string(status)
            installer = installers.removed_by(command)
            if installer is None:
                raise NotModelled(f"the uninstaller {command}")
            self._finish(f"{command} {arguments}".rstrip(), installers.uninstall(self.host, installer))

    def _words(self) -> str:
        given = self.arguments["arguments"]
        return " ".join(quote(str(one)) for one in given) if isinstance(given, list) else str(given or "")

    def _msiexec(self, status: Status, path: str | None, arguments: str) -> None:
        log = self.arguments["log_path"]
        action = ["/i", path or ""] if self.present else ["/x", status.id]
        where = log or expand(self.host, self.user, r"%TEMP%\msiexec.log")
        program = expand(self.host, self.user, r"%SystemRoot%\System32\msiexec.exe")
        line = " ".join(quote(word) for word in (program, *action, "/L*V", where, "/qn", "/norestart"))
        line = f"{line} {arguments}".rstrip()
        if self.present:
            rc = installers.install(self.host, installers.installer_of(self.host, path or ""))
        else:
            rc = installers.uninstall(self.host, self._installed(status.id))
        if log:
            text = f"=== Logging started ===\r\nCommand Line: {line}\r\nMainEngineThread is returning {rc}\r\n"
            self.host.files.write(log, text.encode("utf-16"))
            if rc not in self.arguments["expected_return_code"]:
                self.result["log"] = text
        self._finish(line, rc)

    def _installed(self, code: str) -> Installer:
        product = self.host.packages.product(code)
        known = installers.catalogue().get(product.package) if product else None
        if known is None:
            raise NotModelled(f"the removal of the product {code}")
        return known

    def _execute(self, line: str, path: str, arguments: str) -> None:
        installer = installers.installer_of(self.host, path)
        if installer.kind != "exe":
            raise NotModelled(f"running {path}")
        words = {word.lower() for word in arguments.split()}
        if not self.present and not words & {"/uninstall", "/x", "-uninstall"}:
            raise NotModelled(f"removing with {path} without a switch that removes")
        run = installers.run(self.host, installer, arguments) if self.present else None
        self._finish(line, installers.uninstall(self.host, installer) if run is None else run)

    def _uninstall_string(self, status: Status) -> str:
        user = self.user.sid if status.registry_path.startswith("HKCU") else None
        for name in ("QuietUninstallString", "UninstallString"):
            value = self.host.registry.get(status.registry_path, name, status.view, user)
            if value is not None:
                text = str(value.data)
                return expand(self.host, self.user, text) if text.startswith(("%", '"%')) else text
        node = "SOFTWARE" if status.view == 64 else r"SOFTWARE\Wow6432Node"
        where = status.registry_path.replace(r"\SOFTWARE", rf":\{node}", 1)
        raise ModuleFailure(f"Failed to find registry uninstall string at registry path '{where}'", **self.result)

    def _finish(self, line: str, rc: int) -> None:
        self.result["rc"] = rc
        if rc not in self.arguments["expected_return_code"]:
            self.result |= {"stdout": "", "stderr": ""}
            self._fail(f"unexpected rc from '{line}': see rc, stdout, and stderr for more details")
        self.result["failed"] = False
        if rc == installers.RESTART_WANTED:
            self.result["reboot_required"] = True
