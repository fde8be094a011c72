# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts and calls for tests of the model."""

from __future__ import annotations

from functools import cache
from typing import Any

from lab.windows import modules
from lab.windows.host import Host
from lab.windows.identity import Identity
from lab.windows.people.token import ADMINISTRATORS, Token
from lab.windows.runner import run_module

MACHINE = "S-1-5-21-1001-1002-1003"
ADMINISTRATOR = Token(f"{MACHINE}-500", "NDES1\\Administrator", (ADMINISTRATORS,))
USER = Token(f"{MACHINE}-1001", "NDES1\\alice")


def identity(**changes: Any) -> Identity:
    """The identity of ndes1, a member server."""
    values = {
        "name": "ndes1",
        "dns_domain": "corp.example",
        "netbios_domain": "CORP",
        "address": "192.0.2.21",
        "machine_sid": MACHINE,
        "domain_sid": "S-1-5-21-2001-2002-2003",
    }
    return Identity(**{**values, **changes})


def host(**changes: Any) -> Host:
    return Host(identity(**changes))


@cache
def _load() -> None:
    modules.load()


def run(target: Host, module: str, arguments: dict[str, Any] | None = None, user: Token = ADMINISTRATOR) -> Any:
    """The result of an upstream module."""
    _load()
    return run_module(target, user, module, arguments or {})
