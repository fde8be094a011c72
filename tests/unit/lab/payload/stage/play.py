# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook with its winrm connection cut at the lowest place: WS-Management becomes a socket.

Everything above is ansible-core's own: the shell plugin, the encoding, the chunks, what is made of stderr.

usage: play.py SOCKET arguments of ansible-playbook
"""

from __future__ import annotations

import base64
import json
import socket
import sys
from collections.abc import Iterable
from typing import Any

from ansible.cli.playbook import PlaybookCLI
from ansible.plugins.connection import winrm

ADDRESS = sys.argv.pop(1)
#: Without its types, since it is changed below.
WINRM: Any = winrm


def ask(line: str, stdin: bytes) -> tuple[int, bytes, bytes]:
    """Run a process on the host behind the socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(ADDRESS)
        with client.makefile("rwb") as file:
            file.write(json.dumps({"line": line, "stdin": base64.b64encode(stdin).decode()}).encode() + b"\n")
            file.flush()
            answer = json.loads(file.readline())
    return answer["status"], base64.b64decode(answer["stdout"]), base64.b64decode(answer["stderr"])


def connect(self: Any) -> Any:
    self._build_winrm_kwargs()
    self._connected = True
    return self


def disconnect(self: Any) -> None:
    self._connected = False


def execute(
    self: Any,
    command: str,
    args: Iterable[bytes | str] = (),
    from_exec: bool = False,
    stdin_iterator: Iterable[tuple[bytes, bool]] | None = None,
) -> tuple[int, bytes, bytes]:
    """In the place of Connection._winrm_exec."""
    words = [command, *args]
    line = " ".join(word.decode() if isinstance(word, bytes) else word for word in words)
    status, stdout, stderr = ask(line, b"".join(data for data, _ in stdin_iterator or ()))
    if hasattr(WINRM, "_clixml"):
        stderr = WINRM._clixml.replace_stderr_clixml(stderr)
    elif stderr.startswith(b"#< CLIXML"):
        stderr = WINRM._parse_clixml(stderr)
    return status, stdout, stderr


WINRM.Connection._connect = connect
WINRM.Connection.close = disconnect
WINRM.Connection.reset = connect
WINRM.Connection._winrm_exec = execute

if __name__ == "__main__":
    PlaybookCLI.cli_executor(["ansible-playbook", *sys.argv[1:]])
