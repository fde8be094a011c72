# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of ansible-core and Python, and how a Python is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools.cores import load_cores
from tools.tree import TOP

PINS = TOP / "tools" / "pins"


def test_the_matrix() -> None:
    cores = {core.name: core for core in load_cores()}
    assert list(cores) == ["2.18", "2.19", "2.20", "2.21"]
    assert [name for name, core in cores.items() if core.is_main] == ["2.19"]
    assert cores["2.18"].venv == TOP / "build" / "cores" / "2.18"
    assert cores["2.19"].venv == TOP / ".venv"
    # The lowest Python that the collection promises is among those tested.
    assert "3.11" in {core.pythons[0] for core in cores.values()}


def test_each_core_is_pinned_to_its_release() -> None:
    for core in load_cores():
        pins = (PINS / f"core-{core.name}.txt").read_text(encoding="utf-8")
        assert f"\nansible-core=={core.name}." in pins


def test_a_core_without_pythons_is_refused(tmp_path: Path) -> None:
    (tmp_path / "core-2.30.txt").write_text("ansible-core==2.30.0\n")
    with pytest.raises(ValueError, match="a line '# python: "):
        load_cores(tmp_path)


def find(home: Path, *versions: str) -> tuple[int, str]:
    """Ask tools/python.sh, with only the system's own programs and a home of one's own."""
    done = subprocess.run(
        [str(TOP / "tools" / "python.sh"), *versions],
        env={"HOME": str(home), "PATH": f"{home}/bin:/usr/bin:/bin"},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.strip()


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_python_of_pyenv_is_found_behind_a_shim_that_is_off(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "python3.97", "echo 'pyenv: python3.97: command not found' >&2; exit 127")
    program(tmp_path / ".pyenv" / "versions" / "3.97.1" / "bin" / "python3", 'echo "$0"')
    expected = tmp_path / ".pyenv" / "versions" / "3.97.1" / "bin" / "python3"
    assert find(tmp_path, "3.98", "3.97") == (0, str(expected))


def test_the_first_version_that_is_there_wins(tmp_path: Path) -> None:
    for version in ("3.97", "3.98"):
        program(tmp_path / "bin" / f"python{version}", f"echo found {version}")
    assert find(tmp_path, "3.98", "3.97") == (0, "found 3.98")


def test_a_python_of_another_version_is_not_taken(tmp_path: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    program(tmp_path / "bin" / "python3.97", f'exec {sys.executable} "$@"')
    assert find(tmp_path, "3.97") == (1, "")
    program(tmp_path / "bin" / f"python{version}", f'exec {sys.executable} "$@"')
    assert find(tmp_path, version) == (0, getattr(sys, "_base_executable", None))


def test_no_python(tmp_path: Path) -> None:
    assert find(tmp_path, "3.98") == (1, "")


def test_a_python_of_a_virtual_environment_is_not_taken(tmp_path: Path) -> None:
    """Setup makes .venv anew when its recipe changes: from what .venv was made of, and not from itself."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    status, found = find(tmp_path, version)
    assert (status, found.startswith(str(tmp_path))) == (0, False)
