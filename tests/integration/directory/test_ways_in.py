# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways into the lab's domain, and how each connection is protected."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import typing as t
from pathlib import Path

import krb5
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings

from .conftest import PASSWORD, Accounts, Domain

if t.TYPE_CHECKING:
    from collections.abc import Iterator

ETH_P_ALL = 3


def own_sid(session: Session) -> str:
    return str(session.root_dse.token_sids[0])


def bound_sid(settings: ConnectionSettings) -> str:
    """Who the server says is connected."""
    with connect(settings) as session:
        return own_sid(session)


@pytest.fixture(scope="module")
def alice(domain: Domain) -> str:
    """Alice's SID as Samba's own tool reads it from the domain controller's files."""
    database = domain.lab.dir / "dc1" / "private" / "sam.ldb"
    shown = subprocess.run(
        ["samba-tool", "user", "show", "alice", "-H", database, "-s", domain.lab.dir / "dc1" / "smb.conf"],
        capture_output=True,
        text=True,
        check=True,
    )
    return next(line.split()[1] for line in shown.stdout.splitlines() if line.startswith("objectSid:"))


def ticket(domain: Domain, path: Path) -> str:
    """A credential cache with a ticket of Alice, made by kinit."""
    subprocess.run(
        ["kinit", "-c", path, f"alice@{domain.name.upper()}"], input=domain.password("alice").encode(), check=True
    )
    return str(path)


def test_kerberos_with_a_password(domain: Domain, alice: str) -> None:
    assert bound_sid(domain.kerberos("alice")) == alice


def test_kerberos_with_a_keytab(domain: Domain, accounts: Accounts, tmp_path: Path) -> None:
    name = accounts.add()
    keytab = tmp_path / "keytab"
    principal = f"{name}@{domain.name.upper()}"
    subprocess.run(
        ["ktutil"],
        input=f"addent -password -p {principal} -k 1 -e aes256-cts-hmac-sha1-96 -f\n{PASSWORD}\nwkt {keytab}\n",
        text=True,
        check=True,
        capture_output=True,
    )
    entry = accounts.session.read(accounts.dn(name), ("objectSid",))
    with connect(ConnectionSettings(domain.name, username=name, keytab=str(keytab))) as session:
        assert entry is not None
        assert session.root_dse.token_sids[0].to_bytes() == entry.raw("objectSid")


def test_kerberos_with_a_cache(domain: Domain, alice: str, tmp_path: Path) -> None:
    assert bound_sid(ConnectionSettings(domain.name, ccache=ticket(domain, tmp_path / "cache"))) == alice


def test_kerberos_with_the_default_cache(
    domain: Domain, alice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{ticket(domain, tmp_path / 'cache')}")
    assert bound_sid(ConnectionSettings(domain.name)) == alice


def test_kerberos_with_a_name_whose_suffix_is_no_realm(domain: Domain, accounts: Accounts) -> None:
    name = accounts.add()
    accounts.change(name, "userPrincipalName", f"{name}@mail.example".encode())
    with connect(domain.kerberos(f"{name}@mail.example", PASSWORD)) as session:
        entry = accounts.session.read(accounts.dn(name), ("objectSid",))
        assert entry is not None
        assert session.root_dse.token_sids[0].to_bytes() == entry.raw("objectSid")


@pytest.mark.parametrize("tls", ["ldaps", "start_tls"])
def test_simple_bind_inside_tls(domain: Domain, alice: str, tls: t.Literal["ldaps", "start_tls"]) -> None:
    assert bound_sid(domain.simple("alice", tls=tls)) == alice


def test_simple_bind_with_a_down_level_name(domain: Domain, alice: str) -> None:
    assert bound_sid(domain.simple("alice", username="CORP\\alice")) == alice


def test_two_sessions_in_one_process_have_their_own_tickets(domain: Domain) -> None:
    with connect(domain.kerberos("alice")) as first, connect(domain.kerberos("pkiadmin")) as second:
        assert own_sid(first) != own_sid(second)
        assert own_sid(first.global_catalog()) == own_sid(first)


def test_nothing_of_the_tickets_stays(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRB5CCNAME", "FILE:/nonexistent/cache")
    before = dict(os.environ)
    with connect(domain.kerberos("alice")) as session:
        assert session.root_dse.dns_host_name
        assert dict(os.environ) == before
        cache = session._credentials.cache
    assert cache is not None
    assert cache.startswith("MEMORY:")
    context = krb5.init_context()
    with pytest.raises(krb5.Krb5Error):
        krb5.cc_get_principal(context, krb5.cc_resolve(context, cache.encode()))


class Wire:
    """Everything that goes over the lab's network while this is in use."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.settimeout(0.2)
        self.seen = bytearray()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._record)
        self.thread.start()

    def _record(self) -> None:
        while True:
            try:
                self.seen += self.socket.recv(1 << 16)
            except TimeoutError:
                if self.ended.is_set():
                    return

    def end(self) -> bytes:
        self.ended.set()
        self.thread.join()
        self.socket.close()
        return bytes(self.seen)


@pytest.fixture
def wire() -> Iterator[Wire]:
    recorder = Wire()
    yield recorder
    recorder.end()


def test_what_clear_text_looks_like_on_the_wire(domain: Domain, wire: Wire) -> None:
    """The recorder sees what is sent in the clear; otherwise the tests after this would prove nothing."""
    url = f"ldap://dc1.{domain.name}"
    subprocess.run(["ldapsearch", "-x", "-H", url, "-s", "base", "-b", "", "canaryAttribute"], check=True)
    assert b"canaryAttribute" in wire.end()


@pytest.mark.parametrize("way", ["kerberos", "ldaps", "start_tls"])
def test_nothing_is_in_the_clear_on_the_wire(domain: Domain, wire: Wire, way: str) -> None:
    settings = domain.kerberos("alice") if way == "kerberos" else domain.simple("alice", tls=t.cast(t.Any, way))
    with connect(settings) as session:
        found = session.search(domain.dn, "(sAMAccountName=alice)", ("cn", "canaryAttribute", "displayName"))
        assert found[0].text("displayName") == "Alice Andersson"
        assert session._connection.strength >= (128 if way == "kerberos" else 0)
    seen = wire.end()
    assert len(seen) > 2000
    for canary in (b"canaryAttribute", b"Alice Andersson", domain.password("alice").encode()):
        assert canary not in seen


def test_configuration_files_of_the_host_do_not_weaken_it(domain: Domain, tmp_path: Path) -> None:
    """ldap.conf may switch off certificate checks and sealing for all programs; here it does not."""
    (tmp_path / "ldap.conf").write_text("TLS_REQCERT never\nSASL_SECPROPS maxssf=0\nREFERRALS on\nSASL_NOCANON off\n")
    program = """
import sys
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from ansible_collections.certops.intune.plugins.module_utils.directory.session import connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
domain, password = sys.argv[1], sys.stdin.read()
with connect(ConnectionSettings(domain, username="alice", password=password)) as session:
    print(session._connection.strength >= 128)
try:
    connect(ConnectionSettings(domain, auth="simple", username="alice@" + domain, password=password, tls="ldaps"))
except DirectoryError as exc:
    print(exc.code)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, domain.name],
        input=domain.password("alice"),
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "LDAPCONF": str(tmp_path / "ldap.conf"), "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.split() == ["True", "certificate_untrusted"], done.stderr


def test_the_authorities_of_the_host_without_any_configuration_file(domain: Domain) -> None:
    """A libldap that was told of no authorities would trust none; it is told of those that the host trusts."""
    program = """
import sys
from ansible_collections.certops.intune.plugins.module_utils.directory import connection
from ansible_collections.certops.intune.plugins.module_utils.directory.session import connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
domain, bundle = sys.argv[1:]
connection._BUNDLES = ("/nonexistent", bundle)
user = {"username": "alice@" + domain, "password": sys.stdin.read()}
with connect(ConnectionSettings(domain, auth="simple", tls="ldaps", **user)) as session:
    print(session.server)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, domain.name, domain.ca_certificates],
        input=domain.password("alice"),
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "LDAPNOINIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stdout.strip() == f"dc1.{domain.name}", done.stderr
