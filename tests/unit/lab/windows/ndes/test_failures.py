# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the cmdlet fails, and what it leaves: nothing where it checks, half a configuration where it does not."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lab.authority.descriptor import with_entries
from lab.authority.enterprise import TEMPLATES_DN
from lab.windows import consequences
from lab.windows.host import Host
from lab.windows.ndes import install, uninstall
from lab.windows.ndes.checks import is_configured
from lab.windows.ndes.facts import facts
from lab.windows.not_modelled import NotModelled
from lab.windows.people.token import SYSTEM_SID, NetworkIdentity, Token
from lab.windows.scripts import ScriptError
from lab.windows.watch import watched
from tests.unit.lab.authority.fake_forest import PASSWORD, FakeForest, Person, denying, issuer, may_enrol, root
from tests.unit.lab.windows.fake_directory import FakeDirectory, identified
from tests.unit.lab.windows.hosts import USER
from tests.unit.lab.windows.ndes.ndes_hosts import ADMINISTRATOR, IIS_USERS, SERVICE_ACCOUNT, request, server

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"


def failing(host: Host, user: Token = ADMINISTRATOR, **changed: Any) -> ScriptError:
    with pytest.raises(ScriptError) as error:
        install(host, user, request(**changed))
    return error.value


def code(error: ScriptError) -> int:
    return error.record.hresult & 0xFFFFFFFF


def forest(host: Host) -> FakeForest:
    assert isinstance(host.enterprise, FakeForest)
    return host.enterprise


def certificates(host: Host) -> int:
    return len(host.certificates.store("LocalMachine", "My") or ())


def refuse_account(kind: str) -> Callable[[Host], None]:
    def change(host: Host) -> None:
        assert isinstance(host.directory, FakeDirectory)
        host.directory.accounts["svc-ndes"].refused = kind

    return change


def leave_group(host: Host) -> None:
    host.accounts.remove_member(IIS_USERS, SERVICE_ACCOUNT)


def remove_service(host: Host) -> None:
    consequences.uninstall_features(host, ["ADCS-Device-Enrollment"])


def lose_directory(host: Host) -> None:
    forest(host).directory_answers = False


def lose_authority(host: Host) -> None:
    forest(host).authority_answers = False


@pytest.mark.parametrize(
    "change, changed, hresult",
    [
        (remove_service, {}, 0x80070424),
        (lose_directory, {}, 0x8007054B),
        (lose_authority, {}, 0x800706BA),
        (leave_group, {}, 0x80070529),
        (refuse_account("locked"), {}, 0x80070775),
        (refuse_account("disabled"), {}, 0x80070533),
        (None, {"service_account_password": "wrong"}, 0x8007052E),
        (None, {"service_account": "CORP\\nobody"}, 0x8007052E),
        (None, {"credential": ("CORP\\pkiadmin", "wrong")}, 0x8007052E),
        (None, {"credential": None}, 0x80070005),
        (None, {"ca_config": "ca1.corp.example\\Another CA"}, 0x80070490),
        (None, {"ca_config": ""}, 0x80070057),
        (None, {"signing_provider": "Microsoft Software Key Storage Provider"}, 0x80090014),
        (None, {"encryption_provider": "microsoft platform crypto provider"}, 0x80090014),
        (None, {"encryption_provider": "No Such Provider"}, 0x80090019),
        (None, {"signing_key_length": 100}, 0x80090004),
        (None, {"signing_key_length": 2049}, 0x80090004),
    ],
)
def test_what_is_checked_first(change: Callable[[Host], None] | None, changed: dict[str, Any], hresult: int) -> None:
    host = server()
    if change:
        change(host)
    before = host.export()
    error = failing(host, **changed)
    assert code(error) == hresult
    assert f"0x{hresult:08x}" in str(error)
    assert str(error).startswith("CMSCEPSetup::Install: ")
    assert host.export() == before
    assert forest(host).published == ["WebServer", "Machine"]


def test_a_host_without_the_role_has_no_such_cmdlet() -> None:
    host = Host(identified(), FakeDirectory())
    assert failing(host).record.exception == "System.Management.Automation.CommandNotFoundException"
    with pytest.raises(ScriptError, match="Uninstall-AdcsNetworkDeviceEnrollmentService"):
        uninstall(host, ADMINISTRATOR)


def test_who_is_no_administrator() -> None:
    host = server()
    assert code(failing(host, USER)) == 0x80070005
    with pytest.raises(ScriptError):
        uninstall(host, USER)


def test_nested_members_of_the_group_count() -> None:
    host = server()
    leave_group(host)
    host.accounts.add_member(IIS_USERS, "S-1-5-21-4-5-6-513")
    install(host, ADMINISTRATOR, request())


def test_texts_are_in_the_language_of_the_host() -> None:
    said = {str(failing(server(language=language), ca_config="x\\y")) for language in ("en-US", "sv-SE")}
    assert len(said) == 2
    assert all("0x80070490 (WIN32: 1168 ERROR_NOT_FOUND)" in one for one in said)


# Who acts towards directory and CA


@pytest.mark.parametrize(
    "user",
    [
        replace(ADMINISTRATOR, delegates=True, network=NetworkIdentity("CORP\\pkiadmin", PASSWORD)),
        Token(SYSTEM_SID, "NT AUTHORITY\\SYSTEM"),
    ],
    ids=["a logon with a password", "the system as its computer"],
)
def test_a_logon_that_can_prove_itself_needs_no_credential(user: Token) -> None:
    host = server()
    forest(host).people["ndes1$@corp.example"] = Person(("S-1-5-21-4-5-6-1111", "S-1-5-21-4-5-6-519"), writes=True)
    install(host, user, request(credential=None))
    assert certificates(host) == 2


def test_the_computer_has_no_rights_by_default() -> None:
    host = server()
    assert code(failing(host, Token(SYSTEM_SID, "NT AUTHORITY\\SYSTEM"), credential=None)) == 0x80070005


# Half configured


def gone_site(host: Host) -> None:
    host.files.remove("C:\\inetpub\\wwwroot")


def no_site(host: Host) -> None:
    host.iis.sites.remove("Default Web Site")


def distrust(host: Host) -> None:
    for entry in host.certificates.store("LocalMachine", "Root") or ():
        host.certificates.create("LocalMachine", "Root").remove(entry.thumbprint)


def deny(template: str) -> Callable[[Host], None]:
    def change(host: Host) -> None:
        security = with_entries(may_enrol("S-1-5-21-4-5-6-519"), [denying("S-1-5-21-4-5-6-1105", ENROLL)])
        forest(host).objects[f"CN={template},{TEMPLATES_DN}"]["ntsecuritydescriptor"] = [security]

    return change


def no_writes(host: Host) -> None:
    forest(host).people["corp\\pkiadmin"].writes = False


def lose_template(host: Host) -> None:
    del forest(host).objects[f"CN=CEPEncryption,{TEMPLATES_DN}"]


@pytest.mark.parametrize(
    "change, changed, hresult, applications, published, enrolled",
    [
        (gone_site, {}, 0x80070003, 0, False, 0),
        (no_site, {}, 0x80070003, 0, False, 0),
        (distrust, {}, 0x80070490, 2, False, 0),
        (no_writes, {}, 0x80070005, 2, False, 0),
        (lose_template, {}, 0x80070490, 2, False, 0),
        (deny("EnrollmentAgentOffline"), {}, 0x80094012, 2, True, 0),
        (deny("CEPEncryption"), {}, 0x80094012, 2, True, 1),
        (None, {"encryption_key_length": 1024}, 0x80094811, 2, True, 1),
    ],
)
def test_what_fails_half_way_leaves_what_it_wrote(
    change: Callable[[Host], None] | None,
    changed: dict[str, Any],
    hresult: int,
    applications: int,
    published: bool,
    enrolled: int,
) -> None:
    host = server()
    if change:
        change(host)
    with watched(host) as watch:
        assert code(failing(host, **changed)) == hresult
        watch.undo()
    assert host.registry.key_exists(facts()["mscep"])
    status = host.registry.get(facts()["status"]["key"], facts()["status"]["value"])
    assert status is not None
    assert status.data == 1
    made = [one.path for site in host.iis.sites.all() for one in site.applications if one.path != "/"]
    assert len(made) == applications
    assert ("CEPEncryption" in forest(host).published) is published
    assert certificates(host) == enrolled
    # The next try is refused until the half is taken away.
    assert code(failing(host)) == 0x800700B7
    uninstall(host, ADMINISTRATOR)
    assert not host.registry.key_exists(facts()["mscep"])
    assert [one.path for site in host.iis.sites.all() for one in site.applications if one.path != "/"] == []


def test_a_directory_that_goes_away_at_any_moment() -> None:
    """Whatever was asked last, it is told alike; before the first step nothing is left, later the half is."""
    told, left = set(), []
    for moment in itertools.count():
        host = server()
        forest(host).answers_left = moment
        try:
            install(host, ADMINISTRATOR, request())
        except ScriptError as error:
            told.add(code(error))
            left.append((is_configured(host), certificates(host)))
        else:
            break
    assert told == {0x8007054B}
    assert left == sorted(left)
    assert {(False, 0), (True, 0), (True, 1)} <= set(left)
    assert certificates(host) == 2


def test_a_failure_that_names_the_templates() -> None:
    host = server()
    distrust(host)
    text = str(failing(host))
    assert "EnrollmentAgentOffline CEPEncryption IPSECIntermediateOffline" in text
    assert text.endswith("Element not found. 0x80070490 (WIN32: 1168 ERROR_NOT_FOUND)")


def test_what_the_lab_does_not_know_is_said_before_anything_is_written() -> None:
    host = server()
    before = host.export()
    for changed in ({"service_account": "NDES1\\Administrator"}, {"service_account": None}):
        with pytest.raises(NotModelled):
            install(host, ADMINISTRATOR, request(**changed))
    assert host.export() == before


def test_removing_what_was_configured() -> None:
    host = server()
    blank = host.export()
    install(host, ADMINISTRATOR, request())
    uninstall(host, ADMINISTRATOR)
    after = host.export()
    for part in ("registry", "iis", "security"):
        if part == "security":
            assert after[part]["registry"] == blank[part]["registry"]
        else:
            assert after[part] == blank[part]
    # The certificates stay, and the next time there are new ones beside them.
    assert certificates(host) == 2
    install(host, ADMINISTRATOR, request())
    assert certificates(host) == 4
    uninstall(host, ADMINISTRATOR)
    uninstall(host, ADMINISTRATOR)


def test_a_chain_needs_all_of_its_certificates() -> None:
    host = server()
    for entry in host.certificates.store("LocalMachine", "CA") or ():
        host.certificates.create("LocalMachine", "CA").remove(entry.thumbprint)
    # The certificate of the CA itself is in the directory: the root alone is enough.
    assert issuer().certificate.issuer == root().certificate.subject
    install(host, ADMINISTRATOR, request())
