# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine without Windows behind a real listener, and pywinrm as its client."""

from __future__ import annotations

import datetime
import threading
import typing as t
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from winrm.protocol import Protocol

from lab.winrm.machine import AccessDenied, LogonRefused, Outcome, ShellOptions

if t.TYPE_CHECKING:
    from pathlib import Path

    from lab.winrm.server import Service

PASSWORD = "Sommar-2026-i-skogen"
#: MD4 of the password in UTF-16.
NT_HASH = bytes.fromhex("3db2f0eb07a667e8dbeb3fc629f37d87")
ADDRESS = "127.0.0.1"


@dataclass
class FakeMachine:
    """Knows one administrator, and a user who may not use WinRM. A process writes what it was given."""

    fqdn: str = "ndes1.corp.example"
    runs: list[tuple[t.Any, ShellOptions, str, bytes]] = field(default_factory=list)
    #: Processes wait for it.
    go: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome | None = None
    logons: int = 0

    def __post_init__(self) -> None:
        self.go.set()

    def nt_hash(self, domain: str, user: str) -> bytes | None:
        known = domain.upper() in {"", "CORP", "NDES1"} and user.lower().partition("@")[0] in {"administrator", "user"}
        return NT_HASH if known else None

    def logon_basic(self, user: str, password: str) -> t.Any:
        self.logons += 1
        if password != PASSWORD:
            raise LogonRefused(user)
        return self.logon(user)

    def logon(self, user: str) -> t.Any:
        name = user.rpartition("\\")[2].partition("@")[0].lower()
        if name == "user":
            raise AccessDenied(user)
        if name != "administrator":
            raise LogonRefused(user)
        return f"token of {user}"

    def run(self, token: t.Any, options: ShellOptions, command_line: str, stdin: bytes) -> Outcome:
        self.runs.append((token, options, command_line, stdin))
        self.go.wait(10)
        if self.outcome is not None:
            return self.outcome
        return Outcome(b"out " + command_line.encode() + b" " + stdin, b"", 0)


def certificate(
    folder: Path, name: str = "localhost", algorithm: hashes.SHA256 | hashes.SHA384 | None = None
) -> tuple[Path, Path]:
    """A self-signed certificate and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, algorithm or hashes.SHA256())
    )
    files = folder / f"{name}.pem", folder / f"{name}.key"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def endpoint(service: Service, number: int) -> str:
    """The URL of a service's listener: 0 is HTTP, 1 is HTTPS."""
    listener = service.listeners[number]
    scheme, host = ("https", "localhost") if listener.tls else ("http", ADDRESS)
    return f"{scheme}://{host}:{listener.port}/wsman"


def client(service: Service, number: int, transport: str, **options: t.Any) -> Protocol:
    """pywinrm's client, as ansible-core's connection plugin makes it."""
    given: dict[str, t.Any] = {
        "username": "Administrator",
        "password": PASSWORD,
        "server_cert_validation": "ignore",
        "operation_timeout_sec": 10,
        "read_timeout_sec": 20,
        "proxy": None,
        **options,
    }
    return Protocol(endpoint(service, number), t.cast(t.Any, transport), **given)


def run(protocol: Protocol, line: str, content: bytes | None = None) -> tuple[bytes, bytes, int]:
    """The whole life of a shell, as ansible-core has it for a task."""
    shell = protocol.open_shell(codepage=65001)
    try:
        command = protocol.run_command(shell, line, (), console_mode_stdin=content is None)
        try:
            if content is not None:
                protocol.send_command_input(shell, command, content, end=True)
            return protocol.get_command_output(shell, command)
        finally:
            protocol.cleanup_command(shell, command)
    finally:
        protocol.close_shell(shell)
