# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client wants of a host, decoded: one class a kind of payload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: Which wrapper stands around a module: that of ansible-core 2.18, or that of 2.19 and later. They word their own
#: failures differently, and an asynchronous job's first answer.
Generation = Literal["2.18", "2.19"]


class UnknownPayload(Exception):  # noqa: N818
    """A payload that the decoder does not know; the message names its kind."""


class DamagedPayload(UnknownPayload):
    """A payload of a known kind that cannot be read: base64, UTF-16, JSON, a size or a depth."""


@dataclass(frozen=True)
class Become:
    """`become: runas`: the account, its password (None for none given), and the logon that is asked for.

    Attributes:
        logon_type: `interactive`, `network`, `batch`, `service`, `unlock`, `network_cleartext`, `new_credentials`.
        logon_flags: `with_profile`, `netcredentials_only`.
        invalid: What is wrong with the flags ("" for nothing), in the words of the wrapper.
    """

    user: str
    password: str | None = field(repr=False)
    logon_type: str = "interactive"
    logon_flags: tuple[str, ...] = ("with_profile",)
    invalid: str = ""


@dataclass(frozen=True)
class Asynchronous:
    """`async`: the job's id without the process id that the host adds, how long it may run, and where its result goes
    (with variables such as %USERPROFILE%).
    """

    job: str
    seconds: int
    directory: str


@dataclass(frozen=True)
class Wrapping:
    """What the wrapper around a module or script asks for.

    Attributes:
        generation: Of the wrapper.
        environment: Environment variables of the task.
        minimum_windows: Least version of Windows, `6.2`; None for any.
        minimum_powershell: Least version of PowerShell.
        interpreter: Path of the PowerShell that shall run it (ansible_pwsh_interpreter, 2.21); None for that which
            reads the wrapper.
        directory: The folder that the client changed to before (`chdir` of `script`).
    """

    generation: Generation = "2.19"
    environment: Mapping[str, str] = field(default_factory=dict)
    become: Become | None = None
    asynchronous: Asynchronous | None = None
    minimum_windows: str | None = None
    minimum_powershell: str | None = None
    interpreter: str | None = None
    directory: str | None = None


@dataclass(frozen=True)
class Module:
    """A PowerShell module.

    Attributes:
        name: Full name, `ansible.windows.win_ping`.
        arguments: As they were sent, `_ansible_...` among them.
        source: Text of the module's script, by which own modules are told from upstream ones.
    """

    name: str
    arguments: Mapping[str, Any]
    source: str = field(repr=False)
    wrapping: Wrapping = field(default_factory=Wrapping)


@dataclass(frozen=True)
class Script:
    """The `script` action: one PowerShell statement that runs a file which was put on the host before."""

    text: str
    wrapping: Wrapping = field(default_factory=Wrapping)


@dataclass(frozen=True)
class Raw:
    """A PowerShell text without a module: `raw`, and what action plugins run themselves.

    Attributes:
        text: Without what ansible-core puts around it.
        exits: Whether it ends with the exit status of its last program (else with 0 or 1).
        directory: The folder that the client changed to before.
    """

    text: str
    exits: bool = False
    directory: str | None = None


@dataclass(frozen=True)
class Program:
    """A command line of cmd.exe that starts no PowerShell."""

    line: str


@dataclass(frozen=True)
class PipedFile:
    """The content of a file on the host as the input of the wrapper: a module that was put there before."""

    path: str


@dataclass(frozen=True)
class PutFile:
    path: str
    content: bytes = field(repr=False)
    generation: Generation = "2.19"


@dataclass(frozen=True)
class FetchFile:
    path: str
    offset: int
    size: int
    generation: Generation = "2.19"


@dataclass(frozen=True)
class MakeTemporary:
    """Make the folder `name` below `base` (with variables such as %TEMP%) and say its path."""

    base: str
    name: str
    generation: Generation = "2.19"


@dataclass(frozen=True)
class ExpandUser:
    """Say what `~` or a path that begins with it stands for.

    Attributes:
        of: What `~` is: the folder where a shell begins (texts) or the profile (wrapper). The same for most accounts.
    """

    path: str
    of: Literal["location", "profile"] = "profile"


@dataclass(frozen=True)
class RemovePath:
    """Remove a file, or a folder with what is in it. Wildcards in the path count, as Remove-Item -Path was meant."""

    path: str
    recurse: bool


@dataclass(frozen=True)
class PathExists:
    """Whether there is something: exit status 0 or 1; `says` is what is printed ("" for nothing)."""

    path: str
    says: str


@dataclass(frozen=True)
class Checksum:
    """SHA-1 of a file in hexadecimal, `3` for a folder, `1` for nothing there."""

    path: str


Invocation = (
    Module
    | Script
    | Raw
    | Program
    | PipedFile
    | PutFile
    | FetchFile
    | MakeTemporary
    | ExpandUser
    | RemovePath
    | PathExists
    | Checksum
)
