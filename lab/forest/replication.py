# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replication from the second domain controller to the first: begun by hand, by itself it would be minutes away."""

from __future__ import annotations

from typing import Any

import ldb
from samba.dcerpc import drsuapi
from samba.drs_utils import drsuapi_connect, sendDsReplicaSync
from samba.samdb import SamDB

from lab import estate

from .join import administrator


def begin(parameters: Any, password: str) -> None:
    """Let the first domain controller see its new partner (a run of its KCC) and fetch what that has.

    The domain is fetched when this returns, with the names of the second for Kerberos; the rest follows at once.
    """
    first, second = estate.DOMAIN_CONTROLLERS
    credentials = administrator(parameters, password)
    partner = SamDB(url=f"ldap://{second.fqdn}", credentials=credentials, lp=parameters)
    domain = str(partner.get_default_basedn())
    contexts = map(str, partner.search(base="", scope=ldb.SCOPE_BASE, attrs=["namingContexts"])[0]["namingContexts"])
    connection, handle, _ = drsuapi_connect(first.fqdn, parameters, credentials)
    connection.DsExecuteKCC(handle, 1, drsuapi.DsExecuteKCC1())
    for context in contexts:
        options = drsuapi.DRSUAPI_DRS_WRIT_REP | (0 if context == domain else drsuapi.DRSUAPI_DRS_ASYNC_OP)
        sendDsReplicaSync(connection, handle, partner.get_ntds_GUID(), context, options)
