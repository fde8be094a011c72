# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""server_info from its runner to its plan, with win_powershell as the simulated host answers it in between."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from ansible_collections.certops.intune.plugins.module_utils.windows.server import Server, describe
from ansible_collections.certops.intune.plugins.plugin_utils.windows_script.errors import ScriptError
from ansible_collections.certops.intune.plugins.plugin_utils.windows_script.runner import Runner

from lab.windows import consequences, modules, scripts
from lab.windows.host import Host
from lab.windows.identity import EDITIONS, LANGUAGES, RELEASES, Identity
from lab.windows.people.token import Token
from lab.windows.runner import run_module

ADMINISTRATOR = Token("S-1-5-21-4-5-6-500", "CORP\\alice", ("S-1-1-0", "S-1-5-32-544"))
NOBODY = Token("S-1-5-21-4-5-6-1104", "CORP\\bob", ("S-1-1-0",))


@pytest.fixture(autouse=True, scope="module")
def loaded() -> None:
    modules.load()
    scripts.load()


def host_of(release: str = "2022", language: str = "en-US", edition: str = "desktop") -> Host:
    sids = ("S-1-5-21-1-2-3", "S-1-5-21-4-5-6")
    name = ("ndes1", "corp.example", "CORP", "10.0.0.1")
    return Host(Identity(*name, *sids, release=release, language=language, edition=edition))


def look(host: Host, user: Token = ADMINISTRATOR, features: tuple[str, ...] = (), check_mode: bool = False) -> Server:
    def execute(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        sent = {**arguments, "_ansible_check_mode": check_mode}
        result: dict[str, Any] = json.loads(json.dumps(run_module(host, user, name, sent)))
        return result

    now = dt.datetime.now(dt.UTC)
    objects = Runner(execute, "ndes1", check_mode).read(
        "server_info", "read what the server is", Feature=list(features)
    )
    assert len(objects) == 1
    return describe(objects[0], list(features), now, dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1))


@pytest.mark.requirement("SCEP-004")
@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("edition", EDITIONS)
def test_every_release(release: str, language: str, edition: str) -> None:
    server = look(host_of(release=release, language=language, edition=edition))
    assert server.release == release.replace("r2", " R2")
    assert server.ui_language == server.system_locale == {"en-US": 1033, "sv-SE": 1053}[language]
    assert server.desktop_experience is (edition == "desktop")
    assert (server.machine_sid, server.fqdn) == ("S-1-5-21-1-2-3", "ndes1.corp.example")
    assert server.dotnet_release is not None
    assert server.dotnet_release >= 378389
    assert (server.caller_is_administrator, server.reboot_pending, server.time_difference) == (True, False, 0.0)


@pytest.mark.parametrize("check_mode", [False, True])
def test_check_mode_looks_too(check_mode: bool) -> None:
    host = host_of()
    before = host.export()
    assert look(host, features=("Web-Server", "Nope"), check_mode=check_mode).features == {
        "Web-Server": "available",
        "Nope": None,
    }
    assert host.export() == before


@pytest.mark.requirement("DIGI-022")
def test_what_changes_is_seen() -> None:
    host = host_of()
    consequences.install_features(host, ["Web-Server"])
    consequences.request_restart(host, "component_based_servicing")
    host.clock.offset = dt.timedelta(minutes=-10)
    server = look(host, features=("web-server",))
    assert server.features == {"web-server": "installed"}
    assert server.reboot_reasons == ["component_based_servicing"]
    assert -602 < server.time_difference < -598


@pytest.mark.parametrize("language, text", [("en-US", "Access denied"), ("sv-SE", "\u00c5tkomst nekad")])
def test_who_is_no_administrator(language: str, text: str) -> None:
    with pytest.raises(ScriptError) as caught:
        look(host_of(language=language), NOBODY)
    assert str(caught.value) == f"Failed to read what the server is on ndes1: {text} (0x80041003)"
    assert caught.value.error_id == (
        "HRESULT 0x80041003,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
    )
