# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Certipy was recorded to say of the set, and the differences that docs/hazards-compared.md explains."""

from __future__ import annotations

import functools
import re
import typing as t
from pathlib import Path

import yaml

from . import judged

TOP = Path(__file__).resolve().parents[3]
RECORD = Path(__file__).with_name("certipy.yml")
DOCUMENT = TOP / "docs" / "hazards-compared.md"

#: The ids that templates of the set are about.
IDS = ("ESC1", "ESC2", "ESC3", "ESC4", "ESC9", "ESC13", "ESC15", "ESC17")

ROW = re.compile(r"^\| `(\w+)` \| (ESC\d+(?:, ESC\d+)*) \| ([^|]+) \| (\w+) \|$", re.MULTILINE)
REASON = re.compile(r"^\| (\w+) \| ([^|]+\.) \|$", re.MULTILINE)


class Difference(t.NamedTuple):
    """One row of the table."""

    template: str
    id: str
    said_by: str
    reason: str


RECORD_HEAD = """\
# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
---
# What Certipy 5.1.0 (certipy find -json) reports to alice, an ordinary user of the lab, of the templates of judged.yml:
# the keys of "[!] Vulnerabilities". test_hazards.py fails when Certipy says something else, and leaves a new record.
"""


def record(found: t.Mapping[str, t.Iterable[str]]) -> str:
    """The text of the record of what was found."""
    ids = {template: sorted(of, key=IDS.index) for template, of in found.items()}
    return RECORD_HEAD + yaml.safe_dump(ids, sort_keys=False, default_flow_style=None)


@functools.cache
def recorded() -> dict[str, list[str]]:
    """Template to the ids that Certipy reported to an ordinary user."""
    record: dict[str, list[str]] = yaml.safe_load(RECORD.read_text(encoding="utf-8"))
    return record


@functools.cache
def differences() -> list[Difference]:
    """The rows of the table, one for each id."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return [
        Difference(f"{judged.PREFIX}{template}", each, said_by.strip(), reason)
        for template, ids, said_by, reason in ROW.findall(text)
        for each in ids.split(", ")
    ]


def reasons() -> dict[str, str]:
    """The reasons by their words in the table."""
    return dict(REASON.findall(DOCUMENT.read_text(encoding="utf-8")))


def numbers() -> dict[str, int]:
    """What the document counts."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return {what: int(number) for what, number in re.findall(r"^\| ([A-Z][\w ]+) \| (\d+) \|$", text, re.MULTILINE)}


def explained(said_by: str, *, objects: bool = False) -> set[tuple[str, str]]:
    """Template and id of the differences where one alone says it; those of other objects, ESC5, when O(objects)."""
    found = [each for each in differences() if (each.id == "ESC5") == objects]
    return {(each.template, each.id) for each in found if each.said_by == said_by}
