# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools of others that change the forest and try passwords in it: ldapmodify, kinit and samba-tool."""

from __future__ import annotations

import subprocess
import tempfile
import typing as t
import uuid
from pathlib import Path

if t.TYPE_CHECKING:
    from ..conftest import Lab

REALM = "CORP.EXAMPLE"
DOMAIN_DN = "DC=corp,DC=example"
#: Gone with the process.
_TICKETS = tempfile.TemporaryDirectory(prefix="tickets-")


def ldapmodify(lab: Lab, ldif: str) -> None:
    """Make the changes of O(ldif) as the PKI administrator."""
    done = subprocess.run(
        ["ldapmodify", "-Q", "-Y", "GSSAPI", "-N", "-H", "ldap://dc1.corp.example"],
        input=ldif,
        env={"PATH": "/usr/bin:/bin", "KRB5CCNAME": f"FILE:{ticket(lab)}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def ticket(lab: Lab) -> Path:
    """A credential cache of the PKI administrator."""
    cache = Path(_TICKETS.name) / uuid.uuid4().hex
    done = kinit("pkiadmin", lab.credentials["accounts"]["pkiadmin"]["password"], cache)
    assert done.returncode == 0, done.stderr
    return cache


def kinit(name: str, password: str, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Try the password of an account."""
    with tempfile.TemporaryDirectory() as scratch:
        return subprocess.run(
            ["kinit", "-c", f"FILE:{cache or Path(scratch) / 'cache'}", f"{name}@{REALM}"],
            input=f"{password}\n",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )


def samba_tool(lab: Lab, *arguments: str) -> str:
    """What samba-tool prints as the PKI administrator."""
    done = subprocess.run(
        ["samba-tool", *arguments, "-H", "ldap://dc1.corp.example", f"--use-krb5-ccache={ticket(lab)}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
