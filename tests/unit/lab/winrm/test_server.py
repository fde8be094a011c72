# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole service with pywinrm as its client: ways in, outages, many at once."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError

from lab.winrm import connection
from lab.winrm.machine import Outcome
from lab.winrm.server import Service, load_tls

from .hosts import ADDRESS, PASSWORD, FakeMachine, certificate, client, endpoint, run
from .messages import SHELL, recorded

if t.TYPE_CHECKING:
    from pathlib import Path

    from lab.winrm.server import Acceptor

HTTP, HTTPS = 0, 1
IDENTIFY = (
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header/><s:Body><i:Identify '
    b'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/></s:Body></s:Envelope>'
)


def ask(
    service: Service, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One plain HTTP request."""
    asking = http.client.HTTPConnection(ADDRESS, service.listeners[HTTP].port, timeout=10)
    with contextlib.closing(asking):
        asking.request(method, path, body or None, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = asking.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


@pytest.mark.parametrize(
    ("number", "transport", "options"),
    [
        pytest.param(HTTPS, "basic", {}, id="Basic inside TLS"),
        pytest.param(HTTPS, "ssl", {}, id="Basic inside TLS by its other name"),
        pytest.param(HTTP, "ntlm", {}, id="NTLM, messages encrypted"),
        pytest.param(HTTP, "ntlm", {"username": "CORP\\Administrator"}, id="NTLM with a domain"),
        pytest.param(HTTPS, "ntlm", {}, id="NTLM bound to TLS"),
        pytest.param(HTTPS, "ntlm", {"send_cbt": False}, id="NTLM not bound to TLS"),
        pytest.param(HTTPS, "ntlm", {"message_encryption": "always"}, id="NTLM, encrypted inside TLS"),
    ],
)
def test_ways_in(
    service: Service, machine: FakeMachine, number: int, transport: str, options: dict[str, t.Any]
) -> None:
    machine.outcome = Outcome("åäö".encode(), b"err" * 60000, 7)
    answer = run(client(service, number, transport, **options), "whoami /all", b"input" * 30000)
    assert answer == (machine.outcome.stdout, machine.outcome.stderr, 7)
    token, shell, line, content = machine.runs[0]
    assert (token, line, content) == (
        f"token of {options.get('username', 'Administrator')}",
        "whoami /all",
        b"input" * 30000,
    )
    assert shell.codepage == 65001


def test_a_task_is_seven_requests(service: Service) -> None:
    run(client(service, HTTPS, "basic"), "whoami", b"x")
    counted = service.traffic()
    assert counted["operations"] == dict.fromkeys(("Create", "Command", "Send", "Receive", "Signal", "Delete"), 1)
    assert (counted["connections"], counted["refused_logons"], counted["shells"]) == (1, 0, 0)
    assert counted["bytes"]["in"] > counted["bytes"]["out"] > 1000
    assert min(counted["seconds"].values()) > 0
    assert set(counted["processor_seconds"]) == {"transport", "host"}


@pytest.mark.parametrize(
    ("number", "transport", "options"),
    [
        (HTTPS, "basic", {"password": "wrong"}),
        (HTTPS, "ntlm", {"password": "wrong"}),
        (HTTP, "ntlm", {"password": "wrong"}),
        (HTTP, "ntlm", {"username": "nobody"}),
        # Basic is not offered where its password would be readable.
        (HTTP, "basic", {}),
    ],
)
def test_refused_logons(service: Service, number: int, transport: str, options: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidCredentialsError, match="the specified credentials were rejected by the server"):
        client(service, number, transport, **options).open_shell()
    assert service.traffic()["refused_logons"] >= 1


@pytest.mark.parametrize(("number", "transport"), [(HTTPS, "basic"), (HTTPS, "ntlm"), (HTTP, "ntlm")])
def test_accounts_that_may_not_use_winrm(service: Service, number: int, transport: str) -> None:
    with pytest.raises(WSManFaultError, match=r"^Access is denied\.") as caught:
        client(service, number, transport, username="user").open_shell()
    assert (caught.value.wsman_fault_code, caught.value.fault_subcode) == (5, "w:AccessDenied")


def test_messages_without_encryption_are_refused_over_http(service: Service) -> None:
    asking = client(service, HTTP, "ntlm", message_encryption="never")
    with pytest.raises(WinRMTransportError) as caught:
        asking.open_shell()
    assert (caught.value.code, caught.value.response_text) == (500, "")
    service.settings.change({"AllowUnencrypted": True})
    assert run(client(service, HTTP, "ntlm", message_encryption="never"), "whoami")[2] == 0
    assert run(client(service, HTTP, "plaintext"), "whoami")[2] == 0


def test_a_message_for_another_connection_is_refused(service: Service) -> None:
    """What ansible-core meets when its connection was lost between two messages."""
    asking = client(service, HTTP, "ntlm")
    shell = asking.open_shell()
    service.order({"drop": {"operation": "Command"}})
    with pytest.raises(requests.exceptions.ConnectionError):
        asking.run_command(shell, "whoami")
    with pytest.raises(WinRMTransportError) as caught:
        asking.cleanup_command(shell, "x")
    assert caught.value.code == 400


@pytest.mark.filterwarnings("ignore:'pywinrm' will use an environment variable defined CA Trust")
def test_an_untrusted_certificate_is_the_clients_matter(service: Service) -> None:
    with pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        client(service, HTTPS, "basic", server_cert_validation="validate").open_shell()
    assert service.traffic()["operations"] == {}


def test_a_trusted_certificate(service: Service, files: tuple[Path, Path]) -> None:
    options = {"server_cert_validation": "validate", "ca_trust_path": str(files[0])}
    assert run(client(service, HTTPS, "basic", **options), "whoami")[2] == 0


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/", {}, 404),
        ("POST", "/wsman/x", {}, 404),
        ("GET", "/wsman", {}, 405),
        ("POST", "/wsman", {}, 401),
        ("POST", "/WSMAN/?PSVersion=5.1", {}, 401),
        ("POST", "/wsman", {"wsmanidentify": "unauthenticated"}, 401),
        ("POST", "/wsman", {"Transfer_Encoding": "gzip"}, 501),
    ],
)
def test_plain_http(service: Service, method: str, path: str, headers: dict[str, str], status: int) -> None:
    assert ask(service, method, path, b"", **headers)[0] == status


def test_what_is_offered_to_strangers(service: Service) -> None:
    _, headers, body = ask(service, "POST", "/wsman")
    assert (headers["WWW-Authenticate"], body) == ("Kerberos", b"")


def test_identify_without_a_logon(service: Service) -> None:
    status, _, body = ask(service, "POST", "/wsman", IDENTIFY, WSMANIDENTIFY="unauthenticated")
    assert status == 200
    assert b"<wsmid:ProductVersion>OS: 0.0.0 SP: 0.0 Stack: 3.0</wsmid:ProductVersion>" in body


def test_identify_with_a_logon(service: Service) -> None:
    answer = client(service, HTTPS, "basic").transport.send_message(IDENTIFY)
    assert b"OS: 10.0.20348 SP: 0.0 Stack: 3.0" in answer


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_content_of_another_type_is_refused(service: Service) -> None:
    answer = requests.post(
        endpoint(service, HTTPS),
        b"{}",
        auth=("Administrator", PASSWORD),
        verify=False,
        timeout=10,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 415


@pytest.mark.parametrize(("number", "transport"), [(HTTPS, "basic"), (HTTP, "ntlm")])
def test_a_request_that_is_too_large(service: Service, machine: FakeMachine, number: int, transport: str) -> None:
    asking = client(service, number, transport)
    shell = asking.open_shell()
    command = asking.run_command(shell, "more", console_mode_stdin=False)
    with pytest.raises(WinRMTransportError) as caught:
        asking.send_command_input(shell, command, b"x" * 500 * 1024, end=True)
    assert caught.value.code == 413
    assert machine.runs == []


def test_who_sends_far_too_much_is_still_told_so(service: Service) -> None:
    """Closed at once, the connection would be reset while the client sends, and the answer lost."""
    assert ask(service, "POST", "/wsman", bytes(30_000_000))[0] == 413


def test_output_that_does_not_come_in_time(service: Service, machine: FakeMachine) -> None:
    machine.go.clear()
    service.settings.change({"MaxTimeoutms": 500})
    asking = client(service, HTTPS, "basic")
    shell = asking.open_shell()
    command = asking.run_command(shell, "sleep")
    timer = threading.Timer(0.6, machine.go.set)
    timer.start()
    # It asks again after the fault.
    assert asking.get_command_output(shell, command)[0] == b"out sleep "
    assert service.traffic()["faults"] == {"operation_timeout": 1}
    timer.join()


# Ordered faults


@pytest.mark.parametrize("operation", ["Create", "Command", "Send", "Receive", "Signal", "Delete"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_connection_that_is_lost(service: Service, machine: FakeMachine, operation: str, when: str) -> None:
    service.order({"drop": {"operation": operation, "when": when}})
    with pytest.raises(requests.exceptions.ConnectionError):
        run(client(service, HTTPS, "basic"), "whoami", b"x")
    has_input = operation not in {"Create", "Command"} and (operation, when) != ("Send", "before")
    assert bool(machine.runs) is has_input
    assert run(client(service, HTTPS, "basic"), "whoami", b"x")[2] == 0


def test_a_quota_in_the_form_that_ansible_looks_for(service: Service) -> None:
    service.order({"fault": {"operation": "Command", "name": "quota_operations"}})
    asking = client(service, HTTPS, "basic")
    shell = asking.open_shell()
    with pytest.raises(WSManFaultError, match="maximum number of 1500 concurrent operations") as caught:
        asking.run_command(shell, "whoami")
    assert caught.value.wmierror_code == 0x803381A6
    asking.run_command(shell, "whoami")


def test_the_quota_itself(service: Service) -> None:
    service.settings.change({"MaxConcurrentOperationsPerUser": 1})
    asking = client(service, HTTP, "ntlm")
    shell = asking.open_shell()
    asking.run_command(shell, "whoami")
    with pytest.raises(WSManFaultError, match="maximum number of 1 concurrent operations") as caught:
        asking.run_command(shell, "whoami")
    assert caught.value.wmierror_code == 0x803381A6


def test_a_busy_command(service: Service) -> None:
    service.order({"fault": {"operation": "Send", "name": "busy"}})
    with pytest.raises(WSManFaultError) as caught:
        run(client(service, HTTPS, "basic"), "whoami", b"x")
    assert caught.value.wsman_fault_code == 170


def test_a_status_of_http(service: Service) -> None:
    service.order({"status": {"status": 503, "times": 1}})
    with pytest.raises(WinRMTransportError) as caught:
        client(service, HTTPS, "basic").open_shell()
    assert caught.value.code == 503
    client(service, HTTPS, "basic").open_shell()


def test_connections_that_are_refused(service: Service) -> None:
    service.order({"refuse": {"times": 1}})
    with pytest.raises(requests.exceptions.ConnectionError):
        client(service, HTTPS, "basic").open_shell()
    client(service, HTTPS, "basic").open_shell()


def test_a_delay_longer_than_the_client_waits(service: Service, machine: FakeMachine) -> None:
    service.order({"delay": {"operation": "Receive", "seconds": 3600}})
    asking = client(service, HTTPS, "basic")
    # Less than pywinrm lets one ask for.
    asking.transport.read_timeout_sec = t.cast(t.Any, 0.2)
    with pytest.raises(requests.exceptions.ReadTimeout):
        run(asking, "whoami", b"x")
    assert machine.runs


def test_lower_limits(service: Service, machine: FakeMachine) -> None:
    service.order({"settings": {"MaxEnvelopeSizekb": 32}})
    machine.outcome = Outcome(b"x" * 100000)
    assert run(client(service, HTTPS, "basic"), "type")[0] == b"x" * 100000
    assert service.traffic()["operations"]["Receive"] == 5
    with pytest.raises(WinRMTransportError):
        run(client(service, HTTPS, "basic"), "more", b"x" * 40000)


# Outages


def test_a_host_that_is_closed_and_comes_back(service: Service) -> None:
    asking = client(service, HTTPS, "basic")
    shell = asking.open_shell()
    ports = [listener.port for listener in service.listeners]
    service.close()
    assert not service.is_open
    with pytest.raises(requests.exceptions.ConnectionError, match="Connection refused"):
        asking.run_command(shell, "whoami")
    service.open()
    assert [listener.port for listener in service.listeners] == ports
    with pytest.raises(WSManFaultError, match=f"ShellId {shell} failed because the shell was not found") as caught:
        client(service, HTTPS, "basic").run_command(shell, "whoami")
    assert caught.value.wsman_fault_code == 2150858843
    assert run(client(service, HTTP, "ntlm"), "whoami")[2] == 0


def test_a_host_that_boots_between_two_connections(service: Service) -> None:
    before = client(service, HTTPS, "basic")
    shell = before.open_shell()
    booted: list[int] = []

    def boot() -> None:
        service.close()
        booted.append(service.shells)
        service.open()

    service.before_connection = boot
    assert service.shells == 1
    assert run(client(service, HTTPS, "basic"), "whoami")[2] == 0
    assert run(client(service, HTTP, "ntlm"), "whoami")[2] == 0
    assert booted == [0]
    with pytest.raises((WSManFaultError, requests.ConnectionError)):
        before.close_shell(shell)


def test_closing_ends_what_waits(service: Service, machine: FakeMachine) -> None:
    machine.go.clear()
    asking = client(service, HTTPS, "basic")
    shell = asking.open_shell()
    command = asking.run_command(shell, "sleep")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(asking.get_command_output_raw, shell, command)
        while service.traffic()["operations"].get("Receive") is None:
            pass
        service.close()
        assert isinstance(waiting.exception(5), requests.exceptions.ConnectionError)
    # Also the thread that waited for the process, which still runs.
    assert [thread.name for thread in threading.enumerate() if thread.name == "winrm connection"] == []
    machine.go.set()
    service.open()
    assert service.shells == 0


def test_a_process_may_close_its_own_host(
    service: Service, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_and_close(*_: t.Any) -> Outcome:
        service.close()
        return Outcome()

    monkeypatch.setattr(machine, "run", run_and_close)
    with pytest.raises(requests.exceptions.ConnectionError):
        run(client(service, HTTPS, "basic"), "shutdown.exe /r")
    service.open()
    assert service.is_open


def test_a_logon_may_close_the_host(
    service: Service, machine: FakeMachine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(machine, "logon", lambda _: service.close())
    with pytest.raises(requests.exceptions.ConnectionError):
        client(service, HTTPS, "basic").open_shell()
    assert caplog.records == []


def test_nothing_listens_when_an_address_cannot_be_had(
    acceptor: Acceptor, service: Service, machine: FakeMachine
) -> None:
    other = Service(machine, acceptor)
    other.listen(ADDRESS, 0)
    other.listen(ADDRESS, service.listeners[HTTP].port)
    with pytest.raises(OSError, match="Address already in use"):
        other.open()
    assert not other.is_open
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, other.listeners[0].port), 5)


# Clients that are many, slow or strange


def test_thirty_clients_at_once(service: Service, machine: FakeMachine) -> None:
    lines = [f"task {number}" for number in range(30)]
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda line: run(client(service, HTTPS, "basic"), line, line.encode() * 1000), lines))
    assert answers == [(f"out {line} ".encode() + line.encode() * 1000, b"", 0) for line in lines]
    assert (service.traffic()["faults"], service.shells) == ({}, 0)


def test_more_shells_than_a_user_may_have(service: Service) -> None:
    service.settings.change({"MaxShellsPerUser": 3})
    asking = client(service, HTTPS, "basic")
    for _ in range(3):
        asking.open_shell()
    with pytest.raises(WSManFaultError, match="allowed a maximum number of 3 concurrent shells") as caught:
        asking.open_shell()
    assert caught.value.wsman_fault_code == 2150859173


def test_more_connections_than_a_host_takes(service: Service) -> None:
    service.settings.change({"MaxConnections": 1})
    with socket.create_connection((ADDRESS, service.listeners[HTTP].port), 5) as first:
        first.sendall(b"POST /wsman")
        with pytest.raises(requests.exceptions.ConnectionError):
            client(service, HTTPS, "basic").open_shell()


def test_who_does_not_shake_hands_keeps_nobody_waiting(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HANDSHAKE", 0.2)
    with socket.create_connection((ADDRESS, service.listeners[HTTPS].port), 5) as silent:
        assert run(client(service, HTTPS, "basic"), "whoami")[2] == 0
        assert silent.recv(1) == b""


@pytest.mark.parametrize("number", [HTTP, HTTPS])
def test_strange_bytes(service: Service, number: int) -> None:
    with socket.create_connection((ADDRESS, service.listeners[number].port), 5) as strange:
        strange.sendall(b"\x16\x03\x01\0\x05hello\r\n\r\n")
        # It may have been reset by now.
        with contextlib.suppress(OSError):
            strange.shutdown(socket.SHUT_WR)
            while strange.recv(4096):
                pass
    assert run(client(service, HTTPS, "basic"), "whoami")[2] == 0


def test_several_hosts_in_one_process(service: Service, acceptor: Acceptor, files: tuple[Path, Path]) -> None:
    others = []
    for name in ("ndes2", "conn1"):
        other = Service(FakeMachine(f"{name}.corp.example"), acceptor)
        other.listen(ADDRESS, 0)
        other.listen(ADDRESS, 0, load_tls(*files))
        other.open()
        others.append(other)
    try:
        shell = client(others[0], HTTPS, "basic").open_shell()
        with pytest.raises(WSManFaultError, match="not found"):
            client(others[1], HTTPS, "basic").run_command(shell, "whoami")
        others[0].close()
        assert run(client(others[1], HTTPS, "basic"), "whoami")[2] == 0
        assert run(client(service, HTTP, "ntlm"), "whoami")[2] == 0
    finally:
        for other in others:
            other.close()


def test_a_bound_logon_through_another_certificate_is_refused(
    service: Service, files: tuple[Path, Path], tmp_path: Path
) -> None:
    """As somebody in the middle would have it: the client sees one certificate, the host has another."""
    seen, expected = load_tls(*files), load_tls(*certificate(tmp_path, "other"))
    service.close()
    service.listeners[HTTPS].tls = connection.Tls(seen.context, expected.binding)
    service.open()
    with pytest.raises(InvalidCredentialsError):
        client(service, HTTPS, "ntlm").open_shell()
    client(service, HTTPS, "ntlm", send_cbt=False).open_shell()


def test_messages_of_a_shell_that_is_not_there(service: Service) -> None:
    asking = client(service, HTTPS, "basic")
    for kind, message in recorded().items():
        if kind != "Create":
            with pytest.raises(WSManFaultError, match=f"ShellId {SHELL} failed because the shell was not found"):
                asking.send_message(message.decode())
    assert service.traffic()["faults"] == {"shell_not_found": 5}
