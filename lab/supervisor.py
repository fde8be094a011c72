# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The supervisor: process 1 of a lab's own process namespace.

Everything that a lab runs is below it, so that the end of this one process, by whatever cause, is the end of all of
them: the kernel sees to it. The network, the mounts and the host name go with the last process in them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from . import control, estate, kernel
from .layout import Layout, wait_until

#: Seconds that a service may take to end when asked to.
PATIENCE = 5.0

#: What builds or restarts a lab: gets the layout and a function for lines of progress, returns what lab.json is to say.
Builder = Callable[[Layout, Callable[[str], None]], dict[str, Any]]


@dataclass
class Service:
    """A program that runs until it is stopped; `pid` is None while it does not run."""

    argv: list[str]
    log: Path
    pid: int | None = None
    status: int | None = None


def launch(layout: Layout, services: dict[str, list[str]], build: Builder) -> int:
    """Start a supervisor and let it build the lab.

    Returns:
        The reading end of a pipe of lines: `+text` while the work goes on, then `=` or `!reason`. Nothing more after
        that; end of file without either means that the supervisor was killed. When the reader goes away before the
        end, the supervisor ends too: a lab that nobody waits for is not left half-built.
    """
    reader, writer = os.pipe()
    if os.fork() == 0:
        try:
            _detach(layout, writer)
            kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWUTS)
            if os.fork() == 0:
                _main(layout, services, build, writer)
        except BaseException as error:  # must not return into the caller's program
            _report(writer, error)
        os._exit(0)
    os.close(writer)
    os.wait()
    return reader


def _detach(layout: Layout, writer: int) -> None:
    """Let go of all that is the caller's: terminal, directory, environment, and what it has open.

    Among that are the lock on the lab's directory and the reading end of the pipe.
    """
    os.setsid()
    os.chdir("/")
    layout.logs.mkdir(exist_ok=True)
    log = os.open(layout.log("lab"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.closerange(3, writer)
    os.closerange(writer + 1, os.sysconf("SC_OPEN_MAX"))
    path = os.environ["PATH"]
    os.environ.clear()
    # TDB_NO_FSYNC: a power cut may cost a rehearsal forest; everything that writes is several times quicker without.
    os.environ.update(PATH=path, LC_ALL="C.UTF-8", TDB_NO_FSYNC="1", KRB5_CONFIG=str(layout.krb5_conf))


def _main(layout: Layout, services: dict[str, list[str]], build: Builder, progress: int) -> NoReturn:
    status = 1
    try:
        supervisor = Supervisor(layout, services, progress)
        supervisor.enter()
        supervisor.run(build)
        status = 0
    except BaseException as error:
        traceback.print_exc()
        _report(progress, error)
    os._exit(status)


def _report(progress: int, error: BaseException) -> None:
    """Say on the pipe why it ends, in one line."""
    with contextlib.suppress(OSError):
        os.write(progress, f"!{' '.join(str(error).split()) or type(error).__name__}\n".encode())


class Supervisor:
    """Builds the lab in a child process, then runs its services and does what bin/lab asks."""

    def __init__(self, layout: Layout, services: dict[str, list[str]], progress: int) -> None:
        self.layout = layout
        self.services = {name: Service(argv, layout.log(name)) for name, argv in services.items()}
        self.progress: int | None = progress
        self.poll = select.poll()
        self.builder: int | None = None
        self.stopping = False

    def enter(self) -> None:
        """Take the lock, then make network, mounts and host name."""
        self.layout.run.mkdir(exist_ok=True)
        # /proc is still that of the machine, and so is the number in it.
        outside = str(Path("/proc/self").readlink())
        self.lock = os.open(self.layout.supervisor_lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        os.ftruncate(self.lock, 0)
        os.write(self.lock, outside.encode())

        kernel.own_mounts()
        kernel.overlay_etc(self.layout.etc)
        kernel.set_host_name(estate.CONTROLLER.name)
        addresses = [host.address for host in (estate.CONTROLLER, *self.layout.hosts())]
        commands = ["link set lo up", "link add lab0 type bridge"]
        commands += [f"address add {address}/{estate.PREFIX_LENGTH} dev lab0" for address in addresses]
        commands += ["link set lab0 up"]
        subprocess.run(["ip", "-batch", "-"], input="\n".join(commands) + "\n", text=True, check=True)
        for setting in Path("/proc/sys/net/ipv6/conf").glob("*/disable_ipv6"):
            setting.write_text("1")  # the hosts of the lab have IPv4 addresses only

    def run(self, build: Builder) -> None:
        """Serve until told to end."""
        listener = control.listen(self.layout.control)
        wake, awake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(awake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        self._start_builder(build)
        self.poll.register(listener, select.POLLIN)
        self.poll.register(wake, select.POLLIN)
        if self.progress is not None:
            self.poll.register(self.progress, 0)  # only that its reader has gone
        while not self.stopping:
            for handle, _event in self.poll.poll():
                if handle == wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(wake, 4096)
                elif handle == listener.fileno():
                    control.serve_one(listener, self._answer)
                elif self.builder is not None:
                    raise RuntimeError("the command that started the lab has gone")
            self._reap()
        for name in self.services:
            self.stop(name)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _start_builder(self, build: Builder) -> None:
        pid = os.fork()
        if pid:
            self.builder = pid
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self.layout.write_state({**build(self.layout, self._tell), "state": "ready"})
            status = 0
        except BaseException as error:
            traceback.print_exc()
            if self.progress is not None:
                _report(self.progress, error)
        os._exit(status)

    def _tell(self, line: str) -> None:
        if self.progress is not None:
            os.write(self.progress, f"+{line}\n".encode())

    def _reap(self) -> None:
        """Collect ended processes: services, the builder, and what was orphaned by either."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._ended(pid, os.waitstatus_to_exitcode(status))

    def _ended(self, pid: int, status: int) -> None:
        if pid == self.builder:
            self.builder = None
            if status != 0:
                raise RuntimeError(f"building the lab failed with status {status}")
            if self.progress is not None:
                self.poll.unregister(self.progress)
                with contextlib.suppress(OSError):  # nobody reads any more, but the lab is ready
                    os.write(self.progress, b"=\n")
                os.close(self.progress)
                self.progress = None
        for service in self.services.values():
            if service.pid == pid:
                service.pid, service.status = None, status

    # What bin/lab may ask for

    def _answer(self, question: dict[str, Any]) -> dict[str, Any]:
        command, name = question["command"], question["name"]
        if command == "start":
            self.start(name)
        elif command == "stop":
            self.stop(name)
        elif command != "status":
            raise ValueError(f"unknown command {command}")
        return {
            "services": {
                name: {"running": service.pid is not None, "exit_status": service.status}
                for name, service in self.services.items()
            }
        }

    def start(self, name: str) -> None:
        """Start a service; nothing to do if it runs."""
        service = self.services[name]
        if service.pid is not None:
            return
        with service.log.open("ab") as log:
            process = subprocess.Popen(
                service.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        process.returncode = 0  # _reap collects it, not the object
        service.pid, service.status = process.pid, None

    def stop(self, name: str) -> None:
        """Stop a service with all its processes; nothing to do if it does not run."""
        service = self.services[name]
        for number in (signal.SIGTERM, signal.SIGKILL):
            if service.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(service.pid, number)
                wait_until(lambda: self._reaped(service), PATIENCE)

    def _reaped(self, service: Service) -> bool:
        self._reap()
        return service.pid is None
