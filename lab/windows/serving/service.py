# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All Windows hosts of a lab in one process: their listeners, their reboots, and what bin/lab asks of them."""

from __future__ import annotations

import json
import logging
import os
import secrets
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from lab import control, credentials, estate
from lab.authority import DirectoryEnterprise
from lab.layout import Layout
from lab.windows import blobs, modules, scripts
from lab.windows.identity import Identity
from lab.windows.people.database import StoredHashes, computer_key_versions, domain_sid
from lab.windows.people.domain import LdapDirectory
from lab.windows.serving import blank, keytab
from lab.windows.serving.keeper import Keeper, at, shown
from lab.windows.serving.server import Server
from lab.winrm.server import Acceptor, load_tls


class Service:
    """The hosts of a lab."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.keeper = Keeper(layout.windows)
        blobs.use(blobs.Folder(layout.windows / "contents"))
        self.passwords = credentials.read_file(layout)
        self.local = json.loads(layout.credentials.read_text())["local"]
        modules.load()
        scripts.load()
        self.domain_sid = domain_sid(layout)
        members = layout.members()
        versions = computer_key_versions(layout)
        self.keytab = keytab.fill(
            estate.REALM,
            [
                keytab.ServiceKey(host.account, host.fqdn, self.passwords[host.name], versions[host.account.lower()])
                for host in members
            ],
        )
        self.acceptor = Acceptor()
        self.hashes = StoredHashes(layout)
        self.enterprise = DirectoryEnterprise(layout, self.passwords, self._authority_answers)
        self.servers = {host.name: self._server(host) for host in members}

    # Hosts

    def _server(self, member: estate.Host) -> Server:
        directory = LdapDirectory(self.layout, member, self.passwords[member.name], self.hashes)
        host = self.keeper.load(member.name, directory)
        if host is None:
            host = blank.make(self._identity(member), directory, self._preparation(member))
            self.keeper.save(host)
        host.enterprise = self.enterprise
        certificate = self.layout.certificates / f"{member.name}.pem"
        tls = load_tls(certificate, certificate.with_suffix(".key"))
        return Server(host, self.keeper, self.acceptor, tls, boots_between_connections=self.layout.quick_boots())

    def _identity(self, member: estate.Host) -> Identity:
        numbers = "-".join(str(secrets.randbits(32)) for _ in range(3))
        return Identity(
            member.name,
            estate.DNS_DOMAIN,
            estate.NETBIOS_DOMAIN,
            member.address,
            machine_sid=f"S-1-5-21-{numbers}",
            domain_sid=self.domain_sid,
            role="certification_authority" if member == estate.CA_HOST else "member",
        )

    def _authority_answers(self) -> bool:
        answers: bool = self.servers[estate.CA_HOST.name].status()["answers"]
        return answers

    def _preparation(self, member: estate.Host) -> blank.Preparation:
        return blank.Preparation(
            root=_der(self.layout.root_certificate),
            issuing=_der(self.layout.certificates / "issuing.pem"),
            certificate=_der(self.layout.certificates / f"{member.name}.pem"),
            key=_pkcs8(self.layout.certificates / f"{member.name}.key"),
            password=self.local[member.name]["password"],
            authority=estate.ISSUING_CA if member == estate.CA_HOST else "",
        )

    # What bin/lab asks

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Answer a question of lab.control.windows.

        `status`: `servers`, by name `release`, `language`, `edition`, `answers` (whether it listens).
        `state` (`host`, `pointer`): `value`, without secrets.
        `reset` (`host`, and optionally `release`, `language`, `edition`): makes the host anew.
        `stop`, `start` (`host`): switches it off and on.
        `trouble` (`host`, `trouble`): orders faults, as lab/winrm/trouble.py knows them; {} takes them back.
        `traffic` (`host`): what its transport counted.
        """
        command = question["command"]
        if command == "status":
            return {"servers": {name: server.status() for name, server in self.servers.items()}}
        server = self.servers[question["host"]]
        if command == "state":
            return {"value": at(shown(server.export()), question["pointer"])}
        if command == "traffic":
            return {"traffic": server.traffic()}
        if command == "reset":
            self._reset(question)
        elif command == "stop":
            server.stop()
        elif command == "start":
            server.start()
        elif command == "trouble":
            server.order(question["trouble"])
        else:
            raise ValueError(f"unknown command {command}")
        return {}

    def _reset(self, question: dict[str, Any]) -> None:
        name = question["host"]
        wanted = {key: question[key] for key in ("release", "language", "edition") if question.get(key)}
        member = next(host for host in self.layout.members() if host.name == name)
        server = self.servers[name]
        identity = replace(self._identity(member), **wanted)
        host = blank.make(identity, server.host.directory, self._preparation(member))
        host.enterprise = self.enterprise
        server.replace(host)

    def run(self) -> None:
        """Serve until the process is ended."""
        listener = control.listen(self.layout.windows_control)
        for server in self.servers.values():
            server.start()
        while True:
            control.serve_one(listener, self.answer)


def _der(path: Path) -> bytes:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.public_bytes(serialization.Encoding.DER)


def _pkcs8(path: Path) -> bytes:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def main(directory: str) -> None:
    """Serve the hosts of the lab in a directory."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    os.environ["KRB5_KTNAME"] = keytab.NAME
    # Tickets are used once here, and a cache of them would be a file outside of the lab.
    os.environ["KRB5RCACHENAME"] = "none:"
    threading.current_thread().name = "control"
    Service(Layout(Path(directory))).run()
