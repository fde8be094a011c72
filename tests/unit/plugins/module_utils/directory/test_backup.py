# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of backups: which records bring back the state before, and the file that they are kept in."""

from __future__ import annotations

import base64
import datetime as dt
import re
import resource
import signal
import stat
import typing as t
from pathlib import Path

import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory.backup import Backup, way_back
from ansible_collections.certops.intune.plugins.module_utils.directory.descriptor import SecurityDescriptor
from ansible_collections.certops.intune.plugins.module_utils.directory.errors import DirectoryError
from ansible_collections.certops.intune.plugins.module_utils.directory.operations import (
    SECURITY,
    Add,
    Check,
    Delete,
    Modify,
    Operation,
    Step,
    exchange,
)
from ansible_collections.certops.intune.plugins.module_utils.directory.sddl import from_sddl, to_sddl
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change, Entry
from ansible_collections.certops.intune.plugins.module_utils.directory.sid import Sid
from ansible_collections.certops.intune.plugins.module_utils.directory.writing import apply
from ansible_collections.certops.intune.plugins.module_utils.kept_file import file_label
from hypothesis import example, given
from hypothesis import strategies as st

from .ldif_reader import read
from .stand_in import StandIn, notes_of, refused

if t.TYPE_CHECKING:
    from collections.abc import Iterator

DOMAIN = Sid.parse("S-1-5-21-1-2-3")
NOON = dt.datetime(2026, 11, 21, 12, 0, 5, tzinfo=dt.UTC)


def sddl(text: str) -> bytes:
    return from_sddl(text, DOMAIN, DOMAIN).to_bytes()


def entry(dn: str, **values: list[bytes]) -> Entry:
    return Entry(dn, values)


def records(*operations: Operation, **before: list[bytes]) -> str:
    """The records for operations on objects that all have the same attributes."""
    entries = {operation.dn: Entry(operation.dn, before) for operation in operations}
    return "".join(way_back(operations, entries) or ())


def test_change_of_a_guarded_attribute_is_replaced_as_a_whole() -> None:
    change = Modify(
        "CN=x",
        (*exchange("flags", [b"1"], [b"2"]), *exchange("new", [], [b"n"])),
        expected={"Flags": [b"1"], "new": []},
    )
    assert records(change, flags=[b"1"], other=[b"o"]) == (
        "dn: CN=x\nchangetype: modify\nreplace: flags\nflags: 1\n-\nreplace: new\n-\n\n"
    )


def test_values_of_a_shared_list_are_brought_back_one_by_one() -> None:
    gone, new = Change("delete", "list", (b"A", b"a")), Change("add", "list", (b"B",))
    assert records(Modify("CN=x", (gone, new)), list=[b"A", b"a", b"C"]) == (
        "dn: CN=x\nchangetype: modify\ndelete: list\nlist: B\n-\nadd: list\nlist: A\nlist: a\n-\n\n"
    )


@pytest.mark.parametrize("change", [Change("replace", "list", (b"B",)), Change("delete", "list")])
def test_list_that_was_written_as_a_whole_is_brought_back_as_a_whole(change: Change) -> None:
    assert records(Modify("CN=x", (change,)), list=[b"A", b"C"]) == (
        "dn: CN=x\nchangetype: modify\nreplace: list\nlist: A\nlist: C\n-\n\n"
    )


@pytest.mark.parametrize(
    ("flags", "control", "text"),
    [
        (4, "MAMCAQQ=", "D:AI(A;;RP;;;AU)"),
        (1, "MAMCAQE=", "O:DA"),
        (5, "MAMCAQU=", "O:DAD:AI(A;;RP;;;AU)"),
    ],
)
def test_descriptor_is_brought_back_with_the_parts_that_were_written(flags: int, control: str, text: str) -> None:
    before = {SECURITY: [sddl("O:DAG:DUD:AI(A;;RP;;;AU)(A;ID;WP;;;DA)")]}
    shown = records(Modify("CN=x", (Change("replace", SECURITY, (b"new",)),), flags), **before)
    assert shown.splitlines()[:4] == [
        "dn: CN=x",
        f"control: 1.2.840.113556.1.4.801 true:: {control}",
        "changetype: modify",
        f"replace: {SECURITY}",
    ]
    assert written_descriptors(shown) == [text]


def test_deletions_come_back_in_reverse_order_and_what_was_created_goes() -> None:
    operations: list[Operation] = [
        Add("CN=new", {}),
        Check("CN=relied on"),
        Modify("CN=ca", (Change("delete", "list", (b"A",)),)),
        Delete("CN=child"),
        Delete("CN=parent"),
    ]
    text = records(*operations, list=[b"A"])
    heads = re.findall(r"^dn: (.*)\nchangetype: (.*)$", text, re.MULTILINE)
    assert heads == [("CN=parent", "add"), ("CN=child", "add"), ("CN=ca", "modify"), ("CN=new", "delete")]


def test_object_that_is_made_and_changed_is_only_deleted() -> None:
    operations: list[Operation] = [Add("CN=new", {}), Modify("CN=NEW", exchange("a", [], [b"1"])), Delete("CN=x")]
    text = "".join(way_back(operations, {"CN=x": entry("CN=x", cn=[b"x"])}) or ())
    assert re.findall(r"^dn: (.*)\nchangetype: (.*)$", text, re.MULTILINE) == [("CN=x", "add"), ("CN=new", "delete")]


def test_only_new_objects_need_no_backup() -> None:
    assert way_back([Add("CN=x", {}), Check("CN=y")], {"CN=y": entry("CN=y")}) is None


def test_deleted_object_comes_back_with_all_that_can_be_written() -> None:
    text = records(
        Delete("CN=x,DC=corp"),
        cn=[b"x"],
        objectGUID=[b"\x01" * 16],
        whenCreated=[b"20261121120000.0Z"],
        displayName=["Ü".encode()],
        objectClass=[b"top", b"container"],
    )
    assert text == (
        "# CN=x,DC=corp\n"
        "# What the directory gives by itself and does not take back:\n"
        "# objectGUID:: AQEBAQEBAQEBAQEBAQEBAQ==\n"
        "# whenCreated: 20261121120000.0Z\n"
        "dn: CN=x,DC=corp\n"
        "changetype: add\n"
        "objectClass: top\n"
        "objectClass: container\n"
        "cn: x\n"
        "displayName:: w5w=\n"
        "\n"
    )


def written_descriptors(text: str) -> list[str]:
    found = re.findall(r"^nTSecurityDescriptor:: (.*)$", text.replace("\n ", ""), re.MULTILINE)
    return [to_sddl(SecurityDescriptor.from_bytes(base64.b64decode(value)), DOMAIN, DOMAIN) for value in found]


def test_security_comes_back_in_the_creation_and_owner_and_group_at_the_end() -> None:
    before = {SECURITY: [sddl("O:DAG:DUD:PAI(A;;RP;;;AU)")]}
    text = records(Delete("CN=child"), Delete("CN=parent"), **before)
    assert written_descriptors(text) == ["D:PAI(A;;RP;;;AU)"] * 2 + ["O:DAG:DU"] * 2
    assert re.findall(r"^control: .*:: (.*)$", text, re.MULTILINE) == ["MAMCAQQ="] * 2 + ["MAMCAQM="] * 2
    assert re.findall(r"^dn: (.*)$", text, re.MULTILINE) == ["CN=parent", "CN=child", "CN=parent", "CN=child"]


def test_inherited_entries_are_left_to_the_container() -> None:
    text = records(Delete("CN=x"), **{SECURITY: [sddl("D:AI(A;;RP;;;AU)(A;ID;WP;;;DA)")]})
    assert written_descriptors(text) == ["D:AI(A;;RP;;;AU)"]
    protected = records(Delete("CN=x"), **{SECURITY: [sddl("D:PAI(A;;RP;;;AU)(A;ID;WP;;;DA)")]})
    assert written_descriptors(protected) == ["D:PAI(A;;RP;;;AU)(A;ID;WP;;;DA)"]


def test_account_comes_back_disabled_and_in_its_groups() -> None:
    text = records(
        Delete("CN=svc"), userAccountControl=[b"66048"], memberOf=[b"CN=g1", b"CN=g2"], primaryGroupID=[b"513"]
    )
    assert "# userAccountControl: 66048\n# The account comes back disabled and without a password.\n" in text
    assert "\nuserAccountControl: 66050\n" in text
    assert text.endswith(
        "dn: CN=g1\nchangetype: modify\nadd: member\nmember: CN=svc\n-\n\n"
        "dn: CN=g2\nchangetype: modify\nadd: member\nmember: CN=svc\n-\n\n"
    )


SECRET = b"Canary-7f3a"


@pytest.mark.parametrize(
    "name", ["unicodePwd", "ms-Mcs-AdmPwd", "msDS-ManagedPassword", "userPassword", "msLAPS-Password"]
)
def test_secret_is_never_kept(name: str) -> None:
    before = {name: [SECRET], "cn": [b"x"]}
    texts = [
        records(Delete("CN=x"), **before),
        records(Modify("CN=x", (Change("replace", name, (SECRET,)),)), **before),
        records(Modify("CN=x", (*exchange(name, [SECRET], [b"new"]), *exchange("cn", [b"x"], [b"y"]))), **before),
    ]
    for text in texts:
        assert SECRET.decode() not in text
        assert base64.b64encode(SECRET).decode() not in text
        assert "new" not in text
    assert texts[0].count(name) == 1
    assert texts[1] == f"# CN=x: {name} was set, which cannot be brought back\n"


def test_end_of_a_lockout_is_not_brought_back() -> None:
    change = Modify("CN=x", (*exchange("lockoutTime", [b"133"], [b"0"]), *exchange("cn", [b"x"], [b"y"])))
    text = records(change, cn=[b"x"], lockoutTime=[b"133"])
    assert text == "dn: CN=x\nchangetype: modify\ndelete: cn\ncn: y\n-\nadd: cn\ncn: x\n-\n\n"


# Whatever is done, the file brings it back.

NAMES = ("a", "b", "c")
value = st.binary(min_size=1, max_size=90)
attributes = st.dictionaries(st.sampled_from(NAMES), st.lists(value, min_size=1, max_size=3, unique=True), max_size=3)


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, dict[str, list[bytes]]], list[Operation]]:
    """A directory, and operations that succeed on it one after the other, at most one on each object."""
    present = draw(st.dictionaries(st.sampled_from(["one", "two", "Drei ß"]), attributes, max_size=3))
    operations: list[Operation] = []
    for name, before in draw(st.permutations(sorted(present.items(), key=lambda item: item[0]))):
        dn, kind = f"CN={name}", draw(st.sampled_from(["delete", "whole", "value by value", "leave"]))
        if kind == "delete":
            operations.append(Delete(dn, before))
        elif kind == "whole":
            after = draw(attributes)
            changes = [change for each in NAMES for change in exchange(each, before.get(each, []), after.get(each, []))]
            if changes:
                operations.append(Modify(dn, tuple(changes), expected={each: before.get(each, []) for each in NAMES}))
        elif kind == "value by value":
            listed = before.get("a", [])
            gone = draw(st.lists(st.sampled_from(listed), unique=True)) if listed else []
            new = [each for each in draw(st.lists(value, unique=True, max_size=2)) if each not in listed]
            if gone or new:
                operations.append(Modify(dn, exchange("a", gone, new)))
    for name in draw(st.sets(st.sampled_from(["four", "five"]))):
        operations.insert(draw(st.integers(0, len(operations))), Add(f"CN={name}", draw(attributes)))
    return present, operations


def state(session: StandIn) -> dict[str, dict[str, list[bytes]]]:
    return {
        dn: {name: sorted(values) for name, values in entry.items() if values} for dn, entry in session.objects.items()
    }


#: A letter whose other case is not that of ASCII.
CYRILLIC = "\N{CYRILLIC CAPITAL LETTER IE WITH GRAVE}".encode()


@example(({"one": {"b": [CYRILLIC]}}, [Modify("CN=one", exchange("b", [CYRILLIC], [CYRILLIC]))]))
@given(histories())
def test_records_bring_back_the_state_before(
    history: tuple[dict[str, dict[str, list[bytes]]], list[Operation]],
) -> None:
    present, operations = history
    session = StandIn(**present)
    before = state(session)
    entries = {dn: Entry(dn, values) for dn, values in session.objects.items()}
    records = way_back(operations, entries)
    apply(session, [Step(operation) for operation in operations])
    if records is None:
        assert all(isinstance(operation, Add) for operation in operations)
        return
    apply(session, [Step(operation) for operation in read("version: 1\n" + "".join(records))])
    assert state(session) == before


# The file.


def saved(folder: Path, label: str = "certificate_template A b/ü") -> Backup:
    backup = Backup(str(folder), label, now=NOON)
    session = StandIn(x={"cn": [b"x"]})
    apply(session, [Step(Delete("CN=x"))], backup=backup)
    assert session.objects == {}
    return backup


def test_file_has_head_name_and_mode(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "folder"
    backup = saved(folder)
    assert backup.file == str(folder / "20261121T120005Z-certificate_template_A_b.ldif")
    assert backup.result() == {"backup_file": backup.file}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(backup.file).stat().st_mode) == 0o600
    text = Path(backup.file).read_text(encoding="ascii")
    lines = text.splitlines()
    assert lines[:2] == ["version: 1", "# State before: certificate_template A b/\\xfc"]
    assert re.fullmatch(r"# Written: 2026-11-21 12:00:05 UTC by \S+ on \S+", lines[2])
    assert lines[3] == "# Directory: dc1.corp.example as pkiadmin@CORP.EXAMPLE"
    assert text.endswith("dn: CN=x\nchangetype: add\ncn: x\n\n")
    assert list(folder.iterdir()) == [Path(backup.file)]


def test_several_in_a_second_have_their_own_names(tmp_path: Path) -> None:
    names = [Path(t.cast(str, saved(tmp_path, "a").file)).name for _ in range(3)]
    assert names == ["20261121T120005Z-a.ldif", "20261121T120005Z-a-2.ldif", "20261121T120005Z-a-3.ldif"]


@pytest.mark.parametrize(
    ("label", "part"),
    [("a" * 300, "a" * 100), ("../../etc/passwd", "etc_passwd"), ("", "backup"), ("...", "backup"), ("-rf *", "rf")],
)
def test_label_becomes_a_harmless_part_of_a_name(label: str, part: str) -> None:
    assert file_label(label) == part


def test_no_file_without_an_existing_object(tmp_path: Path) -> None:
    backup = Backup(str(tmp_path / "none"), "x")
    apply(StandIn(), [Step(Add("CN=x", {"cn": [b"x"]}))], backup=backup)
    assert backup.file is None
    assert backup.result() == {}
    assert not (tmp_path / "none").exists()


def test_nothing_is_kept_of_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError):
        apply(StandIn(x={}), [Step(Delete("CN=x", {"cn": [b"x"]}))], backup=Backup(str(tmp_path), "x"))
    assert list(tmp_path.iterdir()) == []


def test_failure_after_the_backup_tells_where_it_is(tmp_path: Path) -> None:
    session = StandIn(x={"cn": [b"x"]})
    session.around["delete", "CN=x"] = refused
    backup = Backup(str(tmp_path), "x")
    with pytest.raises(DirectoryError) as caught:
        apply(session, [Step(Delete("CN=x"))], backup=backup)
    assert notes_of(caught.value) == [f"The state before is in {backup.file}."]


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file may grow beyond 200 octets, which is told as a failed write once the signal is ignored."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.usefixtures("full_disk")
def test_backup_that_does_not_fit_stops_everything(tmp_path: Path) -> None:
    session = StandIn(x={"cn": [b"x" * 500]})
    backup = Backup(str(tmp_path), "x")
    with pytest.raises(DirectoryError) as caught:
        apply(session, [Step(Add("CN=y", {})), Step(Delete("CN=x"))], backup=backup)
    assert str(caught.value) == (
        f"Failed to write the backup ({tmp_path}): without it nothing was changed in the directory (File too large, "
        "errno 27). Remedy: make room there, or give another folder as backup_dir."
    )
    assert session.writes == []
    assert list(tmp_path.iterdir()) == []
    assert backup.file is None


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    session = StandIn(x={"cn": [b"x"]})
    with pytest.raises(DirectoryError, match=r"^Failed to write the backup \(.*/file/below\): .*errno 20"):
        apply(session, [Step(Delete("CN=x"))], backup=Backup(str(tmp_path / "file" / "below"), "x"))
    assert session.writes == []
