# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos inside TLS is bound to the TLS connection."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from . import acceptor, certificates
from .conftest import PASSWORD, Accounts, Domain

if t.TYPE_CHECKING:
    from .certificates import Issued

AES256 = b"16"
DAY = dt.timedelta(days=1)


@pytest.fixture
def service(domain: Domain, accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Issued:
    """An LDAP service on this host: its account, its keytab for the server, and its certificate."""
    principal = f"ldap/{domain.controller}"
    name = accounts.add(servicePrincipalName=principal.encode())
    accounts.change(name, "msDS-SupportedEncryptionTypes", AES256)
    entry = accounts.session.read(accounts.dn(name), ("msDS-KeyVersionNumber",))
    assert entry is not None
    realm = domain.name.upper()
    keytab = tmp_path / "keytab"
    commands = (
        f"addent -password -p {principal}@{realm} -k {entry.integer('msDS-KeyVersionNumber')} "
        f"-e aes256-cts-hmac-sha1-96 -s {realm}{name}\n{PASSWORD}\nwkt {keytab}\n"
    )
    subprocess.run(["ktutil"], input=commands, text=True, check=True, capture_output=True)
    monkeypatch.setenv("KRB5_KTNAME", str(keytab))
    return certificates.issue(certificates.authority(tmp_path), tmp_path, domain.controller, -DAY, DAY)


# In a process of its own: python-ldap lets no other thread run, so none with the server, while it binds with SASL.
CLIENT = """
import sys
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from ansible_collections.certops.intune.plugins.module_utils.directory.session import connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
domain, server, authorities = sys.argv[1:]
password = sys.stdin.read()
way = {"tls": "ldaps", "ca_certificates": authorities}
try:
    connect(ConnectionSettings(domain, (server,), username="alice", password=password, **way))
except DirectoryError as exc:
    print(exc.code)
"""


@pytest.mark.parametrize(("environment", "is_bound"), [({}, True), ({"LDAPSASL_CBINDING": "none"}, False)])
def test_the_ticket_is_bound_to_the_certificate(
    domain: Domain, service: Issued, tmp_path: Path, environment: dict[str, str], is_bound: bool
) -> None:
    """Unless the host's administrator has switched it off, which shows that the server sees the difference."""
    with acceptor.ldaps_server(domain.controller, service) as seen:
        done = subprocess.run(
            [sys.executable, "-c", CLIENT, domain.name, domain.controller, str(tmp_path / "root.pem")],
            input=domain.password("alice"),
            text=True,
            capture_output=True,
            check=True,
            timeout=30,
            env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
    assert done.stdout.strip() == "invalid_credentials"
    assert [accepted.is_bound for accepted in seen] == [is_bound]
