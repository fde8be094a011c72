# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""appcmd.exe: backups of the configuration of IIS."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from lab.windows import commands, consequences
from lab.windows.commands import NoProgram, Ran, start_line
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals
from lab.windows.running import session
from lab.windows.support import iis_backups
from tests.unit.lab.windows.fake_directory import member
from tests.unit.lab.windows.hosts import run as run_module

commands.load()
APPCMD = "C:\\Windows\\System32\\inetsrv\\appcmd.exe"


def web_server(language: str = "en-US") -> Host:
    host = member(language)
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    host.accounts.add_user("plain", "Not-a-secret-1")
    consequences.install_features(host, ["Web-Server"])
    return host


def run(host: Host, arguments: str, name: str = "ansible", program: str = APPCMD) -> Ran:
    user = principals.token_for(host, principals.find(host, name), "network")
    return start_line(session.around(host, user), f"{program} {arguments}".strip())


def test_a_backup_brings_everything_back() -> None:
    host = web_server()
    pool = host.iis.pools.get("DefaultAppPool")
    assert pool is not None
    pool.element.at("processModel").set("password", "Canary-1")
    assert run(host, "add backup before") == Ran('BACKUP object "before" added\r\n')
    saved = host.iis.export()
    assert "Canary-1" not in json.dumps(host.export()["files"])
    assert b"Canary-1" not in host.files.read("C:\\Windows\\System32\\inetsrv\\backup\\before\\applicationHost.config")
    host.iis.sites.remove("Default Web Site")
    host.iis.pools.create("Another")
    host.iis.configuration.set_mode("system.webServer/handlers", "Allow")
    assert run(host, "restore backup before") == Ran('Restored configuration from backup "before"\r\n')
    assert host.iis.export() == saved


def test_backups_are_listed_and_deleted() -> None:
    host = web_server()
    assert run(host, "list backup") == Ran()
    run(host, 'add backup "Before NDES"')
    run(host, "ADD BACKUP /name:after")
    assert run(host, "list backup").stdout == 'BACKUP "after"\r\nBACKUP "Before NDES"\r\n'
    assert run(host, "list backups") == run(host, "list backup")
    assert run(host, "delete backup AFTER") == Ran('BACKUP object "AFTER" deleted\r\n')
    assert run(host, "list backup").stdout == 'BACKUP "Before NDES"\r\n'
    assert not host.files.exists("C:\\Windows\\System32\\inetsrv\\backup\\after")
    host.files.remove("C:\\Windows\\System32\\inetsrv\\backup\\Before NDES")
    assert run(host, "list backup") == Ran()


def test_a_backup_without_a_name_has_that_of_its_time() -> None:
    host = web_server()
    now = datetime(2026, 11, 21, 23, 30, 5, tzinfo=UTC)
    host.clock.now = lambda: now  # type: ignore[method-assign]
    name = host.clock.local(now).strftime("%Y%m%dT%H%M%S")
    assert run(host, "add backup") == Ran(f'BACKUP object "{name}" added\r\n')
    assert iis_backups.names(host) == [name]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ("add backup before", 183, "hresult:800700b7"),
        ("restore backup none", 50, 'Cannot find BACKUP object with identifier "none"'),
        ("delete backup none", 50, 'Cannot find BACKUP object with identifier "none"'),
    ],
)
def test_what_fails(arguments: str, status: int, said: str) -> None:
    host = web_server()
    run(host, "add backup before")
    before = host.export()
    ran = run(host, arguments)
    assert (ran.status, ran.stderr) == (status, "")
    assert ran.stdout.startswith("ERROR ( ")
    assert said in ran.stdout
    assert host.export() == before


@pytest.mark.parametrize("arguments", ["add backup x", "list backup", "restore backup before", "delete backup before"])
def test_a_user_without_rights(arguments: str) -> None:
    host = web_server()
    run(host, "add backup before")
    before = host.export()
    ran = run(host, arguments, "plain")
    assert ran.status == 5
    assert "hresult:80070005" in ran.stdout
    assert host.export() == before


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "list site",
        "add backup a b",
        "list backup before",
        "restore backup",
        "delete backup",
        "restore backup before /stop:false",
        "add backup ..",
        "add backup a\\b",
        "add backup /xml",
        "list backup /text:*",
    ],
)
def test_what_is_not_modelled(arguments: str) -> None:
    host = web_server()
    before = host.export()
    with pytest.raises(NotModelled):
        run(host, arguments)
    assert host.export() == before


def test_restoring_starts_what_ran_and_nothing_else() -> None:
    host = web_server()
    run(host, "add backup before")
    host.iis.sites.stop("Default Web Site")
    run(host, "restore backup before")
    site = host.iis.sites.get("Default Web Site")
    assert site is not None
    assert site.state == "Started"
    host.services.stop("W3SVC")
    host.services.stop("WAS")
    host.iis.sites.stop("Default Web Site")
    run(host, "restore backup before")
    service, site = host.services.get("W3SVC"), host.iis.sites.get("Default Web Site")
    assert service is not None
    assert service.state == "stopped"
    assert site is not None
    assert site.state == "Stopped"


def test_it_does_the_same_in_swedish() -> None:
    host = web_server("sv-SE")
    assert run(host, "add backup before").status == 0
    assert run(host, "add backup before").status == 183
    assert run(host, "restore backup before").status == 0
    assert "BACKUP object" not in run(host, "delete backup before").stdout
    assert run(host, "restore backup before").status == 50
    assert run(host, "list backup", "plain").status == 5


def test_it_comes_with_iis_and_is_not_in_the_search_path() -> None:
    with pytest.raises(NoProgram):
        run(web_server(), "list backup", program="appcmd.exe")
    blank = member("en-US")
    blank.accounts.add_administrator("ansible", "Not-a-secret-1")
    with pytest.raises(NoProgram):
        run(blank, "list backup")


def test_creates_sees_the_backup() -> None:
    host = web_server()
    user = principals.token_for(host, principals.find(host, "ansible"), "network")
    arguments = {
        "argv": [APPCMD, "add", "backup", "before"],
        "chdir": "C:\\Windows",
        "creates": "C:\\Windows\\System32\\inetsrv\\backup\\before",
    }
    first = run_module(host, "ansible.windows.win_command", arguments, user)
    again = run_module(host, "ansible.windows.win_command", arguments, user)
    assert (first["changed"], first["rc"]) == (True, 0)
    assert again["skipped"]
