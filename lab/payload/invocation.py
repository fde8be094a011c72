# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client wants of a host, decoded: one class a kind of payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class UnknownPayload(Exception):  # noqa: N818
    """A payload that the decoder does not know; the message names its kind."""


@dataclass(frozen=True)
class Become:
    """`become: runas`: the account, its password, and the logon that is asked for."""

    user: str
    password: str | None = field(repr=False)
    logon_type: str = "interactive"
    logon_flags: tuple[str, ...] = ("with_profile",)


@dataclass(frozen=True)
class Asynchronous:
    """`async`: the job's id and how long it may run."""

    job: str
    seconds: int
    directory: str


@dataclass(frozen=True)
class Module:
    """A PowerShell module.

    Attributes:
        name: Full name, `ansible.windows.win_ping`.
        arguments: As they were sent, `_ansible_...` among them.
        source: Text of the module's script, by which own modules are told from upstream ones.
        environment: Environment variables of the task.
    """

    name: str
    arguments: Mapping[str, Any]
    source: str
    environment: Mapping[str, str] = field(default_factory=dict)
    become: Become | None = None
    asynchronous: Asynchronous | None = None


@dataclass(frozen=True)
class Script:
    """The `script` action: a script of the controller, with its arguments as one line."""

    text: str
    arguments: str
    environment: Mapping[str, str] = field(default_factory=dict)
    become: Become | None = None


@dataclass(frozen=True)
class Raw:
    """A PowerShell text without a module: `raw`, and what action plugins run themselves."""

    text: str
    become: Become | None = None


@dataclass(frozen=True)
class Program:
    """A command line that starts no PowerShell, such as shutdown.exe."""

    line: str


@dataclass(frozen=True)
class PutFile:
    path: str
    content: bytes


@dataclass(frozen=True)
class FetchFile:
    path: str
    offset: int
    size: int


@dataclass(frozen=True)
class MakeTemporary:
    """Make a temporary folder below `base` with a name that begins with `prefix`."""

    base: str
    prefix: str


@dataclass(frozen=True)
class ExpandUser:
    """Say what `~` or a path that begins with it stands for."""

    path: str


@dataclass(frozen=True)
class RemoveTree:
    path: str


@dataclass(frozen=True)
class PathExists:
    path: str


Invocation = (
    Module | Script | Raw | Program | PutFile | FetchFile | MakeTemporary | ExpandUser | RemoveTree | PathExists
)
