# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/ndes-server.md says what module and role are: findings, variables with their defaults, codes, links."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.certops.intune.plugins.module_utils.windows.ndes import failures, preflight_texts

from tools.tree import TOP

GUIDE = (TOP / "docs" / "ndes-server.md").read_text(encoding="utf-8")
ROLE = TOP / "roles" / "ndes_server"
#: Variables of site.yml, which are no role's.
OF_THE_PLAYBOOK = {"ndes_serial"}


def defaults() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    return found


def rows(name: str) -> list[list[str]]:
    """The cells of a table that stands behind a mark."""
    table = GUIDE.partition(f"<!-- {name} -->\n")[2].partition("<!-- end -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_findings_are_those_of_the_module() -> None:
    told = {row[0].strip("`"): row[2] for row in rows("preflight")}
    assert list(told) == list(preflight_texts.TEXTS)
    assert {name for name, accepted in told.items() if accepted == "no"} == preflight_texts.NEVER_ALLOWED
    assert set(told.values()) == {"yes", "no"}


def test_every_switch_of_hardening_is_told_with_its_default() -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in rows("hardening")}
    switches = {name: str(value).lower() for name, value in defaults().items() if "_harden_" in name}
    assert told == switches


def test_variables_are_the_roles() -> None:
    named = set(re.findall(r"\bndes_server_\w+|\bndes_serial\b", GUIDE))
    assert named - OF_THE_PLAYBOOK <= set(defaults())


@pytest.mark.parametrize("code", sorted(failures.CODES), ids=hex)
def test_every_code_that_the_module_explains_is_explained(code: int) -> None:
    assert f"0x{code:08X}" in GUIDE


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)]+)\)", GUIDE):
        path, _hash, anchor = target.partition("#")
        page = GUIDE if not path else (TOP / "docs" / path).read_text(encoding="utf-8")
        heads = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"(?m)^#+ (.+)$", page)}
        assert not anchor or anchor in heads, target


def test_playbooks_are_there() -> None:
    named = set(re.findall(r"certops\.intune\.(\w+) --", GUIDE)) | set(re.findall(r"playbooks/(\w+)\.yml", GUIDE))
    assert named
    for name in named:
        assert (TOP / "playbooks" / f"{name}.yml").exists(), name
