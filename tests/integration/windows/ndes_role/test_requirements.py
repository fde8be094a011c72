# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What steps 3 and 4 of the SCEP document ask of an NDES server, one requirement a test, read back from the model of a
server that site.yml has configured.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tools.catalogue import load_catalogue

from .conftest import KEY_LENGTH, PAIR, TEMPLATES
from .model import HTTP_PARAMETERS, MSCEP, SITE, Model

if t.TYPE_CHECKING:
    from ...faults.forest import Dump
    from .conftest import Configured
    from .servers import Servers

HOST = PAIR[0]
ADMINISTRATORS, IIS_IUSRS = "S-1-5-32-544", "S-1-5-32-568"
REGISTRATION_AUTHORITY = ("CEPEncryption", "EnrollmentAgentOffline")
ESC = r"HKLM\SOFTWARE\Microsoft\Active Setup\Installed Components\{%s-37EF-4b3f-8CFC-4F3A74704073}"

#: Of kind automate on an NDES server or its IIS, and no part of steps 3 and 4.
ELSEWHERE = {
    "SCEP-074": "requests a certificate",
    "SCEP-078": "requests a certificate",
    "TRBL-002": "reads logs",
    "TRBL-039": "removes certificates",
    "TRBL-042": "switches a log on",
    **{f"TRBL-0{number}": "renews the certificate of the policy module" for number in (47, 48, 49, 50)},
    **{f"TRBL-0{number}": "renews the certificates of the registration authority" for number in range(63, 70)},
}


@pytest.fixture(scope="session")
def model(configured: Configured) -> Model:
    return Model(configured.done.kept[HOST])


@pytest.fixture(scope="session")
def blank(configured: Configured) -> Model:
    return Model(configured.blank.kept[HOST])


@pytest.mark.requirement("SCEP-023")
def test_service_account_may_log_on_locally(model: Model, service_account: str) -> None:
    assert service_account in model.right("SeInteractiveLogonRight")
    assert service_account not in model.right("SeDenyInteractiveLogonRight")


@pytest.mark.requirement("SCEP-024")
def test_service_account_may_log_on_as_a_service(model: Model, service_account: str) -> None:
    assert service_account in model.right("SeServiceLogonRight")
    assert service_account not in model.right("SeDenyServiceLogonRight")


@pytest.mark.requirement("SCEP-025")
def test_service_account_may_log_on_as_a_batch_job(model: Model, service_account: str) -> None:
    assert service_account in model.right("SeBatchLogonRight")
    assert service_account not in model.right("SeDenyBatchLogonRight")


@pytest.mark.requirement("SCEP-046")
def test_role_service(model: Model) -> None:
    assert model.has("ADCS-Device-Enrollment")
    assert not model.has("ADCS-Cert-Authority")


@pytest.mark.requirement("SCEP-047")
def test_request_filtering(model: Model) -> None:
    assert model.has("Web-Filtering")


@pytest.mark.requirement("SCEP-048")
def test_asp_net_35(model: Model) -> None:
    assert model.has("Web-Asp-Net")


@pytest.mark.requirement("SCEP-049")
def test_framework_35(model: Model) -> None:
    assert model.has("NET-Framework-Core")
    assert model.has("NET-HTTP-Activation")


@pytest.mark.requirement("SCEP-050")
def test_asp_net_45(model: Model) -> None:
    assert model.has("Web-Asp-Net45")


@pytest.mark.requirement("SCEP-051")
def test_framework_45(model: Model) -> None:
    names = ("NET-Framework-45-Core", "NET-Framework-45-ASPNET", "NET-WCF-HTTP-Activation45")
    assert [name for name in names if not model.has(name)] == []


@pytest.mark.requirement("SCEP-052")
def test_metabase_compatibility(model: Model) -> None:
    assert model.has("Web-Metabase")


@pytest.mark.requirement("SCEP-053")
def test_wmi_compatibility(model: Model) -> None:
    assert model.has("Web-WMI")


@pytest.mark.requirement("SCEP-054")
def test_service_account_is_in_the_group_of_worker_processes(model: Model, blank: Model, service_account: str) -> None:
    """Whoever was a member stays one."""
    assert model.members(IIS_IUSRS) == [*blank.members(IIS_IUSRS), service_account]
    assert service_account not in model.members(ADMINISTRATORS)


@pytest.mark.requirement("SCEP-056")
def test_role_service_is_configured(model: Model) -> None:
    assert model.registry(r"HKLM\SOFTWARE\Microsoft\ADCS\NDES", "ConfigurationStatus") == ("REG_DWORD", 2)
    site = model.host.iis.sites.get(SITE)
    assert site is not None
    assert {"/CertSrv/mscep", "/CertSrv/mscep_admin"} <= {one.path for one in site.applications}
    assert {one.template for one in model.my()} >= set(REGISTRATION_AUTHORITY)
    assert model.pool()["state"] == "Started"


@pytest.mark.requirement("SCEP-057")
def test_service_account_of_ndes(model: Model) -> None:
    pool = model.pool()
    assert (pool["identity"], pool["user"].lower()) == ("SpecificUser", r"corp\svc-scep")


@pytest.mark.requirement("SCEP-058")
def test_issuing_authority(model: Model, directory: Dump) -> None:
    assert model.registry(rf"{MSCEP}\CAInfo", "Configuration") == ("REG_SZ", r"ca1.corp.example\CORP Issuing CA 1")
    issuers = {one.certificate.issuer for one in model.my() if one.template in REGISTRATION_AUTHORITY}
    assert [issuer.rfc4514_string() for issuer in issuers] == ["CN=CORP Issuing CA 1,DC=corp,DC=example"]


@pytest.mark.requirement("SCEP-059")
def test_key_length(model: Model) -> None:
    """Not the default; the provider is one that NDES can use."""
    pair = [one for one in model.my() if one.template in REGISTRATION_AUTHORITY]
    keys = [one.certificate.public_key() for one in pair]
    assert [key.key_size for key in keys if isinstance(key, RSAPublicKey)] == [KEY_LENGTH, KEY_LENGTH]
    assert {(one.key["kind"], one.key["provider"]) for one in pair} == {
        ("csp", "Microsoft Strong Cryptographic Provider")
    }


@pytest.mark.requirement("SCEP-060", "SCEP-062")
def test_signature_template(model: Model) -> None:
    assert model.registry(MSCEP, "SignatureTemplate") == ("REG_SZ", TEMPLATES["signature"])


@pytest.mark.requirement("SCEP-060", "SCEP-063")
def test_encryption_template(model: Model) -> None:
    assert model.registry(MSCEP, "EncryptionTemplate") == ("REG_SZ", TEMPLATES["encryption"])


@pytest.mark.requirement("SCEP-060", "SCEP-064")
def test_general_purpose_template(model: Model) -> None:
    assert model.registry(MSCEP, "GeneralPurposeTemplate") == ("REG_SZ", TEMPLATES["general_purpose"])


@pytest.mark.requirement("SCEP-066")
def test_maximum_field_length(model: Model) -> None:
    assert model.registry(HTTP_PARAMETERS, "MaxFieldLength") == ("REG_DWORD", 65534)


@pytest.mark.requirement("SCEP-067")
def test_maximum_request_bytes(model: Model) -> None:
    assert model.registry(HTTP_PARAMETERS, "MaxRequestBytes") == ("REG_DWORD", 65534)


@pytest.mark.requirement("SCEP-069", "TRBL-054")
def test_maximum_query_string(model: Model) -> None:
    assert model.configured("security/requestFiltering", "maxQueryString", "requestLimits") == 65534


@pytest.mark.requirement("SCEP-070", "TRBL-054")
def test_maximum_url(model: Model) -> None:
    assert model.configured("security/requestFiltering", "maxUrl", "requestLimits") == 65534


@pytest.mark.requirement("SCEP-071", "TRBL-056")
def test_restart_after_the_long_url_settings(model: Model, blank: Model) -> None:
    """HTTP.sys reads its values at boot alone: they act, so there was one since they were written."""
    limits = {"MaxFieldLength": 65534, "MaxRequestBytes": 65534}
    acting = [{name: one.state["power"]["effective"]["http"][name] for name in limits} for one in (blank, model)]
    assert acting == [dict.fromkeys(limits, 16384), limits]


@pytest.mark.requirement("SCEP-075")
def test_certificate_is_bound(model: Model, configured: Configured) -> None:
    site = model.host.iis.sites.get(SITE)
    assert site is not None
    bound = {one.information: one.thumbprint for one in site.bindings if one.protocol == "https"}
    assert bound == {"*:443:": configured.thumbprints[HOST]}


@pytest.mark.requirement("SCEP-083")
def test_several_servers_behind_one_name(configured: Configured) -> None:
    """Kerberos tickets for the shared name are for the account, so the account has to read them and not the kernel."""
    for host in PAIR:
        model = Model(configured.done.kept[host])
        assert model.pool()["user"].lower() == r"corp\svc-scep"
        assert model.authentication(f"{SITE}/CertSrv/mscep_admin")["kernel_mode"] is False


@pytest.mark.requirement("SCEP-092")
@pytest.mark.parametrize("whose", ["A509B1A7", "A509B1A8"])
def test_enhanced_security_of_internet_explorer(model: Model, blank: Model, whose: str) -> None:
    assert [one.registry(ESC % whose, "IsInstalled") for one in (blank, model)] == [("REG_DWORD", 1), ("REG_DWORD", 0)]


@pytest.mark.requirement("TRBL-027")
def test_worker_processes_may_impersonate(model: Model, blank: Model) -> None:
    """Whoever had the right keeps it."""
    assert set(model.right("SeImpersonatePrivilege")) == {*blank.right("SeImpersonatePrivilege"), IIS_IUSRS}


@pytest.mark.requirement("TRBL-028")
def test_restart_after_the_right_was_granted(model: Model, blank: Model) -> None:
    """Nothing that this collection noted waits any more, and the host was booted."""
    booted = [datetime.fromisoformat(one.state["power"]["boot_time"]) for one in (blank, model)]
    assert booted[1] > booted[0]
    waiting = model.state["registry"].get(r"HKLM\SOFTWARE\certops.intune\Waiting", {"values": {}})["values"]
    assert [name for name, one in waiting.items() if datetime.fromisoformat(one["data"]) > booted[1]] == []
    assert model.state["power"]["pending"] == []


SERVICE = "CertificateRegistrationSvc"
OLD_CONNECTOR: list[dict[str, t.Any]] = [
    {"ansible.windows.win_file": {"path": r"C:\inetpub\service", "state": "directory"}},
    {
        "microsoft.iis.web_application": {
            "site": SITE,
            "name": SERVICE,
            "physical_path": r"C:\inetpub\service",
        }
    },
    *(
        {
            "microsoft.iis.authentication": {
                "site": SITE,
                "application": SERVICE,
                "auth_type": kind,
                "enabled": kind == "WindowsAuthentication",
            }
        }
        for kind in ("AnonymousAuthentication", "WindowsAuthentication")
    ),
]


@pytest.mark.requirement("TRBL-044")
def test_authentication_of_the_registration_service(servers: Servers, configured: Configured) -> None:
    """The application of the old connector, as its setup must not leave it."""
    servers.put(**{HOST: configured.done.kept[HOST]})
    servers.play([{"hosts": HOST, "gather_facts": False, "tasks": OLD_CONNECTOR}])
    before = Model(servers.keep(HOST))
    done = servers.site(limit=HOST, **configured.wishes)
    assert done.status == 0, done.messages
    after = Model(servers.keep(HOST))
    servers.put(**{HOST: configured.done.kept[HOST]})
    shown = [one.authentication(f"{SITE}/{SERVICE}") for one in (before, after)]
    assert [(one["anonymous"], one["windows"]) for one in shown] == [(False, True), (True, False)]
    # The server was restarted for it.
    assert after.state["power"]["boot_time"] > before.state["power"]["boot_time"]


def test_every_requirement_has_its_test() -> None:
    """Or a reason why it has none here."""
    named: set[str] = set()
    for value in globals().values():
        for mark in getattr(value, "pytestmark", []):
            if mark.name == "requirement":
                named |= set(mark.args)
    asked = {
        one.identity
        for one in load_catalogue().values()
        if one.kind == "automate" and one.where in {"ndes_host", "iis"} and one.identity.startswith(("SCEP", "TRBL"))
    }
    assert not named & ELSEWHERE.keys()
    assert asked == {*named, *ELSEWHERE}
