# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach a domain and as whom: plain values.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

Auth: t.TypeAlias = t.Literal["kerberos", "simple"]
Tls: t.TypeAlias = t.Literal["none", "start_tls", "ldaps"]


@dataclass(frozen=True)
class ConnectionSettings:
    """A checked combination of the options that all modules of the directory share.

    Attributes:
        domain: DNS name of the domain; None when O(servers) says enough.
        servers: host names of domain controllers in the order in which they are tried; empty for what the DNS says.
        auth: kerberos is signed and sealed by itself, simple always runs inside TLS.
        username: None for the owner of the credential cache.
        password: for either kind of O(auth).
        keytab: path of a keytab that has a key of O(username).
        ccache: name or path of a credential cache; None for the default one.
        tls: none only with kerberos.
        ca_certificates: path of a PEM file that replaces the authorities this host trusts; None for those.
        timeout: seconds that one operation may take.
    """

    domain: str | None = None
    servers: tuple[str, ...] = ()
    auth: Auth = "kerberos"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    keytab: str | None = None
    ccache: str | None = None
    tls: Tls = "none"
    ca_certificates: str | None = None
    timeout: int = 30
