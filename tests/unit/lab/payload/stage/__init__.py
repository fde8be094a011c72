# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for whole runs of ansible-playbook against something in this process, without a network."""

from __future__ import annotations

import base64
import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lab.winrm.machine import Outcome
from tools.tree import COLLECTIONS

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Exchange:
    """One process that Ansible started, and what it got back."""

    line: str
    stdin: bytes = field(repr=False)
    outcome: Outcome


@dataclass(frozen=True)
class Played:
    """Results by name of the task, and what was sent meanwhile."""

    results: Mapping[str, dict[str, Any]]
    outcomes: Mapping[str, str]
    exchanges: Sequence[Exchange]
    output: str

    def __getitem__(self, task: str) -> dict[str, Any]:
        if task not in self.results:
            raise AssertionError(f"the task {task!r} did not run:\n{self.output}")
        return self.results[task]


@contextmanager
def serving(path: Path, answer: Callable[[str, bytes], Outcome]) -> Iterator[list[Exchange]]:
    """Answer processes on a socket as long as the context lasts."""
    exchanges: list[Exchange] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = json.loads(self.rfile.readline())
            stdin = base64.b64decode(asked["stdin"])
            outcome = answer(asked["line"], stdin)
            exchanges.append(Exchange(asked["line"], stdin, outcome))
            encoded = {
                "status": outcome.status,
                "stdout": base64.b64encode(outcome.stdout).decode(),
                "stderr": base64.b64encode(outcome.stderr).decode(),
            }
            self.wfile.write(json.dumps(encoded).encode() + b"\n")

    with socketserver.ThreadingUnixStreamServer(str(path), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield exchanges
        finally:
            server.shutdown()
            thread.join()


def play(
    folder: Path,
    answer: Callable[[str, bytes], Outcome],
    tasks: Sequence[Mapping[str, Any]],
    *options: str,
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Played:
    """Run tasks on a host `server`, each whatever became of those before it."""
    playbook = folder / "play.yml"
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars": dict(variables or {}),
        "tasks": [{"ignore_errors": True, **task} for task in tasks],
    }
    playbook.write_text(yaml.safe_dump([play], sort_keys=False), encoding="utf-8")
    host = {"ansible_connection": "winrm", "ansible_host": "server.invalid", "ansible_user": "alice@CORP.EXAMPLE"}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"server": host}}}), encoding="utf-8")
    results = folder / "results"
    results.unlink(missing_ok=True)
    address = folder / "socket"
    with serving(address, answer) as exchanges:
        done = subprocess.run(
            [sys.executable, str(HERE / "play.py"), str(address), "-i", str(inventory), str(playbook), *options],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
            # No ansible.cfg of anybody's lies there.
            cwd=folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_HOME": str(folder / "home"),
                "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
                "ANSIBLE_CALLBACKS_ENABLED": "lines",
                "ANSIBLE_NOCOLOR": "1",
                "LC_ALL": "C.UTF-8",
                "RESULTS": str(results),
                **(environment or {}),
            },
        )
    address.unlink(missing_ok=True)
    output = done.stdout + done.stderr
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()] if results.exists() else []
    return Played(
        {line["task"]: line["result"] for line in lines},
        {line["task"]: line["outcome"] for line in lines},
        exchanges,
        output,
    )
