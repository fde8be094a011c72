# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries of the file system: files, folders and links, as the model keeps them and as it shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .attributes import Attributes


@dataclass(frozen=True)
class Link:
    """Where a link leads: `kind` is `symlink` or `junction`; `target` a full path, or relative for a symlink."""

    kind: str
    target: str


@dataclass(frozen=True)
class Entry:
    """What there is to know of a file or folder.

    Attributes:
        path: Full path with the spelling of the names as they were made.
        attributes: As GetFileAttributes gives them.
        created, modified, accessed: UTC.
        size: Bytes; 0 for a folder.
        sha256: Digest of the content; "" for a folder.
        link: Where it leads, if it is a link.
    """

    path: str
    attributes: Attributes
    created: datetime
    modified: datetime
    accessed: datetime
    size: int = 0
    sha256: str = ""
    link: Link | None = None

    @property
    def name(self) -> str:
        """The last name; that of a drive is the whole `C:\\`."""
        return self.path.rpartition("\\")[2] or self.path

    @property
    def is_folder(self) -> bool:
        return Attributes.DIRECTORY in self.attributes


class Node:
    """One entry in the tree. `nodes` is None for a file."""

    __slots__ = ("accessed", "attributes", "created", "link", "modified", "name", "nodes", "sha256", "size")

    def __init__(self, name: str, attributes: Attributes, now: datetime) -> None:
        self.name = name
        self.attributes = attributes
        self.created = self.modified = self.accessed = now
        self.nodes: dict[str, Node] | None = {} if Attributes.DIRECTORY in attributes else None
        self.size = 0
        self.sha256 = ""
        self.link: Link | None = None

    def entry(self, path: str) -> Entry:
        return Entry(
            path, self.attributes, self.created, self.modified, self.accessed, self.size, self.sha256, self.link
        )

    def export(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "attributes": self.attributes.names,
            "created": self.created.isoformat(),
            "modified": self.modified.isoformat(),
            "accessed": self.accessed.isoformat(),
        }
        if self.nodes is None:
            found |= {"size": self.size, "sha256": self.sha256}
        if self.link:
            found["link"] = {"kind": self.link.kind, "target": self.link.target}
        return found

    @classmethod
    def restore(cls, name: str, state: dict[str, Any]) -> Node:
        made = cls(name, Attributes.named(state["attributes"]), datetime.fromisoformat(state["created"]))
        made.modified = datetime.fromisoformat(state["modified"])
        made.accessed = datetime.fromisoformat(state["accessed"])
        made.size, made.sha256 = state.get("size", 0), state.get("sha256", "")
        made.link = Link(**state["link"]) if "link" in state else None
        return made
