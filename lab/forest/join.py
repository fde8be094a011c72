# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second domain controller: a real join over the network to the first, with replication of all partitions."""

from __future__ import annotations

import logging
from typing import Any

from samba.credentials import DONT_USE_KERBEROS, Credentials
from samba.join import join_DC

from lab import estate

logger = logging.getLogger("lab.forest")


def administrator(parameters: Any, password: str) -> Any:
    """The credentials of the domain's administrator, for NTLM: they work before Kerberos names are registered."""
    credentials = Credentials()
    credentials.guess(parameters)
    credentials.set_username(estate.ADMINISTRATOR)
    credentials.set_domain(estate.NETBIOS_DOMAIN)
    credentials.set_realm(estate.REALM)
    credentials.set_password(password)
    credentials.set_kerberos_state(DONT_USE_KERBEROS)
    return credentials


def join(parameters: Any, password: str) -> None:
    """Join the forest where the configuration (LoadParm) says, as the domain's administrator."""
    first, second = estate.DOMAIN_CONTROLLERS
    join_DC(
        logger=logger,
        server=first.fqdn,
        creds=administrator(parameters, password),
        lp=parameters,
        site=estate.SITE,
        netbios_name=second.name.upper(),
        domain=estate.DNS_DOMAIN,
        dns_backend="SAMBA_INTERNAL",
    )
