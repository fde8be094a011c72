# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ndes_state.ps1 tells, read: IIS, certificates, SIDs, the state."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.windows import mscep
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import (
    current,
    ra_certificates,
    sids,
    web_server,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.values import Fields, UnexpectedValue
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from .samples import AGENT, CONFIG, SERVER, der, entry, template_name, template_oid, usage

SIGNS, DECRYPTS = usage(signs=True, decrypts=False), usage(signs=False, decrypts=True)

HOST = """
<system.applicationHost><applicationPools><add name="DefaultAppPool" />
<add name="Scep" managedPipelineMode="Classic"><processModel identityType="SpecificUser" userName="CORP\\svc"
  idleTimeout="00:00:00" /><recycling disallowOverlappingRotation="true"><periodicRestart time="1.05:00:01" />
</recycling></add><applicationPoolDefaults><processModel identityType="NetworkService" idleTimeout="01:00:00" />
</applicationPoolDefaults></applicationPools>
<sites><site name="Other" id="2"><application path="/x" /></site>
<site name="Web" id="1"><application path="/" applicationPool="P"><virtualDirectory path="/" physicalPath="D:\\w" />
</application><application path="/certsrv/MSCEP" applicationPool="SCEP" /><application path="/y" />
<bindings><binding protocol="http" bindingInformation="*:80:" />
<binding protocol="https" bindingInformation="[::1]:443:a.example" sslFlags="1" />
<binding protocol="net.pipe" bindingInformation="*" /></bindings></site>
<applicationDefaults applicationPool="Q" /></sites></system.applicationHost>"""
AUTHENTICATION = (
    "<authentication><anonymousAuthentication enabled='true' /><windowsAuthentication enabled='false' />"
    "</authentication>"
)


def location(path: str, inner: str) -> str:
    return (
        f'<location path="{path}"><system.webServer><security><authentication>{inner}</authentication></security>'
        "</system.webServer></location>"
    )


def test_iis() -> None:
    found = web_server.read(
        [
            HOST,
            AUTHENTICATION,
            location("web", "<windowsAuthentication enabled='true' useKernelMode='false' />"),
            location("Web/CertSrv/mscep", "<windowsAuthentication enabled='false' />"),
            location("Web/CertSrv/mscep", "<anonymousAuthentication enabled='false' />"),
            '<location path="Web/y"><system.webServer /></location>',
        ]
    )
    assert found is not None
    assert found.pool == web_server.Pool("Scep", "SpecificUser", "CORP\\svc", 0, 104401, True, "Classic")
    assert found.site is not None
    assert (found.site.name, found.site.physical_path) == ("Web", "D:\\w")
    assert [(one["ip"], one["port"], one["host_header"], one["ssl_flags"]) for one in found.site.bindings] == [
        ("*", 80, "", 0),
        ("[::1]", 443, "a.example", 1),
        (None, None, None, 0),
    ]
    assert found.applications == (
        web_server.Application("/", "P", True, True, False),
        web_server.Application("/certsrv/MSCEP", "SCEP", False, False, False),
        web_server.Application("/y", "Q", True, True, False),
    )
    assert found.has("CertSrv/mscep")
    assert not found.has("CertSrv/mscep_admin")


def test_what_iis_does_not_say_is_what_the_schema_says() -> None:
    found = web_server.read(
        ['<system.applicationHost><applicationPools><add name="SCEP"/></applicationPools></system.applicationHost>']
    )
    assert found == web_server.WebServer(
        None, web_server.Pool("SCEP", "ApplicationPoolIdentity", None, 1200, 104400, False, "Integrated"), ()
    )
    assert web_server.read([]) is None
    assert web_server.read(["<authentication />"]) == web_server.WebServer()


@pytest.mark.parametrize("part", ["", "<a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "x" * 10])
def test_what_is_no_configuration_is_said(part: str) -> None:
    with pytest.raises(UnexpectedValue):
        web_server.read([part])


@pytest.mark.parametrize("text, expected", [("00:00:00", 0), ("1.05:00:00", 104400), ("00:20:00.5", 1200)])
def test_spans_of_time(text: str, expected: int) -> None:
    assert web_server.seconds(text) == expected


@pytest.mark.parametrize("text", ["", "20", "1:2:3", "x.00:00:00"])
def test_no_spans_of_time(text: str) -> None:
    with pytest.raises(UnexpectedValue):
        web_server.seconds(text)


@given(st.text())
def test_any_part_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UnexpectedValue):
        web_server.read([text])


def read(*entries: dict[str, Any]) -> tuple[ra_certificates.RaCertificate, ...]:
    return ra_certificates.read([Fields(one) for one in entries])


@pytest.mark.parametrize("extensions, expected", [
    ((AGENT, SIGNS, template_name("EnrollmentAgentOffline")), ("signing", "EnrollmentAgentOffline", True)),
    ((AGENT, DECRYPTS, template_name("cepencryption")), ("encryption", "cepencryption", True)),
    # The template says more than the key usage.
    ((AGENT, template_name("CEPEncryption")), ("encryption", "CEPEncryption", True)),
    # One of a later version: by its key usage.
    ((AGENT, SIGNS, template_oid("1.3.6.1.4.1.311.21.8.1.2")), ("signing", "1.3.6.1.4.1.311.21.8.1.2", False)),
    ((AGENT, DECRYPTS, template_oid("1.3.6.1.4.1.311.21.8.1.2")), ("encryption", "1.3.6.1.4.1.311.21.8.1.2", False)),
    ((AGENT, DECRYPTS), ("encryption", None, False)),
    ((AGENT, SIGNS, x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"), b"\x04\x01x")),
     ("signing", None, False)),
    # Another enrollment agent.
    ((AGENT, SIGNS, template_name("MachineEnrollmentAgent")), None),
    ((AGENT, usage(signs=True, decrypts=True), template_oid("1.2.3")), None),
    ((AGENT,), None),
    # No agent at all.
    ((SERVER, SIGNS, template_name("EnrollmentAgentOffline")), None),
    ((SIGNS,), None),
])  # fmt: skip
def test_which_certificates_are_those_of_the_registration_authority(
    extensions: tuple[x509.ExtensionType, ...], expected: tuple[str, str | None, bool] | None
) -> None:
    found = read(entry(der(*extensions)))
    if expected is None:
        assert found == ()
        return
    [one] = found
    assert (one.purpose, one.template, one.built_in) == expected
    assert one.fields == {"name": "NDES1-MSCEP-RA", "country": "SE", "company": "Corp", "email": "pki@corp.example"}
    assert (one.issuer, one.key_length, one.provider_kind) == ("CORP Issuing CA 1", 2048, "csp")
    assert len(one.thumbprint) == 40


def test_keys_of_certificates() -> None:
    octets = der(AGENT, SIGNS)
    assert [one.provider_kind for one in read(entry(octets, provider=None))] == ["ksp"]
    [without] = read(entry(octets, key=False))
    assert (without.provider, without.provider_kind) == (None, None)
    [curve] = read(entry(der(AGENT, SIGNS, curve=True)))
    assert curve.key_length == 0


def test_the_newest_is_the_first() -> None:
    found = read(entry(der(AGENT, SIGNS, day=2)), entry(der(AGENT, SIGNS, day=7)), entry(der(AGENT, SIGNS, day=5)))
    assert [one.not_before.day for one in found] == [7, 5, 2]


@pytest.mark.parametrize("octets", [b"", b"0", b"\x30\x03\x02\x01\x05", bytes(2000)])
def test_what_is_no_certificate_is_none(octets: bytes) -> None:
    assert read(entry(octets)) == ()


@pytest.mark.parametrize("text", ["256", "x", "-1"])
def test_octets_that_are_none(text: str) -> None:
    with pytest.raises(UnexpectedValue):
        read({**entry(b""), "der": text})


@pytest.mark.parametrize("sddl, readers", [
    (None, None),
    ("O:SYG:SYD:PAI(A;;FA;;;SY)(A;;FR;;;S-1-5-21-1-2-3-4)", {"S-1-5-18", "S-1-5-21-1-2-3-4"}),
    # An alias of a domain does not keep the others from being read.
    ("O:DAG:DAD:P(A;;FA;;;DA)(A;;0x80120089;;;S-1-5-82-1)(D;;FR;;;S-1-5-32-545)", {"S-1-5-82-1"}),
    ("O:SYD:(A;OICIIO;FR;;;S-1-5-21-1-2-3-4)(A;;0x2;;;S-1-5-18)S:(AU;SA;FA;;;WD)", set()),
    ("O:SYG:SY", set()),
])  # fmt: skip
def test_who_may_read_a_key(sddl: str | None, readers: set[str] | None) -> None:
    [one] = read(entry(der(AGENT, SIGNS), access=sddl))
    if readers is None:
        assert one.rights is None
    else:
        assert {sid for sid in one.rights or {} if one.readable_by(sid)} == readers


def test_sids_of_pools() -> None:
    assert sids.of_pool("defaultapppool") == "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"
    assert sids.of_pool("DefaultAppPool") == sids.of_pool("DEFAULTAPPPOOL")


FOUND: dict[str, Any] = {
    "registry": [
        {"path": mscep.MSCEP, "authority": None, "status": None},
        {"path": rf"{mscep.MSCEP}\CAInfo", "authority": CONFIG, "status": None},
        {"path": mscep.ROLE, "authority": None, "status": 2},
    ],
    "iis": [HOST],
    "services": [{"State": "Running", "StartMode": "Auto"}],
    "path": "D:\\w",
    "path_exists": True,
    "pool_state": "Started",
    "backups": ["a"],
    "members": ["S-1-5-17"],
    "roots": ["ab" * 20],
    "certificates": [entry(der(AGENT, SIGNS)), entry(der(AGENT, DECRYPTS)), entry(der(SERVER))],
}


def test_a_configured_server() -> None:
    found = current.read(FOUND, feature=True)
    assert found.state == current.CONFIGURED
    assert (found.ca_config, found.status, found.identity) == (CONFIG, 2, "CORP\\svc")
    assert found.identity_sid is None
    assert found.members == frozenset({"S-1-5-17"})
    assert found.roots == {"AB" * 20}
    assert [one.purpose for one in found.pair] == ["signing", "encryption"]
    assert current.read(FOUND, feature=False).state == current.FEATURE_MISSING


def test_a_blank_server() -> None:
    lists: dict[str, Any] = {name: [] for name in ("registry", "iis", "services", "backups", "roots", "certificates")}
    blank = {**FOUND, **lists, "path": "", "path_exists": False, "pool_state": None}
    found = current.read(blank, feature=True)
    assert found.state == current.NOT_CONFIGURED
    assert (found.iis, found.pool, found.identity, found.half, found.iis_ready) == (None, None, None, (), False)


@pytest.mark.parametrize("state, start_mode, ready", [
    ("Running", "Auto", True), ("Running", "Manual", False), ("Stopped", "Auto", False), ("Paused", "Auto", False)
])  # fmt: skip
def test_whether_the_web_server_runs_and_will_run(state: str, start_mode: str, ready: bool) -> None:
    found = current.read({**FOUND, "services": [{"State": state, "StartMode": start_mode}]}, feature=True)
    assert found.iis_ready is ready


def test_a_group_that_windows_cannot_list() -> None:
    assert current.read({**FOUND, "members": "Failed to compare two elements"}, feature=True).members is None


def test_a_pool_that_runs_as_itself_is_known_by_its_sid() -> None:
    text = HOST.replace("SpecificUser", "ApplicationPoolIdentity")
    found = current.read({**FOUND, "iis": [text]}, feature=True)
    assert (found.identity, found.identity_sid) == ("", sids.of_pool("SCEP"))
    other = current.read({**FOUND, "iis": [HOST.replace("SpecificUser", "LocalSystem")]}, feature=True)
    assert (other.identity, other.identity_sid) == (None, None)


@pytest.mark.parametrize("name", FOUND)
def test_what_is_missing_is_said(name: str) -> None:
    with pytest.raises(UnexpectedValue, match=name):
        current.read({key: value for key, value in FOUND.items() if key != name}, feature=True)
