# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Services: those of a fresh server, the order of starting and stopping, accounts, and win_service over them."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows.host import Host
from lab.windows.identity import LANGUAGES, RELEASES
from lab.windows.parts.services import ServiceRefused, Services
from lab.windows.service_table import Service
from lab.windows.support import service_control
from lab.windows.support.service_control import ServiceFailure

from .fake_directory import DOMAIN, Account, FakeDirectory
from .hosts import USER, host, identity, run

NAMES = sorted(service.name for service in Services.blank(identity()).all())
names = st.sampled_from(NAMES)
actions = st.lists(st.tuples(st.sampled_from(["start", "stop", "force", "disable", "enable"]), names), max_size=12)


def service(target: Host, name: str) -> Service:
    found = target.services.get(name)
    assert found is not None
    return found


def consistent(services: Services) -> bool:
    """Nothing runs without what it needs, and only what runs has a process."""
    return all(
        each.state == "stopped" or all(below.state == "started" for below in services.needed_by(each.name))
        for each in services.all()
    ) and all(each.process_id == 0 or each.state != "stopped" for each in services.all())


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fresh_server_is_consistent(release: str, language: str) -> None:
    services = Services.blank(identity(release=release, language=language))
    assert consistent(services)
    for each in services.all():
        assert all(services.get(name) is not None for name in each.depends), each.name
    processes = [each.process_id for each in services.all() if each.process_id]
    assert len(processes) == len(set(processes))


@pytest.mark.parametrize(
    "release, language, name, display",
    [
        ("2012r2", "en-US", "mpssvc", "Windows Firewall"),
        ("2022", "en-US", "mpssvc", "Windows Defender Firewall"),
        ("2022", "sv-SE", "mpssvc", "Windows Defender-brandväggen"),
        ("2019", "sv-SE", "Spooler", "Utskriftshanterare"),
        ("2019", "sv-SE", "EventLog", "Windows händelselogg"),
    ],
)
def test_names_depend_on_release_and_language(release: str, language: str, name: str, display: str) -> None:
    assert service(host(release=release, language=language), name).display_name == display


def test_releases_differ() -> None:
    assert host(release="2012r2").services.get("WinDefend") is None
    assert service(host(), "WinRM").path.endswith("-k NetworkService -p")
    assert service(host(release="2016"), "WinRM").path.endswith("-k NetworkService")


@settings(settings.get_profile("few"))
@given(actions)
def test_services_stay_consistent_and_are_restored(done: list[tuple[str, str]]) -> None:
    target = Services.blank(identity())
    for action, name in done:
        each = target.get(name)
        assert each is not None
        if action == "start":
            with suppress(ServiceRefused):
                target.start(name)
        elif action in ("stop", "force"):
            stopping = [*target.dependents(name), each] if action == "force" else [each]
            running = any(other.state != "stopped" for other in target.dependents(name))
            if all(other.stops or other.state == "stopped" for other in stopping) and (
                action == "force" or not running
            ):
                for other in stopping:
                    target.stop(other.name)
        else:
            each.start_mode = "disabled" if action == "disable" else "manual"
        assert consistent(target)
    exported = json.loads(json.dumps(target.export()))
    assert Services.restore(identity(), exported).export() == exported


@given(names)
def test_order(name: str) -> None:
    services = Services.blank(identity())
    needed = [each.name for each in services.needed_by(name)]
    assert name not in needed
    for position, each in enumerate(needed):
        assert {below.name for below in services.needed_by(each)} <= set(needed[:position])
    stopped = [each.name for each in services.dependents(name)]
    for position, each in enumerate(stopped):
        assert {above.name for above in services.dependents(each)} <= set(stopped[:position])


def test_services_that_depend_on_each_other_end() -> None:
    services = Services(identity())
    services.add(Service("a", "a", "a.exe", depends=["b"]))
    services.add(Service("b", "b", "b.exe", depends=["a", "+group"]))
    assert [each.name for each in services.needed_by("a")] == ["b"]
    assert [each.name for each in services.dependents("a")] == ["b"]
    with pytest.raises(ValueError, match="there is a service A"):
        services.add(Service("A", "a", "a.exe"))


@pytest.mark.parametrize(
    "change, error, of",
    [
        ({"start_mode": "disabled"}, 1058, 1077),
        ({"depends": ["nothing"]}, 1075, 1075),
        ({"depends": ["Spooler"]}, 1068, 1068),
        ({"path": r"C:\nothing.exe", "own": False}, 2, 2),
        ({"account": r"CORP\nobody"}, 1069, 1069),
    ],
)
def test_why_a_service_does_not_start(change: dict[str, object], error: int, of: int) -> None:
    target = host()
    service_control.stop(target, "Spooler")
    service(target, "Spooler").start_mode = "disabled"
    made = Service("case", "Case", r"C:\Windows\System32\case.exe", win32_exit_code=1077)
    for name, value in change.items():
        setattr(made, name, value)
    target.services.add(made)
    with pytest.raises(ServiceFailure, match=r"Cannot start service case on computer '\.'") as failure:
        service_control.start(target, "case")
    assert isinstance(failure.value.__cause__, ServiceRefused)
    assert failure.value.__cause__.error == error
    assert made.state == "stopped"
    assert made.win32_exit_code == of


def test_a_program_without_quotes_is_looked_for_word_by_word() -> None:
    target = host()
    target.files.make_folder(r"C:\Program Files\Case")
    target.files.write(r"C:\Program Files\Case\case.exe", b"")
    target.services.add(Service("case", "Case", r"C:\Program Files\Case\case.exe -k all"))
    service_control.start(target, "case")
    assert service(target, "case").state == "started"
    target.services.add(Service("folder", "Folder", r'"C:\Program Files\Case" -k'))
    with pytest.raises(ServiceFailure):
        service_control.start(target, "folder")


def local_account(target: Host, password: str = "Correct-Horse-9") -> str:
    user = target.accounts.add_user("svc-case", password)
    made = Service("case", "Case", r"C:\Windows\System32\case.exe", account=r".\svc-case")
    made.nt_hash = service_control.password_hash("Correct-Horse-9")
    target.services.add(made)
    return target.accounts.sid_of(user)


def test_a_local_account_needs_the_right_and_the_password() -> None:
    target = host()
    sid = local_account(target)
    with pytest.raises(ServiceFailure):
        service_control.start(target, "case")
    target.rights.grant("SeServiceLogonRight", sid)
    service_control.start(target, "case")
    target.rights.grant("SeDenyServiceLogonRight", sid)
    with pytest.raises(ServiceFailure):
        service_control.restart(target, "case")
    target.rights.revoke("SeDenyServiceLogonRight", sid)
    user = target.accounts.by_sid(sid)
    assert user is not None
    user.locked = True
    with pytest.raises(ServiceFailure):
        service_control.start(target, "case")
    assert service(target, "case").win32_exit_code == 1069


def test_who_is_no_administrator_is_not_let_in() -> None:
    target = host()
    for module in ("ansible.windows.win_service", "ansible.windows.win_service_info"):
        result = run(target, module, {"name": "Spooler"}, USER)
        assert result["failed"]
        assert "Cannot open Service Control Manager on computer '.'." in result["msg"]


def test_a_protected_service_cannot_be_configured() -> None:
    result = run(host(), "ansible.windows.win_service", {"name": "WinDefend", "state": "stopped"})
    assert "Failed to open service 'WinDefend' (Access is denied" in result["msg"]


def test_all_services_in_order_without_drivers() -> None:
    target = host()
    found = [each["name"] for each in run(target, "ansible.windows.win_service_info")["services"]]
    assert found == sorted(found, key=str.upper)
    assert "HTTP" not in found
    by_pattern = run(target, "ansible.windows.win_service_info", {"name": "Win*"})["services"]
    assert [each["name"] for each in by_pattern] == [name for name in found if name.upper().startswith("WIN")]


def test_a_reset_period_needs_actions() -> None:
    arguments = {"name": "WinRM", "failure_reset_period_sec": 60}
    result = run(host(), "ansible.windows.win_service", arguments)
    assert "Cannot set FailureAction ResetPeriod without explicit Actions and no existing Actions" in result["msg"]


def test_an_empty_text_takes_text_away() -> None:
    target = host()
    target.services.add(Service("case", "Case", "case.exe", description="x", failure_command="y"))
    arguments = {"name": "case", "description": "", "failure_command": ""}
    assert run(target, "ansible.windows.win_service", arguments)["changed"]
    assert (service(target, "case").description, service(target, "case").failure_command) == (None, None)
    assert not run(target, "ansible.windows.win_service", arguments)["changed"]


def test_the_desktop_flag_goes_where_it_is_not_asked_for() -> None:
    """Upstream's default takes it from the print spooler whenever the module touches that."""
    target = host()
    assert run(target, "ansible.windows.win_service", {"name": "Print Spooler"})["changed"]
    assert not service(target, "Spooler").interactive


def test_passwords_are_not_told() -> None:
    target = host()
    local_account(target)
    arguments = {"name": "case", "username": r".\svc-case", "password": "Other-Horse-9", "update_password": "always"}
    result = run(target, "ansible.windows.win_service", {**arguments, "_ansible_diff": True})
    assert result["diff"]["after"]["password"] == "CHANGED REDACTED"
    assert "Other-Horse-9" not in json.dumps(result)
    assert "Other-Horse-9" not in json.dumps(target.export())
    exported = target.services.export()["case"]
    assert set(exported["secret"]) == {"nt_hash"}
    assert service_control.password_hash("Other-Horse-9") not in json.dumps({**exported, "secret": None})


@pytest.mark.parametrize(
    "account, password, refused, answers, starts",
    [
        ("alice", "Passw0rd!", "", True, True),
        ("alice", "wrong", "", True, False),
        ("alice", "Passw0rd!", "locked", True, False),
        ("alice", "Passw0rd!", "", False, False),
        # A managed account: its password is not asked for.
        ("gmsa$", None, "", True, True),
    ],
)
def test_a_domain_account(account: str, password: str | None, refused: str, answers: bool, starts: bool) -> None:
    directory = FakeDirectory()
    directory.accounts["gmsa$"] = Account(1200, "computer")
    directory.accounts[account].refused = refused
    target = Host(identity(domain_sid=DOMAIN), directory)
    made = Service("case", "Case", r"C:\Windows\System32\case.exe", account=f"CORP\\{account}")
    made.nt_hash = service_control.password_hash(password) if password else None
    target.services.add(made)
    with pytest.raises(ServiceFailure):
        service_control.start(target, "case")
    for principal in ("alice", "gmsa$"):
        target.rights.grant("SeServiceLogonRight", f"{DOMAIN}-{directory.accounts[principal].rid}")
    directory.answers = answers
    if starts:
        service_control.start(target, "case")
    else:
        with pytest.raises(ServiceFailure):
            service_control.start(target, "case")
    assert (made.state, made.win32_exit_code) == (("started", 0) if starts else ("stopped", 1069))
