# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Give the checkout the path that Ansible and Python want: build/collections/ansible_collections/certops/intune.

The folder holds one link for each top-level entry of the checkout, so that nothing contains itself. `make setup` lays
the links, and so do the tests before they import anything.
"""

from __future__ import annotations

from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
COLLECTIONS = TOP / "build" / "collections"

#: Top-level entries that are no part of the collection, whatever they hold.
LEFT_OUT = frozenset({"build"})


def link_collection(top: Path = TOP, collections: Path = COLLECTIONS) -> Path:
    """Make the folder of links agree with the checkout and return it.

    Args:
        top: the checkout.
        collections: the folder that goes into ANSIBLE_COLLECTIONS_PATH and sys.path.
    """
    folder = collections / "ansible_collections" / "certops" / "intune"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {entry.name for entry in top.iterdir() if not entry.name.startswith(".")} - LEFT_OUT
    for entry in folder.iterdir():
        if entry.name not in wanted or entry.readlink() != top / entry.name:
            entry.unlink(missing_ok=True)
    for name in wanted:
        link = folder / name
        if not link.is_symlink():
            # Two test processes may start at the same time.
            try:
                link.symlink_to(top / name)
            except FileExistsError:
                continue
    return folder
