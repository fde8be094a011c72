# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Install-AdcsNetworkDeviceEnrollmentService leaves on a host and in the forest, when it works."""

from __future__ import annotations

import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lab.authority.descriptor import has_extended_right
from lab.authority.enterprise import TEMPLATES_DN
from lab.windows import consequences, tables
from lab.windows.host import Host
from lab.windows.ndes import install
from lab.windows.ndes.facts import facts
from lab.windows.people import sids
from lab.windows.serving.keeper import shown
from lab.windows.watch import watched
from plugins.module_utils.windows import mscep
from tests.unit.lab.authority.fake_forest import FakeForest, issuer
from tests.unit.lab.windows.ndes.ndes_hosts import ADMINISTRATOR, SERVICE_ACCOUNT, request, server

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
KINDS = {"String": "REG_SZ", "DWord": "REG_DWORD", "MultiString": "REG_MULTI_SZ"}


@pytest.fixture(scope="module")
def forest() -> FakeForest:
    return FakeForest()


@pytest.fixture(scope="module")
def host(forest: FakeForest) -> Host:
    made = server(forest)
    install(made, ADMINISTRATOR, request(ra={"company": "Corp", "country": "SE", "email": ""}))
    return made


def test_the_role_service_brings_iis(host: Host) -> None:
    assert {"Web-Server", "Web-WebServer", "Web-Windows-Auth", "Web-ISAPI-Ext", "Web-Metabase"} <= (
        host.features.installed()
    )
    for name in ("W3SVC", "WAS", "AppHostSvc", "IISADMIN"):
        service = host.services.get(name)
        assert service is not None
        assert service.state == "started"


def test_the_values_are_those_that_the_collection_expects(host: Host) -> None:
    """lab/windows/data/ndes.yml and the collection's own table are held together here."""
    for option, value in mscep.VALUES.items():
        found = host.registry.get(value.path.replace("HKLM:", "HKLM"), value.name)
        if option == "ca_config":
            assert found is not None
            assert found.data == "ca1.corp.example\\CORP Issuing CA 1"
        elif value.default is None:
            assert found is None, option
        else:
            assert found is not None, option
            assert (found.kind, found.data) == (KINDS[value.kind], value.default), option
    status = host.registry.get(mscep.ROLE.replace("HKLM:", "HKLM"), mscep.CONFIGURATION_STATUS)
    assert status is not None
    assert status.data == mscep.CONFIGURED
    assert not consequences.post_configuration_needed(host, "ADCS-Device-Enrollment")


def test_names_are_those_that_the_collection_expects() -> None:
    known = facts()
    assert known["mscep"] == mscep.MSCEP.replace("HKLM:", "HKLM")
    assert tuple(known["templates"]) == mscep.BUILT_IN_TEMPLATES
    assert [one["template"] for one in known["registration_authority"]] == [
        mscep.SIGNING_TEMPLATE,
        mscep.ENCRYPTION_TEMPLATE,
    ]
    assert known["iis"]["pool"] == mscep.POOL
    assert known["iis"]["site"] == mscep.SITE_ID
    assert {one["path"].lstrip("/") for one in known["iis"]["applications"]} == {
        mscep.APPLICATION,
        mscep.ADMIN_APPLICATION,
    }


def test_every_code_has_its_texts() -> None:
    languages = ("en-US", "sv-SE")
    win32 = tables.load("win32_messages")["messages"]
    for kind, row in facts()["failures"].items():
        text = facts()["texts"][row["code"]]
        assert text["name"], kind
        for language in languages:
            assert text.get(language) or win32[row["code"] & 0xFFFF][language], kind


def test_templates_are_published_and_the_account_may_enrol(forest: FakeForest, host: Host) -> None:
    assert set(mscep.BUILT_IN_TEMPLATES) <= set(forest.published)
    for name, may in (("IPSECIntermediateOffline", True), ("CEPEncryption", False)):
        security = forest.objects[f"CN={name},{TEMPLATES_DN}"]["ntsecuritydescriptor"][0]
        assert has_extended_right(security, {SERVICE_ACCOUNT}, ENROLL) is may


@pytest.mark.parametrize(
    "template, key_spec, usage",
    [("EnrollmentAgentOffline", 2, "digital_signature"), ("CEPEncryption", 1, "key_encipherment")],
)
def test_the_certificates_of_the_registration_authority(host: Host, template: str, key_spec: int, usage: str) -> None:
    store = host.certificates.store("LocalMachine", "My")
    assert store is not None
    (entry,) = [one for one in store if template.encode("utf-16-be") in one.der]
    certificate = entry.certificate
    certificate.verify_directly_issued_by(issuer().certificate)
    # .NET shows it the other way round.
    assert certificate.subject.rfc4514_string() == "CN=NDES1-MSCEP-RA,O=Corp,C=SE"
    used = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert [one for one in ("digital_signature", "key_encipherment") if getattr(used, one)] == [usage]
    key = host.certificates.key(entry.key)
    assert key is not None
    assert (key.provider, key.kind, key.key_spec, key.machine, key.exportable) == (
        "Microsoft Strong Cryptographic Provider",
        "csp",
        key_spec,
        True,
        False,
    )
    private = serialization.load_der_private_key(key.pkcs8, None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.public_key() == certificate.public_key()
    assert private.key_size == 2048
    entries = host.security.explicit("key_container", key.name)
    assert {entry.sid for entry in entries} == {"S-1-5-18", "S-1-5-32-544", SERVICE_ACCOUNT}
    assert {entry.mask for entry in entries if entry.sid == SERVICE_ACCOUNT} == {0x80120089}


def test_the_pool(host: Host) -> None:
    pool = host.iis.pools.get("SCEP")
    assert pool is not None
    model = pool.effective.at("processModel")
    assert pool.state == "Started"
    assert pool.effective.text("managedPipelineMode") == "Classic"
    assert (model.text("identityType"), model.text("userName")) == ("SpecificUser", "CORP\\svc-ndes")
    assert str(model.get("idleTimeout")) in ("00:00:00", "0:00:00", "0")
    assert str(pool.effective.at("recycling/periodicRestart").get("time")) in ("00:00:00", "0:00:00", "0")


@pytest.mark.parametrize("path, anonymous", [("CertSrv/mscep", True), ("CertSrv/mscep_admin", False)])
def test_the_applications(host: Host, path: str, anonymous: bool) -> None:
    site = host.iis.sites.get("Default Web Site")
    assert site is not None
    application = site.application(f"/{path}")
    assert application is not None
    directory = application.directory()
    assert directory is not None
    assert (application.pool, directory.physical_path) == ("SCEP", r"%windir%\system32\CertSrv\mscep")
    location = f"Default Web Site/{path}"
    authentication = "system.webServer/security/authentication"
    assert host.iis.section(f"{authentication}/anonymousAuthentication", location).get("enabled") is anonymous
    assert host.iis.section(f"{authentication}/windowsAuthentication", location).get("enabled") is not anonymous
    filtering = host.iis.section("system.webServer/security/requestFiltering", location)
    assert filtering.get("allowDoubleEscaping") is True
    assert filtering.at("requestLimits").get("maxQueryString") == 65536
    # What is said there is said of no other place.
    assert host.iis.section("system.webServer/security/requestFiltering").get("allowDoubleEscaping") is False
    allowed = host.iis.section("system.webServer/security/isapiCgiRestriction").entries("add")
    assert any(one.text("path").endswith("mscep.dll") and one.get("allowed") for one in allowed)


def test_the_event(host: Host) -> None:
    channel = host.event_logs.get("Microsoft-Windows-CertificateServices-Deployment/Operational")
    assert channel is not None
    (event,) = channel.events
    assert event.id == 105
    assert "-SigningProviderName 'Microsoft Strong Cryptographic Provider'" in event.data["Command"]
    assert "-EncryptionProviderName" in event.data["Command"]


def test_rights_on_the_key(host: Host) -> None:
    entries = host.security.dacl("registry", facts()["mscep"] + r"\EnforcePassword")
    assert any(entry.sid == SERVICE_ACCOUNT and entry.mask == 0x2001F and entry.inherited for entry in entries)


def test_secrets_are_not_shown(host: Host) -> None:
    text = json.dumps(shown(host.export()))
    assert "Passw0rd!" not in text
    assert "PRIVATE" not in text
    assert "Passw0rd!" not in repr(request())


def test_the_identity_of_the_pool() -> None:
    forest = FakeForest()
    host = server(forest)
    install(
        host,
        ADMINISTRATOR,
        request(service_account=None, service_account_password=None, application_pool_identity=True),
    )
    pool = host.iis.pools.get("SCEP")
    assert pool is not None
    assert pool.effective.at("processModel").text("identityType") == "ApplicationPoolIdentity"
    own = sids.of_application_pool("SCEP")
    for key in host.certificates.containers():
        assert own in {entry.sid for entry in host.security.explicit("key_container", key.name)}
    security = forest.objects[f"CN=IPSECIntermediateOffline,{TEMPLATES_DN}"]["ntsecuritydescriptor"][0]
    assert has_extended_right(security, {"S-1-5-21-4-5-6-1111"}, ENROLL)


def test_the_site_may_have_another_name() -> None:
    host = server()
    site = host.iis.sites.get("Default Web Site")
    assert site is not None
    site.element.set("name", "Renamed")
    install(host, ADMINISTRATOR, request())
    renamed = host.iis.sites.get("Renamed")
    assert renamed is not None
    assert renamed.application("/CertSrv/mscep") is not None


@pytest.mark.parametrize("release", ["2012r2", "2016", "2019", "2025"])
def test_on_every_release(release: str) -> None:
    host = server(release=release, language="sv-SE")
    with watched(host) as watch:
        install(host, ADMINISTRATOR, request())
    assert watch.changed() == {"registry", "security", "iis", "certificates", "event_logs"}
