# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One playbook on every release and in both languages, over different ways in: the same end state."""

from __future__ import annotations

import itertools
import typing as t

import pytest

from lab.windows.people import sids

from ..ldap_tools import DOMAIN, Client
from .test_ways_in import SCHEMES, local_account

if t.TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Windows

RELEASES = ("2012r2", "2016", "2019", "2022", "2025")
LANGUAGES = ("en-US", "sv-SE")
IIS_IUSRS, IUSR = "S-1-5-32-568", "S-1-5-17"
LIMITS = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
LIMITS_KEY = r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
FOLDER = r"C:\ProgramData\Certops"

FEATURES = ["ADCS-Device-Enrollment", "Web-Asp-Net45", "NET-WCF-HTTP-Activation45", "Web-Metabase", "Web-WMI"]

#: What an NDES server is made with before its role is configured; nothing names anything by a localised word.
TASKS: list[dict[str, t.Any]] = [
    {
        "ansible.windows.win_feature": {
            "name": FEATURES,
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
    {"ansible.windows.win_file": {"path": FOLDER, "state": "directory"}},
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


def end_state(windows: Windows, host: str) -> dict[str, t.Any]:
    """What the tasks were to do, as the model has it: by SID, number, and names that no language changes."""
    state = windows.state(host)
    key = state["registry"][LIMITS_KEY]["values"]
    return {
        "members": state["accounts"]["groups"][IIS_IUSRS]["members"],
        "right": state["rights"]["SeServiceLogonRight"],
        "features": {name: state["features"][name] for name in FEATURES},
        "limit": key["MaxFieldLength"],
        "folder": FOLDER in state["files"],
        "pool": state["iis"]["states"]["pools"].get("SCEP"),
    }


@pytest.fixture
def service_account(windows: Windows, tmp_path: Path) -> str:
    """The SID of the service account, as ldapsearch reads it."""
    admin = Client(windows.lab, "pkiadmin", windows.lab.credentials["accounts"]["pkiadmin"]["password"], tmp_path)
    (entry,) = admin.search(DOMAIN, "(sAMAccountName=svc-ndes)", "objectSid").values()
    return sids.from_bytes(entry["objectSid"][0])


def test_every_release_and_language(windows: Windows, service_account: str) -> None:
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
    wanted = {
        "members": [IUSR, service_account],
        "features": dict.fromkeys(FEATURES, "Installed"),
        "limit": {"kind": "REG_DWORD", "data": 65534},
        "folder": True,
        "pool": "Started",
    }
    for host in hosts:
        found = end_state(windows, host)
        assert service_account in found.pop("right")
        assert found == wanted, host
