# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cases of the modules for accounts cannot show: other users, a domain, no domain controller."""

from __future__ import annotations

from typing import Any

import pytest

from lab.windows import modules
from lab.windows.host import Host
from lab.windows.people import principals
from lab.windows.people.token import Token
from lab.windows.runner import run_module
from lab.windows.support import certificate_files

from . import certificate_samples as samples
from .fake_directory import DOMAIN, FakeDirectory, member

modules.load()


def token(host: Host, name: str, logon_type: principals.LogonType = "network") -> Token:
    return principals.token_for(host, principals.find(host, name), logon_type)


def run(host: Host, module: str, user: Token | None = None, **arguments: Any) -> dict[str, Any]:
    return run_module(host, user or token(host, "CORP\\pkiadmin"), f"ansible.windows.{module}", arguments)


@pytest.fixture
def host() -> Host:
    return member()


# win_whoami


def test_a_domain_administrator(host: Host) -> None:
    found = run(host, "win_whoami")
    assert found["account"] == {
        "sid": f"{DOMAIN}-1105",
        "domain_name": "CORP",
        "account_name": "pkiadmin",
        "type": "User",
    }
    assert (found["authentication_package"], found["upn"]) == ("Kerberos", "pkiadmin@corp.example")
    assert (found["login_domain"], found["dns_domain_name"]) == ("CORP", "CORP.EXAMPLE")
    by_sid = {group["sid"]: group for group in found["groups"]}
    assert by_sid[f"{DOMAIN}-512"]["account_name"] == "Domain Admins"
    assert by_sid["S-1-5-32-544"]["attributes"] == ["Mandatory", "Enabled by default", "Enabled", "Owner"]
    assert by_sid["S-1-16-12288"]["attributes"] == ["Integrity", "Integrity enabled"]


def test_a_local_account_is_told_by_ntlm(host: Host) -> None:
    host.accounts.add_administrator("ansible", "Passw0rd!")
    found = run(host, "win_whoami", token(host, "ansible"))
    assert (found["authentication_package"], found["login_domain"], found["upn"]) == ("NTLM", "NDES1", "")
    names = {group["account_name"] for group in found["groups"]}
    assert {"Local account", "Local account and member of Administrators group", "None"} <= names


def test_who_is_no_administrator_sees_no_rights(host: Host) -> None:
    found = run(host, "win_whoami", token(host, "alice"))
    assert (found["rights"], found["label"]["account_name"]) == ([], "Medium Mandatory Level")
    assert "SeDebugPrivilege" not in found["privileges"]


def test_system_in_swedish() -> None:
    host = member("sv-SE")
    found = run(host, "win_whoami", token(host, "SYSTEM", "service"))
    assert (found["account"]["domain_name"], found["account"]["account_name"]) == ("NT instans", "SYSTEM")
    assert (found["logon_id"], found["logon_type"], found["upn"]) == (999, "System", "NDES1$@corp.example")
    assert found["privileges"]["SeTcbPrivilege"] == "enabled-by-default"


def test_groups_that_nobody_can_name(host: Host) -> None:
    user = token(host, "alice")
    assert isinstance(host.directory, FakeDirectory)
    host.directory.answers = False
    found = run(host, "win_whoami", user)
    (group,) = [group for group in found["groups"] if group["sid"] == f"{DOMAIN}-513"]
    assert (group["account_name"], group["domain_name"], group["type"]) == (None, None, "Unknown")


# Members and rights of the domain


def test_domain_accounts_become_members(host: Host) -> None:
    found = run(host, "win_group_membership", name="IIS_IUSRS", members=["alice@corp.example", "CORP\\NDES1$"])
    assert found["added"] == ["CORP\\alice", "CORP\\NDES1$"]
    assert host.accounts.members("S-1-5-32-568") == ("S-1-5-17", f"{DOMAIN}-1108", f"{DOMAIN}-1111")


def test_a_local_user_comes_before_one_of_the_domain(host: Host) -> None:
    found = run(host, "win_group_membership", name="Guests", members=["Administrator", "CORP\\Administrator"])
    assert found["added"] == ["NDES1\\Administrator", "CORP\\Administrator"]


def test_orphans_are_shown_as_sids_and_taken_out(host: Host) -> None:
    orphan = f"{DOMAIN}-9999"
    host.accounts.add_member("S-1-5-32-568", orphan)
    found = run(host, "win_group_membership", name="IIS_IUSRS", members=["IUSR"], state="pure")
    assert (found["removed"], found["members"]) == ([orphan], ["NT AUTHORITY\\IUSR"])


def test_an_orphan_is_no_member_to_name(host: Host) -> None:
    found = run(host, "win_group_membership", name="IIS_IUSRS", members=[f"{DOMAIN}-9999"], state="absent")
    assert found["msg"].startswith(f"failed to convert sid '{DOMAIN}-9999' to a logon name: Exception calling")


def test_without_a_domain_controller_nothing_is_half_done(host: Host) -> None:
    user = token(host, "CORP\\pkiadmin")
    assert isinstance(host.directory, FakeDirectory)
    host.directory.answers = False
    before = host.export()
    calls: list[tuple[str, dict[str, Any]]] = [
        ("win_group_membership", {"name": "IIS_IUSRS", "members": ["SYSTEM", "CORP\\alice"]}),
        ("win_group", {"name": "New", "members": {"add": ["SYSTEM", "CORP\\alice"]}}),
        ("win_user_right", {"name": "SeBatchLogonRight", "users": ["SYSTEM", "CORP\\alice"]}),
    ]
    for module, arguments in calls:
        assert run(host, module, user, **arguments)["failed"]
    assert host.export() == before
    found = run(host, "win_group_membership", user, name="IIS_IUSRS", members=["CORP\\alice"])
    assert "trust relationship between this workstation and the primary domain failed" in found["msg"]


@pytest.mark.parametrize(
    "module, arguments",
    [
        ("win_group", {"name": "New"}),
        ("win_user", {"name": "new", "password": "Passw0rd!"}),
        ("win_user_right", {"name": "SeBatchLogonRight", "users": ["SYSTEM"], "action": "add"}),
        ("win_group_membership", {"name": "Administrators", "members": ["CORP\\alice"]}),
        ("win_certificate_store", {"thumbprint": "00", "state": "absent"}),
    ],
)
def test_who_is_no_administrator_changes_nothing(host: Host, module: str, arguments: dict[str, Any]) -> None:
    before = host.export()
    assert run(host, module, token(host, "alice"), **arguments)["failed"]
    assert host.export() == before


def test_the_state_of_an_account_stands_in_the_way_of_a_check(host: Host) -> None:
    run(host, "win_user", name="new", password="Passw0rd!")
    user = host.accounts.by_name("new")
    assert user is not None
    user.locked = True
    found = run(host, "win_user", name="new", password="Passw0rd!")
    assert found["msg"].startswith(
        "Failed to validate the user's credentials: LogonUser failed (The referenced account"
    )
    assert found["msg"].endswith("Win32ErrorCode 1909 - 0x00000775)")
    unlocked = run(host, "win_user", name="new", account_locked=False)
    assert (unlocked["changed"], unlocked["account_locked"]) == (True, False)


def test_a_password_that_is_told_to_expire_is_set_again_each_time(host: Host) -> None:
    for _ in range(2):
        found = run(host, "win_user", name="new", password="Passw0rd!", password_expired=True)
        assert found["changed"]


def test_no_password_is_in_a_result(host: Host) -> None:
    texts = [
        repr(run(host, "win_user", name="new", password=password, _ansible_diff=True))
        for password in ("Passw0rd-told", "Passw0rd-told-2", "told")
    ]
    assert not [text for text in texts if "told" in text]


def test_a_key_lies_in_the_user_s_profile_unless_it_is_told(host: Host) -> None:
    made = samples.server()
    content = certificate_files.pfx(samples.der(made), samples.pkcs8(samples.key()), "secret")
    host.files.write("C:\\x.pfx", content)
    run(host, "win_certificate_store", path="C:\\x.pfx", password="secret")
    (key,) = host.certificates.containers()
    assert (key.machine, key.owner, key.exportable) == (False, f"{DOMAIN}-1105", True)
    sids = {ace.sid for ace in host.security.explicit("key_container", key.name)}
    assert "S-1-5-32-544" not in sids
    exported = run(
        host,
        "win_certificate_store",
        path="C:\\y.pfx",
        password="other",
        state="exported",
        file_type="pkcs12",
        thumbprint=host.certificates.visible("LocalMachine", "My")[0].thumbprint,
    )
    assert (exported["changed"], exported["key_exportable"], exported["key_exported"]) == (True, True, False)
    (found,) = certificate_files.load(host.files.read("C:\\y.pfx"), "other")
    assert found.pkcs8 == key.pkcs8
