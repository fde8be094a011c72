# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the domain takes a password: one try, so that a wrong one is known before Windows keeps it, and nobody is
locked out.

With Kerberos a ticket is asked for, which needs no connection to the directory; a simple bind goes over the connection
that the options describe.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

from dataclasses import replace

from ...directory.credentials import acquire
from ...directory.errors import DirectoryError
from ...directory.session import connect
from ...directory.settings import ConnectionSettings

#: Codes of C(causes.CAUSES) that prove a wrong password. Others may be about the controller, or the connection.
_PROOF = frozenset({"wrong_password", "invalid_credentials"})


def refusal(settings: ConnectionSettings, logon_name: str, password: str) -> str | None:
    """Why the domain refuses O(password); None when it takes it, or when that cannot be proven from here."""
    wanted = replace(settings, username=logon_name, password=password, keytab=None, ccache=None)
    try:
        if wanted.auth == "kerberos":
            acquire(wanted).close()
        else:
            # One server: the next one would count the same password as another try.
            connect(replace(wanted, servers=wanted.servers[:1])).close()
    except DirectoryError as error:
        return (error.cause or error.code) if error.code in _PROOF else None
    return None
