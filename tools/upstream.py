# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Put the upstream collections into build/collections, at the versions the tests ran with.

They come out of the wheel of the PyPI package `ansible`, which needs a newer Python to be installed than the
collections need to run: the wheel is downloaded and the four folders are taken out of it. `make setup` runs this.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tools.tree import COLLECTIONS, link_collection

#: The PyPI package the collections are taken from.
PACKAGE = "ansible==14.5.0"

#: The versions inside it.
VERSIONS = {
    "ansible.windows": "3.8.0",
    "community.windows": "3.3.0",
    "microsoft.ad": "1.12.1",
    "microsoft.iis": "1.3.0",
}


def installed_version(collections: Path, name: str) -> str | None:
    """The version that a collection's MANIFEST.json states, or None where it is not (wholly) there."""
    manifest = collections / "ansible_collections" / Path(*name.split(".")) / "MANIFEST.json"
    try:
        version = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
    except (OSError, ValueError, KeyError):
        return None
    return str(version)


def unpack(wheel: Path, collections: Path, names: list[str]) -> None:
    """Take the named collections out of a wheel, replacing what is there."""
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory(dir=collections) as scratch:
        prefixes = tuple(f"ansible_collections/{name.replace('.', '/')}/" for name in names)
        archive.extractall(scratch, [member for member in archive.namelist() if member.startswith(prefixes)])
        for name in names:
            folder = Path("ansible_collections", *name.split("."))
            target = collections / folder
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            (Path(scratch) / folder).rename(target)


def main() -> int:
    """Bring what is missing and link the checkout. Return the exit status."""
    COLLECTIONS.mkdir(parents=True, exist_ok=True)
    link_collection()
    missing = [name for name, version in VERSIONS.items() if installed_version(COLLECTIONS, name) != version]
    if not missing:
        return 0
    wanted = ", ".join(f"{name} {VERSIONS[name]}" for name in missing)
    print(f"setup: collections out of {PACKAGE}: {wanted}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        # The Python version is the one the wheel asks for, not the one that runs this.
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps"]
        pip += ["--python-version", "3.13", "--only-binary", ":all:", "--dest", scratch, PACKAGE]
        done = subprocess.run(pip, check=False, capture_output=True, text=True)
        wheels = list(Path(scratch).glob("ansible-*.whl"))
        if done.returncode or len(wheels) != 1:
            print(f"setup: pip could not download {PACKAGE}:\n{done.stdout}{done.stderr}", file=sys.stderr)
            return 1
        unpack(wheels[0], COLLECTIONS, missing)
    wrong = {name: installed_version(COLLECTIONS, name) for name in VERSIONS}
    if wrong != VERSIONS:
        print(f"setup: {PACKAGE} holds {wrong}, expected {VERSIONS}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
