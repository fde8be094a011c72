# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""whoami.exe."""

from __future__ import annotations

from lab.windows.people import principals

from . import ProgramCall, Ran, program, refused
from .options import english_only, lines, lower

_MANDATORY = "Mandatory group, Enabled by default, Enabled group"
_KINDS = {"alias": "Alias", "group": "Group"}
_HIGH = ("Mandatory Label\\High Mandatory Level", "Label", "S-1-16-12288", "")
_MEDIUM = ("Mandatory Label\\Medium Plus Mandatory Level", "Label", "S-1-16-8448", "")
#: SIDs that a token has without being groups of a directory, of which some resolve to no account.
_NOT_SHOWN = ("S-1-5-5-",)


@program(
    "whoami",
    mirrors="whoami (Windows Commands, Microsoft Learn)",
    limits="/priv, /all, /fqdn, /logonid; tables on a server that is not English; order of the groups",
)
def whoami(call: ProgramCall) -> Ran:
    words = lower(call.arguments)
    account = call.user.account.lower()
    if not words:
        return Ran(lines(account))
    shape, header, asked = "table", True, ""
    rest = iter(words)
    for word in rest:
        if word == "/fo":
            shape = next(rest, "")
        elif word == "/nh":
            header = False
        elif word in ("/user", "/groups") and not asked:
            asked = word
        else:
            raise refused(call, word)
    if shape not in ("table", "list", "csv") or not asked:
        raise refused(call, " ".join(call.arguments))
    if asked == "/user":
        return Ran(_shown(call, "USER INFORMATION", ("User Name", "SID"), [(account, call.user.sid)], shape, header))
    titles = ("Group Name", "Type", "SID", "Attributes")
    return Ran(_shown(call, "GROUP INFORMATION", titles, _groups(call), shape, header))


def _groups(call: ProgramCall) -> list[tuple[str, ...]]:
    english_only(call, "whoami /groups")
    rows: list[tuple[str, ...]] = []
    for sid in call.user.groups:
        if sid.startswith(_NOT_SHOWN):
            continue
        found = principals.by_sid(call.host, sid)
        kind = _KINDS.get(found.kind, "Well-known group") if found else "Unknown SID type"
        attributes = f"{_MANDATORY}, Group owner" if sid == "S-1-5-32-544" else _MANDATORY
        rows.append((found.account if found else " ", kind, sid, attributes))
    return [*rows, _HIGH if call.user.is_administrator else _MEDIUM]


def _shown(
    call: ProgramCall, title: str, titles: tuple[str, ...], rows: list[tuple[str, ...]], shape: str, header: bool
) -> str:
    if shape == "csv":
        quoted = [",".join(f'"{value}"' for value in row) for row in rows]
        if header:
            english_only(call, "whoami with a header")
            quoted.insert(0, ",".join(f'"{value}"' for value in titles))
        return lines(*quoted)
    english_only(call, "whoami as a table or list")
    heading = ["", title, "-" * len(title), ""]
    if shape == "list":
        wide = max(map(len, titles)) + 1
        blocks = [
            [f"{f'{name}:':<{wide}} {value}".rstrip() for name, value in zip(titles, row, strict=True)] for row in rows
        ]
        return lines(*heading, *(line for block in blocks for line in [*block, ""]))
    wide_of = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    table = [" ".join(value.ljust(width) for value, width in zip(row, wide_of, strict=True)) for row in rows]
    if header:
        names = " ".join(value.ljust(width) for value, width in zip(titles, wide_of, strict=True))
        table[:0] = [names, " ".join("=" * width for width in wide_of)]
    return lines(*heading, *table)
