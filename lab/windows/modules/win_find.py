# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.windows.win_find: the files and folders that fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from lab.windows.fold import fold
from lab.windows.modules.win_stat import absolute
from lab.windows.not_modelled import NotModelled
from lab.windows.operation import Call, ModuleFailure, Result, upstream
from lab.windows.parts.files import Attributes, Entry, FileError, paths
from lab.windows.support import file_access

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BYTES = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_STAMPS = {"mtime": "modified", "ctime": "created", "atime": "accessed"}

Test = Callable[[Entry], bool]


@upstream(
    "ansible.windows.win_find",
    mirrors="plugins/modules/win_find.ps1 of ansible.windows 3.8.0",
    checked_against=("tests/cases/ansible.windows.win_find.yml",),
    limits="hard links; regular expressions that Python does not know; paths outside of the file system",
)
def run(call: Call) -> Result:
    given = call.arguments
    tests = _tests(call)
    result: Result = {"changed": False, "examined": 0, "matched": 0, "files": []}
    warnings: list[str] = []
    found: list[dict[str, Any]] = []
    checked: set[str] = set()
    for path in given["paths"]:
        full = file_access.full(call.host, call.user, path)
        top = call.host.files.get(full, follow=True)
        if top is None:
            warnings.append(f"Argument path '{full}' does not exist or is not accessible, skipping")
        elif not top.is_folder:
            warnings.append(f"Argument path '{full}' is a file not a directory, skipping")
        else:
            for shown, entry in _search(call, full, given["depth"] or 0):
                if fold(shown) in checked:
                    continue
                checked.add(fold(shown))
                result["examined"] += 1
                if all(test(entry) for test in tests):
                    result["matched"] += 1
                    found.append(_told(call, shown, entry))
    result["files"] = sorted(found, key=lambda told: str(told["path"]).casefold())
    if warnings:
        result["warnings"] = warnings
    return result


def _search(call: Call, folder: str, depth: int, links: int = 0) -> Iterator[tuple[str, Entry]]:
    """Everything in a folder, with the path by which one came to it; what is deeper first."""
    try:
        children = call.host.files.children(folder)
    except FileError:
        return
    for child in children:
        shown = paths.join(folder, child.name)
        if child.is_folder and call.arguments["recurse"] and depth != 1:
            if child.link and links > 31:  # a path can be no longer on Windows
                raise NotModelled("links that lead back to themselves, followed without end")
            if call.arguments["follow"] or not child.link:
                yield from _search(call, shown, depth - 1, links + bool(child.link))
        yield shown, child


def _tests(call: Call) -> list[Test]:
    given = call.arguments
    tests: list[Test] = []
    if given["age"] is not None:
        tests.append(_age(given["age"], _STAMPS[given["age_stamp"]], call.host.clock.now()))
    if given["file_type"] != "any":
        tests.append(lambda entry: entry.is_folder == (given["file_type"] == "directory"))
    if not given["hidden"]:
        tests.append(lambda entry: Attributes.HIDDEN not in entry.attributes)
    if given["patterns"] is not None:
        patterns = [_pattern(call, pattern) for pattern in given["patterns"]]
        tests.append(lambda entry: any(pattern.search(entry.name) for pattern in patterns))
    if given["size"] is not None:
        tests.append(_size(given["size"]))
    return tests


def _pattern(call: Call, text: str) -> re.Pattern[str]:
    if not call.arguments["use_regex"]:
        return re.compile(r"\A" + paths.like(text).pattern, re.DOTALL | re.IGNORECASE)
    try:
        return re.compile(text, 0 if call.arguments["case_sensitive"] else re.IGNORECASE)
    except re.error as error:
        raise NotModelled(f"the regular expression {text}: {error}") from error


def _age(text: str, stamp: str, now: datetime) -> Test:
    match = re.fullmatch(r"(-?\d+)(s|m|h|d|w)?", text, re.IGNORECASE)
    if not match:
        raise ModuleFailure("Invalid age pattern specified", examined=0, files=[], matched=0)
    try:
        moment = timedelta(seconds=int(match[1]) * _SECONDS[(match[2] or "s").lower()])
        # A negative age asks for what is younger.
        limit = now - moment if moment >= timedelta() else now + moment
    except OverflowError as error:
        raise NotModelled(f"the age {text}, which leads out of the calendar") from error
    if moment >= timedelta():
        return lambda entry: bool(getattr(entry, stamp) <= limit)
    return lambda entry: bool(getattr(entry, stamp) >= limit)


def _size(text: str) -> Test:
    match = re.fullmatch(r"(-?\d+)(b|k|m|g|t)?", text, re.IGNORECASE)
    if not match:
        raise ModuleFailure("Invalid size pattern specified", examined=0, files=[], matched=0)
    wanted = int(match[1]) * _BYTES[(match[2] or "b").lower()]

    def test(entry: Entry) -> bool:
        # A DirectoryInfo has no length of its own: PowerShell counts it as one object.
        length = 1 if entry.is_folder else entry.size
        return length >= wanted if wanted >= 0 else length <= -wanted

    return test


def _told(call: Call, shown: str, entry: Entry) -> dict[str, Any]:
    share = file_access.share(shown) if entry.is_folder else None
    local = {name: _local(call, getattr(entry, name)) for name in ("created", "accessed", "modified")}
    told: dict[str, Any] = {
        "attributes": str(entry.attributes),
        "checksum": None,
        "creationtime": local["created"],
        "exists": True,
        "extension": None,
        "filename": entry.name,
        "isarchive": Attributes.ARCHIVE in entry.attributes,
        "isdir": entry.is_folder,
        "ishidden": Attributes.HIDDEN in entry.attributes,
        "isreadonly": Attributes.READ_ONLY in entry.attributes,
        "isreg": False,
        "isshared": share is not None,
        "lastaccesstime": local["accessed"],
        "lastwritetime": local["modified"],
        "owner": file_access.owner(call.host, entry),
        "path": shown,
        "sharename": share,
        "size": None,
        "isjunction": False,
        "islnk": False,
        "nlink": 1,
        "lnk_source": None,
        "lnk_target": None,
        "hlnk_targets": [],
    }
    if not entry.is_folder:
        told |= {"extension": paths.extension(entry.name), "isreg": True, "size": entry.size}
        if call.arguments["get_checksum"]:
            told["checksum"] = _checksum(call, shown)
    if entry.link:
        told |= {
            "isreg": False,
            "islnk": entry.link.kind == "symlink",
            "isjunction": entry.link.kind == "junction",
            "lnk_source": absolute(entry),
            "lnk_target": entry.link.target,
        }
    return told


def _checksum(call: Call, path: str) -> str | None:
    try:
        return file_access.digest(call.host.files.read(path), call.arguments["checksum_algorithm"])
    except FileError:
        return None


def _local(call: Call, moment: datetime) -> float:
    """The module counts from 1970 in local time."""
    return file_access.seconds(moment) + (call.host.clock.local(moment).utcoffset() or timedelta()).total_seconds()
