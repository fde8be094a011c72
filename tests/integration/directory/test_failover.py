# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens when a domain controller of the lab is stopped."""

from __future__ import annotations

import contextlib
import subprocess
import typing as t
import uuid

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import OutcomeUnknown, Unreachable
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Session, connect

from ..conftest import LAB
from .conftest import Domain, failure

if t.TYPE_CHECKING:
    from collections.abc import Iterator

TOP_LEVEL = ("cn", "objectSid")


@contextlib.contextmanager
def stopped(domain: Domain, name: str) -> Iterator[None]:
    """The time between the stop of a domain controller and its start."""

    def tell(verb: str) -> None:
        subprocess.run([LAB, verb, "--dir", domain.lab.dir, name], check=True, capture_output=True)

    tell("stop")
    try:
        yield
    finally:
        tell("start")


class Before(t.NamedTuple):
    """What was there while both domain controllers ran."""

    reader: Session
    writer: Session
    container: str


@pytest.fixture(scope="module")
def before(domain: Domain) -> Iterator[Before]:
    """Sessions with dc1 from before it was stopped; it is started again after the last test here."""
    container = f"CN=failover{uuid.uuid4().hex[:8]},{domain.dn}"
    first, second = (f"{name}.{domain.name}" for name in ("dc1", "dc2"))
    settings = domain.kerberos("administrator", servers=(first, second), timeout=5)
    with connect(settings) as reader, connect(settings) as writer:
        assert reader.server == writer.server == first
        with connect(domain.kerberos("administrator", servers=(second,))) as other:
            other.add(container, {"objectClass": (b"container",)})
            with stopped(domain, "dc1"):
                yield Before(reader, writer, container)
            other.delete(container)


def test_a_read_goes_on_with_the_other_server(domain: Domain, before: Before) -> None:
    assert before.reader.root_dse.dns_host_name == f"dc2.{domain.name}"
    found = before.reader.search(domain.dn, "(sAMAccountName=alice)", TOP_LEVEL)
    assert len(found) == 1
    assert before.reader.server == f"dc2.{domain.name}"


def test_a_write_is_not_made_on_the_other_server(domain: Domain, before: Before) -> None:
    with pytest.raises(OutcomeUnknown) as caught:
        before.writer.modify(before.container, [Change("replace", "displayName", (b"x",))])
    assert caught.value.remedy == "run again: the first thing done is to look"
    assert f"dc1.{domain.name}" in caught.value.target
    entry = before.reader.read(before.container, ("displayName",))
    assert entry is not None
    assert entry.text("displayName") is None


@pytest.mark.parametrize("way", ["kerberos", "simple"])
def test_a_new_session_takes_the_other_server(domain: Domain, before: Before, way: str) -> None:
    settings = domain.kerberos("alice", timeout=5) if way == "kerberos" else domain.simple("alice", timeout=5)
    with connect(settings) as session:
        assert session.server == f"dc2.{domain.name}"


@pytest.mark.parametrize("way", ["kerberos", "simple"])
def test_the_stopped_server_alone(domain: Domain, before: Before, way: str) -> None:
    servers = (f"dc1.{domain.name}",)
    settings = (
        domain.kerberos("alice", servers=servers) if way == "kerberos" else domain.simple("alice", servers=servers)
    )
    exc = failure(settings)
    assert isinstance(exc, Unreachable)
    assert exc.code == "refused"
    assert "errno 111" in exc.detail


def test_a_session_whose_server_is_gone_can_be_used_again(domain: Domain, before: Before) -> None:
    """Nothing but the lost server could tell what was written; as long as it is away that is said, each time."""
    for _ in range(2):
        with pytest.raises(Unreachable) as caught:
            before.writer.read(before.container, ("cn",))
        assert caught.value.code == "refused"
    with pytest.raises(OutcomeUnknown):
        before.writer.delete(before.container)
    before.writer.close()
