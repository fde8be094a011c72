# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting to one of the lab's domain controllers over LDAPS, as whoever has a password."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ldap

#: Seconds to connect, and to wait for an answer, before the next domain controller is asked.
CONNECT_TIMEOUT = 2
ANSWER_TIMEOUT = 5

#: After these, another domain controller may answer.
GONE = (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT, ldap.UNAVAILABLE, ldap.BUSY)


def connect(uri: str, user: str, password: str, authority: Path) -> Any:
    """A connection of python-ldap that is bound.

    Args:
        uri: `ldaps://dc1.corp.example`.
        user: Who binds.
        password: Its password.
        authority: PEM of the root certificate.

    Raises:
        ldap.LDAPError: It does not answer (one of GONE), or does not take the password (INVALID_CREDENTIALS).
    """
    connection = ldap.initialize(uri)
    connection.protocol_version = ldap.VERSION3
    options = {
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_NETWORK_TIMEOUT: CONNECT_TIMEOUT,
        ldap.OPT_TIMEOUT: ANSWER_TIMEOUT,
        ldap.OPT_X_TLS_CACERTFILE: str(authority),
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
    }
    for option, value in options.items():
        connection.set_option(option, value)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    connection.simple_bind_s(user, password)
    return connection
