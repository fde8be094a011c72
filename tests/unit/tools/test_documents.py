# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents: links lead somewhere, and what they say of the tools is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.bench import find
from tools.cores import load_cores
from tools.tree import TOP

DOCUMENTS = [TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_relative_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_guides_are_linked_from_the_readme() -> None:
    readme = DOCUMENTS[0].read_text(encoding="utf-8")
    assert [path.name for path in DOCUMENTS[1:] if f"(docs/{path.name})" not in readme] == []


def test_the_readme_names_the_tested_versions() -> None:
    readme = DOCUMENTS[0].read_text(encoding="utf-8")
    table = re.findall(r"^\| (2\.\d+) \| (3\.\d+) \|$", readme, re.MULTILINE)
    assert table == [(core.name, core.pythons[0]) for core in load_cores()]


def test_every_target_of_the_makefile_is_explained() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)
    text = (TOP / "docs" / "development.md").read_text(encoding="utf-8")
    assert "demo" in targets
    assert [name for name in targets if name != "help" and f"`make {name}`" not in text] == []


def test_every_benchmark_is_explained() -> None:
    text = (TOP / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert [name for name in find() if f"`{name}`" not in text] == []
