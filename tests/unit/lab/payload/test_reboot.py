# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reboots of upstream's action plugins (reboot_host of both collections), against the model of a host."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from lab.payload.decode import decode
from lab.payload.invocation import Raw
from lab.windows import commands, modules
from lab.windows.host import Host
from lab.windows.people import principals
from lab.windows.running import boot, processes
from lab.winrm.machine import ShellOptions
from tests.unit.lab.windows.fake_directory import member

NAMES = ("ansible.windows", "microsoft.ad")


class Connection:
    """As much of a connection as reboot_host uses."""

    def __init__(self, host: Host, user: str = "ansible") -> None:
        self.host = host
        self.token = principals.token_for(host, principals.find(host, user), "network")
        self.texts: list[str] = []
        self.reached = True

    def exec_command(
        self, command: str, in_data: bytes | None = None, sudoable: bool = True
    ) -> tuple[int, bytes, bytes]:
        invocation = decode(command, b"")
        assert isinstance(invocation, Raw)
        self.texts.append(invocation.text)
        outcome = processes.run(self.host, self.token, ShellOptions(codepage=65001), command, b"")
        return outcome.status, outcome.stdout, outcome.stderr

    def get_option(self, name: str) -> Any:
        raise KeyError(name)

    def close(self) -> None:
        """Nothing is open."""

    reset = close


@pytest.fixture
def host() -> Host:
    modules.load()
    commands.load()
    host = member()
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    host.accounts.add_user("plain", "Not-a-secret-1")
    return host


@pytest.fixture
def reboot(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    module = import_module(f"ansible_collections.{request.param}.plugins.plugin_utils._reboot")
    # It waits longer each time that something fails.
    monkeypatch.setattr(module.time, "sleep", lambda _seconds: None)
    return lambda *arguments, **options: dict(module.reboot_host("reboot", *arguments, **options))


@pytest.mark.parametrize("reboot", NAMES, indirect=True)
@pytest.mark.parametrize("message", ["Reboot initiated by Ansible", "it's \u2018time\u2019; $(x)"])
def test_a_reboot(reboot: Callable[..., dict[str, Any]], host: Host, message: str) -> None:
    connection = Connection(host)
    before = host.power.boot_time
    result = reboot(connection, msg=message, reboot_timeout=5)
    assert (result["failed"], result["rebooted"]) == (False, True), result
    assert host.power.boot_time > before
    assert len(connection.texts) == 4


@pytest.mark.parametrize("reboot", NAMES, indirect=True)
def test_tests_of_the_user(reboot: Callable[..., dict[str, Any]], host: Host) -> None:
    result = reboot(Connection(host), test_command="hostname", boot_time_command="'constant'", reboot_timeout=0.2)
    assert "Timed out waiting for last boot time check" in result["msg"]


@pytest.mark.parametrize("reboot", NAMES, indirect=True)
def test_a_reboot_that_somebody_else_asked_for_is_taken_back(reboot: Callable[..., dict[str, Any]], host: Host) -> None:
    asked: list[float] = []

    def hook(seconds: float) -> None:
        asked.append(seconds)
        if len(asked) > 1:
            boot.perform(host)

    host.on_reboot, host.on_abort = hook, lambda: True
    boot.request(host, 600)
    result = reboot(Connection(host), reboot_timeout=5)
    assert not result["failed"], result
    assert asked == [600, 2]


@pytest.mark.parametrize("reboot", NAMES, indirect=True)
def test_no_right_to_reboot(reboot: Callable[..., dict[str, Any]], host: Host) -> None:
    before = host.power.boot_time
    result = reboot(Connection(host, "plain"), reboot_timeout=1)
    assert result["failed"]
    assert (result["rc"], result["stderr"]) == (5, "Access is denied.(5)")
    assert host.power.boot_time == before
