# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of bin/lab say and do on a lab that runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import typing as t
from pathlib import Path

import pytest

from lab import cli, estate, machine
from lab.layout import LabError, Layout

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Lab
    from .conftest import Entries

BinLab = t.Callable[..., subprocess.CompletedProcess[str]]

# up and status


def test_second_up_changes_nothing_and_takes_less_than_a_second(lab: Lab, bin_lab: BinLab) -> None:
    before = (lab.dir / "lab.json").read_bytes()
    begun = time.monotonic()
    done = bin_lab("up", "--dir", lab.dir)
    assert time.monotonic() - begun < 1
    assert done.returncode == 0
    assert "The lab runs already." in done.stdout
    assert str(lab.inventory) in done.stdout
    assert str(lab.dir / "credentials.json") in done.stdout
    assert (lab.dir / "lab.json").read_bytes() == before


def test_status_of_a_running_lab(lab: Lab, bin_lab: BinLab) -> None:
    done = bin_lab("status", "--dir", lab.dir)
    assert done.returncode == 0
    lines = done.stdout.splitlines()[1:]
    assert lines[:3] == ["dc1: runs", "dc2: runs", "windows: runs"]
    assert "ndes1: runs (Windows Server 2022, en-US, desktop, simulated)" in lines


def test_reader_that_goes_away_is_no_error(lab: Lab) -> None:
    """`bin/lab status | true`: what was to be said is said to nobody, and the command ends as it should."""
    program = Path(cli.__file__).parent.parent / "bin" / "lab"
    piped = f'"{program}" status --dir "{lab.dir}" | true; exit "${{PIPESTATUS[0]}}"'
    done = subprocess.run(["bash", "-c", piped], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_status_where_no_lab_is(tmp_path: Path, bin_lab: BinLab) -> None:
    done = bin_lab("status", "--dir", tmp_path)
    assert (done.returncode, done.stdout) == (3, f"{tmp_path}: no lab here\n")


def test_state_is_described(lab: Lab) -> None:
    state = json.loads((lab.dir / "lab.json").read_text())
    assert state["state"] == "ready"
    assert state["domain"] == "corp.example"
    assert state["hosts"]["ndes1"] == {"fqdn": "ndes1.corp.example", "address": "10.77.0.31", "group": "ndes"}
    assert state["certification_authority"] == "CORP Issuing CA 1"
    assert set(state["seconds"]) > {"provision", "seed", "join", "total"}


# Refusals


def test_somebody_else_than_root_is_told_why_and_how(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(sys, "argv", ["bin/lab", "up", "--dir", "somewhere"])
    assert cli.main() == 2
    said = capsys.readouterr().err
    assert "namespaces of its own" in said
    assert "Run: sudo bin/lab up --dir somewhere" in said


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "SYSTEM_PATH", str(tmp_path))
    wanted = "bind9-dnsutils iproute2 krb5-user ldap-utils ldb-tools samba-ad-dc"
    with pytest.raises(LabError, match=r"^Packages are missing: .*\. Install them with: apt-get install ") as caught:
        machine.require_packages()
    assert caught.value.status == 2
    assert set(wanted.split()) <= set(str(caught.value).split("apt-get install ")[1].split())


def test_every_package_is_recognised() -> None:
    packages = [line for line in machine.PACKAGES.read_text().splitlines() if line and not line.startswith("#")]
    assert set(packages) == set(machine.PROGRAMS) | set(machine.MODULES) | set(machine.FILES)


def test_directory_with_other_files_is_left_alone(tmp_path: Path, bin_lab: BinLab) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    for command in ("up", "down"):
        done = bin_lab(command, "--dir", tmp_path)
        assert done.returncode == 2
        assert "has files in it and is no lab" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def test_path_that_is_too_long_for_sockets_is_refused(tmp_path: Path, bin_lab: BinLab) -> None:
    directory = tmp_path / ("x" * 100)
    done = bin_lab("up", "--dir", directory)
    assert done.returncode == 2
    assert "is too long" in done.stderr
    assert not directory.exists()


def test_commands_that_need_a_lab_say_so(tmp_path: Path, bin_lab: BinLab) -> None:
    for command in (["exec", "--dir", tmp_path, "--", "true"], ["stop", "--dir", tmp_path, "dc1"]):
        done = bin_lab(*command)
        assert done.returncode == 3
        assert f"No lab runs in {tmp_path}. Start it with: bin/lab up --dir {tmp_path}" in done.stderr


def test_down_of_nothing_is_no_error(tmp_path: Path, bin_lab: BinLab) -> None:
    assert bin_lab("down", "--dir", tmp_path / "none").returncode == 0


def test_own_lab_is_not_ended_from_within(lab: Lab, bin_lab: BinLab) -> None:
    done = bin_lab("exec", "--dir", lab.dir, "--", cli.TOP / "bin" / "lab", "down", "--dir", lab.dir)
    assert done.returncode == 2
    assert "inside the lab" in done.stderr


# exec


@pytest.mark.parametrize(
    ("command", "status"),
    [(["true"], 0), (["sh", "-c", "exit 42"], 42), (["no-such-program"], 127), (["/etc"], 126), ([], 2)],
)
def test_exec_gives_the_exit_status(lab: Lab, bin_lab: BinLab, command: list[str], status: int) -> None:
    assert bin_lab("exec", "--dir", lab.dir, "--", *command).returncode == status


def test_exec_passes_streams_and_stays_in_the_directory(lab: Lab, bin_lab: BinLab, tmp_path: Path) -> None:
    script = 'cat; pwd; echo "$1" >&2'
    done = bin_lab("exec", "--dir", lab.dir, "--", "sh", "-c", script, "sh", "a b", input="given\n", cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"given\n{tmp_path}\n", "a b\n")


def test_exec_is_replaced_by_the_command_so_that_signals_reach_it(lab: Lab) -> None:
    command: list[str | Path]
    command = [cli.TOP / "bin" / "lab", "exec", "--dir", lab.dir, "--", "sh", "-c", "echo here; exec sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == -signal.SIGTERM


def test_exec_says_where_it_is(lab: Lab, bin_lab: BinLab) -> None:
    done = bin_lab("exec", "--dir", lab.dir, "--", "sh", "-c", 'hostname; echo "$LAB_DIR"; echo "$KRB5_CONFIG"')
    assert done.stdout.splitlines() == ["controller", str(lab.dir), str(lab.dir / "etc" / "krb5.conf")]


def test_etc_cannot_be_written_inside(lab: Lab) -> None:
    done = lab.run(["touch", "/etc/written-in-the-lab"], check=False)
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr


# Fail-over


@pytest.fixture
def restored(lab: Lab, bin_lab: BinLab) -> t.Iterator[None]:
    yield
    for host in estate.DOMAIN_CONTROLLERS:
        bin_lab("start", "--dir", lab.dir, host.name, check=True)


@pytest.mark.usefixtures("restored")
def test_second_domain_controller_takes_over_and_the_first_catches_up(
    lab: Lab, bin_lab: BinLab, search: Callable[..., Entries], tmp_path: Path
) -> None:
    account = lab.credentials["accounts"]["pkiadmin"]
    kerberos = {**os.environ, "KRB5CCNAME": f"FILE:{tmp_path / 'cache'}"}
    alice = f"CN=Alice Andersson,CN=Users,{estate.DOMAIN_DN}"

    assert bin_lab("stop", "--dir", lab.dir, "dc1").stdout == "dc1 is stopped.\n"
    assert "dc1: stopped" in bin_lab("status", "--dir", lab.dir).stdout
    assert lab.run(["ldapsearch", "-x", "-H", "ldap://dc1.corp.example", "-b", ""], check=False).returncode != 0
    # Names, logon and writing go on, by the usual ways of finding a server.
    assert lab.run(["getent", "ahostsv4", "ca1.corp.example"]).stdout.startswith("10.77.0.20 ")
    lab.run(["kinit", account["username"]], input=account["password"] + "\n", env=kerberos)
    moment = str(time.time_ns())
    change = f"dn: {alice}\nchangetype: modify\nreplace: description\ndescription: {moment}\n"
    lab.run(["ldapmodify", "-Q", "-Y", "GSSAPI", "-H", "ldap://dc2.corp.example"], input=change, env=kerberos)

    assert bin_lab("start", "--dir", lab.dir, "dc1").stdout == "dc1 answers.\n"
    end = time.monotonic() + 20
    while search(alice, "description", host="dc1", scope="base")[alice].get("description") != [moment.encode()]:
        assert time.monotonic() < end, "the change did not replicate"
        time.sleep(0.2)


# Inventory


def ansible(lab: Lab, *arguments: str) -> str:
    program, *rest = arguments
    return lab.run([Path(sys.executable).with_name(program), "-i", str(lab.inventory), *rest]).stdout


def test_inventory_has_groups_and_no_secret(lab: Lab) -> None:
    text = ansible(lab, "ansible-inventory", "--list")
    groups = json.loads(text)
    assert groups["domain_controllers"]["hosts"] == ["dc1", "dc2"]
    assert groups["certification_authorities"]["hosts"] == ["ca1"]
    assert groups["ndes"]["hosts"] == ["ndes1", "ndes2"]
    assert groups["connectors"]["hosts"] == ["conn1"]
    assert groups["directory"]["hosts"] == ["localhost"]
    variables = groups["_meta"]["hostvars"]
    assert variables["localhost"]["ansible_connection"] == "local"
    assert variables["localhost"]["domain"] == "corp.example"
    assert "domain_server" not in variables["localhost"]
    assert variables["ndes1"]["ansible_port"] == 5986
    assert variables["ndes1"]["ansible_winrm_server_cert_validation"] == "validate"
    for account in lab.credentials["accounts"].values():
        assert account["password"] not in text


def test_inventory_finds_the_password_when_it_is_used(lab: Lab) -> None:
    account = lab.credentials["accounts"]["pkiadmin"]
    text = ansible(lab, "ansible", "localhost", "-m", "debug", "-a", "msg={{ domain_username }}={{ domain_password }}")
    assert f"{account['username']}={account['password']}" in text


# Secrets


def test_secrets_can_be_read_by_root_only(lab: Lab) -> None:
    assert lab.dir.stat().st_mode & 0o777 == 0o700
    secret = [lab.dir / "credentials.json", *(lab.dir / "ca").glob("*.key"), lab.dir / "run" / "control"]
    secret += [lab.dir / "run" / "windows", *(lab.dir / "windows").glob("*.json")]
    hosts = json.loads((lab.dir / "lab.json").read_text())["hosts"]
    # The keys of root, issuing CA and every host among them, and the states of all but the domain controllers.
    assert len(secret) == 5 + len(hosts) + len(hosts) - 2
    assert (lab.dir / "windows").stat().st_mode & 0o777 == 0o700
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in secret} == {path.name: "0o600" for path in secret}


def test_no_password_in_logs_or_inventory(lab: Lab) -> None:
    passwords = [account["password"] for account in lab.credentials["accounts"].values()]
    for path in [*(lab.dir / "log").iterdir(), *lab.inventory.parent.rglob("*.yml"), lab.dir / "lab.json"]:
        content = path.read_text(errors="replace")
        assert not any(password in content for password in passwords), path


def test_layout_without_supervisor_is_not_running(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.run.mkdir()
    # The number of a living process, but nobody holds the lock: the file is of a lab that was killed.
    layout.supervisor_lock.write_text(str(os.getpid()))
    assert layout.supervisor() is None
