# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_whoami: the token and the logon session of whoever runs it."""

from __future__ import annotations

import zlib
from typing import Any

from lab.windows.host import Host
from lab.windows.operation import Call, Result, upstream
from lab.windows.people import principals
from lab.windows.people.token import ADMINISTRATORS, SYSTEM_SID, Token

#: SID_NAME_USE without its prefix, by the kind of a principal. A computer's account is a user to LookupAccountSid.
TYPES = {
    "user": "User",
    "computer": "User",
    "group": "Group",
    "alias": "Alias",
    "well_known": "WellKnownGroup",
    "service": "WellKnownGroup",
    "label": "Label",
}

LABELS = {"system": "S-1-16-16384", "high": "S-1-16-12288", "medium": "S-1-16-8192"}

LOGON_TYPES = {"network": "Network", "batch": "Batch", "interactive": "Interactive", "service": "Service"}

#: Logon sessions of the system's own accounts (ntifs.h: SYSTEM_LUID and the like).
SESSIONS = {SYSTEM_SID: 0x3E7, principals.LOCAL_SERVICE: 0x3E5, principals.NETWORK_SERVICE: 0x3E4}


@upstream(
    "ansible.windows.win_whoami",
    mirrors="plugins/modules/win_whoami.ps1 of ansible.windows 3.8.0",
    checked_against=("data/ansible/windows_module_specs.json", "tests/cases/ansible.windows.win_whoami.yml"),
    limits="logon_id and login_time are made up; the package is told from the groups; a token is never filtered",
)
def run(call: Call) -> Result:
    host, user = call.host, call.user
    mine = {user.sid, *user.groups}
    system = user.sid == SYSTEM_SID
    label = LABELS["system" if system else "high" if user.is_administrator else "medium"]
    privileges = host.rights.system_privileges() if system else host.rights.privileges(mine, user.logon_type)
    groups = [_group(host, sid) for sid in user.groups if sid != user.sid]
    groups.append({**_account(host, label), "attributes": ["Integrity", "Integrity enabled"]})
    return {
        "changed": False,
        "account": _account(host, user.sid),
        "groups": groups,
        "impersonation_level": "SecurityAnonymous",
        "label": _account(host, label),
        "login_time": _time(host),
        "logon_id": SESSIONS.get(user.sid, zlib.crc32(f"{user.sid} {user.logon_type}".encode())),
        "privileges": privileges,
        "rights": _rights(host, user),
        "token_type": "TokenPrimary",
        "user_flags": [],
        **_session(host, user),
    }


def _session(host: Host, user: Token) -> Result:
    """What the logon session says about its origin."""
    identity = host.identity
    logon_type = LOGON_TYPES[user.logon_type]
    if user.sid == SYSTEM_SID:
        return {
            "authentication_package": "Negotiate",
            "dns_domain_name": identity.dns_domain,
            "login_domain": identity.netbios_domain,
            "logon_server": "",
            "logon_type": "System",
            "upn": f"{identity.computer}$@{identity.dns_domain}",
        }
    domain = user.sid.startswith(f"{identity.domain_sid}-")
    if not domain:
        found = principals.by_sid(host, user.sid)
        return {
            "authentication_package": "NTLM" if principals.NTLM in user.groups else "Negotiate",
            "dns_domain_name": "",
            "login_domain": found.domain if found else "",
            "logon_server": identity.computer if principals.NTLM in user.groups else "",
            "logon_type": logon_type,
            "upn": "",
        }
    found = principals.by_sid(host, user.sid)
    name = user.account.rpartition("\\")[2]
    ntlm = principals.NTLM in user.groups
    return {
        "authentication_package": "NTLM" if ntlm else "Kerberos",
        "dns_domain_name": identity.dns_domain.upper(),
        "login_domain": identity.netbios_domain,
        "logon_server": "",
        "logon_type": logon_type,
        "upn": found.principal_name if found and found.principal_name else f"{name}@{identity.dns_domain}",
    }


def _group(host: Host, sid: str) -> Result:
    attributes = ["Mandatory", "Enabled by default", "Enabled"]
    if sid == ADMINISTRATORS:
        attributes.append("Owner")
    account = _account(host, sid)
    if account["type"] == "Alias" and not sid.startswith(principals.BUILTIN):
        attributes.append("Resource")
    return {**account, "attributes": attributes}


def _account(host: Host, sid: str) -> dict[str, Any]:
    found = principals.by_sid(host, sid)
    if found is None:
        return {"sid": sid, "domain_name": None, "account_name": None, "type": "Unknown"}
    return {"sid": sid, "domain_name": found.domain, "account_name": found.name, "type": TYPES[found.kind]}


def _rights(host: Host, user: Token) -> list[str]:
    """The logon rights of the token's groups. Only administrators may ask; the account's own do not count."""
    if not user.is_administrator:
        return []
    rights = [right for sid in user.groups for right in host.rights.held_by([sid]) if "Logon" in right]
    return list(dict.fromkeys(rights))


def _time(host: Host) -> str:
    """Now in .NET's round-trip format."""
    local = host.clock.local(host.clock.now())
    zone = local.strftime("%z")
    return f"{local.strftime('%Y-%m-%dT%H:%M:%S.%f')}0{zone[:3]}:{zone[3:5]}"
