# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server is, out of the object of server_info.ps1."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

import pytest
import yaml
from ansible_collections.certops.intune.plugins.module_utils.windows import numbers
from ansible_collections.certops.intune.plugins.module_utils.windows.server import (
    describe,
    feature_states,
    is_administrator,
    snake_case,
    time_difference,
)
from ansible_collections.certops.intune.plugins.module_utils.windows.values import Fields, UnexpectedValue
from hypothesis import given
from hypothesis import strategies as st

from tools.tree import TOP

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)

FOUND: dict[str, Any] = {
    "version": {
        "CurrentBuildNumber": "20348",
        "UBR": 2849,
        "InstallationType": "Server",
        "EditionID": "ServerStandard",
    },
    "system": {
        "Version": "10.0.20348",
        "ProductType": 3,
        "OSLanguage": 1053,
        "Locale": "041d",
        "SystemDrive": "C:",
        "LocalDateTime": "2026-11-21T13:00:00.5000000+01:00",
        "LastBootUpTime": "2026-11-20T07:15:00.0000000+01:00",
    },
    "computer": {"DNSHostName": "ndes1", "Domain": "corp.example", "PartOfDomain": True, "DomainRole": 3},
    "drives": [{"DeviceID": "C:", "FreeSpace": 80 << 30}, {"DeviceID": "D:", "FreeSpace": 1}],
    "framework": 528449,
    "powershell": "5.1.20348.2849",
    "name": "NDES1",
    "next_name": "NDES1",
    "files_to_move": False,
    "servicing": False,
    "updates": False,
    "enhanced_security": [{"PSChildName": "{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}", "IsInstalled": 1}],
    "local_sid": "S-1-5-21-1-2-3-500",
    "account_sid": "S-1-5-21-4-5-6-1105",
    "account_error": None,
    "groups": ["S-1-1-0", "S-1-5-32-544", "S-1-16-12288"],
    "features": [{"name": "Web-Server", "state": "Installed"}],
}

EXPECTED: dict[str, Any] = {
    "computer_name": "NDES1",
    "pending_computer_name": None,
    "host_name": "ndes1",
    "fqdn": "ndes1.corp.example",
    "domain_member": True,
    "domain": "corp.example",
    "domain_role": 3,
    "machine_sid": "S-1-5-21-1-2-3",
    "domain_sid": "S-1-5-21-4-5-6",
    "domain_sid_error": None,
    "version": "10.0.20348",
    "build": 20348,
    "revision": 2849,
    "release": "2022",
    "edition": "ServerStandard",
    "product_type": 3,
    "installation_type": "Server",
    "desktop_experience": True,
    "ui_language": 1053,
    "system_locale": 1053,
    "time": "2026-11-21T12:00:00.500000+00:00",
    "time_difference": 0.0,
    "last_boot_time": "2026-11-20T06:15:00+00:00",
    "reboot_pending": False,
    "reboot_reasons": [],
    "caller_is_administrator": True,
    "enhanced_security": {"administrators": True, "users": None},
    "dotnet_release": 528449,
    "powershell_version": "5.1.20348.2849",
    "system_drive": "C:",
    "system_drive_free": 80 << 30,
    "features": {"web-server": "installed", "Nope": None},
}


def changed(path: str, value: object) -> dict[str, Any]:
    """FOUND with one value replaced."""
    found = copy.deepcopy(FOUND)
    *folders, name = path.split(".")
    inner = found
    for folder in folders:
        inner = inner[folder]
    inner[name] = value
    return found


def described(found: object) -> dict[str, Any]:
    return vars(describe(found, ["web-server", "Nope"], NOON, NOON + SECOND))


@pytest.mark.requirement("SCEP-001", "SCEP-004", "SCEP-087", "PKCS-002", "PKCS-033")
def test_a_member_server() -> None:
    assert described(FOUND) == EXPECTED


@pytest.mark.parametrize(
    "path, value, expected",
    [
        ("next_name", "NDES2", {"pending_computer_name": "NDES2", "reboot_reasons": ["pending_computer_rename"]}),
        ("next_name", "ndes1", {"pending_computer_name": None, "reboot_pending": False}),
        ("servicing", True, {"reboot_pending": True, "reboot_reasons": ["component_based_servicing"]}),
        ("updates", True, {"reboot_pending": True, "reboot_reasons": ["windows_update"]}),
        ("enhanced_security", [], {"enhanced_security": {"administrators": None, "users": None}}),
        (
            "enhanced_security",
            [{"PSChildName": "{a509b1a8-37ef-4b3f-8cfc-4f3a74704073}", "IsInstalled": 0}],
            {"enhanced_security": {"administrators": None, "users": False}},
        ),
        ("files_to_move", True, {"reboot_pending": True, "reboot_reasons": ["pending_file_rename"]}),
        ("version.CurrentBuildNumber", "30000", {"build": 30000, "release": None}),
        ("version.CurrentBuildNumber", 9600, {"release": "2012 R2"}),
        ("version.UBR", None, {"revision": None}),
        ("version.InstallationType", "Server Core", {"desktop_experience": False}),
        ("version.InstallationType", "Nano Server", {"desktop_experience": None, "installation_type": "Nano Server"}),
        ("system.ProductType", 1, {"product_type": 1, "release": None}),
        ("framework", None, {"dotnet_release": None}),
        ("account_sid", None, {"domain_sid": None}),
        ("account_error", "nobody answers", {"domain_sid_error": "nobody answers"}),
        ("computer.PartOfDomain", False, {"domain": None, "domain_member": False, "fqdn": "ndes1"}),
        ("computer.DNSHostName", None, {"host_name": "NDES1", "fqdn": "NDES1.corp.example"}),
        ("groups", ["S-1-5-32-544", "S-1-16-8192"], {"caller_is_administrator": False}),
        ("features", [], {"features": {"web-server": None, "Nope": None}}),
        (
            "features",
            [{"Name": "Nope", "State": "UninstallPending"}],
            {"features": {"web-server": None, "Nope": "uninstall_pending"}},
        ),
    ],
)
def test_one_thing_else(path: str, value: object, expected: dict[str, Any]) -> None:
    result = described(changed(path, value))
    assert {name: result[name] for name in expected} == expected
    assert result["reboot_pending"] == bool(result["reboot_reasons"])


@pytest.mark.parametrize(
    "path, value, message",
    [
        ("name", None, "'name' is None and not a text"),
        ("version", [], "'version' is [] and not an object"),
        ("version.CurrentBuildNumber", "new", "'version.CurrentBuildNumber' is 'new' and not an integer"),
        ("version.UBR", True, "'version.UBR' is True and not an integer"),
        ("system.Locale", "04xd", "'system.Locale' is '04xd' and not an integer"),
        (
            "system.LocalDateTime",
            "2026-11-21T13:00:00",
            "'system.LocalDateTime' is '2026-11-21T13:00:00' and not a time with its offset from UTC",
        ),
        ("computer.PartOfDomain", "True", "'computer.PartOfDomain' is 'True' and not true or false"),
        ("drives", {}, "'drives' is {} and not a list"),
        ("drives", [{"DeviceID": "D:", "FreeSpace": 1}], "'drives' is ['d:'] and not a list with the system drive C:"),
        ("drives", [{"DeviceID": "C:"}], "'drives[0].FreeSpace' is None and not there at all"),
        ("local_sid", "S-1-5-18", "'local_sid' is 'S-1-5-18' and not the SID of an account"),
        ("groups", ["BUILTIN\\Administrators"], "'groups' is ['BUILTIN\\\\Administrators'] and not a list of SIDs"),
        ("groups", [None], "'groups' is [None] and not a list of texts"),
    ],
)
def test_another_shape_is_said(path: str, value: object, message: str) -> None:
    with pytest.raises(UnexpectedValue) as caught:
        described(changed(path, value))
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "seconds, expected", [(-301.5, -301.5), (-0.5, -0.5), (0, 0.0), (0.5, 0.0), (1, 0.0), (1.25, 0.25), (3600, 3599.0)]
)
def test_only_what_is_sure_of_the_clock(seconds: float, expected: float) -> None:
    assert time_difference(NOON + seconds * SECOND, NOON, NOON + SECOND) == expected


@pytest.mark.parametrize(
    "groups, expected",
    [
        (["S-1-5-32-544", "S-1-16-12288"], True),
        (["S-1-5-32-544", "S-1-16-16384"], True),
        (["S-1-5-32-544", "S-1-16-8192"], False),
        (["S-1-5-32-544"], False),
        (["S-1-16-12288"], False),
        (["S-1-5-32-544", "S-1-16-"], False),
        ([], False),
    ],
)
def test_administrators(groups: list[str], expected: bool) -> None:
    assert is_administrator(groups) is expected


@pytest.mark.parametrize(
    "name, expected", [("Installed", "installed"), ("InstallPending", "install_pending"), ("", "")]
)
def test_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), st.sampled_from(["Installed", "Available"])))
def test_each_feature_asked_for_is_answered(states: dict[str, str]) -> None:
    fields = [Fields({"name": name, "state": state}) for name, state in states.items()]
    assert feature_states(fields, ["a", "B", "D"]) == {
        "a": states["A"].lower() if "A" in states else None,
        "B": states["B"].lower() if "B" in states else None,
        "D": None,
    }


SCALARS = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False)


@given(
    st.sampled_from(
        [*FOUND, *(f"{name}.{inner}" for name in ("version", "system", "computer") for inner in FOUND[name])]
    ),
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
    ),
)
def test_any_value_is_described_or_refused(path: str, value: object) -> None:
    try:
        result = described(changed(path, value))
    except UnexpectedValue:
        return
    assert set(result) == set(EXPECTED)


def test_keys_are_those_of_the_documentation() -> None:
    text = (TOP / "plugins" / "modules" / "server_info.yml").read_text(encoding="utf-8")
    documented = yaml.safe_load(text)["RETURN"]["server"]["contains"]
    assert list(documented) == list(described(FOUND)) == list(EXPECTED)


def test_releases_agree_with_the_lab() -> None:
    lab = yaml.safe_load((TOP / "lab" / "windows" / "data" / "releases.yml").read_text(encoding="utf-8"))
    theirs = {release["build"]: name.replace("r2", " R2") for name, release in lab["releases"].items()}
    assert theirs == numbers.RELEASES
    desktops = {edition["installation_type"]: name == "desktop" for name, edition in lab["editions"].items()}
    assert desktops == numbers.DESKTOPS
