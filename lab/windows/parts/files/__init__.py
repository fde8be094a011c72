# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives, folders and files with attributes, times and links. Contents lie outside of the model, by SHA-256.

Exported layout: one entry a file or folder by its path (`C:\\Users`): `{"attributes": ["Directory", ...], "created",
"modified", "accessed": ISO 8601, "size", "sha256" (files), "link": {"kind": "symlink"|"junction", "target"}}`. A drive
(`C:\\`) also has `"capacity"` and `"free"`, bytes. Owners and access control lists are in the part `security`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from lab.windows import blobs, tables
from lab.windows.fold import fold

from . import paths
from .attributes import Attributes
from .entries import Entry, Link, Node
from .errors import Denied, FileError, InvalidPath, LinkLoop, NoDrive, NoFile, NoFolder, NoSpace, Occupied

if TYPE_CHECKING:
    from lab.windows.identity import Identity
    from lab.windows.part import Json

__all__ = [
    "Attributes",
    "Denied",
    "Entry",
    "FileError",
    "Files",
    "InvalidPath",
    "Link",
    "LinkLoop",
    "NoDrive",
    "NoFile",
    "NoFolder",
    "NoSpace",
    "Occupied",
]

#: How many links Windows follows in one path.
LINKS = 63


@dataclass
class Drive:
    """A volume: its root folder, and bytes that it has and has left."""

    root: Node
    capacity: int
    free: int


class Files:
    """The file systems of a host. Paths are full (`C:\\...`), in any case and spelling."""

    def __init__(self) -> None:
        self.drives: dict[str, Drive] = {}
        #: What stamps new and changed files: UTC.
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        #: Called with the path of everything that is removed (the top of a tree), so that what hangs on it goes, too.
        self.removed: Callable[[str], None] = lambda _path: None

    @classmethod
    def blank(cls, identity: Identity) -> Files:
        made, data = cls(), tables.load("files")
        installed = datetime.fromisoformat(data["installed"])
        made.now = lambda: installed
        for letter, drive in data["drives"].items():
            made.mount(letter, drive["capacity"], drive["free"])
        for told in data["entries"]:
            if identity.release not in told.get("releases", [identity.release]):
                continue
            if "content" in told:
                made.write(told["path"], told["content"].encode())
            elif "link" in told:
                made.make_link(told["path"], **told["link"])
            else:
                made.make_folder(told["path"])
            node, _ = made._lookup(told["path"], follow=False)
            if node is not None:
                node.attributes |= Attributes.named(told.get("attributes", []))
        made.now = lambda: datetime.now(UTC)
        return made

    @classmethod
    def restore(cls, identity: Identity, state: Json) -> Files:
        made = cls()
        for path, told in state.items():
            drive, names = paths.split(path)
            if not names:
                made.mount(drive, told["capacity"], told["free"])
                made.drives[drive].root = Node.restore(drive, told)
                continue
            node = made.drives[drive].root
            for name in names[:-1]:
                assert node.nodes is not None, f"{path} lies in a file"
                node = node.nodes[fold(name)]
            assert node.nodes is not None, f"{path} lies in a file"
            node.nodes[fold(names[-1])] = Node.restore(names[-1], told)
        return made

    def export(self) -> Json:
        found: dict[str, Any] = {}
        for letter, drive in sorted(self.drives.items()):
            for path, node in _walk(letter + "\\", drive.root):
                found[path] = node.export()
            found[letter + "\\"] |= {"capacity": drive.capacity, "free": drive.free}
        return found

    def mount(self, letter: str, capacity: int, free: int) -> None:
        """Let there be an empty drive; `letter` is `D:`, the rest is bytes."""
        attributes = Attributes.DIRECTORY | Attributes.HIDDEN | Attributes.SYSTEM
        self.drives[letter] = Drive(Node(letter, attributes, self.now()), capacity, free)

    def get(self, path: str, *, follow: bool = False) -> Entry | None:
        """The entry at a path; None if there is none. A link is itself, unless it is to be followed."""
        try:
            node, real = self._lookup(path, follow=follow)
        except InvalidPath:
            return None
        return node.entry(real) if node else None

    def exists(self, path: str) -> bool:
        """Whether there is a file, a folder or a link, even one that leads nowhere."""
        return self.get(path) is not None

    def is_folder(self, path: str) -> bool:
        found = self.get(path)
        return found is not None and found.is_folder

    def is_file(self, path: str) -> bool:
        found = self.get(path)
        return found is not None and not found.is_folder

    def read(self, path: str) -> bytes:
        """The content of a file. NoFile, NoFolder, or Denied for a folder."""
        node, real = self._lookup(path, follow=True)
        if node is None:
            raise self._missing(path)
        if node.nodes is not None:
            raise Denied(real)
        return blobs.store().get(node.sha256)

    def children(self, path: str) -> list[Entry]:
        """What a folder holds, in NTFS's order (of the letters in capitals). NoFolder for what is none."""
        node, real = self._lookup(path, follow=True)
        if node is None or node.nodes is None:
            raise NoFolder(paths.normal(path))
        return [child.entry(_below(real, child.name)) for _, child in sorted(node.nodes.items())]

    def tree(self, path: str) -> Iterator[Entry]:
        """Everything below a folder, parents first; links are not followed."""
        for child in self.children(path):
            yield child
            if child.is_folder and not child.link:
                yield from self.tree(child.path)

    def write(self, path: str, content: bytes) -> None:
        """Write a whole file, made if need be (with the attribute Archive).

        Raises:
            NoFolder: Its folder does not exist.
            Denied: There is a folder of that name, or the file is read-only.
            NoSpace: It does not fit on the drive.
        """
        real = self._real(path)
        drive, names = paths.split(real)
        folder = self._folder_of(drive, names, path)
        node = (folder.nodes or {}).get(fold(names[-1]))
        if node is not None and (node.nodes is not None or Attributes.READ_ONLY in node.attributes):
            raise Denied(real)
        grown = len(content) - (node.size if node else 0)
        if grown > self.drives[drive].free:
            raise NoSpace
        now = self.now()
        if node is None:
            node = self._add(folder, Node(names[-1], Attributes.ARCHIVE, now))
        self.drives[drive].free -= grown
        node.size, node.sha256, node.modified = len(content), blobs.store().put(content), now
        node.attributes |= Attributes.ARCHIVE

    def make_folder(self, path: str) -> bool:
        """Make a folder with those above it; whether it was missing. Occupied or NoFolder if a file is in the way."""
        real = self._real(path)
        drive, names = paths.split(real)
        node, missing = self._drive(drive).root, 0
        for place, name in enumerate(names):
            child = (node.nodes or {}).get(fold(name))
            if child is None:
                missing = len(names) - place
                break
            if child.nodes is None:
                raise Occupied(real) if place + 1 == len(names) else NoFolder(real)
            node = child
        for name in names[len(names) - missing :]:
            node = self._add(node, Node(name, Attributes.DIRECTORY, self.now()))
        return missing > 0

    def make_link(self, path: str, kind: str, target: str) -> None:
        """Make a `symlink` or a `junction` at a path where nothing is; one to a folder if the target is one."""
        real = paths.normal(path)
        drive, names = paths.split(real)
        folder = self._folder_of(drive, names, path)
        if fold(names[-1]) in (folder.nodes or {}):
            raise Occupied(real)
        full = target if paths.is_full(target) else _below(paths.above(real), target)
        to_folder = kind == "junction" or self.is_folder(full)
        attributes = Attributes.REPARSE_POINT | (Attributes.DIRECTORY if to_folder else Attributes.ARCHIVE)
        self._add(folder, Node(names[-1], attributes, self.now())).link = Link(kind, target)

    def remove(self, path: str) -> bool:
        """Remove a file, a folder with all in it, or a link (not what it leads to); whether there was one."""
        node, real = self._lookup(path, follow=False)
        drive, names = paths.split(real)
        if node is None:
            return False
        if not names:
            raise Denied(real)
        folder = self._folder_of(drive, names, real)
        assert folder.nodes is not None
        del folder.nodes[fold(names[-1])]
        folder.modified = self.now()
        self.drives[drive].free += sum(found.size for _, found in _walk(real, node))
        self.removed(real)
        return True

    def stamp(
        self,
        path: str,
        *,
        created: datetime | None = None,
        modified: datetime | None = None,
        accessed: datetime | None = None,
    ) -> None:
        """Set times. NoFile if there is none."""
        node, _ = self._lookup(path, follow=True)
        if node is None:
            raise self._missing(path)
        node.created, node.modified = created or node.created, modified or node.modified
        node.accessed = accessed or node.accessed

    def set_attributes(self, path: str, attributes: Attributes) -> None:
        """Set the attributes; what kind of entry it is stays. NoFile if there is none."""
        node, _ = self._lookup(path, follow=False)
        if node is None:
            raise self._missing(path)
        kind = Attributes.DIRECTORY | Attributes.REPARSE_POINT
        node.attributes = attributes & ~kind | node.attributes & kind

    def _drive(self, letter: str) -> Drive:
        if letter not in self.drives:
            raise NoDrive(letter)
        return self.drives[letter]

    def _lookup(self, path: str, *, follow: bool) -> tuple[Node | None, str]:
        """The node at a path and where it really is; None, and the path in its normal form, if there is none."""
        wanted = paths.normal(path)
        for _ in range(LINKS + 1):
            drive, names = paths.split(wanted)
            if drive not in self.drives:
                return None, wanted
            node, real = self.drives[drive].root, drive + "\\"
            for place, name in enumerate(names):
                child = (node.nodes or {}).get(fold(name))
                if child is None:
                    return None, wanted
                here = _below(real, child.name)
                if child.link and (follow or place + 1 < len(names)):
                    target = child.link.target
                    full = target if paths.is_full(target) else _below(real, target)
                    wanted = paths.normal("\\".join((full, *names[place + 1 :])))
                    break
                node, real = child, here
            else:
                return node, real
        raise LinkLoop(path)

    def _real(self, path: str) -> str:
        """Where a new file would really be: the path with the links on the way followed."""
        wanted = paths.normal(path)
        node, real = self._lookup(wanted, follow=True)
        if node is not None:
            return real
        drive, names = paths.split(real)
        # The longest part that exists decides; the rest is as it is written.
        for length in range(len(names) - 1, 0, -1):
            found, place = self._lookup(drive + "\\" + "\\".join(names[:length]), follow=True)
            if found is not None:
                return "\\".join((place, *names[length:]))
        return real

    def _folder_of(self, drive: str, names: tuple[str, ...], path: str) -> Node:
        node = self._drive(drive).root
        if not names:
            raise Denied(paths.normal(path))
        for name in names[:-1]:
            child = (node.nodes or {}).get(fold(name))
            if child is None or child.nodes is None:
                raise NoFolder(paths.normal(path))
            node = child
        if node.nodes is None:
            raise NoFolder(paths.normal(path))
        return node

    def _add(self, folder: Node, node: Node) -> Node:
        assert folder.nodes is not None
        folder.nodes[fold(node.name)] = node
        folder.modified = node.modified
        return node

    def _missing(self, path: str) -> FileError:
        wanted = paths.normal(path)
        drive, names = paths.split(wanted)
        if drive not in self.drives:
            return NoFolder(wanted)
        above = self.get("\\".join((drive, *names[:-1])) + "\\", follow=True)
        return NoFile(wanted) if above is not None and above.is_folder else NoFolder(wanted)


def _below(folder: str, name: str) -> str:
    return folder.rstrip("\\") + "\\" + name


def _walk(path: str, node: Node) -> Iterator[tuple[str, Node]]:
    yield path, node
    for _, child in sorted((node.nodes or {}).items()):
        yield from _walk(_below(path, child.name), child)
