# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one loop that carries out operations.

Before the first write every object is read once more, and nothing is written when one of them is no longer as planned
with; what was read then is also the backup. Between that read and the write an object can still change. That moment is
closed by changes that name the values they expect (O(exchange)), which the directory refuses when it has others. It
stays open, for a few milliseconds, where the directory knows no condition: for a deletion, and for a security
descriptor unless a revision of the object is exchanged in the same modification.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import time
import typing as t

from .backup import Backup
from .descriptor import DACL, GROUP, OWNER
from .errors import AlreadyExists, ConcurrentChange, DirectoryError, NoSuchObject, OutcomeUnknown
from .operations import SECURITY, Add, Check, Delete, Modify, Operation, Step, differences
from .session import Entry, Session

_PASSWORD = "unicodepwd"
#: Seconds between two looks whether a write was made whose answer was lost.
_PAUSES = (0, 2, 4, 8)


def apply(
    session: Session,
    steps: t.Iterable[Step],
    *,
    backup: Backup | None = None,
    pause: t.Callable[[float], None] = time.sleep,
) -> None:
    """Carry out O(steps) in order. When one fails, the steps before it are taken back as far as they say how, and the
    error goes on.

    When the answer to a step is lost, it is looked whether the step was made. If so, the rest goes on; if not, the
    steps before it are taken back; if nobody can say, everything is left as it is, since taking back the steps before
    one that was made would leave less than either end.

    Args:
        backup: where the state before is kept; nothing is written when that fails.
        pause: waits for a number of seconds.

    Raises DirectoryError of the step that failed: ConcurrentChange, before the first write, when an object is not as
    planning read it. A failure to take something back is added to it as a note, and so is the path of the backup.
    """
    every = tuple(steps)
    before = _read_existing(session, [step.operation for step in every])
    if backup is not None:
        backup.save(session, [step.operation for step in every], before)
    done: list[Step] = []
    for step in every:
        try:
            _carry_out(session, step.operation, pause)
        except DirectoryError as exc:
            if isinstance(exc, OutcomeUnknown):
                if done:
                    exc.add_note(f"What was written before it is left: {', '.join(_named(done))}.")
            else:
                _take_back(session, done, exc)
            if backup is not None and backup.file is not None:
                exc.add_note(f"The state before is in {backup.file}.")
            raise
        done.append(step)


def _take_back(session: Session, done: t.Sequence[Step], failure: DirectoryError) -> None:
    for earlier in reversed(done):
        for operation in earlier.undo:
            try:
                _write(session, operation)
            except DirectoryError as exc:
                failure.add_note(f"Could not take back the step before it: {exc}")


def _named(steps: t.Iterable[Step]) -> list[str]:
    return [f"{_verb(step.operation)} {step.operation.dn}" for step in steps if not isinstance(step.operation, Check)]


def _verb(operation: Operation) -> str:
    return {Add: "create", Modify: "change", Delete: "delete"}.get(type(operation), "rely on")


def _read_existing(session: Session, operations: t.Sequence[Operation]) -> dict[str, Entry]:
    """The objects that O(operations) change, delete or rely on, by their DN as the operation spells it.

    Raises ConcurrentChange when one is not as the operations expect it.
    """
    found: dict[str, Entry] = {}
    made = {operation.dn.casefold() for operation in operations if isinstance(operation, Add)}
    for operation in operations:
        if isinstance(operation, Add) or operation.dn.casefold() in made:
            continue
        first = operation.dn not in found
        if first:
            entry = session.read(operation.dn, ("*", SECURITY), sd_flags=OWNER | GROUP | DACL)
            if entry is None:
                raise _changed(session, operation, "it was deleted since it was read")
            found[operation.dn] = entry
        different = differences(operation, found[operation.dn], with_changes=first)
        if different:
            raise _changed(session, operation, f"changed since it was read: {', '.join(different)}")
    return found


def _changed(session: Session, operation: Operation, detail: str) -> ConcurrentChange:
    target = f"{operation.dn} on {session.server}"
    return ConcurrentChange("concurrent_change", f"{_verb(operation)} the object", target, detail)


def _carry_out(session: Session, operation: Operation, pause: t.Callable[[float], None]) -> None:
    try:
        _write(session, operation)
    except AlreadyExists as exc:
        if not isinstance(operation, Add):
            raise
        raise AlreadyExists(
            exc.code,
            exc.attempted,
            exc.target,
            exc.detail,
            "run again",
            cause="somebody else has created an object of this name meanwhile; it was not touched",
        ) from exc
    except NoSuchObject as exc:
        if isinstance(operation, Add):
            raise
        raise ConcurrentChange("concurrent_change", exc.attempted, exc.target, f"it is gone; {exc.detail}") from exc
    except OutcomeUnknown as exc:
        if not _was_made(session, operation, exc, pause):
            raise DirectoryError(
                "not_made",
                exc.attempted,
                exc.target,
                exc.detail,
                "run again",
                cause="the connection was lost before the answer came; the change was not made",
            ) from exc


def _was_made(
    session: Session, operation: Operation, unknown: OutcomeUnknown, pause: t.Callable[[float], None]
) -> bool:
    """Whether the directory shows O(operation).

    The server that it was sent to is asked for a while: it may still be at it, or starting again. Raises O(unknown)
    when that server does not answer and no other shows the change.
    """
    if isinstance(operation, Modify) and all(change.attribute.casefold() == _PASSWORD for change in operation.changes):
        raise unknown
    answered = False
    for seconds in _PAUSES:
        if seconds:
            pause(seconds)
        try:
            if _shows(session, operation):
                return True
            answered = True
        except DirectoryError:
            answered = False
    if answered:
        return False
    try:
        session.leave_server()
        if _shows(session, operation):
            return True
    except DirectoryError as exc:
        unknown.add_note(f"Nobody could be asked: {exc}")
    raise unknown


def _shows(session: Session, operation: Operation) -> bool:
    if isinstance(operation, Add):
        return session.shows_object(operation.dn, operation.attributes)
    if isinstance(operation, Modify):
        return session.shows_changes(operation.dn, operation.changes, sd_flags=operation.sd_flags)
    return session.read(operation.dn, ("objectClass",)) is None


def _write(session: Session, operation: Operation) -> None:
    if isinstance(operation, Add):
        session.add(operation.dn, operation.attributes)
    elif isinstance(operation, Modify):
        session.modify(operation.dn, operation.changes, sd_flags=operation.sd_flags)
    elif isinstance(operation, Delete):
        session.delete(operation.dn)
