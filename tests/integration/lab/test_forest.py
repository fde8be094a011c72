# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab's forest holds, read with other tools than it was made with, against the data it was made from."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import time
import typing as t

import pytest

from lab import estate
from lab.forest import catalogue

if t.TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..conftest import Lab
    from .conftest import Entries

    Search = Callable[..., Entries]

SERVICES = "CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=example"
TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
CA = f"CN=CORP Issuing CA 1,CN=Enrollment Services,{SERVICES}"
DOMAIN_CONTROLLERS = ("dc1", "dc2")
#: Owner, group and DACL (MS-ADTS 3.1.1.3.4.1.11)
SD_FLAGS = "!1.2.840.113556.1.4.801=::MAMCAQc="
ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
AUTOENROLL = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"
REST = "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)(A;;LCRPLORC;;;AU)"

OCSP_TRIPLETS = (
    b"msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA1`msPKI-Key-Security-Descriptor`PZPWSTR`"
    b"D:P(A;;FA;;;BA)(A;;FA;;;SY)(A;;GR;;;S-1-5-80-3804348527-3718992918-2141599610-3686422417-2726379419)`"
    b"msPKI-Key-Usage`DWORD`2`"
)

#: What the server adds to every object.
ADDED = set(
    "objectClass cn distinguishedName instanceType whenCreated whenChanged uSNCreated uSNChanged name objectGUID "
    "objectCategory".split()
)

#: By Samba's own code: descriptors in base64 by name to SDDL, in one process.
TO_SDDL = """
import base64, json, sys
from samba.dcerpc import security
from samba.ndr import ndr_unpack
given = json.load(sys.stdin)
sid = security.dom_sid(given["domain"])
unpacked = {n: ndr_unpack(security.descriptor, base64.b64decode(v)) for n, v in given["descriptors"].items()}
json.dump({n: d.as_sddl(sid) for n, d in unpacked.items()}, sys.stdout)
"""


@pytest.fixture(scope="module")
def oid_root(search: Search) -> str:
    container = search(f"CN=OID,{SERVICES}", scope="base")
    return container[f"CN=OID,{SERVICES}"]["msPKI-Cert-Template-OID"][0].decode()


@pytest.fixture(scope="module")
def to_sddl(search: Search) -> Callable[[dict[str, bytes]], dict[str, str]]:
    binary = search(estate.DOMAIN_DN, "objectSid", scope="base")[estate.DOMAIN_DN]["objectSid"][0]
    numbers = [int.from_bytes(binary[start : start + 4], "little") for start in range(8, len(binary), 4)]
    domain = "-".join(["S-1-5", *map(str, numbers)])

    def convert(descriptors: dict[str, bytes]) -> dict[str, str]:
        encoded = {name: base64.b64encode(value).decode() for name, value in descriptors.items()}
        done = subprocess.run(
            ["/usr/bin/python3", "-c", TO_SDDL],
            input=json.dumps({"domain": domain, "descriptors": encoded}),
            capture_output=True,
            text=True,
            check=True,
        )
        converted: dict[str, str] = json.loads(done.stdout)
        return converted

    return convert


# Certificate templates


@pytest.mark.parametrize("host", DOMAIN_CONTROLLERS)
def test_templates_are_those_of_the_data(search: Search, oid_root: str, host: str) -> None:
    data = catalogue.load()
    found = search(TEMPLATES, host=host, scope="one")

    assert len(found) == 33
    assert set(found) == {f"CN={template['cn']},{TEMPLATES}" for template in data["templates"]}
    for template in data["templates"]:
        entry = found[f"CN={template['cn']},{TEMPLATES}"]
        wanted = catalogue.attributes(template, data["common"], oid_root)
        assert entry["objectClass"] == [b"top", b"pKICertificateTemplate"]
        assert set(entry) - ADDED == set(wanted) - ADDED
        for name, values in wanted.items():
            assert sorted(entry[name]) == sorted(values), (template["cn"], name)


@pytest.mark.parametrize(
    ("name", "attribute", "values"),
    [
        ("User", "pKIKeyUsage", [b"\xa0\x00"]),
        ("User", "msPKI-Certificate-Name-Flag", [b"-1509949440"]),
        ("User", "pKIExpirationPeriod", [bytes.fromhex("004039872ee1feff")]),
        ("User", "pKIOverlapPeriod", [bytes.fromhex("0080a60affdeffff")]),
        ("SubCA", "pKICriticalExtensions", [b"2.5.29.15", b"2.5.29.19"]),
        ("SubCA", "pKIMaxIssuingDepth", [b"-1"]),
        ("SmartcardUser", "revision", [b"11"]),
        ("CrossCA", "msPKI-RA-Signature", [b"1"]),
        ("CAExchange", "pKIOverlapPeriod", [bytes.fromhex("004096d536ffffff")]),
        ("KerberosAuthentication", "msPKI-Certificate-Name-Flag", [b"138412032"]),
        ("DirectoryEmailReplication", "msPKI-Supersede-Templates", [b"DomainController"]),
        (
            "OCSPResponseSigning",
            "msPKI-RA-Application-Policies",
            [OCSP_TRIPLETS],
        ),
    ],
)
def test_values_of_a_real_dump(search: Search, name: str, attribute: str, values: list[bytes]) -> None:
    dn = f"CN={name},{TEMPLATES}"
    assert sorted(search(dn, attribute, scope="base")[dn][attribute]) == values


@pytest.mark.parametrize("host", DOMAIN_CONTROLLERS)
def test_template_security_as_sambas_code_reads_it(
    search: Search, to_sddl: Callable[[dict[str, bytes]], dict[str, str]], host: str
) -> None:
    found = search(TEMPLATES, "-E", SD_FLAGS, "nTSecurityDescriptor", host=host, scope="one")
    sddl = to_sddl({dn: entry["nTSecurityDescriptor"][0] for dn, entry in found.items()})

    def enroll(*aliases: str, guid: str = ENROLL) -> str:
        return "".join(f"(OA;;{'CRRP' if each == 'RO' else 'CRRPWP'};{guid};;{each})" for each in aliases)

    written = {dn.split(",")[0][3:]: normal(text) for dn, text in sddl.items()}
    assert written["WebServer"] == normal(f"O:EAG:EAD:PAI{enroll('DA', 'EA')}{REST}")
    assert written["User"] == normal(f"O:EAG:EAD:PAI{enroll('DA', 'DU', 'EA')}{REST}")
    assert written["RASAndIASServer"] == normal(f"O:EAG:EAD:PAI{enroll('DA', 'EA', 'RS')}{REST}")
    everybody = enroll("ED", "RO", "DA", "DD", "EA") + enroll("ED", "RO", "DD", guid=AUTOENROLL)
    assert written["KerberosAuthentication"] == normal(f"O:EAG:EAD:PAI{everybody}{REST}")
    for template in catalogue.load()["templates"]:
        assert written[template["cn"]] == normal(catalogue.template_security(template)), template["cn"]


def normal(sddl: str) -> tuple[str, list[tuple[str, ...]]]:
    """SDDL with the letters of each mask in alphabetical order: Samba and Windows write them in different ones."""
    head, *entries = sddl.replace(")", "").split("(")
    split = [entry.split(";") for entry in entries]
    return head, [
        (kind, flags, "".join(sorted(rights[start : start + 2] for start in range(0, len(rights), 2))), *rest)
        for kind, flags, rights, *rest in split
    ]


# Object identifiers


def test_oid_objects(search: Search, oid_root: str) -> None:
    data = catalogue.load()
    found = search(f"CN=OID,{SERVICES}", "displayName", "flags", "msPKI-Cert-Template-OID", scope="one")

    named = {values["msPKI-Cert-Template-OID"][0].decode(): (dn, values) for dn, values in found.items()}
    templates = {f"{oid_root}.1.{each['number']}": each for each in data["templates"] if each["number"] >= 25}
    policies = {
        f"{oid_root}.1.{number}": f"{level} Assurance" for number, level in enumerate(("Low", "Medium", "High"), 400)
    }
    assert set(named) == set(templates) | set(policies)
    for oid, (dn, values) in named.items():
        wanted = (templates[oid]["displayName"], b"1") if oid in templates else (policies[oid], b"2")
        assert (values["displayName"][0].decode(), values["flags"][0]) == wanted
        assert dn.startswith(f"CN={oid.rpartition('.')[2]}.")


def test_oid_root_has_the_form_of_a_real_one(oid_root: str) -> None:
    assert oid_root.startswith("1.3.6.1.4.1.311.21.8.")
    *long, last = (int(arc) for arc in oid_root.split(".")[9:])
    octets = b"".join(arc.to_bytes(3, "big") for arc in long) + bytes([last])
    assert len(octets) == 16
    # The version of the GUID in its order in memory, and its variant
    assert octets[7] >> 4 == 4
    assert octets[8] >> 6 == 0b10


def test_oid_objects_are_named_by_the_digest_of_their_oid(search: Search, oid_root: str) -> None:
    oid = f"{oid_root}.1.400"
    digest = subprocess.run(["openssl", "md5", "-r"], input=oid.encode("utf-16-le"), capture_output=True, check=True)
    name = f"400.{digest.stdout.split()[0].decode().upper()}"
    found = search(f"CN={name},CN=OID,{SERVICES}", "displayName", scope="base")
    assert found == {f"CN={name},CN=OID,{SERVICES}": {"displayName": [b"Low Assurance"]}}


# The authorities


@pytest.mark.parametrize("host", DOMAIN_CONTROLLERS)
def test_enrolment_service(search: Search, host: str) -> None:
    entry = search(CA, host=host, scope="base")[CA]
    assert entry["objectClass"] == [b"top", b"pKIEnrollmentService"]
    assert entry["displayName"] == [b"CORP Issuing CA 1"]
    assert entry["dNSHostName"] == [b"ca1.corp.example"]
    assert entry["cACertificateDN"] == [b"CN=CORP Issuing CA 1, DC=corp, DC=example"]
    assert entry["flags"] == [b"10"]
    assert sorted(entry["certificateTemplates"]) == sorted(name.encode() for name in catalogue.load()["published"])


def test_enrolment_service_belongs_to_the_ca_host(
    search: Search, to_sddl: Callable[[dict[str, bytes]], dict[str, str]]
) -> None:
    computer = "CN=CA1,CN=Computers,DC=corp,DC=example"
    sid = search(computer, "objectSid", scope="base")[computer]["objectSid"][0]
    rid = int.from_bytes(sid[-4:], "little")
    descriptor = search(CA, "-E", SD_FLAGS, "nTSecurityDescriptor", scope="base")[CA]["nTSecurityDescriptor"][0]
    head, entries = normal(to_sddl({"ca": descriptor})["ca"])
    assert head.startswith("O:EAG:EAD:AI")
    full = "".join(sorted(("CC", "DC", "LC", "SW", "RP", "WP", "DT", "LO", "SD", "RC", "WD", "WO")))
    assert any(each[2] == full and each[5].endswith(f"-{rid}") for each in entries)
    assert ("OA", "", "CR", ENROLL, "", "AU") in entries


def certificate(search: Search, dn: str, attribute: str = "cACertificate") -> bytes:
    return search(dn, attribute, scope="base")[dn][attribute][0]


def test_chain_in_the_directory_is_real(search: Search, tmp_path: Path) -> None:
    root = certificate(search, f"CN=CORP Root CA,CN=Certification Authorities,{SERVICES}")
    issuing = certificate(search, CA)
    assert certificate(search, f"CN=CORP Root CA,CN=AIA,{SERVICES}") == root
    for dn in (f"CN=NTAuthCertificates,{SERVICES}", f"CN=CORP Issuing CA 1,CN=AIA,{SERVICES}"):
        assert certificate(search, dn) == issuing

    for name, der in (("root", root), ("issuing", issuing)):
        openssl("x509", "-inform", "der", "-out", str(tmp_path / f"{name}.pem"), given=der)
    openssl("verify", "-x509_strict", "-CAfile", str(tmp_path / "root.pem"), str(tmp_path / "issuing.pem"))
    text = openssl("x509", "-in", str(tmp_path / "issuing.pem"), "-noout", "-text")
    assert "Subject: DC = example, DC = corp, CN = CORP Issuing CA 1" in text
    assert "CA:TRUE, pathlen:0" in text
    for place in ("AIA", "rootca,CN=CDP"):
        assert f"CN=CORP%20Root%20CA,CN={place},{SERVICES.replace(' ', '%20')}" in text


@pytest.mark.parametrize(("name", "host"), [("CORP Root CA", "rootca"), ("CORP Issuing CA 1", "ca1")])
def test_revocation_lists_are_real(search: Search, lab: Lab, tmp_path: Path, name: str, host: str) -> None:
    crl = certificate(search, f"CN={name},CN={host},CN=CDP,{SERVICES}", "certificateRevocationList")
    issuer = lab.dir / "ca" / ("root.pem" if host == "rootca" else "issuing.pem")
    (tmp_path / "crl").write_bytes(crl)
    done = subprocess.run(
        ["openssl", "crl", "-inform", "der", "-in", tmp_path / "crl", "-noout", "-CAfile", issuer],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "verify OK" in done.stdout + done.stderr


def openssl(*arguments: str, given: bytes | None = None) -> str:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True).stdout.decode()


# Accounts


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("Cert Publishers", {"CN=CA1,CN=Computers"}),
        ("PKI Operators", {"CN=PKI Operator,CN=Users"}),
        ("Intune Admins", {"CN=Intune Admin,CN=Users"}),
        ("Enterprise Admins", {"CN=Administrator,CN=Users", "CN=PKI Admin,CN=Users"}),
        ("Domain Admins", {"CN=Administrator,CN=Users", "CN=PKI Admin,CN=Users"}),
    ],
)
def test_members(search: Search, group: str, members: set[str]) -> None:
    dn = f"CN={group},CN=Users,{estate.DOMAIN_DN}"
    found = {member.decode() for member in search(dn, "member", scope="base")[dn]["member"]}
    assert found == {f"{member},{estate.DOMAIN_DN}" for member in members}


@pytest.mark.parametrize("host", ["ca1", "ndes1", "ndes2", "conn1"])
def test_computers(search: Search, host: str) -> None:
    dn = f"CN={host.upper()},CN=Computers,{estate.DOMAIN_DN}"
    entry = search(dn, scope="base")[dn]
    assert entry["sAMAccountName"] == [f"{host.upper()}$".encode()]
    assert entry["dNSHostName"] == [f"{host}.corp.example".encode()]
    assert entry["primaryGroupID"] == [b"515"]
    assert {f"HOST/{host}".encode(), f"HOST/{host}.corp.example".encode()} <= set(entry["servicePrincipalName"])


def test_every_account_can_log_on(lab: Lab, tmp_path: Path) -> None:
    accounts = lab.credentials["accounts"]
    assert set(accounts) == set(
        "administrator pkiadmin pkioperator intuneadmin alice svc-ndes ca1 ndes1 ndes2 conn1".split()
    )
    assert len({account["password"] for account in accounts.values()}) == len(accounts)
    for name, account in accounts.items():
        cache = f"FILE:{tmp_path / name}"
        lab.run(["kinit", "-c", cache, account["username"]], input=account["password"] + "\n")
        assert f"Default principal: {account['username']}" in lab.run(["klist", "-c", cache]).stdout


@pytest.mark.parametrize("account", ["pkioperator", "intuneadmin", "alice", "svc-ndes"])
def test_nobody_has_been_given_rights_yet(lab: Lab, tmp_path: Path, account: str) -> None:
    (tmp_path / "password").touch(0o600)
    (tmp_path / "password").write_text(lab.credentials["accounts"][account]["password"])
    change = f"dn: CN=WebServer,{TEMPLATES}\nchangetype: modify\nreplace: displayName\ndisplayName: changed\n"
    command = ["ldapmodify", "-x", "-H", "ldaps://dc1.corp.example", "-D", f"{account}@corp.example"]
    environment = {**os.environ, "LDAPTLS_CACERT": str(lab.dir / "ca" / "root.pem")}
    done = lab.run([*command, "-y", tmp_path / "password"], input=change, env=environment, check=False)
    assert done.returncode == 50
    assert "Insufficient access (50)" in done.stderr


def test_planned_accounts_have_passwords(lab: Lab) -> None:
    planned = lab.credentials["planned"]
    assert set(planned) == {"svc-scep"}
    assert planned["svc-scep"]["username"] == "svc-scep@CORP.EXAMPLE"
    assert planned["svc-scep"]["password"] not in [
        account["password"] for account in lab.credentials["accounts"].values()
    ]


def test_the_name_of_the_scep_servers_leads_to_each_of_them(lab: Lab) -> None:
    assert sorted(lab.run(["dig", "+short", estate.SCEP_NAME]).stdout.split()) == ["10.77.0.31", "10.77.0.32"]


def test_the_simulated_root_key_counts_already(search: Search) -> None:
    base = f"CN=Master Root Keys,CN=Group Key Distribution Service,CN=Services,CN=Configuration,{estate.DOMAIN_DN}"
    (key,) = search(base, scope="one").values()
    assert key["objectClass"][-1] == b"msKds-ProvRootKey"
    ten_hours_ago = int((time.time() - 10 * 3600 + 11644473600) * 10_000_000)
    assert int(key["msKds-UseStartTime"][0]) <= ten_hours_ago
    assert len(key["msKds-RootKeyData"][0]) == 64


# Names and TLS


@pytest.mark.parametrize("server", ["10.77.0.10", "10.77.0.11"])
@pytest.mark.parametrize(
    ("name", "port"),
    [
        ("_ldap._tcp.corp.example", 389),
        ("_ldap._tcp.dc._msdcs.corp.example", 389),
        ("_ldap._tcp.Default-First-Site-Name._sites.dc._msdcs.corp.example", 389),
        ("_kerberos._tcp.corp.example", 88),
        ("_kerberos._udp.corp.example", 88),
        ("_kerberos._tcp.dc._msdcs.corp.example", 88),
        ("_kpasswd._tcp.corp.example", 464),
        ("_gc._tcp.corp.example", 3268),
        ("_ldap._tcp.gc._msdcs.corp.example", 3268),
    ],
)
def test_services_are_found_by_dns(lab: Lab, server: str, name: str, port: int) -> None:
    answer = lab.run(["dig", "+short", f"@{server}", name, "SRV"]).stdout.splitlines()
    assert sorted(answer) == [f"0 100 {port} dc1.corp.example.", f"0 100 {port} dc2.corp.example."]


def test_the_pdc_emulator_is_found_by_dns(lab: Lab) -> None:
    answer = lab.run(["dig", "+short", "_ldap._tcp.pdc._msdcs.corp.example", "SRV"]).stdout
    assert answer == "0 100 389 dc1.corp.example.\n"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("controller", "10.77.0.1"),
        ("dc1", "10.77.0.10"),
        ("dc2", "10.77.0.11"),
        ("ca1", "10.77.0.20"),
        ("ndes1", "10.77.0.31"),
        ("ndes2", "10.77.0.32"),
        ("conn1", "10.77.0.40"),
    ],
)
def test_hosts_are_found_by_dns_and_by_address(lab: Lab, name: str, address: str) -> None:
    assert lab.run(["dig", "+short", f"{name}.corp.example"]).stdout == f"{address}\n"
    assert lab.run(["dig", "+short", "-x", address]).stdout == f"{name}.corp.example.\n"
    assert lab.run(["getent", "ahostsv4", name]).stdout.startswith(f"{address} ")


@pytest.mark.parametrize("host", DOMAIN_CONTROLLERS)
@pytest.mark.parametrize("port", [636, 3269])
def test_tls_certificates_name_their_host_and_lead_to_the_root(lab: Lab, host: str, port: int) -> None:
    command: list[str | Path]
    command = ["openssl", "s_client", "-connect", f"{host}.corp.example:{port}", "-CAfile", lab.dir / "ca" / "root.pem"]
    done = lab.run([*command, "-verify_return_error", "-verify_hostname", f"{host}.corp.example"], input="")
    assert "Verify return code: 0 (ok)" in done.stdout


def test_simple_bind_without_tls_is_refused(lab: Lab) -> None:
    account = lab.credentials["accounts"]["alice"]
    command = ["ldapsearch", "-x", "-H", "ldap://dc1.corp.example", "-D", account["username"], "-y", "/dev/stdin"]
    done = lab.run([*command, "-b", estate.DOMAIN_DN, "-s", "base"], input=account["password"], check=False)
    assert "Strong(er) authentication required (8)" in done.stderr
