# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/evidence.md says what the registry of operations says, and claims nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.windows import evidence
from lab.windows.operation import Operation

RUN = """
runs:
  - {operation: ansible.windows.win_ping, release: Windows Server 2022, date: 2026-11-21, by: A, what: its cases}
  - {operation: server_info.ps1, engine: PowerShell 7.6, date: 2026-11-22, by: A, what: tests/contract/run.ps1}
"""


def test_page_is_up_to_date() -> None:
    assert evidence.TARGET.read_text(encoding="utf-8") == evidence.document()


def test_page_begins_with_what_it_is_not() -> None:
    opening = "\n".join(evidence.document().splitlines()[:6])
    assert "Nothing on this page, and nothing that the lab answers, is proof of Windows." in opening


def test_every_operation_stands_in_it() -> None:
    page = evidence.document()
    for operation in evidence.load():
        assert f"| `{operation.name}` | {operation.mirrors}" in page
        assert operation.mirrors


def test_what_was_checked_against_is_there() -> None:
    """Files of this project that an operation names exist."""
    for operation in evidence.load():
        for source in operation.checked_against:
            if source.startswith(("tests/", "lab/", "docs/")):
                assert (evidence.TOP / source).exists(), f"{operation.name}: {source}"


def test_a_run_on_windows_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "runs.yml"
    path.write_text(RUN)
    seen = evidence.runs(path)
    operation = Operation("ansible.windows.win_ping", "module", lambda: None, "x")
    assert evidence._where(operation, seen) == "run on Windows Server 2022 on 2026-11-21"
    script = Operation("server_info.ps1", "script", lambda: None, "x")
    assert evidence._where(script, seen) == "with stand-ins under PowerShell 7.6 on 2026-11-22"
    assert evidence._where(Operation("other", "module", lambda: None, "x"), seen) == "simulated"


def test_runs_name_known_operations() -> None:
    names = {operation.name for operation in evidence.load()}
    for run in evidence.runs():
        assert run["operation"] in names
        assert run.keys() - {"release", "engine"} == {"operation", "date", "by", "what"}
        assert len(run.keys() & {"release", "engine"}) == 1


def test_cells_keep_the_table_whole() -> None:
    assert evidence.table(("a", "b"), [("x|y", "1\n2")]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 2 |"


def test_an_old_page_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evidence, "TARGET", tmp_path / "evidence.md")
    assert evidence.main([]) == 1
    assert "python -m lab.windows.evidence --write" in capsys.readouterr().out
    assert evidence.main(["--write"]) == 0
    assert evidence.main([]) == 0
