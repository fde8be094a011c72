# Copyright: (c) 2026, certops.intune contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of distinguished names, compared with python-ldap's parser."""

from __future__ import annotations

import ldap.dn
import pytest
from ansible_collections.certops.intune.plugins.module_utils.directory import dn
from hypothesis import given
from hypothesis import strategies as st

# What libldap takes in a DN too: no lone surrogates, and no NUL, which it cuts the name at.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("NDES Intune", "NDES Intune"),
        ("a,b", r"a\,b"),
        ("a+b", r"a\+b"),
        ('"q"', r"\"q\""),
        ("<a>;=\\", r"\<a\>\;\=" + "\\\\"),
        ("#1", r"\#1"),
        ("a#1", "a#1"),
        (" lead", r"\ lead"),
        ("trail ", r"trail\ "),
        (" ", r"\ "),
        ("  ", r"\ \ "),
        ("a\0b", r"a\00b"),
        ("\n", r"\0A"),
        ("Åsa", "Åsa"),
    ],
)
def test_escape_rdn(value: str, escaped: str) -> None:
    assert dn.escape_rdn(value) == escaped
    assert dn.unescape(escaped) == value


def test_escape_rdn_of_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        dn.escape_rdn("")


@given(TEXT)
def test_python_ldap_reads_the_escaped_value(value: str) -> None:
    name = f"CN={dn.escape_rdn(value)},DC=corp,DC=example"
    assert ldap.dn.str2dn(name)[0][0][1] == value


@given(TEXT)
def test_value_of_what_was_escaped(value: str) -> None:
    name = dn.join(f"CN={dn.escape_rdn(value)}", "OU=a\\,b", "DC=corp,DC=example")
    assert dn.rdn_value(name) == value
    assert dn.parent(name) == "OU=a\\,b,DC=corp,DC=example"
    assert len(dn.split(name)) == 4


@given(TEXT)
def test_python_ldap_writes_names_that_are_equal(value: str) -> None:
    written = ldap.dn.dn2str([[("CN", value, 1)], [("DC", "corp", 1)]])
    assert dn.rdn_value(written) == value
    assert dn.equal(written, f"CN={dn.escape_rdn(value)},DC=corp")


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        parts = dn.split(text)
    except ValueError:
        return
    assert all("=" in part for part in parts)


@pytest.mark.parametrize(
    "text", ["x", "CN", "CN=a,", ",CN=a", "CN=a,,DC=b", "=a", "CN=a,b", "CORP\\alice", "\\", "CN=a\\"]
)
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="not a distinguished name"):
        dn.split(text)


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ValueError, match="utf-8"):
        dn.rdn_value(r"CN=\ff,DC=x")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("CN=a,DC=corp,DC=example", "cn=A,dc=Corp,dc=EXAMPLE", True),
        ("CN=a,DC=corp", "CN = a , DC = corp", True),
        (r"CN=a\,b,DC=corp", r"CN=a\2cb,DC=corp", True),
        (r"CN=\C3\85sa,DC=corp", "CN=åsa,DC=corp", True),
        (r"CN=a\ ,DC=corp", "CN=a,DC=corp", False),
        (r"CN=a\,CN=b,DC=corp", "CN=a,CN=b,DC=corp", False),
        ("CN=a,DC=corp", "OU=a,DC=corp", False),
        ("CN=a,DC=corp", "CN=a,DC=corp,DC=example", False),
        ("", "", True),
    ],
)
def test_equal(first: str, second: str, same: bool) -> None:
    assert dn.equal(first, second) is same


@pytest.mark.parametrize(
    ("name", "domain", "dns"),
    [
        ("CN=x,OU=y,DC=corp,DC=example", "DC=corp,DC=example", "corp.example"),
        ("DC=corp,DC=example", "DC=corp,DC=example", "corp.example"),
        ("CN=DC,CN=x,dc=corp,dc=example", "dc=corp,dc=example", "corp.example"),
        ("DC=a,CN=x,DC=corp", "DC=corp", "corp"),
        ("CN=x", "", ""),
        ("", "", ""),
    ],
)
def test_domain(name: str, domain: str, dns: str) -> None:
    assert dn.domain_dn(name) == domain
    assert dn.dns_name(name) == dns


def test_parent_of_one_component() -> None:
    assert dn.parent("DC=example") == ""
    assert dn.join("CN=a", "") == "CN=a"
