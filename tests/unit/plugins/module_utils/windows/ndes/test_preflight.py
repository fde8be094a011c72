# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of the preflight, one by one, and what they come to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import failures, preflight, preflight_texts
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.forest import AccountFacts, Authority, Forest
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes.preflight import Surroundings, findings
from ansible_collections.certops.intune.plugins.module_utils.windows.server import Server

from .samples import BLANK, CONFIG, READY, USER

ROOT = "AB" * 20
EA = "S-1-5-21-1-2-3-519"
SERVER = Server(
    computer_name="NDES1",
    pending_computer_name=None,
    host_name="ndes1",
    fqdn="ndes1.corp.example",
    domain_member=True,
    domain="corp.example",
    domain_role=3,
    machine_sid=None,
    domain_sid="S-1-5-21-1-2-3",
    domain_sid_error=None,
    version="10.0.20348",
    build=20348,
    revision=1,
    release="2022",
    edition="ServerStandard",
    product_type=3,
    installation_type="Server",
    desktop_experience=True,
    ui_language=1053,
    system_locale=1053,
    time="",
    time_difference=0.0,
    last_boot_time="",
    reboot_pending=False,
    reboot_reasons=[],
    caller_is_administrator=True,
    enhanced_security={"administrators": True, "users": True},
    dotnet_release=1,
    powershell_version="5.1",
    system_drive="C:",
    system_drive_free=1,
    features={},
)
ACCOUNT = AccountFacts(r"CORP\svc-ndes", "svc-ndes@corp.example", problems=())
INSTALLER = AccountFacts(r"CORP\ea", "ea@corp.example", problems=(), groups=frozenset({EA}))
FOREST = Forest(
    authority=Authority(CONFIG, "ca1.corp.example", ROOT),
    wanted=USER,
    bound="corp.example",
    domains=("corp.example", "sub.corp.example"),
    domain_sid="S-1-5-21-1-2-3",
    enterprise_admins=EA,
    account=ACCOUNT,
    installer=INSTALLER,
)
GOOD = Surroundings(
    server=SERVER,
    current=replace(READY, roots=frozenset({ROOT})),
    forest=FOREST,
    groups=frozenset({"S-1-5-32-544"}),
    feature_state="installed",
    secrets=True,
    tried=True,
)


def server(**changes: Any) -> Surroundings:
    return replace(GOOD, server=replace(SERVER, **changes))


def forest(**changes: Any) -> Surroundings:
    return replace(GOOD, forest=replace(FOREST, **changes))


def account(**changes: Any) -> Surroundings:
    return forest(account=replace(ACCOUNT, **changes))


def site(**changes: Any) -> Surroundings:
    return replace(GOOD, current=replace(GOOD.current, **changes))


ASSERTED = GOOD.current.iis
assert ASSERTED is not None
IIS = ASSERTED


def test_all_is_well() -> None:
    found = findings(GOOD)
    assert [one.id for one in found] == list(preflight_texts.TEXTS)
    assert {one.status for one in found} == {"ok"}
    assert all(one.evidence and one.cause is None and one.fix is None for one in found)
    assert preflight.refusal(found, (), configures=True) is None
    assert preflight.warnings(found, ()) == []


@pytest.mark.requirement("SCEP-001", "SCEP-004", "SCEP-005", "SCEP-006", "SCEP-027")
@pytest.mark.parametrize("surroundings, name, status", [
    (server(domain_member=False, domain=None), "domain_member", "failed"),
    (server(domain_member=False, domain=None), "same_forest", "failed"),
    (server(domain="other.example"), "same_forest", "failed"),
    (server(domain_sid="S-1-5-21-9-9-9"), "same_forest", "failed"),
    (server(domain_sid=None), "same_forest", "ok"),
    (server(domain="SUB.corp.example", domain_sid="S-1-5-21-9-9-9"), "same_forest", "ok"),
    (forest(domains=()), "same_forest", "unknown"),
    (server(build=9200), "supported_release", "failed"),
    (server(build=9600), "supported_release", "ok"),
    (server(product_type=1), "supported_release", "failed"),
    (server(domain_role=4), "not_a_domain_controller", "failed"),
    (server(domain_role=5), "not_a_domain_controller", "failed"),
    (server(fqdn="CA1.corp.example", host_name="CA1"), "not_the_authority", "failed"),
    (forest(authority=Authority(CONFIG, "NDES1", ROOT)), "not_the_authority", "failed"),
    (server(desktop_experience=False), "desktop_experience", "failed"),
    (server(desktop_experience=None), "desktop_experience", "unknown"),
    (site(feature=False), "feature_installed", "failed"),
    (replace(site(feature=False), check_mode=True), "feature_installed", "later"),
    (site(iis=None), "site_present", "failed"),
    (replace(site(iis=None), check_mode=True), "site_present", "later"),
    (site(iis=replace(IIS, site=None)), "site_present", "failed"),
    (site(path_exists=False), "site_present", "failed"),
    (site(path=""), "site_present", "failed"),
    (site(path=r"%OTHER%\x", path_exists=False), "site_present", "unknown"),
    (site(roots=frozenset()), "chain_trusted", "failed"),
    (forest(authority=Authority(CONFIG, "ca1", None)), "chain_trusted", "unknown"),
    (forest(authority=Authority(CONFIG, "ca1", ROOT.lower())), "chain_trusted", "ok"),
    (server(caller_is_administrator=False), "caller_rights", "failed"),
    (forest(installer=replace(INSTALLER, groups=frozenset())), "installer_rights", "failed"),
    (forest(installer=replace(INSTALLER, groups=None)), "installer_rights", "unknown"),
    (forest(enterprise_admins=None), "installer_rights", "unknown"),
    (forest(installer=None), "installer_rights", "failed"),
    (replace(forest(installer=None), groups=frozenset({EA})), "installer_rights", "ok"),
    (server(reboot_reasons=["windows_update"]), "no_pending_reboot", "failed"),
    (replace(server(reboot_reasons=["windows_update"]), check_mode=True), "no_pending_reboot", "later"),
    (replace(GOOD, providers={"HSM": True}), "providers_present", "ok"),
    (replace(GOOD, providers={"HSM": True, "Other": False}), "providers_present", "failed"),
    (account(problems=("is disabled", "is locked")), "account_usable", "failed"),
    (account(problems=None), "account_usable", "unknown"),
    (account(expected=True), "account_usable", "later"),
    (forest(account=None), "account_usable", "ok"),
    (account(power="is a member of Domain Admins"), "account_unprivileged", "failed"),
    (account(problems=None), "account_unprivileged", "unknown"),
    (account(expected=True), "account_unprivileged", "later"),
    (forest(account=None), "account_unprivileged", "ok"),
    (replace(GOOD, passwords={"x": "wrong"}), "account_password", "failed"),
    (replace(GOOD, tried=False), "account_password", "unknown"),
    (replace(GOOD, tried=False, check_mode=True), "account_password", "later"),
    (replace(GOOD, tried=False, secrets=False), "account_password", "ok"),
    (forest(missing_templates=("CEPEncryption",)), "built_in_templates", "failed"),
    (forest(authority=Authority(CONFIG, "ca1", ROOT, ("CEPEncryption",))), "built_in_templates", "ok"),
])  # fmt: skip
def test_each_finding(surroundings: Surroundings, name: str, status: str) -> None:
    found = {one.id: one for one in findings(surroundings)}
    assert found[name].status == status
    assert (found[name].cause is not None) == (found[name].fix is not None) == (status == "failed")


def test_all_that_failed_refuses_in_one_message() -> None:
    found = findings(replace(site(roots=frozenset()), server=replace(SERVER, reboot_reasons=["windows_update"])))
    told = preflight.refusal(found, (), configures=True)
    assert told is not None
    assert "chain_trusted: the store Root does not have" in told
    assert "no_pending_reboot: a restart is pending (windows_update)" in told
    assert told.count("Remedy: ") == 2
    assert preflight.refusal(found, ("chain_trusted", "no_pending_reboot"), configures=True) is None
    [first, _second] = preflight.warnings(found, ("chain_trusted", "no_pending_reboot"))
    assert first.startswith("chain_trusted was accepted: ")
    # Where only the account is changed, only what concerns it decides.
    assert preflight.refusal(found, (), configures=False) is None
    assert preflight.refusal(findings(account(problems=("is locked",))), (), configures=False) is not None


def test_a_blank_server_in_check_mode_is_not_refused() -> None:
    current = replace(BLANK, roots=frozenset({ROOT}))
    blank = replace(GOOD, current=current, check_mode=True, tried=False, feature_state="available")
    assert preflight.refusal(findings(blank), (), configures=True) is None
    assert preflight.refusal(findings(replace(blank, check_mode=False)), (), configures=True) is not None


@pytest.mark.parametrize("hresult, text, code", [
    (0x80070490, "", 0x80070490),
    (None, "Det gick inte: 0x80070490 (WIN32: 1168 ERROR_NOT_FOUND)", 0x80070490),
    (0x80131501, "0x80070005", 0x80070005),
    (0x80070003, "0x80070490", 0x80070003),
    (None, "0x80070529", 0x80070529),
])  # fmt: skip
def test_codes_that_are_specific(hresult: int | None, text: str, code: int) -> None:
    assert failures.known(hresult, text) == failures.CODES[code]


@pytest.mark.parametrize("hresult, text", [(None, ""), (0x80131501, "0x8013150"), (0x80004005, "1168")])
def test_codes_that_say_nothing(hresult: int | None, text: str) -> None:
    assert failures.known(hresult, text) is None
