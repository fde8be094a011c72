# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Duplicates of service principal names in the forest, counted by the collection and, from ldapsearch, by hand.

A domain controller refuses a name that another account has. Duplicates arise all the same, when two of them are
written to before they have told each other: so are these made, while neither fetches changes.
"""

from __future__ import annotations

import random
import subprocess
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import spn_search
from ansible_collections.certops.intune.plugins.module_utils.directory import options, session

from ..modules.conftest import Modules, connection, parse_ldif

if t.TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..conftest import Lab

DOMAIN = "DC=corp,DC=example"
UNIT = f"OU=Judged Names,{DOMAIN}"
HOSTS = ("dc1", "dc2")
SPN = "servicePrincipalName"
NTDS_SETTINGS = "CN=NTDS Settings,CN={host},CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration," + DOMAIN
GLOBAL_CATALOG_ONLY, NO_INBOUND_REPLICATION = 1, 2
REPLICATION_LIMIT = 60.0

USER, COMPUTER, MANAGED = "user", "computer", "msDS-GroupManagedServiceAccount"
ACCOUNTS = {
    "jn-user1": USER,
    "jn-user2": USER,
    "jn-user3": USER,
    "JN-HOST1": COMPUTER,
    "JN-HOST2": COMPUTER,
    "jn-gmsa1": MANAGED,
    "jn-gmsa2": MANAGED,
}
CONTROL = {USER: 512, COMPUTER: 4096, MANAGED: 4096}

#: Written to dc1 and dc2 at the same time. Names with "one" occur twice, those with "none" only look so.
AT_DC1 = {
    "jn-user1": [
        "HTTP/one-spelled-alike.corp.example",
        "HTTP/One-Letter-Case.corp.example",
        "MSSQLSvc/one-port.corp.example:1433",
        "MSSQLSvc/one-instance.corp.example:Payroll",
        "MSSQLSvc/none-port.corp.example:1433",
        "http/none-class.corp.example",
        "http/none-alias",
        "http/none-begin",
        "ldap/one-name/corp.example",
        "exchangeAB/one-user-and-computer",
        "http/none-on-one-account.corp.example",
        "HTTP/none-on-one-account.corp.example",
    ],
    "JN-HOST1": ["HOST/one-computers", "WSMAN/none-other-host1", "TERMSRV/One-Computer-And-Managed.corp.example"],
    "jn-gmsa1": ["MSOLAPSvc.3/one-managed.corp.example:Olap", "http/none-space(1)*"],
}
AT_DC2 = {
    "jn-user2": [
        "HTTP/one-spelled-alike.corp.example",
        "http/ONE-LETTER-CASE.CORP.EXAMPLE",
        "MSSQLSvc/one-port.corp.example:1433",
        "mssqlsvc/one-instance.corp.example:PAYROLL",
        "MSSQLSvc/none-port.corp.example",
        "MSSQLSvc/none-port.corp.example:1434",
        "https/none-class.corp.example",
        "http/none-begin.corp.example",
        "ldap/one-name/corp.example",
        "ldap/one-name/other.example",
    ],
    "JN-HOST2": ["HOST/ONE-COMPUTERS", "HOST/none-alias", "WSMAN/none-other-host2", "exchangeAB/One-User-And-Computer"],
    "jn-gmsa2": ["termsrv/one-computer-and-managed.corp.example", "MSOLAPSvc.3/ONE-MANAGED.corp.example:olap"],
}
DUPLICATES = 9
MANY = 400


@dataclass(frozen=True)
class Clients:
    """OpenLDAP's clients as the PKI administrator."""

    lab: Lab
    #: A file with the password.
    password: Path

    def run(self, program: str, url: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        command = [program, "-H", url, "-x", "-D", "pkiadmin@corp.example", "-y", str(self.password), *arguments]
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env={"LDAPTLS_CACERT": str(self.lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
        )

    def change(self, host: str, records: Iterable[str]) -> None:
        """Carry out LDIF change records."""
        done = self.run("ldapmodify", f"ldaps://{host}.corp.example", text="\n\n".join(records))
        assert done.returncode == 0, done.stderr

    def names(self, url: str, base: str) -> dict[str, list[str]]:
        """DN to service principal names."""
        done = self.run("ldapsearch", url, "-LLL", "-o", "ldif-wrap=no", "-b", base, f"({SPN}=*)", SPN)
        assert done.returncode == 0, done.stderr
        found = parse_ldif(done.stdout)
        return {dn: [value.decode() for value in entry[SPN]] for dn, entry in found.items() if dn}

    def replicate(self, on: bool) -> None:
        """Let both domain controllers fetch changes, or not."""
        for host in HOSTS:
            value = GLOBAL_CATALOG_ONLY if on else GLOBAL_CATALOG_ONLY | NO_INBOUND_REPLICATION
            dn = NTDS_SETTINGS.format(host=host.upper())
            self.change(host, [f"dn: {dn}\nchangetype: modify\nreplace: options\noptions: {value}"])


def accounts() -> Iterator[str]:
    yield f"dn: {UNIT}\nchangetype: add\nobjectClass: organizationalUnit"
    for name, kind in ACCOUNTS.items():
        sam = name if kind == USER else f"{name}$"
        record = f"dn: {dn_of(name)}\nchangetype: add\nobjectClass: {kind}\nsAMAccountName: {sam}"
        yield f"{record}\nuserAccountControl: {CONTROL[kind]}" + (
            "\nmsDS-ManagedPasswordInterval: 30" if kind == MANAGED else ""
        )


def dn_of(name: str) -> str:
    return f"CN={name},{UNIT}"


def additions(names: dict[str, list[str]]) -> Iterator[str]:
    for account, values in names.items():
        lines = [f"dn: {dn_of(account)}", "changetype: modify", f"add: {SPN}", *(f"{SPN}: {each}" for each in values)]
        yield "\n".join(lines)


def with_many(fixed: dict[str, list[str]], other_than: dict[str, list[str]], seed: int) -> dict[str, list[str]]:
    """The names with many more, each on one account of those that are not written to elsewhere."""
    dice = random.Random(seed)
    added: dict[str, list[str]] = {name: list(values) for name, values in fixed.items()}
    names = [name for name in ACCOUNTS if name not in other_than and name != "jn-user3"]
    for number in dice.sample(range(2 * MANY), MANY):
        service = dice.choice(("HTTP", "http", "WSMAN", "MSSQLSvc"))
        host = dice.choice(("many{0}", "Many{0}.corp.example", "MANY{0}.CORP.EXAMPLE")).format(number)
        added.setdefault(dice.choice(names), []).append(f"{service}/{host}")
    return added


@pytest.fixture(scope="module")
def clients(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Clients:
    password = tmp_path_factory.mktemp("clients") / "password"
    password.touch(0o600)
    password.write_text(lab.credentials["accounts"]["pkiadmin"]["password"])
    return Clients(lab, password)


@pytest.fixture(scope="module")
def planted(clients: Clients) -> Iterator[None]:
    """The accounts with all their names on both domain controllers; removed in the end."""
    everywhere = {"dc1": with_many(AT_DC1, AT_DC2, 1), "dc2": with_many(AT_DC2, AT_DC1, 2)}
    expected = {dn_of(name): len(values) for names in everywhere.values() for name, values in names.items()}
    clients.change("dc1", accounts())
    try:
        wait(clients, "the accounts", lambda host: len(entries(clients, host)) == len(ACCOUNTS) + 1)
        clients.replicate(False)
        try:
            for host, names in everywhere.items():
                clients.change(host, additions(names))
        finally:
            clients.replicate(True)
        wait(
            clients,
            "the names",
            lambda host: {dn: len(names) for dn, names in at(clients, host).items()} == expected,
            again=lambda: tell_the_other(clients),
        )
        yield
    finally:
        for host in HOSTS:
            done = clients.run("ldapdelete", f"ldaps://{host}.corp.example", "-r", UNIT)
            assert done.returncode in (0, 32), done.stderr
            if done.returncode == 0:
                break
        wait(clients, "the removal", lambda host: not entries(clients, host))


def at(clients: Clients, host: str) -> dict[str, list[str]]:
    return clients.names(f"ldaps://{host}.corp.example", UNIT)


def entries(clients: Clients, host: str) -> list[str]:
    done = clients.run("ldapsearch", f"ldaps://{host}.corp.example", "-LLL", "-b", UNIT, "cn")
    return [line for line in done.stdout.splitlines() if line.startswith("dn:")]


def tell_the_other(clients: Clients) -> None:
    """A change on each domain controller: what it told the other while that did not listen is not said again."""
    for host in HOSTS:
        record = f"dn: {dn_of('jn-user3')}\nchangetype: modify\nreplace: description\ndescription: {host}"
        clients.change(host, [f"{record} {time.monotonic()}"])


def wait(
    clients: Clients, what: str, condition: t.Callable[[str], bool], again: t.Callable[[], None] = lambda: None
) -> None:
    """Until both domain controllers have it; O(again) is done every few seconds meanwhile."""
    end = time.monotonic() + REPLICATION_LIMIT
    rounds = 0
    while not all(condition(host) for host in HOSTS):
        assert time.monotonic() < end, f"{what} did not replicate in {REPLICATION_LIMIT:.0f} s"
        rounds += 1
        if rounds % 15 == 0:
            again()
        time.sleep(0.2)


def counted(names: dict[str, list[str]]) -> dict[str, set[str]]:
    """Each name in lower case that is on more than one object, with their DNs, but for the one of every domain."""
    where: dict[str, set[str]] = {}
    for dn, values in names.items():
        for value in values:
            where.setdefault(value.lower(), set()).add(dn)
    return {name: dns for name, dns in where.items() if len(dns) > 1 and name != "kadmin/changepw"}


def ours(lab: Lab) -> dict[str, set[str]]:
    """What the collection finds, as an ordinary user."""
    given = {name: spec.get("default") for name, spec in options.argument_spec().items()}
    with session.connect(options.settings_from({**given, **connection(lab, "alice")})) as opened:
        return {each.service_principal_name.lower(): set(each.holders) for each in spn_search.duplicates(opened)}


def test_a_domain_controller_alone_refuses_a_second_holder(planted: None, clients: Clients) -> None:
    """Else the names would not have had to be planted through two."""
    record = next(iter(additions({"jn-user3": ["mssqlsvc/none-port.corp.example:1434"]})))
    done = clients.run("ldapmodify", "ldaps://dc1.corp.example", text=record)
    assert done.returncode == 19
    assert "0000202F" in done.stderr


def test_duplicates_are_those_that_ldapsearch_shows(planted: None, lab: Lab, clients: Clients) -> None:
    judged = counted(clients.names("ldaps://dc1.corp.example:3269", ""))
    found = ours(lab)
    assert found == judged
    fixed = {name: dns for name, dns in found.items() if "many" not in name}
    assert len(fixed) == DUPLICATES
    assert all(name.partition("/")[2].startswith("one-") for name in fixed)
    assert fixed["exchangeab/one-user-and-computer"] == {dn_of("jn-user1"), dn_of("JN-HOST2")}
    assert len(found) - len(fixed) >= MANY // 10


def test_a_name_of_others_is_refused_and_its_holders_are_named(planted: None, lab: Lab, clients: Clients) -> None:
    """Each of the duplicates, in a third spelling, for a third account."""
    modules = Modules(connection(lab, "pkiadmin"))
    judged = {name: dns for name, dns in counted(at(clients, "dc1")).items() if "many" not in name}
    assert len(judged) == DUPLICATES
    for name, dns in judged.items():
        told = modules.run(
            "service_principal_name", name="CORP\\jn-user3", service_principal_names={"add": [name.title()]}
        )
        assert told["failed"], told
        holders = [dn.partition(",")[0].removeprefix("CN=") for dn in dns]
        assert [holder for holder in holders if f"held by {holder}".casefold() not in told["msg"].casefold()] == []
    assert dn_of("jn-user3") not in at(clients, "dc1")
