# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking the supervisor of a lab: one line of JSON each way, over a socket in the lab's directory."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .layout import LabError, Layout

#: Seconds until the supervisor must have answered; stopping a service may take some.
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


def listen(layout: Layout) -> socket.socket:
    """Make the socket; only root may write to it."""
    layout.control.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with in_directory(layout.run):
        listener.bind(layout.control.name)
    layout.control.chmod(0o600)
    listener.listen()
    return listener


def serve_one(listener: socket.socket, answer: Callable[[str, str], dict[str, Any]]) -> None:
    """Answer one question. A client that goes away or says nothing is no trouble."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.settimeout(QUESTION_LIMIT)
        try:
            asked = json.loads(connection.makefile().readline())
            answered = answer(asked["command"], asked["name"])
        except (KeyError, TypeError, ValueError) as error:
            answered = {"error": f"{type(error).__name__}: {error}"}
        connection.sendall(json.dumps(answered).encode() + b"\n")


def ask(layout: Layout, command: str, name: str = "") -> dict[str, Any]:
    """Ask for something.

    Args:
        layout: The lab, which must run.
        command: `status`, or `start` or `stop` with the name of a service.
        name: The service.

    Returns:
        `services`: per name whether it is `running`, and its last `exit_status` or None.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_LIMIT)
            with in_directory(layout.run):
                connection.connect(layout.control.name)
            connection.sendall(json.dumps({"command": command, "name": name}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(connection.makefile().readline())
    except (OSError, ValueError) as error:
        raise LabError(f"The supervisor of {layout.directory} does not answer '{command}': {error}") from error
    if "error" in answer:
        raise LabError(f"The supervisor of {layout.directory} refuses '{command} {name}': {answer['error']}")
    return answer
