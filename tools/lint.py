# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every linter. What cannot run here is said in the table, with the reason."""

from __future__ import annotations

import sys

from tools.steps import WORKERS, Result, Step, run_all, summary
from tools.tree import COLLECTIONS, TOP

COLLECTION = COLLECTIONS / "ansible_collections" / "certops" / "intune"


def existing(*names: str) -> list[str]:
    """The names of the checkout that exist, for linters that refuse to look for what is not there."""
    return [name for name in names if (TOP / name).exists()]


def steps() -> list[Step]:
    """All linters, the slow ones first."""
    typed = [str((COLLECTION / "plugins").relative_to(TOP)), *existing("lab", "tools", "tests")]
    documentation = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "."]
    return [
        Step("ansible-test sanity", ["tools/sanity.sh", ".venv"]),
        Step("mypy", ["mypy", *typed]),
        Step("ansible-lint", ["ansible-lint", "--offline", "--profile", "production", "-q"]),
        Step("antsibull-docs", documentation),
        Step("antsibull-changelog", ["antsibull-changelog", "lint"]),
        Step("ruff check", ["ruff", "check", "."]),
        Step("ruff format", ["ruff", "format", "--check", "."]),
        Step("yamllint", ["yamllint", "--strict", "."]),
        Step("shellcheck", ["shellcheck", ".ci/run", *map(str, sorted((TOP / "tools").glob("*.sh")))]),
        Step("own PowerShell", [sys.executable, "-m", "tools.powershell_lint"]),
        Step("licence headers", [sys.executable, "-m", "tools.headers"]),
    ]


def not_run() -> list[Result]:
    """What a reader may expect and does not get here."""
    if any(TOP.glob("plugins/**/*.ps1")):
        return [Result("pslint", "not run: needs PowerShell with PSScriptAnalyzer, which setup cannot bring")]
    return []


def lint() -> list[Result]:
    """Run everything and return the results."""
    return [*run_all(steps(), WORKERS), *not_run()]


if __name__ == "__main__":
    outcome = lint()
    print(f"\n{summary(outcome)}")
    sys.exit(1 if any(result.failed for result in outcome) else 0)
