# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""server_info as a user runs it: its examples as they stand, check mode, and how its failures are told."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tools.tree import TOP

if t.TYPE_CHECKING:
    from .conftest import Windows

MODULE = "certops.intune.server_info"


def examples() -> list[dict[str, t.Any]]:
    text = (TOP / "plugins" / "modules" / "server_info.yml").read_text(encoding="utf-8")
    tasks: list[dict[str, t.Any]] = yaml.safe_load(yaml.safe_load(text)["EXAMPLES"])
    return tasks


@pytest.mark.requirement("SCEP-001", "SCEP-004", "SCEP-087", "PKCS-002", "PKCS-033", "DIGI-022")
@pytest.mark.parametrize("options", [(), ("--check", "--diff")])
def test_the_examples(windows: Windows, options: tuple[str, ...]) -> None:
    windows.reset("ndes2")
    play = [{"hosts": "ndes2", "gather_facts": False, "tasks": examples()}]
    run = windows.play(play, *options)
    assert len(run.outcomes) == len(examples())
    assert (run.changed, run.failed) == (0, 0)


def test_what_it_says_of_a_server(windows: Windows) -> None:
    windows.reset("ndes2", release="2019", language="sv-SE")
    said = windows.adhoc("ndes2", MODULE, {"features": ["web-server", "No-Such"]})
    assert said.word == "SUCCESS", said.output
    server = said.result["server"]
    assert (server["release"], server["ui_language"], server["domain_member"]) == ("2019", 1053, True)
    assert server["fqdn"].startswith("ndes2.")
    assert server["domain_sid"] == windows.state("ndes2", "/identity/domain_sid")
    assert server["machine_sid"] == windows.state("ndes2", "/identity/machine_sid")
    assert server["domain_sid_error"] is None
    assert server["caller_is_administrator"]
    assert server["features"] == {"web-server": "available", "No-Such": None}
    assert abs(server["time_difference"]) < 1


def test_a_pending_restart_is_seen(windows: Windows) -> None:
    windows.reset("ndes2")
    key = r"HKLM:\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending"
    assert windows.adhoc("ndes2", "ansible.windows.win_regedit", {"path": key}).word == "CHANGED"
    server = windows.adhoc("ndes2", MODULE).result["server"]
    assert (server["reboot_pending"], server["reboot_reasons"]) == (True, ["component_based_servicing"])


def test_a_wrong_option_is_refused(windows: Windows) -> None:
    said = windows.adhoc("ndes2", MODULE, {"feature": ["Web-Server"]})
    assert said.word == "FAILED!"
    assert said.message.startswith("Unsupported parameters for (certops.intune.server_info) module: feature.")


def test_one_round_trip(windows: Windows) -> None:
    """It takes as many commands as a module that does nothing."""
    counted = []
    for module in ("ansible.windows.win_ping", MODULE):
        before = windows.traffic("ndes2")["operations"]["Command"]
        assert windows.adhoc("ndes2", module).word == "SUCCESS"
        counted.append(windows.traffic("ndes2")["operations"]["Command"] - before)
    assert counted[0] == counted[1] == 1
