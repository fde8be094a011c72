# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One playbook on every release and in both languages, over different ways in: the same end state."""

from __future__ import annotations

import itertools
import typing as t

from .test_ways_in import SCHEMES, local_account

if t.TYPE_CHECKING:
    from .conftest import Windows

RELEASES = ("2012r2", "2016", "2019", "2022", "2025")
LANGUAGES = ("en-US", "sv-SE")
IIS_IUSRS, ADMINISTRATORS = "S-1-5-32-568", "S-1-5-32-544"
LIMITS = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"

#: What an NDES server is made with before its role is configured; nothing names anything by a localised word.
TASKS: list[dict[str, t.Any]] = [
    {
        "ansible.windows.win_feature": {
            "name": ["ADCS-Device-Enrollment", "Web-Asp-Net45", "NET-WCF-HTTP-Activation45", "Web-Metabase", "Web-WMI"],
            "include_management_tools": True,
        }
    },
    {
        "ansible.windows.win_group_membership": {
            "name": "IIS_IUSRS",
            "members": [r"CORP\svc-ndes"],
            "state": "present",
        },
    },
    {
        "ansible.windows.win_user_right": {
            "name": "SeServiceLogonRight",
            "users": [r"CORP\svc-ndes"],
            "action": "add",
        }
    },
    {"ansible.windows.win_regedit": {"path": LIMITS, "name": "MaxFieldLength", "data": 65534, "type": "dword"}},
    {"ansible.windows.win_file": {"path": r"C:\ProgramData\Certops", "state": "directory"}},
    {
        "microsoft.iis.web_app_pool": {
            "name": "SCEP",
            "state": "started",
            "attributes": {"managedRuntimeVersion": "v4.0"},
        }
    },
]

#: Ways in that alternate over the hosts.
WAYS = (("kerberos", "https"), ("ntlm", "http"), ("kerberos", "http"), ("basic", "https"), ("ntlm", "https"))


def essence(windows: Windows, host: str) -> dict[str, t.Any]:
    """What must be the same everywhere: by SID, by name that no language changes, by number."""
    state = windows.state(host)
    return {
        "members": state["accounts"]["groups"][IIS_IUSRS]["members"],
        "right": state["rights"]["SeServiceLogonRight"],
        "features": [name for name in TASKS[0]["ansible.windows.win_feature"]["name"] if name in state["features"]],
    }


def test_every_release_and_language(windows: Windows) -> None:
    """One run over ten hosts: what they are made of differs, what becomes of them does not."""
    shapes = list(itertools.product(RELEASES, LANGUAGES))
    hosts = [f"srv{number:03}" for number in range(1, len(shapes) + 1)]
    variables: dict[str, dict[str, t.Any]] = {}
    for number, (host, (release, language)) in enumerate(zip(hosts, shapes, strict=True)):
        windows.reset(host, release=release, language=language)
        transport, scheme = WAYS[number % len(WAYS)]
        way = {"transport": transport, "scheme": scheme, "port": SCHEMES[scheme]}
        account = local_account(windows, host) if transport == "basic" else {}
        variables[host] = {**way, **account}
    play = {
        "hosts": ",".join(hosts),
        "gather_facts": False,
        "vars": {
            "ansible_winrm_transport": "{{ ways[inventory_hostname].transport }}",
            "ansible_winrm_scheme": "{{ ways[inventory_hostname].scheme }}",
            "ansible_port": "{{ ways[inventory_hostname].port }}",
            "ansible_user": "{{ ways[inventory_hostname].ansible_user | default(domain_username) }}",
            "ansible_password": "{{ ways[inventory_hostname].ansible_password | default(domain_password) }}",
        },
        "tasks": TASKS,
    }
    first = windows.play([play], "--forks", "4", ways=variables)
    assert {host: first.sums[host]["changed"] for host in hosts} == dict.fromkeys(hosts, len(TASKS))
    again = windows.play([play], "--forks", "4", ways=variables)
    assert again.changed == 0, [outcome.place for outcome in again.outcomes if outcome.changed]
    found = {host: essence(windows, host) for host in hosts}
    assert found == dict.fromkeys(hosts, found[hosts[0]])
