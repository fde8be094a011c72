# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Count which requirements are proven by a test, served by code, explained in the documentation, or open.

Where ids count (docs/development.md explains it for authors):

- proven: `@pytest.mark.requirement(...)` on a test; `# proves: ...` in a YAML file below tests/ or extensions/molecule.
- served: `serves: ...` in a comment or docstring, a `requirements:` list in YAML, or the documentation of a module,
  anywhere in plugins/, roles/ or playbooks/.
- documented: any mention in docs/**/*.md.

After a whole `make test` the recorded outcomes decide what is proven: a test that names the id passed and none failed.
Without a record, or when a test was edited since, the markers do. The table says which.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tools.catalogue import DOCUMENTS, KINDS, MENTION, Requirement, load_catalogue, mentioned
from tools.tree import TOP

STATES = ("proven", "served", "documented", "open")

#: Where `make test` records outcomes: one JSON file a suite, and an empty file when all suites ran.
RECORDS = Path("build", "proven")
COMPLETE = "complete"

PROVES = re.compile(r"#\s*proves:(.*)")
SERVES = re.compile(r"\bserves:(.*)")


@dataclass(slots=True)
class Findings:
    """What a scan found: ids by state, and what is wrong (each with its place)."""

    proven: set[str] = field(default_factory=set)
    served: set[str] = field(default_factory=set)
    documented: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def state(self, identity: str) -> str:
        """The best that is true of a requirement."""
        for state in STATES[:-1]:
            if identity in getattr(self, state):
                return state
        return STATES[-1]


class LenientLoader(yaml.CSafeLoader):
    """Reads YAML with Ansible's tags (!vault, !unsafe), whose meaning does not matter here."""


LenientLoader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)


class Scanner:
    """Collects ids from the files of a checkout and checks each against the catalogue."""

    def __init__(self, top: Path, catalogue: dict[str, Requirement]) -> None:
        self.top = top
        self.catalogue = catalogue
        self.findings = Findings()

    def scan(self, recorded: Recorded | None = None) -> Findings:
        """Read everything. With a record, it decides what is proven; the markers are checked all the same."""
        by_marker = self.findings.proven if recorded is None else set[str]()
        for path in self.files("tests", "test_*.py"):
            self.note(by_marker, path, self.markers(path))
        for folder in ("tests", "extensions/molecule"):
            for path in self.files(folder, "*.yml"):
                counts = recorded is None or path.relative_to(self.top).as_posix() in recorded.files
                self.note(self.findings.proven if counts else set(), path, self.comments(path, PROVES))
        if recorded is not None:
            self.findings.proven |= recorded.proven
        for folder in ("plugins", "roles", "playbooks"):
            for path in [*self.files(folder, "*.py"), *self.files(folder, "*.ps1"), *self.files(folder, "*.yml")]:
                self.note(self.findings.served, path, self.comments(path, SERVES))
            for path in self.files(folder, "*.yml"):
                self.note(self.findings.served, path, self.keys(path))
        for path in [*self.files("plugins/modules", "*.py"), *self.files("plugins/modules", "*.yml")]:
            self.note(self.findings.served, path, self.module_documentation(path))
        for path in self.files("docs", "*.md"):
            self.note(self.findings.documented, path, enumerate_mentions(path.read_text(encoding="utf-8")))
        return self.findings

    def files(self, folder: str, pattern: str) -> list[Path]:
        return sorted(path for path in (self.top / folder).rglob(pattern) if path.is_file())

    def note(self, found: set[str], path: Path, ids: Iterator[tuple[int, str]]) -> None:
        for line, identity in ids:
            if identity in self.catalogue:
                found.add(identity)
            else:
                self.complain(path, line, f"unknown requirement {identity}")

    def complain(self, path: Path, line: int, text: str) -> None:
        self.findings.errors.append(f"{path.relative_to(self.top)}:{line}: {text}")

    def markers(self, path: Path) -> Iterator[tuple[int, str]]:
        """Ids in pytest.mark.requirement(...). One that decorates what pytest does not collect is an error."""
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                collected = node.name.startswith("Test" if isinstance(node, ast.ClassDef) else "test")
                if not collected and any(is_marker(decorator) for decorator in node.decorator_list):
                    self.complain(path, node.lineno, f"a requirement marker on {node.name}, which is no test")
            if not (isinstance(node, ast.Call) and is_marker(node)):
                continue
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield node.lineno, argument.value
                else:
                    self.complain(path, node.lineno, "a requirement marker takes ids as plain strings")

    def comments(self, path: Path, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if match := pattern.search(line):
                ids = list(mentioned(match.group(1)))
                if not ids:
                    self.complain(path, number, f"{match.group().strip()!r} names no requirement")
                yield from ((number, identity) for identity in ids)

    def keys(self, path: Path) -> Iterator[tuple[int, str]]:
        """Ids in `requirements:` lists. Lists that hold something else (a module's libraries) are not meant."""
        try:
            documents = list(yaml.load_all(path.read_text(encoding="utf-8"), Loader=LenientLoader))
        except yaml.YAMLError as error:
            self.complain(path, 1, f"not YAML: {error}")
            return
        for value in walk_key(documents, "requirements"):
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, str) and MENTION.fullmatch(item):
                        yield from ((1, identity) for identity in mentioned(item))

    def module_documentation(self, path: Path) -> Iterator[tuple[int, str]]:
        """Ids in the DOCUMENTATION of a module, in its Python file or in its sidecar."""
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".yml":
            yield from enumerate_mentions(text)
            return
        for node in ast.parse(text, str(path)).body:
            if (
                isinstance(node, ast.Assign)
                and any(isinstance(name, ast.Name) and name.id == "DOCUMENTATION" for name in node.targets)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield from ((node.lineno + line - 1, found) for line, found in enumerate_mentions(node.value.value))


def is_marker(node: ast.expr) -> bool:
    """Whether an expression is `pytest.mark.requirement(...)`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement"


def enumerate_mentions(text: str) -> Iterator[tuple[int, str]]:
    """Yield (line number, id) for all ids of a text."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, identity) for identity in mentioned(line))


def walk_key(value: object, key: str) -> Iterator[object]:
    """Yield what stands under a key at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key:
                yield inner
            yield from walk_key(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk_key(inner, key)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the records say: ids that a passed test names and no failed one, and YAML files that ran and passed."""

    proven: frozenset[str]
    files: frozenset[str]


def read_record(top: Path) -> Recorded | None:
    """Read the records of the last whole `make test`; None without one, or when a test is newer than it."""
    complete = top / RECORDS / COMPLETE
    if not complete.exists():
        return None
    written = complete.stat().st_mtime
    if any(path.stat().st_mtime > written for path in (top / "tests").rglob("*") if path.suffix in {".py", ".yml"}):
        return None
    passed, failed, files = set[str](), set[str](), set[str]()
    for path in (top / RECORDS).glob("*.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        files.update(record.get("files", []))
        for test in record.get("tests", {}).values():
            if test["outcome"] != "skipped":
                (passed if test["outcome"] == "passed" else failed).update(test["requirements"])
    return Recorded(frozenset(passed - failed), frozenset(files))


def table(catalogue: dict[str, Requirement], states: dict[str, str]) -> str:
    """Lay out the counts: a row for each document, for each kind, and for all."""

    def row(title: str, chosen: list[Requirement]) -> str:
        counts = Counter(states[requirement.identity] for requirement in chosen)
        return f"{title:<44}" + "".join(f"{counts[state]:>12}" for state in STATES) + f"{len(chosen):>8}"

    everything = list(catalogue.values())
    lines = [f"{'':<44}" + "".join(f"{state:>12}" for state in STATES) + f"{'all':>8}"]
    for prefix, title in DOCUMENTS.items():
        lines.append(row(f"{prefix}  {title}", [entry for entry in everything if entry.document == prefix]))
    lines.append("")
    lines.extend(row(kind, [entry for entry in everything if entry.kind == kind]) for kind in KINDS)
    lines.extend(["", row("all", everything)])
    return "\n".join(lines)


def main(top: Path = TOP) -> int:
    """Print the table, write build/requirements.json, return the exit status."""
    catalogue = load_catalogue(top / "docs" / "requirements.yml")
    recorded = read_record(top)
    findings = Scanner(top, catalogue).scan(recorded)
    states = {identity: findings.state(identity) for identity in catalogue}
    output = top / "build" / "requirements.json"
    output.parent.mkdir(exist_ok=True)
    output.write_text(json.dumps(states, indent=1) + "\n", encoding="utf-8")
    print(table(catalogue, states))
    basis = "passed in the last whole `make test`" if recorded else "was not run for this count"
    print(f"\nproven: a test names it and {basis}")
    for error in findings.errors:
        print(f"error: {error}", file=sys.stderr)
    return 1 if findings.errors else 0


if __name__ == "__main__":
    sys.exit(main())
