# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first domain controller: a new forest, made in the process that calls it."""

from __future__ import annotations

import logging
from typing import Any

from samba import dsdb
from samba.auth import system_session
from samba.provision import provision

from lab import estate

logger = logging.getLogger("lab.forest")


def new_forest(parameters: Any, password: str) -> None:
    """Provision the forest where the configuration (LoadParm) says."""
    host = estate.DOMAIN_CONTROLLERS[0]
    provision(
        logger,
        system_session(),
        smbconf=parameters.configfile,
        lp=parameters,
        realm=estate.REALM,
        domain=estate.NETBIOS_DOMAIN,
        hostname=host.name,
        hostip=host.address,
        sitename=estate.SITE,
        adminpass=password,
        serverrole="active directory domain controller",
        dom_for_fun_level=dsdb.DS_DOMAIN_FUNCTION_2008_R2,
        dns_backend="SAMBA_INTERNAL",
        skip_sysvolacl=True,
        batch_mode=True,
    )
