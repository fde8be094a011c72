# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes to the directory as data, and the one loop that carries them out.

Plans return operations, so that a plan can be shown and tested without a directory. Each says what planning read of its
object. Before the first write every object is read once more, and nothing is written when one of them is no longer as
planned with; what was read then is also the backup. Between that read and the write an object can still change. That
moment is closed by changes that name the values they expect (O(exchange)), which the directory refuses when it has
others. It stays open, for a few milliseconds, where the directory knows no condition: for a deletion, and for a
security descriptor unless a revision of the object is exchanged in the same modification.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import time
import typing as t
from dataclasses import dataclass, field

from .descriptor import DACL, GROUP, OWNER, different_parts
from .errors import AlreadyExists, ConcurrentChange, DirectoryError, NoSuchObject, OutcomeUnknown
from .session import Change, Entry, Session

if t.TYPE_CHECKING:
    from .backup import Backup

#: Values by attribute as planning read them; no values for an attribute that the object did not have.
Expected: t.TypeAlias = t.Mapping[str, t.Sequence[bytes]]

SECURITY: t.Final = "nTSecurityDescriptor"
_PASSWORD = "unicodepwd"
#: Seconds between two looks whether a write was made whose answer was lost.
_PAUSES = (0, 2, 4, 8)


@dataclass(frozen=True)
class Add:
    dn: str
    attributes: t.Mapping[str, t.Sequence[bytes]]


@dataclass(frozen=True)
class Modify:
    """One atomic modification: all of its changes happen or none.

    Attributes:
        sd_flags: which parts of nTSecurityDescriptor are written (MS-ADTS 3.1.1.3.4.1.11); None when none is.
        expected: attributes that must be as planning read them, changed here or not. A backup brings those that are
            changed back as a whole; an attribute that is changed and not named here is one that others edit at the
            same time (a list of published templates, of members), and only its own values are brought back.
    """

    dn: str
    changes: tuple[Change, ...]
    sd_flags: int | None = None
    expected: Expected = field(default_factory=dict)


@dataclass(frozen=True)
class Delete:
    """The deletion of an object without children.

    Attributes:
        expected: attributes that must be as planning read them; best everything that it read.
    """

    dn: str
    expected: Expected = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """No write, but something that the writes beside it rest on.

    Attributes:
        expected: attributes that must be as planning read them.
        without: values that must not have come, letter case apart.
    """

    dn: str
    expected: Expected = field(default_factory=dict)
    without: Expected = field(default_factory=dict)


Operation: t.TypeAlias = Add | Modify | Delete | Check


@dataclass(frozen=True)
class Step:
    """An operation, and what takes it back when a later step fails."""

    operation: Operation
    undo: tuple[Operation, ...] = field(default=())


def as_read(entry: Entry, names: t.Iterable[str]) -> dict[str, tuple[bytes, ...]]:
    """What a search that asked for O(names) found of O(entry), for the guard of an operation."""
    return {name: tuple(entry.attributes.find(name)) for name in names}


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


def differences(operation: Modify | Delete | Check, entry: Entry, *, with_changes: bool = True) -> list[str]:
    """The attributes of O(entry) that are not as O(operation) expects them, sorted.

    Args:
        with_changes: whether the values that its changes name count as well; not for the second operation on an object.
    """
    found: dict[str, str] = {}
    for name, values in operation.expected.items():
        present = entry.attributes.find(name)
        if name.casefold() == SECURITY.casefold():
            part = _security_difference(values, present)
            if part:
                found[name] = f"{name} ({part})"
        elif sorted(values) != sorted(present):
            found[name] = name
    if isinstance(operation, Check):
        for name, values in operation.without.items():
            if _folded(values) & _folded(entry.attributes.find(name)):
                found.setdefault(name, name)
    if isinstance(operation, Modify) and with_changes:
        for name in _contradicted(operation.changes, entry):
            found.setdefault(name, name)
    return sorted(found.values())


def _contradicted(changes: t.Iterable[Change], entry: Entry) -> list[str]:
    """Attributes that lack a value to delete or have one to add. The directory itself compares by each syntax."""
    left: dict[str, set[bytes]] = {}
    found: list[str] = []
    for change in changes:
        present = left.setdefault(change.attribute, set(entry.attributes.find(change.attribute)))
        if change.operation == "delete":
            if not _folded(change.values) <= _folded(present):
                found.append(change.attribute)
            gone = _folded(change.values)
            present.difference_update([value for value in present if not gone or value.lower() in gone])
        elif change.operation == "add":
            if present & set(change.values):
                found.append(change.attribute)
            present.update(change.values)
        else:
            left[change.attribute] = set(change.values)
    return found


def _folded(values: t.Iterable[bytes]) -> set[bytes]:
    return {value.decode("utf-8", "surrogateescape").casefold().encode("utf-8", "surrogateescape") for value in values}


def _security_difference(expected: t.Sequence[bytes], present: t.Sequence[bytes]) -> str:
    """Which part of a descriptor differs; empty when none does."""
    if list(expected) == list(present):
        return ""
    if len(expected) != 1 or len(present) != 1:
        return "readable before or now only"
    try:
        return ", ".join(different_parts(expected[0], present[0]))
    except ValueError:
        return "unreadable"


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


def exchange(attribute: str, old: t.Sequence[bytes], new: t.Sequence[bytes]) -> tuple[Change, ...]:
    """The changes that replace exactly O(old) by O(new).

    They fail when somebody else has changed the attribute meanwhile.
    """
    removed = (Change("delete", attribute, tuple(old)),) if old else ()
    added = (Change("add", attribute, tuple(new)),) if new else ()
    return removed + added
