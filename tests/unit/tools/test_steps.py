# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running named commands: states, logs, and what a caller's environment may not decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import steps
from tools.steps import Result, Step, run_all, summary


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "LOGS", tmp_path)
    return tmp_path


def shell(name: str, script: str, shown: bool = False) -> Step:
    return Step(name, ["sh", "-c", script], shown=shown)


def test_success_is_one_line(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = shell("a good one", "echo hidden").run()
    assert (result.name, result.state, result.failed) == ("a good one", "ok", False)
    assert capsys.readouterr().out == f"a good one: ok, {result.seconds:.1f} s\n"
    assert (logs / "a-good-one.log").read_text() == "hidden\n"


def test_failure_shows_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    result = shell("a bad one", "echo why; echo because >&2; exit 3").run()
    assert (result.state, result.failed) == ("failed (3)", True)
    assert capsys.readouterr().out == "--- a bad one\nwhy\nbecause\n--- a bad one: failed (3)\n"


def test_shown_output_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    assert shell("shown", "echo once; exit 1", shown=True).run().failed
    assert capsys.readouterr().out == "once\n"


def test_what_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LIMIT", 0.2)
    assert shell("slow", "sleep 30").run().state == "failed (over 0.2 s)"


def test_a_program_that_is_missing_fails() -> None:
    assert Step("missing", ["no-such-program-here"]).run().failed


def test_the_callers_ansible_does_not_count(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_STRATEGY", "free")
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("LEFT_ALONE", "yes")
    script = 'echo "${ANSIBLE_STRATEGY-} ${PYTHONPATH-} $LEFT_ALONE $ADDED"'
    Step("environment", ["sh", "-c", script], {"ADDED": "too"}).run()
    assert (logs / "environment.log").read_text() == "  yes too\n"


def test_results_keep_the_order_of_the_steps() -> None:
    results = run_all([shell("first", "sleep 0.3"), shell("second", "exit 1")], workers=2)
    assert [(result.name, result.failed) for result in results] == [("first", False), ("second", True)]


def test_summary() -> None:
    results = [Result("unit tests", "ok", 1.234), Result("lab", "not run: no root", 0)]
    assert summary(results).splitlines() == [
        "            seconds  result",
        "unit tests      1.2  ok",
        "lab             0.0  not run: no root",
    ]
