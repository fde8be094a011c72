# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the lab with ldapsearch, and running bin/lab."""

from __future__ import annotations

import base64
import os
import subprocess
import typing as t
from pathlib import Path

import pytest

if t.TYPE_CHECKING:
    from collections.abc import Callable

    from ..conftest import Lab

TOP = Path(__file__).resolve().parents[3]

#: Entries by DN, their values by attribute.
Entries = dict[str, dict[str, list[bytes]]]


def parse(ldif: str) -> Entries:
    """The entries of ldapsearch's output without wrapped lines. References to other servers are left out."""
    entries: Entries = {}
    current: dict[str, list[bytes]] = {}
    for line in ldif.splitlines():
        name, colon, value = line.partition(":")
        if not colon or name.startswith("#") or name == "ref":
            continue
        decoded = base64.b64decode(value[1:]) if value.startswith(":") else value.removeprefix(" ").encode()
        if name == "dn":
            current = entries.setdefault(decoded.decode(), {})
        else:
            current.setdefault(name, []).append(decoded)
    return entries


@pytest.fixture(scope="session")
def search(lab: Lab) -> Callable[..., Entries]:
    """ldapsearch as the PKI administrator, over LDAPS with the lab's root as the only trust."""
    account = lab.credentials["accounts"]["pkiadmin"]

    def run(base: str, *arguments: str, host: str = "dc1", scope: str = "sub") -> Entries:
        command = ["ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-H", f"ldaps://{host}.corp.example", "-x"]
        command += ["-D", account["username"], "-y", "/dev/stdin", "-b", base, "-s", scope, *arguments]
        environment = {**os.environ, "LDAPTLS_CACERT": str(lab.dir / "ca" / "root.pem")}
        return parse(lab.run(command, input=account["password"], env=environment).stdout)

    return run


@pytest.fixture(scope="session")
def bin_lab() -> Callable[..., subprocess.CompletedProcess[str]]:
    """bin/lab with arguments; a failure is the test's business unless it says `check`."""

    def run(*arguments: str | Path, check: bool = False, **options: t.Any) -> subprocess.CompletedProcess[str]:
        given: dict[str, t.Any] = {"capture_output": True, "text": True, **options}
        command = [TOP / "bin" / "lab", *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(command, check=check, **given)
        return done

    return run
