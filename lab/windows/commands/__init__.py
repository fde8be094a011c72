# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that a host runs: a short list, each a small twin over the model.

A program is registered by its names. What Windows has and the lab does not is known by data/programs.yml: it is refused
as not modelled, while a file that Windows would not find either fails as on Windows.
"""

from __future__ import annotations

import importlib
import ntpath
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.windows import tables
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import OPERATIONS, Operation, register

from .quoting import quote, split

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token


@dataclass(frozen=True)
class Ran:
    """What a program wrote, and its exit status."""

    stdout: str = ""
    stderr: str = ""
    status: int = 0


@dataclass(frozen=True)
class Around:
    """Where a program starts.

    Attributes:
        directory: The folder it starts in.
        environment: Its environment variables, all of them.
        stdin: What is on its standard input.
    """

    host: Host
    user: Token
    directory: str
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""

    def variable(self, name: str) -> str | None:
        """An environment variable; Windows does not look at the case of its name."""
        return next((value for key, value in self.environment.items() if key.lower() == name.lower()), None)


@dataclass(frozen=True)
class ProgramCall:
    """A program that is started: its path, its arguments without itself, its whole command line."""

    around: Around
    path: str
    arguments: tuple[str, ...]
    line: str

    @property
    def host(self) -> Host:
        return self.around.host

    @property
    def user(self) -> Token:
        return self.around.user


class NoProgram(Exception):  # noqa: N818
    """There is no such file: CreateProcess fails with ERROR_FILE_NOT_FOUND (2)."""


Twin = Callable[[ProgramCall], Ran]


def program(
    *names: str, mirrors: str, checked_against: tuple[str, ...] = (), limits: str = ""
) -> Callable[[Twin], Twin]:
    """Register the twin of a program.

    Args:
        names: Its file's name without .exe, in lower case; and others that stand for the same.
        mirrors: The document whose behaviour it mirrors.
        checked_against: What it was held against.
        limits: What is refused as not modelled.
    """

    def decorate(body: Twin) -> Twin:
        for name in names:
            register(Operation(name, "program", body, mirrors, checked_against, limits))
        return body

    return decorate


def load() -> None:
    """Import every module of this package, so that its programs are known."""
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")


def locate(around: Around, name: str) -> str:
    """The path of a program as the search path finds it.

    Args:
        name: As it was typed: with or without folder and extension.

    Raises:
        NoProgram: Windows finds none, nor is there a file in the model.
    """
    table = tables.load("programs")
    folder, leaf = ntpath.split(name.replace("/", "\\"))
    stem, extension = ntpath.splitext(leaf.lower())
    extension = extension or ".exe"
    for place, names in table["folders"].items():
        if extension != table["extensions"].get(stem, ".exe") or stem not in names.split():
            continue
        here = folder.lower() == place.lower() if folder else place not in table["not_in_path"]
        if here and (stem not in table["with_iis"] or around.host.iis.installed):
            return ntpath.join(place, stem + extension)
    places = [folder] if folder else [around.directory, *(around.variable("Path") or "").split(";")]
    for place in places:
        path = ntpath.join(around.directory, place, stem + extension)
        if place and around.host.files.exists(path) and not around.host.files.is_folder(path):
            return path
    raise NoProgram(name)


def start(around: Around, name: str, arguments: tuple[str, ...], line: str) -> Ran:
    """Run a program to its end.

    Raises:
        NoProgram: There is no such file.
        NotModelled: There is, but the lab does not know what it does.
    """
    path = locate(around, name)
    stem = ntpath.splitext(ntpath.basename(path))[0].lower()
    operation = OPERATIONS.get(("program", stem))
    if operation is None:
        raise NotModelled(f"the program {path}")
    ran: Ran = operation.body(ProgramCall(around, path, arguments, line))
    return ran


def known(around: Around, name: str) -> None:
    """Refuse a program that the lab does not know, before something is done. NoProgram as `locate`."""
    path = locate(around, name)
    if ("program", ntpath.splitext(ntpath.basename(path))[0].lower()) not in OPERATIONS:
        raise NotModelled(f"the program {path}")


def start_line(around: Around, line: str, name: str | None = None) -> Ran:
    """Run a command line as CreateProcess does; `name` is the program's file where it is given apart."""
    words = split(line)
    if not words and name is None:
        raise NoProgram(line)
    return start(around, name or words[0], tuple(words[1:]), line)


def refused(call: ProgramCall, what: str) -> NotModelled:
    """The refusal of what a real program would do."""
    name = ntpath.splitext(ntpath.basename(call.path))[0]
    return NotModelled(f"{name} {what}".strip())


__all__ = [
    "Around",
    "NoProgram",
    "ProgramCall",
    "Ran",
    "known",
    "load",
    "locate",
    "program",
    "quote",
    "refused",
    "start",
    "start_line",
]
