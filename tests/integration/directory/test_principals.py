# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Principals of the lab's forest, compared with Samba's own answers, and how many requests they take."""

from __future__ import annotations

import subprocess
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import filters
from ansible_collections.certops.intune.plugins.module_utils.directory.principals import PrincipalError, Principals
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

if t.TYPE_CHECKING:
    from .conftest import Accounts, Domain


@pytest.fixture(scope="module")
def known(domain: Domain) -> dict[str, Sid]:
    """All accounts of the domain as Samba's tool reads them from the domain controller's files: name to SID."""
    database = domain.lab.dir / "dc1" / "private" / "sam.ldb"
    shown = subprocess.run(
        [
            "ldbsearch",
            "-H",
            database,
            "-b",
            domain.dn,
            "(&(sAMAccountName=*)(objectSid=*))",
            "sAMAccountName",
            "objectSid",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found: dict[str, Sid] = {}
    for record in shown.split("\n\n"):
        values = dict(line.split(": ", 1) for line in record.splitlines() if ": " in line and line[0] != "#")
        if "sAMAccountName" in values:
            found[values["sAMAccountName"]] = Sid.parse(values["objectSid"])
    return found


def test_every_account_by_every_way_of_writing_it(
    administrator: Session, domain: Domain, known: dict[str, Sid]
) -> None:
    principals = Principals(administrator)
    assert len(known) > 40
    for form in (
        "{}",
        "CORP\\{}",
        "corp\\{}",
        f"{domain.name}\\{{}}",
        f"{{}}@{domain.name}",
        f"{{}}@{domain.name.upper()}",
    ):
        names = {form.format(name): sid for name, sid in known.items()}
        assert principals.resolve(names) == names
        upper = {form.format(name.upper()): sid for name, sid in known.items()}
        assert principals.resolve(upper) == upper


def test_names_lead_back_to_the_same_sids(administrator: Session, known: dict[str, Sid]) -> None:
    names = Principals(administrator).names(known.values())
    assert names[known["alice"]] == "CORP\\alice"
    assert names[known["NDES1$"]] == "CORP\\NDES1$"
    assert names[known["Domain Admins"]] == "Domain Admins"
    assert names[known["Administrators"]] == "Administrators"
    again = Principals(administrator).resolve(names.values())
    assert set(again.values()) == set(known.values())
    assert all(again[names[sid]] == sid for sid in known.values())


def test_distinguished_names(administrator: Session, domain: Domain, known: dict[str, Sid]) -> None:
    dns = {
        f"cn=alice ANDERSSON, cn=users, {domain.dn.lower()}": known["alice"],
        f"CN=PKI Operators,CN=Users,{domain.dn}": known["PKI Operators"],
    }
    assert Principals(administrator).resolve(dns) == dns


def test_requests_of_a_run_that_changes_nothing(domain: Domain) -> None:
    """Root entry, templates, principals: three."""
    with connect(domain.kerberos("pkiadmin")) as session:
        services = f"CN=Public Key Services,CN=Services,{session.root_dse.configuration_naming_context}"
        every = filters.equals("objectClass", "pKICertificateTemplate")
        session.search(services, every, ("*", "nTSecurityDescriptor"), sd_flags=7)
        Principals(session).resolve(
            ["svc-ndes", "CORP\\NDES1$", f"pkioperator@{domain.name}", "Domain Admins", "Enterprise Admins", "S-1-5-11"]
        )
        assert session.round_trips == 3


def test_what_cannot_be_resolved(administrator: Session, accounts: Accounts) -> None:
    with pytest.raises(PrincipalError) as caught:
        Principals(administrator).resolve(
            ["alice", "ndes1", "NDES Service Account", "nobody", "OTHER\\alice", "nobody@corp.example", "x\\"]
        )
    assert caught.value.problems == {
        "ndes1": "is a computer: write CORP\\NDES1$",
        "NDES Service Account": "is the display name of CORP\\svc-ndes: write that",
        "nobody": "is not a principal of the forest",
        "OTHER\\alice": "is of a domain that the forest does not have; its domains are CORP (corp.example)",
        "nobody@corp.example": "is not a principal of the forest",
        "x\\": "is not written as DOMAIN\\name",
    }
    assert caught.value.searched == (f"all partitions of {administrator.server}",)


def test_principal_name_with_another_suffix(administrator: Session, accounts: Accounts) -> None:
    name = accounts.add()
    accounts.change(name, "userPrincipalName", f"{name}@mail.example".encode())
    found = Principals(administrator).resolve([f"{name}@mail.example", name])
    assert len(set(found.values())) == 1


@pytest.mark.parametrize("name", ["a(b", "a)b", "a*", "*", "(objectClass=*)", "a\\b(c", "ä*ö", "x\0y"])
def test_names_with_the_syntax_of_filters(administrator: Session, name: str) -> None:
    with pytest.raises(PrincipalError) as caught:
        Principals(administrator).resolve([name])
    assert list(caught.value.problems) == [name]


def test_names_of_sids_that_nobody_has(administrator: Session) -> None:
    domain = administrator.root_dse.domain_sid
    assert domain is not None
    unknown = [domain.child(999999), Sid.parse("S-1-5-21-1-2-3-1104")]
    assert Principals(administrator).names(unknown) == {sid: str(sid) for sid in unknown}
