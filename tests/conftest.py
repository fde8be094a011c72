# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share: the collection under its real name, and the requirements that a test proves.

A test says `@pytest.mark.requirement("SCEP-028", ...)`. An id that is not in docs/requirements.yml stops the run. With
`--record FILE` the outcome of every test is written with its ids, for tools/requirements.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tools import tree
from tools.catalogue import load_catalogue

# Before any test module is imported.
tree.link_collection()
# How busy the machine is says nothing about what is tested.
settings.register_profile("all", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("all"), max_examples=15)
settings.load_profile("all")


class Recorder:
    """Writes {"tests": {node id: {"outcome": ..., "requirements": [...]}}} when the session ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # A test has up to three reports. The first that did not pass is its outcome.
        known = self.tests.get(report.nodeid)
        if known is None or known["outcome"] == "passed":
            ids = sorted({str(value) for name, value in report.user_properties if name == "requirement"})
            self.tests[report.nodeid] = {"outcome": report.outcome, "requirements": ids}

    def pytest_sessionfinish(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps({"tests": self.tests}, indent=1) + "\n", encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", metavar="FILE", help="write outcomes and requirement ids of all tests to FILE")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "requirement(*ids): ids of docs/requirements.yml that the test proves")
    record = config.getoption("--record")
    # With pytest-xdist the reports of all processes come together in the first one.
    if record and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(record)), "requirement-recorder")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    catalogue = load_catalogue()
    for item in items:
        for marker in item.iter_markers("requirement"):
            for identity in marker.args:
                if identity not in catalogue:
                    raise pytest.UsageError(f"{item.nodeid} names an unknown requirement: {identity!r}")
                # Properties travel with the report from one process to another.
                item.user_properties.append(("requirement", identity))
