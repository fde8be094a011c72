# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the writer of change records, read back by python-ldap's parser of the format."""

from __future__ import annotations

import io
import typing as t

import ldif as python_ldap_ldif  # type: ignore[import-untyped]
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import ldif
from ansible_collections.certops.intune.plugins.module_utils.directory.dn import escape_rdn
from ansible_collections.certops.intune.plugins.module_utils.directory.session import Change
from hypothesis import given
from hypothesis import strategies as st

OPERATIONS = {0: "add", 1: "delete", 2: "replace"}


class Reader(python_ldap_ldif.LDIFParser):  # type: ignore[misc]
    """Collects change records as (DN, what)."""

    def __init__(self, text: str) -> None:
        super().__init__(io.StringIO(text))
        self.entries: list[tuple[str, t.Any]] = []
        self.parse_change_records() if "changetype:" in text else self.parse()

    def handle(self, dn: str, entry: t.Any) -> None:
        self.entries.append((dn, entry))

    def handle_modify(self, dn: str, modops: t.Any, controls: t.Any = None) -> None:
        # It takes "true::" of a control with a value in base64 for one word, so the line itself is looked at.
        changes = [(OPERATIONS[operation], name, tuple(values or ())) for operation, name, values in modops]
        self.entries.append((dn, changes))


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,30}", fullmatch=True)
values = st.one_of(st.binary(max_size=300), st.text(max_size=200).map(str.encode))
dns = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).map(
    lambda text: f"CN={escape_rdn(text)},DC=corp,DC=example"
)


@given(
    dns,
    st.lists(
        st.tuples(st.sampled_from(["add", "delete", "replace"]), names, st.lists(values, max_size=4)),
        min_size=1,
        max_size=4,
    ),
)
def test_modification_is_read_back_as_it_was(dn: str, changes: list[tuple[t.Any, str, list[bytes]]]) -> None:
    wanted = [Change(operation, name, tuple(listed)) for operation, name, listed in changes]
    text = ldif.header() + ldif.modify_record(dn, wanted, sd_flags=4)
    assert all(len(line) <= ldif.WIDTH and line.isascii() for line in text.splitlines())
    assert text.splitlines().count("control: 1.2.840.113556.1.4.801 true:: MAMCAQQ=") == 1
    ((read, found),) = Reader(text).entries
    assert read == dn
    assert found == [(change.operation, change.attribute, change.values) for change in wanted]


@given(dns, st.dictionaries(names, st.lists(values, min_size=1, max_size=4), min_size=1, max_size=5))
def test_entry_is_read_back_as_it_was(dn: str, attributes: dict[str, list[bytes]]) -> None:
    """python-ldap reads entries, not additions; the lines are the same but for changetype."""
    text = ldif.add_record(dn, attributes).replace("changetype: add\n", "", 1)
    ((read, found),) = Reader(text).entries
    assert (read, found) == (dn, attributes)


@given(st.text(max_size=300))
def test_comment_is_never_read(text: str) -> None:
    shown = ldif.comment(text)
    assert all(line.startswith(("# ", " ")) or line == "#" for line in shown.splitlines())
    assert not shown.startswith(" ")
    assert Reader(shown + "\n" + ldif.add_record("CN=x", {"cn": [b"x"]}).replace("changetype: add\n", "")).entries == [
        ("CN=x", {"cn": [b"x"]})
    ]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (b"plain", "cn: plain"),
        (b"", "cn: "),
        (b"a:b <c> #d", "cn: a:b <c> #d"),
        (b" leading", "cn:: IGxlYWRpbmc="),
        (b"trailing ", "cn:: dHJhaWxpbmcg"),
        (b":colon", "cn:: OmNvbG9u"),
        (b"<file:///etc/passwd", "cn:: PGZpbGU6Ly8vZXRjL3Bhc3N3ZA=="),
        (b"two\nlines", "cn:: dHdvCmxpbmVz"),
        ("Ü".encode(), "cn:: w5w="),
        (b"\0", "cn:: AA=="),
        (b"\x7f", "cn:: fw=="),
    ],
)
def test_what_is_not_safe_is_written_in_base64(value: bytes, line: str) -> None:
    assert ldif.add_record("CN=x", {"cn": [value]}).splitlines() == ["dn: CN=x", "changetype: add", line, ""]


def test_long_lines_are_folded() -> None:
    text = ldif.add_record("CN=x", {"cn": [b"v" * 220]})
    assert text == "dn: CN=x\nchangetype: add\ncn: " + "v" * 72 + "\n " + "v" * 75 + "\n " + "v" * 73 + "\n\n"


def test_records_of_every_kind() -> None:
    assert ldif.delete_record("CN=x") == "dn: CN=x\nchangetype: delete\n\n"
    assert ldif.modify_record("CN=x", [Change("replace", "a", ()), Change("add", "b", (b"1", b"2"))]) == (
        "dn: CN=x\nchangetype: modify\nreplace: a\n-\nadd: b\nb: 1\nb: 2\n-\n\n"
    )
    assert ldif.add_record("CN=Ü", {"a": []}, sd_flags=7).splitlines()[:3] == [
        "dn:: Q049w5w=",
        "control: 1.2.840.113556.1.4.801 true:: MAMCAQc=",
        "changetype: add",
    ]
    assert ldif.value_comment("objectGUID", b"\x01\x02") == "# objectGUID:: AQI=\n"
    assert ldif.comment("one\n\ntwo Ü") == "# one\n#\n# two \\xdc\n"
