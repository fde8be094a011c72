# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The DNS records of the forest, written into the directory where the name servers find them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ldb
from samba import WERRORError, werror
from samba.dcerpc import dnsp, misc, security
from samba.ndr import ndr_pack, ndr_unpack
from samba.provision import sambadns
from samba.provision.sambadns import ARecord, NSRecord, SOARecord, SRVRecord

from lab import estate

#: Conditions of dns_update_list that hold for every domain controller of the lab: writable, global catalog, DNS.
_HOLDS = frozenset("IF_DC IF_RWDC IF_GC IF_RWGC IF_DNS_DOMAIN IF_RWDNS_DOMAIN IF_DNS_FOREST IF_RWDNS_FOREST".split())
_HOLDS_FIRST = _HOLDS | {"IF_PDC"}


#: The hosts whose addresses lie in the reverse zone.
NAMED = (estate.CONTROLLER, *estate.DOMAIN_CONTROLLERS, *estate.MEMBERS)


def register(samdb: Any, dns_update_list: Path, members: Sequence[estate.Host]) -> None:
    """Register all hosts.

    For domain controllers these are the records that Samba's samba_dnsupdate would send one by one when they start,
    after its own list. Their CNAME by object GUID is missing: provisioning and joining write it.
    """
    result = samdb.search(base=samdb.domain_dn(), scope=0, attrs=["objectGUID"])
    variables = {
        "DNSDOMAIN": estate.DNS_DOMAIN,
        "DNSFOREST": estate.DNS_DOMAIN,
        "SITE": estate.SITE,
        "DOMAINGUID": str(ndr_unpack(misc.GUID, result[0]["objectGUID"][0])),
    }
    # By identity: in a forest of one domain the list has some records twice.
    wanted: dict[str, dict[tuple[int, str], Any]] = defaultdict(dict)
    lines = dns_update_list.read_text().splitlines()
    for host in estate.DOMAIN_CONTROLLERS:
        first = host is estate.DOMAIN_CONTROLLERS[0]
        for line in lines:
            found = _record(line, {**variables, "HOSTNAME": host.fqdn, "IP": host.address}, first)
            if found:
                wanted[found[0]][_identity(found[1])] = found[1]
    for host in (estate.CONTROLLER, *members):
        record = ARecord(host.address)
        wanted[host.fqdn][_identity(record)] = record
    for host in estate.SCEP_HOSTS:
        record = ARecord(host.address)
        wanted[estate.SCEP_NAME][_identity(record)] = record
    for name, records in wanted.items():
        _add(samdb, name, records)
    _reverse_zone(samdb)


def _reverse_zone(samdb: Any) -> None:
    """Names by address: Kerberos clients that canonicalise host names, ldapsearch among them, ask for them."""
    partition, domain = "DC=DomainDnsZones", samdb.domain_dn()
    administrators = sambadns.get_dnsadmins_sid(samdb, domain)
    domain_sid = security.dom_sid(samdb.get_domain_sid())
    sambadns.add_domain_record(samdb, domain, partition, estate.REVERSE_ZONE, domain_sid, administrators)
    servers = [host.fqdn for host in estate.DOMAIN_CONTROLLERS]
    nodes = {"@": [SOARecord(servers[0], f"hostmaster.{estate.DNS_DOMAIN}"), *map(NSRecord, servers)]}
    nodes |= {host.address.rpartition(".")[2]: [_pointer(host.fqdn)] for host in NAMED}
    for name, records in nodes.items():
        dn = f"DC={name},DC={estate.REVERSE_ZONE},CN=MicrosoftDNS,{partition},{domain}"
        samdb.add({"dn": dn, "objectClass": "dnsNode", "dnsRecord": [*map(ndr_pack, records)]})


def _pointer(target: str) -> Any:
    record = dnsp.DnssrvRpcRecord()
    record.wType = dnsp.DNS_TYPE_PTR
    record.rank = dnsp.DNS_RANK_ZONE
    record.dwTtlSeconds = 900
    record.data = target
    return record


def _record(line: str, variables: dict[str, str], first: bool) -> tuple[str, Any] | None:
    """A line of the list as name and record; None if it is not for such a host or of another kind."""
    condition = re.match(r"\$\{(IF_\w+)\}", line)
    if condition:
        if condition[1] not in (_HOLDS_FIRST if first else _HOLDS):
            return None
        line = line[condition.end() :]
    words = re.sub(r"\$\{?(\w+)\}?", lambda match: variables.get(match[1], ""), line).split()
    match words:
        case ["A", name, address]:
            return name, ARecord(address)
        case ["SRV", name, target, port]:
            return name, SRVRecord(target, int(port))
        case ["NS", name, target]:
            return name, NSRecord(target)
        case _:
            return None


def _add(samdb: Any, name: str, records: dict[tuple[int, str], Any]) -> None:
    """Add what is missing to the records of a name."""
    try:
        dn, existing = samdb.dns_lookup(name)
    except WERRORError as error:
        if error.args[0] != werror.WERR_DNS_ERROR_NAME_DOES_NOT_EXIST:
            raise
        samdb.add({"dn": _node(samdb, name), "objectClass": "dnsNode", "dnsRecord": [*map(ndr_pack, records.values())]})
        return
    known = {_identity(record) for record in existing}
    new = [ndr_pack(record) for identity, record in records.items() if identity not in known]
    if new:
        message = ldb.Message(dn)
        message["new"] = ldb.MessageElement(new, ldb.FLAG_MOD_ADD, "dnsRecord")
        samdb.modify(message)


def _node(samdb: Any, name: str) -> str:
    """The object of a name in the zone that it belongs to."""
    msdcs = f"_msdcs.{estate.DNS_DOMAIN}"
    zone, partition = (msdcs, "ForestDnsZones") if name.endswith(msdcs) else (estate.DNS_DOMAIN, "DomainDnsZones")
    return f"DC={name.removesuffix('.' + zone)},DC={zone},CN=MicrosoftDNS,DC={partition},{samdb.domain_dn()}"


def _identity(record: Any) -> tuple[int, str]:
    """What makes a record the same as another: kind and target."""
    kind = int(record.wType)
    target = record.data.nameTarget if kind == dnsp.DNS_TYPE_SRV else record.data
    return kind, str(target).casefold()
