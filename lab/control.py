# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a process of the lab: one line of JSON each way, over a socket in the lab's directory."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .layout import LabError, Layout

#: Seconds until an answer must be there; stopping a service may take some.
ANSWER_LIMIT = 20.0

#: Seconds in which a client must have said what it wants.
QUESTION_LIMIT = 2.0


@contextlib.contextmanager
def in_directory(directory: Path) -> Iterator[None]:
    """Work in a directory for a moment: the path of a socket must be short, its name alone always is."""
    here = Path.cwd()
    os.chdir(directory)
    try:
        yield
    finally:
        os.chdir(here)


def listen(path: Path) -> socket.socket:
    """Make the socket; only root may write to it."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with in_directory(path.parent):
        listener.bind(path.name)
    path.chmod(0o600)
    listener.listen()
    return listener


def serve_one(listener: socket.socket, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer one question. A client that goes away or says nothing is no trouble."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.settimeout(QUESTION_LIMIT)
        try:
            answered = answer(json.loads(connection.makefile().readline()))
        except (KeyError, TypeError, ValueError) as error:
            answered = {"error": f"{type(error).__name__}: {error}"}
        connection.settimeout(ANSWER_LIMIT)
        connection.sendall(json.dumps(answered).encode() + b"\n")


def ask(path: Path, whom: str, question: dict[str, Any]) -> dict[str, Any]:
    """Ask for something.

    Args:
        path: The socket of a process that runs.
        whom: The process, for what is said when it does not answer.
        question: `command`, and what the command needs.

    Raises:
        LabError: It does not answer, or it refuses.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_LIMIT)
            with in_directory(path.parent):
                connection.connect(path.name)
            connection.sendall(json.dumps(question).encode() + b"\n")
            answer: dict[str, Any] = json.loads(connection.makefile().readline())
    except (OSError, ValueError) as error:
        raise LabError(f"{whom} does not answer '{question['command']}': {error}") from error
    if "error" in answer:
        raise LabError(f"{whom} refuses '{question['command']}': {answer['error']}")
    return answer


def supervisor(layout: Layout, command: str, name: str = "") -> dict[str, Any]:
    """Ask the supervisor.

    Args:
        layout: The lab, which must run.
        command: `status`, or `start` or `stop` with the name of a service.
        name: The service.

    Returns:
        `services`: per name whether it is `running`, and its last `exit_status` or None.
    """
    whom = f"The supervisor of {layout.directory}"
    return ask(layout.control, whom, {"command": command, "name": name})


def windows(layout: Layout, command: str, **question: Any) -> dict[str, Any]:
    """Ask the process that simulates the Windows hosts; lab/windows/serving/service.py says what it answers."""
    return ask(
        layout.windows_control,
        f"The process of the Windows hosts of {layout.directory}",
        {"command": command, **question},
    )
