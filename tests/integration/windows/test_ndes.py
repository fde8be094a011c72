# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ndes as a user runs it: from a server with the feature to a configured one and back, and what goes wrong."""

from __future__ import annotations

import json
import typing as t

import pytest
import yaml

from tools.tree import TOP

if t.TYPE_CHECKING:
    from tools.runs import Outcome

    from .conftest import AdHoc, Windows

MODULE = "certops.intune.ndes"
HOST = "ndes2"
FEATURE = "ADCS-Device-Enrollment"
CONNECTION = {name: f"{{{{ {name} }}}}" for name in ("domain", "domain_username", "domain_password")}
INSTALLER = {"installer_username": "{{ domain_username }}", "installer_password": "{{ domain_password }}"}
AUTHORITY = {"certification_authority": "CORP Issuing CA 1"}
ITSELF = {**AUTHORITY, "application_pool_identity": True}
USER = {**AUTHORITY, "service_account": r"CORP\svc-ndes"}
MANAGED = {**AUTHORITY, "service_account": r"CORP\gmsa-ndes$"}
CONFIG = r"ca1.corp.example\CORP Issuing CA 1"
MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"
IIS_USERS = "S-1-5-32-568"

Options: t.TypeAlias = dict[str, t.Any]


def ndes(windows: Windows, *options: Options) -> AdHoc:
    """Run the module as an administrator of the forest."""
    return windows.adhoc(HOST, MODULE, {name: value for one in (CONNECTION, *options) for name, value in one.items()})


def rehearse(windows: Windows, *options: Options) -> Outcome:
    """Run it in check mode."""
    arguments = {name: value for one in (CONNECTION, *options) for name, value in one.items()}
    play = {"hosts": HOST, "gather_facts": False, "tasks": [{"name": "NDES", MODULE: arguments}]}
    run = windows.play([play], "--check", "--diff", check=False)
    [outcome] = run.outcomes
    return outcome


@pytest.fixture
def server(windows: Windows) -> Windows:
    """A server with the feature, and nothing of NDES."""
    return with_feature(windows)


def with_feature(windows: Windows, **shape: str) -> Windows:
    windows.reset(HOST, **shape)
    done = windows.adhoc(HOST, "ansible.windows.win_feature", {"name": FEATURE, "include_management_tools": True})
    assert done.word == "CHANGED", done.output
    return windows


def password(windows: Windows) -> Options:
    return {"service_account_password": windows.lab.credentials["accounts"]["svc-ndes"]["password"]}


def one_line(said: AdHoc) -> str:
    """All that was printed, warnings too, without the breaks of lines."""
    return " ".join(said.output.split())


def statuses(result: Options) -> dict[str, str]:
    return {one["id"]: one["status"] for one in result["preflight"]}


def principals(windows: Windows, *names: str) -> tuple[list[str | None], list[str]]:
    """SIDs of accounts, and of the members of IIS_IUSRS, as another module tells them."""
    asked = {"accounts": list(names), "groups": [IIS_USERS]}
    told = windows.adhoc(HOST, "certops.intune.user_rights_info", asked).result
    return [told["accounts"][name] for name in names], told["groups"][IIS_USERS]


def pool(windows: Windows) -> Options:
    """The pool as another module tells it."""
    [found] = windows.adhoc(HOST, "microsoft.iis.web_app_pool_info", {"name": "SCEP"}).result["app_pools"]
    attributes: Options = found["attributes"]
    return attributes


def readers(windows: Windows, thumbprint: str) -> str:
    """The permissions of the private key of a certificate, out of the state of the lab."""
    state = windows.state(HOST, "/certificates/stores/LocalMachine/machine/My")
    return str(windows.state(HOST, "/security/key_container")[state[thumbprint]["key"]])


@pytest.mark.requirement("SCEP-054", "SCEP-056", "SCEP-057", "SCEP-058", "SCEP-059")
def test_with_the_account_of_a_user(server: Windows) -> None:
    windows, wish = server, {**USER, **password(server), "signing_key_length": 3072}
    before = windows.state(HOST)
    assert rehearse(windows, wish, INSTALLER).changed
    assert windows.changed_since(HOST, before) == []
    done = ndes(windows, wish, INSTALLER, {"registration_authority": {"country": "SE"}})
    assert done.word == "CHANGED", done.output
    found = done.result["ndes"]
    assert (found["state"], found["half"], found["drift"], found["ca_config"]) == ("configured", [], [], CONFIG)
    assert set(statuses(done.result).values()) == {"ok"}
    pair = {one["purpose"]: one for one in found["registration_authority_certificates"]}
    assert (pair["signing"]["template"], pair["encryption"]["template"]) == ("EnrollmentAgentOffline", "CEPEncryption")
    assert (pair["signing"]["key_length"], pair["encryption"]["key_length"]) == (3072, 2048)
    assert "C=SE" in pair["signing"]["subject"]
    # Read back with other tools.
    [sid], members = principals(windows, r"CORP\svc-ndes")
    assert found["account"]["sid"] == sid
    assert sid in members
    said = windows.adhoc(HOST, "ansible.windows.win_reg_stat", {"path": rf"{MSCEP}\CAInfo", "name": "Configuration"})
    assert said.result["value"] == CONFIG
    assert pool(windows)["processModel"]["userName"] == found["pool"]["username"]
    assert str(sid) in readers(windows, pair["signing"]["thumbprint"])
    # Again: nothing, in two round trips, and without the password.
    again = {**USER, "signing_key_length": 3072}
    before, commands = windows.state(HOST), windows.traffic(HOST)["operations"]["Command"]
    assert ndes(windows, again).word == "SUCCESS"
    assert windows.traffic(HOST)["operations"]["Command"] - commands == 2
    assert windows.changed_since(HOST, before) == []
    # What only the set-up writes is told and left.
    drifted = ndes(windows, USER, {"registration_authority": {"name": "Other"}})
    assert drifted.word == "SUCCESS", drifted.output
    options = [one["option"] for one in drifted.result["ndes"]["drift"]]
    assert options == ["registration_authority.name", "signing_key_length"]
    assert "only its set-up writes this" in one_line(drifted)
    assert windows.changed_since(HOST, before) == []
    # Away, and away again.
    assert rehearse(windows, {"state": "absent"}).changed
    assert windows.changed_since(HOST, before) == []
    gone = ndes(windows, {"state": "absent"})
    assert (gone.word, gone.result["ndes"]["state"]) == ("CHANGED", "not_configured"), gone.output
    assert pair["signing"]["thumbprint"] in one_line(gone)
    assert windows.adhoc(HOST, "ansible.windows.win_reg_stat", {"path": MSCEP}).result["exists"] is False
    assert ndes(windows, {"state": "absent"}).word == "SUCCESS"


@pytest.mark.requirement("SCEP-057")
def test_with_the_identity_of_the_pool_and_then_an_account(server: Windows) -> None:
    windows = server
    done = ndes(windows, ITSELF, INSTALLER)
    assert done.word == "CHANGED", done.output
    itself = done.result["ndes"]["account"]
    assert (itself["identity_type"], itself["name"]) == ("ApplicationPoolIdentity", None)
    thumbprints = [one["thumbprint"] for one in done.result["ndes"]["registration_authority_certificates"]]
    assert all(itself["sid"] in readers(windows, one) for one in thumbprints)
    assert ndes(windows, ITSELF).word == "SUCCESS"
    # A password is needed for another account, and a wrong one is refused before anything is written.
    before = windows.state(HOST)
    assert "service_account_password: is needed to let the pool run as CORP\\svc-ndes" in ndes(windows, USER).message
    wrong = ndes(windows, USER, {"service_account_password": "not-the-password"})
    assert "account_password: CORP\\svc-ndes: " in wrong.message, wrong.output
    assert statuses(wrong.result)["account_password"] == "failed"
    assert windows.changed_since(HOST, before) == []
    [sid], _members = principals(windows, r"CORP\svc-ndes")
    planned = rehearse(windows, USER, password(windows))
    assert "application_pool_identity" in str(planned.diff)
    assert windows.changed_since(HOST, before) == []
    changed = ndes(windows, USER, password(windows))
    assert changed.word == "CHANGED", changed.output
    assert changed.result["ndes"]["account"]["sid"] == sid
    assert sid in principals(windows)[1]
    assert all(str(sid) in readers(windows, one) for one in thumbprints)
    assert not any(itself["sid"] in readers(windows, one) for one in thumbprints)
    assert ndes(windows, USER).word == "SUCCESS"
    # The password again: IIS knows whether it is the same, in check mode too.
    always = {"update_password": "always"}
    assert ndes(windows, USER, password(windows), always).word == "SUCCESS"
    assert not rehearse(windows, USER, password(windows), always).changed
    other = {**USER, "service_account_password": "Another-1-password", **always}
    assert rehearse(windows, other).changed
    assert ndes(windows, other).word == "CHANGED"


def on_controller(windows: Windows, options: Options) -> Outcome:
    task = {"name": "Account", "certops.intune.service_account": {**CONNECTION, **options}}
    return windows.play([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]).outcomes[0]


@pytest.fixture
def account(server: Windows) -> t.Iterator[Options]:
    """A group managed service account whose password nobody may read yet."""
    made = {"name": "gmsa-ndes", "type": "group_managed"}
    on_controller(server, {**made, "dns_host_name": "gmsa-ndes.corp.example"})
    yield made
    on_controller(server, {**made, "state": "absent"})


@pytest.mark.requirement("SCEP-057")
def test_with_a_group_managed_service_account(server: Windows, account: Options) -> None:
    windows = server
    before = windows.state(HOST)
    unread = ndes(windows, MANAGED, INSTALLER)
    assert "account_usable: CORP\\gmsa-ndes$ does not let CORP\\NDES2$ read its password" in unread.message
    refused = ndes(windows, MANAGED, {"service_account_password": "x"})
    assert refused.message.startswith("service_account_password: is not for 'CORP\\gmsa-ndes$'")
    assert windows.changed_since(HOST, before) == []
    on_controller(windows, {**account, "allowed_to_retrieve_password": {"add": [r"CORP\NDES2$"]}})
    done = ndes(windows, MANAGED, INSTALLER)
    assert done.word == "CHANGED", done.output
    [sid], members = principals(windows, r"CORP\gmsa-ndes$")
    found = done.result["ndes"]
    assert found["account"] == {"identity_type": "SpecificUser", "name": r"CORP\gmsa-ndes$", "sid": sid}
    assert sid in members
    for one in found["registration_authority_certificates"]:
        allowed = readers(windows, one["thumbprint"])
        assert str(sid) in allowed
        assert "S-1-5-82-" not in allowed
    assert ndes(windows, MANAGED).word == "SUCCESS"


def test_a_half_configured_server_is_told_and_repaired_only_when_asked(server: Windows) -> None:
    windows, wish = server, {**USER, **password(server)}
    first = ndes(windows, wish, INSTALLER)
    assert first.word == "CHANGED", first.output
    old = [one["thumbprint"] for one in first.result["ndes"]["registration_authority_certificates"]]
    gone = {"thumbprint": old[0], "store_name": "My", "store_location": "LocalMachine", "state": "absent"}
    assert windows.adhoc(HOST, "ansible.windows.win_certificate_store", gone).word == "CHANGED"
    before = windows.state(HOST)
    told = ndes(windows, wish, INSTALLER)
    assert told.word == "FAILED!"
    assert told.message.startswith("NDES is half-configured: The server has no certificate of the registration")
    assert "repair: true" in told.message
    assert told.result["ndes"]["state"] == "half_configured"
    assert "half-configured" in ndes(windows, {"state": "absent"}).message
    assert rehearse(windows, wish, INSTALLER, {"repair": True}).changed
    assert windows.changed_since(HOST, before) == []
    repaired = ndes(windows, wish, INSTALLER, {"repair": True})
    assert repaired.word == "CHANGED", repaired.output
    new = [one["thumbprint"] for one in repaired.result["ndes"]["registration_authority_certificates"]]
    assert len(new) == 2
    assert not set(old) & set(new)
    assert ndes(windows, wish, INSTALLER, {"repair": True}).word == "SUCCESS"


def test_the_application_for_administrators_may_be_missing(server: Windows) -> None:
    windows = server
    assert ndes(windows, ITSELF, INSTALLER).word == "CHANGED"
    gone = {"name": "CertSrv/mscep_admin", "site": "Default Web Site", "state": "absent"}
    assert windows.adhoc(HOST, "microsoft.iis.web_application", gone).word == "CHANGED"
    again = ndes(windows, ITSELF)
    assert (again.word, again.result["ndes"]["state"]) == ("SUCCESS", "configured"), again.output


@pytest.mark.requirement("SCEP-001", "SCEP-005", "SCEP-006", "SCEP-027")
def test_what_stands_against_it_is_told_at_once(server: Windows) -> None:
    windows = server
    pending = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
    assert windows.adhoc(HOST, "ansible.windows.win_regedit", {"path": pending}).word == "CHANGED"
    [root] = windows.state(HOST, "/certificates/stores/LocalMachine/machine/Root")
    gone = {"thumbprint": root, "store_name": "Root", "store_location": "LocalMachine", "state": "absent"}
    assert windows.adhoc(HOST, "ansible.windows.win_certificate_store", gone).word == "CHANGED"
    before = windows.state(HOST)
    said = ndes(windows, ITSELF, {**INSTALLER, "installer_username": r"CORP\alice"})
    assert said.word == "FAILED!", said.output
    found = statuses(said.result)
    failed = {name for name, status in found.items() if status == "failed"}
    assert failed == {"chain_trusted", "installer_rights", "no_pending_reboot"}
    assert all(f"{name}: " in said.message for name in failed)
    assert root in said.message
    assert found["domain_member"] == found["same_forest"] == found["not_the_authority"] == "ok"
    assert windows.changed_since(HOST, before) == []
    # Accepted by name, and then told by Windows, with the cause of its code.
    allowed = {"allow": ["chain_trusted", "no_pending_reboot"]}
    broken = ndes(windows, ITSELF, INSTALLER, allowed)
    assert broken.result["error"]["hresult"] == "0x80070490", broken.output
    assert "gpupdate /force" in broken.message
    assert broken.message.startswith(f"Failed to configure NDES for '{CONFIG}' on {HOST}: ")


def test_without_an_installer_the_logon_is_not_handed_on(server: Windows) -> None:
    said = ndes(server, ITSELF)
    assert said.result["error"]["hresult"] == "0x80070005", said.output
    assert "give a member of Enterprise Admins as installer_username" in said.message


BAD: list[tuple[Options, str]] = [
    ({}, "certification_authority: is required with state: present"),
    ({**AUTHORITY}, "service_account: or application_pool_identity: true is needed, and neither is given"),
    ({**ITSELF, **USER}, "service_account: or application_pool_identity: true is needed, and both are given"),
    ({**ITSELF, "certification_authority": "Nobody"}, "certification_authority: 'Nobody' is not an enterprise"),
    ({**ITSELF, "certification_authority": r"ca1.corp.example\Other"}, "certification_authority: "),
    ({**AUTHORITY, "service_account": "svc-ndes"}, "service_account: 'svc-ndes' is not written as DOMAIN\\name"),
    ({**AUTHORITY, "service_account": r"CORP\nobody"}, "CORP\\nobody"),
    ({**AUTHORITY, "service_account": r"CORP\NDES1$"}, "service_account: 'CORP\\NDES1$' is a computer"),
    ({**AUTHORITY, "service_account": r"CORP\Domain Users"}, "service_account: 'CORP\\Domain Users' is a group"),
    ({**USER}, "service_account_password: is needed to configure the role service"),
    ({**USER, "service_account_password": ""}, "service_account_password: is empty"),
    ({**ITSELF, "service_account_password": "x"}, "service_account_password: has no meaning"),
    ({**ITSELF, "installer_username": "ea"}, "installer_password: is needed"),
    ({**ITSELF, "installer_password": "x"}, "installer_username: is needed"),
    ({**ITSELF, "installer_username": "ea", "installer_password": "x"}, "installer_username: 'ea' is written neither"),
    ({**ITSELF, "signing_key_length": 1024}, "signing_key_length: 1024 bits are too few"),
    ({**ITSELF, "encryption_key_length": 2049}, "encryption_key_length: 2049 is no length of a key"),
    ({**ITSELF, "signing_provider": "Microsoft Software Key Storage Provider"},
     "signing_provider: 'Microsoft Software Key Storage Provider' is a key storage provider (CNG)"),
    ({**ITSELF, "encryption_provider": ""}, "encryption_provider: '' is empty"),
    ({**ITSELF, "registration_authority": {"country": "Sweden"}}, "registration_authority.country: has 6 characters"),
    ({**ITSELF, "registration_authority": {"email": "pki"}}, "registration_authority.email: 'pki' is no address"),
    ({**ITSELF, "registration_authority": {"name": " x"}}, "registration_authority.name: is empty, begins or ends"),
    ({**ITSELF, "allow": ["not_the_authority"]}, "allow: 'not_the_authority' cannot be accepted"),
    ({**ITSELF, "allow": ["nothing"]}, "allow: 'nothing' is none of domain_member, "),
    ({**ITSELF, "update_password": "never"}, "value of update_password must be one of"),
]  # fmt: skip


def test_bad_input_is_refused_before_the_first_write(server: Windows) -> None:
    """One play for all rows: a task that fails is followed by the next."""
    before = server.state(HOST)
    tasks = [{"name": str(number), MODULE: {**CONNECTION, **row}, "ignore_errors": True}
             for number, (row, _message) in enumerate(BAD)]  # fmt: skip
    run = server.play([{"hosts": HOST, "gather_facts": False, "tasks": tasks}])
    assert len(run.outcomes) == len(BAD)
    for outcome, (_row, message) in zip(run.outcomes, BAD, strict=True):
        assert not outcome.changed
        assert message in outcome.message, (outcome.task, outcome.message)
    assert server.changed_since(HOST, before) == []


def test_a_blank_server_in_check_mode_and_for_real(windows: Windows) -> None:
    windows.reset(HOST)
    assert windows.adhoc(HOST, "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state(HOST)
    expected = {"service_account": r"CORP\svc-later", "service_account_password": "x",
                "expected_principals": [r"CORP\svc-later"]}  # fmt: skip
    assert rehearse(windows, AUTHORITY, expected, INSTALLER).changed
    assert "feature_installed: ADCS-Device-Enrollment is available" in ndes(windows, ITSELF, INSTALLER).message
    assert not rehearse(windows, {"state": "absent"}).changed
    assert windows.changed_since(HOST, before) == []


@pytest.mark.parametrize("release", ["2016", "2019", "2025"])
def test_on_a_swedish_server(windows: Windows, release: str) -> None:
    with_feature(windows, release=release, language="sv-SE")
    wish = {**USER, **password(windows)}
    done = ndes(windows, wish, INSTALLER)
    assert done.word == "CHANGED", done.output
    assert (done.result["ndes"]["state"], done.result["ndes"]["drift"]) == ("configured", [])
    assert ndes(windows, wish, INSTALLER).word == "SUCCESS"
    assert ndes(windows, {"state": "absent"}).result["ndes"]["state"] == "not_configured"


def test_the_examples(windows: Windows) -> None:
    windows.reset(HOST)
    text = (TOP / "plugins" / "modules" / "ndes.yml").read_text(encoding="utf-8")
    tasks = yaml.safe_load(yaml.safe_load(text)["EXAMPLES"])
    secret = password(windows)["service_account_password"]
    play = {
        "hosts": HOST,
        "gather_facts": False,
        "module_defaults": {"group/certops.intune.directory": CONNECTION},
        "vars": {
            "issuing_authority": "{{ certification_authority }}",
            "vault_svc_ndes": secret,
            "installer": "{{ domain_username }}",
            "vault_installer": "{{ domain_password }}",
        },
        "tasks": tasks,
    }
    assert windows.play([play]).failed == 0
    windows.reset(HOST)
    assert windows.play([play], "--check", "--diff").failed == 0


def test_no_password_is_left_anywhere(server: Windows) -> None:
    """Neither in a result nor in what the server keeps, but where IIS keeps it, which `bin/lab state` does not show."""
    accounts = server.lab.credentials["accounts"]
    secrets = [accounts["svc-ndes"]["password"], accounts["pkiadmin"]["password"]]
    with_user = ndes(server, USER, password(server), INSTALLER)
    assert with_user.word == "CHANGED", with_user.output
    ndes(server, {"state": "absent"})
    done = [with_user, ndes(server, ITSELF, INSTALLER), ndes(server, USER, password(server))]
    assert [one.word for one in done] == ["CHANGED"] * 3
    everything = json.dumps([server.state(HOST), [one.output for one in done]])
    assert [secret for secret in secrets if secret in everything] == []
