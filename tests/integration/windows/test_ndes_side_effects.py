# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What configuring NDES does, as a literal text of a playbook does it: on the host, in the real directory, with the CA.

Read back with other means than the lab's own: ldapsearch, openssl, upstream modules.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import subprocess
import typing as t

import pytest

from ..ldap_tools import SERVICES, Client, encoded, entry_on, known_client, sid_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..conftest import Lab
    from .conftest import AdHoc, Windows

AUTHORITY = f"CN=CORP Issuing CA 1,CN=Enrollment Services,{SERVICES}"
TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
BUILT_IN = ("EnrollmentAgentOffline", "CEPEncryption", "IPSECIntermediateOffline")
MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"
STORE = "/certificates/stores/LocalMachine/machine/My"
IIS_USERS = "IIS_IUSRS"

#: The form of the text that a role without modules of its own uses. Secrets come in as variables of the template.
TEXT = r"""
$ErrorActionPreference = 'Stop'
$password = ConvertTo-SecureString '{service_password}' -AsPlainText -Force
$secret = ConvertTo-SecureString '{installer_password}' -AsPlainText -Force
$credential = New-Object System.Management.Automation.PSCredential ('CORP\{installer}', $secret)
Install-AdcsNetworkDeviceEnrollmentService -ServiceAccountName 'CORP\svc-ndes' -ServiceAccountPassword $password `
  -CAConfig 'ca1.corp.example\CORP Issuing CA 1' -Credential $credential -RACompany 'Corp' -RACountry 'SE' `
  -SigningKeyLength 2048 -EncryptionKeyLength 2048 -Force
"""
REMOVE = "Uninstall-AdcsNetworkDeviceEnrollmentService -Force"


@pytest.fixture(scope="module")
def administrator(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Client:
    if not lab.inside:
        pytest.skip("the domain controllers are in the network of the lab: run this with bin/lab exec")
    return known_client(lab, "administrator", tmp_path_factory.mktemp("administrator"))


@pytest.fixture
def forest(administrator: Client) -> Iterator[Client]:
    """The directory as it was before, with none of the three templates published."""
    template = f"CN=IPSECIntermediateOffline,{TEMPLATES}"
    rights, published = administrator.descriptor(template), _published(administrator)
    _publish(administrator, [name for name in published if name not in BUILT_IN])
    yield administrator
    administrator.write_dacl(template, rights)
    _publish(administrator, published)


def _published(client: Client) -> list[str]:
    return [value.decode() for value in client.read(AUTHORITY, "certificateTemplates")["certificateTemplates"]]


def _publish(client: Client, names: list[str]) -> None:
    values = "".join(f"certificateTemplates:: {encoded(name.encode())}\n" for name in names)
    answer = client.modify(f"dn: {AUTHORITY}\nchangetype: modify\nreplace: certificateTemplates\n{values}")
    assert answer.code == 0, answer.text


@pytest.fixture
def host(windows: Windows, forest: Client) -> Windows:
    """ndes1 with the role service, the service account in the group that it must be in."""
    windows.reset("ndes1")
    assert windows.adhoc("ndes1", "ansible.windows.win_feature", {"name": "ADCS-Device-Enrollment"}).word == "CHANGED"
    joined = windows.adhoc(
        "ndes1", "ansible.windows.win_group_membership", {"name": IIS_USERS, "members": ["CORP\\svc-ndes"]}
    )
    assert joined.word == "CHANGED"
    return windows


def configure(windows: Windows, installer: str = "pkiadmin", text: str = TEXT, **variables: t.Any) -> AdHoc:
    accounts = windows.lab.credentials["accounts"]
    script = text.format(
        service_password=accounts["svc-ndes"]["password"],
        installer=installer,
        installer_password=accounts[installer]["password"],
    )
    return windows.adhoc("ndes1", "ansible.windows.win_powershell", {"script": script}, **variables)


def remove(windows: Windows) -> AdHoc:
    return windows.adhoc("ndes1", "ansible.windows.win_powershell", {"script": REMOVE})


def hresult(answer: AdHoc) -> int:
    """The code of the error that ended the text."""
    assert answer.word == "FAILED!", answer.output
    code: int = answer.result["error"][-1]["exception"]["hresult"]
    return code & 0xFFFFFFFF


def registration_authority(windows: Windows) -> dict[str, dict[str, t.Any]]:
    """The certificates of the registration authority by their purpose, as the host has them."""
    found = {}
    keys = windows.state("ndes1", "/certificates/keys")
    for entry in windows.state("ndes1", STORE).values():
        key = keys[entry["key"]]
        if key["kind"] == "csp":
            found["signing" if key["key_spec"] == 2 else "encryption"] = {**entry, **key}
    return found


def openssl(lab: Lab, entry: dict[str, t.Any], scratch: Path) -> str:
    """What openssl shows of a certificate, once it has verified its chain."""
    file = scratch / "certificate.pem"
    der = base64.b64decode(entry["der"])
    subprocess.run(["openssl", "x509", "-inform", "DER", "-out", file], input=der, check=True)
    folder = lab.dir / "ca"
    chain: list[str | Path] = ["-CAfile", folder / "root.pem", "-untrusted", folder / "issuing.pem"]
    subprocess.run(["openssl", "verify", "-purpose", "any", *chain, file], check=True, capture_output=True)
    shown = subprocess.run(["openssl", "x509", "-in", file, "-noout", "-text"], check=True, capture_output=True)
    return shown.stdout.decode()


def value(windows: Windows, key: str, name: str) -> t.Any:
    return windows.adhoc("ndes1", "ansible.windows.win_reg_stat", {"path": f"{MSCEP}{key}", "name": name}).result


def test_everything_that_comes_with_it(host: Windows, forest: Client, lab: Lab, tmp_path: Path) -> None:
    answer = configure(host)
    assert answer.word == "CHANGED", answer.output
    assert answer.result["output"] == [{"ErrorId": 0, "ErrorString": ""}]
    # The directory, as ldapsearch has it.
    assert set(BUILT_IN) <= set(_published(forest))
    service_account = sid_of(forest, "svc-ndes")
    assert _sid_octets(service_account) in forest.descriptor(f"CN=IPSECIntermediateOffline,{TEMPLATES}")
    assert _sid_octets(service_account) not in forest.descriptor(f"CN=CEPEncryption,{TEMPLATES}")
    # The certificates, as openssl has them.
    pair = registration_authority(host)
    assert set(pair) == {"signing", "encryption"}
    signing, encryption = (openssl(lab, pair[purpose], tmp_path) for purpose in ("signing", "encryption"))
    for text in (signing, encryption):
        assert "Subject: C = SE, O = Corp, CN = NDES1-MSCEP-RA" in text
        assert "Public-Key: (2048 bit)" in text
        assert "1.3.6.1.4.1.311.20.2.1" in text
    assert "Digital Signature" in signing
    assert "Key Encipherment" not in signing
    assert "Key Encipherment" in encryption
    assert "Digital Signature" not in encryption
    assert {one["provider"] for one in pair.values()} == {"Microsoft Strong Cryptographic Provider"}
    acls = host.state("ndes1", "/security/key_container")
    for one in pair.values():
        assert service_account in {ace["sid"] for ace in acls[one["key"]]["aces"]}
    # The registry and IIS, as upstream modules have them.
    assert value(host, r"\CAInfo", "Configuration")["value"] == "ca1.corp.example\\CORP Issuing CA 1"
    assert value(host, "", "SignatureTemplate")["value"] == "IPSECIntermediateOffline"
    applications = host.adhoc("ndes1", "microsoft.iis.web_application_info").result["applications"]
    assert {(one["name"], one["application_pool"]) for one in applications} == {
        ("CertSrv/mscep_admin", "SCEP"),
        ("CertSrv/mscep", "SCEP"),
    }
    (pool,) = host.adhoc("ndes1", "microsoft.iis.web_app_pool_info", {"name": "SCEP"}).result["app_pools"]
    assert pool["attributes"]["processModel"]["userName"] == "CORP\\svc-ndes"
    # Once is enough.
    assert hresult(configure(host)) == 0x800700B7
    before = host.state("ndes1")
    assert remove(host).word == "CHANGED"
    assert set(host.changed_since("ndes1", before)) == {"registry", "security", "iis"}
    assert not value(host, "", "SignatureTemplate")["exists"]
    assert host.adhoc("ndes1", "microsoft.iis.web_application_info").result["applications"] == []
    assert set(registration_authority(host)) == {"signing", "encryption"}


def test_a_logon_over_the_network_cannot_prove_itself_further(host: Windows, forest: Client) -> None:
    """Without -Credential an administrator of the forest is nobody to CA and directory, unless become gives a logon."""
    text = TEXT.replace("-Credential $credential ", "")
    before = host.state("ndes1")
    assert hresult(configure(host, text=text)) == 0x80070005
    assert host.changed_since("ndes1", before) == []
    known = host.lab.credentials["accounts"]["pkiadmin"]
    become = {
        "ansible_become": True,
        "ansible_become_method": "runas",
        "ansible_become_user": "CORP\\pkiadmin",
        "ansible_become_password": known["password"],
    }
    answer = configure(host, text=text, **become)
    assert answer.word == "CHANGED", answer.output
    assert set(BUILT_IN) <= set(_published(forest))


def test_rights_are_those_of_the_directory(host: Windows, forest: Client) -> None:
    """Who may not publish leaves a configuration half made, which has to be taken away before the next try."""
    assert hresult(configure(host, "alice")) == 0x80070005
    assert not set(BUILT_IN) & set(_published(forest))
    assert value(host, "", "SignatureTemplate")["exists"]
    assert registration_authority(host) == {}
    assert hresult(configure(host)) == 0x800700B7
    assert remove(host).word == "CHANGED"
    assert configure(host).word == "CHANGED"
    assert set(registration_authority(host)) == {"signing", "encryption"}


def test_a_template_that_the_installer_may_not_enrol_for(host: Windows, forest: Client) -> None:
    """The first certificate stays where the second is refused. What is denied wins."""
    denial = "(OD;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;EA)"
    with entry_on(forest, f"CN=CEPEncryption,{TEMPLATES}", denial):
        assert hresult(configure(host)) == 0x80094012
    assert set(registration_authority(host)) == {"signing"}


def test_a_chain_that_the_host_does_not_trust(host: Windows, lab: Lab, forest: Client) -> None:
    shown = subprocess.run(
        ["openssl", "x509", "-in", lab.dir / "ca" / "root.pem", "-noout", "-fingerprint", "-sha1"],
        check=True,
        capture_output=True,
        text=True,
    )
    thumbprint = shown.stdout.strip().partition("=")[2].replace(":", "")
    away = {"thumbprint": thumbprint, "state": "absent", "store_name": "Root", "store_location": "LocalMachine"}
    assert host.adhoc("ndes1", "ansible.windows.win_certificate_store", away).word == "CHANGED"
    answer = configure(host)
    assert hresult(answer) == 0x80070490
    assert "EnrollmentAgentOffline CEPEncryption IPSECIntermediateOffline" in answer.result["error"][-1]["output"]
    assert not set(BUILT_IN) & set(_published(forest))


def test_a_site_without_its_folder(host: Windows) -> None:
    gone = {"path": "C:\\inetpub\\wwwroot", "state": "absent"}
    assert host.adhoc("ndes1", "ansible.windows.win_file", gone).word == "CHANGED"
    assert hresult(configure(host)) == 0x80070003
    assert value(host, "", "SignatureTemplate")["exists"]
    assert host.adhoc("ndes1", "microsoft.iis.web_application_info").result["applications"] == []


@pytest.mark.parametrize("name, code", [("ca1", 0x800706BA), ("dc1 dc2", 0x8007054B)])
def test_a_server_that_is_gone(host: Windows, name: str, code: int) -> None:
    """The local administrator of the host signs in, whom no domain controller has to know."""
    local = host.lab.credentials["local"]["ndes1"]
    signed_in = {
        "ansible_user": local["username"],
        "ansible_password": local["password"],
        "ansible_winrm_transport": "basic",
        # Names are resolved by the domain controllers.
        "ansible_host": host.state("ndes1", "/identity/address"),
        "ansible_winrm_server_cert_validation": "ignore",
    }
    with _stopped(host, *name.split()):
        before = host.state("ndes1")
        answer = configure(host, **signed_in)
        assert hresult(answer) == code
        assert set(host.changed_since("ndes1", before)) <= {"files", "registry", "security"}
        assert not host.state("ndes1", "/registry").get("HKLM\\SOFTWARE\\Microsoft\\Cryptography\\MSCEP")
    answer = configure(host, **signed_in)
    assert answer.word == "CHANGED", answer.output


@contextlib.contextmanager
def _stopped(windows: Windows, *names: str) -> Iterator[None]:
    try:
        for name in names:
            windows.bin_lab("stop", name)
        yield
    finally:
        for name in names:
            windows.bin_lab("start", name)


def test_the_identity_of_the_pool_and_secrets_as_parameters(host: Windows, forest: Client) -> None:
    text = (
        "param([pscredential] $Credential)\nInstall-AdcsNetworkDeviceEnrollmentService -ApplicationPoolIdentity "
        "-CAConfig 'ca1.corp.example\\CORP Issuing CA 1' -Credential $Credential -Force"
    )
    known = host.lab.credentials["accounts"]["pkiadmin"]
    secret = {"name": "Credential", "username": "CORP\\pkiadmin", "password": known["password"]}
    arguments = {"script": text, "sensitive_parameters": [secret]}
    answer = host.adhoc("ndes1", "ansible.windows.win_powershell", arguments)
    assert answer.word == "CHANGED", answer.output
    assert known["password"] not in answer.output + json.dumps(host.state("ndes1"))
    (pool,) = host.adhoc("ndes1", "microsoft.iis.web_app_pool_info", {"name": "SCEP"}).result["app_pools"]
    assert pool["attributes"]["processModel"]["identityType"] == "ApplicationPoolIdentity"
    computer = forest.descriptor(f"CN=IPSECIntermediateOffline,{TEMPLATES}")
    assert _sid_octets(sid_of(forest, "NDES1$")) in computer


def test_with_win_shell(host: Windows) -> None:
    accounts = host.lab.credentials["accounts"]
    script = TEXT.format(
        service_password=accounts["svc-ndes"]["password"],
        installer="pkiadmin",
        installer_password=accounts["pkiadmin"]["password"],
    )
    answer = host.adhoc("ndes1", "ansible.windows.win_shell", {"cmd": script})
    assert re.search(r"CHANGED \| rc=0 >>\s+ErrorId ErrorString\s+------- -----------\s+0\s", answer.output)
    assert set(registration_authority(host)) == {"signing", "encryption"}


def _sid_octets(sid: str) -> bytes:
    _, revision, authority, *numbers = sid.split("-")
    head = bytes([int(revision), len(numbers)]) + int(authority).to_bytes(6, "big")
    return head + b"".join(int(number).to_bytes(4, "little") for number in numbers)
