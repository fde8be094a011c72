# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files and folders: paths, what is kept of them, space, links; and the contents beside the model."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows import blobs
from lab.windows.fold import fold
from lab.windows.parts.files import (
    Attributes,
    Denied,
    FileError,
    Files,
    InvalidPath,
    LinkLoop,
    NoDrive,
    NoFile,
    NoFolder,
    NoSpace,
    Occupied,
    paths,
)
from tests.unit.lab.windows.hosts import host, identity

EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)


def blank() -> Files:
    return Files.blank(identity())


def small() -> Files:
    """A drive with nothing on it and room for 100 bytes."""
    files = Files()
    files.now = lambda: EARLY
    files.mount("C:", 100, 100)
    return files


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("C:\\x", "C:\\x"),
        ("c:/x/y/", "C:\\x\\y"),
        ("C:\\", "C:\\"),
        ("C:", "C:\\"),
        ("C:\\a\\..\\b\\.\\c", "C:\\b\\c"),
        ("C:\\..\\..\\a", "C:\\a"),
        ("C:\\\\a\\\\b", "C:\\a\\b"),
        ("\\\\?\\C:\\a", "C:\\a"),
        ("C:\\a. \\b.", "C:\\a\\b"),
    ],
)
def test_normal(path: str, expected: str) -> None:
    assert paths.normal(path) == expected


@pytest.mark.parametrize(
    "path", ["", "x", "\\x", "C:x", "\\\\server\\share", "HKLM:\\x", "C:\\a|b", "C:\\a\tb", "C:\\" + "x" * 256]
)
def test_no_path(path: str) -> None:
    with pytest.raises(InvalidPath):
        paths.normal(path)


@given(st.text(st.sampled_from("aB./\\ ?:"), max_size=12))
def test_a_normal_path_is_normal(text: str) -> None:
    try:
        once = paths.normal("C:\\" + text)
    except InvalidPath:
        return
    assert paths.normal(once) == once


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*.log", "A.LOG", True),
        ("*.log", "a.log.old", False),
        ("a?c", "abc", True),
        ("[a-c]x", "Bx", True),
        ("[a-c]x", "dx", False),
        ("`*", "*", True),
        ("`*", "x", False),
        ("[", "[", True),
        ("a.c", "abc", False),
    ],
)
def test_like(pattern: str, name: str, fits: bool) -> None:
    assert bool(paths.like(pattern).match(name)) is fits


@pytest.mark.parametrize(
    ("name", "extension"), [("a.txt", ".txt"), ("a.b.c", ".c"), ("a", ""), ("a.", ""), (".gitignore", ".gitignore")]
)
def test_extension(name: str, extension: str) -> None:
    assert paths.extension(name) == extension


@pytest.mark.parametrize(
    ("path", "above"), [("C:\\a\\b", "C:\\a"), ("C:\\a", "C:\\"), ("C:\\", ""), ("a", ""), ("a/b", "a")]
)
def test_above(path: str, above: str) -> None:
    assert paths.above(path) == above


def test_a_file_is_found_in_any_spelling() -> None:
    files = blank()
    files.write("C:\\Windows\\Temp\\A.txt", b"content")
    assert files.read("c:/WINDOWS/temp/../TEMP/a.TXT") == b"content"
    entry = files.get("c:/windows/temp/a.txt")
    assert entry is not None
    assert (entry.path, entry.size, str(entry.attributes)) == ("C:\\Windows\\Temp\\A.txt", 7, "Archive")
    assert [child.name for child in files.children("C:\\Windows\\Temp")] == ["A.txt"]


def test_errors() -> None:
    files = small()
    files.make_folder("C:\\a")
    files.write("C:\\f", b"1")
    before = files.export()
    cases: list[tuple[Any, type[FileError], int]] = [
        (lambda: files.read("C:\\none"), NoFile, 0x80070002),
        (lambda: files.read("C:\\none\\x"), NoFolder, 0x80070003),
        (lambda: files.read("C:\\a"), Denied, 0x80070005),
        (lambda: files.read("Q:\\a"), NoFolder, 0x80070003),
        (lambda: files.write("C:\\none\\x", b""), NoFolder, 0x80070003),
        (lambda: files.write("C:\\a", b""), Denied, 0x80070005),
        (lambda: files.write("Q:\\x", b""), NoDrive, 0x80070003),
        (lambda: files.write("C:\\x", b"1" * 100), NoSpace, 0x80070070),
        (lambda: files.make_folder("C:\\f"), Occupied, 0x800700B7),
        (lambda: files.make_folder("C:\\f\\x"), NoFolder, 0x80070003),
        (lambda: files.children("C:\\f"), NoFolder, 0x80070003),
        (lambda: files.remove("C:\\"), Denied, 0x80070005),
        (lambda: files.stamp("C:\\none", created=LATE), NoFile, 0x80070002),
        (lambda: files.make_link("C:\\f", "symlink", "C:\\a"), Occupied, 0x800700B7),
    ]
    for action, kind, code in cases:
        with pytest.raises(kind) as failure:
            action()
        assert failure.value.code == code
        assert files.export() == before


def test_writes_use_up_the_space() -> None:
    files = small()
    files.write("C:\\x", b"1" * 60)
    with pytest.raises(NoSpace, match="There is not enough space on the disk"):
        files.write("C:\\y", b"1" * 41)
    assert not files.exists("C:\\y")
    files.write("C:\\x", b"1" * 100)
    assert files.drives["C:"].free == 0
    files.remove("C:\\x")
    assert files.drives["C:"].free == 100


def test_links() -> None:
    files = small()
    files.make_folder("C:\\real\\below")
    files.make_link("C:\\way", "junction", "C:\\real")
    files.make_link("C:\\real\\up", "symlink", "..\\f")
    files.write("C:\\way\\below\\x", b"1")
    assert files.read("C:\\real\\below\\x") == b"1"
    files.write("C:\\real\\up", b"2")
    assert files.read("C:\\f") == b"2"
    link = files.get("C:\\way")
    assert link is not None
    assert link.link is not None
    assert str(link.attributes) == "Directory, ReparsePoint"
    followed = files.get("C:\\way", follow=True)
    assert followed is not None
    assert followed.path == "C:\\real"
    assert [entry.path for entry in files.tree("C:\\")] == [
        "C:\\f",
        "C:\\real",
        "C:\\real\\below",
        "C:\\real\\below\\x",
        "C:\\real\\up",
        "C:\\way",
    ]
    files.remove("C:\\way")
    assert files.exists("C:\\real\\below\\x")


def test_links_in_a_circle() -> None:
    files = small()
    files.make_link("C:\\a", "junction", "C:\\b")
    files.make_link("C:\\b", "junction", "C:\\a")
    with pytest.raises(LinkLoop):
        files.read("C:\\a\\x")


def test_times() -> None:
    files = small()
    files.make_folder("C:\\a")
    files.now = lambda: LATE
    files.write("C:\\a\\x", b"")
    folder, file = files.get("C:\\a"), files.get("C:\\a\\x")
    assert folder is not None
    assert file is not None
    assert (folder.created, folder.modified) == (EARLY, LATE)
    files.stamp("C:\\a\\x", modified=EARLY)
    found = files.get("C:\\a\\x")
    assert found is not None
    assert (found.created, found.modified, found.accessed) == (LATE, EARLY, LATE)


def test_attributes() -> None:
    files = small()
    files.write("C:\\x", b"")
    files.set_attributes("C:\\x", Attributes.READ_ONLY | Attributes.HIDDEN | Attributes.DIRECTORY)
    entry = files.get("C:\\x")
    assert entry is not None
    assert str(entry.attributes) == "ReadOnly, Hidden"
    with pytest.raises(Denied):
        files.write("C:\\x", b"1")
    assert Attributes.named(entry.attributes.names) == entry.attributes


NAMES = st.sampled_from(["a", "A", "b", "ä", "Ä", "link"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda names: "C:\\" + "\\".join(names))
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), PATHS, st.binary(max_size=50)),
        st.tuples(st.just("make_folder"), PATHS),
        st.tuples(st.just("remove"), PATHS),
    ),
    max_size=15,
)


@given(ACTIONS)
def test_the_tree_stays_a_tree(actions: list[tuple[Any, ...]]) -> None:
    """Against a table of paths: what exists lies in a folder, and the free space is what files do not use."""
    files = small()
    known: dict[str, bytes | None] = {"C:": None}
    for kind, path, *rest in actions:
        key = fold(path)
        try:
            getattr(files, kind)(path, *rest)
        except FileError:
            continue
        if kind == "write":
            known[key] = rest[0]
        elif kind == "remove":
            known = {
                name: content for name, content in known.items() if name != key and not name.startswith(key + "\\")
            }
        else:
            names = key.split("\\")
            known |= {"\\".join(names[:length]): None for length in range(2, len(names) + 1)}
    state = files.export()
    assert {fold(path.rstrip("\\")) for path in state} == set(known)
    for path, content in known.items():
        assert path == "C:" or known[path.rpartition("\\")[0]] is None
        if content is not None:
            assert files.read(path) == content
    used = sum(len(content) for content in known.values() if content is not None)
    assert files.drives["C:"].free == 100 - used
    assert Files.restore(identity(), state).export() == state


def test_a_fresh_server() -> None:
    files = blank()
    assert files.is_folder("C:\\Windows\\System32")
    assert not files.exists("C:\\inetpub")
    assert files.is_file("C:\\windows\\system32\\certutil.exe")
    assert Files.restore(identity(), files.export()).export() == files.export()


def test_rights_go_with_the_file() -> None:
    target = host()
    target.files.make_folder("C:\\a\\b")
    target.security.set_owner("file", "C:\\a\\b", "S-1-5-18")
    target.files.remove("C:\\A")
    target.files.make_folder("C:\\a\\b")
    assert target.security.owner("file", "C:\\a\\b") == "S-1-5-32-544"
    target.registry.create_key(r"HKLM\SOFTWARE\Case\Below")
    target.security.set_owner("registry", r"HKLM\SOFTWARE\Case\Below", "S-1-5-18")
    target.registry.delete_key(r"HKLM\SOFTWARE\CASE")
    assert target.security.owner("registry", r"HKLM\SOFTWARE\Case\Below") == "S-1-5-32-544"


def test_the_hosts_clock_stamps_files() -> None:
    target = host()
    target.clock.real = lambda: LATE
    target.files.write("C:\\x", b"")
    entry = target.files.get("C:\\x")
    assert entry is not None
    assert entry.modified == LATE


@pytest.mark.parametrize("kind", ["memory", "folder"])
def test_blobs(kind: str, tmp_path: Path) -> None:
    store: blobs.Blobs = blobs.Memory() if kind == "memory" else blobs.Folder(tmp_path / "blobs")
    digest = store.put(b"content")
    assert digest == "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    assert store.put(b"content") == digest
    assert store.get(digest) == b"content"
    with pytest.raises(KeyError):
        store.get("0" * 64)
    if kind == "folder":
        assert blobs.Folder(tmp_path / "blobs").get(digest) == b"content"
        assert (tmp_path / "blobs" / digest).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "expected"), [("aB", "AB"), ("å", "Å"), ("ß", "ß"), ("ﬁ", "ﬁ"), ("𐐨", "𐐨"), ("\u0131", "I")]
)
def test_fold(text: str, expected: str) -> None:
    assert fold(text) == expected
