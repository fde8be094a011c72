# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of NDES servers with the other two kinds of account, on servers that may not be rebooted at first: one runs
NDES as a group managed service account, the other as the application pool itself.
"""

from __future__ import annotations

import typing as t

import pytest

from tools.runs import differences
from tools.tree import TOP

from .conftest import Windows

if t.TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.runs import Run

    from ..conftest import Lab

SITE = TOP / "playbooks" / "site.yml"
ROLE = "certops.intune.ndes_server"
MANAGED, ITSELF = HOSTS = ("ndes1", "ndes2")
LIMIT = ("--limit", ",".join(HOSTS))
NAME = "gmsa-role"
ACCOUNT = rf"CORP\{NAME}$"
PARAMETERS = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
IIS_USERS, IMPERSONATE, BATCH = "S-1-5-32-568", "SeImpersonatePrivilege", "SeBatchLogonRight"
#: Of a user account alone.
OTHER_RIGHTS = ["SeInteractiveLogonRight", "SeServiceLogonRight"]

WISHES: dict[str, t.Any] = {
    # Both at once.
    "ndes_serial": "100%",
    "ndes_server_service_account": f"{{{{ '{ACCOUNT}' if inventory_hostname == '{MANAGED}' else '' }}}}",
    "ndes_server_service_account_password": "",
    "ndes_server_application_pool_identity": f"{{{{ inventory_hostname == '{ITSELF}' }}}}",
    # The name belongs to the account of a user.
    "ndes_server_shared_name": "",
    "ndes_server_legacy_framework": False,
}

SERVICE = {"site": "Default Web Site", "application": "CertificateRegistrationSvc"}
FOLDER = r"C:\inetpub\service"
OLD_CONNECTOR: list[dict[str, t.Any]] = [
    {"ansible.windows.win_file": {"path": FOLDER, "state": "directory"}},
    {
        "microsoft.iis.web_application": {
            "site": SERVICE["site"],
            "name": SERVICE["application"],
            "physical_path": FOLDER,
        }
    },
    {"microsoft.iis.authentication": {**SERVICE, "auth_type": "AnonymousAuthentication", "enabled": False}},
    {"microsoft.iis.authentication": {**SERVICE, "auth_type": "WindowsAuthentication", "enabled": True}},
]


@pytest.fixture(scope="module")
def directory(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Templates, and a group managed service account whose password one of the servers may read."""
    windows = Windows(lab, tmp_path_factory.mktemp("directory"))
    windows.play(SITE, "--limit", "directory")
    account(windows, allowed_to_retrieve_password={"set": [rf"CORP\{MANAGED.upper()}$"]})
    yield
    account(windows, state="absent")


def account(windows: Windows, **options: t.Any) -> None:
    connection = {name: f"{{{{ {name} }}}}" for name in ("domain", "domain_username", "domain_password")}
    task = {"certops.intune.service_account": {**connection, "name": NAME, "type": "group_managed", **options}}
    windows.play([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}])


def boots(windows: Windows) -> list[str]:
    return [windows.state(host, "/power/boot_time") for host in HOSTS]


def changed(run: Run) -> list[str]:
    return [outcome.place for outcome in run.outcomes if outcome.changed]


def told_to_reboot(run: Run) -> dict[str, str]:
    """What is said of the hosts that are not rebooted and should be."""
    said = f"{ROLE} : Say that a reboot is needed"
    return {one.host: one.message for one in run.outcomes if (one.task, one.outcome) == (said, "ok")}


def pool(windows: Windows, host: str) -> dict[str, t.Any]:
    """Its process model, as another module tells it."""
    [found] = windows.adhoc(host, "microsoft.iis.web_app_pool_info", {"name": "SCEP"}).result["app_pools"]
    model: dict[str, t.Any] = found["attributes"]["processModel"]
    return model


@pytest.mark.usefixtures("directory")
@pytest.mark.requirement("SCEP-025", "SCEP-054", "SCEP-057", "SCEP-071", "TRBL-044")
def test_other_accounts_and_a_reboot_that_has_to_wait(windows: Windows) -> None:
    """A run that may not reboot says that it is needed, and the next one that may does nothing else."""
    for host in HOSTS:
        windows.reset(host)
        # The first logon makes a profile.
        assert windows.adhoc(host, "ansible.windows.win_ping").word == "SUCCESS"
    before, started = {host: windows.state(host) for host in HOSTS}, boots(windows)
    predicted = windows.play(SITE, "--check", "--diff", *LIMIT, **WISHES, ndes_server_reboot=False)
    assert [windows.changed_since(host, before[host]) for host in HOSTS] == [[], []]
    done = windows.play(SITE, "--diff", *LIMIT, **WISHES, ndes_server_reboot=False)
    assert differences(predicted, done, HOSTS) == []
    assert told_to_reboot(done).keys() == set(HOSTS)
    assert boots(windows) == started

    rights = [BATCH, IMPERSONATE, *OTHER_RIGHTS]
    asked = {"rights": rights, "accounts": [ACCOUNT], "groups": [IIS_USERS]}
    told = windows.adhoc(MANAGED, "certops.intune.user_rights_info", asked).result
    sid = told["accounts"][ACCOUNT]
    assert sid in told["groups"][IIS_USERS]
    assert [name for name in rights if sid in told["rights"][name]] == [BATCH]
    assert pool(windows, MANAGED)["userName"].lower() == ACCOUNT.lower()
    asked["accounts"] = []
    told = windows.adhoc(ITSELF, "certops.intune.user_rights_info", asked).result
    # Nobody was added, and the worker processes have what they need.
    assert told["groups"][IIS_USERS] == ["S-1-5-17"]
    assert [name for name in (BATCH, IMPERSONATE) if IIS_USERS not in told["rights"][name]] == []
    assert pool(windows, ITSELF)["userName"] == ""
    for host in HOSTS:
        assert windows.state(host, "/iis/states/pools/SCEP") == "Started"
        limit = windows.adhoc(host, "ansible.windows.win_reg_stat", {"path": PARAMETERS, "name": "MaxFieldLength"})
        assert limit.result["value"] == 65534

    # One is rebooted by hand, and gets the application of the old connector, as its set-up must not leave it.
    assert windows.adhoc(ITSELF, "ansible.windows.win_reboot").word == "CHANGED"
    windows.play([{"hosts": ITSELF, "gather_facts": False, "tasks": OLD_CONNECTOR}])
    started = boots(windows)
    third = windows.play(SITE, *LIMIT, **WISHES, ndes_server_reboot=False)
    assert changed(third) == [
        f"{ITSELF}: {ROLE} : {one}"
        for one in (
            "Note what needs a reboot",
            "Let everybody call the registration service (AnonymousAuthentication)",
            "Let everybody call the registration service (WindowsAuthentication)",
        )
    ]
    reasons = {MANAGED: "reboot:http_parameters", ITSELF: "reboot:registration_service"}
    assert told_to_reboot(third) == {
        host: f"{host} has to be rebooted before all settings act: {reason}. It was not, since ndes_server_reboot is "
        "false."
        for host, reason in reasons.items()
    }
    assert boots(windows) == started

    # The run that may reboot knows of it, and has nothing else to do.
    rebooted = windows.play(SITE, *LIMIT, **WISHES)
    assert sorted(changed(rebooted)) == [f"{host}: {ROLE} : Reboot the server" for host in HOSTS]
    assert all(now > then for now, then in zip(boots(windows), started, strict=True))
    for host in HOSTS:
        left = windows.adhoc(host, "certops.intune.ndes_settings").result
        assert (left["waiting"], left["reboot_required"], left["restart_required"]) == ([], False, False)
