# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tools/system.sh against stand-ins for the programs of Debian: what it says, and what it would install."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tools.tree import TOP

#: Programs of the system that the script may use as they are.
REAL = ("bash", "sed", "sort", "cat", "env", "grep", "tee", "chmod", "rm")

Run = Callable[..., subprocess.CompletedProcess[str]]


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the script where samba is installed, apt knows some packages, and installing is only written down."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in REAL:
        found = shutil.which(name)
        assert found is not None
        (programs / name).symlink_to(found)
    program(programs, "dpkg-query", "printf 'installed samba\\ninstalled gcc\\nconfig-files krb5-user\\n'")
    known = "bash|samba|gcc|krb5-user|ldap-utils|new-name"
    program(programs, "apt-cache", f'case $2 in {known}) echo "$2 | 1.0 | here";; esac')
    program(programs, "apt-get", f'echo "$*" >> {tmp_path}/apt-get\n[ ! -e {tmp_path}/fail ]')
    program(programs, "id", "echo 0")

    def run(
        *entries: str, programs_too: Mapping[str, str] | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        for name, script in (programs_too or {}).items():
            if script:
                program(programs, name, script)
            else:
                (programs / name).unlink()
        packages = tmp_path / "packages.txt"
        packages.write_text("# a list\n\n" + "\n".join(entries) + "\n")
        script = (TOP / "tools" / "system.sh").read_text().replace("/usr/sbin/policy-rc.d", str(tmp_path / "policy"))
        return subprocess.run(
            ["bash", "-c", script, "system.sh", str(packages)],
            env={"PATH": str(programs), **environment},
            check=False,
            capture_output=True,
            text=True,
        )

    return run


def asked(tmp_path: Path) -> list[str]:
    """What apt-get was asked."""
    log = tmp_path / "apt-get"
    return log.read_text().splitlines() if log.exists() else []


def test_nothing_missing_is_silent(run: Run, tmp_path: Path) -> None:
    done = run("samba", "gcc  # a compiler", "absent|gcc")
    assert (done.returncode, done.stdout, done.stderr, asked(tmp_path)) == (0, "", "", [])


def test_missing_packages_are_named_then_installed(run: Run, tmp_path: Path) -> None:
    done = run("samba", "ldap-utils", "krb5-user")
    assert done.returncode == 0
    assert done.stdout.splitlines()[0] == "setup: system packages needed and missing: krb5-user ldap-utils"
    assert asked(tmp_path) == ["-qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends krb5-user ldap-utils"]


def test_the_name_that_the_release_knows_is_taken(run: Run, tmp_path: Path) -> None:
    assert run("old-name|new-name").returncode == 0
    assert asked(tmp_path)[-1].endswith(" new-name")


def test_what_the_release_lacks_is_gone_without_where_that_is_allowed(run: Run, tmp_path: Path) -> None:
    done = run("samba", "no-such-browser?")
    assert (done.returncode, done.stdout, done.stderr, asked(tmp_path)) == (0, "", "", [])
    assert run("no-such-browser?", "new-name?", "gcc?", "ldap-utils").returncode == 0
    assert asked(tmp_path) == ["-qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends ldap-utils new-name"]
    assert run("no-such-browser?", programs_too={"id": "echo 1000"}).returncode == 0


def test_no_service_can_start_meanwhile(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    look = f'[ "$({policy}; echo $?)" = 101 ] && echo "$*" >> {tmp_path}/apt-get'
    assert run("ldap-utils", programs_too={"apt-get": look}).returncode == 0
    assert len(asked(tmp_path)) == 1
    assert not policy.exists()


def test_the_administrators_policy_is_left_alone(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text("exit 0\n")
    assert run("ldap-utils").returncode == 0
    assert policy.read_text() == "exit 0\n"


def test_a_list_never_fetched_is_fetched_first(run: Run, tmp_path: Path) -> None:
    fetched = f'[ -s {tmp_path}/apt-get ] && echo "$2 | 1.0 | here"'
    done = run("ldap-utils", programs_too={"apt-cache": fetched})
    assert done.returncode == 0
    assert [line.split()[-1] for line in asked(tmp_path)] == ["update", "ldap-utils"]


def test_an_old_list_is_fetched_again_and_failure_is_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fail").touch()
    done = run("ldap-utils")
    assert done.returncode == 1
    assert [line.split()[-1] for line in asked(tmp_path)] == ["ldap-utils", "update"]
    assert "apt-get could not install them" in done.stderr


def test_without_root_the_exact_command_is_printed(run: Run, tmp_path: Path) -> None:
    done = run("ldap-utils", "krb5-user", programs_too={"id": "echo 1000"})
    assert (done.returncode, asked(tmp_path)) == (1, [])
    assert done.stderr.splitlines() == [
        "setup: these system packages are missing; installing them needs root:",
        "  apt-get install --no-install-recommends krb5-user ldap-utils",
    ]


def test_sudo_is_used_where_it_is(run: Run, tmp_path: Path) -> None:
    sudo = f'echo "sudo $1" >> {tmp_path}/sudo; exec "$@"'
    done = run("ldap-utils", programs_too={"id": "echo 1000", "sudo": sudo})
    assert done.returncode == 0
    assert asked(tmp_path)[-1].endswith(" ldap-utils")
    assert "sudo env" in (tmp_path / "sudo").read_text()


def test_a_system_without_apt(run: Run) -> None:
    done = run("samba", "ldap-utils", programs_too={"apt-get": ""})
    assert done.returncode == 1
    assert "no apt-get" in done.stderr
    assert "setup:   ldap-utils\n" in done.stderr
    assert run("samba", SYSTEM_PACKAGES="skip").returncode == 0
