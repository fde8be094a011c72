# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kerberos between pywinrm and the lab's WinRM, with tickets of the lab's domain controllers."""

from __future__ import annotations

import base64
import subprocess
import typing as t
import uuid
from concurrent.futures import ThreadPoolExecutor

import krb5
import pytest
import spnego
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
from spnego.channel_bindings import GssChannelBindings
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError
from winrm.protocol import Protocol

from lab.winrm.authentication import Authenticator
from lab.winrm.machine import Outcome, ShellOptions
from lab.winrm.server import Acceptor, Service, load_tls
from lab.winrm.settings import InForce, Settings

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..conftest import Lab

PASSWORD = "Sommar-2026-i-skogen"
AES256 = "aes256-cts-hmac-sha1-96"
#: msDS-SupportedEncryptionTypes of AES256 alone (MS-KILE 2.2.7).
ONLY_AES256 = b"16"


class Machine:
    """Every account of the domain may log on."""

    def __init__(self, fqdn: str) -> None:
        self.fqdn = fqdn
        self.users: list[str] = []

    def nt_hash(self, domain: str, user: str) -> bytes | None:
        return None

    def logon_basic(self, user: str, password: str) -> t.Any:
        raise AssertionError("nobody logs on so")

    def logon(self, user: str) -> t.Any:
        self.users.append(user)
        return user

    def run(self, token: t.Any, options: ShellOptions, command_line: str, stdin: bytes) -> Outcome:
        return Outcome(f"{token} ran {command_line}".encode(), b"", len(stdin) % 256)


@pytest.fixture(scope="module")
def domain(lab: Lab) -> str:
    return str(lab.credentials["domain"])


@pytest.fixture(scope="module")
def fqdn(domain: str) -> str:
    """The host that the tests run on: the only one of the lab with an address of this process."""
    return f"controller.{domain}"


@pytest.fixture(scope="module")
def keytab(lab: Lab, domain: str, fqdn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The keys of a computer account of this module that has the service name of the tests' host."""
    name = f"t{uuid.uuid4().hex[:12]}"
    dn = f"CN={name},CN=Computers," + ",".join(f"DC={label}" for label in domain.split("."))
    password = str(lab.credentials["accounts"]["administrator"]["password"])
    settings = ConnectionSettings(domain, username="administrator", password=password, timeout=10)
    with connect(settings) as session:
        session.add(
            dn,
            {
                "objectClass": (b"computer",),
                "sAMAccountName": (f"{name}$".encode(),),
                "userAccountControl": (b"4096",),
                "unicodePwd": (f'"{PASSWORD}"'.encode("utf-16-le"),),
                "servicePrincipalName": (f"HTTP/{fqdn}".encode(),),
                "msDS-SupportedEncryptionTypes": (ONLY_AES256,),
            },
        )
        try:
            path = tmp_path_factory.mktemp("keytab") / "http.keytab"
            write_keytab(session, dn, f"HTTP/{fqdn}", domain.upper(), path)
            yield path
        finally:
            session.delete(dn)


def write_keytab(session: Session, dn: str, service: str, realm: str, path: Path) -> None:
    """Make the key as the KDC does: from the password, and the salt of a computer account (MS-KILE 3.1.1.2)."""
    entry = session.read(dn, ("sAMAccountName", "msDS-KeyVersionNumber"))
    assert entry is not None
    account, version = (entry.raw(name) for name in ("sAMAccountName", "msDS-KeyVersionNumber"))
    assert account is not None
    assert version is not None
    computer = account.decode("ascii").rstrip("$").lower()
    context = krb5.init_context()
    key = krb5.c_string_to_key(
        context,
        krb5.string_to_enctype(context, AES256),
        PASSWORD.encode(),
        f"{realm}host{computer}.{realm.lower()}".encode(),
    )
    krb5.kt_add_entry(
        context,
        krb5.kt_resolve(context, f"FILE:{path}".encode()),
        krb5.parse_name_flags(context, f"{service}@{realm}".encode()),
        int(version),
        0,
        key,
    )


@pytest.fixture
def machine(fqdn: str) -> Machine:
    return Machine(fqdn)


@pytest.fixture
def service(
    lab: Lab, machine: Machine, keytab: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Service]:
    """A host with a listener of HTTP and one of HTTPS, whose certificate is the lab's of any member server."""
    monkeypatch.setenv("KRB5_KTNAME", f"FILE:{keytab}")
    acceptor = Acceptor()
    service = Service(machine, acceptor)
    certificate = lab.dir / "ca" / "ndes1.pem"
    service.listen("0.0.0.0", 0)
    service.listen("0.0.0.0", 0, load_tls(certificate, certificate.with_suffix(".key")))
    service.open()
    yield service
    service.close()
    acceptor.stop()


@pytest.fixture
def alice(lab: Lab, domain: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Alice with a ticket in the cache of this process."""
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/alice")
    principal = f"alice@{domain.upper()}"
    password = str(lab.credentials["accounts"]["alice"]["password"])
    subprocess.run(["kinit", principal], input=password.encode(), check=True)
    return principal


def client(service: Service, number: int, fqdn: str, user: str, **options: t.Any) -> Protocol:
    listener = service.listeners[number]
    url = f"{'https' if listener.tls else 'http'}://{fqdn}:{listener.port}/wsman"
    return Protocol(url, "kerberos", username=user, password="", server_cert_validation="ignore", proxy=None, **options)


def run(protocol: Protocol, content: bytes) -> tuple[bytes, bytes, int]:
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "whoami", console_mode_stdin=False)
    protocol.send_command_input(shell, command, content, end=True)
    answer = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    return answer


@pytest.mark.parametrize(
    ("number", "encryption"),
    [
        pytest.param(0, "auto", id="HTTP, encrypted"),
        pytest.param(1, "auto", id="HTTPS"),
        pytest.param(1, "always", id="HTTPS, encrypted inside"),
    ],
)
def test_whoever_has_a_ticket_logs_on(
    service: Service, machine: Machine, fqdn: str, alice: str, number: int, encryption: str
) -> None:
    answer = run(client(service, number, fqdn, alice, message_encryption=encryption), b"x" * 100_003)
    assert answer == (f"{alice} ran whoami".encode(), b"", 100_003 % 256)
    # One logon, whatever the number of messages: it holds for the connection.
    assert machine.users == [alice]


def test_thirty_clients_at_once(service: Service, machine: Machine, fqdn: str, alice: str) -> None:
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda number: run(client(service, 0, fqdn, alice), bytes(number)), range(30)))
    assert [status for _, _, status in answers] == list(range(30))
    assert (len(machine.users), service.traffic()["faults"]) == (30, {})


HOST = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(32))
MIDDLE = GssChannelBindings(application_data=b"tls-server-end-point:" + bytes(31) + b"\1")


@pytest.mark.parametrize("scheme", ["Negotiate", "Kerberos"])
@pytest.mark.parametrize(
    ("sent", "accepted"),
    [
        pytest.param(None, True, id="none"),
        pytest.param(HOST, True, id="right"),
        pytest.param(MIDDLE, False, id="wrong"),
    ],
)
def test_channel_bindings(
    service: Service, machine: Machine, fqdn: str, alice: str, scheme: str, sent: t.Any, accepted: bool
) -> None:
    server = Authenticator(machine, InForce(Settings(), dict), True, HOST)
    token = spnego.client(alice, None, fqdn, "HTTP", sent, protocol=scheme.lower()).step()
    assert token is not None
    verdict = server.check(f"{scheme} {base64.b64encode(token).decode()}")
    assert (verdict.identity is not None, machine.users) == (accepted, [alice] if accepted else [])


def test_messages_without_encryption_are_refused_over_http(service: Service, fqdn: str, alice: str) -> None:
    with pytest.raises(WinRMTransportError) as caught:
        client(service, 0, fqdn, alice, message_encryption="never").open_shell()
    assert caught.value.code == 500
    assert not caught.value.response_text


def test_messages_without_encryption_are_taken_where_the_host_allows_them(
    service: Service, fqdn: str, alice: str
) -> None:
    service.settings.change({"AllowUnencrypted": True})
    assert run(client(service, 0, fqdn, alice, message_encryption="never"), b"")[0].startswith(alice.encode())


def test_a_ticket_for_another_host_is_refused(service: Service, machine: Machine, fqdn: str, alice: str) -> None:
    machine.fqdn = "ndes1.corp.example"
    with pytest.raises(InvalidCredentialsError):
        run(client(service, 0, fqdn, alice), b"")
    assert machine.users == []


def test_without_a_key_of_the_host_kerberos_is_refused(
    service: Service, machine: Machine, fqdn: str, alice: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KRB5_KTNAME", f"FILE:{tmp_path}/none")
    with pytest.raises(InvalidCredentialsError):
        run(client(service, 1, fqdn, alice), b"")
    assert machine.users == []
