# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of NDES servers on simulated ones: its features on their own; a server from blank to configured, left alone,
hardened, taken back and brought back. tests/integration/windows/ndes_role has the requirements, faults and bad input.
"""

from __future__ import annotations

import typing as t

import pytest

from tools.runs import differences
from tools.tree import TOP

from .conftest import Windows

if t.TYPE_CHECKING:
    from ..conftest import Lab

SITE, REMOVE, RESTORE = (TOP / "playbooks" / f"{name}.yml" for name in ("site", "remove", "restore_iis"))
HOST = "ndes1"
LIMIT = ("--limit", HOST)
FEATURES = ("--tags", "features")

#: What the requirements ask for, by the features' names; the legacy part is for the connector of old.
WANTED = [
    *("ADCS-Device-Enrollment", "Web-Filtering", "Web-Asp-Net45", "NET-Framework-45-Core", "NET-Framework-45-ASPNET"),
    *("NET-WCF-HTTP-Activation45", "Web-Metabase", "Web-WMI"),
]
LEGACY = ["Web-Asp-Net", "NET-Framework-Core", "NET-HTTP-Activation"]

MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"
HARDENED = {
    f"ndes_server_harden_{name}": True
    for name in ("http_binding", "admin_application", "default_document", "registry_key", "audit", "tls")
}
#: WinRM executions that a run with nothing to do may take.
BUDGET = 14


def read_back(windows: Windows) -> dict[str, str]:
    """The state of the features as another module tells it."""
    told = windows.adhoc(HOST, "ansible.windows.win_feature_info", {"name": "*"})
    return {feature["name"]: feature["install_state"] for feature in told.result["features"]}


@pytest.mark.requirement("SCEP-046", "SCEP-047", "SCEP-048", "SCEP-049", "SCEP-050", "SCEP-051", "SCEP-052", "SCEP-053")
@pytest.mark.parametrize("shape", [{}, {"release": "2012r2", "language": "sv-SE"}], ids=["2022", "2012r2-sv-SE"])
def test_features(windows: Windows, shape: dict[str, str]) -> None:
    windows.reset(HOST, **shape)
    # The first logon makes a profile, here as on Windows.
    assert windows.adhoc(HOST, "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state(HOST)
    predicted = windows.play(SITE, "--check", *LIMIT, *FEATURES)
    assert predicted.changed == 1
    assert windows.changed_since(HOST, before) == []
    assert windows.play(SITE, *LIMIT, *FEATURES).changed >= 1
    found = read_back(windows)
    assert {name: found[name] for name in (*WANTED, *LEGACY)} == dict.fromkeys((*WANTED, *LEGACY), "Installed")
    assert found["ADCS-Cert-Authority"] == "Available"
    assert windows.play(SITE, *LIMIT, *FEATURES).changed == 0


def test_without_the_legacy_framework(windows: Windows) -> None:
    """What the role does by default: no .NET Framework 3.5, no medium needed."""
    windows.reset(HOST)
    windows.play(SITE, *LIMIT, *FEATURES, ndes_server_legacy_framework=False, ndes_server_features_source="")
    found = read_back(windows)
    assert found["ADCS-Device-Enrollment"] == "Installed"
    assert found["Web-Asp-Net"] == "Available"
    assert found["NET-Framework-Core"] == "Removed"


@pytest.mark.parametrize(
    "source, message",
    [
        (r"D:\nowhere", r"Failed to find source path D:\nowhere for feature install"),
        ("", "0x800f081f"),
    ],
)
def test_legacy_framework_without_its_payload(windows: Windows, source: str, message: str) -> None:
    """It fails as Windows does, and nothing of the rest is installed."""
    windows.reset(HOST)
    before = windows.state(HOST, "/features")
    run = windows.play(SITE, *LIMIT, *FEATURES, check=False, ndes_server_features_source=source)
    (failed,) = [outcome for outcome in run.outcomes if outcome.outcome == "failed"]
    assert message.lower() in failed.message.lower()
    assert windows.state(HOST, "/features") == before


def test_no_room_for_the_features(windows: Windows) -> None:
    """It is said with the system's code, nothing was installed, and the run after it comes to its end."""
    windows.reset(HOST)
    before = windows.state(HOST, "/features")
    windows.trouble(HOST, disk={"full": True})
    run = windows.play(SITE, *LIMIT, *FEATURES, check=False)
    (failed,) = [outcome for outcome in run.outcomes if outcome.outcome == "failed"]
    assert "0x80070070" in failed.message
    assert windows.state(HOST, "/features") == before
    windows.trouble(HOST)
    windows.play(SITE, *LIMIT, *FEATURES)
    assert read_back(windows)["ADCS-Device-Enrollment"] == "Installed"


@pytest.fixture(scope="module")
def directory(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Accounts and templates, on which the servers build."""
    Windows(lab, tmp_path_factory.mktemp("directory")).play(SITE, "--limit", "directory")


def registry(windows: Windows, path: str, name: str) -> t.Any:
    """A value as another module tells it."""
    said = windows.adhoc(HOST, "ansible.windows.win_reg_stat", {"path": path, "name": name})
    return said.result.get("value")


def executions(windows: Windows) -> int:
    counted: int = windows.traffic(HOST)["operations"].get("Command", 0)
    return counted


@pytest.mark.usefixtures("directory")
@pytest.mark.parametrize("shape", [{}, {"release": "2019", "language": "sv-SE"}], ids=["2022", "2019-sv-SE"])
def test_from_blank_to_configured(windows: Windows, shape: dict[str, str]) -> None:
    windows.reset(HOST, **shape)
    assert windows.adhoc(HOST, "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state(HOST)
    predicted = windows.play(SITE, "--check", "--diff", *LIMIT)
    assert windows.changed_since(HOST, before) == []
    # The one reboot takes long: the run waits for the server and goes on.
    windows.trouble(HOST, boot={"seconds": 20})
    done = windows.play(SITE, "--diff", *LIMIT)
    windows.trouble(HOST)
    assert differences(predicted, done, [HOST]) == []
    assert registry(windows, MSCEP, "SignatureTemplate") == "IntuneSCEPSignature"
    assert registry(windows, rf"{MSCEP}\CAInfo", "Configuration") == r"ca1.corp.example\CORP Issuing CA 1"
    sites = windows.adhoc(HOST, "microsoft.iis.website_info").result["site"]
    bindings = {one["port"]: one["certificate_hash"] for one in sites[0]["bindings"]}
    (pool,) = windows.adhoc(HOST, "microsoft.iis.web_app_pool_info", {"name": "SCEP"}).result["app_pools"]
    assert bindings.keys() == {80, 443}
    assert bindings[443]
    assert pool["attributes"]["processModel"]["userName"].lower() == r"corp\svc-scep"
    assert windows.state(HOST, "/iis/states/pools/SCEP") == "Started"
    account = {"rights": ["SeServiceLogonRight"], "accounts": [r"CORP\svc-scep"], "groups": ["S-1-5-32-568"]}
    rights = windows.adhoc(HOST, "certops.intune.user_rights_info", account).result
    sid = rights["accounts"][r"CORP\svc-scep"]
    assert sid in rights["rights"]["SeServiceLogonRight"]
    assert sid in rights["groups"]["S-1-5-32-568"]
    booted = windows.state(HOST, "/power/boot_time")
    assert booted > before["power"]["boot_time"]

    begun = executions(windows)
    again = windows.play(SITE, *LIMIT)
    assert [outcome.place for outcome in again.outcomes if outcome.changed] == []
    assert executions(windows) - begun <= BUDGET
    assert windows.state(HOST, "/power/boot_time") == booted


@pytest.mark.usefixtures("directory")
def test_every_switch_of_hardening(windows: Windows) -> None:
    windows.reset(HOST)
    predicted = windows.play(SITE, "--check", "--diff", *LIMIT, **HARDENED)
    done = windows.play(SITE, "--diff", *LIMIT, **HARDENED)
    assert differences(predicted, done, [HOST]) == []
    sites = windows.adhoc(HOST, "microsoft.iis.website_info").result["site"]
    assert [one["port"] for one in sites[0]["bindings"]] == [443]
    found = windows.adhoc(HOST, "microsoft.iis.web_application_info", {"site": "Default Web Site"}).result
    assert [one["name"].lower() for one in found["applications"] if "mscep" in one["name"]] == ["certsrv/mscep"]
    key = windows.state(HOST, "/security")
    assert MSCEP.replace(":", "").lower() in str(key).lower().replace("\\\\", "\\")
    client = r"HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Client"
    assert registry(windows, client, "Enabled") == 1
    again = windows.play(SITE, *LIMIT, **HARDENED)
    assert [outcome.place for outcome in again.outcomes if outcome.changed] == []


@pytest.mark.usefixtures("directory")
def test_taken_back(windows: Windows) -> None:
    windows.reset(HOST)
    windows.play(SITE, *LIMIT)
    before = windows.state(HOST)
    refused = windows.play(REMOVE, *LIMIT, check=False)
    (failed,) = [outcome for outcome in refused.outcomes if outcome.outcome == "failed"]
    assert failed.message.endswith("Nothing was removed. To go on, add -e remove_confirmation=corp.example")
    predicted = windows.play(REMOVE, *LIMIT, "--check", "--diff")
    assert windows.changed_since(HOST, before) == []
    done = windows.play(REMOVE, *LIMIT, "--diff", remove_confirmation="corp.example")
    assert differences(predicted, done, [HOST]) == []
    said = windows.adhoc(HOST, "ansible.windows.win_reg_stat", {"path": MSCEP})
    assert said.result["exists"] is False
    account = {"rights": ["SeServiceLogonRight"], "accounts": [r"CORP\svc-scep"], "groups": ["S-1-5-32-568"]}
    rights = windows.adhoc(HOST, "certops.intune.user_rights_info", account).result
    assert rights["accounts"][r"CORP\svc-scep"] not in rights["rights"]["SeServiceLogonRight"]
    assert rights["groups"]["S-1-5-32-568"] == ["S-1-5-17"]
    sites = windows.adhoc(HOST, "microsoft.iis.website_info").result["site"]
    assert [one["port"] for one in sites[0]["bindings"]] == [80]
    assert read_back(windows)["ADCS-Device-Enrollment"] == "Installed"
    assert windows.play(REMOVE, *LIMIT).changed == 0


@pytest.mark.usefixtures("directory")
def test_configuration_of_iis_brought_back(windows: Windows) -> None:
    """The backup is of before the first change, is never overwritten, and brings that back."""
    windows.reset(HOST)
    windows.play(SITE, *LIMIT)
    kept = windows.state(HOST, "/files")
    assert "certops-intune-before" in str(kept)
    refused = windows.play(RESTORE, *LIMIT, check=False)
    (failed,) = [one for one in refused.outcomes if one.outcome == "failed"]
    assert failed.message.endswith("Nothing was restored. To go on, add -e restore_confirmation=ndes1")
    assert windows.play(RESTORE, *LIMIT, "--check").changed == 1
    windows.play(RESTORE, *LIMIT, restore_confirmation=HOST)
    found = windows.adhoc(HOST, "microsoft.iis.web_application_info", {"site": "Default Web Site"}).result
    assert found["applications"] == []
    # What is left in the registry is half of a configuration, which is told and not touched.
    half = windows.play(SITE, *LIMIT, check=False)
    assert [one.message[:32] for one in half.outcomes if one.outcome not in ("ok", "skipped")] == [
        "NDES is half-configured: IIS has"
    ]
    assert windows.play(SITE, *LIMIT, ndes_server_repair=True).failed == 0
