# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What `make test` counts, and that tests record what they prove."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import verify
from tools.steps import Result
from tools.tree import TOP


def test_every_test_and_every_check_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "RECORD_FOLDER", tmp_path)
    outcomes = {"a": "passed", "b": "passed", "c": "failed", "d": "skipped"}
    tests = {name: {"outcome": outcome, "requirements": []} for name, outcome in outcomes.items()}
    (tmp_path / "unit-tests-ansible-core-2.19.json").write_text(json.dumps({"tests": tests}))
    results = [
        Result("unit tests, ansible-core 2.19", "failed (1)"),
        Result("unit tests, ansible-core 2.20", "failed (2)"),
        Result("unit tests, ansible-core 2.21", "not run: no Python 3.13 found"),
        Result("ruff check", "ok"),
    ]
    assert verify.count(results) == "3 passed, 2 failed, 1 skipped"


TESTS = """
import pytest

@pytest.fixture
def broken():
    yield
    raise RuntimeError

@pytest.mark.requirement("SCEP-001", "SCEP-002")
def test_good(): ...

@pytest.mark.requirement("SCEP-003")
def test_bad():
    assert False

@pytest.mark.requirement("SCEP-004")
def test_left_out():
    pytest.skip("because")

@pytest.mark.requirement("SCEP-005")
def test_bad_end(broken): ...

@pytest.mark.parametrize("number", [pytest.param(1, marks=pytest.mark.requirement("SCEP-006")), 2])
def test_some(number): ...
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder of tests under the conftest of this checkout."""
    (tmp_path / "conftest.py").write_text((TOP / "tests" / "conftest.py").read_text(encoding="utf-8"))
    return tmp_path


def run_pytest(suite: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    (suite / "test_some.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(suite), "-c", "/dev/null", str(suite), *options]
    return subprocess.run(command, cwd=suite, env={"PYTHONPATH": str(TOP)}, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("processes", ["0", "2"])
def test_outcomes_are_recorded(suite: Path, processes: str) -> None:
    record = suite / "folder" / "record.json"
    assert run_pytest(suite, TESTS, "-n", processes, "--record", str(record)).returncode == 1
    recorded = json.loads(record.read_text())["tests"]
    assert {name.rpartition("::")[2]: (test["outcome"], test["requirements"]) for name, test in recorded.items()} == {
        "test_good": ("passed", ["SCEP-001", "SCEP-002"]),
        "test_bad": ("failed", ["SCEP-003"]),
        "test_left_out": ("skipped", ["SCEP-004"]),
        "test_bad_end": ("failed", ["SCEP-005"]),
        "test_some[1]": ("passed", ["SCEP-006"]),
        "test_some[2]": ("passed", []),
    }


def test_an_unknown_requirement_stops_the_run(suite: Path) -> None:
    done = run_pytest(suite, '\nimport pytest\n@pytest.mark.requirement("SCEP-999")\ndef test_it(): ...\n')
    assert done.returncode == 4
    assert "test_some.py::test_it names an unknown requirement: 'SCEP-999'" in done.stdout + done.stderr
