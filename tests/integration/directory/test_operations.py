# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing the lab's directory."""

from __future__ import annotations

import subprocess
import typing as t

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import filters
from ansible_collections.certops.intune.plugins.module_utils.directory.dn import escape_rdn
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import (
    AlreadyExists,
    ConcurrentChange,
    DirectoryError,
    InsufficientRights,
    NoSuchObject,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Session, connect
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Domain

OWNER_GROUP_DACL = 7
DACL = 4
PROTECTED = b"\x04\x94"


@pytest.fixture
def templates(administrator: Session) -> str:
    configuration = administrator.root_dse.configuration_naming_context
    return f"CN=Certificate Templates,CN=Public Key Services,CN=Services,{configuration}"


@pytest.fixture
def shelf(administrator: Session, domain: Domain) -> Iterator[str]:
    """An empty container."""
    dn = f"CN=shelf,{domain.dn}"
    administrator.add(dn, {"objectClass": (b"container",)})
    yield dn
    for entry in sorted(
        administrator.search(dn, filters.present("objectClass"), ("cn",)), key=lambda entry: -len(entry.dn)
    ):
        administrator.delete(entry.dn)


def container(session: Session, parent: str, name: str) -> str:
    dn = f"CN={escape_rdn(name)},{parent}"
    session.add(dn, {"objectClass": (b"container",), "cn": (name.encode(),)})
    return dn


def test_root_entry(administrator: Session, domain: Domain) -> None:
    root = administrator.root_dse
    shown = subprocess.run(
        ["ldbsearch", "-H", domain.lab.dir / "dc1" / "private" / "sam.ldb", "-b", domain.dn, "-s", "base", "objectSid"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"objectSid: {root.domain_sid}" in shown.stdout
    assert root.root_domain_sid == root.domain_sid
    assert root.default_naming_context == domain.dn
    assert root.configuration_naming_context == f"CN=Configuration,{domain.dn}"
    assert root.schema_naming_context == f"CN=Schema,CN=Configuration,{domain.dn}"
    assert root.dns_host_name == f"dc1.{domain.name}"
    assert root.is_global_catalog
    assert root.domain_sid is not None
    assert root.token_sids[0] == root.domain_sid.child(500)
    assert {root.domain_sid.child(512), root.domain_sid.child(519), Sid.parse("S-1-5-11")} <= set(root.token_sids)


def test_more_entries_than_a_page_has(administrator: Session) -> None:
    """The schema has more classes and attributes than one page."""
    everything = filters.any_of(
        filters.equals("objectClass", "attributeSchema"), filters.equals("objectClass", "classSchema")
    )
    schema = administrator.root_dse.schema_naming_context
    before = administrator.round_trips
    found = administrator.search(schema, everything, ("cn",), scope="onelevel")
    pages = administrator.round_trips - before
    assert len(found) > 1000
    assert pages == -(-len(found) // 1000)
    assert len({entry.dn for entry in found}) == len(found)
    in_small_pages = administrator.search(schema, everything, ("cn",), scope="onelevel", page_size=100)
    assert {entry.dn for entry in in_small_pages} == {entry.dn for entry in found}


def test_security_descriptors_of_templates(administrator: Session, templates: str, domain: Domain) -> None:
    every = filters.equals("objectClass", "pKICertificateTemplate")
    found = administrator.search(templates, every, ("cn", "nTSecurityDescriptor"), sd_flags=OWNER_GROUP_DACL)
    assert len(found) >= 33
    assert all(entry.raw("nTSecurityDescriptor") for entry in found)
    with connect(domain.kerberos("alice")) as alice:
        seen = alice.search(templates, every, ("cn", "nTSecurityDescriptor"), sd_flags=OWNER_GROUP_DACL)
        assert {entry.raw("nTSecurityDescriptor") for entry in seen} == {
            entry.raw("nTSecurityDescriptor") for entry in found
        }
        without = alice.search(templates, every, ("cn", "nTSecurityDescriptor"))
        assert not any(entry.raw("nTSecurityDescriptor") for entry in without)


def test_read_of_one_object(administrator: Session, domain: Domain) -> None:
    entry = administrator.read(f"CN=Users,{domain.dn}", ("CN", "objectclass"))
    assert entry is not None
    assert entry.text("cn") == "Users"
    assert entry.texts("objectClass") == ("top", "container")
    assert administrator.read(f"CN=missing,{domain.dn}", ("cn",)) is None


def test_life_of_an_object(administrator: Session, shelf: str) -> None:
    dn = container(administrator, shelf, "a")
    administrator.modify(dn, [Change("add", "displayName", (b"first",))])
    administrator.modify(dn, [Change("delete", "displayName", (b"first",)), Change("add", "displayName", (b"second",))])
    administrator.rename(dn, "CN=b")
    entry = administrator.read(f"CN=b,{shelf}", ("cn", "displayName"))
    assert entry is not None
    assert (entry.text("cn"), entry.text("displayName")) == ("b", "second")
    administrator.delete(f"CN=b,{shelf}")
    assert administrator.read(f"CN=b,{shelf}", ("cn",)) is None


@pytest.mark.parametrize(
    "name", ["a,b", 'say "hi"', "1 + 1 = 2", "#tag", " around ", "Ünïcödé ☃", "back\\slash", "(*)"]
)
def test_names_that_need_escapes(administrator: Session, shelf: str, name: str) -> None:
    dn = container(administrator, shelf, name)
    found = administrator.search(shelf, filters.equals("cn", name), ("cn",))
    assert [entry.text("cn") for entry in found] == [name]
    assert administrator.read(dn, ("cn",)) is not None


def test_somebody_else_was_faster(administrator: Session, shelf: str) -> None:
    dn = container(administrator, shelf, "a")
    administrator.modify(dn, [Change("add", "displayName", (b"theirs",))])
    with pytest.raises(ConcurrentChange) as caught:
        administrator.modify(
            dn, [Change("delete", "displayName", (b"expected",)), Change("add", "displayName", (b"mine",))]
        )
    assert caught.value.code == "concurrent_change"
    assert "displayName" in caught.value.attempted
    entry = administrator.read(dn, ("displayName",))
    assert entry is not None
    assert entry.text("displayName") == "theirs"


def test_permissive_modify(administrator: Session, shelf: str) -> None:
    dn = container(administrator, shelf, "a")
    changes = [Change("add", "url", (b"x",)), Change("delete", "adminDisplayName", (b"y",))]
    with pytest.raises(ConcurrentChange):
        administrator.modify(dn, changes)
    administrator.modify(dn, changes, permissive=True)
    administrator.modify(dn, changes, permissive=True)
    entry = administrator.read(dn, ("url",))
    assert entry is not None
    assert entry.texts("url") == ("x",)


def test_a_dacl_is_written_without_the_owner(administrator: Session, shelf: str) -> None:
    dn = container(administrator, shelf, "a")
    before = administrator.read(dn, ("nTSecurityDescriptor",), sd_flags=OWNER_GROUP_DACL)
    dacl = administrator.read(dn, ("nTSecurityDescriptor",), sd_flags=DACL)
    assert before is not None
    assert dacl is not None
    value = bytearray(dacl.raw("nTSecurityDescriptor") or b"")
    value[2:4] = PROTECTED
    administrator.modify(dn, [Change("replace", "nTSecurityDescriptor", (bytes(value),))], sd_flags=DACL)
    after = administrator.read(dn, ("nTSecurityDescriptor",), sd_flags=OWNER_GROUP_DACL)
    assert after is not None
    descriptor = after.raw("nTSecurityDescriptor") or b""
    owner = int.from_bytes(descriptor[4:8], "little")
    assert descriptor[3] & 0x10, "the DACL is protected now"
    assert owner, "the owner is still there"


def test_errors_of_writes(administrator: Session, shelf: str, domain: Domain) -> None:
    dn = container(administrator, shelf, "a")
    container(administrator, dn, "child")
    missing = f"CN=missing,{shelf}"
    rows: list[tuple[t.Callable[[], object], type[DirectoryError], str]] = [
        (lambda: container(administrator, shelf, "a"), AlreadyExists, "already_exists"),
        (lambda: container(administrator, missing, "x"), NoSuchObject, "no_such_object"),
        (lambda: administrator.delete(missing), NoSuchObject, "no_such_object"),
        (lambda: administrator.delete(dn), DirectoryError, "not_leaf"),
        (lambda: administrator.modify(missing, [Change("replace", "cn", (b"x",))]), NoSuchObject, "no_such_object"),
        (
            lambda: administrator.modify(dn, [Change("replace", "msPKI-RA-Signature", (b"1",))]),
            DirectoryError,
            "schema_violation",
        ),
        (
            lambda: administrator.modify(dn, [Change("replace", "showInAdvancedViewOnly", (b"maybe",))]),
            DirectoryError,
            "invalid_value",
        ),
        (lambda: administrator.search(missing, "(cn=*)", ("cn",)), NoSuchObject, "no_such_object"),
    ]
    for operation, kind, code in rows:
        with pytest.raises(kind) as caught:
            operation()
        assert caught.value.code == code, str(caught.value)
        assert type(caught.value) is kind
        assert administrator.server in caught.value.target


def test_filter_that_is_none(administrator: Session, domain: Domain) -> None:
    with pytest.raises(DirectoryError) as caught:
        administrator.search(domain.dn, "(cn=", ("cn",))
    assert "filter" in caught.value.detail


def test_without_rights(domain: Domain, shelf: str) -> None:
    with connect(domain.kerberos("alice", servers=(f"dc1.{domain.name}",))) as alice:
        for operation in (
            lambda: container(alice, shelf, "x"),
            lambda: alice.modify(shelf, [Change("replace", "displayName", (b"x",))]),
            lambda: alice.delete(shelf),
        ):
            with pytest.raises(InsufficientRights) as caught:
                operation()
            assert caught.value.remedy is not None
            assert "LDAP result 50" in caught.value.detail


def test_password_policy(administrator: Session, domain: Domain) -> None:
    with pytest.raises(DirectoryError) as caught:
        administrator.add(
            f"CN=weak,CN=Users,{domain.dn}",
            {
                "objectClass": (b"user",),
                "sAMAccountName": (b"weak",),
                "unicodePwd": ('"x"'.encode("utf-16-le"),),
                "userAccountControl": (b"512",),
            },
        )
    assert caught.value.code == "password_policy"
    assert '"x"' not in str(caught.value)


def test_global_catalog(administrator: Session, domain: Domain) -> None:
    catalog = administrator.global_catalog()
    before = administrator.round_trips
    found = catalog.search("", filters.equals("sAMAccountName", "alice"), ("cn", "objectSid"))
    assert [entry.dn for entry in found] == [f"CN=Alice Andersson,CN=Users,{domain.dn}"]
    assert administrator.round_trips == catalog.round_trips == before + 1
    assert catalog._connection.url.endswith(":3268")


def test_global_catalog_inside_tls(domain: Domain) -> None:
    with connect(domain.simple("alice")) as session:
        catalog = session.global_catalog()
        assert catalog._connection.url.endswith(":3269")
        assert catalog.search("", filters.equals("sAMAccountName", "alice"), ("cn",))


def test_search_of_all_partitions(administrator: Session, domain: Domain) -> None:
    everywhere = filters.any_of(
        filters.equals("sAMAccountName", "alice"),
        filters.all_of(filters.equals("objectCategory", "crossRef"), filters.present("nETBIOSName")),
        filters.equals("cn", "NTAuthCertificates"),
    )
    found = administrator.search("", everywhere, ("cn",), all_partitions=True)
    partitions = {entry.dn.removesuffix(domain.dn).partition(",")[2] for entry in found}
    assert len(found) == 3
    assert {"CN=Users,"} < partitions
    assert any("CN=Configuration," in partition for partition in partitions)
