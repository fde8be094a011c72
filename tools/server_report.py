# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an NDES server is, in rows for people, out of the state of a simulated host as `bin/lab state` prints it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography import x509

#: An exported state of a host; docs/lab.md has the layout.
State = Mapping[str, Any]

MSCEP = r"HKLM\SOFTWARE\Microsoft\Cryptography\MSCEP"
ROLE = r"HKLM\SOFTWARE\Microsoft\ADCS\NDES"
SLOTS = ("SignatureTemplate", "EncryptionTemplate", "GeneralPurposeTemplate")
POOL = "SCEP"

#: The extension that names the template of a certificate (a BMPString), as version 1 templates have it.
TEMPLATE_NAME = "1.3.6.1.4.1.311.20.2"


def describe(state: State) -> dict[str, str]:
    """Rows by their titles; `-` for what is not there."""
    http = state["power"]["effective"]["http"]
    rows: dict[str, object] = {
        "features": sum(one == "Installed" for one in state["features"].values()),
        "NDES": "configured" if _value(state, ROLE, "ConfigurationStatus") == 2 else "",
        "authority": _value(state, rf"{MSCEP}\CAInfo", "Configuration"),
        "templates": " ".join(filter(None, (_value(state, MSCEP, slot) for slot in SLOTS))),
        "pool identity": _pool(state),
        "RA certificates": ", ".join(_registration_authority(state)),
        "HTTP.sys since boot": f"MaxFieldLength {http['MaxFieldLength']}, MaxRequestBytes {http['MaxRequestBytes']}",
        "https": ", ".join(f"{one['endpoint']} {one['thumbprint'][:8]}" for one in state["iis"]["ssl_bindings"]),
        "waits for a reboot": ", ".join(state["power"]["pending"]),
    }
    return {title: str(text) if text else "-" for title, text in rows.items()}


def _value(state: State, key: str, name: str) -> Any:
    """The data of a registry value, "" where there is none."""
    wanted = key.casefold()
    values: Mapping[str, Any] = next(
        (found["values"] for path, found in state["registry"].items() if path.casefold() == wanted), {}
    )
    return next((value["data"] for one, value in values.items() if one.casefold() == name.casefold()), "")


def _pool(state: State) -> str:
    pools = state["iis"]["sections"].get("system.applicationHost/applicationPools", {})
    for entry in _entries(pools):
        attributes = entry.get("attributes", entry)
        if attributes.get("name") == POOL:
            identity = entry.get("elements", {}).get("processModel", {}).get("attributes", {})
            return str(identity.get("userName") or identity.get("identityType") or "ApplicationPoolIdentity")
    return ""


def _entries(element: Any) -> Iterator[Mapping[str, Any]]:
    """Every object within an exported element."""
    if isinstance(element, Mapping):
        yield element
        for value in element.values():
            yield from _entries(value)
    elif isinstance(element, list):
        for value in element:
            yield from _entries(value)


def _registration_authority(state: State) -> Iterator[str]:
    """Names of the templates of the certificates with which NDES acts as a registration authority."""
    stores = state["certificates"]["stores"]["LocalMachine"]["machine"]
    for entry in stores.get("My", {}).values():
        certificate = x509.load_der_x509_certificate(base64.b64decode(entry["der"]))
        for extension in certificate.extensions:
            if extension.oid.dotted_string == TEMPLATE_NAME and isinstance(extension.value, x509.UnrecognizedExtension):
                yield extension.value.value[2:].decode("utf-16-be")
