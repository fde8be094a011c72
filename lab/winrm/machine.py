# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the transport needs of a host, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol


class LogonRefused(Exception):  # noqa: N818
    """The account may not log on, or its password is wrong. The client is told 401 and no more."""


class AccessDenied(Exception):  # noqa: N818
    """The account may log on but not use WinRM: neither an administrator nor in Remote Management Users."""


@dataclass(frozen=True)
class Outcome:
    """What a process wrote, and its exit status."""

    stdout: bytes = b""
    stderr: bytes = b""
    status: int = 0


@dataclass(frozen=True)
class ShellOptions:
    """What the client asked for when it made the shell."""

    working_directory: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    codepage: int = 437
    no_profile: bool = False


class Machine(Protocol):
    """A host behind a listener. Every method may be called from several threads at once."""

    #: The fully qualified name, for which Kerberos tickets are made.
    fqdn: str

    def nt_hash(self, domain: str, user: str) -> bytes | None:
        """The NT hash for an NTLM logon as an account that may log on; None for every other."""
        ...

    def logon_basic(self, user: str, password: str) -> Any:
        """Log on a local account with its password. LogonRefused for a wrong one, and for every domain account."""
        ...

    def logon(self, user: str) -> Any:
        """The token of an account that proved itself by Kerberos or NTLM, as `user@REALM` or `DOMAIN\\user`.

        LogonRefused if it may not log on here, AccessDenied if it may not use WinRM.
        """
        ...

    def run(self, token: Any, options: ShellOptions, command_line: str, stdin: bytes) -> Outcome:
        """Run a process to its end. Called in a thread of its own; never raises for what a client sent."""
        ...
