# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service principal names: edited, searched for in the forest, and refused where another account has them."""

from __future__ import annotations

import json
import subprocess
import time
import typing as t
import uuid
from collections import defaultdict

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import spn_state
from ansible_collections.certops.intune.plugins.module_utils.accounts.spn_search import duplicates
from ansible_collections.certops.intune.plugins.module_utils.directory.session import connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings

from .conftest import Ldapsearch, Modules
from .others import DOMAIN_DN, ldapmodify, samba_tool, ticket

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

PASSWORD = "Canary-7Qx!pelican-91"


@pytest.fixture
def accounts(lab: Lab, ldapsearch: Ldapsearch) -> Iterator[list[str]]:
    """Two users of this test alone, made and removed with a tool of others."""
    names = [f"s{uuid.uuid4().hex[:12]}" for _ in range(2)]
    for name in names:
        samba_tool(lab, "user", "create", name, PASSWORD)
    yield names
    for name in names:
        (dn,) = ldapsearch(DOMAIN_DN, f"(sAMAccountName={name})", "dn")
        ldapmodify(lab, f"dn: {dn}\nchangetype: delete\n")


@pytest.fixture
def host() -> str:
    """The name of a host of this test alone."""
    return f"h{uuid.uuid4().hex[:12]}.corp.example"


def names_of(ldapsearch: Ldapsearch, account: str) -> list[str]:
    (found,) = ldapsearch(DOMAIN_DN, f"(sAMAccountName={account})", "servicePrincipalName").values()
    return sorted(value.decode() for value in found.get("servicePrincipalName", []))


def edit(modules: Modules, account: str, *, check: bool = False, **lists: list[str]) -> dict[str, t.Any]:
    return modules.run("service_principal_name", check=check, name=account, service_principal_names=lists)


@pytest.mark.requirement("SCEP-055")
def test_way_of_a_name(modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str) -> None:
    account = accounts[0]
    predicted = edit(modules, account, check=True, add=[f"http/{host}"])
    assert predicted["changed"]
    assert names_of(ldapsearch, account) == []
    made = edit(modules, f"CORP\\{account}", add=[f"http/{host}"])
    assert made["diff"] == predicted["diff"] == {
        "before": {"service_principal_names": []}, "after": {"service_principal_names": [f"http/{host}"]},
    }  # fmt: skip
    assert names_of(ldapsearch, account) == [f"http/{host}"]
    assert f"http/{host}" in samba_tool(ldapsearch.lab, "spn", "list", account)
    for again in (f"HTTP/{host}", f"http/{host.upper()}", f"https/{host}"):
        assert not edit(modules, f"{account}@corp.example", add=[again])["changed"]
    changed = edit(modules, account, set=[f"http/{host}:8443", f"cifs/{host}"])
    assert changed["service_principal_names"] == [f"cifs/{host}", f"http/{host}:8443"]
    assert names_of(ldapsearch, account) == [f"cifs/{host}", f"http/{host}:8443"]
    assert edit(modules, account, remove=[f"CIFS/{host}", "http/unknown.example"])["changed"]
    assert names_of(ldapsearch, account) == [f"http/{host}:8443"]
    assert edit(modules, account, set=[])["changed"]
    assert names_of(ldapsearch, account) == []
    assert not edit(modules, account, set=[])["changed"]


@pytest.mark.requirement("SCEP-055")
def test_https_is_what_clients_ask_for_as_http(
    modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str
) -> None:
    done = edit(modules, accounts[0], add=[f"https/{host}"])
    assert f"https/{host} is written as http/{host}: clients ask for http" in json.dumps(done["warnings"])
    assert names_of(ldapsearch, accounts[0]) == [f"http/{host}"]


@pytest.mark.requirement("SCEP-055")
@pytest.mark.parametrize("check", [True, False], ids=["check", "act"])
def test_a_name_that_another_account_has(
    modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str, check: bool
) -> None:
    first, second = accounts
    edit(modules, first, add=[f"HTTP/{host}"])
    refused = edit(modules, second, check=check, set=[f"http/{host.upper()}", f"http/other-{host}"])
    assert refused["msg"] == (
        f"service_principal_names.set: http/{host.upper()} is held by {first} (CN={first},CN=Users,{DOMAIN_DN}). "
        "Kerberos works with a name only while one account has it: take it from the other account first, if it is the "
        "wrong one (setspn -D, or this module with remove)"
    )
    assert names_of(ldapsearch, second) == []
    host_name = edit(modules, second, check=check, add=[f"HOST/{host}"])
    assert f"host/{host} would also stand for http/{host}, which {first} (" in host_name["msg"].lower()
    # A HOST name is what computers have; the domain controller refuses the same.
    assert names_of(ldapsearch, second) == []


@pytest.mark.requirement("SCEP-055")
def test_a_name_of_a_host_is_told(modules: Modules, ldapsearch: Ldapsearch, accounts: list[str]) -> None:
    wanted = "http/ndes2.corp.example"
    done = edit(modules, accounts[0], add=[wanted])
    # Samba answers a search for a value in the letter case of the filter, at times.
    (alias,) = done["aliased_by"][wanted]
    assert alias.casefold() == "host/ndes2.corp.example of ndes2$"
    assert "IIS must not use kernel-mode authentication there" in json.dumps(done["warnings"])
    assert names_of(ldapsearch, accounts[0]) == [wanted]


def test_two_spellings_of_one_name_go_together(
    modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str, lab: Lab
) -> None:
    account = accounts[0]
    ldapmodify(
        lab,
        f"dn: CN={account},CN=Users,{DOMAIN_DN}\nchangetype: modify\nadd: servicePrincipalName\n"
        f"servicePrincipalName: HTTP/{host}\nservicePrincipalName: cifs/{host}\n",
    )
    ldapmodify(
        lab,
        f"dn: CN={account},CN=Users,{DOMAIN_DN}\nchangetype: modify\nadd: servicePrincipalName\n"
        f"servicePrincipalName: http/{host}\n",
    )
    assert names_of(ldapsearch, account) == [f"HTTP/{host}", f"cifs/{host}", f"http/{host}"]
    assert not edit(modules, account, add=[f"http/{host}"])["changed"]
    assert edit(modules, account, remove=[f"hTTp/{host}"])["changed"]
    assert names_of(ldapsearch, account) == [f"cifs/{host}"]


@pytest.mark.requirement("SCEP-055")
def test_what_the_domain_controller_refuses_is_told(
    modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other account gets the name between the search and the write."""
    first, second = accounts
    edit(modules, first, add=[f"http/{host}"])
    monkeypatch.setattr(spn_state, "holders", lambda *_given: [])
    refused = edit(modules, second, add=[f"http/{host}"])
    assert refused["cause"] == "not_unique"
    assert "the value must be unique in the forest and another object has it (0000202F:" in refused["msg"]
    assert "find the object that has it (setspn -Q)" in refused["msg"]
    assert names_of(ldapsearch, second) == []


def test_an_account_that_the_rehearsal_would_make(modules: Modules, host: str) -> None:
    name = f"n{uuid.uuid4().hex[:12]}"
    arguments: dict[str, t.Any] = {
        "name": f"CORP\\{name}", "service_principal_names": {"add": [f"http/{host}"]}, "expected_principals": [name],
    }  # fmt: skip
    expected = modules.run("service_principal_name", check=True, **arguments)
    assert (expected["changed"], expected["distinguished_name"], expected["sid"]) == (True, None, None)
    refused = modules.run("service_principal_name", **arguments)
    assert "is not a principal of the forest" in refused["msg"]


def test_privileged_accounts_only_lose_names(
    modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str, lab: Lab
) -> None:
    edit(modules, accounts[0], add=[f"http/{host}"])
    samba_tool(lab, "group", "addmembers", "Backup Operators", accounts[0])
    refused = edit(modules, accounts[0], add=[f"cifs/{host}"])
    assert f"name: '{accounts[0]}' is a member of Backup Operators, and whoever asks" in refused["msg"]
    assert edit(modules, accounts[0], remove=[f"http/{host}"])["changed"]
    assert names_of(ldapsearch, accounts[0]) == []


def both_at_once(lab: Lab, accounts: list[str], name: str) -> bool:
    """Give a name to two accounts through two domain controllers before they tell each other."""
    environment = {"PATH": "/usr/bin:/bin", "KRB5CCNAME": f"FILE:{ticket(lab)}"}
    started = [
        subprocess.Popen(
            ["ldapmodify", "-Q", "-Y", "GSSAPI", "-N", "-H", f"ldap://{server}.corp.example"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        for server in ("dc1", "dc2")
    ]
    for process, account in zip(started, accounts, strict=True):
        process.communicate(
            f"dn: CN={account},CN=Users,{DOMAIN_DN}\nchangetype: modify\nadd: servicePrincipalName\n"
            f"servicePrincipalName: {name}\n"
        )
    return all(process.returncode == 0 for process in started)


def until(condition: t.Callable[[], bool]) -> bool:
    """Whether something comes true within half a minute."""
    limit = time.monotonic() + 30
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.5)
    return True


@pytest.mark.requirement("SCEP-055")
def test_duplicates_are_those_that_ldapsearch_shows(
    modules: Modules, ldapsearch: Ldapsearch, accounts: list[str], host: str, lab: Lab
) -> None:
    known = lab.credentials
    assert until(lambda: both_at_once(lab, accounts, f"http/{uuid.uuid4().hex[:8]}.{host}"))
    assert until(lambda: all(names_of(ldapsearch, account) for account in accounts))
    settings = ConnectionSettings(
        domain=known["domain"],
        username=f"alice@{known['domain'].upper()}",
        password=known["accounts"]["alice"]["password"],
    )
    with connect(settings) as session:
        session.root_dse  # noqa: B018 - is read once for all
        before = session.round_trips
        found = {duplicate.service_principal_name: set(duplicate.holders) for duplicate in duplicates(session)}
        assert session.round_trips - before <= 2
    holders: dict[str, set[str]] = defaultdict(set)
    for dn, entry in ldapsearch(DOMAIN_DN, "(servicePrincipalName=*)", "servicePrincipalName").items():
        for value in entry["servicePrincipalName"]:
            holders[value.decode().casefold()].add(dn)
    shown = {name: dns for name, dns in holders.items() if len(dns) > 1}
    assert shown
    assert {name.casefold(): dns for name, dns in found.items()} == shown
    told = edit(modules, accounts[0], add=[])
    assert f"is on {accounts[1]} (CN={accounts[1]},CN=Users,{DOMAIN_DN}) as well" in json.dumps(told["warnings"])
    emptied = edit(modules, accounts[1], set=[])
    assert not emptied["failed"], emptied
