# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that a client starts on a host over WinRM: decoded, checked, run on the model."""

from __future__ import annotations

import logging
import ntpath
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lab.payload import Invocation, UnknownPayload, decode, decode_input
from lab.payload.invocation import Module, PipedFile, Program, Raw, Script, Wrapping
from lab.payload.texts import literal
from lab.windows import commands, runner, tables
from lab.windows.commands.shells import run_cmd
from lab.windows.not_modelled import NotModelled
from lab.windows.people import profiles
from lab.windows.powershell import Run
from lab.windows.powershell import run as run_powershell
from lab.windows.powershell.shown import standard_error, standard_output
from lab.windows.powershell.state import value
from lab.windows.powershell.values import NotRead, words
from lab.windows.running import answers, jobs, session, transfers
from lab.windows.running.become import BecomeFailed, become
from lab.winrm.machine import Outcome, ShellOptions

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token

commands.load()

LOG = logging.getLogger(__name__)

#: Code page UTF-8, which Ansible asks for.
UTF_8 = 65001
# What the action plugin `script` sends: a file with its arguments.
_SCRIPT = re.compile(r"&\s+(?P<line>.*); exit \$LASTEXITCODE\s*", re.DOTALL)


def run(host: Host, token: Token, options: ShellOptions, command_line: str, stdin: bytes) -> Outcome:
    """Run a process to its end.

    Args:
        host: Where.
        token: Who starts it.
        options: Of the shell that it is started in.
        command_line: As it was sent.
        stdin: Everything on its standard input.
    """
    try:
        return perform(host, token, options, decode(command_line, stdin))
    except UnknownPayload as unknown:
        return answers.refusal(f"a payload: {unknown}", as_json=bool(stdin))


def perform(host: Host, token: Token, options: ShellOptions, invocation: Invocation) -> Outcome:
    """Run what was decoded. What the lab does not know is answered with a refusal."""
    try:
        return _Process(host, token, options).run(invocation)
    except UnknownPayload as unknown:
        return answers.refusal(f"a payload: {unknown}", as_json=True)
    except NotModelled as reason:
        return answers.refusal(str(reason), as_json=isinstance(invocation, Module | PipedFile))
    except Exception as error:
        # Its text may hold what must not be told; the log is the lab's own.
        LOG.exception("%s", type(invocation).__name__)
        return answers.broken(type(invocation).__name__, error, as_json=isinstance(invocation, Module | PipedFile))


class _Process:
    def __init__(self, host: Host, token: Token, options: ShellOptions) -> None:
        self.host = host
        self.token = token
        self.options = options

    def run(self, invocation: Invocation) -> Outcome:
        with self.host.lock:
            profiles.load(self.host, self.token)
        match invocation:
            case Module():
                return self._wrapped(invocation)
            case Script():
                return self._wrapped(invocation)
            case Raw():
                return self._raw(invocation)
            case Program():
                with self.host.lock, session.within(self._session({}, None)):
                    ran = run_cmd(session.around(self.host, self.token), invocation.line)
                return Outcome(self._encoded(ran.stdout), self._encoded(ran.stderr), ran.status)
            case PipedFile():
                with self.host.lock:
                    content = self._file(invocation.path)
                return self.run(decode_input(content))
            case _:
                with self.host.lock, session.within(self._session({}, None)):
                    return transfers.run(session.around(self.host, self.token), invocation)

    def _session(self, environment: Mapping[str, str], directory: str | None) -> session.Session:
        """Where the process runs: variables and folder of the shell, under those of the task."""
        return session.Session({**self.options.environment, **environment}, directory or self.options.working_directory)

    def _encoded(self, text: str) -> bytes:
        """Text in the code page of the console."""
        if self.options.codepage == UTF_8:
            return text.encode("utf-8", "replace")
        return text.encode(f"cp{self.options.codepage}", "replace")

    def _file(self, path: str) -> bytes:
        full = ntpath.join(profiles.folder(self.host, self.token), path)
        if not self.host.files.is_file(full):
            raise NotModelled(f"the content of a file that is not there: {path}")
        return self.host.files.read(full)

    # Modules and scripts in a wrapper

    def _wrapped(self, wanted: Module | Script) -> Outcome:
        wrapping = wanted.wrapping
        user = self.token
        with self.host.lock:
            early = self._refused_by_wrapper(wrapping)
            if early is not None:
                return early
            if wrapping.become is not None:
                if wrapping.become.invalid:
                    flags = f"failed to parse become_flags: {wrapping.become.invalid}"
                    return answers.wrapper_failure(wrapping.generation, flags)
                try:
                    user = become(self.host, self.token, wrapping.become)
                except BecomeFailed as failed:
                    called = f'Exception calling "CreateProcessAsUser" with "9" argument(s): "{failed}"'
                    during = f"internal error: failed to become user '{wrapping.become.user}'"
                    return answers.wrapper_failure(wrapping.generation, called, during=during)
                profiles.load(self.host, user)
        with session.within(self._session(wrapping.environment, wrapping.directory)):
            if isinstance(wanted, Script):
                return self._script(wanted, user)
            return self._module(wanted, user)

    def _refused_by_wrapper(self, wrapping: Wrapping) -> Outcome | None:
        """What the wrapper checks before it runs anything."""
        path = wrapping.interpreter
        release = tables.release(self.host.identity)
        if path is not None and ntpath.splitext(ntpath.basename(path))[0].lower() != "powershell":
            if self.host.files.exists(path):
                raise NotModelled(f"the interpreter {path}")
            said = f"Could not find the specified PowerShell interpreter '{path}'."
            return answers.wrapper_failure("2.19", said)
        windows = f"{release['major']}.{release['minor']}.{release['build']}.{release['ubr']}"
        if wrapping.minimum_windows and _version(windows) < _version(wrapping.minimum_windows):
            said = f"minimum version of {wrapping.minimum_windows}, actual was {windows}"
            return answers.wrapper_failure(
                wrapping.generation, f"This module cannot run on this OS as it requires a {said}"
            )
        actual = release["powershell"]
        if wrapping.minimum_powershell and _version(actual) < _version(wrapping.minimum_powershell):
            shown = actual if wrapping.generation == "2.18" else f'"{actual}"'
            said = f"minimum PowerShell version of {wrapping.minimum_powershell}, actual was {shown}"
            return answers.wrapper_failure(wrapping.generation, f"This module cannot run as it requires a {said}")
        return None

    def _module(self, wanted: Module, user: Token) -> Outcome:
        wrapping = wanted.wrapping

        def work() -> dict[str, Any]:
            return runner.run_module(self.host, user, wanted.name, wanted.arguments)

        if wrapping.asynchronous is None:
            return answers.module(work())
        with self.host.lock:
            around = session.around(self.host, user)
            return answers.module(jobs.start(around, wrapping.asynchronous, wrapping.generation, work))

    def _script(self, wanted: Script, user: Token) -> Outcome:
        if wanted.wrapping.asynchronous is not None:
            raise NotModelled("the action script with async")
        found = _SCRIPT.fullmatch(wanted.text)
        try:
            parts = words(found["line"]) if found else []
        except NotRead:
            parts = []
        if not parts:
            raise NotModelled(f"the script {wanted.text!r}")
        path = literal(parts[0].written)
        with self.host.lock:
            around = session.around(self.host, user)
            if not path.lower().endswith(".ps1"):
                raise NotModelled(f"the script {path}, which is no .ps1")
            if not self.host.files.is_file(path):
                raise NotModelled(f"a script that is not there: {path}")
            text = self.host.files.read(path).decode("utf-8-sig", "replace")
            state = Run(around, wait=self._wait)
            given: dict[str, Any] = {}
            rest = iter(parts[1:])
            for one in rest:
                if one.quoted or not re.match(r"-[A-Za-z]\w*\Z", one.text):
                    raise NotModelled(f"the argument {one.written} of a script, which has no name")
                worth = next(rest, None)
                given[one.text[1:]] = True if worth is None else value(state, worth)
            ran = run_powershell(state, text, given)
        status = ran.exited if ran.exited is not None else ran.native or 0
        if ran.terminated:
            status = 1
        return Outcome(standard_output(ran).encode(), standard_error(ran, progress=False), status)

    # Texts

    def _raw(self, wanted: Raw) -> Outcome:
        with self.host.lock, session.within(self._session({}, wanted.directory)):
            around = session.around(self.host, self.token)
            ran = run_powershell(Run(around, wait=self._wait), wanted.text)
        status = ran.status
        if wanted.exits and ran.exited is None and not ran.succeeded and not ran.terminated:
            status = 1 if ran.native is None else ran.native
        return Outcome(self._encoded(standard_output(ran)), standard_error(ran), status)

    def _wait(self, seconds: float) -> None:
        """Wait without keeping others from the model."""
        self.host.lock.release()
        try:
            time.sleep(seconds)
        finally:
            self.host.lock.acquire()


def _version(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in re.findall(r"\d+", text))
    return numbers + (0,) * (4 - len(numbers))
