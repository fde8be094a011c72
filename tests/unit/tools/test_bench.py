# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark runner: rows, targets, what is written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import bench
from tools.bench import Lab, Row, find, main


@pytest.mark.parametrize(
    "target, met",
    [
        (None, None),
        ("value <= 3", True),
        ("value <= 2.9", False),
        ("value >= 3", True),
        ("ratio <= 1.5", True),
        ("ratio <= 1.4", False),
        ("ratio >= 2", False),
    ],
)
def test_targets(target: str | None, met: bool | None) -> None:
    row = Row("read", 3.0, "s", peer="bare", peer_value=2.0, target=target)
    assert (row.ratio, row.met) == (1.5, met)


@pytest.mark.parametrize(
    "target, message",
    [("fast", "the target 'fast' has not the form"), ("ratio <= 1", "the target 'ratio <= 1' needs a peer")],
)
def test_targets_that_mean_nothing(target: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _ = Row("read", 3.0, "s", target=target).met


def test_benchmarks_are_found() -> None:
    assert {"setup", "lab"} <= find().keys()


@pytest.fixture
def fakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bench.Benchmark]:
    """Benchmarks that need no time, run in an empty checkout."""

    def good(_: Lab) -> Iterator[Row]:
        yield Row("good", 1.0, "s", "bare", 2.0, "ratio <= 1")

    def bad(_: Lab) -> Iterator[Row]:
        yield Row("bad", 5.0, "round trips", target="value <= 3")

    def broken(_: Lab) -> Iterator[Row]:
        yield Row("half", 1.0, "s")
        raise RuntimeError("no forest")

    found: dict[str, bench.Benchmark] = {"good": good, "bad": bad, "broken": broken}
    (tmp_path / "build").mkdir()
    monkeypatch.setattr(bench, "TOP", tmp_path)
    monkeypatch.setattr(bench, "find", lambda: found)
    monkeypatch.setattr(bench, "link_collection", lambda: None)
    return found


def test_one_benchmark(fakes: dict[str, bench.Benchmark], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "good"]) == 0
    row = {"name": "good", "value": 1.0, "unit": "s", "peer": "bare", "peer_value": 2.0, "ratio": 0.5}
    written = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert written == [{**row, "target": "ratio <= 1", "met": True}]
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["value", "unit", "peer", "peer's", "ratio", "target", "met"]
    assert lines[3].split() == ["good", "1", "s", "bare", "2", "0.5", "ratio", "<=", "1", "yes"]


def test_a_missed_target_fails(fakes: dict[str, bench.Benchmark], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "bad"]) == 1
    assert "value <= 3  NO" in capsys.readouterr().out


def test_a_broken_benchmark_fails_alone(
    fakes: dict[str, bench.Benchmark], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del fakes["bad"]
    assert main([]) == 1
    assert "broken failed: no forest" in capsys.readouterr().err
    assert json.loads((tmp_path / "build" / "bench.json").read_text())[0]["name"] == "good"


def test_an_unknown_name_lists_the_known(fakes: dict[str, bench.Benchmark], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "best"]) == 2
    assert capsys.readouterr().err == "no benchmark is called best; there are: good, bad, broken\n"
