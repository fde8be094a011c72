# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab that these tests may stop, starve and change, and what is run in it.

They run inside of a lab of their own:

    bin/lab up --dir build/lab-faults
    LAB_OF_ITS_OWN=1 bin/lab exec --dir build/lab-faults -- .venv/bin/pytest tests/integration/faults
"""

from __future__ import annotations

import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import pytest

from ..conftest import LAB, Lab, _is_inside
from .forest import Dump, Forest
from .runs import Call, Playbooks

if t.TYPE_CHECKING:
    from collections.abc import Iterator

#: What the lab's site.yml is asked for here: one template of a kind that people use and one of a kind that hosts use.
#: Their principals exist before the run, so that a test can take the templates alone.
WISHES: dict[str, t.Any] = {
    "certificate_templates_wanted": [{"recipe": "scep"}, {"recipe": "web_server"}],
    "certificate_templates_ndes_account": "CORP\\svc-ndes",
}


@pytest.fixture(scope="session")
def lab() -> Lab:
    known = Path(os.environ.get("LAB_DIR", ""))
    if os.environ.get("LAB_OF_ITS_OWN") != "1" or not _is_inside(known):
        pytest.fail(f"These tests stop domain controllers. They run in a lab of their own: {__doc__}")
    return Lab(known, inside=True)


class Controllers:
    """Stops and starts domain controllers."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def command(self, verb: str, name: str) -> list[str]:
        return [str(LAB), verb, "--dir", str(self.lab.dir), name]

    def __call__(self, verb: str, name: str) -> None:
        subprocess.run(self.command(verb, name), check=True, capture_output=True)


@pytest.fixture(scope="session")
def controllers(lab: Lab) -> Controllers:
    return Controllers(lab)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def forest(lab: Lab) -> Forest:
    return Forest(lab.dir, lab.credentials)


@pytest.fixture(scope="session")
def playbooks(lab: Lab, home: Path) -> Playbooks:
    return Playbooks(lab, home)


@pytest.fixture(scope="session")
def fresh(forest: Forest) -> Dump:
    """The forest before anything was done to it."""
    return forest.dump()


@pytest.fixture(autouse=True)
def as_before(forest: Forest, fresh: Dump) -> Iterator[None]:
    """Every test finds the fresh forest and leaves it."""
    yield
    forest.restore(fresh)


@dataclass(frozen=True)
class Recorded:
    """What the plays call in an undisturbed run, and what the forest is after each."""

    site: list[Call]
    remove: list[Call]
    delegate: list[Call]
    made: Dump
    removed: Dump
    delegated: Dump


@pytest.fixture(scope="session")
def recorded(playbooks: Playbooks, forest: Forest, fresh: Dump) -> Recorded:
    """Undisturbed runs of the plays, taken back after they were recorded."""

    def play(name: str, *options: str) -> tuple[list[Call], Dump]:
        done = playbooks.run(f"playbooks/{name}.yml", *options, wishes=WISHES)
        assert done.status == 0, done.output
        return done.calls, forest.dump()

    site, made = play("site")
    remove, removed = play("remove", "-e", "remove_confirmation=corp.example")
    delegate, delegated = play("delegate")
    forest.restore(fresh)
    return Recorded(site, remove, delegate, made, removed, delegated)


@pytest.fixture(scope="session")
def template_call(recorded: Recorded) -> Call:
    """The creation of the first template."""
    return next(call for call in recorded.site if call.module == "certificate_template")
