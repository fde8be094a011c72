# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the directory and made of its answers, without a directory."""

from __future__ import annotations

import base64
import string
from collections.abc import Sequence
from pathlib import Path

import ldap
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.windows.people import database
from lab.windows.people.directory import NoDomainController
from lab.windows.people.domain import Entry, LdapSession, _condition, refused

CONDITIONS = {
    "alice": "(sAMAccountName=alice)",
    "CORP\\alice": "(sAMAccountName=alice)",
    "Corp.Example\\alice": "(sAMAccountName=alice)",
    "alice@corp.example": "(|(userPrincipalName=alice@corp.example)(sAMAccountName=alice))",
    "alice@other.example": "(userPrincipalName=alice@other.example)",
    "a*(b)\\c": None,
    "a*(b)": "(sAMAccountName=a\\2a\\28b\\29)",
    "OTHER\\alice": None,
    "CORP\\": None,
    "": None,
}

NEVER = b"9223372036854775807"
STATES: list[tuple[dict[str, bytes], str]] = [
    ({"userAccountControl": b"512", "accountExpires": NEVER, "pwdLastSet": b"134000000000000000"}, ""),
    ({"userAccountControl": b"514"}, "disabled"),
    ({"userAccountControl": b"512", "msDS-User-Account-Control-Computed": b"16"}, "locked"),
    ({"userAccountControl": b"514", "msDS-User-Account-Control-Computed": b"16"}, "locked"),
    ({"userAccountControl": b"512", "accountExpires": b"126227808000000000"}, "expired"),
    ({"userAccountControl": b"512", "accountExpires": b"0"}, ""),
    ({"userAccountControl": b"512", "pwdLastSet": b"0"}, "password_must_change"),
    ({"userAccountControl": b"66048", "pwdLastSet": b"0"}, ""),
    ({"userAccountControl": b"512", "msDS-User-Account-Control-Computed": b"8388608"}, "password_expired"),
]


@pytest.mark.parametrize("name, condition", CONDITIONS.items())
def test_names_become_conditions(name: str, condition: str | None) -> None:
    assert _condition(name) == condition


@given(st.text())
def test_no_name_is_more_than_a_value(name: str) -> None:
    condition = _condition(name) or ""
    depth = 0
    for character in condition:
        depth += {"(": 1, ")": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert condition.count("(") in (0, 1, 3)
    assert "*" not in condition


@pytest.mark.parametrize("attributes, state", STATES)
def test_the_state_of_an_account(attributes: dict[str, bytes], state: str) -> None:
    assert refused({name: [value] for name, value in attributes.items()}) == state


class Server:
    """A stand-in for a connection: answers, or breaks."""

    def __init__(self, name: str, down: set[str], asked: list[str]) -> None:
        self.name, self.down, self.asked = name, down, asked

    def search_s(self, base: str, scope: int, expression: str, attributes: Sequence[str]) -> list[tuple[str, Entry]]:
        self.asked.append(self.name)
        if self.name in self.down:
            raise ldap.SERVER_DOWN
        return [("cn=x", {"from": [self.name.encode()]})]

    def unbind_s(self) -> None:
        raise ldap.SERVER_DOWN


class Session(LdapSession):
    """A session with stand-ins instead of connections."""

    def __init__(self, *names: str) -> None:
        super().__init__(names, "user", "password", Path("/nowhere"))
        self.down: set[str] = set()
        self.asked: list[str] = []

    def _connect(self, uri: str) -> Server:
        return Server(uri, self.down, self.asked)

    def answerer(self) -> str:
        (entry,) = self.search("", ldap.SCOPE_BASE, "(a=b)", [])
        return entry["from"][0].decode()


def test_a_session_stays_with_whoever_answers() -> None:
    session = Session("one", "two")
    assert session.answerer() == "one"
    session.down.add("one")
    assert session.answerer() == "two"
    session.down.clear()
    session.asked.clear()
    assert (session.answerer(), session.asked) == ("two", ["two"])
    session.down.add("two")
    assert session.answerer() == "one"


def test_where_nobody_answers_everybody_was_asked() -> None:
    session = Session("one", "two")
    session.down |= {"one", "two"}
    with pytest.raises(NoDomainController):
        session.answerer()
    assert session.asked == ["one", "two"]
    session.down.clear()
    assert session.answerer() == "one"


names = st.text(string.ascii_letters, min_size=1, max_size=8)
plain = st.text(string.ascii_letters + string.digits, max_size=120)


@given(st.lists(st.lists(st.tuples(names, st.one_of(plain, st.binary(max_size=20))), max_size=4), max_size=4))
def test_entries_are_read_as_they_are_written(entries: list[list[tuple[str, str | bytes]]]) -> None:
    text, expected = "", []
    for number, pairs in enumerate(entries):
        record: database.Record = {"dn": [b"CN=x"]}
        text += f"# record {number}\ndn: CN=x\n"
        for name, value in pairs:
            octets = value.encode() if isinstance(value, str) else value
            written = f"{name}: {value}" if isinstance(value, str) else f"{name}:: {base64.b64encode(value).decode()}"
            # As ldbsearch folds lines.
            text += "\n ".join(written[start : start + 77] for start in range(0, len(written), 77)) + "\n"
            record.setdefault(name.lower(), []).append(octets)
        text += "\n# Referral\nref: ldap:///DC=x\n\n"
        expected.append(record)
    assert list(database._records(text.encode())) == expected
