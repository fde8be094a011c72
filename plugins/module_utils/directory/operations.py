# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes to the directory as data, and the one loop that carries them out.

Plans return operations, so that a plan can be shown and tested without a directory.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .errors import DirectoryError
from .session import Change, Session


@dataclass(frozen=True)
class Add:
    dn: str
    attributes: t.Mapping[str, t.Sequence[bytes]]


@dataclass(frozen=True)
class Modify:
    """One atomic modification: all of its changes happen or none.

    Attributes:
        sd_flags: which parts of nTSecurityDescriptor are written (MS-ADTS 3.1.1.3.4.1.11); None when none is.
    """

    dn: str
    changes: tuple[Change, ...]
    sd_flags: int | None = None


@dataclass(frozen=True)
class Delete:
    dn: str


Operation: t.TypeAlias = Add | Modify | Delete


@dataclass(frozen=True)
class Step:
    """An operation, and what takes it back when a later step fails."""

    operation: Operation
    undo: tuple[Operation, ...] = field(default=())


def apply(session: Session, steps: t.Iterable[Step]) -> None:
    """Carry out O(steps) in order. When one fails, the steps before it are taken back as far as they say how, and the
    error goes on.

    Raises DirectoryError of the step that failed. A failure to take something back is added to it as a note.
    """
    done: list[Step] = []
    for step in steps:
        try:
            _carry_out(session, step.operation)
        except DirectoryError as exc:
            for earlier in reversed(done):
                for operation in earlier.undo:
                    try:
                        _carry_out(session, operation)
                    except DirectoryError as failure:
                        exc.add_note(f"Could not take back the step before it: {failure}")
            raise
        done.append(step)


def _carry_out(session: Session, operation: Operation) -> None:
    if isinstance(operation, Add):
        session.add(operation.dn, operation.attributes)
    elif isinstance(operation, Modify):
        session.modify(operation.dn, operation.changes, sd_flags=operation.sd_flags)
    else:
        session.delete(operation.dn)


def exchange(attribute: str, old: t.Sequence[bytes], new: t.Sequence[bytes]) -> tuple[Change, ...]:
    """The changes that replace exactly O(old) by O(new).

    They fail when somebody else has changed the attribute meanwhile.
    """
    removed = (Change("delete", attribute, tuple(old)),) if old else ()
    added = (Change("add", attribute, tuple(new)),) if new else ()
    return removed + added
