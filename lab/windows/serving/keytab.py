# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys by which the hosts accept Kerberos tickets: made from the passwords of their computer accounts."""

from __future__ import annotations

from dataclasses import dataclass

import krb5

#: The keytab of this process, which never is a file. KRB5_KTNAME must name it.
NAME = "MEMORY:lab"

#: Accounts of computers get tickets for their service names in this; the KDC takes the strongest that they have.
ENCRYPTION = "aes256-cts-hmac-sha1-96"


@dataclass(frozen=True)
class ServiceKey:
    """What a key is made from.

    Attributes:
        account: `NDES1$`.
        fqdn: The host's name, for which clients ask a ticket as HTTP/fqdn.
        password: Of the computer account.
        version: msDS-KeyVersionNumber of the computer account.
    """

    account: str
    fqdn: str
    password: str
    version: int


def fill(realm: str, keys: list[ServiceKey]) -> krb5.KeyTab:
    """Put the keys into the keytab of this process, which lasts as long as what is returned."""
    context = krb5.init_context()
    keytab = krb5.kt_resolve(context, NAME.encode())
    kind = krb5.string_to_enctype(context, ENCRYPTION)
    for key in keys:
        # MS-KILE 3.1.1.2: the salt of a computer account.
        computer = key.account.rstrip("$").lower()
        salt = f"{realm}host{computer}.{realm.lower()}"
        block = krb5.c_string_to_key(context, kind, key.password.encode(), salt.encode())
        principal = krb5.parse_name_flags(context, f"HTTP/{key.fqdn}@{realm}".encode())
        krb5.kt_add_entry(context, keytab, principal, key.version, 0, block)
    return keytab
