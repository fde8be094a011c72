# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installers that the lab knows: what they leave, and what they do not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.windows.not_modelled import NotModelled
from lab.windows.parts.packages import INSTALL_PENDING, INSTALLED, UNINSTALL_PENDING, Packages
from lab.windows.support import installers

from . import hosts

PACKAGES = {name: one for name, one in installers.catalogue().items() if one.kind != "msu" and one.rc == 0}
CONNECTOR = "HKLM\\SOFTWARE\\Microsoft\\MicrosoftIntune\\PFXCertificateConnector"
FIRST, SECOND = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
WIN_PACKAGE = "ansible.windows.win_package"


def relevant(host: Any) -> Any:
    state = host.export()
    return {part: state[part] for part in ("packages", "services", "event_logs", "registry")}


@settings(settings.get_profile("few"), max_examples=6)
@given(st.permutations(sorted(PACKAGES)), st.permutations(sorted(PACKAGES)))
def test_what_is_removed_leaves_nothing_that_counts(order: list[str], back: list[str]) -> None:
    host = hosts.host()
    host.registry.create_key(installers.UNINSTALL)
    host.registry.create_key(r"HKLM\SOFTWARE\Microsoft\MicrosoftIntune")
    before = relevant(host)
    for name in order:
        assert installers.install(host, PACKAGES[name]) == 0
    state = json.loads(json.dumps(host.packages.export()))
    assert Packages.restore(host.identity, state).export() == state
    assert len(state["products"]) == len(order)
    for name in back:
        assert installers.uninstall(host, PACKAGES[name]) == 0
        assert installers.uninstall(host, PACKAGES[name]) == installers.UNKNOWN_PRODUCT
    assert relevant(host) == before


def test_the_connector_brings_services_logs_and_registry_but_no_enrolment() -> None:
    host = hosts.host()
    installers.install(host, PACKAGES["intune_certificate_connector"])
    names = {"PFXCertificateConnectorSvc", "PkiCreateConnectorSvc", "PkiRevokeConnectorSvc"}
    assert names <= {service.name for service in host.services.all()}
    assert host.event_logs.get("Microsoft-Intune-CertificateConnectors/Operational") is not None
    assert "EncryptionCertThumbprint" not in host.registry.values(CONNECTOR)
    assert str(host.registry.values(CONNECTOR)["BaseServiceAddress"].data) == "https://manage.microsoft.com"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"path": r"C:\Windows\Temp\setup.exe"}, "an installer that waits for somebody at the screen"),
        ({"path": r"C:\Windows\Temp\other.exe"}, r"the installer C:\Windows\Temp\other.exe"),
        ({"path": r"C:\Windows\Temp\other.msi"}, r"the installer C:\Windows\Temp\other.msi"),
        ({"path": r"C:\Windows\Temp\other.msix"}, "packages of the kind .msix"),
        ({"path": "https://example.org/other.msi"}, "the download of a package"),
    ],
)
def test_what_the_lab_does_not_know_is_refused(arguments: dict[str, Any], said: str) -> None:
    host = hosts.host()
    host.files.write(r"C:\Windows\Temp\setup.exe", b"lab-package: example_exe\n")
    for name in ("other.exe", "other.msi", "other.msix"):
        host.files.write(rf"C:\Windows\Temp\{name}", b"MZ")
    before = host.export()
    result = hosts.run(host, WIN_PACKAGE, arguments)
    assert result["failed"]
    assert result["msg"].startswith(f"The lab does not model {said}")
    assert host.export() == before


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"", "0.0.0.0"),
        (b"text", "0.0.0.0"),
        (b"lab-package: x\nlab-version: 1.2\n", "1.2.0.0"),
        (b"lab-package: x\nlab-version: 1.2.3.4\n", "1.2.3.4"),
    ],
)
def test_versions_of_files(content: bytes, version: str) -> None:
    assert installers.version_of(content) == version


def test_the_version_of_a_real_program_is_not_guessed() -> None:
    with pytest.raises(NotModelled):
        installers.version_of(b"MZ\x90\x00")


def test_updates_wait_for_the_next_boot() -> None:
    packages = Packages()
    packages.set_update("one", "KB1", INSTALL_PENDING, FIRST)
    packages.set_update("two", "KB2", INSTALLED, FIRST)
    packages.set_update("three", "KB3", UNINSTALL_PENDING, FIRST)
    waiting = {name: update.state for name, update in packages.updates(FIRST).items()}
    assert waiting == {"one": INSTALL_PENDING, "two": INSTALLED, "three": UNINSTALL_PENDING}
    assert {name: update.state for name, update in packages.updates(SECOND).items()} == {
        "one": INSTALLED,
        "two": INSTALLED,
    }
    packages.remove_update("two", SECOND)
    assert list(packages.updates(SECOND)) == ["one"]
