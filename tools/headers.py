# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that every source file says whose it is and under which licence, in its first lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.tree import TOP

HEADER = (
    "Copyright: (c) ",
    "GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)",
    "SPDX-License-Identifier: GPL-3.0-or-later",
)

#: The header stands here at the latest (a shebang and a blank line may come first).
FIRST_LINES = 8

#: Kinds of files that carry the header. Files without a suffix do when they begin with a shebang.
SUFFIXES = frozenset({".py", ".sh", ".ps1", ".yml", ".yaml", ".toml"})

#: Written by antsibull-changelog, which drops comments.
LEFT_OUT = frozenset({"changelogs/changelog.yaml"})


def needs_header(path: Path) -> bool:
    """Whether a file is a source file with something in it."""
    if path.stat().st_size == 0:
        return False
    if path.suffix in SUFFIXES:
        return True
    with path.open("rb") as file:
        return not path.suffix and file.read(2) == b"#!"


def missing_lines(text: str) -> list[str]:
    """The lines of the header that the beginning of a file lacks."""
    head = "\n".join(text.splitlines()[:FIRST_LINES])
    return [line for line in HEADER if line not in head]


def main(top: Path = TOP) -> int:
    """Check all files that git knows or would add. Return the exit status."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listing, cwd=top, check=True, capture_output=True, text=True).stdout.split("\0")
    bad = 0
    for name in sorted(set(names) - LEFT_OUT - {""}):
        path = top / name
        if path.is_file() and not path.is_symlink() and needs_header(path):
            for line in missing_lines(path.read_text(encoding="utf-8")):
                print(f"{name}: the first {FIRST_LINES} lines lack {line!r}")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
