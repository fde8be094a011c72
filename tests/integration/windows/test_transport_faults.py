# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong on the way: Ansible's own message, and nothing half-done on the host."""

from __future__ import annotations

import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
from winrm.protocol import Protocol

from ..ldap_tools import DOMAIN, Client
from .test_ways_in import local_account

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Windows

KEY = r"HKLM:\SOFTWARE\Certops"
WRITE = {"path": KEY, "name": "Fault", "data": 1, "type": "dword"}


@pytest.fixture(autouse=True)
def untroubled(windows: Windows) -> Iterator[None]:
    yield
    windows.trouble("ndes1")


def test_wrong_password_kerberos(windows: Windows) -> None:
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_password="wrong")
    assert done.word == "UNREACHABLE!", done.output
    assert "Kerberos auth failure for principal pkiadmin@CORP.EXAMPLE: kinit: " in done.message


def test_wrong_password_ntlm(windows: Windows) -> None:
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_transport="ntlm", ansible_password="wrong")
    assert (done.word, done.message) == ("UNREACHABLE!", "ntlm: the specified credentials were rejected by the server")


def test_wrong_password_basic(windows: Windows) -> None:
    variables = {**local_account(windows, "ndes1"), "ansible_password": "wrong", "ansible_winrm_transport": "basic"}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", **variables)
    assert (done.word, done.message) == ("UNREACHABLE!", "basic: the specified credentials were rejected by the server")


@pytest.mark.parametrize("transport", ["kerberos", "ntlm"])
def test_account_without_rights(windows: Windows, transport: str) -> None:
    """alice may log on to the domain, and is nobody on the server."""
    account = windows.lab.credentials["accounts"]["alice"]
    variables = {"ansible_user": account["username"], "ansible_password": account["password"]}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_transport=transport, **variables)
    assert done.word == "UNREACHABLE!", done.output
    assert "Access is denied" in done.message


def test_password_that_must_be_changed(windows: Windows, tmp_path: Path) -> None:
    """The directory says so, and both ways in ask the directory."""
    account = windows.lab.credentials["accounts"]["pkioperator"]
    admin = Client(windows.lab, "pkiadmin", windows.lab.credentials["accounts"]["pkiadmin"]["password"], tmp_path)
    dn = f"CN=PKI Operator,CN=Users,{DOMAIN}"
    variables = {"ansible_user": account["username"], "ansible_password": account["password"]}

    def expire(value: int) -> None:
        record = f"dn: {dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 512\n-\n"
        assert admin.modify(f"{record}replace: pwdLastSet\npwdLastSet: {value}\n").code == 0

    expire(0)
    try:
        kerberos = windows.adhoc("ndes1", "ansible.windows.win_ping", **variables)
        ntlm = windows.adhoc("ndes1", "ansible.windows.win_ping", ansible_winrm_transport="ntlm", **variables)
    finally:
        expire(-1)
    assert kerberos.word == "UNREACHABLE!", kerberos.output
    # kinit asks for a new password, and Ansible gave it one line only.
    assert kerberos.message.endswith("kinit: Cannot read password while getting initial credentials")
    assert (ntlm.word, ntlm.message) == ("UNREACHABLE!", "ntlm: the specified credentials were rejected by the server")


@pytest.mark.parametrize(
    "trouble, message",
    [
        ({"drop": {"operation": "Create", "when": "before"}}, "Connection aborted"),
        ({"drop": {"operation": "Command", "when": "before"}}, "Connection aborted"),
        ({"drop": {"operation": "Send", "when": "before", "times": None}}, "winrm send_input failed"),
        ({"status": {"status": 503, "times": None}}, "Bad HTTP response returned from server. Code 503"),
        ({"refuse": {"times": None}}, "Connection"),
        ({"settings": {"MaxEnvelopeSizekb": 32}}, "winrm send_input failed"),
        (
            {"fault": {"operation": "Create", "name": "quota_shells"}},
            "This user is allowed a maximum number of 30 concurrent shells",
        ),
        ({"fault": {"operation": "Create", "name": "access_denied"}}, "Access is denied"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
def test_nothing_is_half_done(windows: Windows, trouble: dict[str, t.Any], message: str) -> None:
    # After a failed Send Ansible waits for one answer more, as long as an operation may take.
    limits = {"ansible_winrm_operation_timeout_sec": 2, "ansible_winrm_read_timeout_sec": 10}
    before = windows.state("ndes1")
    windows.trouble("ndes1", **trouble)
    done = windows.adhoc("ndes1", "ansible.windows.win_regedit", WRITE, **limits)
    assert done.word in {"UNREACHABLE!", "FAILED!"}, done.output
    assert message in done.output
    assert windows.changed_since("ndes1", before) == []


def test_lost_answer_is_found_done_by_the_next_run(windows: Windows) -> None:
    """The module ran and its result was lost on the way; a second run has nothing to do."""
    windows.trouble("ndes1", drop={"operation": "Receive", "when": "after"})
    lost = windows.adhoc("ndes1", "ansible.windows.win_regedit", WRITE)
    assert lost.word == "UNREACHABLE!" or "Connection aborted" in lost.output, lost.output
    again = windows.adhoc("ndes1", "ansible.windows.win_regedit", WRITE)
    assert (again.word, again.result["changed"]) == ("SUCCESS", False), again.output
    windows.adhoc("ndes1", "ansible.windows.win_regedit", {"path": KEY, "state": "absent", "delete_key": True})


def test_answer_that_takes_longer_than_the_client_reads(windows: Windows) -> None:
    windows.trouble("ndes1", delay={"operation": "Receive", "seconds": 4, "times": None})
    limits = {"ansible_winrm_operation_timeout_sec": 1, "ansible_winrm_read_timeout_sec": 2}
    done = windows.adhoc("ndes1", "ansible.windows.win_ping", **limits)
    assert done.word == "UNREACHABLE!", done.output
    assert "winrm connection error" in done.message
    assert "Read timed out" in done.message


def test_operation_that_times_out_is_asked_for_again(windows: Windows) -> None:
    """The fault that every Receive ends with whose process is not done yet; Ansible waits on."""
    windows.trouble("ndes1", fault={"operation": "Receive", "name": "operation_timeout", "times": 2})
    done = windows.adhoc("ndes1", "ansible.windows.win_ping")
    assert done.word == "SUCCESS", done.output


def test_quota_of_operations_makes_a_new_shell(windows: Windows) -> None:
    """What ansible-core makes of 0x803381A6: the shell anew, and the command again."""
    before = windows.traffic("ndes1")["operations"]
    windows.trouble("ndes1", fault={"operation": "Command", "name": "quota_operations"})
    done = windows.adhoc("ndes1", "ansible.windows.win_ping")
    assert done.word == "SUCCESS", done.output
    assert windows.traffic("ndes1")["operations"]["Create"] - before["Create"] == 2


REBOOT = {"reboot_timeout": 4, "connect_timeout": 2, "pre_reboot_delay": 0}


def test_reboot_that_takes_longer_than_the_task_waits(windows: Windows) -> None:
    windows.trouble("ndes1", boot={"seconds": 12})
    booted = windows.state("ndes1", "/power/boot_time")
    done = windows.adhoc("ndes1", "ansible.windows.win_reboot", REBOOT)
    assert done.word == "FAILED!", done.output
    assert done.message.endswith("Timed out waiting for last boot time check (timeout=4.0)"), done.output
    # It is away, and comes back by itself.
    later = windows.adhoc("ndes1", "ansible.builtin.wait_for_connection", {"timeout": 60})
    assert later.word == "SUCCESS", later.output
    assert windows.state("ndes1", "/power/boot_time") != booted


def test_reboot_that_takes_long(windows: Windows) -> None:
    windows.trouble("ndes1", boot={"seconds": 8})
    done = windows.adhoc("ndes1", "ansible.windows.win_reboot", {**REBOOT, "reboot_timeout": 60})
    assert done.word == "CHANGED", done.output
    assert done.result["rebooted"]
    assert done.result["elapsed"] >= 8


def test_thirty_clients_at_once(windows: Windows) -> None:
    """Thirty shells is what one user may have; all of them are answered, each with its own output."""
    account = windows.lab.credentials["accounts"]["pkiadmin"]

    def client(number: int) -> tuple[bytes, int]:
        protocol = Protocol(
            "https://ndes1.corp.example:5986/wsman",
            transport="ntlm",
            username=f"CORP\\{account['username'].partition('@')[0]}",
            password=account["password"],
            ca_trust_path=str(windows.lab.dir / "ca" / "root.pem"),
        )
        shell = protocol.open_shell()
        together.wait(60)
        command = protocol.run_command(shell, f"cmd /c exit {number}")
        output, _, status = protocol.get_command_output(shell, command)
        protocol.cleanup_command(shell, command)
        protocol.close_shell(shell)
        return output, status

    together = threading.Barrier(30)
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(client, range(30)))
    assert answers == [(b"", number) for number in range(30)]
    assert windows.traffic("ndes1")["shells"] == 0
