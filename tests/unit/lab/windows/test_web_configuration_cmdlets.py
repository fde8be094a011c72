# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Get- and Set-WebConfigurationProperty: what they read and write, and what the lab refuses."""

from __future__ import annotations

import pytest

from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals
from lab.windows.powershell import Ran, Run
from lab.windows.powershell import run as run_powershell
from lab.windows.running import session
from tests.unit.lab.windows.fake_directory import member

APPHOST = "-PSPath 'MACHINE/WEBROOT/APPHOST'"
LIMITS = "-Filter 'system.webServer/security/requestFiltering/requestLimits'"
SITE = "-Location 'Default Web Site'"


@pytest.fixture
def host() -> Host:
    made = member()
    made.accounts.add_administrator("ansible", "Not-a-secret-1")
    made.iis.install(["Web-Server", "Web-Filtering"])
    return made


def run(host: Host, text: str) -> Ran:
    user = principals.token_for(host, principals.find(host, "ansible"), "network")
    return run_powershell(Run(session.around(host, user)), text)


def get(name: str, where: str = LIMITS, more: str = "") -> str:
    return f"(Get-WebConfigurationProperty {APPHOST} {where} -Name '{name}' {more}).Value"


def put(name: str, value: str, where: str = LIMITS, more: str = "") -> str:
    return f"Set-WebConfigurationProperty {APPHOST} {where} -Name '{name}' -Value {value} {more}"


def test_the_default_and_what_was_written(host: Host) -> None:
    assert run(host, get("maxUrl")).output == [4096]
    done = run(host, put("maxUrl", "65534") + "\n" + get("maxUrl"))
    assert done.output == [65534]
    assert not done.errors
    section = host.iis.section("system.webServer/security/requestFiltering").at("requestLimits")
    assert (section.get("maxUrl"), section.get("maxQueryString")) == (65534, 2048)


def test_a_location_says_something_of_its_own(host: Host) -> None:
    run(host, put("maxQueryString", "65534", more=SITE))
    assert run(host, get("maxQueryString")).output == [2048]
    assert run(host, get("maxQueryString", more=SITE)).output == [65534]


def test_the_section_itself_and_truth_values(host: Host) -> None:
    section = "-Filter 'system.webServer/security/requestFiltering'"
    run(host, put("allowDoubleEscaping", "$true", section))
    assert run(host, get("allowDoubleEscaping", section)).output == [True]


@pytest.mark.parametrize(
    "text",
    [
        get("maxUrl").replace("APPHOST", "APPHOST/Default Web Site"),
        get("maxUrl").replace("MACHINE/WEBROOT/APPHOST", r"IIS:\Sites\Default Web Site"),
        get("nonsense"),
        get("maxUrl", "-Filter 'system.webServer/nonsense'"),
        get("maxUrl", LIMITS.replace("Limits'", "Limits[@maxUrl=1]'")),
        get("maxUrl", more="-Recurse"),
        get("managedRuntimeVersion", "-Filter 'system.applicationHost/applicationPools'"),
        get("maxUrl").removesuffix(".Value"),
        put("maxUrl", "'much'"),
        put("nonsense", "1"),
        f"Set-WebConfigurationProperty {APPHOST} {LIMITS} -Name 'maxUrl'",
    ],
)
def test_refused(host: Host, text: str) -> None:
    before = host.iis.export()
    with pytest.raises(NotModelled):
        run(host, text)
    assert host.iis.export() == before


def test_a_host_without_iis() -> None:
    blank = member()
    blank.accounts.add_administrator("ansible", "Not-a-secret-1")
    with pytest.raises(NotModelled, match="without IIS"):
        run(blank, get("maxUrl"))
