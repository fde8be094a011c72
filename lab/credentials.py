# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts' passwords: random for each lab, in one file that only root may read, and nowhere else."""

from __future__ import annotations

import json
import secrets
import string

from . import estate
from .layout import Layout, write

ALPHABET = string.ascii_letters + string.digits
LENGTH = 20

#: Satisfies the domain's rule on kinds of characters, whatever follows.
PREFIX = "Aa1-"


def new_passwords(layout: Layout) -> dict[str, str]:
    """A password per account, by the name it has in credentials.json."""
    return {name: _password() for name in usernames(layout)}


def _password() -> str:
    return PREFIX + "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def usernames(layout: Layout) -> dict[str, str]:
    """The Kerberos name of every account by its name in credentials.json: that of the person, or of the host."""
    people = [estate.ADMINISTRATOR, *(person.name for person in estate.PEOPLE)]
    names = {name: name for name in people} | {host.name: host.account for host in layout.members()}
    return {name: f"{account}@{estate.REALM}" for name, account in names.items()}


def write_file(layout: Layout, passwords: dict[str, str]) -> None:
    accounts = {
        name: {"username": username, "password": passwords[name]} for name, username in usernames(layout).items()
    }
    planned = {name: {"username": f"{name}@{estate.REALM}", "password": _password()} for name in estate.PLANNED}
    local = {host.name: {"username": estate.LOCAL_ADMINISTRATOR, "password": _password()} for host in layout.members()}
    content = {"domain": estate.DNS_DOMAIN, "accounts": accounts, "planned": planned, "local": local}
    write(layout.credentials, json.dumps(content, indent=2) + "\n", 0o600)


def read_file(layout: Layout) -> dict[str, str]:
    """The passwords of a lab that was made before."""
    accounts = json.loads(layout.credentials.read_text())["accounts"]
    return {name: account["password"] for name, account in accounts.items()}
