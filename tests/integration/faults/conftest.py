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
from pathlib import Path

import pytest

from ..conftest import LAB, Lab, _is_inside
from .forest import Dump, Forest
from .runs import Call, Playbooks, Played

if t.TYPE_CHECKING:
    from collections.abc import Iterator

#: What the lab's site.yml is asked for here: one template of a kind that people use and one of a kind that hosts use.
WISHES: dict[str, t.Any] = {"certificate_templates_wanted": [{"recipe": "scep"}, {"recipe": "web_server"}]}


@pytest.fixture(scope="session")
def lab() -> Lab:
    known = Path(os.environ.get("LAB_DIR", ""))
    if os.environ.get("LAB_OF_ITS_OWN") != "1" or not _is_inside(known):
        pytest.fail(f"These tests stop domain controllers. They run in a lab of their own: {__doc__}")
    return Lab(known, inside=True)


@pytest.fixture(scope="session")
def controllers(lab: Lab) -> t.Callable[[str, str], None]:
    """Stops and starts a domain controller."""

    def tell(verb: str, name: str) -> None:
        subprocess.run([LAB, verb, "--dir", lab.dir, name], check=True, capture_output=True)

    return tell


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


@pytest.fixture(scope="session")
def site(playbooks: Playbooks, forest: Forest, fresh: Dump) -> Played:
    """An undisturbed run of site.yml, taken back after it was recorded."""
    done = playbooks.run("playbooks/site.yml", wishes=WISHES)
    assert done.status == 0, done.output
    forest.restore(fresh)
    return done


@pytest.fixture(scope="session")
def site_calls(site: Played) -> list[Call]:
    return [call for call in site.calls if not call.module.startswith("ansible.")]
