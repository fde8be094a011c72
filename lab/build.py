# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building the lab: what the supervisor's child does between `up` and ready."""

from __future__ import annotations

import json
import os
import secrets
import string
import subprocess
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import estate, kernel
from .children import Child
from .layout import LabError, Layout, wait_until, write
from .supervisor import ask

if TYPE_CHECKING:
    from .certificates import Published

#: Seconds until a domain controller must answer, and until the other must have what was written to one.
START_LIMIT = 30.0
REPLICATION_LIMIT = 30.0

Tell = Callable[[str], None]


class Progress:
    """Says what is done and after how many seconds, and remembers how long each step took."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._begun = self._last = time.monotonic()
        self.seconds: dict[str, float] = {}

    def done(self, step: str, text: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 2)
        self._last = now
        self._tell(f"{now - self._begun:5.1f} s  {text}")

    def total(self) -> float:
        return round(time.monotonic() - self._begun, 2)


def services(layout: Layout) -> dict[str, list[str]]:
    """The programs that the supervisor runs: a Samba per domain controller, logging to its output."""
    return {
        host.name: ["samba", "--interactive", "--configfile", str(layout.smb_conf(host.name))]
        for host in estate.DOMAIN_CONTROLLERS
    }


def new_lab(layout: Layout, tell: Tell) -> dict[str, Any]:
    """Make everything anew.

    Returns:
        The content of lab.json.
    """
    progress = Progress(tell)
    os.environ["TDB_NO_FSYNC"] = "1"  # as the supervisor does for the servers
    os.environ["KRB5_CONFIG"] = str(layout.krb5_conf)
    passwords = new_passwords()
    write_credentials(layout, passwords)
    for host in estate.DOMAIN_CONTROLLERS:
        _directories(layout, host.name)

    first, second = estate.DOMAIN_CONTROLLERS
    # A process each: the configuration that Samba loads is global to its process. The keys take the second processor.
    certificates = Child(_certificates, layout)
    Child(_provision, layout, first, passwords).result()
    progress.done("provision", f"forest {estate.DNS_DOMAIN} provisioned")
    published = certificates.result()
    progress.done("certificates", "root, issuing CA and certificates of the domain controllers made")
    Child(_seed, layout, first, passwords, published).result()
    progress.done("seed", "hosts, people, certificate templates and CA objects written")
    _start(layout, first)
    progress.done("start", f"{first.name} answers")
    Child(_join, layout, second, passwords).result()
    progress.done("join", f"{second.name} joined and replicated")
    _start(layout, second)
    progress.done("start_second", f"{second.name} answers")
    Child(_replicate, layout, second, passwords).result()
    progress.done("replicate", "changes replicate both ways")
    verify(layout, passwords)
    progress.done("verify", "both know all objects; Kerberos works")
    return {**description(layout), "seconds": {**progress.seconds, "total": progress.total()}}


def restart(layout: Layout, tell: Tell) -> dict[str, Any]:
    """Start the servers of a lab that was built before."""
    progress = Progress(tell)
    for host in estate.DOMAIN_CONTROLLERS:
        ask(layout, "start", host.name)
    for host in estate.DOMAIN_CONTROLLERS:
        wait_for(host)
        progress.done(host.name, f"{host.name} answers")
    passwords = {
        name: account["password"] for name, account in json.loads(layout.credentials.read_text())["accounts"].items()
    }
    verify(layout, passwords)
    progress.done("verify", "both know all objects; Kerberos works")
    return {**layout.state(), **description(layout)}


def description(layout: Layout) -> dict[str, Any]:
    """What lab.json says about the lab; docs/lab.md explains it."""
    return {
        "domain": estate.DNS_DOMAIN,
        "realm": estate.REALM,
        "netbios_domain": estate.NETBIOS_DOMAIN,
        "certification_authority": estate.ISSUING_CA,
        "hosts": {host.name: {"fqdn": host.fqdn, "address": host.address, "group": host.group} for host in estate.HOSTS},
        "inventory": str(layout.inventory),
        "credentials": str(layout.credentials),
        "root_certificate": str(layout.root_certificate),
        "network_namespace": kernel.network_namespace(),
    }


def new_passwords() -> dict[str, str]:
    """A random password per account, by the name it has in credentials.json."""
    names = [estate.ADMINISTRATOR, *(person.name for person in estate.PEOPLE), *(host.name for host in estate.MEMBERS)]
    alphabet = string.ascii_letters + string.digits
    # The fixed part satisfies the domain's rule on kinds of characters.
    return {name: "Aa1-" + "".join(secrets.choice(alphabet) for _ in range(20)) for name in names}


def write_credentials(layout: Layout, passwords: dict[str, str]) -> None:
    accounts = {host.name: host.account for host in estate.MEMBERS}
    content = {
        "domain": estate.DNS_DOMAIN,
        "accounts": {
            name: {"username": f"{accounts.get(name, name)}@{estate.REALM}", "password": password}
            for name, password in passwords.items()
        },
    }
    write(layout.credentials, json.dumps(content, indent=2) + "\n", 0o600)


def _directories(layout: Layout, name: str) -> None:
    """What Samba expects to find and does not make itself."""
    home = layout.domain_controller(name)
    home.chmod(0o700)
    for directory in ("private", "state", "cache", "lock", "ncalrpc", "bind-dns"):
        (home / directory).mkdir(mode=0o700, exist_ok=True)


# What runs in processes of its own. Samba's modules are imported there: other commands of bin/lab do without them.


def _certificates(layout: Layout) -> Published:
    from . import certificates

    return certificates.make(layout)


def _provision(layout: Layout, host: estate.Host, passwords: dict[str, str]) -> None:
    from .forest import database, provision

    provision.new_forest(database.configuration(layout.smb_conf(host.name)), passwords[estate.ADMINISTRATOR])


def _seed(layout: Layout, host: estate.Host, passwords: dict[str, str], published: Published) -> None:
    from .forest import database, dns, principal_names, seed

    samdb = database.opened(layout.smb_conf(host.name))
    seed.seed(samdb, passwords, published)
    dns.register(samdb, database.samba_list(layout.smb_conf(host.name), "dns_update_list"))
    principal_names.register(samdb, host, database.samba_list(layout.smb_conf(host.name), "spn_update_list"))


def _join(layout: Layout, host: estate.Host, passwords: dict[str, str]) -> None:
    from .forest import database, join, principal_names

    smb_conf = layout.smb_conf(host.name)
    join.join(database.configuration(smb_conf), passwords[estate.ADMINISTRATOR])
    samdb = database.opened(smb_conf)
    principal_names.register(samdb, host, database.samba_list(smb_conf, "spn_update_list"))


def _replicate(layout: Layout, host: estate.Host, passwords: dict[str, str]) -> None:
    from .forest import database, replication

    replication.begin(database.configuration(layout.smb_conf(host.name)), passwords[estate.ADMINISTRATOR])


def _start(layout: Layout, host: estate.Host) -> None:
    ask(layout, "start", host.name)
    wait_for(host)


def wait_for(host: estate.Host) -> None:
    """Wait until a domain controller answers LDAP and says that it is synchronised."""
    query = ["ldapsearch", "-x", "-LLL", "-o", "nettimeout=2", "-H", f"ldap://{host.address}", "-s", "base", "-b", ""]

    def answers() -> bool:
        result = subprocess.run([*query, "isSynchronized"], capture_output=True, text=True, check=False)
        return "isSynchronized: TRUE" in result.stdout

    if not wait_until(answers, START_LIMIT):
        raise LabError(f"{host.name} does not answer LDAP at {host.address} after {START_LIMIT:.0f} s")


def verify(layout: Layout, passwords: dict[str, str]) -> None:
    """Read the seeded objects from both servers as the PKI administrator, logged on with Kerberos."""
    from .forest import catalogue

    cache = layout.run / "krb5cc_verify"
    environment = {**os.environ, "KRB5_CONFIG": str(layout.krb5_conf), "KRB5CCNAME": f"FILE:{cache}"}
    result = subprocess.run(
        ["kinit", f"pkiadmin@{estate.REALM}"],
        input=passwords["pkiadmin"] + "\n",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise LabError(f"pkiadmin cannot log on with Kerberos: {result.stderr.strip()}")
    domain = ",".join(f"DC={label}" for label in estate.DNS_DOMAIN.split("."))
    base = f"CN=Public Key Services,CN=Services,CN=Configuration,{domain}"
    names = {template["cn"] for template in catalogue.load()["templates"]} | {estate.ISSUING_CA, "NTAuthCertificates"}
    for host in estate.DOMAIN_CONTROLLERS:
        query = ["ldapsearch", "-Q", "-N", "-LLL", "-Y", "GSSAPI", "-H", f"ldap://{host.fqdn}", "-b", base, "(objectClass=*)"]

        def complete(query: list[str] = query) -> bool:
            found = subprocess.run([*query, "cn"], env=environment, capture_output=True, text=True, check=False)
            return names <= {line[4:] for line in found.stdout.splitlines() if line.startswith("cn: ")}

        if not wait_until(complete, REPLICATION_LIMIT):
            last = subprocess.run([*query, "cn"], env=environment, capture_output=True, text=True, check=False)
            raise LabError(f"{host.name} does not have all seeded objects; ldapsearch: {last.stderr.strip()}")
    cache.unlink(missing_ok=True)
