# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the order of domain controllers, and of all that a name server may answer, with one of the test's own."""

from __future__ import annotations

import socket
import threading
import typing as t

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import discovery
from ansible_collections.certops.intune.plugins.module_utils.directory.discovery import Service, ordered
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from hypothesis import given
from hypothesis import strategies as st

SERVICES = st.lists(
    st.builds(Service, st.integers(0, 3), st.integers(0, 100), st.sampled_from(["dc1", "dc2", "dc3", "dc4", "dc5"])),
    max_size=8,
)


@given(SERVICES)
def test_every_host_once_and_lower_priorities_first(services: list[Service]) -> None:
    hosts = ordered(services)
    assert sorted(hosts) == sorted({service.host for service in services})
    best = {host: min(service.priority for service in services if service.host == host) for host in hosts}
    assert [best[host] for host in hosts] == sorted(best.values())


@given(SERVICES, st.randoms(use_true_random=False))
def test_the_order_of_the_answer_does_not_matter(services: list[Service], random: t.Any) -> None:
    shuffled = list(services)
    random.shuffle(shuffled)
    assert ordered(shuffled) == ordered(services)


def test_order_within_a_priority() -> None:
    services = [Service(0, 5, "dc3"), Service(0, 9, "dc2"), Service(0, 5, "DC1"), Service(1, 100, "dc4")]
    assert ordered(services) == ("dc2", "DC1", "dc3", "dc4")


class NameServer:
    """Answers every question over UDP with one prepared message."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        #: SRV records by the beginning of the name that is asked for.
        self.records: dict[str, list[str]] = {}
        self.rcode = dns.rcode.NOERROR
        self.silent = False
        self.asked: list[str] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                data, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(data)
            name = query.question[0].name
            self.asked.append(name.to_text())
            if self.silent:
                continue
            response = dns.message.make_response(query)
            response.flags |= dns.flags.RA
            response.set_rcode(self.rcode)
            for start, records in self.records.items():
                if name.to_text().startswith(start):
                    response.answer.append(dns.rrset.from_text_list(name, 60, "IN", "SRV", records))
            self.socket.sendto(response.to_wire(), peer)


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[NameServer]:
    server = NameServer()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = server.socket.getsockname()[1]
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    yield server
    server.socket.close()


DC = "_ldap._tcp.dc."


def test_domain_controllers(name_server: NameServer) -> None:
    name_server.records[DC] = ["10 100 389 dc2.corp.example.", "0 100 389 dc1.corp.example."]
    assert discovery.domain_controllers("corp.example", 5) == ("dc1.corp.example", "dc2.corp.example")
    assert name_server.asked == ["_ldap._tcp.dc._msdcs.corp.example.", "_ldap._tcp.pdc._msdcs.corp.example."]


def test_the_pdc_emulator_comes_first(name_server: NameServer) -> None:
    name_server.records[DC] = ["0 100 389 dc1.corp.example.", "0 100 389 dc2.corp.example."]
    name_server.records["_ldap._tcp.pdc."] = ["0 100 389 dc2.corp.example."]
    assert discovery.domain_controllers("corp.example", 5) == ("dc2.corp.example", "dc1.corp.example")


def test_global_catalogs(name_server: NameServer) -> None:
    name_server.records["_ldap._tcp.gc."] = ["0 100 3268 dc1.corp.example."]
    assert discovery.global_catalogs("corp.example", 5) == ("dc1.corp.example",)
    assert name_server.asked == ["_ldap._tcp.gc._msdcs.corp.example."]


@pytest.mark.parametrize(
    ("rcode", "records", "silent", "code"),
    [
        (dns.rcode.NXDOMAIN, [], False, "no_srv_records"),
        (dns.rcode.NOERROR, [], False, "no_srv_records"),
        (dns.rcode.NOERROR, ["0 0 0 ."], False, "no_srv_records"),
        (dns.rcode.SERVFAIL, [], False, "dns_failure"),
        (dns.rcode.REFUSED, [], False, "dns_failure"),
        (dns.rcode.NOERROR, [], True, "dns_failure"),
    ],
)
def test_no_domain_controllers(
    name_server: NameServer, rcode: dns.rcode.Rcode, records: list[str], silent: bool, code: str
) -> None:
    name_server.rcode, name_server.records, name_server.silent = rcode, {DC: records} if records else {}, silent
    with pytest.raises(DirectoryError) as caught:
        discovery.domain_controllers("corp.example", 0.5)
    assert caught.value.code == code
    assert caught.value.target == "_ldap._tcp.dc._msdcs.corp.example"


def test_without_dnspython(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "DNS_IMPORT_ERROR", "the traceback")
    with pytest.raises(DirectoryError) as caught:
        discovery.domain_controllers("corp.example", 1)
    assert caught.value.code == "dnspython_missing"
