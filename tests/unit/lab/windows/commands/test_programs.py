# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs: what they print and do on a host, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.windows import commands, consequences
from lab.windows.commands import NoProgram, Ran, start_line
from lab.windows.commands.shells import run_cmd
from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.people import principals
from lab.windows.running import boot, session
from tests.unit.lab.windows.fake_directory import FakeDirectory, identified, member

commands.load()


def host_with(language: str = "en-US") -> Host:
    host = member(language)
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    host.accounts.add_user("plain", "Not-a-secret-1")
    return host


HOST = host_with()


def run(line: str, host: Host = HOST, name: str = "ansible") -> Ran:
    user = principals.token_for(host, principals.find(host, name), "network")
    return start_line(session.around(host, user), line)


def cmd(line: str, host: Host = HOST) -> Ran:
    user = principals.token_for(host, principals.find(host, "ansible"), "network")
    return run_cmd(session.around(host, user), line)


@pytest.mark.parametrize(
    "line, stdout, status",
    [
        ("exit 5", "", 5),
        ("exit /b 5", "", 5),
        ("echo a b", "a b\r\n", 0),
        ("echo.", "\r\n", 0),
        ("echo %COMPUTERNAME% %nothing%", "NDES1 %nothing%\r\n", 0),
        ("hostname && echo yes", "NDES1\r\nyes\r\n", 0),
        ("cmd /c exit 1 && echo no", "", 1),
        ("cmd /c exit 1 || echo yes", "yes\r\n", 0),
        ("cmd /c exit 1 & echo yes", "yes\r\n", 0),
        ('cmd /c "echo a & exit 3"', "a\r\n", 3),
        ("cd C:\\Windows & cd", "C:\\Windows\r\n", 0),
        ("rem nothing", "", 0),
        ("powershell -NoProfile -Command hostname", "NDES1\r\n", 0),
        ("powershell exit 4", "", 4),
    ],
)
def test_lines_of_cmd(line: str, stdout: str, status: int) -> None:
    ran = cmd(line)
    assert (ran.stdout, ran.status) == (stdout, status)


def test_cmd_does_not_know_a_program() -> None:
    assert "is not recognized as an internal or external command" in cmd("nonsense /x").stderr


@pytest.mark.parametrize(
    "line", ["dir C:\\", "hostname | findstr N", "hostname > C:\\x", "for %i in (1) do echo", "cmd /k"]
)
def test_what_cmd_refuses(line: str) -> None:
    with pytest.raises(NotModelled):
        cmd(line)


@pytest.mark.parametrize("line", ["iisreset", "nonsense", "C:\\none\\x.exe", "echo x", "C:\\Windows\\hostname.exe", ""])
def test_programs_that_are_not_there(line: str) -> None:
    with pytest.raises(NoProgram):
        run(line)


@pytest.mark.parametrize(
    "line", ["schtasks /query", "netsh", "certutil -dump", "ipconfig", "sc delete x", "shutdown /s"]
)
def test_programs_that_the_lab_does_not_know(line: str) -> None:
    with pytest.raises(NotModelled):
        run(line)


def test_iisreset_comes_with_iis() -> None:
    host = host_with()
    consequences.install_features(host, ["Web-Server"])
    assert "W3SVC ) : Running" in run("iisreset /status", host).stdout
    assert run("iisreset /stop", host).status == 0
    assert "W3SVC ) : Stopped" in run("iisreset /status", host).stdout
    assert "Access denied" in run("iisreset", host, "plain").stdout


def test_whoami() -> None:
    assert run("whoami").stdout == "ndes1\\ansible\r\n"
    assert run("whoami /user /fo csv /nh").stdout.startswith('"ndes1\\ansible","S-1-5-21-')
    rows = run("whoami.exe /groups /fo csv /nh").stdout.splitlines()
    administrators = [row for row in rows if '"S-1-5-32-544"' in row]
    attributes = "Mandatory group, Enabled by default, Enabled group, Group owner"
    assert administrators == [f'"BUILTIN\\Administrators","Alias","S-1-5-32-544","{attributes}"']
    assert rows[-1].startswith('"Mandatory Label\\High Mandatory Level","Label","S-1-16-12288"')
    table = run("whoami /user").stdout.splitlines()
    assert table[:3] == ["", "USER INFORMATION", "----------------"]
    assert table[4].startswith("User Name ")
    assert set(table[5]) == {"=", " "}


def test_what_is_printed_in_another_language_is_refused() -> None:
    host = host_with("sv-SE")
    assert run("whoami", host).stdout == "ndes1\\ansible\r\n"
    for line in ("whoami /groups", "net stop W32Time", "gpupdate"):
        before = host.export()
        with pytest.raises(NotModelled, match="sv-SE"):
            run(line, host)
        assert host.export() == before


def test_services_are_started_and_stopped() -> None:
    host = host_with()
    service = host.services.get("W32Time")
    assert service is not None
    host.services.start("W32Time")
    assert "was stopped successfully." in run(f'net stop "{service.display_name}"', host).stdout
    assert service.state == "stopped"
    assert run("net stop W32Time", host).status == 2
    assert "1  STOPPED" in run("sc query w32time", host).stdout
    assert f"BINARY_PATH_NAME   : {service.path}" in run("sc qc W32Time", host).stdout
    assert "Access is denied." in run("net start W32Time", host, "plain").stderr
    assert "service name is invalid" in run("net start nothing", host).stderr


def test_every_service_can_be_looked_at() -> None:
    for service in HOST.services.all():
        for what in ("query", "qc"):
            ran = run(f'sc {what} "{service.name}"')
            assert ran.status == 0
            assert f"SERVICE_NAME: {service.name}" in ran.stdout


def test_a_reboot_is_left_to_who_serves_the_host() -> None:
    host = host_with()
    asked: list[float] = []
    host.on_reboot, host.on_abort = asked.append, lambda: True
    before = host.power.boot_time
    assert run("shutdown /r /t 5 /c later", host).status == 0
    assert asked == [5.0]
    assert host.power.boot_time == before
    assert host.power.shutdown is not None
    assert (host.power.shutdown.comment, host.power.shutdown.initiated_by) == ("later", "NDES1\\ansible")
    again = run("shutdown.exe /r /t 0", host)
    assert (again.status, again.stderr) == (1190, "A system shutdown has already been scheduled.(1190)\r\n")
    assert run("shutdown /a", host).status == 0
    assert run("shutdown /a", host).status == 1116
    assert run("shutdown /r /t 0", host, "plain").status == 5
    boot.perform(host)
    assert host.power.boot_time > before
    assert not host.boot_scheduled


def test_a_reboot_that_is_too_late_to_abort() -> None:
    host = host_with()
    host.on_reboot, host.on_abort = lambda _: None, lambda: False
    boot.request(host, 0)
    assert run("shutdown /a", host).status == 1116


def test_without_a_service_a_reboot_boots_at_once() -> None:
    host = host_with()
    before = host.power.boot_time
    assert run("shutdown /r /t 0", host).status == 0
    assert host.power.boot_time > before
    assert host.registry.key_exists(boot.LOGON_SCREEN_KEY)


def test_certutil_pings_the_authority_of_its_own_host() -> None:
    missing = run("certutil -ping")
    assert missing.status == 0x80070103
    assert "FAILED: 0x80070103" in missing.stdout


def test_certutil_pings_an_authority_that_runs() -> None:
    identity = replace(identified(), name="ca1", role="certification_authority")
    host = Host(identity, FakeDirectory())
    host.accounts.add_administrator("ansible", "Not-a-secret-1")
    key = r"HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration"
    host.registry.set(key, "Active", "REG_SZ", "Corp Issuing CA")
    alive = run("certutil -ping", host)
    assert alive.status == 0
    assert 'Server "Corp Issuing CA" ICertRequest2 interface is alive' in alive.stdout
    host.services.stop("CertSvc")
    assert run("certutil -ping", host).status == 0x800706BA
