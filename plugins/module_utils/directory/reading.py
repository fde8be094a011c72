# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a search finds: all its pages, and all values of attributes that a server sends in parts.

This module is private to the collection and may change in any release.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from .connection import Connection
from .controls import read_controls
from .entry import Entry, partial
from .native import RawValues, paged_control

Scope: t.TypeAlias = t.Literal["base", "onelevel", "subtree"]


class Counter:
    """The number of requests, shared by all that make them."""

    def __init__(self) -> None:
        self.value = 0


@dataclass(frozen=True)
class Request:
    """A search. C(Session.search) describes the fields; without page size it is not paged."""

    base: str
    scope: Scope
    filter_text: str
    attributes: t.Sequence[str]
    page_size: int
    sd_flags: int | None = None
    extended_dn: bool = False
    all_partitions: bool = False


def read_all(connection: Connection, request: Request, counter: Counter) -> list[Entry]:
    """All entries that O(request) finds. Raises DirectoryError."""
    controls = read_controls(
        sd_flags=request.sd_flags, extended_dn=request.extended_dn, all_partitions=request.all_partitions
    )
    entries: list[Entry] = []
    cookie: bytes | str = ""
    while True:
        page = [*controls, paged_control(request.page_size, cookie)] if request.page_size else controls
        counter.value += 1
        raw, cookie = connection.search_page(request.base, request.scope, request.filter_text, request.attributes, page)
        for dn, values in raw:
            # Search references have no DN. They lead to other domains and are not followed.
            if dn is not None:
                _complete(connection, dn, values, counter)
                entries.append(Entry(dn, values))
        if not cookie:
            return entries


def _complete(connection: Connection, dn: str, values: RawValues, counter: Counter) -> None:
    """Fetch the rest of the attributes of which the server has sent only the first values."""
    part = partial(values)
    while part:
        values.setdefault(part.attribute, []).extend(values.pop(part.key))
        if part.following:
            counter.value += 1
            raw, _cookie = connection.search_page(dn, "base", "(objectClass=*)", [part.following], [])
            for _name, more in raw:
                values |= more
        part = partial(values)
