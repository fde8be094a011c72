# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue, and how ids are found and counted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import yaml

from tools.catalogue import load_catalogue, mentioned
from tools.requirements import COMPLETE, RECORDS, Scanner, main, read_record, table
from tools.tree import TOP

#: The document the catalogue was taken from, kept beside the checkout by its maintainers.
SPECIFICATION = TOP.parent / "shared" / "spec" / "requirements.yml"

CATALOGUE = """
- {id: SCEP-001, kind: verify, where: ca, title: One}
- {id: SCEP-002, kind: automate, where: ca, title: Two}
- {id: SCEP-003, kind: automate, where: ca, title: Three}
- {id: PKCS-001, kind: manual, where: graph, title: Four}
"""


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A checkout with a catalogue of four."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "requirements.yml").write_text(CATALOGUE)
    return tmp_path


def write(top: Path, name: str, text: str) -> Path:
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def scan(top: Path) -> tuple[dict[str, str], list[str]]:
    catalogue = load_catalogue(top / "docs" / "requirements.yml")
    findings = Scanner(top, catalogue).scan(read_record(top))
    return {identity: findings.state(identity) for identity in catalogue}, findings.errors


def test_catalogue_has_every_requirement() -> None:
    catalogue = load_catalogue()
    assert len(catalogue) == 458
    assert catalogue["SCEP-005"].title == "NDES and the enterprise CA must not share a server"
    assert {entry.where for entry in catalogue.values()} == {
        *("directory", "ca", "ndes_host", "iis", "connector_host", "proxy", "graph", "device", "controller")
    }


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="the specification does not lie beside the checkout")
def test_catalogue_agrees_with_the_specification() -> None:
    theirs = yaml.safe_load(SPECIFICATION.read_text(encoding="utf-8"))
    ours = [(entry.identity, entry.kind, entry.where, entry.title) for entry in load_catalogue().values()]
    assert ours == [(entry["id"], entry["kind"], entry["where"], entry["title"]) for entry in theirs]


@pytest.mark.parametrize(
    "entries, message",
    [
        ("- {id: SCEP-001, kind: verify, where: ca, title: One}\n" * 2, "SCEP-001 is there twice"),
        ("- {id: SCEP-001, kind: wish, where: ca, title: One}", "SCEP-001 has an unknown kind or document"),
        ("- {id: ACME-001, kind: verify, where: ca, title: One}", "ACME-001 has an unknown kind or document"),
    ],
)
def test_bad_catalogue_is_refused(tmp_path: Path, entries: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_catalogue(write(tmp_path, "requirements.yml", entries))


@pytest.mark.parametrize(
    "text, ids",
    [
        ("nothing here", []),
        ("SCEP-028 and (PKCS-001)", ["SCEP-028", "PKCS-001"]),
        ("SCEP-009..SCEP-011, TRBL-071", ["SCEP-009", "SCEP-010", "SCEP-011", "TRBL-071"]),
        ("SCEP-011..SCEP-009", ["SCEP-011..SCEP-009"]),
        ("SCEP-009..PKCS-011", ["SCEP-009..PKCS-011"]),
        ("NDES-001 XSCEP-001 SCEP-001X", []),
    ],
)
def test_ids_in_text(text: str, ids: list[str]) -> None:
    assert list(mentioned(text)) == ids


def test_states_and_their_order(top: Path) -> None:
    write(top, "docs/guide.md", "SCEP-001, SCEP-002 and SCEP-003 are explained.")
    write(top, "roles/one/tasks/main.yml", "# serves: SCEP-001, SCEP-002\n")
    write(top, "tests/unit/test_one.py", 'import pytest\n\n@pytest.mark.requirement("SCEP-001")\ndef test_it(): ...\n')
    assert scan(top) == (
        {"SCEP-001": "proven", "SCEP-002": "served", "SCEP-003": "documented", "PKCS-001": "open"},
        [],
    )


@pytest.mark.parametrize(
    "name, text, state",
    [
        ("plugins/module_utils/a.py", '"""Reads it.\n\nserves: SCEP-002\n"""', "served"),
        ("plugins/module_utils/a.py", "# Not done here: SCEP-002\n", "open"),
        ("plugins/modules/a.py", 'DOCUMENTATION = r"""\ndescription: Requirement SCEP-002.\n"""\n', "served"),
        ("plugins/modules/a.py", 'EXAMPLES = r"""\n# SCEP-002\n"""\n', "open"),
        ("plugins/modules/a.yml", "DOCUMENTATION:\n  description: Requirement SCEP-002.\n", "served"),
        ("roles/a/vars/main.yml", "templates:\n  - {name: A, requirements: [SCEP-002]}\n", "served"),
        ("roles/a/vars/main.yml", "secret: !vault |\n  abc\nrequirements: [SCEP-001..SCEP-003]\n", "served"),
        ("roles/a/vars/main.yml", "requirements: [python-ldap]\nnote: SCEP-002\n", "open"),
        ("tests/integration/a.yml", "# proves: SCEP-001, SCEP-002\n", "proven"),
        ("tests/unit/test_a.py", 'import pytest\npytestmark = pytest.mark.requirement("SCEP-002")\n', "proven"),
        ("tests/unit/test_a.py", 'TEXT = "SCEP-002"\n', "open"),
        ("tests/unit/helper.py", 'import pytest\npytestmark = pytest.mark.requirement("SCEP-002")\n', "open"),
    ],
)
def test_where_ids_count(top: Path, name: str, text: str, state: str) -> None:
    write(top, name, text)
    states, errors = scan(top)
    assert (states["SCEP-002"], errors) == (state, [])


@pytest.mark.parametrize(
    "name, text, error",
    [
        ("docs/guide.md", "see\nSCEP-004", "docs/guide.md:2: unknown requirement SCEP-004"),
        ("docs/guide.md", "SCEP-003..SCEP-001", "docs/guide.md:1: unknown requirement SCEP-003..SCEP-001"),
        ("roles/a/a.yml", "requirements: [TRBL-001]", "roles/a/a.yml:1: unknown requirement TRBL-001"),
        ("plugins/a.py", "# serves: the others", "plugins/a.py:1: 'serves: the others' names no requirement"),
        ("tests/a.yml", "# proves: SCEP-009", "tests/a.yml:1: unknown requirement SCEP-009"),
        (
            "tests/test_a.py",
            'import pytest\n@pytest.mark.requirement("SCEP-004")\ndef test_a(): ...\n',
            "tests/test_a.py:2: unknown requirement SCEP-004",
        ),
        (
            "tests/test_a.py",
            'import pytest\n@pytest.mark.requirement("SCEP-001")\ndef helper(): ...\n',
            "tests/test_a.py:3: a requirement marker on helper, which is no test",
        ),
        (
            "tests/test_a.py",
            'import pytest\nID = "SCEP-001"\n@pytest.mark.requirement(ID)\ndef test_a(): ...\n',
            "tests/test_a.py:3: a requirement marker takes ids as plain strings",
        ),
    ],
)
def test_mistakes_are_errors(top: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, error: str) -> None:
    write(top, name, text)
    assert error in scan(top)[1]
    assert main(top) == 1
    assert f"error: {error}" in capsys.readouterr().err


def record(top: Path, outcomes: dict[str, str], files: tuple[str, ...] = ()) -> None:
    """Record that each id was named by one test with the given outcome."""
    tests = {f"test_{identity}": {"outcome": how, "requirements": [identity]} for identity, how in outcomes.items()}
    number = len(list(top.glob("build/proven/*.json")))
    write(top, f"{RECORDS}/{number}.json", json.dumps({"tests": tests, "files": list(files)}))


def test_compiled_modules_are_no_source(top: Path) -> None:
    write(top, "plugins/modules/a.py", "")
    compiled = write(top, "plugins/modules/__pycache__/a.cpython-311.pyc", "")
    compiled.write_bytes(b"\xa7\x0d\x0d\x0a")
    assert scan(top)[1] == []


def test_recorded_outcomes_decide(top: Path) -> None:
    markers = write(
        top,
        "tests/unit/test_a.py",
        'import pytest\n@pytest.mark.requirement("SCEP-001", "SCEP-002", "SCEP-003", "PKCS-001")\ndef test_a(): ...\n',
    )
    os.utime(markers, (1, 1))
    record(top, {"SCEP-001": "passed", "SCEP-002": "passed", "SCEP-003": "skipped"})
    record(top, {"SCEP-002": "failed"})
    assert set(scan(top)[0].values()) == {"proven"}, "an incomplete record does not count"

    write(top, f"{RECORDS}/{COMPLETE}", "")
    assert scan(top)[0] == {"SCEP-001": "proven", "SCEP-002": "open", "SCEP-003": "open", "PKCS-001": "open"}

    later = (top / RECORDS / COMPLETE).stat().st_mtime + 1
    os.utime(markers, (later, later))
    assert set(scan(top)[0].values()) == {"proven"}, "a record older than a test does not count"


def test_recorded_files_decide(top: Path) -> None:
    for name in ("a", "b"):
        os.utime(write(top, f"tests/{name}.yml", f"# proves: SCEP-00{1 if name == 'a' else 2}\n"), (1, 1))
    record(top, {}, files=("tests/a.yml",))
    write(top, f"{RECORDS}/{COMPLETE}", "")
    assert scan(top)[0] == {"SCEP-001": "proven", "SCEP-002": "open", "SCEP-003": "open", "PKCS-001": "open"}


def test_output(top: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(top, "docs/guide.md", "SCEP-003")
    assert main(top) == 0
    states = {"SCEP-001": "open", "SCEP-002": "open", "SCEP-003": "documented", "PKCS-001": "open"}
    assert json.loads((top / "build" / "requirements.json").read_text()) == states
    output = capsys.readouterr().out
    assert output.startswith(table(load_catalogue(top / "docs" / "requirements.yml"), states))
    rows = {line.split()[0]: line.split()[-5:] for line in output.splitlines() if line.strip()}
    assert rows["SCEP"] == ["0", "0", "1", "2", "3"]
    assert rows["automate"] == ["0", "0", "1", "1", "2"]
    assert rows["all"] == ["0", "0", "1", "3", "4"]


def test_this_checkout_names_known_requirements_only() -> None:
    assert Scanner(TOP, load_catalogue()).scan().errors == []
