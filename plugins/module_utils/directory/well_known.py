# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The principals every forest has: English name, SID or RID, and SDDL alias. Data only.

Provenance: SIDs, RIDs and names from MS-DTYP 2.4.2.4 (well-known SID structures), aliases from MS-DTYP 2.5.1.1
(sid-token) and, for V(HO) and V(SH), from the header sddl.h of the Windows SDK.

Names are those of an English Windows. A localised forest has other names for the same numbers, which is why
names are looked up here before they are looked up in the directory.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import types
import typing as t

from .sid import Sid


class Relative(t.NamedTuple):
    """A principal that each domain, or only the forest's root domain, has under the same RID."""

    scope: t.Literal["domain", "root_domain"]
    rid: int


class Principal(t.NamedTuple):
    """One row of the table.

    Attributes:
        alias: two letters of SDDL; None for a principal that has none.
        authority: what Windows prints before the backslash; empty for none, and for a domain's own principals.
        name: the English name.
        sid: the SID itself, or where to find it.
    """

    alias: str | None
    authority: str
    name: str
    sid: Sid | Relative


_NT = "NT AUTHORITY"
_BUILTIN = "BUILTIN"
_APP = "APPLICATION PACKAGE AUTHORITY"
_LABEL = "Mandatory Label"


def _fixed(alias: str | None, authority: str, name: str, sid: str) -> Principal:
    return Principal(alias, authority, name, Sid.parse(sid))


def _builtin(alias: str | None, name: str, rid: int) -> Principal:
    return Principal(alias, _BUILTIN, name, Sid(5, (32, rid)))


def _domain(alias: str | None, name: str, rid: int) -> Principal:
    return Principal(alias, "", name, Relative("domain", rid))


def _root(alias: str | None, name: str, rid: int) -> Principal:
    return Principal(alias, "", name, Relative("root_domain", rid))


PRINCIPALS: t.Final[tuple[Principal, ...]] = (
    _fixed(None, "", "NULL SID", "S-1-0-0"),
    _fixed("WD", "", "Everyone", "S-1-1-0"),
    _fixed(None, "", "LOCAL", "S-1-2-0"),
    _fixed(None, "", "CONSOLE LOGON", "S-1-2-1"),
    _fixed("CO", "", "CREATOR OWNER", "S-1-3-0"),
    _fixed("CG", "", "CREATOR GROUP", "S-1-3-1"),
    _fixed(None, "", "CREATOR OWNER SERVER", "S-1-3-2"),
    _fixed(None, "", "CREATOR GROUP SERVER", "S-1-3-3"),
    _fixed("OW", "", "OWNER RIGHTS", "S-1-3-4"),
    _fixed(None, _NT, "DIALUP", "S-1-5-1"),
    _fixed("NU", _NT, "NETWORK", "S-1-5-2"),
    _fixed(None, _NT, "BATCH", "S-1-5-3"),
    _fixed("IU", _NT, "INTERACTIVE", "S-1-5-4"),
    _fixed("SU", _NT, "SERVICE", "S-1-5-6"),
    _fixed("AN", _NT, "ANONYMOUS LOGON", "S-1-5-7"),
    _fixed(None, _NT, "PROXY", "S-1-5-8"),
    _fixed("ED", _NT, "ENTERPRISE DOMAIN CONTROLLERS", "S-1-5-9"),
    _fixed("PS", _NT, "SELF", "S-1-5-10"),
    _fixed("AU", _NT, "Authenticated Users", "S-1-5-11"),
    _fixed("RC", _NT, "RESTRICTED", "S-1-5-12"),
    _fixed(None, _NT, "TERMINAL SERVER USER", "S-1-5-13"),
    _fixed(None, _NT, "REMOTE INTERACTIVE LOGON", "S-1-5-14"),
    _fixed(None, _NT, "This Organization", "S-1-5-15"),
    _fixed(None, _NT, "IUSR", "S-1-5-17"),
    _fixed("SY", _NT, "SYSTEM", "S-1-5-18"),
    _fixed("LS", _NT, "LOCAL SERVICE", "S-1-5-19"),
    _fixed("NS", _NT, "NETWORK SERVICE", "S-1-5-20"),
    _fixed("WR", _NT, "WRITE RESTRICTED", "S-1-5-33"),
    _fixed(None, _NT, "NTLM Authentication", "S-1-5-64-10"),
    _fixed(None, _NT, "SChannel Authentication", "S-1-5-64-14"),
    _fixed(None, _NT, "Digest Authentication", "S-1-5-64-21"),
    _fixed(None, "NT SERVICE", "ALL SERVICES", "S-1-5-80-0"),
    _fixed("UD", _NT, "USER MODE DRIVERS", "S-1-5-84-0-0-0-0-0"),
    _fixed(None, _NT, "Other Organization", "S-1-5-1000"),
    _fixed("AC", _APP, "ALL APPLICATION PACKAGES", "S-1-15-2-1"),
    _fixed("LW", _LABEL, "Low Mandatory Level", "S-1-16-4096"),
    _fixed("ME", _LABEL, "Medium Mandatory Level", "S-1-16-8192"),
    _fixed("MP", _LABEL, "Medium Plus Mandatory Level", "S-1-16-8448"),
    _fixed("HI", _LABEL, "High Mandatory Level", "S-1-16-12288"),
    _fixed("SI", _LABEL, "System Mandatory Level", "S-1-16-16384"),
    _fixed("AS", "", "Authentication authority asserted identity", "S-1-18-1"),
    _fixed("SS", "", "Service asserted identity", "S-1-18-2"),
    _builtin("BA", "Administrators", 544),
    _builtin("BU", "Users", 545),
    _builtin("BG", "Guests", 546),
    _builtin("PU", "Power Users", 547),
    _builtin("AO", "Account Operators", 548),
    _builtin("SO", "Server Operators", 549),
    _builtin("PO", "Print Operators", 550),
    _builtin("BO", "Backup Operators", 551),
    _builtin("RE", "Replicator", 552),
    _builtin("RU", "Pre-Windows 2000 Compatible Access", 554),
    _builtin("RD", "Remote Desktop Users", 555),
    _builtin("NO", "Network Configuration Operators", 556),
    _builtin(None, "Incoming Forest Trust Builders", 557),
    _builtin("MU", "Performance Monitor Users", 558),
    _builtin("LU", "Performance Log Users", 559),
    _builtin(None, "Windows Authorization Access Group", 560),
    _builtin(None, "Terminal Server License Servers", 561),
    _builtin(None, "Distributed COM Users", 562),
    _builtin("IS", "IIS_IUSRS", 568),
    _builtin("CY", "Cryptographic Operators", 569),
    _builtin("ER", "Event Log Readers", 573),
    _builtin("CD", "Certificate Service DCOM Access", 574),
    _builtin("RA", "RDS Remote Access Servers", 575),
    _builtin("ES", "RDS Endpoint Servers", 576),
    _builtin("MS", "RDS Management Servers", 577),
    _builtin("HA", "Hyper-V Administrators", 578),
    _builtin("AA", "Access Control Assistance Operators", 579),
    _builtin("RM", "Remote Management Users", 580),
    _builtin(None, "Storage Replica Administrators", 582),
    _builtin("HO", "User Mode Hardware Operators", 584),
    _builtin("SH", "OpenSSH Users", 585),
    _domain("LA", "Administrator", 500),
    _domain("LG", "Guest", 501),
    _domain(None, "krbtgt", 502),
    _domain("DA", "Domain Admins", 512),
    _domain("DU", "Domain Users", 513),
    _domain("DG", "Domain Guests", 514),
    _domain("DC", "Domain Computers", 515),
    _domain("DD", "Domain Controllers", 516),
    _domain("CA", "Cert Publishers", 517),
    _domain("PA", "Group Policy Creator Owners", 520),
    _domain(None, "Read-only Domain Controllers", 521),
    _domain("CN", "Cloneable Domain Controllers", 522),
    _domain("AP", "Protected Users", 525),
    _domain("KA", "Key Admins", 526),
    _domain("RS", "RAS and IAS Servers", 553),
    _domain(None, "Allowed RODC Password Replication Group", 571),
    _domain(None, "Denied RODC Password Replication Group", 572),
    _root("RO", "Enterprise Read-only Domain Controllers", 498),
    _root("SA", "Schema Admins", 518),
    _root("EA", "Enterprise Admins", 519),
    _root("EK", "Enterprise Key Admins", 527),
)
"""Every row once: no name, alias or SID occurs twice."""

WELL_KNOWN: t.Final[t.Mapping[str, Sid | Relative]] = types.MappingProxyType({row.name: row.sid for row in PRINCIPALS})
"""English name, without authority, to SID or RID."""

SDDL_ALIASES: t.Final[t.Mapping[str, Sid | Relative]] = types.MappingProxyType(
    {row.alias: row.sid for row in PRINCIPALS if row.alias}
)
"""SDDL alias to SID or RID."""


def absolute(sid: Sid | Relative, domain: Sid | None, root_domain: Sid | None) -> Sid | None:
    """The SID meant by a row of the table; None when it needs the SID of a domain that is not given."""
    if isinstance(sid, Sid):
        return sid
    issuer = domain if sid.scope == "domain" else root_domain
    return issuer.child(sid.rid) if issuer else None
