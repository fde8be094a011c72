# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What root reads out of the databases of the lab's domain controllers: what they tell nobody over the network."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from ldap.filter import escape_filter_chars

from lab import estate
from lab.layout import LabError, Layout

Record = dict[str, list[bytes]]


def search(layout: Layout, controller: str, expression: str, attributes: Sequence[str]) -> list[Record]:
    """Search the database of a domain controller, whether it runs or not.

    Args:
        layout: The lab.
        controller: `dc1`.
        expression: LDAP filter.
        attributes: Names; those of the records are in lower case. SIDs are given as text.

    Raises:
        LabError: The database cannot be read.
    """
    database = layout.domain_controller(controller) / "private" / "sam.ldb"
    command: list[str | Path] = ["ldbsearch", "-H", database, "-b", estate.DOMAIN_DN, expression, *attributes]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise LabError(f"ldbsearch of {database} failed: {done.stderr.decode(errors='replace').strip()}")
    return list(_records(done.stdout))


def _records(text: bytes) -> Iterator[Record]:
    """The entries of LDIF as ldbsearch writes it; comments and referrals left out."""
    for block in text.replace(b"\n ", b"").split(b"\n\n"):
        record: Record = {}
        for line in block.splitlines():
            name, separator, value = line.partition(b":")
            if line.startswith(b"#") or not separator:
                continue
            data = base64.b64decode(value[1:].strip()) if value.startswith(b":") else value.strip()
            record.setdefault(name.decode().lower(), []).append(data)
        if "dn" in record:
            yield record


def domain_sid(layout: Layout) -> str:
    """The SID of the lab's domain."""
    controller = estate.DOMAIN_CONTROLLERS[0].name
    (domain,) = search(layout, controller, "(objectClass=domain)", ["objectSid"])
    return domain["objectsid"][0].decode()


def computer_key_versions(layout: Layout) -> dict[str, int]:
    """msDS-KeyVersionNumber of all computer accounts, by name in lower case, `ndes1$`."""
    controller = estate.DOMAIN_CONTROLLERS[0].name
    found = search(layout, controller, "(objectClass=computer)", ["sAMAccountName", "msDS-KeyVersionNumber"])
    return {
        computer["samaccountname"][0].decode().lower(): int(computer["msds-keyversionnumber"][0]) for computer in found
    }


class StoredHashes:
    """NT hashes of the domain's accounts, by account name. NTLM cannot be checked without them."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def __call__(self, account: str) -> bytes | None:
        """The NT hash of an account; None if there is no account, or it has no password.

        Of the domain controllers that differ, because one did not replicate yet, the last password counts.
        """
        expression = f"(sAMAccountName={escape_filter_chars(account)})"
        newest = -1, b""
        for controller in estate.DOMAIN_CONTROLLERS:
            for entry in search(self._layout, controller.name, expression, ["unicodePwd", "pwdLastSet"]):
                set_at = int(entry.get("pwdlastset", [b"0"])[0])
                newest = max(newest, (set_at, entry.get("unicodepwd", [b""])[0]))
        return newest[1] or None
