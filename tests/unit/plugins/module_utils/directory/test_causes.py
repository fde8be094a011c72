# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide on directory credentials lists every cause of a failure as the code tells it."""

from __future__ import annotations

from ansible_collections.certops.intune.plugins.module_utils.directory.causes import CAUSES

from tools.tree import TOP

GUIDE = TOP / "docs" / "directory-credentials.md"
BEGIN, END = "<!-- causes -->\n", "<!-- end of causes -->"


def table() -> str:
    """The table that the guide must have between its marks."""
    rows = [f"| `{code}` | {cause.text} | {cause.remedy or ''} |\n" for code, cause in CAUSES.items()]
    return "".join(["| `cause` | What it means | What to do |\n", "|---|---|---|\n", *rows])


def test_the_guide_has_every_cause() -> None:
    """When this fails, put what C(table) returns between the marks."""
    text = GUIDE.read_text(encoding="utf-8")
    _, found, rest = text.partition(BEGIN)
    assert found
    assert rest.partition(END)[0] == table()
