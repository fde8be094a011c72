# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module's process has around it beside its arguments: environment variables of the task, folder, code page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.windows.commands import Around
from lab.windows.people import profiles
from lab.windows.running import environment

if TYPE_CHECKING:
    from lab.windows.host import Host
    from lab.windows.people.token import Token


@dataclass(frozen=True)
class Session:
    """Where a process runs.

    Attributes:
        environment: Variables that the task sets, beside those that the user has.
        directory: The folder; None for the user's own.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str | None = None


_CURRENT: ContextVar[Session] = ContextVar("session", default=Session())  # noqa: B039  # it is frozen


@contextmanager
def within(session: Session) -> Iterator[None]:
    """Run what follows in a session."""
    token = _CURRENT.set(session)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def around(host: Host, user: Token, *, directory: str | None = None, stdin: str = "") -> Around:
    """Where a program starts that a process of this session starts."""
    session = _CURRENT.get()
    variables = environment.variables(host, user)
    for name, value in session.environment.items():
        variables[name] = value
    return Around(host, user, directory or session.directory or profiles.folder(host, user), variables, stdin)
