# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""certificate_services.yml as directory objects: attributes in octets, security in SDDL."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("certificate_services.yml")

ENROLL = "0e10c968-78fb-11d2-90d4-00c04f79dc55"
AUTOENROLL = "a05b8cc2-17bc-4802-a710-e7c15ab866a2"

FULL = "CCDCLCSWRPWPDTLOSDRCWDWO"
READ = "LCRPLORC"

#: Values that the data has in hexadecimal.
OCTETS = frozenset({"pKIKeyUsage", "pKIExpirationPeriod", "pKIOverlapPeriod"})

#: What the data says about a template beside its attributes.
_NOT_ATTRIBUTES = frozenset({"number", "enroll", "autoenroll"})


def load() -> dict[str, Any]:
    """The data as it is written."""
    with DATA.open("rb") as file:
        data: dict[str, Any] = yaml.safe_load(file)
    return data


def attributes(template: dict[str, Any], common: dict[str, Any], oid_root: str) -> dict[str, list[bytes]]:
    """All attributes of a template but its security.

    Args:
        template: One of `templates`.
        common: What templates have unless they say otherwise.
        oid_root: The forest's OID root.
    """
    named = {name: value for name, value in {**common, **template}.items() if name not in _NOT_ATTRIBUTES}
    named["msPKI-Cert-Template-OID"] = template_oid(oid_root, template)
    return {name: octets(name, value) for name, value in named.items()}


def octets(name: str, value: Any) -> list[bytes]:
    """The values of one attribute as LDAP has them."""
    if name in OCTETS:
        return [bytes.fromhex(value)]
    return [str(each).encode() for each in (value if isinstance(value, list) else [value])]


def template_security(template: dict[str, Any]) -> str:
    """The security of a built-in template: protected, no inheritance, object entries first."""
    rights = [(ENROLL, alias) for alias in template["enroll"]]
    rights += [(AUTOENROLL, alias) for alias in template.get("autoenroll", [])]
    # Enterprise Read-only Domain Controllers (RO) alone have no write among the built-in rights.
    entries = "".join(f"(OA;;{'RPCR' if alias == 'RO' else 'RPWPCR'};{guid};;{alias})" for guid, alias in rights)
    return f"O:EAG:EAD:PAI{entries}(A;;{FULL};;;DA)(A;;{FULL};;;EA)(A;;{READ};;;AU)"


def service_security(ca_sid: str) -> str:
    """The security of what a CA makes for itself: its own account has full control. From a dump of a real CA."""
    return f"O:EAG:EAD:AI(A;OICI;{READ};;;AU)(A;OICI;{FULL};;;EA)(A;OICI;{FULL};;;{ca_sid})(OA;;CR;{ENROLL};;AU)"


def new_oid_root() -> str:
    """An OID root as a forest gets it with its first enterprise CA.

    A random GUID below Microsoft's arc, in its order in memory, as five numbers of 24 bits and one of 8. The rule was
    derived from 15 published roots.
    """
    octets_of_guid = uuid.uuid4().bytes_le
    arcs = [int.from_bytes(octets_of_guid[start : start + 3], "big") for start in range(0, 15, 3)]
    return ".".join(["1.3.6.1.4.1.311.21.8", *map(str, arcs), str(octets_of_guid[15])])


def template_oid(oid_root: str, template: dict[str, Any]) -> str:
    return f"{oid_root}.1.{template['number']}"


def oid_object_name(oid: str) -> str:
    """The name of the object of an OID: its last arc, then the MD5 of the whole in UTF-16."""
    digest = hashlib.md5(oid.encode("utf-16-le"), usedforsecurity=False).hexdigest().upper()
    return f"{oid.rpartition('.')[2]}.{digest}"
