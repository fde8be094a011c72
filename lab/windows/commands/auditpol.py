# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""auditpol.exe: the system audit policy."""

from __future__ import annotations

import ntpath
import re
from collections.abc import Callable, Sequence

from lab.windows.host import Host
from lab.windows.not_modelled import NotModelled
from lab.windows.parts import audit_policy
from lab.windows.parts.audit_policy import Subcategory
from lab.windows.people.token import SYSTEM_SID, Token

from . import ProgramCall, Ran, program, refused
from .options import english_only, lines

PRIVILEGE = "SeSecurityPrivilege"
INVALID_PARAMETER = 87
PRIVILEGE_NOT_HELD = 1314
_GUID = re.compile(r"^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$", re.IGNORECASE)
_ENABLED = {"enable": True, "disable": False}


def may_manage(host: Host, token: Token) -> bool:
    """Whether somebody holds the right to manage auditing and the security log."""
    return token.sid == SYSTEM_SID or PRIVILEGE in host.rights.held_by({token.sid, *token.groups})


@program(
    "auditpol",
    mirrors="auditpol list, get, set, backup (Windows Commands, Microsoft Learn); MS-GPAC 2.2",
    checked_against=("tests/unit/lab/windows/commands/test_auditpol.py",),
    limits="/user, /option, /sd, /restore, /clear, /remove, /resourceSACL; /list and /get without /r; options in a "
    "backup; names of categories and subcategories on a server that is not English, which take GUIDs alone; in a "
    "backup there they are English, and what reads it may not look at them",
)
def auditpol(call: ProgramCall) -> Ran:
    verb, *options = [_option(word) for word in call.arguments] or [("", "")]
    known: dict[str, Callable[[ProgramCall, dict[str, str]], Ran]] = {
        "list": _list,
        "get": _get,
        "set": _set,
        "backup": _backup,
    }
    if verb[0] not in known or verb[1] or len(dict(options)) != len(options):
        raise refused(call, " ".join(call.arguments))
    return known[verb[0]](call, dict(options))


def _option(word: str) -> tuple[str, str]:
    name, _colon, value = word[1:].partition(":")
    return (name.lower() if word[:1] in ("/", "-") else word), value


def _list(call: ProgramCall, options: dict[str, str]) -> Ran:
    told = audit_policy.subcategories(call.host.identity)
    categories = {each.category: each.category_guid for each in told}
    rows = [audit_policy.data()["list_head"]]
    if options not in ({"category": "", "r": ""}, {"subcategory": "*", "r": ""}):
        raise refused(call, " ".join(call.arguments))
    english_only(call, "auditpol /list")
    for category, guid in categories.items():
        rows.append(f"{category},{guid}")
        if "subcategory" in options:
            rows += [f"  {each.name},{each.guid}" for each in told if each.category == category]
    return Ran(lines(*rows))


def _get(call: ProgramCall, options: dict[str, str]) -> Ran:
    if options.pop("r", None) != "" or len(options) != 1:
        raise refused(call, " ".join(call.arguments))
    found = _chosen(call, options)
    if isinstance(found, Ran):
        return found
    rows = [_row(call, each, names=call.host.identity.language == "en-US") for each in found]
    return Ran(lines(audit_policy.data()["get_head"], "", *rows))


def _set(call: ProgramCall, options: dict[str, str]) -> Ran:
    wanted = {kind: options.pop(kind).lower() for kind in ("success", "failure") if kind in options}
    if set(wanted.values()) - set(_ENABLED):
        return _failed(call, INVALID_PARAMETER)
    if not wanted:
        raise refused(call, "/set without /success and /failure")
    found = _chosen(call, options)
    if isinstance(found, Ran):
        return found
    success, failure = (_ENABLED.get(wanted.get(kind, "")) for kind in ("success", "failure"))
    call.host.audit_policy.set([each.guid for each in found], success=success, failure=failure)
    return Ran(lines(audit_policy.data()["done"][call.host.identity.language]))


def _backup(call: ProgramCall, options: dict[str, str]) -> Ran:
    if set(options) != {"file"} or not options["file"]:
        raise refused(call, " ".join(call.arguments))
    if not may_manage(call.host, call.user):
        return _failed(call, PRIVILEGE_NOT_HELD)
    path = ntpath.join(call.around.directory, options["file"])
    if not call.host.files.is_folder(ntpath.dirname(path)):
        raise refused(call, f"/backup into {path}, whose folder is not there")
    rows = [
        f"{_row(call, each, names=True)},{call.host.audit_policy.get(each.guid)}"
        for each in audit_policy.subcategories(call.host.identity)
    ]
    call.host.files.write(path, lines(audit_policy.data()["backup_head"], *rows).encode())
    return Ran(lines(audit_policy.data()["done"][call.host.identity.language]))


def _row(call: ProgramCall, each: Subcategory, *, names: bool) -> str:
    """A line of CSV: whose policy it is, of what, what is recorded; nothing is excluded from a system policy."""
    host = call.host
    if not names:
        raise NotModelled(f"the name of {each.guid} on a server whose language is {host.identity.language}")
    setting = audit_policy.data()["settings"][host.identity.language][host.audit_policy.get(each.guid)]
    return f"{host.identity.computer},System,{each.name},{each.guid},{setting},"


def _chosen(call: ProgramCall, options: dict[str, str]) -> Sequence[Subcategory] | Ran:
    """The subcategories that /category or /subcategory names, by GUID or name; or how the program fails."""
    kind, text = next(iter(options.items()), ("", ""))
    if len(options) != 1 or kind not in ("category", "subcategory") or not text:
        raise refused(call, " ".join(call.arguments))
    if not may_manage(call.host, call.user):
        return _failed(call, PRIVILEGE_NOT_HELD)
    told = audit_policy.subcategories(call.host.identity)
    if text == "*":
        return told
    found: list[Subcategory] = []
    for one in text.split(","):
        named = one.strip().strip('"')
        if not _GUID.match(named):
            english_only(call, "auditpol for a name")
        these = [each for each in told if named.lower() in _names(each, kind)]
        if not these:
            return _failed(call, INVALID_PARAMETER)
        found += these
    return found


def _names(each: Subcategory, kind: str) -> tuple[str, ...]:
    names = (each.category, each.category_guid) if kind == "category" else (each.name, each.guid)
    return tuple(name.lower() for name in names)


def _failed(call: ProgramCall, code: int) -> Ran:
    told, language = audit_policy.data(), call.host.identity.language
    head = told["error_head"][language].format(code=code)
    return Ran(stderr=lines(head, told["errors"][code][language]), status=code)
