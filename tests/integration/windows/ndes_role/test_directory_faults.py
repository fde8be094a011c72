# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Something wrong with the directory while a server is configured: a clear message, the server as it was, and the next
run comes to the end.
"""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

import pytest

from lab import estate

from ...faults.forest import SERVICES
from ...ldap_tools import entry_on, known_client, samba_tool
from ..test_ways_in import local_account
from . import states
from .conftest import PAIR, PREPARED_ALONE, wishes

if t.TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...faults.forest import Forest
    from ...ldap_tools import Client
    from .conftest import Configured
    from .servers import Servers

HOST = PREPARED_ALONE
ACCOUNT = f"CN=svc-scep,{estate.SERVICE_ACCOUNTS_DN}"
TEMPLATES = f"CN=Certificate Templates,{SERVICES}"
AUTHORITY = f"CN={estate.ISSUING_CA},CN=Enrollment Services,{SERVICES}"
ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"


@dataclass(frozen=True)
class World:
    """What a fault may be done to."""

    servers: Servers
    forest: Forest
    administrator: Client

    @contextlib.contextmanager
    def replaced(self, dn: str, attribute: str, value: str) -> Iterator[None]:
        """Another value of an attribute that has one, as long as the block runs."""
        (entry,) = self.forest.search(dn, "(objectClass=*)", attribute).values()
        before = entry[attribute][0].decode()
        record = f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: "
        self.forest.change(f"{record}{value}\n")
        try:
            yield
        finally:
            self.forest.change(f"{record}{before}\n")


@contextlib.contextmanager
def disabled(world: World) -> Iterator[None]:
    with world.replaced(ACCOUNT, "userAccountControl", "66050"):
        yield


@contextlib.contextmanager
def locked(world: World) -> Iterator[None]:
    """By wrong passwords, as accounts are."""
    lab = world.servers.lab
    samba_tool(lab, "domain", "passwordsettings", "set", "--account-lockout-threshold=2")
    try:
        for _ in range(3):
            lab.run(
                ["ldapwhoami", "-H", "ldaps://dc1.corp.example", "-x", "-D", "svc-scep@corp.example", "-w", "wrong"],
                check=False,
                env={"LDAPTLS_CACERT": str(lab.dir / "ca" / "root.pem"), "PATH": "/usr/bin:/bin"},
            )
        yield
    finally:
        samba_tool(lab, "domain", "passwordsettings", "set", "--account-lockout-threshold=0")
        world.forest.change(f"dn: {ACCOUNT}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: 0\n")


@contextlib.contextmanager
def unpublished(world: World) -> Iterator[None]:
    record = f"dn: {AUTHORITY}\nchangetype: modify\n%s: certificateTemplates\ncertificateTemplates: IntuneSCEP\n"
    world.forest.change(record % "delete")
    try:
        yield
    finally:
        world.forest.change(record % "add")


@contextlib.contextmanager
def may_not_enroll(world: World) -> Iterator[None]:
    """Nobody may enroll by the template of the registration authority any more, not even who may do everything."""
    entry = f"(OD;;CR;{ENROLL};;WD)"
    with entry_on(world.administrator, f"CN=CEPEncryption,{TEMPLATES}", entry):
        yield


FAULTS: dict[str, tuple[Callable[[World], t.ContextManager[None]], str]] = {
    "service account disabled": (disabled, "account_usable: "),
    "service account locked": (locked, "account_usable: "),
    "template unpublished": (unpublished, "templates.general_purpose: 'IntuneSCEP' is not issued by"),
}


@pytest.fixture(scope="module")
def world(servers: Servers, forest: Forest, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("administrator")
    return World(servers, forest, known_client(servers.lab, "administrator", folder))


@pytest.fixture(scope="module")
def wished(servers: Servers, prepared: dict[str, bytes]) -> dict[str, t.Any]:
    servers.put(**{HOST: prepared[HOST]})
    return wishes(servers, HOST)


@pytest.mark.parametrize(("does", "message"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_with_the_directory_is_told(
    world: World,
    wished: dict[str, t.Any],
    does: Callable[[World], t.ContextManager[None]],
    message: str,
) -> None:
    before = world.servers.state(HOST)
    with does(world):
        done = world.servers.site(limit=HOST, **wished)
    assert done.status == 2, done.messages
    assert message in done.messages
    assert states.differences(before, world.servers.state(HOST)) == []


def test_without_domain_controllers(world: World, wished: dict[str, t.Any]) -> None:
    """Who logs on with Kerberos does not reach the server; who logs on with a local account is told what is missing."""
    servers = world.servers
    # There is no DNS either, and a certificate is for names.
    local: dict[str, t.Any] = {
        **local_account(servers, HOST),
        "ansible_host": servers.state(HOST, "/identity/address"),
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_scheme": "http",
        "ansible_port": 5985,
    }
    # The first logon makes a profile.
    assert servers.adhoc(HOST, "ansible.windows.win_ping", **local).word == "SUCCESS"
    before = servers.state(HOST)
    for name in ("dc1", "dc2"):
        servers.bin_lab("stop", name)
    try:
        kerberos = servers.site(limit=HOST, **wished)
        done = servers.site(limit=HOST, **wished, **local)
    finally:
        for name in ("dc1", "dc2"):
            servers.bin_lab("start", name)
    assert kerberos.status == 4, kerberos.output
    assert "Kerberos auth failure" in kerberos.messages
    assert done.status == 2, done.messages
    assert "Kerberos knows no key distribution centre for this realm" in done.messages
    assert "Remedy: " in done.messages
    assert states.differences(before, servers.state(HOST)) == []


def test_right_to_enroll_withdrawn(
    world: World, wished: dict[str, t.Any], prepared: dict[str, bytes], configured: Configured
) -> None:
    """The set-up ends half way, as it does on Windows, and says whose right is missing. The next run does not go on by
    itself; asked to repair, it comes to the end.
    """
    servers = world.servers
    servers.put(**{HOST: prepared[HOST]})
    with may_not_enroll(world):
        ended = servers.site(limit=HOST, **wished)
    again = servers.site(limit=HOST, **wished)
    repaired = servers.site(limit=HOST, **wished, ndes_server_repair=True)
    assert (ended.status, again.status, repaired.status) == (2, 2, 0), repaired.messages
    assert "0x80094012" in ended.messages
    assert "may not enroll for its template" in ended.messages
    assert "NDES is half-configured: " in again.messages
    assert "\n".join(states.differences(configured.done.states[PAIR[0]], servers.state(HOST))) == ""
