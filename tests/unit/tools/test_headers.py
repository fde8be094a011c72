# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check of licence headers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools import headers

GOOD = "".join(f"# {line}\n" for line in headers.HEADER[1:]).join(["# Copyright: (c) 2026, somebody\n", "print()\n"])


@pytest.mark.parametrize(
    "name, text, complaints",
    [
        ("good.py", GOOD, 0),
        ("script", f"#!/bin/sh\n{GOOD}", 0),
        ("empty.py", "", 0),
        ("notes.md", "no source", 0),
        ("data", "no script", 0),
        ("bare.py", "print()\n", 3),
        ("bare.yml", "a: 1\n", 3),
        ("bare", "#!/bin/sh\n", 3),
        ("late.py", "\n" * 6 + GOOD, 1),
        ("licence.sh", GOOD.replace("GPL-3.0-or-later", "MIT"), 1),
    ],
)
def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, complaints: int) -> None:
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True)
    (tmp_path / name).write_text(text)
    assert headers.main(tmp_path) == (1 if complaints else 0)
    assert capsys.readouterr().out.count(f"{name}: the first 8 lines lack") == complaints
