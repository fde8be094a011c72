# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the lab is ready: asked from outside, with the tools that everybody uses."""

from __future__ import annotations

import os
import subprocess

from . import control, estate
from .forest import catalogue
from .layout import LabError, Layout, wait_until

#: Seconds until a domain controller must answer, and until it must have what was written to the other.
START_LIMIT = 60.0
REPLICATION_LIMIT = 60.0


def wait_for(host: estate.Host) -> None:
    """Wait until a domain controller answers LDAP and says that it is synchronised."""
    query = ["ldapsearch", "-x", "-LLL", "-o", "nettimeout=2", "-H", f"ldap://{host.address}", "-s", "base", "-b", ""]

    def answers() -> bool:
        result = subprocess.run([*query, "isSynchronized"], capture_output=True, text=True, check=False)
        return "isSynchronized: TRUE" in result.stdout

    if not wait_until(answers, START_LIMIT):
        raise LabError(f"{host.name} does not answer LDAP at {host.address} after {START_LIMIT:.0f} s")


def wait_for_windows(layout: Layout) -> None:
    """Wait until every simulated Windows host listens."""
    problem = ""

    def answers() -> bool:
        nonlocal problem
        if not control.supervisor(layout, "status")["services"]["windows"]["running"]:
            raise LabError(f"The simulated Windows hosts ended. Details: {layout.log('windows')}")
        try:
            servers = control.windows(layout, "status")["servers"]
        except LabError as error:
            problem = str(error)
            return False
        silent = [name for name, server in servers.items() if not server["answers"]]
        problem = f"silent: {', '.join(silent)}"
        return not silent

    if not wait_until(answers, START_LIMIT):
        raise LabError(f"The simulated Windows hosts do not answer after {START_LIMIT:.0f} s: {problem}")


def verify(layout: Layout, password: str) -> None:
    """Log on with Kerberos as the PKI administrator and read the seeded objects from every domain controller."""
    cache = layout.run / "krb5cc_verify"
    environment = {**os.environ, "KRB5CCNAME": f"FILE:{cache}"}
    principal = f"pkiadmin@{estate.REALM}"
    logon = subprocess.run(
        ["kinit", principal], input=f"{password}\n", env=environment, capture_output=True, text=True, check=False
    )
    if logon.returncode != 0:
        raise LabError(f"{principal} cannot log on with Kerberos: {logon.stderr.strip()}")
    names = {template["cn"] for template in catalogue.load()["templates"]} | {estate.ISSUING_CA, "NTAuthCertificates"}
    for host in estate.DOMAIN_CONTROLLERS:
        problem = ""

        def complete(host: estate.Host = host) -> bool:
            nonlocal problem
            query = ["ldapsearch", "-Q", "-LLL", "-Y", "GSSAPI", "-H", f"ldap://{host.fqdn}"]
            query += ["-b", estate.PUBLIC_KEY_SERVICES, "(objectClass=*)", "cn"]
            result = subprocess.run(query, env=environment, capture_output=True, text=True, check=False)
            missing = names - {line[4:] for line in result.stdout.splitlines() if line.startswith("cn: ")}
            problem = result.stderr.strip() or f"missing: {', '.join(sorted(missing))}"
            return not missing

        if not wait_until(complete, REPLICATION_LIMIT):
            raise LabError(f"{host.name} does not have all seeded objects after {REPLICATION_LIMIT:.0f} s: {problem}")
    cache.unlink(missing_ok=True)
