# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""appcmd.exe, as far as it adds, lists, restores and deletes backups of the configuration of IIS."""

from __future__ import annotations

import re

from lab.windows import tables
from lab.windows.support import iis_backups

from . import ProgramCall, Ran, program, refused
from .options import lines

#: Names of backups that the lab takes: those that are surely names of folders.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*(?<![. ])")


@program(
    "appcmd",
    mirrors="Getting Started with AppCmd.exe, Managing Backups (Microsoft Learn); data/appcmd.yml tells what is not "
    "verified",
    checked_against=("tests/unit/lab/windows/commands/test_appcmd.py",),
    limits="everything but add, list, restore and delete of backups; their parameters but /name",
)
def appcmd(call: ProgramCall) -> Ran:
    words = list(call.arguments)
    verb = words[0].lower() if words else ""
    if verb not in ("add", "list", "restore", "delete") or [one.lower() for one in words[1:2]] != ["backup"]:
        plural = verb == "list" and [one.lower() for one in words[1:2]] == ["backups"]
        if not plural:
            raise refused(call, " ".join(words[:2]))
    name = _name(call, words[2:])
    if (name is None) != (verb == "list") and verb != "add":
        raise refused(call, " ".join(words))
    if not call.user.is_administrator:
        return _failed(call, "denied", 0x80070005)
    if verb == "list":
        return Ran(lines(*(_text(call, "listed", name=one) for one in iis_backups.names(call.host))))
    if verb == "add":
        name = name or call.host.clock.local(call.host.clock.now()).strftime(tables.load("appcmd")["generated"])
        try:
            iis_backups.add(call.host, name)
        except KeyError:
            return _failed(call, "exists", 0x800700B7)
        return Ran(lines(_text(call, "added", name=name)))
    assert name is not None
    change, done = (iis_backups.restore, "restored") if verb == "restore" else (iis_backups.delete, "deleted")
    try:
        change(call.host, name)
    except KeyError:
        said = _text(call, "unknown", name=name)
        return Ran(lines(said), status=tables.load("appcmd")["statuses"]["unknown"])
    return Ran(lines(_text(call, done, name=name)))


def _name(call: ProgramCall, words: list[str]) -> str | None:
    """The name of the backup: the word after its kind, or the parameter `name`."""
    if not words:
        return None
    found = re.fullmatch(r"[/-]name:(.*)", words[0], re.IGNORECASE)
    name = found[1] if found else words[0]
    if len(words) > 1 or not _NAME.fullmatch(name):
        raise refused(call, " ".join(call.arguments))
    return name


def _failed(call: ProgramCall, reason: str, hresult: int) -> Ran:
    """appcmd tells of failures on its standard output."""
    said = _text(call, "failed", hresult=hresult, text=_text(call, reason))
    return Ran(lines(said), status=tables.load("appcmd")["statuses"][reason])


def _text(call: ProgramCall, message: str, **values: object) -> str:
    texts: dict[str, str] = tables.load("appcmd")["messages"][call.host.identity.language]
    return texts[message].format(**values)
