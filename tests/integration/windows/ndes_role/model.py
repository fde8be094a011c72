# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The model of a simulated host, read as the lab keeps it. No module of the collection takes part."""

from __future__ import annotations

import base64
import json
import typing as t
from dataclasses import dataclass

from cryptography import x509

from lab.windows.host import Host
from lab.windows.identity import Identity

from .states import template

SITE = "Default Web Site"
MSCEP = r"HKLM\SOFTWARE\Microsoft\Cryptography\MSCEP"
HTTP_PARAMETERS = r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
AUTHENTICATION = "system.webServer/security/authentication/"


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate of the computer, with the template it was issued by and its private key as the model has it."""

    thumbprint: str
    certificate: x509.Certificate
    template: str
    key: dict[str, t.Any]


class Model:
    """A host out of the file that the lab keeps it in."""

    def __init__(self, kept: bytes) -> None:
        self.state: dict[str, t.Any] = json.loads(kept)
        self.host = Host(Identity(**self.state["identity"]), None, self.state)

    def registry(self, key: str, name: str) -> t.Any:
        """The data of a value, with its kind in front; None where it is not there."""
        wanted = key.casefold()
        for path, found in self.state["registry"].items():
            if path.casefold() == wanted:
                for one, value in found["values"].items():
                    if one.casefold() == name.casefold():
                        return value["kind"], value["data"]
        return None

    def has(self, feature: str) -> bool:
        return bool(self.state["features"][feature] == "Installed")

    def right(self, name: str) -> list[str]:
        holders: list[str] = self.state["rights"][name]
        return holders

    def members(self, group: str) -> list[str]:
        sids: list[str] = self.state["accounts"]["groups"][group]["members"]
        return sids

    def configured(self, section: str, attribute: str, element: str = "", location: str = SITE) -> t.Any:
        """What takes effect at a location of IIS."""
        effective = self.host.iis.section(f"system.webServer/{section}", location)
        return (effective.at(element) if element else effective).get(attribute)

    def authentication(self, location: str) -> dict[str, t.Any]:
        """`anonymous`, `windows`, `kernel_mode` at a location."""
        anonymous = self.host.iis.section(f"{AUTHENTICATION}anonymousAuthentication", location)
        windows = self.host.iis.section(f"{AUTHENTICATION}windowsAuthentication", location)
        return {
            "anonymous": anonymous.get("enabled"),
            "windows": windows.get("enabled"),
            "kernel_mode": windows.get("useKernelMode"),
        }

    def pool(self, name: str = "SCEP") -> dict[str, t.Any]:
        """Identity and state of an application pool."""
        entry = self.host.iis.section("system.applicationHost/applicationPools").entry("add", name=name)
        assert entry is not None, f"there is no pool {name}"
        process = entry.at("processModel")
        return {
            "identity": process.text("identityType"),
            "user": process.get("userName"),
            "password": process.get("password"),
            "state": self.state["iis"]["states"]["pools"][name],
        }

    def my(self) -> list[IssuedCertificate]:
        """The certificates of the computer."""
        store = self.state["certificates"]["stores"]["LocalMachine"]["machine"]["My"]
        keys = self.state["certificates"]["keys"]
        found = []
        for thumbprint, entry in store.items():
            certificate = x509.load_der_x509_certificate(base64.b64decode(entry["der"]))
            found.append(IssuedCertificate(thumbprint, certificate, template(certificate), keys.get(entry["key"], {})))
        return found
