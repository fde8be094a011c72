# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cmdlets in literal texts: which forms are read, how secrets get in, how errors come out."""

from __future__ import annotations

from typing import Any

import pytest

from lab.windows import commands
from lab.windows.host import Host
from lab.windows.ndes.facts import facts
from lab.windows.not_modelled import NotModelled
from lab.windows.powershell import Ran, Run
from lab.windows.powershell import run as run_powershell
from lab.windows.powershell.shown import standard_output
from lab.windows.running import session
from lab.windows.scripts import Credential, SecureString
from tests.unit.lab.authority.fake_forest import PASSWORD
from tests.unit.lab.windows.ndes.ndes_hosts import ADMINISTRATOR, server

commands.load()

CMDLET = "Install-AdcsNetworkDeviceEnrollmentService"
CONFIG = "-CAConfig 'ca1.corp.example\\CORP Issuing CA 1'"
SECURE = f"(ConvertTo-SecureString '{PASSWORD}' -AsPlainText -Force)"
ACCOUNT = f"-ServiceAccountName 'CORP\\svc-ndes' -ServiceAccountPassword {SECURE}"
USER = "'CORP\\pkiadmin'"
WHOLE = f"{CMDLET} {ACCOUNT} {CONFIG} -Credential (New-Object PSCredential {USER}, {SECURE}) -Force"


def run(host: Host, text: str, given: dict[str, Any] | None = None, **settings: Any) -> Ran:
    return run_powershell(Run(session.around(host, ADMINISTRATOR), **settings), text, given)


def configured(host: Host) -> bool:
    value = host.registry.get(facts()["status"]["key"], facts()["status"]["value"])
    return value is not None and value.data == 2


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        (
            f"$p = ConvertTo-SecureString '{PASSWORD}' -AsPlainText -Force\n"
            f"$c = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList {USER}, $p\n"
            f"{CMDLET} -ServiceAccountName CORP\\svc-ndes -ServiceAccountPassword $p `\n{CONFIG} -Credential $c -Force"
        ),
        (
            f'$p = ConvertTo-SecureString -String "{PASSWORD}" -AsPlainText -Force; $u = {USER}\n'
            f"$c = New-Object System.Management.Automation.PSCredential ($u, $p)\n"
            f"{CMDLET} -ServiceAccountName CORP\\svc-ndes -ServiceAccountPassword $p {CONFIG} -Credential $c -Force"
        ),
        f"$c = [pscredential]::new({USER}, {SECURE})\n{CMDLET} {ACCOUNT} {CONFIG} -Credential $c -Force",
        (
            f"{CMDLET} -ApplicationPoolIdentity {CONFIG} -Credential ([pscredential]::new({USER}, {SECURE})) -Force"
            " -RAName 'It''s (one)' -RACountry SE -SigningKeyLength 2048"
        ),
    ],
)
def test_forms(text: str) -> None:
    host = server()
    ran = run(host, text)
    assert not ran.errors
    assert ran.output == [{"ErrorId": 0, "ErrorString": ""}]
    assert configured(host)
    assert PASSWORD not in repr(ran)
    assert standard_output(ran).split() == ["ErrorId", "ErrorString", "-------", "-----------", "0"]
    run(host, "Uninstall-AdcsNetworkDeviceEnrollmentService -Force")
    assert not configured(host)


def test_secrets_as_parameters_of_a_text() -> None:
    text = (
        "[CmdletBinding()]\nparam(\n[Parameter(Mandatory)] [securestring] $Password,\n[pscredential] $Installer\n)\n"
        f"{CMDLET} -ServiceAccountName CORP\\svc-ndes -ServiceAccountPassword $Password {CONFIG}"
        " -Credential $Installer -Force"
    )
    host = server()
    given = {"Password": SecureString(PASSWORD), "Installer": Credential("CORP\\pkiadmin", PASSWORD)}
    assert not run(host, text, given).errors
    assert configured(host)
    assert run(host, text, {"Installer": given["Installer"]}).errors[0].error_id == "MissingMandatoryParameter"
    assert run(host, text, {**given, "Other": 1}).errors[0].error_id == "NamedParameterNotFound"
    with pytest.raises(NotModelled, match="not given"):
        run(host, text, {"Password": given["Password"]})
    with pytest.raises(NotModelled, match="declares none"):
        run(host, "'x'", {"Password": 1})


def test_an_error_ends_the_statement_and_the_text_only_if_it_shall() -> None:
    text = WHOLE.replace("pkiadmin", "nobody") + "\n'next'"
    for stops, output in ((False, ["next"]), (True, [])):
        host = server()
        ran = run(host, text, stops=stops)
        assert (ran.output, ran.terminated) == (output, stops)
        assert ran.errors[0].hresult & 0xFFFFFFFF == 0x8007052E
        assert ran.errors[0].activity == CMDLET
    ran = run(server(), text.replace("-Force\n", "-Force -ErrorAction Stop\n"))
    assert ran.terminated


@pytest.mark.parametrize(
    "text, error_id",
    [
        (f"{CMDLET} {ACCOUNT} -ApplicationPoolIdentity {CONFIG} -Force", "AmbiguousParameterSet"),
        (f"{CMDLET} -ServiceAccountName x {CONFIG} -Force", "MissingMandatoryParameter"),
    ],
)
def test_parameters_that_do_not_go_together(text: str, error_id: str) -> None:
    host = server()
    ran = run(host, text)
    assert ran.errors[0].error_id == error_id
    assert not configured(host)


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace(" -Force", "", 1).replace(SECURE, "(ConvertTo-SecureString 'Secret-1')"),
        f"{CMDLET} {ACCOUNT} {CONFIG}",
        f"{CMDLET} {ACCOUNT} {CONFIG} -Force -Verbose",
        f"{CMDLET} -ServiceAccountName x -ServiceAccountPassword 'Secret-1' {CONFIG} -Force",
        "$p = ConvertTo-SecureString 'Secret-1' -Force",
        "$p = ConvertTo-SecureString 'Secret-1' -AsPlainText -Force | Out-Null",
        "$p = ConvertTo-SecureString (Get-Content 'Secret-1') -AsPlainText -Force",
        "$c = New-Object PSCredential 'Secret-1'",
        "$c = New-Object PSCredential 'x', 'Secret-1'",
        "$c = New-Object PSCredential 'x', Get-Secret-1 y",
    ],
)
def test_what_is_not_read_is_refused_without_its_secrets(text: str) -> None:
    host = server()
    with pytest.raises(NotModelled) as refusal:
        run(host, text)
    assert "Secret-1" not in str(refusal.value)
    assert not configured(host)


def test_a_run_that_only_asks_is_not_modelled() -> None:
    with pytest.raises(NotModelled):
        run(server(), WHOLE, what_if=True)
