# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state before a change, as a file of change records that ldapmodify brings back.

The records stand in the reverse order of the operations, so that a parent comes before its children and a template
before its publication. Owners and groups come last, in records of their own: a directory refuses them to whoever may
not give ownership, and everything else is back by then.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from dataclasses import replace
from pathlib import Path

from ..kept_file import file_label, keep, local_user
from . import ldif
from .descriptor import DACL, GROUP, OWNER, Acl, Control, SecurityDescriptor
from .entry import Change, Entry
from .errors import DirectoryError
from .operations import SECURITY, Add, Check, Delete, Modify, Operation
from .system_attributes import SECRET, SYSTEM

if t.TYPE_CHECKING:
    from .session import Session

DEFAULT_FOLDER = "~/certops-intune-backups"
#: ACCOUNTDISABLE (MS-ADTS 2.2.16).
_DISABLED = 2


def argument_spec() -> dict[str, t.Any]:
    """The option that the documentation fragment C(backup) describes."""
    return {"backup_dir": {"type": "path", "default": DEFAULT_FOLDER}}


class Backup:
    """One file in a folder, written when there is something to keep.

    Args:
        folder: made with mode 0700 when it is missing.
        label: module and object, for the name of the file and its head; any text.
        now: the time of the backup; None for the time at which it is written.

    Attributes:
        file: path of the file; None until one was written.
    """

    def __init__(self, folder: str, label: str, *, now: dt.datetime | None = None) -> None:
        self.folder = Path(folder)
        self.label = label
        self.file: str | None = None
        self._now = now

    def save(self, session: Session, operations: t.Sequence[Operation], before: t.Mapping[str, Entry]) -> None:
        """Keep what O(operations) are about to change. Without existing objects among them nothing is written.

        Args:
            before: the objects as they were read, by the DN of the operation.

        Raises DirectoryError when the file cannot be written completely; no part of it is left then.
        """
        records = way_back(operations, before)
        if records is None:
            return
        moment = (self._now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
        head = (
            f"State before: {self.label}\n"
            f"Written: {moment:%Y-%m-%d %H:%M:%S} UTC by {local_user()}\n"
            f"Directory: {session.server} as {session.account or 'the owner of the credential cache'}\n"
            "To bring it back: ldapmodify -H ldaps://SERVER -f THIS_FILE\n"
            "docs/backup-and-restore.md says what comes back and what does not."
        )
        text = ldif.header() + ldif.comment(head) + "\n" + "".join(records)
        self.file = str(self._write(f"{moment:%Y%m%dT%H%M%SZ}-{file_label(self.label)}", text.encode("ascii")))

    def result(self) -> dict[str, str]:
        """For the result of a module."""
        return {"backup_file": self.file} if self.file is not None else {}

    def _write(self, stem: str, data: bytes) -> Path:
        try:
            return keep(self.folder, stem, ".ldif", data)
        except OSError as exc:
            raise DirectoryError(
                "backup_failed",
                "write the backup",
                str(self.folder),
                f"{exc.strerror or exc}, errno {exc.errno}",
                "make room there, or give another folder as backup_dir",
                cause="without it nothing was changed in the directory",
            ) from exc


def way_back(operations: t.Sequence[Operation], before: t.Mapping[str, Entry]) -> list[str] | None:
    """The records that bring back the state before O(operations); None when they touch no existing object.

    What a run creates besides is deleted by them.
    """
    if not any(isinstance(operation, Modify | Delete) and operation.dn in before for operation in operations):
        return None
    records: list[str] = []
    last: list[str] = []
    for operation in reversed(operations):
        if isinstance(operation, Add):
            records.append(ldif.delete_record(operation.dn))
        elif operation.dn not in before:
            # Made by the same run.
            continue
        elif isinstance(operation, Modify):
            records.append(_changed_back(operation, before[operation.dn]))
        elif not isinstance(operation, Check):
            records.append(_created_again(before[operation.dn]))
            last.extend(_joined_again(before[operation.dn]))
            last.extend(_owned_again(before[operation.dn]))
    return records + last


def _changed_back(operation: Modify, before: Entry) -> str:
    whole = {name.casefold() for name in operation.expected}
    changes: list[Change] = []
    for name in dict.fromkeys(change.attribute for change in operation.changes):
        if name.casefold() in SECRET | SYSTEM:
            # A password is not known, and a lockout can be ended but not begun.
            continue
        of_it = [change for change in operation.changes if change.attribute == name]
        if name.casefold() in whole or any(not change.values or change.operation == "replace" for change in of_it):
            values = tuple(before.attributes.find(name))
            if name.casefold() == SECURITY.casefold():
                values = tuple(_parts(value, operation.sd_flags or 0) for value in values)
            changes.append(Change("replace", name, values))
            continue
        # The value added last is taken away first.
        for change in reversed(of_it):
            inverse: t.Literal["add", "delete"] = "delete" if change.operation == "add" else "add"
            changes.append(Change(inverse, name, change.values))
    if not changes:
        names = ", ".join(sorted({change.attribute for change in operation.changes}))
        return ldif.comment(f"{operation.dn}: {names} was set, which cannot be brought back")
    return ldif.modify_record(operation.dn, changes, sd_flags=operation.sd_flags)


def _created_again(before: Entry) -> str:
    comments: list[str] = []
    attributes: dict[str, t.Sequence[bytes]] = {}
    for name, values in before.attributes.items():
        folded = name.casefold()
        if folded in SECRET:
            comments.append(ldif.comment(f"{name}: secret, not kept"))
        elif folded in SYSTEM:
            comments.extend(ldif.value_comment(name, value) for value in values)
        elif folded == "useraccountcontrol":
            # No domain controller takes an enabled account without its password.
            comments.append(ldif.value_comment(name, values[0]))
            comments.append(ldif.comment("The account comes back disabled and without a password."))
            attributes[name] = [str(int(values[0]) | _DISABLED).encode()]
        elif folded != SECURITY.casefold():
            attributes[name] = values
    security = before.raw(SECURITY)
    if security is not None:
        attributes[SECURITY] = [_parts(security, DACL)]
    told = ldif.comment(f"{before.dn}\nWhat the directory gives by itself and does not take back:") + "".join(comments)
    # The class first, for the reader; a directory takes them in any order.
    ordered = {name: attributes.pop(name) for name in [key for key in attributes if key.casefold() == "objectclass"]}
    return told + ldif.add_record(before.dn, {**ordered, **attributes}, sd_flags=DACL if security is not None else None)


def _parts(security: bytes, flags: int) -> bytes:
    """Those parts of a descriptor that O(flags) (SD_FLAGS) name, and of its list the own entries.

    What is inherited comes from the container again.
    """
    read = SecurityDescriptor.from_bytes(security)
    dacl = read.dacl if flags & DACL else None
    if dacl is not None and not read.control & Control.DACL_PROTECTED:
        dacl = Acl(tuple(ace for ace in dacl.aces if not ace.inherited), dacl.revision)
    left_out = Control.SACL_PRESENT | (0 if flags & DACL else Control.DACL_PRESENT)
    return replace(
        read,
        control=read.control & ~left_out,
        owner=read.owner if flags & OWNER else None,
        group=read.group if flags & GROUP else None,
        dacl=dacl,
        sacl=None,
    ).to_bytes()


def _owned_again(before: Entry) -> list[str]:
    security = before.raw(SECURITY)
    if security is None:
        return []
    read = SecurityDescriptor.from_bytes(security)
    if read.owner is None:
        return []
    flags = OWNER | (GROUP if read.group is not None else 0)
    note = ldif.comment(f"Owner {read.owner}, group {read.group}. Needs the right to give ownership.")
    return [
        note + ldif.modify_record(before.dn, [Change("replace", SECURITY, (_parts(security, flags),))], sd_flags=flags)
    ]


def _joined_again(before: Entry) -> list[str]:
    """The object's memberships, which are values of the groups."""
    groups = before.texts("memberOf")
    return [ldif.modify_record(group, [Change("add", "member", (before.dn.encode(),))]) for group in groups]
