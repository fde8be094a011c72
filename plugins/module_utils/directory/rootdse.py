# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root entry of a domain controller: what it serves, and who is connected.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .entry import Entry
from .sid import Sid

#: MS-ADTS 3.1.1.3.2. Operational attributes: each must be asked for by name.
ATTRIBUTES: t.Final[tuple[str, ...]] = (
    "defaultNamingContext",
    "configurationNamingContext",
    "schemaNamingContext",
    "rootDomainNamingContext",
    "dnsHostName",
    "domainFunctionality",
    "forestFunctionality",
    "domainControllerFunctionality",
    "isGlobalCatalogReady",
    "supportedControl",
    "tokenGroups",
)

# MS-ADTS 3.1.1.3.4.1.5: with the control for extended DNs, names of objects come with their GUID and SID before them.
_EXTENDED = re.compile(r"<(GUID|SID)=([^>]*)>;")


@dataclass(frozen=True)
class RootDse:
    """The root entry.

    Attributes:
        default_naming_context: DN of the server's own domain.
        configuration_naming_context: DN under which the forest keeps its public key services.
        schema_naming_context: DN of the schema.
        root_domain_naming_context: DN of the forest's root domain.
        dns_host_name: the server's full name.
        domain_functionality: level of the domain, 7 for Windows Server 2016.
        forest_functionality: level of the forest.
        domain_controller_functionality: level of the server.
        is_global_catalog: whether the server answers for the whole forest too.
        supported_controls: OIDs.
        token_sids: the caller and all groups of the caller, in no promised order (see caller.py). Empty when the server
            does not say.
        domain_sid: SID of the server's own domain; None when the server does not say.
        root_domain_sid: SID of the forest's root domain; None when the server does not say.
    """

    default_naming_context: str
    configuration_naming_context: str
    schema_naming_context: str
    root_domain_naming_context: str
    dns_host_name: str
    domain_functionality: int
    forest_functionality: int
    domain_controller_functionality: int
    is_global_catalog: bool
    supported_controls: frozenset[str]
    token_sids: tuple[Sid, ...]
    domain_sid: Sid | None
    root_domain_sid: Sid | None


def from_entry(entry: Entry) -> RootDse:
    """The root entry as values. Raises ValueError when it is not one of Active Directory."""
    names = {name: parse_extended_dn(entry.text(name) or "") for name in ATTRIBUTES[:4]}
    missing = [name for name, (dn, _sid) in names.items() if not dn]
    if missing:
        raise ValueError(
            f"the root entry has no {', '.join(missing)}: it is not a domain controller of Active Directory"
        )
    domain, domain_sid = names["defaultNamingContext"]
    root_domain, root_domain_sid = names["rootDomainNamingContext"]
    return RootDse(
        default_naming_context=domain,
        configuration_naming_context=names["configurationNamingContext"][0],
        schema_naming_context=names["schemaNamingContext"][0],
        root_domain_naming_context=root_domain,
        dns_host_name=entry.text("dnsHostName") or "",
        domain_functionality=entry.integer("domainFunctionality") or 0,
        forest_functionality=entry.integer("forestFunctionality") or 0,
        domain_controller_functionality=entry.integer("domainControllerFunctionality") or 0,
        is_global_catalog=entry.text("isGlobalCatalogReady") == "TRUE",
        supported_controls=frozenset(entry.texts("supportedControl")),
        token_sids=tuple(Sid.from_bytes(value) for value in entry.attributes.find("tokenGroups")),
        domain_sid=domain_sid,
        root_domain_sid=root_domain_sid,
    )


def parse_extended_dn(text: str) -> tuple[str, Sid | None]:
    """The DN and the SID of C(<GUID=...>;<SID=...>;DN); a plain DN has no SID."""
    sid = next((value for kind, value in _EXTENDED.findall(text) if kind == "SID"), None)
    if sid is None:
        return _EXTENDED.sub("", text), None
    # A server may send the SID as text or as hexadecimal digits.
    parsed = Sid.parse(sid) if sid.startswith("S-") else Sid.from_bytes(bytes.fromhex(sid))
    return _EXTENDED.sub("", text), parsed
