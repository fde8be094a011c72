# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""microsoft.iis.authentication"""

from __future__ import annotations

from typing import Any

from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.iis import ConfigurationError
from lab.windows.support.web_administration import known_path, missing

SECTIONS = "system.webServer/security/authentication"
WINDOWS = "WindowsAuthentication"
ONLY_WINDOWS = ("providers", "use_kernel_mode", "token_checking")


@upstream(
    "microsoft.iis.authentication",
    mirrors="plugins/modules/authentication.ps1 of microsoft.iis 1.3.0",
    checked_against=("tests/cases/microsoft.iis.authentication.yml", "tests/unit/lab/windows/test_iis_modules.py"),
)
def authentication(call: Call) -> Result:
    said = missing(call.host)
    if said:
        raise ModuleFailure(f"Failed to ensure WebAdministration module is loaded: {said}")
    return _Authentication(call).run()


class _Authentication:
    def __init__(self, call: Call) -> None:
        self.call = call
        self.arguments = call.arguments
        self.kind: str = call.arguments["auth_type"]
        self.path = f"{SECTIONS}/{self.kind}"
        self.result: Result = {"changed": False}

    def run(self) -> Result:
        self._warn()
        self._resolve()
        before = self._read()
        after = before | {"enabled": self._wish("enabled", before["enabled"])}
        if self.kind == WINDOWS:
            after |= {option: _unrolled(self._wish(option, before[option])) for option in ONLY_WINDOWS}
        if _same(before, after):
            after = before
        else:
            self.result["changed"] = True
            if not self.call.check_mode:
                self._diff(before, None)
                self._write(before, after)
                read = self._read()
                self._diff(before, read)
                if not _same(read, after):
                    raise ModuleFailure(
                        "Authentication settings did not match the desired state after applying changes for "
                        f"'{self.kind}'.",
                        **self.result,
                    )
                return self.result
        self._diff(before, after)
        return self.result

    def _wish(self, option: str, present: Any) -> Any:
        wanted = self.arguments[option]
        return present if wanted is None else wanted

    def _warn(self) -> None:
        given = [option for option in ONLY_WINDOWS if self.arguments[option] is not None]
        if self.kind != WINDOWS and given:
            told = (
                f"The option(s) {', '.join(given)} are only valid with auth_type=WindowsAuthentication and are ignored"
            )
            self.result["warnings"] = [f"{told} for {self.kind}."]

    def _resolve(self) -> None:
        name, application = self.arguments["site"], self.arguments["application"]
        site = self.call.host.iis.sites.get(name)
        if site is None:
            raise ModuleFailure(
                f"Unable to resolve an IIS site named '{name}'. Verify the site exists on the target host.",
                **self.result,
            )
        if application and not known_path(self.call.host, site, application):
            raise ModuleFailure(
                f"Unable to resolve an application or virtual directory named '{application}' under site '{name}'. "
                "Verify it exists on the target host.",
                **self.result,
            )
        self.location = f"{name}/{application}" if application else name
        self.result["target"] = rf"IIS:\Sites\{name}\{application}" if application else rf"IIS:\Sites\{name}"

    def _read(self) -> dict[str, Any]:
        section = self.call.host.iis.section(self.path, self.location)
        found: dict[str, Any] = {"enabled": section.get("enabled")}
        if self.kind == WINDOWS:
            found["providers"] = [one.get("value") for one in section.at("providers").entries()]
            found["use_kernel_mode"] = section.get("useKernelMode")
            found["token_checking"] = section.at("extendedProtection").get("tokenChecking")
        return found

    def _write(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        configuration = self.call.host.iis.configuration
        if before["enabled"] != after["enabled"]:
            configuration.set(self.path, "", "enabled", after["enabled"], self.location)
        if self.kind != WINDOWS:
            return
        if not _same(before, after, "providers"):
            try:
                configuration.clear_collection(self.path, "providers", self.location)
                for provider in _listed(after["providers"]):
                    configuration.add(self.path, "providers", {"value": provider}, self.location)
            except ConfigurationError as error:
                message = f"Error setting providers for WindowsAuthentication: {error.framework}"
                raise ModuleFailure(message, **self.result) from error
        if before["use_kernel_mode"] != after["use_kernel_mode"]:
            configuration.set(self.path, "", "useKernelMode", after["use_kernel_mode"], self.location)
        if not _same(before, after, "token_checking"):
            element, name = "extendedProtection", "tokenChecking"
            configuration.set(self.path, element, name, after["token_checking"], self.location)

    def _diff(self, before: Any, after: Any) -> None:
        if self.call.diff:
            self.result["diff"] = {"before": before, "after": after}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _unrolled(value: Any) -> Any:
    """What a list becomes that PowerShell takes out of an `if`: nothing if empty, its entry if it has one."""
    if isinstance(value, list) and len(value) < 2:
        return value[0] if value else None
    return value


def _same(one: dict[str, Any], other: dict[str, Any], *options: str) -> bool:
    return all(
        ",".join(map(str, _listed(one[option]))).lower() == ",".join(map(str, _listed(other[option]))).lower()
        for option in options or one
    )
