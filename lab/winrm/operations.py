# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations of WS-Management that text shells need (MS-WSMV 3.1.4)."""

from __future__ import annotations

import base64
import binascii
import time
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from . import duration, envelope, names
from .counters import Counters
from .envelope import Request
from .faults import WsmanFault
from .machine import ShellOptions
from .settings import InForce
from .shells import Command, Shell, Shells
from .xml_tree import Element

#: Bytes of a Receive's answer besides the data: the envelope, two streams' elements, the state.
_AROUND = 3072

#: Without OperationTimeout (MS-WSMV 2.2.4.10 leaves it to the server).
_DEFAULT_TIMEOUT = 60.0

#: Options of shells and commands (MS-WSMV 2.2.4.22 and 3.1.4.5); another that must be complied with is refused.
_OPTIONS = frozenset(
    {
        "WINRS_NOPROFILE",
        "WINRS_CODEPAGE",
        "WINRS_CONSOLEMODE_STDIN",
        "WINRS_SKIP_CMD_SHELL",
        "WSMAN_CMDSHELL_OPTION_KEEPALIVE",
    }
)

#: What Identify tells everybody and, once logged on, who asks (MS-WSMV 2.2.4.15).
_VERSION_UNKNOWN = "OS: 0.0.0 SP: 0.0 Stack: 3.0"


@dataclass(frozen=True)
class Caller:
    """Who asks, from where."""

    user: str
    token: Any
    address: str


class Operations:
    """Does what requests ask for, in the shells of a host."""

    def __init__(self, shells: Shells, limits: InForce, counters: Counters, version: str | None = None) -> None:
        self._shells = shells
        self._limits = limits
        self._counters = counters
        self._version = version or _VERSION_UNKNOWN

    def identify(self, is_known: bool) -> bytes:
        return envelope.identification(self._version if is_known else _VERSION_UNKNOWN)

    def perform(self, request: Request, caller: Caller) -> bytes:
        """The envelope that answers a request. WsmanFault if it is answered with a fault."""
        if request.kind == "Identify":
            return self.identify(True)
        if request.resource not in {names.CMD_SHELL, names.SHELL}:
            raise WsmanFault("invalid_resource", resource=request.resource[:256])
        for option in request.must_comply:
            if option not in _OPTIONS:
                raise WsmanFault("invalid_options", option=option[:256])
        if request.kind == "Create":
            return self._create(request, caller)
        shell_id = request.selectors.get("ShellId")
        if not shell_id:
            raise WsmanFault("shell_required")
        shell = self._shells.find(shell_id, caller.user)
        if request.kind == "Get":
            body = _described(shell, self._shells.now())
        elif request.kind == "Delete":
            self._shells.delete(shell)
            body = ""
        elif request.kind == "Command":
            body = self._command(request, shell)
        elif request.kind == "Send":
            body = self._send(request, shell)
        elif request.kind == "Signal":
            body = self._signal(request, shell)
        else:
            body = self._receive(request, shell)
        namespace = names.TRANSFER if request.kind in {"Get", "Delete"} else names.SHELL
        return envelope.answer(f"{namespace}/{request.kind}Response", body, request.message_id)

    def _create(self, request: Request, caller: Caller) -> bytes:
        body = _body(request, "Shell")
        codepage = request.options.get("WINRS_CODEPAGE", "437").strip()
        if not codepage.isascii() or not codepage.isdecimal() or len(codepage) > 5:
            raise WsmanFault("invalid_options", option="WINRS_CODEPAGE")
        environment: dict[str, str] = {}
        variables = body.first(names.SHELL, "Environment")
        for variable in variables.all(names.SHELL, "Variable") if variables is not None else ():
            environment[variable.attributes.get("Name", "")] = variable.text
        shell = Shell(
            caller.user,
            caller.token,
            ShellOptions(
                body.text_of(names.SHELL, "WorkingDirectory") or None,
                environment,
                int(codepage),
                request.flag("WINRS_NOPROFILE") or False,
            ),
            self._idle_seconds(body),
            caller.address,
            body.text_of(names.SHELL, "InputStreams") or "stdin",
            body.text_of(names.SHELL, "OutputStreams") or "stdout stderr",
        )
        self._shells.create(shell)
        created = (
            f"<x:ResourceCreated><a:Address>{names.ANONYMOUS}</a:Address><a:ReferenceParameters>"
            f"<w:ResourceURI>{names.CMD_SHELL}</w:ResourceURI><w:SelectorSet>"
            f'<w:Selector Name="ShellId">{shell.id}</w:Selector></w:SelectorSet></a:ReferenceParameters>'
            f"</x:ResourceCreated>{_described(shell, self._shells.now())}"
        )
        return envelope.answer(f"{names.TRANSFER}/CreateResponse", created, request.message_id)

    def _idle_seconds(self, body: Element) -> float:
        most = self._limits.number("IdleTimeout") / 1000
        text = body.text_of(names.SHELL, "IdleTimeOut")
        if not text:
            return most
        try:
            return min(duration.parse(text), most)
        except duration.InvalidDuration as error:
            raise WsmanFault("invalid_message", reason=str(error)) from error

    def _command(self, request: Request, shell: Shell) -> str:
        body = _body(request, "CommandLine")
        program = body.text_of(names.SHELL, "Command")
        if not program:
            raise WsmanFault("invalid_message", reason="there is no Command")
        arguments = [argument.text for argument in body.all(names.SHELL, "Arguments") if argument.text]
        # WINRS_SKIP_CMD_SHELL says whether cmd.exe stands in between; the line is the same.
        command = self._shells.command(shell, " ".join([program, *arguments]), request.flag("WINRS_CONSOLEMODE_STDIN"))
        return f"<rsp:CommandResponse><rsp:CommandId>{command.id}</rsp:CommandId></rsp:CommandResponse>"

    def _send(self, request: Request, shell: Shell) -> str:
        streams = list(_body(request, "Send").all(names.SHELL, "Stream"))
        if not streams:
            raise WsmanFault("invalid_message", reason="there is no Stream")
        # All are checked before the first is taken.
        taken: list[tuple[Command, bytes, bool]] = []
        for stream in streams:
            if stream.attributes.get("Name") != "stdin":
                raise WsmanFault("unsupported_feature", feature="an input stream other than stdin")
            command = self._shells.find_command(shell, stream.attributes.get("CommandId", ""))
            content = _decoded(stream.text)
            taken.append((command, content, stream.attributes.get("End", "").strip().lower() in {"true", "1"}))
        for command, content, is_last in taken:
            self._shells.send(shell, command, content, is_last)
        return "<rsp:SendResponse/>"

    def _signal(self, request: Request, shell: Shell) -> str:
        body = _body(request, "Signal")
        command = self._shells.find_command(shell, body.attributes.get("CommandId", ""))
        # pywinrm writes `terminate`, pypsrp `Terminate`, and Windows serves both.
        code = (body.text_of(names.SHELL, "Code") or "").lower()
        if code == f"{names.SIGNAL}/terminate":
            self._shells.end_command(shell, command)
        elif code in {f"{names.SIGNAL}/ctrl_c", f"{names.SIGNAL}/ctrl_break"}:
            command.interrupt()
        else:
            raise WsmanFault("unsupported_feature", feature=f"signal {code[:128]}")
        return "<rsp:SignalResponse/>"

    def _receive(self, request: Request, shell: Shell) -> str:
        desired = _body(request, "Receive").first(names.SHELL, "DesiredStream")
        if desired is None or not desired.attributes.get("CommandId"):
            raise WsmanFault("unsupported_feature", feature="Receive without a command")
        wanted = desired.text.split()
        if not wanted or not set(wanted) <= {"stdout", "stderr"}:
            raise WsmanFault("unsupported_feature", feature="output streams other than stdout and stderr")
        room = self._room(request)
        command = self._shells.find_command(shell, desired.attributes["CommandId"])
        if command.starts_without_input is None and not command.input:
            # pypsrp never says; it asks for output at once where it has no input to give.
            self._shells.start(shell, command)
        longest = self._limits.number("MaxTimeoutms") / 1000
        began = time.perf_counter()
        ended = command.wait(min(request.timeout or _DEFAULT_TIMEOUT, longest))
        waited = time.perf_counter() - began
        self._counters.seconds("output", waited)
        # The connection counts the whole request as the transport's.
        self._counters.seconds("transport", -waited)
        if not ended:
            raise WsmanFault("operation_timeout")
        return _output(command, wanted, room)

    def _room(self, request: Request) -> int:
        most = self._limits.number("MaxEnvelopeSizekb") * 1024
        if request.maximum is not None:
            most = min(most, request.maximum)
        return (most - _AROUND) // 4 * 3


def _output(command: Command, wanted: list[str], room: int) -> str:
    """The next piece of a command that has ended. What is answered is gone, whether the client reads it or not."""
    parts = []
    with command.changed:
        if command.is_aborted:
            raise WsmanFault("aborted")
        for name in dict.fromkeys(wanted):
            piece, command.streams[name] = command.streams[name][:room], command.streams[name][room:]
            room -= len(piece)
            if piece:
                content = base64.b64encode(piece).decode("ascii")
                parts.append(f'<rsp:Stream Name="{name}" CommandId="{command.id}">{content}</rsp:Stream>')
        done = not any(command.streams[name] for name in wanted)
        status = command.status
    state = "Running"
    inner = ""
    if done:
        state, inner = "Done", f"<rsp:ExitCode>{status}</rsp:ExitCode>"
        parts += [f'<rsp:Stream Name="{name}" CommandId="{command.id}" End="true"/>' for name in dict.fromkeys(wanted)]
    parts.append(
        f'<rsp:CommandState CommandId="{command.id}" State="{names.COMMAND_STATE}/{state}">{inner}</rsp:CommandState>'
    )
    return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"


def _decoded(text: str) -> bytes:
    try:
        # Blanks may be anywhere, but no client sends any, and half a megabyte is not looked through for nothing.
        compact = "".join(text.split()) if any(blank in text for blank in " \t\r\n") else text
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise WsmanFault("invalid_message", reason="a Stream is not Base64") from error


def _body(request: Request, local: str) -> Element:
    if request.body is None or request.body.name != f"{names.SHELL} {local}":
        raise WsmanFault("invalid_message", reason=f"the body is no {local}")
    return request.body


def _described(shell: Shell, now: float) -> str:
    values = {
        "ShellId": shell.id,
        "ResourceUri": names.CMD_SHELL,
        "Owner": shell.owner,
        "ClientIP": shell.client,
        "IdleTimeOut": duration.write(shell.idle_seconds),
        "InputStreams": shell.input_streams,
        "OutputStreams": shell.output_streams,
        "ShellRunTime": _days(now - shell.made),
        "ShellInactivity": _days(now - shell.used),
    }
    inner = "".join(f"<rsp:{name}>{escape(value)}</rsp:{name}>" for name, value in values.items())
    return f"<rsp:Shell>{inner}</rsp:Shell>"


def _days(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"P{days}DT{hours}H{minutes}M{rest}S"
