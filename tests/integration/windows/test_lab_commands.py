# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bin/lab does with simulated Windows hosts: look, make anew, switch off and on, keep."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from ..conftest import LAB, Lab
from .conftest import Windows

if t.TYPE_CHECKING:
    from collections.abc import Iterator

KEY = r"HKLM:\SOFTWARE\Certops"
POINTER = r"/registry/HKLM\SOFTWARE\Certops/values/Kept"
WRITE = {"path": KEY, "name": "Kept", "data": 7, "type": "dword"}
SECRETS = ("secret", "nt_hash", "pkcs8")


def names(state: t.Any) -> Iterator[str]:
    """Every key in a document."""
    if isinstance(state, dict):
        for name, value in state.items():
            yield name
            yield from names(value)
    elif isinstance(state, list):
        for value in state:
            yield from names(value)


def test_state_has_stable_keys_and_no_secret(windows: Windows) -> None:
    state = windows.state("conn1")
    assert set(state) == {
        *("accounts", "audit_policy", "certificates", "clock", "event_logs", "features", "files", "firewall", "format"),
        *("identity", "iis", "packages", "power", "registry", "rights", "security", "services", "tasks"),
    }
    assert state["identity"]["name"] == "conn1"
    assert not set(SECRETS) & set(names(state))


def test_part_of_the_state(windows: Windows) -> None:
    assert windows.state("conn1", "/identity/release") == "2022"
    assert windows.state("conn1", "/clock") == windows.state("conn1")["clock"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("dc1",), "There is no Windows host dc1 in this lab. There are: ca1, ndes1, ndes2, conn1"),
        (("conn1", "/nothing/here"), "there is no nothing in /nothing/here"),
        (("conn1", "identity"), "identity: a JSON Pointer begins with /"),
    ],
)
def test_state_that_there_is_not(windows: Windows, arguments: tuple[str, ...], message: str) -> None:
    assert message in windows.bin_lab("state", *arguments, check=False)


def test_trouble_that_there_is_not(windows: Windows) -> None:
    assert "nonsense" in windows.bin_lab("trouble", "conn1", '{"nonsense": 1}', check=False)


def test_reset_makes_another_host(windows: Windows) -> None:
    windows.adhoc("conn1", "ansible.windows.win_regedit", WRITE)
    assert windows.state("conn1", POINTER)["data"] == 7
    machine = windows.state("conn1", "/identity/machine_sid")
    windows.reset("conn1", release="2019", language="sv-SE", edition="core")
    state = windows.state("conn1")
    assert r"HKLM\SOFTWARE\Certops" not in state["registry"]
    assert [state["identity"][name] for name in ("release", "language", "edition")] == ["2019", "sv-SE", "core"]
    assert state["identity"]["machine_sid"] != machine
    assert state["accounts"]["groups"]["S-1-5-32-544"]["name"] == "Administratörer"
    assert windows.adhoc("conn1", "ansible.windows.win_ping").word == "SUCCESS"
    windows.reset("conn1")


def test_host_that_is_switched_off(windows: Windows) -> None:
    windows.bin_lab("stop", "conn1")
    try:
        assert "conn1: does not answer" in windows.bin_lab("status")
        done = windows.adhoc("conn1", "ansible.windows.win_ping")
        assert done.word == "UNREACHABLE!", done.output
        assert "Connection refused" in done.message
    finally:
        windows.bin_lab("start", "conn1")
    assert windows.adhoc("conn1", "ansible.windows.win_ping").word == "SUCCESS"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    """A lab that may be stopped."""
    scratch = tmp_path_factory.mktemp("own")
    directory = scratch / "lab"
    subprocess.run([LAB, "up", "--dir", directory, "--hosts", "1"], check=True, capture_output=True, env=outside())
    yield Windows(Lab(directory, inside=False), scratch)
    subprocess.run([LAB, "down", "--dir", directory], check=True, capture_output=True, env=outside())


def outside() -> dict[str, str]:
    """The environment of a command that means another lab than the one this runs in."""
    return {name: value for name, value in os.environ.items() if name not in {"LAB_DIR", "KRB5_CONFIG"}}


def test_hosts_survive_the_death_of_their_process(own: Windows) -> None:
    own.adhoc("srv001", "ansible.windows.win_regedit", WRITE)
    before = own.state("srv001")
    wanted = f"lab.windows\0{own.lab.dir}\0".encode()
    (process,) = [path for path in Path("/proc").glob("[0-9]*") if (path / "cmdline").read_bytes().endswith(wanted)]
    os.kill(int(process.name), signal.SIGKILL)
    while "windows: stopped, exit status -9" not in own.bin_lab("status"):
        time.sleep(0.05)
    assert "does not answer 'state'" in own.bin_lab("state", "srv001", check=False)
    own.bin_lab("start", "windows")
    assert own.changed_since("srv001", before) == []
    assert own.adhoc("srv001", "ansible.windows.win_ping").word == "SUCCESS"


def test_hosts_survive_the_lab(own: Windows) -> None:
    """State, contents of files, boot time: what a server has on its disk."""
    own.adhoc("srv001", "ansible.windows.win_regedit", WRITE)
    own.adhoc("srv001", "ansible.windows.win_copy", {"content": "kept", "dest": r"C:\kept.txt"})
    before = own.state("srv001")
    own.bin_lab("down", "--keep")
    again = own.bin_lab("up", "--hosts", "2", check=False)
    assert "was made with 1 member servers, not 2" in again
    own.bin_lab("up")
    assert own.changed_since("srv001", before) == []
    read = own.adhoc("srv001", "ansible.builtin.slurp", {"src": r"C:\kept.txt"})
    assert read.result["content"] == "a2VwdA==", read.output
    hosts = json.loads((own.lab.dir / "lab.json").read_text())["hosts"]
    assert hosts["srv001"] == {"fqdn": "srv001.corp.example", "address": "10.77.1.1", "group": "servers"}
