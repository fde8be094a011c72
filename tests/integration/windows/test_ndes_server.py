# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of NDES servers on simulated ones: each feature that a requirement asks for, rehearsed, made, left alone."""

from __future__ import annotations

import typing as t

import pytest

from tools.tree import TOP

if t.TYPE_CHECKING:
    from .conftest import Windows

PLAYBOOK = TOP / "playbooks" / "ndes_servers.yml"
LIMIT = ("--limit", "ndes1")

#: What the requirements ask for, by the features' names; the legacy part is for the connector of old.
WANTED = [
    *("ADCS-Device-Enrollment", "Web-Filtering", "Web-Asp-Net45", "NET-Framework-45-Core", "NET-Framework-45-ASPNET"),
    *("NET-WCF-HTTP-Activation45", "Web-Metabase", "Web-WMI"),
]
LEGACY = ["Web-Asp-Net", "NET-Framework-Core", "NET-HTTP-Activation"]


def read_back(windows: Windows) -> dict[str, str]:
    """The state of the features as another module tells it."""
    told = windows.adhoc("ndes1", "ansible.windows.win_feature_info", {"name": "*"})
    return {feature["name"]: feature["install_state"] for feature in told.result["features"]}


@pytest.mark.requirement("SCEP-046", "SCEP-047", "SCEP-048", "SCEP-049", "SCEP-050", "SCEP-051", "SCEP-052", "SCEP-053")
@pytest.mark.parametrize("shape", [{}, {"release": "2012r2", "language": "sv-SE"}], ids=["2022", "2012r2-sv-SE"])
def test_features(windows: Windows, shape: dict[str, str]) -> None:
    windows.reset("ndes1", **shape)
    # The first logon makes a profile, here as on Windows.
    assert windows.adhoc("ndes1", "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state("ndes1")
    assert windows.play(PLAYBOOK, "--check", *LIMIT).changed == 1
    assert windows.changed_since("ndes1", before) == []
    assert windows.play(PLAYBOOK, *LIMIT).changed >= 1
    found = read_back(windows)
    assert {name: found[name] for name in (*WANTED, *LEGACY)} == dict.fromkeys((*WANTED, *LEGACY), "Installed")
    assert found["ADCS-Cert-Authority"] == "Available"
    assert windows.play(PLAYBOOK, *LIMIT).changed == 0


def test_without_the_legacy_framework(windows: Windows) -> None:
    """What the role does by default: no .NET Framework 3.5, no medium needed."""
    windows.reset("ndes1")
    windows.play(PLAYBOOK, *LIMIT, ndes_server_legacy_framework=False, ndes_server_features_source="")
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
    windows.reset("ndes1")
    before = windows.state("ndes1", "/features")
    run = windows.play(PLAYBOOK, *LIMIT, check=False, ndes_server_features_source=source)
    (failed,) = [outcome for outcome in run.outcomes if outcome.outcome == "failed"]
    assert message.lower() in failed.message.lower()
    assert windows.state("ndes1", "/features") == before
