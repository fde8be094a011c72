# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody changes one thing on a configured server: the next run does what undoes it, and nothing else.

That nothing is left out where the role asks whether anything is to do, is seen here.
"""

from __future__ import annotations

import typing as t

import pytest
import yaml

from tools.tree import TOP

from . import states
from .conftest import PAIR
from .disturbances import SERVICING

if t.TYPE_CHECKING:
    from .conftest import Configured
    from .servers import Played, Servers

HOST = PAIR[0]
SITE, POOL, APPLICATION = "Default Web Site", "SCEP", "CertSrv/mscep"
MSCEP = r"HKLM:\SOFTWARE\Microsoft\Cryptography\MSCEP"
HTTP = r"HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters"
ADMINISTRATORS = r"HKLM:\SOFTWARE\Microsoft\Active Setup\Installed Components\{A509B1A7-37EF-4b3f-8CFC-4F3A74704073}"
ROLE = TOP / "roles" / "ndes_server"
INCLUDE, IMPORT = "ansible.builtin.include_tasks", "ansible.builtin.import_tasks"
GROUP = "IIS_IUSRS"
SERVICE_ACCOUNT = r"CORP\svc-scep"
REBOOT = "Reboot the server"
RESTART = "Start the application pool anew"

Task: t.TypeAlias = dict[str, dict[str, t.Any]]


def value(path: str, name: str, data: str | int) -> Task:
    kind = "dword" if isinstance(data, int) else "string"
    return {"ansible.windows.win_regedit": {"path": path, "name": name, "data": data, "type": kind}}


def right(name: str, action: str) -> Task:
    return {"ansible.windows.win_user_right": {"name": name, "users": [SERVICE_ACCOUNT], "action": action}}


def service(**options: str) -> Task:
    return {"ansible.windows.win_service": {"name": "W3SVC", **options}}


def pool(**options: t.Any) -> Task:
    return {"microsoft.iis.web_app_pool": {"name": POOL, **options}}


REMOVED: Task = {"ansible.windows.win_feature": {"name": "NET-WCF-HTTP-Activation45", "state": "absent"}}

#: What somebody did, and the tasks of the role that change something then.
DRIFTS: dict[str, tuple[Task, list[str]]] = {
    "a right taken": (right("SeServiceLogonRight", "remove"), ["Let the service account log on"]),
    "a right denied": (right("SeDenyBatchLogonRight", "add"), ["Take the rights away that would deny it"]),
    "no member of the group": (
        {
            "ansible.windows.win_group_membership": {
                "name": "IIS_IUSRS",
                "members": [SERVICE_ACCOUNT],
                "state": "absent",
            }
        },
        ["Put the service account into the group of worker processes"],
    ),
    "enhanced security on": (
        value(ADMINISTRATORS, "IsInstalled", 1),
        ["Switch the Enhanced Security Configuration of Internet Explorer off"],
    ),
    "another identity of the pool": (
        pool(attributes={"processModel.identityType": "ApplicationPoolIdentity"}),
        ["Configure NDES"],
    ),
    "another template": (
        value(MSCEP, "SignatureTemplate", "IPSECIntermediateOffline"),
        ["Set the settings of NDES and HTTP.sys", RESTART],
    ),
    "a smaller limit of HTTP.sys": (
        value(HTTP, "MaxFieldLength", 16384),
        ["Set the settings of NDES and HTTP.sys", REBOOT],
    ),
    "a smaller limit of request filtering": (
        {"certops.intune.iis_request_limits": {"site": SITE, "max_url": 4096}},
        ["Let long requests through request filtering"],
    ),
    "no certificate at the site": (
        {"certops.intune.iis_binding": {"site": SITE, "state": "absent"}},
        ["Bind the certificate to port 443"],
    ),
    "a pool that idles out": (
        pool(attributes={"processModel.idleTimeout": "00:20:00"}),
        ["Keep the application pool as NDES needs it"],
    ),
    "a pool that was stopped": (pool(state="stopped"), ["Keep the application pool as NDES needs it"]),
    "kernel-mode authentication": (
        {
            "microsoft.iis.authentication": {
                "site": SITE,
                "application": APPLICATION,
                "auth_type": "WindowsAuthentication",
                "use_kernel_mode": True,
            }
        },
        ["Let the service account check Kerberos tickets, not the kernel"],
    ),
    "devices are asked for an account": (
        {
            "microsoft.iis.authentication": {
                "site": SITE,
                "application": APPLICATION,
                "auth_type": "AnonymousAuthentication",
                "enabled": False,
            }
        },
        ["Ask nobody for an account where devices enroll"],
    ),
    "a web server that was stopped": (service(state="stopped"), ["Let the web server run"]),
    "a web server that does not start": (service(start_mode="manual"), ["Let the web server run"]),
    "a feature removed": (REMOVED, ["Install the role services and features"]),
}


@pytest.fixture(scope="module")
def server(servers: Servers, configured: Configured) -> Servers:
    servers.put(**{HOST: configured.done.kept[HOST]})
    return servers


@pytest.mark.parametrize("drift", DRIFTS)
def test_what_somebody_changed_is_put_right(server: Servers, configured: Configured, drift: str) -> None:
    done_by_somebody, expected = DRIFTS[drift]
    meddling = server.play([{"hosts": HOST, "gather_facts": False, "tasks": [done_by_somebody]}])
    assert meddling.changed == 1
    done = server.site(limit=HOST, **configured.wishes)
    assert done.status == 0, done.messages
    assert names(done) == expected
    assert states.differences(configured.done.states[HOST], server.state(HOST)) == []


def test_a_restart_comes_before_features(server: Servers, configured: Configured) -> None:
    """Windows adds none while servicing waits for it."""
    pending: Task = {"ansible.windows.win_regedit": {"path": rf"{SERVICING}\RebootPending".replace("HKLM", "HKLM:")}}
    server.play([{"hosts": HOST, "gather_facts": False, "tasks": [REMOVED, pending]}])
    done = server.site(limit=HOST, **configured.wishes)
    assert done.status == 0, done.messages
    assert names(done) == ["Reboot before the features", "Install the role services and features"]
    assert states.differences(configured.done.states[HOST], server.state(HOST)) == []


def test_nothing_is_left_to_do(server: Servers, configured: Configured) -> None:
    assert server.site(limit=HOST, **configured.wishes).changed == []


def test_every_part_of_the_role_was_among_them() -> None:
    """Those that are said in check mode have the names of others."""
    parts = [task.get(INCLUDE) or task[IMPORT] for task in tasks("apply")]
    touched = {name for _task, names in DRIFTS.values() for name in names}
    untouched = [part for part in parts if not touched & {task["name"] for task in tasks(part.removesuffix(".yml"))}]
    assert untouched == ["refuse.yml"]


def names(done: Played) -> list[str]:
    """The tasks of the role that changed something."""
    return [place.partition(" : ")[2].partition(" (")[0] for place in done.changed]


def tasks(name: str) -> list[dict[str, t.Any]]:
    """The tasks of a file of the role."""
    found: list[dict[str, t.Any]] = yaml.safe_load((ROLE / "tasks" / f"{name}.yml").read_text(encoding="utf-8"))
    return found
