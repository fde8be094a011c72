# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""iis_request_limits as a user runs it: refused, foretold, done, read back by PowerShell, done once, taken back."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tools.tree import TOP

if t.TYPE_CHECKING:
    from .conftest import Windows

MODULE = "certops.intune.iis_request_limits"
SITE = "Default Web Site"
ASKED = {"site": SITE, "max_url": 65534, "max_query_string": 65534}
FEATURES = {"name": ["Web-Server", "Web-Filtering"], "state": "present"}
FILTERING = "/iis/locations/Default Web Site/system.webServer~1security~1requestFiltering"


def examples() -> list[dict[str, t.Any]]:
    text = (TOP / "plugins" / "modules" / "iis_request_limits.yml").read_text(encoding="utf-8")
    tasks: list[dict[str, t.Any]] = yaml.safe_load(yaml.safe_load(text)["EXAMPLES"])
    return tasks


def web_server(windows: Windows, **shape: str) -> None:
    windows.reset("ndes2", **shape)
    assert windows.adhoc("ndes2", "ansible.windows.win_feature", FEATURES).word == "CHANGED"


def value(windows: Windows, name: str) -> t.Any:
    """A limit of the site as the cmdlet shows it."""
    path = "-PSPath 'MACHINE/WEBROOT/APPHOST' -Location 'Default Web Site'"
    section = "-Filter 'system.webServer/security/requestFiltering/requestLimits'"
    script = f"(Get-WebConfigurationProperty {path} {section} -Name '{name}').Value"
    return windows.adhoc("ndes2", "ansible.windows.win_powershell", {"script": script}).result["output"][0]


@pytest.mark.requirement("SCEP-069", "SCEP-070", "TRBL-054")
@pytest.mark.parametrize("shape", [{}, {"release": "2016", "language": "sv-SE"}], ids=["2022", "2016-sv-SE"])
def test_limits_come_and_go(windows: Windows, shape: dict[str, str]) -> None:
    web_server(windows, **shape)
    before = windows.state("ndes2")

    refused = windows.adhoc("ndes2", MODULE, {**ASKED, "site": "Default Website"})
    assert refused.message == "site: there is no site 'Default Website'; there are 'Default Web Site'"
    refused = windows.adhoc("ndes2", MODULE, {**ASKED, "max_url": 0})
    assert refused.message == "max_url: 0 is not between 1 and 4294967295"
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": [{MODULE: ASKED}]}]
    assert windows.play(play, "--check", "--diff").changed == 1
    assert windows.changed_since("ndes2", before) == []

    done = windows.adhoc("ndes2", MODULE, ASKED)
    assert done.word == "CHANGED", done.output
    assert done.result["limits"] == {
        "max_url": 65534,
        "max_query_string": 65534,
        "max_allowed_content_length": 30000000,
    }
    assert windows.changed_since("ndes2", before) == ["iis"]
    assert (value(windows, "maxUrl"), value(windows, "maxQueryString")) == (65534, 65534)

    commands = windows.traffic("ndes2")["operations"]["Command"]
    again = windows.adhoc("ndes2", MODULE, ASKED)
    assert (again.word, again.result["overridden_by"]) == ("SUCCESS", [])
    assert windows.traffic("ndes2")["operations"]["Command"] - commands == 1

    gone = windows.adhoc("ndes2", MODULE, {"site": SITE, "state": "absent"})
    assert gone.result["limits"] == gone.result["inherited"]
    assert windows.changed_since("ndes2", before) == []
    assert windows.adhoc("ndes2", MODULE, {"site": SITE, "state": "absent"}).word == "SUCCESS"


def test_a_blank_server_is_foretold(windows: Windows) -> None:
    windows.reset("ndes2")
    assert windows.adhoc("ndes2", "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state("ndes2")
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": [{MODULE: ASKED}]}]
    run = windows.play(play, "--check", "--diff")
    assert (run.changed, run.failed) == (1, 0)
    said = windows.adhoc("ndes2", MODULE, ASKED)
    assert said.message == "ndes2 has no limits of request filtering: IIS is not installed (feature Web-Server)"
    assert windows.changed_since("ndes2", before) == []


def test_the_examples(windows: Windows) -> None:
    web_server(windows)
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": examples()}]
    assert windows.play(play, "--check", "--diff").failed == 0
    run = windows.play(play, "--diff")
    assert (run.changed, run.failed) == (len(examples()), 0)
    limits = windows.state("ndes2", FILTERING)["elements"]["requestLimits"]["attributes"]
    assert limits == {"maxQueryString": 65534}
