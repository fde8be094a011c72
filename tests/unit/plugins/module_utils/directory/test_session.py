# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of what a session does when servers fail: on stand-ins for connections that break when they are told to."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import credentials, discovery, session
from ansible_collections.certops.intune.plugins.module_utils.directory.credentials import Credentials
from ansible_collections.certops.intune.plugins.module_utils.directory.entry import Change, Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import (
    AlreadyExists,
    DirectoryError,
    NoSuchObject,
    OutcomeUnknown,
    Unreachable,
    error,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.settings import ConnectionSettings
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

Values: t.TypeAlias = dict[str, list[bytes]]
Failures: t.TypeAlias = dict[str, list[str | None]]

DN = "CN=NDES,DC=corp"
ROOT: Values = {
    "defaultNamingContext": [b"<GUID=1>;<SID=S-1-5-21-1-2-3>;DC=corp"],
    "configurationNamingContext": [b"CN=Configuration,DC=corp"],
    "schemaNamingContext": [b"CN=Schema,CN=Configuration,DC=corp"],
    "rootDomainNamingContext": [b"<GUID=1>;<SID=S-1-5-21-1-2-3>;DC=corp"],
}
PLAIN: Values = {"defaultNamingContext": [b"DC=corp"], "rootDomainNamingContext": [b"DC=corp"]}


class Network:
    """Servers that all have the same objects, and the failures that are to come."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.objects: dict[str, Values] = {"": dict(ROOT), DN: {"cn": [b"NDES"], "flags": [b"1"]}}
        #: What is to fail on which server, in order: a code, or None for success. Empty: everything works.
        self.opening: Failures = {}
        self.working: Failures = {}
        #: The next write is made although its answer is lost.
        self.write_is_made = False
        self.log: list[str] = []
        monkeypatch.setattr(session, "Connection", self.connection)

    def connection(self, server: str, *_: object, global_catalog: bool = False) -> FakeConnection:
        self.log.append(f"open {server}{' catalog' if global_catalog else ''}")
        self.fail(self.opening, server, "connect")
        return FakeConnection(self, server)

    def fail(self, failures: Failures, server: str, attempted: str) -> None:
        code = failures[server].pop(0) if failures.get(server) else None
        if code:
            raise error(code, attempted, server, "the reason")


class FakeConnection:
    """A connection of the network above."""

    def __init__(self, network: Network, server: str) -> None:
        self.network = network
        self.server = server
        self.url = f"ldap://{server}:389"

    def close(self) -> None:
        self.network.log.append(f"close {self.server}")

    def search_page(
        self, base: str, scope: str, filter_text: str, attributes: t.Sequence[str], _: object
    ) -> tuple[list[tuple[str | None, t.Any]], str]:
        self.network.log.append(f"search {self.server}")
        self.network.fail(self.network.working, self.server, "search")
        if base not in self.network.objects:
            raise NoSuchObject("no_such_object", "search", base)
        return [(base, dict(self.network.objects[base])), (None, ["ldap://elsewhere"])], ""

    def _write(self, make: t.Callable[[], object]) -> None:
        self.network.log.append(f"write {self.server}")
        if self.network.write_is_made:
            make()
        self.network.fail(self.network.working, self.server, "change")
        make()

    def add(self, dn: str, attributes: t.Mapping[str, t.Sequence[bytes]]) -> None:
        self._write(lambda: self.network.objects.update({dn: {name: list(v) for name, v in attributes.items()}}))

    def modify(self, dn: str, changes: t.Sequence[Change], _: object, *, conditional: bool) -> None:
        self._write(lambda: self.network.objects[dn].update({c.attribute: list(c.values) for c in changes}))

    def delete(self, dn: str) -> None:
        self._write(lambda: self.network.objects.pop(dn, None))

    def rename(self, dn: str, new_rdn: str) -> None:
        self._write(lambda: self.network.objects.update({f"{new_rdn},DC=corp": self.network.objects.pop(dn, {})}))


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Network:
    return Network(monkeypatch)


def opened(*servers: str) -> Session:
    return Session(ConnectionSettings(servers=servers), Credentials(), servers)


def test_the_first_server_that_answers(network: Network) -> None:
    network.opening = {"dc1": ["refused"], "dc2": ["server_unavailable"]}
    assert opened("dc1", "dc2", "dc3").server == "dc3"
    assert network.log == ["open dc1", "open dc2", "open dc3"]


def test_no_server_answers(network: Network) -> None:
    network.opening = {"dc1": ["refused"], "dc2": ["timeout"]}
    with pytest.raises(Unreachable) as caught:
        opened("dc1", "dc2")
    assert str(caught.value) == (
        "Failed to connect (dc1, dc2): no domain controller could be reached (dc1: the server refuses the connection "
        "on this port, the reason; dc2: the server did not answer in time, the reason)."
    )


def test_the_only_server_does_not_answer(network: Network) -> None:
    network.opening = {"dc1": ["refused"]}
    with pytest.raises(Unreachable) as caught:
        opened("dc1")
    assert caught.value.code == "refused"


@pytest.mark.parametrize("code", ["certificate_untrusted", "clock_skew", "invalid_credentials", "signing_required"])
def test_other_failures_end_the_search_for_a_server(network: Network, code: str) -> None:
    network.opening = {"dc1": [code]}
    with pytest.raises(DirectoryError) as caught:
        opened("dc1", "dc2")
    assert caught.value.code == code
    assert network.log == ["open dc1"]


@pytest.mark.parametrize("code", ["connection_lost", "timeout", "server_unavailable", "server_busy", "bind_required"])
def test_a_read_goes_on_elsewhere(network: Network, code: str) -> None:
    network.working = {"dc1": [code]}
    with opened("dc1", "dc2") as made:
        assert made.read(DN, ["cn"]) == Entry(DN, {"cn": [b"NDES"], "flags": [b"1"]})
        assert made.server == "dc2"
        assert made.round_trips == 2
    assert network.log == ["open dc1", "search dc1", "close dc1", "open dc2", "search dc2", "close dc2"]


def test_a_read_goes_on_with_the_same_server_when_there_is_no_other(network: Network) -> None:
    network.working = {"dc1": ["connection_lost"]}
    made = opened("dc1")
    assert made.read(DN, ["cn"]) is not None
    assert network.log == ["open dc1", "search dc1", "close dc1", "open dc1", "search dc1"]


def test_a_read_is_started_again_only_once(network: Network) -> None:
    network.working = {"dc1": ["connection_lost"], "dc2": ["connection_lost"]}
    with pytest.raises(Unreachable):
        opened("dc1", "dc2", "dc3").read(DN, ["cn"])
    assert network.log[-1] == "search dc2"


def test_a_read_that_nobody_can_go_on_with(network: Network) -> None:
    network.opening = {"dc1": [None, "refused"], "dc2": ["timeout"]}
    network.working = {"dc1": ["connection_lost"]}
    with pytest.raises(Unreachable) as caught:
        opened("dc1", "dc2").read(DN, ["cn"])
    assert caught.value.code == "all_unreachable"
    assert "the connection was lost" in caught.value.__notes__[0]


def test_other_failures_of_a_read_are_told(network: Network) -> None:
    network.working = {"dc1": ["insufficient_rights"]}
    with pytest.raises(DirectoryError) as caught:
        opened("dc1", "dc2").read(DN, ["cn"])
    assert caught.value.code == "insufficient_rights"
    assert "open dc2" not in network.log


def test_after_a_write_only_its_server_is_asked(network: Network) -> None:
    network.working = {"dc1": [None, "connection_lost"]}
    made = opened("dc1", "dc2")
    made.modify(DN, [Change("replace", "flags", (b"2",))])
    assert made.read(DN, ["flags"]) is not None
    assert made.server == "dc1"
    assert "open dc2" not in network.log


WRITES: list[tuple[str, t.Callable[[Session], None]]] = [
    ("add", lambda made: made.add("CN=new,DC=corp", {"cn": [b"new"], "unicodePwd": [b"secret"]})),
    ("modify", lambda made: made.modify(DN, [Change("replace", "flags", (b"2",))])),
    ("delete", lambda made: made.delete(DN)),
    ("rename", lambda made: made.rename(DN, "CN=other")),
]


@pytest.mark.parametrize(("kind", "write"), WRITES)
@pytest.mark.parametrize("code", ["connection_lost", "timeout"])
def test_a_write_that_was_made_although_its_answer_was_lost(
    network: Network, kind: str, write: t.Callable[[Session], None], code: str
) -> None:
    network.working = {"dc1": [code]}
    network.write_is_made = True
    write(opened("dc1", "dc2"))
    assert network.log == ["open dc1", "write dc1", "close dc1", "open dc1", "search dc1"]


@pytest.mark.parametrize(("kind", "write"), WRITES)
def test_a_write_whose_outcome_nobody_knows(network: Network, kind: str, write: t.Callable[[Session], None]) -> None:
    network.working = {"dc1": ["connection_lost"]}
    with pytest.raises(OutcomeUnknown) as caught:
        write(opened("dc1", "dc2"))
    assert caught.value.code == "outcome_unknown"
    assert network.log.count("write dc1") == 1
    assert "write dc2" not in network.log


@pytest.mark.parametrize(("kind", "write"), WRITES)
def test_a_write_whose_server_is_gone(network: Network, kind: str, write: t.Callable[[Session], None]) -> None:
    network.opening = {"dc1": [None, "refused"]}
    network.working = {"dc1": ["connection_lost"]}
    with pytest.raises(OutcomeUnknown):
        write(opened("dc1", "dc2"))
    assert "open dc2" not in network.log


@pytest.mark.parametrize(("kind", "write"), WRITES)
@pytest.mark.parametrize("code", ["server_busy", "server_unavailable", "insufficient_rights", "already_exists"])
def test_a_write_that_was_refused(network: Network, kind: str, write: t.Callable[[Session], None], code: str) -> None:
    network.working = {"dc1": [code]}
    with pytest.raises(DirectoryError) as caught:
        write(opened("dc1", "dc2"))
    assert caught.value.code == code
    assert network.log == ["open dc1", "write dc1"]


def descriptor(text: str) -> bytes:
    domain = Sid.parse("S-1-5-21-1-2-3")
    return from_sddl(text, domain, domain).to_bytes()


@pytest.mark.parametrize(
    ("flags", "stored", "shown"),
    [
        pytest.param(4, "O:DAG:DAD:PAI(A;;RP;;;AU)", True, id="the list is what counts"),
        pytest.param(4, "O:DAG:DAD:PAI(A;;WP;;;AU)", False, id="another list"),
        pytest.param(5, "O:DAG:DAD:PAI(A;;RP;;;AU)", False, id="another owner"),
    ],
)
def test_descriptor_whose_answer_was_lost_is_compared_by_the_parts_that_were_written(
    network: Network, flags: int, stored: str, shown: bool
) -> None:
    network.objects[DN]["nTSecurityDescriptor"] = [descriptor(stored)]
    changes = [Change("replace", "nTSecurityDescriptor", (descriptor("O:BAD:PAI(A;;RP;;;AU)"),))]
    assert opened("dc1").shows_changes(DN, changes, sd_flags=flags) is shown


def test_descriptor_beside_other_changes_proves_nothing(network: Network) -> None:
    security = Change("replace", "nTSecurityDescriptor", (b"?",))
    assert opened("dc1").shows_changes(DN, [Change("replace", "flags", (b"1",)), security], sd_flags=4)
    assert not opened("dc1").shows_changes(DN, [Change("replace", "flags", (b"2",)), security], sd_flags=4)


@pytest.mark.parametrize("dn", [DN, "CN=missing"])
def test_password_is_never_shown(network: Network, dn: str) -> None:
    assert not opened("dc1").shows_changes(dn, [Change("replace", "unicodePwd", (b"x",))])
    assert not opened("dc1").shows_changes("CN=missing", [Change("replace", "nTSecurityDescriptor", (b"x",))])


def test_server_that_is_left_is_not_asked_again(network: Network) -> None:
    network.working = {"dc1": [None]}
    made = opened("dc1", "dc2", "dc3")
    made.modify(DN, [Change("replace", "flags", (b"2",))])
    network.opening = {"dc2": ["refused"]}
    made.leave_server()
    assert made.server == "dc3"
    assert network.log == ["open dc1", "write dc1", "open dc2", "open dc3", "close dc1"]


def test_server_without_another_is_not_left(network: Network) -> None:
    made = opened("dc1")
    with pytest.raises(Unreachable, match=r"^Failed to find another domain controller \(ldap://dc1:389\): "):
        made.leave_server()
    assert made.read(DN, ["cn"]) is not None


def test_read_of_what_does_not_exist(network: Network) -> None:
    made = opened("dc1")
    assert made.read("CN=missing,DC=corp", ["cn"]) is None
    with pytest.raises(NoSuchObject):
        made.search("CN=missing,DC=corp", "(cn=*)", ["cn"])


def test_class_of_a_refused_write(network: Network) -> None:
    network.working = {"dc1": ["already_exists"]}
    with pytest.raises(AlreadyExists):
        opened("dc1").add(DN, {"cn": [b"NDES"]})


def test_the_root_entry_is_read_once(network: Network) -> None:
    made = opened("dc1")
    assert made.round_trips == 0
    assert made.root_dse.default_naming_context == "DC=corp"
    assert made.root_dse.schema_naming_context == "CN=Schema,CN=Configuration,DC=corp"
    assert made.root_dse.domain_sid == made.root_dse.root_domain_sid == DOMAIN_SID
    assert made.round_trips == 1


def test_another_server_has_another_root_entry(network: Network) -> None:
    network.working = {"dc1": [None, "connection_lost"]}
    made = opened("dc1", "dc2")
    assert made.root_dse.dns_host_name == ""
    network.objects[""]["dnsHostName"] = [b"dc2.corp"]
    made.read(DN, ["cn"])
    assert made.root_dse.dns_host_name == "dc2.corp"


DOMAIN_SID, ROOT_SID = Sid.parse("S-1-5-21-1-2-3"), Sid.parse("S-1-5-21-7-8-9")


def test_sids_that_the_root_entry_does_not_tell(network: Network) -> None:
    network.objects[""] |= PLAIN
    network.objects["DC=corp"] = {"objectSid": [DOMAIN_SID.to_bytes()]}
    made = opened("dc1")
    assert made.root_dse.domain_sid == made.root_dse.root_domain_sid == DOMAIN_SID
    assert made.round_trips == 2


def test_sid_of_the_root_domain_that_only_the_catalog_has(network: Network) -> None:
    network.objects["DC=corp"] = {"objectSid": [DOMAIN_SID.to_bytes()]}
    network.objects["DC=top"] = {"objectSid": [ROOT_SID.to_bytes()]}
    network.objects[""] |= PLAIN | {"rootDomainNamingContext": [b"DC=top"]}
    made = opened("dc1")
    assert (made.root_dse.domain_sid, made.root_dse.root_domain_sid) == (DOMAIN_SID, ROOT_SID)
    assert network.log[-2:] == ["open dc1 catalog", "search dc1"]


def test_not_active_directory(network: Network) -> None:
    network.objects[""] = {"vendorName": [b"OpenLDAP"]}
    with pytest.raises(DirectoryError) as caught:
        _ = opened("dc1").root_dse
    assert caught.value.code == "not_active_directory"


@pytest.mark.parametrize(
    ("is_catalog", "servers", "tried"),
    [
        (True, ("dc1",), ["dc1"]),
        (True, ("dc1", "dc2"), ["dc1"]),
        (False, ("dc1", "dc2"), ["dc1"]),
        (False, (), ["gc1.corp"]),
    ],
)
def test_global_catalog(
    network: Network, monkeypatch: pytest.MonkeyPatch, is_catalog: bool, servers: tuple[str, ...], tried: list[str]
) -> None:
    network.objects[""]["isGlobalCatalogReady"] = [b"TRUE" if is_catalog else b"FALSE"]
    monkeypatch.setattr(discovery, "global_catalogs", lambda forest, _: (f"gc1.{forest}",))
    with Session(ConnectionSettings("corp", servers), Credentials(), servers or ("dc1",)) as made:
        catalog = made.global_catalog()
        assert made.global_catalog() is catalog
        catalog.search("", "(cn=*)", ["cn"])
        assert made.round_trips == 2
        assert [line for line in network.log if "catalog" in line] == [f"open {server} catalog" for server in tried]
    assert network.log[-2:] == [f"close {tried[0]}", "close dc1"]


def test_tickets_are_forgotten_with_the_session(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(session, "acquire", lambda _: Credentials("MEMORY:x", lambda: ended.append("x")))
    with connect(ConnectionSettings(servers=("dc1",))) as made:
        assert made.server == "dc1"
        assert ended == []
    assert ended == ["x"]
    made.close()
    assert ended == ["x"]


def test_tickets_are_forgotten_when_no_server_answers(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []
    monkeypatch.setattr(session, "acquire", lambda _: Credentials("MEMORY:x", lambda: ended.append("x")))
    network.opening = {"dc1": ["refused"]}
    with pytest.raises(Unreachable):
        connect(ConnectionSettings(servers=("dc1",)))
    assert ended == ["x"]


def test_servers_come_from_the_dns(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "domain_controllers", lambda domain, _: (f"dc7.{domain}",))
    assert connect(ConnectionSettings("corp.example")).server == "dc7.corp.example"


def test_credentials_of_a_simple_bind_need_no_kerberos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "KRB5_IMPORT_ERROR", "the traceback")
    assert credentials.acquire(ConnectionSettings(auth="simple", username="a", password="b")).cache is None
