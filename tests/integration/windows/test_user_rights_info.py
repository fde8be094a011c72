# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""user_rights_info as a user runs it: its examples as they stand, and what another module changed is told."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tools.tree import TOP

if t.TYPE_CHECKING:
    from .conftest import Windows

MODULE = "certops.intune.user_rights_info"
IIS_IUSRS = "S-1-5-32-568"


def examples() -> list[dict[str, t.Any]]:
    text = (TOP / "plugins" / "modules" / "user_rights_info.yml").read_text(encoding="utf-8")
    tasks: list[dict[str, t.Any]] = yaml.safe_load(yaml.safe_load(text)["EXAMPLES"])
    return tasks


@pytest.mark.parametrize("options", [(), ("--check", "--diff")])
def test_the_examples(windows: Windows, options: tuple[str, ...]) -> None:
    windows.reset("ndes2")
    assert windows.adhoc("ndes2", "ansible.windows.win_ping").word == "SUCCESS"
    before = windows.state("ndes2")
    run = windows.play([{"hosts": "ndes2", "gather_facts": False, "tasks": examples()}], *options)
    assert len(run.outcomes) == len(examples())
    assert (run.changed, run.failed) == (0, 0)
    assert windows.changed_since("ndes2", before) == []


@pytest.mark.parametrize("shape", [{}, {"release": "2016", "language": "sv-SE"}], ids=["2022", "2016-sv-SE"])
def test_what_another_module_gave(windows: Windows, shape: dict[str, str]) -> None:
    windows.reset("ndes2", **shape)
    account, guest = "CORP\\svc-ndes", ".\\Guest" if not shape else ".\\G\u00e4st"
    right = {"name": "SeServiceLogonRight", "users": [account, guest], "action": "add"}
    group = {"name": "IIS_IUSRS", "members": [account], "state": "present"}
    asked: dict[str, t.Any] = {"rights": ["SeServiceLogonRight", "SeDenyServiceLogonRight"], "groups": [IIS_IUSRS]}
    asked["accounts"] = [account, "CORP\\nobody.here"]
    sid = windows.adhoc("ndes2", MODULE, asked).result["accounts"][account]
    assert windows.adhoc("ndes2", "ansible.windows.win_user_right", right).word == "CHANGED"
    assert windows.adhoc("ndes2", "ansible.windows.win_group_membership", group).word == "CHANGED"
    found = windows.adhoc("ndes2", MODULE, asked).result
    guest_sid = f"{windows.state('ndes2', '/identity/machine_sid')}-501"
    assert found["rights"] == {"SeServiceLogonRight": ["S-1-5-80-0", sid, guest_sid], "SeDenyServiceLogonRight": []}
    assert found["rights"]["SeServiceLogonRight"] == windows.state("ndes2", "/rights/SeServiceLogonRight")
    assert (found["accounts"]["CORP\\nobody.here"], found["unresolved"]) == (None, {})
    assert "CORP\\nobody.here" in found["account_errors"]
    assert found["groups"] == {IIS_IUSRS: ["S-1-5-17", sid]}
    assert found["group_names"] == {IIS_IUSRS: "IIS_IUSRS"}


def test_bad_input_is_refused(windows: Windows) -> None:
    said = windows.adhoc("ndes2", MODULE, {"rights": ["Log on as a service"]})
    assert said.word == "FAILED!"
    assert said.message == "rights: 'Log on as a service' is no name of a user right such as SeServiceLogonRight"
    assert "S-1-5-32-999 was not found" in windows.adhoc("ndes2", MODULE, {"groups": ["S-1-5-32-999"]}).message
