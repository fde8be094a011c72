# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The domain as the simulated hosts ask it: the lab's real directory, held against what OpenLDAP's programs say."""

from __future__ import annotations

import subprocess
import typing as t
from datetime import UTC, datetime, timedelta

import pytest

from lab import estate
from lab.layout import Layout
from lab.windows.parts.accounts import nt_hash
from lab.windows.people import database
from lab.windows.people.directory import NoDomainController
from lab.windows.people.domain import LdapDirectory

from ..conftest import LAB, Lab
from ..ldap_tools import DOMAIN, PASSWORD, Client, Scratch, known_client, samba_tool, sid_of

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The control by which Samba writes attributes of a password as they are (DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID).
BYPASS_PASSWORD_HASH = "1.3.6.1.4.1.7165.4.3.12"

MEMBER = next(host for host in estate.MEMBERS if host.name == "ndes1")


@pytest.fixture(scope="module")
def layout(lab: Lab) -> Layout:
    if not lab.inside:
        pytest.skip("the domain controllers are in the network of the lab: run this with bin/lab exec")
    return Layout(lab.dir)


@pytest.fixture
def directory(lab: Lab, layout: Layout) -> Iterator[LdapDirectory]:
    made = LdapDirectory(layout, MEMBER, lab.credentials["accounts"]["ndes1"]["password"])
    yield made
    made.close()


@pytest.fixture(scope="module")
def administrator(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return known_client(lab, "administrator", tmp_path_factory.mktemp("administrator"))


@pytest.fixture
def scratch(administrator: Client) -> Iterator[Scratch]:
    made = Scratch(administrator)
    yield made
    made.remove_all()


@pytest.mark.parametrize(
    "account, kind",
    [
        ("pkiadmin", "user"),
        ("Domain Admins", "group"),
        ("Cert Publishers", "alias"),
        ("NDES1$", "computer"),
        ("Administrator", "user"),
    ],
)
def test_names_and_sids_agree_with_ldapsearch(
    directory: LdapDirectory, administrator: Client, account: str, kind: str
) -> None:
    sid = sid_of(administrator, account)
    for written in (account, f"CORP\\{account}", f"corp.example\\{account.upper()}", f"{account}@corp.example"):
        found = directory.by_name(written)
        assert found is not None
        assert (found.sid, found.kind, found.account) == (sid, kind, f"CORP\\{account}")
    assert directory.by_sid(sid) == directory.by_name(account)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nobody",
        "OTHER\\alice",
        "CORP\\",
        "CORP\\*",
        "alice@other.example",
        "*)(objectClass=*",
        # Of the BUILTIN groups of the domain controllers no member server knows anything.
        "Administrators",
        "CORP\\Administrators",
    ],
)
def test_others_are_nobody(directory: LdapDirectory, name: str) -> None:
    assert directory.by_name(name) is None


@pytest.mark.parametrize("sid", ["S-1-5-21-9-9-9-9", "no SID", "S-1-5-32-999"])
def test_other_sids_are_nobody_s(directory: LdapDirectory, sid: str) -> None:
    assert directory.by_sid(sid) is None
    assert directory.groups(sid) == ()


def test_the_domain_of_the_databases_is_that_of_the_directory(layout: Layout, administrator: Client) -> None:
    assert sid_of(administrator, "Domain Admins") == f"{database.domain_sid(layout)}-512"
    versions = database.computer_key_versions(layout)
    assert versions["ndes1$"] >= 1
    assert {"dc1$", "ca1$", "conn1$"} <= set(versions)


def test_groups_are_nested(directory: LdapDirectory, administrator: Client, scratch: Scratch) -> None:
    person = scratch.person().account
    inner = scratch.group(f"CN={person},CN=Users,{DOMAIN}")
    outer = scratch.group(f"CN={inner},CN=Users,{DOMAIN}")
    other = scratch.group()
    sids = {name: sid_of(administrator, name) for name in (person, inner, outer, other, "Domain Users")}
    found = directory.groups(sids[person])
    assert {sids[inner], sids[outer], sids["Domain Users"]} <= set(found)
    assert sids[other] not in found
    # A membership that changes is seen at once.
    scratch.add_member(other, inner)
    assert sids[other] in directory.groups(sids[person])


def test_an_ordinary_account_may_log_on(directory: LdapDirectory, lab: Lab) -> None:
    for name in ("alice", "svc-ndes", "NDES1$"):
        logon = directory.logon(f"CORP\\{name}")
        assert logon is not None
        password = lab.credentials["accounts"][name.lower().rstrip("$")]["password"]
        assert (logon.refused, logon.nt_hash) == ("", nt_hash(password))
    for name in ("nobody", "Domain Users", "S-1-5-18"):
        assert directory.logon(name) is None


def change(administrator: Client, account: str, attribute: str, value: str) -> None:
    record = f"dn: CN={account},CN=Users,{DOMAIN}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
    answer = administrator.modify(record)
    assert answer.code == 0, answer.text


def filetime(moment: datetime) -> str:
    return str(int((moment - datetime(1601, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) * 10)


STATES = [
    ("disabled", "userAccountControl", lambda: "514"),
    ("expired", "accountExpires", lambda: filetime(datetime.now(UTC) - timedelta(hours=1))),
    ("", "accountExpires", lambda: filetime(datetime.now(UTC) + timedelta(hours=1))),
    ("password_must_change", "pwdLastSet", lambda: "0"),
    ("", "userAccountControl", lambda: "66048"),
]


@pytest.mark.parametrize("refused, attribute, value", STATES)
def test_the_state_of_an_account_forbids_a_logon(
    directory: LdapDirectory,
    administrator: Client,
    scratch: Scratch,
    refused: str,
    attribute: str,
    value: t.Callable[[], str],
) -> None:
    person = scratch.person().account
    change(administrator, person, attribute, value())
    logon = directory.logon(person)
    assert logon is not None
    assert logon.refused == refused


def test_too_many_wrong_passwords_lock_an_account(
    lab: Lab, directory: LdapDirectory, scratch: Scratch, tmp_path: Path
) -> None:
    person = scratch.person().account
    samba_tool(lab, "domain", "passwordsettings", "set", "--account-lockout-threshold=2")
    try:
        for number in range(4):
            folder = tmp_path / str(number)
            folder.mkdir()
            Client(lab, person, f"wrong {number}", folder).modify(f"dn: {DOMAIN}\nchangetype: modify\n")
        logon = directory.logon(person)
    finally:
        samba_tool(lab, "domain", "passwordsettings", "set", "--account-lockout-threshold=0")
    assert logon is not None
    assert logon.refused == "locked"


def test_a_password_that_is_too_old(lab: Lab, directory: LdapDirectory, scratch: Scratch) -> None:
    person = scratch.person().account
    fresh = directory.logon(person)
    # Nobody may write it over the network.
    old = filetime(datetime(2001, 1, 1, tzinfo=UTC))
    record = f"dn: CN={person},CN=Users,{DOMAIN}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: {old}\n"
    database = lab.dir / "dc1" / "private" / "sam.ldb"
    subprocess.run(
        ["ldbmodify", "-H", database, f"--controls=local_oid:{BYPASS_PASSWORD_HASH}:0"],
        input=record,
        text=True,
        check=True,
        capture_output=True,
    )
    aged = directory.logon(person)
    assert fresh is not None
    assert aged is not None
    assert (fresh.refused, aged.refused) == ("", "password_expired")


def test_a_new_password_is_known_at_once(
    lab: Lab, directory: LdapDirectory, administrator: Client, scratch: Scratch
) -> None:
    person = scratch.person().account
    before = directory.logon(person)
    samba_tool(lab, "user", "setpassword", person, "--newpassword=Vinter-2026-i-skogen")
    after = directory.logon(person)
    assert before is not None
    assert after is not None
    assert (before.nt_hash, after.nt_hash) == (nt_hash(PASSWORD), nt_hash("Vinter-2026-i-skogen"))


def tell(lab: Lab, verb: str, name: str) -> None:
    subprocess.run([LAB, verb, "--dir", lab.dir, name], check=True, capture_output=True)


def test_where_one_domain_controller_is_lost_the_other_answers(lab: Lab, layout: Layout) -> None:
    for name in ("dc1", "dc2"):
        directory = LdapDirectory(layout, MEMBER, lab.credentials["accounts"]["ndes1"]["password"])
        before = directory.by_name("alice")
        tell(lab, "stop", name)
        try:
            assert before is not None
            assert directory.by_name("alice") == before
            # One that was never connected finds its way, too.
            fresh = LdapDirectory(layout, MEMBER, lab.credentials["accounts"]["ndes1"]["password"])
            assert fresh.groups(before.sid) == directory.groups(before.sid)
            logon = fresh.logon("alice")
            assert logon is not None
            assert logon.nt_hash
        finally:
            tell(lab, "start", name)
        assert directory.by_name("alice") == before


def test_without_any_domain_controller_nobody_is_found(lab: Lab, directory: LdapDirectory) -> None:
    alice = directory.by_name("alice")
    assert alice is not None
    for name in ("dc1", "dc2"):
        tell(lab, "stop", name)
    try:
        with pytest.raises(NoDomainController):
            directory.by_name("alice")
        assert directory.by_sid(alice.sid) is None
        assert directory.logon("alice") is None
    finally:
        for name in ("dc1", "dc2"):
            tell(lab, "start", name)
    assert directory.by_name("alice") == alice


def test_a_wrong_password_of_the_computer_is_no_answer(layout: Layout) -> None:
    directory = LdapDirectory(layout, MEMBER, "wrong")
    with pytest.raises(NoDomainController):
        directory.by_name("alice")
