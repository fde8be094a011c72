# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells and commands, without a network."""

from __future__ import annotations

import base64
import typing as t
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given

from lab.winrm import envelope, names
from lab.winrm.counters import Counters
from lab.winrm.envelope import Request
from lab.winrm.faults import WsmanFault
from lab.winrm.machine import Outcome
from lab.winrm.operations import Caller, Operations
from lab.winrm.settings import InForce, Settings
from lab.winrm.shells import CONTROL_C_EXIT, Shells
from lab.winrm.xml_tree import Element

from .hosts import FakeMachine
from .messages import COMMAND, SHELL, recorded
from .mutations import mutated

MESSAGES = recorded()

S = {"s": names.SOAP, "r": names.SHELL, "w": names.WSMAN}
ADMINISTRATOR = Caller("Administrator", "token", "10.0.0.1")
OTHER = Caller("Other", "token", "10.0.0.2")


def element(name: str, text: str = "", *children: Element, **attributes: str) -> Element:
    return Element(f"{names.SHELL} {name}", attributes, text, list(children))


class Client:
    """Asks, and reads the answers."""

    def __init__(self, caller: Caller = ADMINISTRATOR, **settings: t.Any) -> None:
        self.machine = FakeMachine()
        self.settings = Settings(settings)
        force = InForce(self.settings, dict)
        self.shells = Shells(self.machine, force, Counters())
        self.operations = Operations(self.shells, force, Counters())
        self.caller = caller
        self.maximum: int | None = None
        self.timeout: float = 5
        self.size = 0

    def ask(
        self, kind: str, body: Element | None = None, shell: str = "", options: dict[str, str] | None = None
    ) -> ET.Element:
        selectors = {"ShellId": shell} if shell else {}
        request = Request(kind, "uuid:1", names.CMD_SHELL, selectors, options or {}, self.timeout, self.maximum, body)
        content = self.operations.perform(request, self.caller)
        self.size = len(content)
        found = ET.fromstring(content).find("s:Body", S)
        assert found is not None
        return found

    def shell(self, *children: Element, **options: str) -> str:
        found = self.ask("Create", element("Shell", "", *children), options=options)
        identity = found.findtext(".//w:Selector", None, S)
        assert identity
        return identity

    def command(self, shell: str, line: str = "whoami", console: str | None = "TRUE", *arguments: str) -> str:
        body = element("CommandLine", "", element("Command", line), *(element("Arguments", one) for one in arguments))
        options = {} if console is None else {"WINRS_CONSOLEMODE_STDIN": console}
        identity = self.ask("Command", body, shell, options).findtext(".//r:CommandId", None, S)
        assert identity
        return identity

    def send(self, shell: str, command: str, content: bytes, end: str = "false", name: str = "stdin") -> None:
        text = base64.b64encode(content).decode()
        self.ask("Send", element("Send", "", element("Stream", text, Name=name, CommandId=command, End=end)), shell)

    def receive(self, shell: str, command: str, streams: str = "stdout stderr") -> tuple[dict[str, bytes], int | None]:
        found = self.ask("Receive", element("Receive", "", element("DesiredStream", streams, CommandId=command)), shell)
        content = {"stdout": b"", "stderr": b""}
        for stream in found.iterfind(".//r:Stream", S):
            content[stream.attrib["Name"]] += base64.b64decode(stream.text or "")
        status = found.findtext(".//r:ExitCode", None, S)
        return content, None if status is None else int(status)

    def signal(self, shell: str, command: str, code: str = f"{names.SIGNAL}/terminate") -> None:
        self.ask("Signal", element("Signal", "", element("Code", code), CommandId=command), shell)


@pytest.fixture
def client() -> Client:
    return Client()


def refused(name: str) -> t.Any:
    class Named:
        def __enter__(self) -> None:
            self.raises = pytest.raises(WsmanFault)
            self.caught = self.raises.__enter__()

        def __exit__(self, *arguments: t.Any) -> bool:
            done = bool(self.raises.__exit__(*arguments))
            assert self.caught.value.fault.name == name
            return done

    return Named()


def test_a_shell_has_what_was_asked_for(client: Client) -> None:
    environment = element("Environment", "", element("Variable", "b c", Name="A"))
    shell = client.shell(
        element("WorkingDirectory", "C:\\x"), environment, WINRS_CODEPAGE="65001", WINRS_NOPROFILE="TRUE"
    )
    client.receive(shell, client.command(shell, "whoami", "TRUE", "/all", "x y"))
    token, options, line, content = client.machine.runs[0]
    assert (token, line, content) == ("token", "whoami /all x y", b"")
    assert (options.working_directory, options.environment) == ("C:\\x", {"A": "b c"})
    assert (options.codepage, options.no_profile) == (65001, True)


def test_a_shell_tells_about_itself(client: Client) -> None:
    shell = client.shell(element("IdleTimeOut", "PT90S"))
    found = client.ask("Get", None, shell)
    fields = {child.tag.rpartition("}")[2]: child.text for child in found[0]}
    assert fields == {
        "ShellId": shell,
        "ResourceUri": names.CMD_SHELL,
        "Owner": "Administrator",
        "ClientIP": "10.0.0.1",
        "IdleTimeOut": "PT90.000S",
        "InputStreams": "stdin",
        "OutputStreams": "stdout stderr",
        "ShellRunTime": "P0DT0H0M0S",
        "ShellInactivity": "P0DT0H0M0S",
    }


def test_input_comes_in_pieces_and_starts_the_process_with_the_last(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell, "more", "FALSE")
    client.send(shell, command, b"one ")
    assert client.machine.runs == []
    client.send(shell, command, b"two", end="true")
    assert client.receive(shell, command) == ({"stdout": b"out more one two", "stderr": b""}, 0)


def test_a_process_that_waits_for_input_times_out(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell, "more", "FALSE")
    client.timeout = 0.01
    with refused("operation_timeout"):
        client.receive(shell, command)
    client.send(shell, command, b"x", end="True")
    client.timeout = 5
    assert client.receive(shell, command)[1] == 0


def test_a_client_that_did_not_say_and_asks_at_once_has_no_input(client: Client) -> None:
    shell = client.shell()
    assert client.receive(shell, client.command(shell, "more", None))[0]["stdout"] == b"out more "
    command = client.command(shell, "more", None)
    client.send(shell, command, b"x", end="true")
    assert client.receive(shell, command)[0]["stdout"] == b"out more x"


def test_a_process_runs_once_however_often_its_output_is_asked_for(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell, "more", None)
    assert [client.receive(shell, command)[1] for _ in range(3)] == [0, 0, 0]
    assert len(client.machine.runs) == 1


def test_no_input_after_the_last(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell, "more", "FALSE")
    client.send(shell, command, b"x", end="true")
    with refused("input_closed"):
        client.send(shell, command, b"y")
    with refused("input_closed"):
        client.send(shell, client.command(shell), b"y")


@pytest.mark.parametrize("maximum", [8192, 153600, 10**9])
def test_output_comes_in_envelopes_that_fit(client: Client, maximum: int) -> None:
    out, err = bytes(range(256)) * 3000, b"error" * 9999
    client.machine.outcome = Outcome(out, err, -1)
    client.maximum = maximum
    shell = client.shell()
    command = client.command(shell)
    taken = {"stdout": b"", "stderr": b""}
    status: int | None = None
    count = 0
    while status is None:
        piece, status = client.receive(shell, command)
        count += 1
        assert client.size <= min(maximum, 500 * 1024)
        taken = {name: taken[name] + piece[name] for name in taken}
    assert taken == {"stdout": out, "stderr": err}
    assert status == 4294967295
    # Each but the last is nearly full.
    assert count <= len(out + err) * 4 / 3 / (min(maximum, 500 * 1024) - 4096) + 1


def test_one_stream_alone(client: Client) -> None:
    client.machine.outcome = Outcome(b"out", b"err", 3)
    shell = client.shell()
    command = client.command(shell)
    assert client.receive(shell, command, "stderr") == ({"stdout": b"", "stderr": b"err"}, 3)
    assert client.receive(shell, command, "stdout") == ({"stdout": b"out", "stderr": b""}, 3)


@pytest.mark.parametrize("signal", ["terminate", "Terminate"])
def test_terminate_ends_a_process_and_forgets_it(client: Client, signal: str) -> None:
    client.machine.go.clear()
    shell = client.shell()
    command = client.command(shell)
    client.signal(shell, command, f"{names.SIGNAL}/{signal}")
    client.machine.go.set()
    with refused("command_not_found"):
        client.receive(shell, command)


@pytest.mark.parametrize("signal", ["ctrl_c", "ctrl_break"])
def test_control_c_ends_a_process_without_output(client: Client, signal: str) -> None:
    client.machine.go.clear()
    shell = client.shell()
    command = client.command(shell)
    client.signal(shell, command, f"{names.SIGNAL}/{signal}")
    assert client.receive(shell, command) == ({"stdout": b"", "stderr": b""}, CONTROL_C_EXIT)
    client.machine.go.set()


def test_a_machine_that_fails_is_not_silent(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.machine, "run", lambda *_: 1 // 0)
    shell = client.shell()
    content, status = client.receive(shell, client.command(shell))
    assert (b"ZeroDivisionError" in content["stderr"], status) == (True, 1)


def test_quota_of_shells() -> None:
    client = Client(MaxShellsPerUser=2)
    shells = [client.shell(), client.shell()]
    with refused("quota_shells"):
        client.shell()
    client.caller = OTHER
    client.shell()
    client.caller = ADMINISTRATOR
    client.ask("Delete", None, shells[0])
    client.shell()


def test_quota_of_users() -> None:
    client = Client(MaxConcurrentUsers=1)
    client.shell()
    client.caller = OTHER
    with refused("quota_users"):
        client.shell()


def test_quota_of_operations_ends_with_the_shell() -> None:
    client = Client(MaxConcurrentOperationsPerUser=2)
    shell = client.shell()
    for _ in range(2):
        client.signal(shell, client.command(shell))
    with refused("quota_operations"):
        client.command(shell)
    client.ask("Delete", None, shell)
    client.command(client.shell())


def test_quota_of_processes() -> None:
    client = Client(MaxProcessesPerShell=1)
    client.machine.go.clear()
    shell = client.shell()
    command = client.command(shell)
    with refused("quota_processes"):
        client.command(shell)
    client.signal(shell, command)
    client.machine.go.set()
    client.command(shell)


def test_shells_may_be_switched_off() -> None:
    with refused("shells_not_allowed"):
        Client(AllowRemoteShellAccess=False).shell()


def test_idle_shells_are_lost_but_not_with_a_process(client: Client) -> None:
    client.machine.go.clear()
    idle, busy = client.shell(element("IdleTimeOut", "PT60S")), client.shell(element("IdleTimeOut", "PT60S"))
    command = client.command(busy)
    now = client.shells.now()
    client.shells.now = lambda: now + 61
    with refused("shell_not_found"):
        client.ask("Get", None, idle)
    client.machine.go.set()
    assert client.receive(busy, command)[1] == 0


def test_a_shell_belongs_to_its_user(client: Client) -> None:
    shell = client.shell()
    client.caller = OTHER
    with refused("access_denied"):
        client.ask("Get", None, shell)
    client.caller = Caller("ADMINISTRATOR", "token", "10.0.0.1")
    client.ask("Get", None, shell)


@pytest.mark.parametrize("kind", ["Get", "Delete", "Command", "Send", "Receive", "Signal"])
def test_unknown_shells(client: Client, kind: str) -> None:
    with refused("shell_not_found"):
        client.ask(kind, None, "11111111-1111-1111-1111-111111111111")
    with refused("shell_required"):
        client.ask(kind)


@pytest.mark.parametrize("kind", ["Create", "Command", "Send", "Receive", "Signal"])
def test_wrong_bodies(client: Client, kind: str) -> None:
    with refused("invalid_message"):
        client.ask(kind, element("Other"), client.shell())


@pytest.mark.parametrize(
    ("resource", "options", "name"),
    [
        ("http://schemas.microsoft.com/powershell/Microsoft.PowerShell", ("protocolversion",), "invalid_resource"),
        (names.CMD_SHELL, ("protocolversion",), "invalid_options"),
        (names.CMD_SHELL, ("WINRS_NOPROFILE",), "invalid_message"),
    ],
)
def test_other_shells(client: Client, resource: str, options: tuple[str, ...], name: str) -> None:
    with refused(name):
        client.operations.perform(Request("Create", "uuid:1", resource, must_comply=options), ADMINISTRATOR)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (element("Send"), "invalid_message"),
        (element("Send", "", element("Stream", "", Name="pr")), "unsupported_feature"),
        (element("Send", "", element("Stream", "", Name="stdin", CommandId="x")), "command_not_found"),
        (element("Receive"), "unsupported_feature"),
        (element("Receive", "", element("DesiredStream", "pr", CommandId="x")), "unsupported_feature"),
        (element("Receive", "", element("DesiredStream", "stdout", CommandId="x")), "command_not_found"),
        (element("CommandLine"), "invalid_message"),
    ],
)
def test_bodies_that_ask_for_what_there_is_not(client: Client, body: Element, name: str) -> None:
    kind = {"CommandLine": "Command"}.get(body.name.rpartition(" ")[2], body.name.rpartition(" ")[2])
    with refused(name):
        client.ask(kind, body, client.shell())


def test_unknown_signals_and_input(client: Client) -> None:
    shell = client.shell()
    command = client.command(shell, "more", "FALSE")
    with refused("unsupported_feature"):
        client.signal(shell, command, f"{names.SIGNAL}/other")
    with refused("invalid_message"):
        client.ask("Send", element("Send", "", element("Stream", "!", Name="stdin", CommandId=command)), shell)
    client.send(shell, command, b"", end="true")
    assert client.receive(shell, command)[1] == 0


@given(mutated(list(MESSAGES.values())))
def test_a_mutated_message_is_answered_or_refused(content: bytes) -> None:
    client = Client()
    shell = client.shell()
    command = client.command(shell, "more", "FALSE")
    content = content.replace(SHELL.encode(), shell.encode()).replace(COMMAND.encode(), command.encode())
    client.settings.change({"MaxTimeoutms": 500})
    client.signal(shell, command, f"{names.SIGNAL}/ctrl_c")
    try:
        answer = client.operations.perform(envelope.read(content), ADMINISTRATOR)
    except (WsmanFault, envelope.RefusedEnvelope):
        return
    assert ET.fromstring(answer).tag == f"{{{names.SOAP}}}Envelope"


def test_identify_tells_strangers_no_version() -> None:
    assert b"OS: 0.0.0" in envelope.identification("OS: 0.0.0 SP: 0.0 Stack: 3.0")
    force = InForce(Settings(), dict)
    operations = Operations(Shells(FakeMachine(), force, Counters()), force, Counters(), "OS: 10.0.20348")
    assert b"OS: 0.0.0" in operations.identify(False)
    assert b"OS: 10.0.20348" in operations.perform(Request("Identify"), ADMINISTRATOR)
