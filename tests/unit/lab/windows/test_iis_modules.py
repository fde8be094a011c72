# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of microsoft.iis do with certificates, and without IIS: what case files cannot prepare."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.windows import modules
from lab.windows.host import Host
from lab.windows.operation import OPERATIONS
from lab.windows.parts.certificates import Entry
from lab.windows.people.token import ADMINISTRATORS, Token
from lab.windows.runner import run_module

from .iis_samples import identity

modules.load()
USER = Token("S-1-5-21-4-5-6-500", "CORP\\Administrator", (ADMINISTRATORS,))
SITE = "Default Web Site"


@pytest.fixture
def host() -> Host:
    made = Host(identity())
    made.iis.install(["Web-Server", "Web-Windows-Auth"])
    return made


def run(host: Host, module: str, arguments: dict[str, Any], *, check_mode: bool = False) -> dict[str, Any]:
    return run_module(host, USER, f"microsoft.iis.{module}", {**arguments, "_ansible_check_mode": check_mode})


def certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "web1.corp.example")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=9))
    der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    encryption = serialization.NoEncryption()
    return der, key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, encryption)


def https(thumbprint: str, **more: Any) -> dict[str, Any]:
    return {"add": [{"ip": "*", "port": 443, "protocol": "https", "certificate_hash": thumbprint, **more}]}


def test_a_certificate_is_bound_and_bound_again(host: Host) -> None:
    one, two = (host.certificates.add_machine_certificate(*certificate()).thumbprint for _ in range(2))
    wish = {"name": SITE, "bindings": https(one)}
    state = host.export()
    assert run(host, "website", wish, check_mode=True)["changed"]
    assert host.export() == state
    assert run(host, "website", wish)["changed"]
    assert [(entry.endpoint, entry.thumbprint) for entry in host.iis.http.all()] == [("0.0.0.0:443", one)]
    assert not run(host, "website", wish)["changed"]
    [site] = run(host, "website_info", {"name": SITE})["site"]
    shown = site["bindings"][1]
    assert (shown["certificate_hash"], shown["certificate_store_name"], shown["protocol"]) == (one, "my", "https")
    # Upstream's flaw: check mode does not stop AddSslCertificate.
    assert run(host, "website", {"name": SITE, "bindings": https(two)}, check_mode=True)["changed"]
    assert host.iis.http.all()[0].thumbprint == two
    assert OPERATIONS["module", "microsoft.iis.website"].check_mode_leaks


def test_sni_is_bound_by_name(host: Host) -> None:
    thumbprint = host.certificates.add_machine_certificate(*certificate()).thumbprint
    wish = {"name": SITE, "bindings": https(thumbprint, hostname="web1.corp.example", use_sni=True)}
    assert run(host, "website", wish)["changed"]
    assert [(entry.endpoint, entry.sni) for entry in host.iis.http.all()] == [("web1.corp.example:443", True)]
    assert run(host, "website_info", {"name": SITE})["site"][0]["bindings"][1]["use_sni"] is True
    assert not run(host, "website", wish)["changed"]


def test_a_certificate_without_its_key_is_not_bound(host: Host) -> None:
    store = host.certificates.store("LocalMachine", "My")
    assert store is not None
    entry = Entry(certificate()[0])
    store.put(entry)
    result = run(host, "website", {"name": SITE, "bindings": https(entry.thumbprint)})
    assert result["msg"].endswith("terminated. (Exception from HRESULT: 0x80070520)")


def test_a_binding_without_an_address_is_not_modelled(host: Host) -> None:
    result = run(host, "website", {"name": SITE, "bindings": {"add": [{"port": 81}]}})
    assert result["failed"]
    assert result["msg"].startswith("The lab does not model a binding without ip or port")


ABSENT = (
    "The specified module 'WebAdministration' was not loaded because no valid module file was found in any module "
    "directory."
)


@pytest.mark.parametrize(
    ("name", "arguments", "prefix"),
    [
        ("website", {"name": SITE}, "Unhandled exception while executing module: "),
        ("website_info", {}, "Unhandled exception while executing module: "),
        ("web_app_pool", {"name": "a"}, "Unhandled exception while executing module: "),
        ("web_app_pool_info", {}, "Unhandled exception while executing module: "),
        ("web_application", {"name": "a", "site": SITE}, "Unhandled exception while executing module: "),
        ("web_application_info", {}, "Failed to load WebAdministration module, Exception: "),
        ("virtual_directory", {"name": "a", "site": SITE}, "Unhandled exception while executing module: "),
        ("virtual_directory_info", {}, "Failed to ensure WebAdministration module is loaded: "),
        (
            "authentication",
            {"site": SITE, "auth_type": "BasicAuthentication"},
            "Failed to ensure WebAdministration module is loaded: ",
        ),
    ],
)
def test_without_iis_every_module_fails_as_windows_fails(name: str, arguments: dict[str, Any], prefix: str) -> None:
    result = run(Host(identity()), name, arguments)
    assert result["failed"]
    assert result["msg"] == prefix + ABSENT
