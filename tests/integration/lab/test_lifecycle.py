# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A second lab from its start to its end, with what may happen to it between: killed, killed again, side by side."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
import typing as t
from pathlib import Path

import pytest

from lab import cli, estate
from lab.layout import Layout, wait_until

if t.TYPE_CHECKING:
    from ..conftest import Lab

BinLab = t.Callable[..., subprocess.CompletedProcess[str]]
ALICE = f"CN=Alice Andersson,CN=Users,{estate.DOMAIN_DN}"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory, bin_lab: BinLab) -> t.Iterator[Path]:
    path = tmp_path_factory.mktemp("lab") / "other lab"
    yield path
    bin_lab("down", "--dir", path, check=True)


class Surroundings(t.NamedTuple):
    """What a lab must not change: mounts, network devices, name resolution, of the process that looks."""

    mounts: str
    devices: str
    resolver: str
    host_name: str

    @classmethod
    def seen(cls) -> Surroundings:
        return cls(
            Path("/proc/self/mountinfo").read_text(),
            " ".join(sorted(path.name for path in Path("/sys/class/net").iterdir())),
            Path("/etc/resolv.conf").read_text() if Path("/etc/resolv.conf").exists() else "",
            os.uname().nodename,
        )


def processes_of(directory: Path) -> list[int]:
    """Processes that have something of the lab open, or its directory in their arguments or their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            links = [str(link.readlink()) for link in (process / "fd").iterdir()]
            if os.fsencode(directory) in text or any(link.startswith(f"{directory}/") for link in links):
                found.append(int(process.name))
    return found


@pytest.mark.parametrize("moment", ["Building", "provisioned", "dc1 answers"])
def test_killed_up_leaves_nothing_running(directory: Path, moment: str) -> None:
    command: list[str | Path] = [cli.TOP / "bin" / "lab", "up", "--dir", directory]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(moment in line for line in process.stdout)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert wait_until(lambda: not processes_of(directory), 5), processes_of(directory)
    assert Layout(directory).supervisor() is None


def test_up_after_a_killed_one(directory: Path, bin_lab: BinLab) -> None:
    """No password is ever on a command line meanwhile, and nothing around the lab changes."""
    before = Surroundings.seen()
    arguments: set[bytes] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    arguments.add(path.read_bytes())
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        done = bin_lab("up", "--dir", directory)
    finally:
        over.set()
        watcher.join()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [
        f"Inventory:   {directory}/inventory/hosts.yml",
        f"Credentials: {directory}/credentials.json",
    ]
    assert Surroundings.seen() == before
    assert any(b"ldapsearch" in each for each in arguments)
    for account in json.loads((directory / "credentials.json").read_text())["accounts"].values():
        assert not any(account["password"].encode() in each for each in arguments)


class Description:
    """Alice's description in a lab, read and written as the PKI administrator."""

    def __init__(self, bin_lab: BinLab, directory: Path, cache: Path) -> None:
        self.environment = {**os.environ, "KRB5CCNAME": f"FILE:{cache}"}
        self.bin_lab = bin_lab
        self.directory = directory
        account = json.loads((directory / "credentials.json").read_text())["accounts"]["pkiadmin"]
        self._run("kinit", account["username"], given=account["password"] + "\n")

    def _run(self, *command: str, given: str | None = None) -> str:
        enter = ("exec", "--dir", self.directory, "--")
        return self.bin_lab(*enter, *command, input=given, env=self.environment, check=True).stdout

    def read(self) -> str:
        command = ("ldapsearch", "-Q", "-LLL", "-Y", "GSSAPI", "-H", "ldap://dc1.corp.example", "-b", ALICE)
        return self._run(*command, "description").partition("description: ")[2].partition("\n")[0]

    def write(self, text: str) -> None:
        change = f"dn: {ALICE}\nchangetype: modify\nreplace: description\ndescription: {text}\n"
        self._run("ldapmodify", "-Q", "-Y", "GSSAPI", "-H", "ldap://dc1.corp.example", given=change)


def test_labs_side_by_side_do_not_see_each_other(directory: Path, bin_lab: BinLab, lab: Lab, tmp_path: Path) -> None:
    bin_lab("up", "--dir", directory, check=True)
    shared = Description(bin_lab, lab.dir, tmp_path / "shared")
    other = Description(bin_lab, directory, tmp_path / "other")
    before = shared.read()
    other.write("of the other lab")
    assert (other.read(), shared.read()) == ("of the other lab", before)
    passwords = json.loads((directory / "credentials.json").read_text())["accounts"]
    assert passwords["alice"]["password"] != lab.credentials["accounts"]["alice"]["password"]
    assert bin_lab("status", "--dir", lab.dir).returncode == 0


def test_killed_supervisor_takes_all_with_it_and_up_starts_the_same_forest(
    directory: Path, bin_lab: BinLab, tmp_path: Path
) -> None:
    bin_lab("up", "--dir", directory, check=True)
    description = Description(bin_lab, directory, tmp_path / "cache")
    description.write("before the kill")
    supervisor = Layout(directory).supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    assert wait_until(lambda: not processes_of(directory), 5), processes_of(directory)
    done = bin_lab("status", "--dir", directory)
    assert (done.returncode, done.stdout) == (3, f"{directory}: stopped\n")

    done = bin_lab("up", "--dir", directory)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Starting the lab in {directory}\n")
    assert description.read() == "before the kill"


def test_down_can_keep_the_forest(directory: Path, bin_lab: BinLab, tmp_path: Path) -> None:
    bin_lab("up", "--dir", directory, check=True)
    description = Description(bin_lab, directory, tmp_path / "cache")
    description.write("kept")
    bin_lab("down", "--keep", "--dir", directory, check=True)
    assert wait_until(lambda: not processes_of(directory), 5), processes_of(directory)
    bin_lab("up", "--dir", directory, check=True)
    assert description.read() == "kept"


def test_down_leaves_nothing(directory: Path, bin_lab: BinLab) -> None:
    bin_lab("up", "--dir", directory, check=True)
    before = Surroundings.seen()
    left_behind = subprocess.Popen([cli.TOP / "bin" / "lab", "exec", "--dir", directory, "--", "sleep", "600"])
    assert wait_until(lambda: Path(f"/proc/{left_behind.pid}/comm").read_text() == "sleep\n", 5)
    namespace = json.loads((directory / "lab.json").read_text())["network_namespace"]

    assert bin_lab("down", "--dir", directory, check=True).stdout == f"The lab in {directory} is gone.\n"

    assert left_behind.wait(5) == -signal.SIGTERM
    assert not directory.exists()
    assert processes_of(directory) == []
    assert Surroundings.seen() == before
    for process in Path("/proc").glob("[0-9]*/ns/net"):
        with contextlib.suppress(OSError):
            assert process.stat().st_ino != namespace, process
