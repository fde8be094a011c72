# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of links under build/collections."""

from __future__ import annotations

from pathlib import Path

from tools.tree import link_collection


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_links_follow_the_checkout(tmp_path: Path) -> None:
    top, collections = tmp_path / "checkout", tmp_path / "checkout" / "build" / "collections"
    for name in ("plugins", "roles", ".git", ".venv", "build"):
        (top / name).mkdir(parents=True)
    (top / "galaxy.yml").write_text("name: intune\n")

    folder = link_collection(top, collections)
    assert names(folder) == {"plugins", "roles", "galaxy.yml"}
    assert (folder / "galaxy.yml").read_text() == "name: intune\n"

    (top / "roles").rmdir()
    (top / "README.md").touch()
    assert link_collection(top, collections) == folder
    assert names(folder) == {"plugins", "README.md", "galaxy.yml"}


def test_links_of_a_moved_checkout_are_renewed(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    (old / "plugins").mkdir(parents=True)
    link_collection(old, old / "build" / "collections")
    old.rename(new)

    folder = link_collection(new, new / "build" / "collections")
    assert (folder / "plugins").readlink() == new / "plugins"
