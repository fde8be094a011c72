# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The web server and the certificates that a contract case describes in its model."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.windows.host import Host
from lab.windows.parts.certificates import Entry
from lab.windows.parts.iis.http_sys import SslCertificate


def prepare(host: Host, model: dict[str, Any]) -> None:
    """Bring the web server of a host, and its certificates, into the state that a case describes."""
    _sites(host, model)
    for said in model.get("configuration", []):
        section, _, element = said["element"].rpartition("/")
        host.iis.configuration.set(
            section, element, said["attribute"], said["value"], said["location"], web=said.get("web_config", False)
        )
    for told in model.get("certificates", []):
        key = _key(host) if told["private_key"] else None
        host.certificates.create("LocalMachine", told["store"]).put(Entry(bytes.fromhex(told["der"]), key=key))
    for held in model.get("ssl", []):
        host.iis.http.put(SslCertificate(**held))


def _sites(host: Host, model: dict[str, Any]) -> None:
    sites = host.iis.sites
    for site in model.get("sites", []):
        if sites.get(site["name"]) is None:
            made = sites.create(site["name"], site["path"])
            for binding in made.bindings:
                sites.remove_binding(site["name"], binding)
        for told in site.get("bindings", []):
            sites.add_binding(site["name"], told["protocol"], told["information"], told.get("flags", 0))
        if site.get("stopped"):
            sites.stop(site["name"])
    for application in model.get("applications", []):
        sites.add_application(application["site"], application["path"], "C:\\inetpub\\wwwroot", "")


def _key(host: Host) -> str:
    """A container for a private key, which need not be that of the certificate."""
    pkcs8 = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return host.certificates.add_key(pkcs8, machine=True, owner="S-1-5-18", exportable=False).name
