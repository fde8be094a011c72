# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shells and the commands in them, with the quotas that hold for a user."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .counters import Counters
from .faults import WsmanFault
from .machine import Machine, Outcome, ShellOptions
from .settings import InForce

_LOG = logging.getLogger(__name__)

#: STATUS_CONTROL_C_EXIT, with which a process ends that Ctrl+C ends.
CONTROL_C_EXIT = 0xC000013A


def _identity() -> str:
    return str(uuid.uuid4()).upper()


class Command:
    """A process, from Command to its Signal. Its output is there when it has ended."""

    def __init__(self, line: str, starts_without_input: bool | None) -> None:
        self.id = _identity()
        self.line = line
        #: True: it does not read from the client. None: the client did not say.
        self.starts_without_input = starts_without_input
        self.input = bytearray()
        self.input_is_closed = False
        self.is_started = False
        self.is_ended = False
        self.is_aborted = False
        self.streams = {"stdout": b"", "stderr": b""}
        self.status = 0
        self.changed = threading.Condition()

    def end(self, outcome: Outcome) -> None:
        """Take the output, unless nobody wants it any more."""
        with self.changed:
            if not self.is_ended:
                self.streams = {"stdout": outcome.stdout, "stderr": outcome.stderr}
                # An exit status is a DWORD to Windows, and clients are shown it without a sign.
                self.status = outcome.status & 0xFFFFFFFF
                self.is_ended = True
            self.changed.notify_all()

    def interrupt(self) -> None:
        """Ctrl+C: it ends with what it has written, which is nothing yet."""
        self.end(Outcome(status=CONTROL_C_EXIT))

    def abort(self) -> None:
        """It is gone; a Receive that waits for it ends with a fault."""
        with self.changed:
            self.is_aborted = self.is_ended = True
            self.streams = {"stdout": b"", "stderr": b""}
            self.changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait for the end; whether it has come."""
        with self.changed:
            return self.changed.wait_for(lambda: self.is_ended, seconds)


@dataclass
class Shell:
    owner: str
    token: Any
    options: ShellOptions
    idle_seconds: float
    client: str
    input_streams: str = "stdin"
    output_streams: str = "stdout stderr"
    id: str = field(default_factory=_identity)
    made: float = field(default_factory=time.monotonic)
    used: float = field(default_factory=time.monotonic)
    commands: dict[str, Command] = field(default_factory=dict)
    #: Commands so far; a text shell gives no operation back before it is deleted (MS-WSMV note 118).
    operations: int = 0

    @property
    def account(self) -> str:
        """The owner, however its name was written."""
        return self.owner.casefold()


class Shells:
    """The shells of a host."""

    def __init__(self, machine: Machine, limits: InForce, counters: Counters) -> None:
        self._machine = machine
        self._limits = limits
        self._counters = counters
        self._lock = threading.Lock()
        self._shells: dict[str, Shell] = {}
        #: Replaced by tests, which do not wait.
        self.now: Callable[[], float] = time.monotonic

    def create(self, shell: Shell) -> None:
        """Take a new shell. WsmanFault if a quota is reached."""
        if not self._limits.flag("AllowRemoteShellAccess"):
            raise WsmanFault("shells_not_allowed")
        with self._lock:
            self._forget_idle()
            per_user, users = self._limits.number("MaxShellsPerUser"), self._limits.number("MaxConcurrentUsers")
            owners = [other.account for other in self._shells.values()]
            if owners.count(shell.account) >= per_user:
                raise WsmanFault("quota_shells", limit=per_user)
            if shell.account not in owners and len(set(owners)) >= users:
                raise WsmanFault("quota_users", limit=users)
            shell.made = shell.used = self.now()
            self._shells[shell.id] = shell

    def find(self, shell_id: str, owner: str) -> Shell:
        """A shell of a user. WsmanFault if there is none, or it is another's."""
        with self._lock:
            self._forget_idle()
            shell = self._shells.get(shell_id.strip().upper())
            if shell is None:
                raise WsmanFault("shell_not_found", shell=shell_id[:64])
            if shell.account != owner.casefold():
                raise WsmanFault("access_denied")
            shell.used = self.now()
            return shell

    def delete(self, shell: Shell) -> None:
        with self._lock:
            self._shells.pop(shell.id, None)
        _abort(shell)

    def clear(self) -> None:
        """Lose all shells, as at a boot."""
        with self._lock:
            lost, self._shells = list(self._shells.values()), {}
        for shell in lost:
            _abort(shell)

    def count(self) -> int:
        with self._lock:
            return len(self._shells)

    def command(self, shell: Shell, line: str, starts_without_input: bool | None) -> Command:
        """Make a command in a shell, and start it if it does not read from the client."""
        with self._lock:
            most, processes = (
                self._limits.number("MaxConcurrentOperationsPerUser"),
                self._limits.number("MaxProcessesPerShell"),
            )
            used = sum(other.operations for other in self._shells.values() if other.account == shell.account)
            if used >= most:
                raise WsmanFault("quota_operations", limit=most)
            if sum(not command.is_ended for command in shell.commands.values()) >= processes:
                raise WsmanFault("quota_processes", limit=processes)
            command = Command(line, starts_without_input)
            shell.commands[command.id] = command
            shell.operations += 1
        if starts_without_input:
            self.start(shell, command)
        return command

    def find_command(self, shell: Shell, command_id: str) -> Command:
        with self._lock:
            command = shell.commands.get(command_id.strip().upper())
        if command is None:
            raise WsmanFault("command_not_found", shell=shell.id, command=command_id[:64])
        return command

    def send(self, shell: Shell, command: Command, content: bytes, is_last: bool) -> None:
        """Give a command input, and start it with the last of it."""
        with command.changed:
            if command.input_is_closed or command.is_started or command.is_ended:
                raise WsmanFault("input_closed")
            command.input += content
            command.input_is_closed = is_last
        if is_last:
            self.start(shell, command)

    def start(self, shell: Shell, command: Command) -> None:
        """Run a command in a thread of its own, once."""
        with command.changed:
            if command.is_started or command.is_ended:
                return
            command.is_started = True
        threading.Thread(target=self._run, args=(shell, command), name=f"winrm {command.id}", daemon=True).start()

    def end_command(self, shell: Shell, command: Command) -> None:
        """Signal terminate: the command and its output are gone."""
        with self._lock:
            shell.commands.pop(command.id, None)
        command.abort()

    def _run(self, shell: Shell, command: Command) -> None:
        try:
            with self._counters.timed("host"):
                outcome = self._machine.run(shell.token, shell.options, command.line, bytes(command.input))
        # A host that breaks its promise must not leave the client waiting for ever.
        except Exception as error:
            _LOG.exception("%s: running a command failed", self._machine.fqdn)
            outcome = Outcome(
                stderr=f"The simulated host failed: {type(error).__name__}: {error}\r\n".encode(), status=1
            )
        command.input.clear()
        command.end(outcome)

    def _forget_idle(self) -> None:
        now = self.now()
        idle = [
            shell
            for shell in self._shells.values()
            if now - shell.used >= shell.idle_seconds and all(command.is_ended for command in shell.commands.values())
        ]
        for shell in idle:
            del self._shells[shell.id]


def _abort(shell: Shell) -> None:
    for command in list(shell.commands.values()):
        command.abort()
