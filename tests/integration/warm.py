# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible that is loaded once and forked for each run: of a run of one task, loading it is the longer half.

A run is a process of its own with its own arguments, environment and streams, and calls the `main` that `ansible` and
`ansible-playbook` call. Ansible reads its settings while it is loaded, so that there is one loaded Ansible for each
set of settings.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import typing as t
import warnings
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

#: What a run imports sooner or later, beside what its command line does.
SOONER_OR_LATER = (
    *("ansible.executor.task_executor", "ansible.executor.module_common", "ansible.plugins.action.normal"),
    *("ansible.plugins.strategy.linear", "ansible.plugins.callback.default", "ansible.plugins.filter.core"),
    *("ansible.plugins.connection.winrm", "ansible.plugins.shell.powershell"),
    *("cryptography.x509", "dns.resolver", "krb5", "ldap", "spnego", "winrm"),
)
COLLECTION = "ansible_collections.certops.intune"
PROGRAMS = {"ansible": "ansible.cli.adhoc", "ansible-playbook": "ansible.cli.playbook"}

_LARGEST = 1 << 20


class Request(t.TypedDict):
    """A run: the program and its arguments, the folder that it starts in, its whole environment."""

    command: list[str]
    cwd: str
    environment: dict[str, str]


# On the side of the tests

_loaded: dict[frozenset[tuple[str, str]], socket.socket] = {}


def run(
    command: t.Sequence[str | Path], *, cwd: Path = TOP, environment: t.Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `ansible` or `ansible-playbook`.

    Args:
        command: The program, of which the name alone counts, and its arguments.
        cwd: The folder to start in.
        environment: Variables beside those of this process.
    """
    asked: Request = {
        "command": [str(word) for word in command],
        "cwd": str(cwd),
        "environment": {**os.environ, **(environment or {})},
    }
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            handed = [theirs.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(_server(asked), [json.dumps(asked).encode()], handed)
            theirs.close()
            answer = ours.recv(16)
        out.seek(0)
        err.seek(0)
        status = int(answer) if answer else 1
        return subprocess.CompletedProcess(command, status, out.read().decode(), err.read().decode())


def _server(asked: Request) -> socket.socket:
    settings = {name: value for name, value in asked["environment"].items() if name.startswith("ANSIBLE_")}
    key = frozenset({**settings, "cwd": asked["cwd"]}.items())
    if key not in _loaded:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            subprocess.Popen(
                [sys.executable, "-m", "tests.integration.warm", str(theirs.fileno())],
                cwd=asked["cwd"],
                env={**asked["environment"], "PYTHONPATH": str(TOP)},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        _loaded[key] = ours
        # It ends when nobody can ask it any more.
        atexit.register(ours.close)
    return _loaded[key]


# On the other side


def serve(listener: socket.socket) -> None:
    """Load Ansible, and fork it for each request."""
    for name in (*PROGRAMS.values(), *SOONER_OR_LATER):
        importlib.import_module(name)
    # As the command lines do it; Ansible compiles what is in collections anew in every process.
    from ansible.plugins.loader import init_plugin_loader  # noqa: PLC0415  # reads the settings

    init_plugin_loader()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")
    for path in sorted((TOP / "plugins" / "action").glob("*.py")):
        importlib.import_module(f"{COLLECTION}.plugins.action.{path.stem}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, handed, _flags, _address = socket.recv_fds(listener, _LARGEST, 3)
        if not message:
            return
        if os.fork() == 0:
            listener.close()
            _watch(json.loads(message), *handed)
        for one in handed:
            os.close(one)


def _watch(asked: Request, answer: int, out: int, err: int) -> t.NoReturn:
    """Let a run begin in a session of its own, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    process = os.fork()
    if process == 0:
        os.close(answer)
        _begin(asked, out, err)
    _pid, status = os.waitpid(process, 0)
    with contextlib.suppress(OSError):
        os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _begin(asked: Request, out: int, err: int) -> t.NoReturn:
    status: object = 1
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = asked["command"]
    try:
        sys.modules[PROGRAMS[Path(sys.argv[0]).name]].main(sys.argv)
    except SystemExit as ended:
        status = ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # What was registered for the end of the process is for the one that loaded Ansible.
        os._exit(status if isinstance(status, int) else 0 if status is None else 1)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as one:
        serve(one)
