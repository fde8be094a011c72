# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody who logged on can do: find a CA, publish templates, let others enrol, enrol."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from lab.authority import (
    AccessDenied,
    Caller,
    LogonRefused,
    NetworkIdentity,
    NoEnterprise,
    NotFound,
    Refused,
    Request,
    Unreachable,
)
from lab.authority.descriptor import has_extended_right
from lab.authority.directory import LdapConnection
from lab.authority.enterprise import TEMPLATES_DN, Service, bind_name
from tests.unit.lab.authority.fake_forest import CONFIG, DOMAIN, PASSWORD, FakeForest, name

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
REQUEST = Request(ec.generate_private_key(ec.SECP521R1()).public_key(), name("x"))


def log_on(forest: FakeForest, person: str = "CORP\\pkiadmin") -> Caller:
    return forest.log_on(NetworkIdentity(person, PASSWORD))


def service(caller: Caller) -> Service:
    found = caller.service(CONFIG)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "config, known",
    [
        (CONFIG, True),
        ("CA1\\corp issuing ca 1", True),
        ("ca1\\CORP Root CA", False),
        ("dc1\\CORP Issuing CA 1", False),
        ("CORP Issuing CA 1", False),
    ],
)
def test_finding_a_ca(config: str, known: bool) -> None:
    found = log_on(FakeForest()).service(config)
    assert (found is not None and found.config == CONFIG) is known


def test_groups_of_the_domain_controllers_alone_do_not_count() -> None:
    assert log_on(FakeForest()).sids == {f"{DOMAIN}-1105", f"{DOMAIN}-519"}


def test_publishing() -> None:
    forest = FakeForest()
    caller = log_on(forest)
    assert caller.publish(service(caller), ["CEPEncryption", "webserver"]) == ("CEPEncryption",)
    assert forest.published == ["WebServer", "Machine", "CEPEncryption"]
    with pytest.raises(NotFound):
        caller.publish(service(caller), ["EnrollmentAgentOffline", "NoSuchTemplate"])
    assert "EnrollmentAgentOffline" not in forest.published


def test_who_may_not_write_publishes_nothing() -> None:
    forest = FakeForest()
    caller = log_on(forest, "CORP\\alice")
    with pytest.raises(AccessDenied):
        caller.publish(service(caller), ["CEPEncryption"])
    # What is published already needs no right.
    assert caller.publish(service(caller), ["WebServer"]) == ()


def test_letting_somebody_enrol() -> None:
    forest = FakeForest()
    account = f"{DOMAIN}-1109"
    caller = log_on(forest)
    assert caller.let_enrol("IPSECIntermediateOffline", account)
    security = forest.objects[f"CN=IPSECIntermediateOffline,{TEMPLATES_DN}"]["ntsecuritydescriptor"][0]
    assert has_extended_right(security, {account}, ENROLL)
    assert has_extended_right(security, {f"{DOMAIN}-519"}, ENROLL)
    assert not caller.let_enrol("IPSECIntermediateOffline", account)
    with pytest.raises(AccessDenied):
        log_on(forest, "CORP\\alice").let_enrol("IPSECIntermediateOffline", f"{DOMAIN}-1110")
    with pytest.raises(NotFound):
        caller.let_enrol("NoSuchTemplate", account)


@pytest.mark.parametrize("template", ["CEPEncryption", "NoSuchTemplate"])
def test_a_template_that_is_not_published(template: str) -> None:
    caller = log_on(FakeForest())
    with pytest.raises(Refused) as refused:
        caller.enrol(service(caller), template, REQUEST)
    assert refused.value.hresult == 0x80094800


def test_a_ca_that_does_not_answer() -> None:
    forest = FakeForest(authority_answers=False)
    caller = log_on(forest)
    with pytest.raises(Unreachable) as nobody:
        caller.enrol(service(caller), "WebServer", REQUEST)
    assert nobody.value.what == "authority"


def test_no_forest_at_all() -> None:
    with pytest.raises(Unreachable):
        NoEnterprise().log_on(NetworkIdentity("x", "y"))
    assert NoEnterprise().computer("ndes1") is None


def test_a_logon_without_password_is_none() -> None:
    """A domain controller takes a simple bind without password for one of nobody."""
    with pytest.raises(LogonRefused):
        LdapConnection.open(["ldaps://dc1.corp.example"], "CORP\\pkiadmin", "", Path("/none"))


@pytest.mark.parametrize(
    "account, bound",
    [
        ("CORP\\pkiadmin", "CORP\\pkiadmin"),
        ("corp.example\\pkiadmin", "CORP\\pkiadmin"),
        ("pkiadmin", "CORP\\pkiadmin"),
        ("pkiadmin@corp.example", "pkiadmin@corp.example"),
        ("OTHER\\pkiadmin", "OTHER\\pkiadmin"),
    ],
)
def test_names_for_a_bind(account: str, bound: str) -> None:
    assert bind_name(account) == bound


def test_secrets_are_not_shown() -> None:
    assert "hidden" not in repr(NetworkIdentity("CORP\\pkiadmin", "hidden"))
