# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulation of the group key distribution service, for domain controllers that have none.

Samba 4.17 knows the classes of its objects and of group managed service accounts, but makes no passwords for these.
With a root key that looks as Add-KdsRootKey leaves it, managed accounts can be made here as in a Windows forest. Nobody
can log on as one.
"""

from __future__ import annotations

import secrets
import time
import uuid
from typing import Any

from lab import estate

#: Between 1601 and 1970, in seconds; the directory counts tenths of microseconds.
_EPOCH, _UNIT = 11644473600, 10_000_000
#: A key counts ten hours after its start; this one does already.
_AGE = 11 * 3600

#: What Add-KdsRootKey writes by default (MS-GKDI 2.2.1, 2.2.2: SP800-108 with SHA-512, Diffie-Hellman).
_DEFAULTS = {
    "msKds-Version": "1",
    "msKds-KDFAlgorithmID": "SP800_108_CTR_HMAC",
    "msKds-SecretAgreementAlgorithmID": "DH",
    "msKds-PrivateKeyLength": "512",
    "msKds-PublicKeyLength": "2048",
}


def simulate(samdb: Any) -> None:
    """Write the containers and a root key, unless the forest has its own."""
    service = f"CN=Group Key Distribution Service,CN=Services,{samdb.get_config_basedn()}"
    if samdb.search(base=f"CN=Services,{samdb.get_config_basedn()}", expression=f"(distinguishedName={service})"):
        return
    keys = f"CN=Master Root Keys,{service}"
    for container in (service, keys):
        samdb.add({"dn": container, "objectClass": "container"})
    start = str((int(time.time()) - _AGE + _EPOCH) * _UNIT)
    controller = f"CN={estate.DOMAIN_CONTROLLERS[0].name.upper()},OU=Domain Controllers,{samdb.domain_dn()}"
    values = {
        **_DEFAULTS,
        "msKds-CreateTime": start,
        "msKds-UseStartTime": start,
        "msKds-DomainID": controller,
        "msKds-RootKeyData": secrets.token_bytes(64),
    }
    samdb.add({"dn": f"CN={uuid.uuid4()},{keys}", "objectClass": "msKds-ProvRootKey", **values})
