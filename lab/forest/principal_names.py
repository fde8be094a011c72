# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service principal names of a domain controller, Samba's own list of them.

Samba registers them when it starts, in its own database, by a program of the service for dynamic DNS updates, which
the lab does not run. They are written where that program would: before the first start.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import ldb

from lab import estate


def register(samdb: Any, host: estate.Host, spn_update_list: Path) -> None:
    """Add the names that the domain controller's account does not have yet."""
    variables = {
        "HOSTNAME": host.fqdn,
        "NETBIOSNAME": host.name.upper(),
        "WORKGROUP": estate.NETBIOS_DOMAIN,
        "DNSDOMAIN": estate.DNS_DOMAIN,
        "DNSFOREST": estate.DNS_DOMAIN,
        "NTDSGUID": samdb.get_ntds_GUID(),
    }
    lines = [line.strip() for line in spn_update_list.read_text().splitlines()]
    wanted = [
        re.sub(r"\$\{(\w+)\}", lambda match: variables[match[1]], line)
        for line in lines
        if line and not line.startswith("#")
    ]
    account = f"CN={host.name.upper()},OU=Domain Controllers,{samdb.domain_dn()}"
    found = samdb.search(base=account, scope=ldb.SCOPE_BASE, attrs=["servicePrincipalName"])[0]
    existing = {str(name).casefold() for name in found.get("servicePrincipalName", [])}
    message = ldb.Message(found.dn)
    missing = [name for name in wanted if name.casefold() not in existing]
    message["new"] = ldb.MessageElement(missing, ldb.FLAG_MOD_ADD, "servicePrincipalName")
    if missing:
        samdb.modify(message)
