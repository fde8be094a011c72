# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Service accounts: made, changed, judged and removed, each read back with tools of others."""

from __future__ import annotations

import json
import typing as t
import uuid
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.module_utils.accounts import account_state, plan

from .conftest import Ldapsearch, Modules
from .others import DOMAIN_DN, kinit, ldapmodify, samba_tool

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from ..conftest import Lab

PASSWORD = "Canary-7Qx!pelican-91"
OTHER_PASSWORD = "Canary-8Rz!heron-4472"
OU = f"OU=Service Accounts,{DOMAIN_DN}"


@pytest.fixture
def account(lab: Lab, ldapsearch: Ldapsearch) -> Iterator[str]:
    """The name of an account of this test alone, removed after it with a tool of others."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield name
    for dn in ldapsearch(DOMAIN_DN, f"(|(sAMAccountName={name})(sAMAccountName={name}$))", "dn"):
        ldapmodify(lab, f"dn: {dn}\nchangetype: delete\n")


def entry_of(ldapsearch: Ldapsearch, name: str) -> dict[str, list[bytes]]:
    """All attributes of an account."""
    (found,) = ldapsearch(DOMAIN_DN, f"(sAMAccountName={name})", "*", "msDS-User-Account-Control-Computed").values()
    return found


def exists(ldapsearch: Ldapsearch, name: str) -> bool:
    return bool(ldapsearch(DOMAIN_DN, f"(sAMAccountName={name})", "dn"))


def test_nothing_is_written_in_check_mode(modules: Modules, ldapsearch: Ldapsearch, account: str) -> None:
    predicted = modules.run("service_account", check=True, name=account, password=PASSWORD, sensitive=True)
    assert predicted["changed"]
    assert predicted["sid"] is None
    assert predicted["distinguished_name"] == f"CN={account},CN=Users,{DOMAIN_DN}"
    assert not exists(ldapsearch, account)
    made = modules.run("service_account", name=account, password=PASSWORD, sensitive=True)
    assert predicted["diff"] == made["diff"]


@pytest.mark.requirement("SCEP-022", "TRBL-060")
def test_way_of_a_user(modules: Modules, ldapsearch: Ldapsearch, account: str, lab: Lab) -> None:
    options: dict[str, t.Any] = {
        "name": account,
        "path": OU,
        "display_name": "NDES service account",
        "description": "Runs NDES",
        "user_principal_name": f"{account}@corp.example",
        "password": PASSWORD,
        "password_never_expires": True,
        "sensitive": True,
        "account_expires": "2035-06-30",
        "kerberos_encryption_types": {"set": ["aes256", "aes128"]},
        "groups": {"add": ["PKI Operators"]},
    }
    made = modules.run("service_account", **options)
    assert made["changed"], made
    stored = entry_of(ldapsearch, account)
    # NORMAL_ACCOUNT, DONT_EXPIRE_PASSWORD, NOT_DELEGATED
    assert stored["userAccountControl"] == [str(0x200 | 0x10000 | 0x100000).encode()]
    assert stored["distinguishedName"] == [f"CN={account},{OU}".encode()]
    assert stored["displayName"] == [b"NDES service account"]
    assert stored["description"] == [b"Runs NDES"]
    assert stored["userPrincipalName"] == [f"{account}@corp.example".encode()]
    assert stored["msDS-SupportedEncryptionTypes"] == [b"24"]
    # 2035-07-01 00:00 UTC, by `date -u -d 2035-07-01 +%s`: (2066860800 + 11644473600) * 10**7
    assert stored["accountExpires"] == [b"137113344000000000"]
    assert stored["memberOf"] == [f"CN=PKI Operators,CN=Users,{DOMAIN_DN}".encode()]
    assert kinit(account, PASSWORD).returncode == 0
    assert (made["enabled"], made["locked"], made["password_expired"], made["account_expired"]) == (
        True, False, False, False,
    )  # fmt: skip
    assert (made["groups"], made["account_expires"]) == (["CORP\\PKI Operators"], "2035-07-01T00:00:00Z")
    assert f"sAMAccountName: {account}" in samba_tool(lab, "user", "show", account)

    stored = entry_of(ldapsearch, account)
    again = modules.run("service_account", **{**options, "name": account.upper(), "password": OTHER_PASSWORD})
    assert not again["changed"], again
    assert entry_of(ldapsearch, account) == stored
    assert kinit(account, OTHER_PASSWORD).returncode != 0

    changed = modules.run(
        "service_account", name=account, display_name="", sensitive=False, enabled=False, account_expires="never",
        kerberos_encryption_types={"remove": ["aes128"], "add": ["rc4"]}, groups={"set": []},
    )  # fmt: skip
    assert changed["changed"]
    assert changed["diff"]["before"]["groups"] == ["CORP\\PKI Operators"]
    assert "user_principal_name" not in changed["diff"]["after"]
    assert Path(changed["backup_file"]).exists()
    stored = entry_of(ldapsearch, account)
    assert stored["userAccountControl"] == [str(0x200 | 0x10000 | 0x2).encode()]
    assert stored["msDS-SupportedEncryptionTypes"] == [b"20"]
    assert stored["accountExpires"] == [str(2**63 - 1).encode()]
    assert "displayName" not in stored
    assert "memberOf" not in stored
    assert "revoked" in kinit(account, PASSWORD).stderr

    predicted = modules.run("service_account", check=True, name=account, state="absent")
    assert predicted["changed"]
    assert exists(ldapsearch, account)
    gone = modules.run("service_account", name=account, state="absent")
    assert gone["changed"]
    assert gone["diff"] == predicted["diff"]
    assert Path(gone["backup_file"]).exists()
    assert not exists(ldapsearch, account)
    assert not modules.run("service_account", name=account, state="absent")["changed"]


@pytest.mark.requirement("TRBL-059")
def test_passwords(modules: Modules, account: str) -> None:
    modules.run("service_account", name=account, password=PASSWORD)
    done = modules.run("service_account", name=account, password=OTHER_PASSWORD, update_password="always")
    assert done["changed"]
    assert done["diff"]["after"] == {"password": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    assert kinit(account, OTHER_PASSWORD).returncode == 0
    assert kinit(account, PASSWORD).returncode != 0


def test_a_user_without_password_is_never_enabled(modules: Modules, ldapsearch: Ldapsearch, account: str) -> None:
    made = modules.run("service_account", name=account, enabled=False)
    assert made["changed"], made
    assert made["password_last_set"] is None
    assert entry_of(ldapsearch, account)["userAccountControl"] == [str(0x200 | 0x2).encode()]
    refused = modules.run("service_account", name=account, enabled=True)
    assert refused["msg"].startswith(f"enabled: '{account}' has no password")
    enabled = modules.run("service_account", name=account, enabled=True, password=PASSWORD, update_password="always")
    assert enabled["enabled"]
    assert kinit(account, PASSWORD).returncode == 0


def test_unknown_bits_survive(modules: Modules, ldapsearch: Ldapsearch, account: str, lab: Lab) -> None:
    made = modules.run("service_account", name=account, password=PASSWORD)
    # ENCRYPTED_TEXT_PASSWORD_ALLOWED and DONT_REQUIRE_PREAUTH, which no option names
    bits = 0x80 | 0x400000
    ldapmodify(
        lab,
        f"dn: {made['distinguished_name']}\nchangetype: modify\nreplace: userAccountControl\n"
        f"userAccountControl: {0x200 | bits}\n-\nreplace: msDS-SupportedEncryptionTypes\n"
        "msDS-SupportedEncryptionTypes: 65564\n",
    )
    modules.run("service_account", name=account, sensitive=True, kerberos_encryption_types={"remove": ["rc4"]})
    stored = entry_of(ldapsearch, account)
    assert stored["userAccountControl"] == [str(0x200 | 0x100000 | bits).encode()]
    assert stored["msDS-SupportedEncryptionTypes"] == [str(0x10018).encode()]


@pytest.fixture
def strict_policy(lab: Lab) -> Iterator[t.Callable[[str], None]]:
    """Lock out an account after one wrong password: a policy for it alone, so that nobody else is locked out."""
    name = f"pso{uuid.uuid4().hex[:8]}"
    samba_tool(
        lab, "domain", "passwordsettings", "pso", "create", name, "1", "--account-lockout-threshold=1",
        "--account-lockout-duration=30", "--reset-account-lockout-after=30",
    )  # fmt: skip
    yield lambda account: (samba_tool(lab, "domain", "passwordsettings", "pso", "apply", name, account), None)[1]
    samba_tool(lab, "domain", "passwordsettings", "pso", "delete", name)


@pytest.mark.requirement("TRBL-059", "TRBL-060")
def test_a_lockout_is_told_and_ended(
    modules: Modules, account: str, ldapsearch: Ldapsearch, strict_policy: t.Callable[[str], None]
) -> None:
    modules.run("service_account", name=account, password=PASSWORD)
    strict_policy(account)
    kinit(account, "wrong")
    assert "revoked" in kinit(account, PASSWORD).stderr
    told = modules.run("service_account", name=account)
    assert (told["changed"], told["locked"], told["enabled"]) == (False, True, True)
    assert f"{account} is locked out; NDES answers with HTTP 500" in json.dumps(told["warnings"])
    predicted = modules.run("service_account", check=True, name=account, unlocked=True)
    assert predicted["diff"] == {"before": {"unlocked": False}, "after": {"unlocked": True}}
    assert entry_of(ldapsearch, account)["lockoutTime"] != [b"0"]
    unlocked = modules.run("service_account", name=account, unlocked=True)
    assert (unlocked["changed"], unlocked["locked"]) == (True, False)
    assert entry_of(ldapsearch, account)["lockoutTime"] == [b"0"]
    assert kinit(account, PASSWORD).returncode == 0
    assert not modules.run("service_account", name=account, unlocked=True)["changed"]


def test_a_policy_of_the_account_counts_for_its_password(modules: Modules, account: str, lab: Lab) -> None:
    name = f"pso{uuid.uuid4().hex[:8]}"
    samba_tool(lab, "domain", "passwordsettings", "pso", "create", name, "1", "--complexity=off", "--min-pwd-length=0")
    try:
        modules.run("service_account", name=account, password=PASSWORD)
        lax: dict[str, t.Any] = {"name": account, "password": "pelican", "update_password": "always"}
        assert "password: needs characters of 3 kinds" in modules.run("service_account", **lax)["msg"]
        samba_tool(lab, "domain", "passwordsettings", "pso", "apply", name, account)
        assert modules.run("service_account", **lax)["changed"]
        assert kinit(account, "pelican").returncode == 0
    finally:
        samba_tool(lab, "domain", "passwordsettings", "pso", "delete", name)


@pytest.mark.requirement("TRBL-059", "TRBL-060")
def test_an_expired_password_is_told_and_replaced(modules: Modules, account: str, lab: Lab) -> None:
    made = modules.run("service_account", name=account, password=PASSWORD)
    ldapmodify(lab, f"dn: {made['distinguished_name']}\nchangetype: modify\nreplace: pwdLastSet\npwdLastSet: 0\n")
    assert "expired" in kinit(account, PASSWORD).stderr + kinit(account, PASSWORD).stdout
    told = modules.run("service_account", name=account)
    assert (told["password_expired"], told["password_last_set"]) == (True, None)
    assert f"{account} has an expired password" in json.dumps(told["warnings"])
    replaced = modules.run("service_account", name=account, password=OTHER_PASSWORD, update_password="always")
    assert not replaced["password_expired"]
    assert kinit(account, OTHER_PASSWORD).returncode == 0


@pytest.mark.requirement("TRBL-060")
def test_an_expired_account_is_told(modules: Modules, account: str) -> None:
    told = modules.run("service_account", name=account, password=PASSWORD, account_expires="2020-01-01T00:00:00+01:00")
    assert (told["account_expired"], told["account_expires"]) == (True, "2019-12-31T23:00:00Z")
    assert f"{account} has expired on 2019-12-31T23:00:00Z" in json.dumps(told["warnings"])
    assert kinit(account, PASSWORD).returncode != 0


def test_way_of_a_managed_account(modules: Modules, ldapsearch: Ldapsearch, account: str, lab: Lab) -> None:
    options: dict[str, t.Any] = {
        "name": account,
        "type": "group_managed",
        "allowed_to_retrieve_password": {"set": ["CORP\\ndes1$", "CORP\\ndes2$"]},
        "managed_password_interval": 14,
    }
    predicted = modules.run("service_account", check=True, **options)
    assert not exists(ldapsearch, f"{account}$")
    made = modules.run("service_account", **options)
    assert made["diff"] == predicted["diff"]
    assert made["sam_account_name"] == f"{account}$"
    stored = entry_of(ldapsearch, f"{account}$")
    assert stored["objectClass"][-1] == b"msDS-GroupManagedServiceAccount"
    assert stored["distinguishedName"] == [f"CN={account},CN=Managed Service Accounts,{DOMAIN_DN}".encode()]
    assert stored["dNSHostName"] == [f"{account}.corp.example".encode()]
    assert stored["msDS-ManagedPasswordInterval"] == [b"14"]
    assert stored["userAccountControl"] == [b"4096"]
    (descriptor,) = stored["msDS-GroupMSAMembership"]
    for host in ("NDES1", "NDES2"):
        assert entry_of(ldapsearch, f"{host}$")["objectSid"][0] in descriptor
    again = modules.run("service_account", **{**options, "name": f"{account}$"})
    assert not again["changed"], again
    changed = modules.run(
        "service_account", name=account, type="group_managed", allowed_to_retrieve_password={"remove": ["ndes1$"]}
    )
    assert changed["allowed_to_retrieve_password"] == ["CORP\\NDES2$"]
    (descriptor,) = entry_of(ldapsearch, f"{account}$")["msDS-GroupMSAMembership"]
    assert entry_of(ldapsearch, "NDES1$")["objectSid"][0] not in descriptor
    named = modules.run(
        "service_principal_name", name=f"{account}$", service_principal_names={"add": [f"http/{account}.example"]}
    )
    assert named["service_principal_names"] == [f"http/{account}.example"]
    refused = modules.run("service_account", name=account, type="group_managed", managed_password_interval=30)
    assert refused["msg"] == (
        f"managed_password_interval: is fixed when an account is created; '{account}$' has 14 days"
    )
    gone = modules.run("service_account", name=account, type="group_managed", state="absent")
    assert gone["changed"]
    assert not exists(ldapsearch, f"{account}$")


def test_a_rehearsal_grants_rights_to_an_account_that_it_would_have_made(
    modules: Modules, account: str, name: str
) -> None:
    template: dict[str, t.Any] = {
        "name": name,
        "duplicate_of": "User",
        "rights": {"add": [{"principal": f"CORP\\{account}", "rights": ["read", "enroll"]}]},
    }
    refused = modules.template(check=True, **template)
    assert f"'CORP\\{account}' is not a principal of the forest" in refused["msg"]
    predicted = modules.template(check=True, **template, expected_principals=[account])
    assert predicted["diff"]["after"]["rights"][f"CORP\\{account}"] == "read, enroll"
    # Outside check mode nobody is made up.
    assert "is not a principal of the forest" in modules.template(**template, expected_principals=[account])["msg"]
    modules.run("service_account", name=account, password=PASSWORD)
    assert modules.template(**template, expected_principals=[account])["diff"] == predicted["diff"]


def test_a_change_by_somebody_else_is_not_overwritten(
    modules: Modules, ldapsearch: Ldapsearch, account: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = modules.run("service_account", name=account, password=PASSWORD)

    def late(*given: t.Any) -> t.Any:
        ldapmodify(
            lab,
            f"dn: {made['distinguished_name']}\nchangetype: modify\nreplace: userAccountControl\n"
            "userAccountControl: 66048\n",
        )
        return plan.plan_change(*given)

    monkeypatch.setattr(account_state, "plan_change", late)
    refused = modules.run("service_account", name=account, sensitive=True)
    assert "somebody else has changed the object meanwhile; nothing was overwritten" in refused["msg"]
    assert entry_of(ldapsearch, account)["userAccountControl"] == [b"66048"]


def test_the_password_is_nowhere(modules: Modules, account: str, home: Path) -> None:
    results = [
        modules.run("service_account", check=True, name=account, password=PASSWORD),
        modules.run("service_account", name=account, password=PASSWORD),
        modules.run("service_account", name=account, password=PASSWORD, update_password="always", display_name="x"),
        modules.run("service_account", name=account, password=PASSWORD, groups={"add": ["Domain Admins"]}),
        modules.run("service_account", name="pkiadmin", password=PASSWORD),
    ]
    assert [result["failed"] for result in results] == [False, False, False, True, True]
    written = [path.read_text() for path in home.rglob("*") if path.is_file()]
    assert written
    for text in [*map(json.dumps, results), *written]:
        assert PASSWORD not in text
        assert "pelican" not in text


@pytest.mark.parametrize("name", ["Tjänst {}", "sv(c) {}", "s'v c {}", "服务 {}"])
def test_names_of_any_letters(modules: Modules, ldapsearch: Ldapsearch, lab: Lab, name: str) -> None:
    given = name.format(uuid.uuid4().hex[:8])
    try:
        made = modules.run("service_account", name=given, password=PASSWORD)
        assert made["changed"], made
        assert made["sam_account_name"] == given
        assert not modules.run("service_account", name=given, sensitive=False)["changed"]
        assert kinit(given, PASSWORD).returncode == 0
    finally:
        assert modules.run("service_account", name=given, state="absent")["changed"]
