# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages as clients send them, without a client."""

from __future__ import annotations

import contextlib
import typing as t

from winrm.protocol import Protocol

SHELL = "11111111-1111-1111-1111-111111111111"
COMMAND = "22222222-2222-2222-2222-222222222222"


class Recorder:
    """In place of pywinrm's transport: keeps the message, and ends the operation."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []

    def send_message(self, message: str) -> bytes:
        self.messages.append(message.encode())
        raise InterruptedError

    def close_session(self) -> None:
        """There is none."""


def recorded() -> dict[str, bytes]:
    """A message of pywinrm per kind of operation."""
    client = Protocol("http://127.0.0.1/wsman", "basic", "user", "password")
    recorder = Recorder()
    client.transport = t.cast(t.Any, recorder)
    for operation in (
        lambda: client.open_shell(working_directory="C:\\x", env_vars={"A": "b"}, idle_timeout="PT30S", codepage=65001),
        lambda: client.run_command(SHELL, "PowerShell", ("-NoProfile", "-EncodedCommand", "aQBmAA=="), False),
        lambda: client.send_command_input(SHELL, COMMAND, b"content" * 10, end=True),
        lambda: client.get_command_output_raw(SHELL, COMMAND),
        lambda: client.cleanup_command(SHELL, COMMAND),
        lambda: client.close_shell(SHELL),
    ):
        with contextlib.suppress(InterruptedError):
            operation()
    kinds = ("Create", "Command", "Send", "Receive", "Signal", "Delete")
    return dict(zip(kinds, recorder.messages, strict=True))
